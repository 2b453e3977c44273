"""How single values are written in a policy: names, durations, channels, presences.

Each type reads one scalar, refuses what it cannot mean, and writes itself back the same
way, so that a policy dumped as JSON is a policy file again. Bounds that belong to one
setting stand with that setting, not here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from router.model.agent import AgentKind, Presence
from router.model.channel import Channel
from router.model.hours import Spell
from router.model.needs import LEVEL_MAX, LEVEL_MIN
from router.model.time import (
    DURATION_PATTERN,
    UNITS,
    format_duration,
    parse_duration,
)
from router.policy.problem import ABSENT, Finding, Path, as_context
from router.policy.suggest import listed, meant

NAME_MAX: Final = 64
"""Most characters of a name."""

_JOINERS: Final = (
    "\u200c\u200d"  # invisible, but letters depend on them in some scripts
)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def wrong(message: str, *, allowed: str = "", suggestion: str = "") -> Exception:
    """A complaint about the value being read, with what the loader shows beside it."""
    context = {"message": message, "allowed": allowed, "suggestion": suggestion}
    return PydanticCustomError("wrong", "{message}", context)


def wrong_at(
    path: Path,
    message: str,
    *,
    value: Any = ABSENT,
    allowed: str = "",
    suggestion: str = "",
) -> Exception:
    """A complaint about the key at `path` below what is being read."""
    found = Finding(path, value, message, allowed, suggestion)
    return PydanticCustomError("findings", "{text}", as_context([found]))


def clean_name(name: str) -> str:
    """The name in NFC. Turkish and Greek names compare equal however they were typed.

    Raises for a name that is empty, too long, or has characters nobody can see.
    """
    name = unicodedata.normalize("NFC", name)
    if not name:
        raise wrong("a name must not be empty")
    if len(name) > NAME_MAX:
        raise wrong(f"a name has at most {NAME_MAX} characters, this has {len(name)}")
    if name != name.strip():
        raise wrong(
            "a name must not begin or end with a space", suggestion=name.strip()
        )
    for letter in name:
        if unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS:
            raise wrong(f"a name must not contain the invisible U+{ord(letter):04X}")
    return name


def _clean_id(name: str) -> str:
    name = clean_name(name)
    if any(letter.isspace() for letter in name):
        suggestion = ".".join(name.split())
        raise wrong("an id must not contain spaces", suggestion=suggestion)
    return name


_NAME_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "minLength": 1, "maxLength": NAME_MAX}
)
Name = Annotated[str, AfterValidator(clean_name), _NAME_SCHEMA]
"""Any text in any script that can be seen, at most 64 characters, kept in NFC."""

AgentId = Annotated[str, AfterValidator(_clean_id), _NAME_SCHEMA]
"""A name without spaces."""

Whole = Annotated[int, Strict()]
"""A whole number; text that looks like one is refused."""

Level = Annotated[int, Strict(), Field(ge=LEVEL_MIN, le=LEVEL_MAX)]
"""A skill level from 1 to 5."""

YesNo = Annotated[bool, Strict()]
"""true or false. In YAML 1.2 yes and no are text."""


Listed = TypeVar("Listed", str, Spell)


def in_order(names: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """A list whose order means nothing, in the one order that all files share."""
    for earlier, name in enumerate(names):
        if name in names[:earlier]:
            raise wrong(f'"{name}" is listed twice')
    return tuple(sorted(names))


Names = Annotated[tuple[Name, ...], AfterValidator(in_order)]
"""A set of names, written as a list; its order in the file means nothing."""


@dataclass(frozen=True, slots=True)
class Span:
    """Marks an integer of milliseconds that is written as a duration within bounds."""

    least: str
    most: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read text, keep milliseconds, write text."""
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                format_duration, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What an editor may check of it."""
        written: JsonSchemaValue = {
            "type": "string",
            "pattern": f"^{DURATION_PATTERN}$",
            "description": f"a duration from {self.least} to {self.most}",
        }
        zero: JsonSchemaValue = {"const": 0}
        return (
            {"anyOf": [written, zero]} if parse_duration(self.least) == 0 else written
        )

    def read(self, value: Any) -> int:
        """The milliseconds that `value` says, if they are within bounds."""
        bounds = f"from {self.least} to {self.most}"
        if isinstance(value, bool) or not isinstance(value, int | str):
            is_number = isinstance(value, float)
            suggestion = self._with_unit(value) if is_number else ""
            message = f"must be a duration {bounds}"
            raise wrong(message, allowed=bounds, suggestion=suggestion)
        if str(value).lstrip().startswith("-"):
            raise wrong("must not be negative", allowed=bounds)
        try:
            duration_ms = parse_duration(str(value))
        except ValueError as problem:
            raise wrong(
                str(problem), allowed=bounds, suggestion=self._with_unit(value)
            ) from None
        if not parse_duration(self.least) <= duration_ms <= parse_duration(self.most):
            raise wrong(f"must be {bounds}", allowed=bounds)
        return duration_ms

    def _with_unit(self, value: float | str) -> str:
        """What people mean by 20, "20 s", "20sec", "2 min" or "1.5m"."""
        compact = "".join(str(value).split()).casefold()
        number = compact.rstrip("abcdefghijklmnopqrstuvwxyz")
        unit = compact[len(number) :] or "s"
        unit = "ms" if unit.startswith("ms") else unit[0]
        try:
            meant_ms = float(number.replace(",", ".")) * UNITS[unit]
        except (ValueError, KeyError):
            return ""
        least, most = parse_duration(self.least), parse_duration(self.most)
        if not (least <= meant_ms <= most and meant_ms == int(meant_ms)):
            return ""
        written = number + unit if number.isascii() and number.isdigit() else ""
        return written or format_duration(int(meant_ms))


def _member(kind: str, members: dict[str, Any]) -> Callable[[Any], Any]:
    """Reads a lower-case name as its enum member; members pass as they are."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in members:
            return members[value]
        if any(value is member for member in members.values()):
            return value
        raise wrong(
            f"is not a {kind}",
            allowed=", ".join(members),
            suggestion=meant(value, members) if isinstance(value, str) else "",
        )

    return read


