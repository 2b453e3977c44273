"""Groups to bytes and back, in the format of proto/router/journal/v1.

Called by the host on every commit and by replay on every group. Generic over the fields
of `EVENT`: a column of the schema and a field of the table are the same thing by name,
and this module refuses to load when they differ, for an event that loses a field on its
way through the journal would replay to another floor. It never interprets an event.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError, EncodeError

from router.engine.tables import EVENT, NOBODY, REFERENCES
from router.journal.errors import JournalDamaged, JournalTooNew
from router.journal.group import Document, Events, Group, Name, Outcome
from router.journal.v1 import event_group_pb2 as pb

FORMAT_VERSION = 2
"""Raised with every field that joins the schema."""
EVENTS_MAX = 1_000_000
"""Events a group may hold: far above any batch, and small enough to be allocated
safely.
"""

_MANY = 100

# An instant is stored as its distance from the one before it, so it is not a plain
# column.
_INSTANT = "at"


def columns_of(dtype: np.dtype[Any]) -> tuple[tuple[str, int, int], ...]:
    """Lists the plain columns: name, position in a row, what stands for nothing.

    Raises `TypeError` naming every field that only one of schema and table knows.
    """
    stored = {field.name for field in pb.EventColumns.DESCRIPTOR.fields}
    names = dtype.names or ()
    if unlike := stored ^ set(names):
        raise TypeError(
            "fields of EVENT and columns of EventColumns (event_group.proto) must have "
            "the same names; these stand in one of them only: "
            f"{', '.join(sorted(unlike))}"
        )
    return tuple(
        (name, position, NOBODY if name in REFERENCES else 0)
        for position, name in enumerate(names)
        if name != _INSTANT
    )


_COLUMNS = columns_of(EVENT)
_TYPES = {name: EVENT[name] for name in EVENT.names or ()}
_NOTHING = np.zeros(1, EVENT)
for _name in REFERENCES:
    _NOTHING[_name] = NOBODY


def encode(group: Group) -> bytes:
    """Writes a group.

    Raises `ValueError` on a group that could not be read back: no events, too many,
    another table's rows, a text that is not Unicode, or a number outside the schema's
    range.
    """
    events = group.events
    count = len(events)
    if not 1 <= count <= EVENTS_MAX:
        raise ValueError(f"a group holds 1 to {EVENTS_MAX} events, not {count}")
    if group.first_sequence < 1:
        raise ValueError(f"sequences start at 1, not at {group.first_sequence}")
    if events.dtype.names != EVENT.names:
        raise ValueError(f"a group holds rows of EVENT, not of {events.dtype}")
    try:
        message = pb.EventGroup(
            format_version=FORMAT_VERSION,
            first_sequence=group.first_sequence,
            count=count,
            payload=group.payload,
        )
        _write_columns(message.events, events)
        _write_values(message.name_columns, Name._fields, group.names)
        _write_values(message.outcome_columns, Outcome._fields, group.outcomes)
        for document in group.documents:
            message.documents.add(
                kind=document.kind, name=document.name, text=document.text
            )
        return message.SerializeToString()
    except (EncodeError, TypeError, ValueError) as error:
        raise ValueError(f"a group that cannot be written: {error}") from error


def decode(blob: bytes) -> Group:
    """Reads a group; its events are fresh rows of `EVENT`, the caller's to keep.

    Raises `JournalTooNew` on a format of a later release and `JournalDamaged` on
    anything else that `encode` cannot have written.
    """
    try:
        message = pb.EventGroup.FromString(blob)
    except DecodeError as error:
        raise JournalDamaged(0, f"a group is not readable ({error})") from error
    version, first, count = (
        message.format_version,
        message.first_sequence,
        message.count,
    )
    if version > FORMAT_VERSION:
        raise JournalTooNew(
            f"journal: sequence {first} is written in format {version}, and this "
            f"release reads up to {FORMAT_VERSION}; start the release that wrote it, "
            "or a later one"
        )
    if version < 1 or first < 1 or not 1 <= count <= EVENTS_MAX:
        raise JournalDamaged(
            max(first, 0),
            f"a group cannot have format {version}, first sequence {first} and "
            f"{count} events",
        )
    return Group(
        first_sequence=first,
        events=_read_columns(message.events, first, count),
        names=_names(message, first),
        outcomes=_outcomes(message, first),
        payload=message.payload,
        documents=[
            Document(document.kind, document.name, document.text)
            for document in message.documents
        ],
    )


def _write_values(
    columns: Any, fields: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Rows to columns of the same names; a column without content is left out, but for
    the first, which tells how many rows there are.
    """
    if not rows:
        return
    for name, values in zip(fields, zip(*rows, strict=True), strict=True):
        if name == fields[0] or any(values):
            getattr(columns, name).extend(values)


def _read_values(
    columns: Any, nothing: Sequence[Any], fields: Sequence[str], first: int
) -> list[tuple[Any, ...]]:
    count = len(getattr(columns, fields[0]))
    found = []
    for name, default in zip(fields, nothing, strict=True):
        values = getattr(columns, name)
        if len(values) not in (0, count):
            what = f"column {name} holds {len(values)} values for {count} rows"
            raise JournalDamaged(first, what)
        found.append(values if len(values) else [default] * count)
    return list(zip(*found, strict=True))


def _names(message: pb.EventGroup, first: int) -> list[Name]:
    names = [Name(name.table, name.slot, name.text) for name in message.names]
    stored = _read_values(message.name_columns, (0, 0, ""), Name._fields, first)
    return names + [Name._make(row) for row in stored]


def _outcomes(message: pb.EventGroup, first: int) -> list[Outcome]:
    outcomes = [
        Outcome._make(getattr(outcome, name) for name in Outcome._fields)
        for outcome in message.outcomes
    ]
    stored = _read_values(
        message.outcome_columns,
        ("", "", "", b"", 0, "", "", 0, 0, 0),
        Outcome._fields,
        first,
    )
    return outcomes + [Outcome._make(row) for row in stored]


def _write_columns(columns: pb.EventColumns, events: Events) -> None:
    count = len(events)
    distances = np.array(events[_INSTANT], np.int64)
    if distances.any():
        # Distances wrap around as the sum in _read_columns does, so every value
        # survives.
        distances[1:] -= events[_INSTANT][:-1]
        columns.at.extend(distances.tolist())
    if count > _MANY:
        for name, _, nothing in _COLUMNS:
            column = events[name]
            if (column != nothing).any():
                getattr(columns, name).extend(column.tolist())
        return
    # One pass over the rows into tuples: for the dozens of events of a usual group this
    # takes a third of the time of twenty small NumPy calls.
    rows: list[tuple[int, ...]] = events.tolist()
    by_column: Sequence[tuple[int, ...]] = list(zip(*rows, strict=True))
    for name, position, nothing in _COLUMNS:
        values = by_column[position]
        if values.count(nothing) != count:
            getattr(columns, name).extend(values)


def _read_columns(columns: pb.EventColumns, first: int, count: int) -> Events:
    events = _NOTHING.repeat(count)
    for field, stored in columns.ListFields():
        name, values = field.name, stored[:]
        if len(values) != count:
            what = f"column {name} holds {len(values)} values for {count} events"
            raise JournalDamaged(first, what)
        try:
            column = np.array(values, _TYPES[name])  # refuses what does not fit
        except OverflowError as error:
            what = f"a value of column {name} is too large"
            raise JournalDamaged(first, what) from error
        events[name] = column.cumsum() if name == _INSTANT else column
    return events
