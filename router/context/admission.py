"""Whether an entry may be kept, and what of it: the last gate before sealing.

Every field is checked, card numbers and codes are taken out of every free text, digits
pressed on a telephone are refused, and while the capture is paused only the kind and
the time are left. Refusals name the field and the bound, and never what was in it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from router.context import entries as e
from router.context.codec import encode_entry
from router.context.errors import ContextTooLarge, EntryRefused
from router.context.redaction import CODE_MARK, redact
from router.model.context import AuthorRole, EntryKind, SurveyKind
from router.model.context_limits import ContextLimits

DIGEST_BYTES: Final = 32
REFERENCE_SIZE_MAX: Final = 1 << 40
INSTANT_MAX: Final = 1 << 53
"""The last instant that every reader of JSON can hold."""

FREE_TEXT: Final[Mapping[type, tuple[str, ...]]] = {
    e.Message: ("text",),
    e.MessageReference: ("title",),
    e.TranscriptReference: ("title",),
    e.AttachmentReference: ("title",),
    e.Summary: ("text",),
    e.Fact: ("value",),
    e.Disposition: ("note",),
    e.Note: ("text",),
    e.SurveyAnswer: ("question", "remark"),
    e.Promise: ("text",),
    e.OpenQuestion: ("text",),
}
"""The fields in which people write what they like."""

_NEEDED: Final = {
    *((value, "text") for value in (e.Message, e.Summary, e.Note, e.Promise)),
    *((e.OpenQuestion, "text"), (e.Fact, "value"), (e.SurveyAnswer, "question")),
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID: Final = re.compile(r"[!-~]{1,128}")
_URI: Final = re.compile(r"(?!data:)[a-z][a-z0-9+.-]*:[!-~]{1,2000}")
_PRESSED: Final = re.compile(
    r"\b(?:dtmf|touch.?tones?|tuşlanan|tuşladığı)\b[^\d#*]{0,16}(?:[\d#*][ ,-]?){3}",
    re.IGNORECASE,
)
_PRESSED_NAMES: Final = re.compile(r"dtmf|keypad|touch_?tone|digits_pressed")
_CODE_NAMES: Final = re.compile(r"(?:^|_)(?:cvv|cvc|csc)2?(?:_|$)|security_code")
_SCALES: Final = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5)}


def admit(
    entry: e.Entry, *, paused: bool, limits: ContextLimits
) -> tuple[e.Entry, bytes]:
    """The entry as it may be kept, and its bytes.

    Raises `EntryRefused` for a field that cannot be, and `ContextTooLarge` naming kind,
    size and limit.
    """
    kind = _kind(entry)
    _check_envelope(entry)
    if paused:
        entry = replace(entry, value=e.Withheld(kind, e.CAPTURE_PAUSED))
    value = entry.value
    if not isinstance(value, e.Withheld):
        checked = _CHECKS.get(type(value))
        if checked is not None:
            checked(value)
        entry = replace(entry, value=_clean(value))
    data = encode_entry(entry)
    most = limits.entry_bytes_max(kind)
    if len(data) > most:
        raise ContextTooLarge(
            f"entry {kind.name}: it has {len(data)} bytes, and the limit is {most}; "
            "keep it elsewhere and add a reference to it",
            field="entry",
        )
    return entry, data


def _kind(entry: e.Entry) -> EntryKind:
    if type(entry.value) not in e.KIND_OF and not isinstance(entry.value, e.Withheld):
        raise EntryRefused("entry: its value is of no known kind", field="entry.value")
    return entry.kind


def _check_envelope(entry: e.Entry) -> None:
    if not 0 <= entry.at <= INSTANT_MAX:
        raise _no("at", f"{entry.at} is no instant; it counts milliseconds from 0")
    author = entry.author
    named = author.role in (AuthorRole.AGENT, AuthorRole.BOT)
    if named or author.name:
        _identifier("author.name", author.name)
    if entry.interaction_id:
        _identifier("interaction_id", entry.interaction_id)


def _clean(value: Any) -> Any:
    """The value with cards and codes taken out of everything people wrote."""
    kind = type(value)
    changed = {}
    for name in FREE_TEXT.get(kind, ()):
        text = getattr(value, name)
        _text(name, text, needed=(kind, name) in _NEEDED)
        if kind is e.Fact and _CODE_NAMES.search(value.name):
            changed[name] = CODE_MARK
        elif (clean := redact(text).text) is not text:
            changed[name] = clean
    return replace(value, **changed) if changed else value


def _text(name: str, text: object, *, needed: bool) -> None:
    if not isinstance(text, str):
        raise _no(name, "it must be text")
    if needed and not text.strip():
        raise _no(name, "it is empty; leave the entry out instead")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _no(
            name, "it is no text in UTF-8 (half a character pair); decode it first"
        ) from None
    if _PRESSED.search(text):
        raise _no(
            name,
            "digits pressed on a telephone are never kept; leave them out and add "
            "what they meant",
        )


def _identifier(name: str, text: object) -> None:
    """Ids and codes: visible ASCII, and nothing that looks like a card number."""
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise _no(name, "it must have 1 to 128 visible ASCII characters and no spaces")
    if redact(text).cards:
        raise _no(name, "it looks like a card number, which is never kept")


def _reference(value: e.Reference) -> None:
    if not _URI.fullmatch(value.uri):
        raise _no(
            "uri",
            "it must be an absolute address of at most 2,000 visible ASCII characters "
            "that says where the bytes stand; a data: address would hold them",
        )
    if redact(value.uri).cards:
        raise _no("uri", "it holds what looks like a card number")
    if len(value.digest) != DIGEST_BYTES:
        raise _no(
            "digest", f"SHA-256 has {DIGEST_BYTES} bytes, not {len(value.digest)}"
        )
    if not 0 <= value.size <= REFERENCE_SIZE_MAX:
        raise _no("size", f"it must be from 0 to {REFERENCE_SIZE_MAX} bytes")
    if value.media_type:
        _identifier("media_type", value.media_type)


def _fact(value: e.Fact) -> None:
    if not _NAME.fullmatch(value.name):
        raise _no(
            "name",
            "it must begin with a letter from a to z and have at most 64 of a to z, 0 "
            "to 9 and _, as in order_number",
        )
    if _PRESSED_NAMES.search(value.name):
        raise _no("name", f"{value.name}: digits pressed on a telephone are never kept")


def _sentiment(value: e.Sentiment) -> None:
    if not -100 <= value.score <= 100:
        raise _no("score", f"{value.score}; a sentiment is from -100 to 100")


def _survey(value: e.SurveyAnswer) -> None:
    low, high = _SCALES[value.scale]
    if not low <= value.score <= high:
        scale = value.scale.name
        raise _no("score", f"{value.score}; on {scale} it is from {low} to {high}")


def _disposition(value: e.Disposition) -> None:
    _identifier("code", value.code)


def _offer(value: e.OfferOutcome) -> None:
    _identifier("agent_id", value.agent_id)
    _identifier("outcome", value.outcome)


def _handoff(value: e.HandoffOutcome) -> None:
    _identifier("outcome", value.outcome)
    if value.successor_id:
        _identifier("successor_id", value.successor_id)


def _promise(value: e.Promise) -> None:
    if not 0 <= value.due_at <= INSTANT_MAX:
        raise _no("due_at", f"{value.due_at} is no instant; it counts milliseconds")


_CHECKS: Final[Mapping[type, Callable[[Any], None]]] = {
    e.MessageReference: _reference,
    e.TranscriptReference: _reference,
    e.AttachmentReference: _reference,
    e.Fact: _fact,
    e.Sentiment: _sentiment,
    e.SurveyAnswer: _survey,
    e.Disposition: _disposition,
    e.OfferOutcome: _offer,
    e.HandoffOutcome: _handoff,
    e.Promise: _promise,
}


def _no(name: str, why: str) -> EntryRefused:
    return EntryRefused(f"entry {name}: {why}", field=f"entry.{name}")