CHANNEL_BY_NAME: Final = {channel.name.lower(): channel for channel in Channel}
_NOT_READY: Final = {"away": Presence.AWAY, "offline": Presence.OFFLINE}


_KINDS: Final = {kind.name.lower(): kind for kind in AgentKind}


def _written(member: Channel | Presence | AgentKind) -> str:
    return member.name.lower()


ChannelName = Annotated[
    Channel,
    BeforeValidator(_member("channel", CHANNEL_BY_NAME)),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "enum": list(CHANNEL_BY_NAME)}),
]
"""A channel by its lower-case name."""

NotReady = Annotated[
    Presence,
    BeforeValidator(_member("presence to be sent to", _NOT_READY)),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "enum": list(_NOT_READY)}),
]
"""A presence in which no work is offered, by its lower-case name."""


WhoTakesIt = Annotated[
    AgentKind,
    BeforeValidator(_member("kind of agent", _KINDS)),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "enum": list(_KINDS)}),
]
"""human or bot."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(
            "is not a time zone of the IANA list",
            allowed=listed(["Europe/Athens", "Europe/Istanbul", "UTC"]) + " and others",
            suggestion=meant(name, available_timezones()),
        ) from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its IANA name, such as Europe/Istanbul."""

OwnTimeZone = Annotated[str, AfterValidator(lambda name: name and _zone(name))]
"""A time zone by its IANA name, or empty for the site's."""


def _country(code: str) -> str:
    if not (len(code) == 2 and code.isascii() and code.isupper()):
        letters = len(code) == 2 and code.isascii() and code.isalpha()
        raise wrong(
            "must be a country as two capital letters",
            allowed="such as TR or GR",
            suggestion=code.upper() if letters else "",
        )
    return code


Country = Annotated[
    str,
    AfterValidator(_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"}),
]
"""A country by its two capital letters."""

OwnCountry = Annotated[
    str,
    AfterValidator(lambda code: code and _country(code)),
    WithJsonSchema({"type": "string", "pattern": "^([A-Z]{2})?$"}),
]
"""A country, or empty for none."""


_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,6}")


def looks_like_tag(text: str) -> bool:
    """Whether a text has the form of a language tag."""
    return _TAG.fullmatch(text) is not None


def _tag(tag: str) -> str:
    if not _TAG.fullmatch(tag):
        spelt = tag.strip().replace("_", "-")
        raise wrong(
            "must be a language as a tag of BCP 47",
            allowed="such as tr, el or en-GB",
            suggestion=spelt if _TAG.fullmatch(spelt) else "",
        )
    return tag


LanguageTag = Annotated[
    str,
    AfterValidator(_tag),
    WithJsonSchema({"type": "string", "pattern": f"^{_TAG.pattern}$"}),
]
"""A language as a tag of BCP 47. Whether there is such a language, intake finds out."""

OwnLanguage = Annotated[
    str,
    AfterValidator(lambda tag: tag and _tag(tag)),
    WithJsonSchema({"type": "string", "pattern": f"^({_TAG.pattern})?$"}),
]
"""A language tag, or empty for none."""

OwnName = Annotated[
    str,
    AfterValidator(lambda name: name and clean_name(name)),
    WithJsonSchema({"type": "string", "maxLength": NAME_MAX}),
]
"""A name, or empty for none."""

OwnAgentId = Annotated[
    str,
    AfterValidator(lambda name: name and _clean_id(name)),
    WithJsonSchema({"type": "string", "maxLength": NAME_MAX}),
]
"""An agent's id, or empty for none."""


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """Marks a list of which a single value may stand without its brackets."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Put brackets around what has none, and then read the list."""
        return core_schema.no_info_before_validator_function(
            lambda value: (
                value if value is None or isinstance(value, list | tuple) else [value]
            ),
            handler(source),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Both forms."""
        listed = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [listed, listed["items"]]}
