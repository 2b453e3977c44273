"""Identities in one normal form each, so that one person is found under one key.

What cannot be an identity is refused with what is wrong, and never repeated: an error
here holds no digit of a telephone number. Whether two identities are one person is
never guessed from how they look; somebody has to say so.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import email_validator
import phonenumbers

from router.policy.policy import Policy
from router.policy.suggest import listed

TEXT_MAX: Final = 320
"""Most characters of what is given: the longest address of a mailbox."""

ID_MAX: Final = 256
"""Most characters of a device, cookie or CRM id."""

HANDLE_MAX: Final = 64
"""Most characters of a handle."""

SHORT_CODE_MAX: Final = 6
"""Most digits of a short code."""


class Kind(StrEnum):
    """What an identity is."""

    PHONE = "phone"
    SHORT_CODE = "short_code"
    """A number such as 112 or a sender's code: kept as it is, and no person."""
    EMAIL = "email"
    HANDLE = "handle"
    """A name on a network: WhatsApp, Telegram, Instagram, a chat of our own."""
    DEVICE = "device"
    COOKIE = "cookie"
    CRM = "crm"


FOLDS_CASE: Final = {
    "facebook": True,
    "instagram": True,
    "messenger": True,
    "telegram": True,
    "tiktok": True,
    "x": True,
    "youtube": True,
    "line": False,
    "wechat": False,
}
"""By network, whether `@Elif` and `@elif` are one handle. A network that is not named
here keeps its case: better two customers than two people in one."""

BY_PHONE: Final = frozenset({"whatsapp", "signal", "viber"})
"""Networks whose handles are telephone numbers."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity in its normal form."""

    kind: Kind
    value: str = field(repr=False)
    network: str = ""
    """For a handle, the network; empty otherwise."""
    scope: str = ""
    """For an id of another system, which system gave it; empty if there is one only."""

    @property
    def person(self) -> bool:
        """Whether somebody can be reached by it, or only told apart."""
        return self.kind is not Kind.SHORT_CODE

    @property
    def key(self) -> str:
        """What a look-up is made by. Personal: to be hashed before it is kept."""
        parts = (self.kind.value, self.network or self.scope, self.value)
        return "\x1f".join(parts)


class IdentityWrong(ValueError):
    """The text is no such identity. Says what is missing, never what it was."""

    def __init__(self, kind: Kind, message: str) -> None:
        """Refuse an identity of `kind`."""
        super().__init__(f"the {kind.value} {message}")
        self.kind = kind
        self.message = message


def is_region(region: str) -> bool:
    """Whether the telephone numbers of a country are known."""
    return region in phonenumbers.SUPPORTED_REGIONS


def region_of(policy: Policy, queue: str = "") -> str:
    """Whose numbers come without a country: the queue's region, or the policy's."""
    settings = policy.queues.get(queue)
    own = settings.default_region if settings is not None else ""
    return own or policy.identities.default_region


def normalise(
    kind: Kind, text: str, *, region: str = "", network: str = "", scope: str = ""
) -> Identity:
    """The identity that `text` is, in its normal form. Raises IdentityWrong.

    `region` is whose numbers come without a country; `network` is the handle's;
    `scope` names the system that an id comes from.
    """
    if len(text) > TEXT_MAX:
        message = f"has {len(text)} characters, at most {TEXT_MAX} are allowed"
        raise IdentityWrong(kind, message)
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise IdentityWrong(kind, "is empty")
    if kind in (Kind.PHONE, Kind.SHORT_CODE):
        return phone(text, region)
    if kind is Kind.EMAIL:
        return email(text)
    if kind is Kind.HANDLE:
        return handle(text, network, region)
    _refuse_unseen(kind, text)
    if len(text) > ID_MAX:
        message = f"has {len(text)} characters, at most {ID_MAX} are allowed"
        raise IdentityWrong(kind, message)
    return Identity(kind, text, scope=_network(scope))


# ---------------------------------------------------------------- telephone numbers


def phone(text: str, region: str = "") -> Identity:
    """A telephone number in E.164, or a short code as it is.

    Numbers of 444 and 850 are numbers like any other. Raises IdentityWrong for a
    number that is only half known.
    """
    if region and not is_region(region):
        raise IdentityWrong(
            Kind.PHONE, f"comes with the region {region[:8]}, which is not known"
        )
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as problem:
        raise IdentityWrong(Kind.PHONE, _unreadable(problem, text)) from None
    if number.extension:
        raise IdentityWrong(Kind.PHONE, "has an extension: give the number without it")
    if phonenumbers.is_valid_number(number):
        written = phonenumbers.format_number(
            number, phonenumbers.PhoneNumberFormat.E164
        )
        return Identity(Kind.PHONE, written)
    digits = "".join(str(unicodedata.digit(one)) for one in text if one.isdigit())
    is_bare = not text.removeprefix("tel:").startswith("+") and not digits.startswith(
        "0"
    )
    if is_bare and _is_short_code(digits, number, text, region):
        return Identity(Kind.SHORT_CODE, digits, scope=region.casefold())
    raise IdentityWrong(Kind.PHONE, _half_known(number, region))


