"""Entries to bytes and back, before they are sealed.

In the format of proto/router/context/v1/entry.proto. Total: every field of a value has a field of
the same name in its message, or this module refuses to load. It never interprets what
it writes.
"""

from collections.abc import Mapping
from dataclasses import fields
from enum import IntEnum
from typing import Any, Final

from google.protobuf.message import DecodeError, EncodeError, Message

from router.context import entries as e
from router.context.errors import EntryRefused, StoreDamaged, StoreTooNew
from router.context.v1 import entry_pb2
from router.model.channel import Channel
from router.model.context import AuthorRole, EntryKind, SurveyKind

FORMAT_VERSION: Final = 1
"""Raised with every field that joins the schema."""

_PLACE: Final = "context entry"
_VALUES: Final[Mapping[str, type]] = {
    **{kind.name.lower(): value for value, kind in e.KIND_OF.items()},
    "withheld": e.Withheld,
}
_NAMES: Final = {value: name for name, value in _VALUES.items()}
_ENUMS: Final[Mapping[tuple[str, str], type[IntEnum]]] = {
    ("survey_answer", "scale"): SurveyKind,
    ("handoff_outcome", "to_channel"): Channel,
    ("withheld", "kind"): EntryKind,
}


def _check_schema() -> None:
    """Raises `TypeError` naming every value whose message has other fields."""
    oneof = entry_pb2.Entry.DESCRIPTOR.oneofs_by_name["value"]
    stored: dict[str, Any] = {one.name: one.message_type for one in oneof.fields}
    if unlike := stored.keys() ^ _VALUES.keys():
        raise TypeError(f"only one of entry.proto and entries knows {sorted(unlike)}")
    for name, value in _VALUES.items():
        ours = {one.name for one in fields(value)}
        theirs = {one.name for one in stored[name].fields}
        if unlike := ours ^ theirs:
            raise TypeError(f"{name}: only one of both sides knows {sorted(unlike)}")


_check_schema()
_FIELDS: Final = {
    name: tuple(one.name for one in fields(value)) for name, value in _VALUES.items()
}


def encode_entry(entry: e.Entry) -> bytes:
    """Writes an entry; the caller has asked `admission` whether it may be kept."""
    name = _NAMES[type(entry.value)]
    try:
        value = {one: getattr(entry.value, one) for one in _FIELDS[name]}
        message = entry_pb2.Entry(
            format_version=FORMAT_VERSION,
            author_role=entry.author.role,
            author_name=entry.author.name,
            channel=entry.channel or 0,
            at=entry.at,
            interaction_id=entry.interaction_id,
            **{name: value},  # type: ignore[arg-type]
        )
        return message.SerializeToString()
    except (EncodeError, ValueError, TypeError, UnicodeError):
        raise EntryRefused(
            f"entry {name}: one of its fields is no text or number that can be stored",
            field="entry",
        ) from None


def decode_entry(data: bytes) -> e.Entry:
    """Reads an entry.

    Raises `StoreTooNew` for the format of a later release, and `StoreDamaged` for what
    is none.
    """
    message = entry_pb2.Entry()
    parse_record(message, data)
    name = message.WhichOneof("value")
    if name is None:
        raise StoreDamaged("an entry without a value", _PLACE)
    stored = getattr(message, name)
    try:
        values = {
            one: _ENUMS.get((name, one), _same)(getattr(stored, one))
            for one in _FIELDS[name]
        }
        return e.Entry(
            value=_VALUES[name](**values),
            author=e.Author(AuthorRole(message.author_role), message.author_name),
            at=message.at,
            channel=Channel(message.channel) if message.channel else None,
            interaction_id=message.interaction_id,
        )
    except ValueError as error:
        raise StoreDamaged(f"an entry with {error}", _PLACE) from None


def _same(value: Any) -> Any:
    return value


def parse_record(message: Message, data: bytes) -> None:
    """Reads one record and checks its format."""
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise StoreDamaged("what was sealed is no record of ours", _PLACE) from None
    version: int = message.format_version  # type: ignore[attr-defined]
    if version > FORMAT_VERSION:
        raise StoreTooNew(
            f"{_PLACE}: written in format {version}, and this release reads up to "
            f"{FORMAT_VERSION}; start the release that wrote it, or a later one"
        )
    if version < 1:
        raise StoreDamaged("a record without its format", _PLACE)