def _is_short_code(
    digits: str, number: phonenumbers.PhoneNumber, text: str, region: str
) -> bool:
    if not 2 < len(digits) <= SHORT_CODE_MAX:
        return False
    return bool(
        phonenumbers.is_possible_short_number_for_region(number, region)
        or phonenumbers.is_emergency_number(text, region)
    )


def _unreadable(problem: phonenumbers.NumberParseException, text: str) -> str:
    kinds = phonenumbers.NumberParseException
    if problem.error_type == kinds.INVALID_COUNTRY_CODE:
        if text.removeprefix("tel:").lstrip().startswith("+"):
            return "begins with a country's code that does not exist"
        return "lacks its country: begin with + and the country's code, or give a default region"
    if problem.error_type in (kinds.TOO_SHORT_AFTER_IDD, kinds.TOO_SHORT_NSN):
        return "has too few digits"
    if problem.error_type == kinds.TOO_LONG:
        return "has too many digits or letters"
    return "holds no telephone number"


def _half_known(number: phonenumbers.PhoneNumber, region: str) -> str:
    reasons = phonenumbers.ValidationResult
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == reasons.TOO_SHORT:
        return "has too few digits: some are missing, perhaps the area's code"
    if reason == reasons.IS_POSSIBLE_LOCAL_ONLY:
        return "lacks its area's code"
    if reason == reasons.TOO_LONG:
        return "has too many digits"
    if reason == reasons.INVALID_LENGTH:
        return "has a count of digits that no number has: some are missing, or too many"
    where = f" in {region}" if region else ""
    return f"has digits that no number begins with{where}: check the area's or network's code"


# ---------------------------------------------------------------- e-mail and handles


def email(text: str) -> Identity:
    """A mailbox: the domain in lower case and Unicode, what is left of the at sign as
    it is. Whether it exists is not asked. Raises IdentityWrong.
    """
    try:
        found = email_validator.validate_email(
            text, check_deliverability=False, strict=True
        )
    except email_validator.EmailNotValidError as problem:
        raise IdentityWrong(Kind.EMAIL, _no_mailbox(text, str(problem))) from None
    return Identity(Kind.EMAIL, found.normalized)


def _no_mailbox(text: str, said: str) -> str:
    """In words of our own: the library's may repeat a piece of the address."""
    if text.count("@") != 1:
        return "must have one at sign between a name and a domain"
    if "display name" in said or "angle brackets" in said:
        return "must be the address alone, without a name or angle brackets"
    if "should have a period" in said or "top-level domain" in said:
        return "has a domain without a top-level domain, such as .com or .com.tr"
    if "reserved name" in said:
        return "has a domain that is reserved and receives no mail"
    if "too long" in said or "too many characters" in said:
        return "is longer than an address may be"
    before = "before the @-sign" in said
    return f"cannot be read {'before' if before else 'after'} the at sign"


_HANDLE: Final = re.compile(r"[^\s@/\\<>]+")


def handle(text: str, network: str, region: str = "") -> Identity:
    """A name on a network, without the at sign. Raises IdentityWrong."""
    network = _network(network)
    if not network:
        networks = listed([*FOLDS_CASE, *BY_PHONE])
        raise IdentityWrong(Kind.HANDLE, f"must say its network: {networks}")
    if network in BY_PHONE:
        number = phone(text, region)
        return Identity(Kind.HANDLE, number.value, network=network)
    name = text.removeprefix("@")
    _refuse_unseen(Kind.HANDLE, name)
    if not _HANDLE.fullmatch(name):
        raise IdentityWrong(Kind.HANDLE, "must be one word, as in @elif.aydin")
    if len(name) > HANDLE_MAX:
        message = f"has {len(name)} characters, at most {HANDLE_MAX} are allowed"
        raise IdentityWrong(Kind.HANDLE, message)
    if FOLDS_CASE.get(network, False):
        name = _lower(name)
    return Identity(Kind.HANDLE, name, network=network)


def _lower(name: str) -> str:
    """Lower case without surprises: only letters that become one letter are changed,
    so that `İ` stays one character and doing it twice changes nothing.
    """
    small = "".join(one.lower() if len(one.lower()) == 1 else one for one in name)
    return unicodedata.normalize("NFC", small)


def _network(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()[:HANDLE_MAX]


def _refuse_unseen(kind: Kind, text: str) -> None:
    for one in text:
        if not one.isprintable():
            raise IdentityWrong(kind, f"holds the invisible U+{ord(one):04X}")
