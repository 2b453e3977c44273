"""Groups survive their way through bytes, whatever is in them; nonsense does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from router.engine.tables import EVENT, NOBODY, REFERENCES
from router.journal.codec import EVENTS_MAX, FORMAT_VERSION, columns_of, decode, encode
from router.journal.errors import JournalDamaged, JournalError, JournalTooNew
from router.journal.group import Document, Group, Name, Outcome
from router.journal.v1 import event_group_pb2 as pb
from tests.journal.make import a_full_group, a_group

INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def fields_of(group):
    """All of a group in a form that compares."""
    return (
        group.first_sequence,
        {name: group.events[name].tolist() for name in EVENT.names},
        [tuple(name) for name in group.names],
        list(group.outcomes),
        group.payload,
        list(group.documents),
    )


events_of_any_kind = st.integers(1, 12).flatmap(
    lambda count: st.fixed_dictionaries(
        {
            name: st.one_of(
                st.just(np.full(count, NOBODY if name in REFERENCES else 0)),
                npst.arrays(EVENT[name], count),
            )
            for name in EVENT.names
        }
    )
)


def as_events(columns):
    events = np.zeros(len(columns["at"]), EVENT)
    for name, values in columns.items():
        events[name] = values
    return events


groups_of_any_kind = st.builds(
    Group,
    first_sequence=st.integers(1, 2**63 - 1),
    events=events_of_any_kind.map(as_events),
    names=st.lists(st.tuples(st.integers(0, 2**32 - 1), INT32, TEXT), max_size=3),
    outcomes=st.lists(
        st.builds(
            Outcome,
            principal=TEXT,
            method=TEXT,
            request_id=TEXT,
            request_hash=st.binary(max_size=16),
            code=INT32,
            reason=TEXT,
            message=TEXT,
            result=INT64,
            sequence=INT64,
            at=INT64,
        ),
        max_size=3,
    ),
    payload=st.binary(max_size=50),
    documents=st.lists(st.builds(Document, TEXT, TEXT, TEXT), max_size=2),
)


@given(groups_of_any_kind)
@settings(deadline=None)
def test_what_is_decoded_is_what_was_encoded(group):
    assert fields_of(group) == fields_of(decode(encode(group)))


def is_answered(blob):
    """Whether bytes are taken for a group or refused in plain words."""
    try:
        return isinstance(decode(blob), Group)
    except JournalError as complaint:
        return str(complaint).startswith("journal: ")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_group_or_a_plain_complaint(blob):
    assert is_answered(blob)


@given(st.integers(0, 10_000), st.integers(0, 7))
@settings(deadline=None)
def test_a_changed_group_is_another_group_or_a_plain_complaint(position, bit):
    blob = bytearray(encode(a_full_group()))
    blob[position % len(blob)] ^= 1 << bit

    assert is_answered(bytes(blob))


def test_one_group_has_one_encoding():
    assert encode(a_full_group()) == encode(decode(encode(a_full_group())))


def test_record_arrays_are_events_too():
    group = a_group()
    as_records = Group(1, group.events.view(np.recarray))

    assert encode(group) == encode(as_records)


def test_decoded_events_belong_to_the_caller():
    events = decode(encode(a_group())).events
    events["kind"] = 9

    assert EVENT == events.dtype
    assert [9, 9, 9] == events["kind"].tolist()


def test_columns_in_which_nothing_stands_take_no_room():
    message = pb.EventGroup.FromString(encode(a_group()))

    assert 3 == len(message.events.kind)
    assert 0 == len(message.events.weight)  # all 0
    assert 0 == len(message.events.other)  # all NOBODY


def test_names_are_read_as_names():
    assert [Name(1, 7, "çağrı-7")] == list(decode(encode(a_full_group())).names)[:1]


def test_a_newer_format_is_refused_plainly():
    message = pb.EventGroup.FromString(encode(a_group()))
    message.format_version = FORMAT_VERSION + 1

    with pytest.raises(JournalTooNew, match="start the release that wrote it"):
        decode(message.SerializeToString())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda m: m.events.kind.append(1), "column kind holds 4 values for 3 events"),
        (lambda m: m.events.at.append(1), "column at holds 4 values for 3 events"),
        (lambda m: m.events.kind.__setitem__(0, 2**40), "kind is too large"),
        (lambda m: m.events.weight.append(1), "column weight holds 1 values"),
        (lambda m: setattr(m, "count", EVENTS_MAX + 1), "1000001 events"),
        (lambda m: setattr(m, "count", 0), "0 events"),
        (lambda m: setattr(m, "count", -1), "-1 events"),
        (lambda m: setattr(m, "first_sequence", 0), "first sequence 0"),
        (lambda m: setattr(m, "format_version", 0), "format 0"),
    ],
)
def test_an_impossible_group_is_damaged(change, complaint):
    message = pb.EventGroup.FromString(encode(a_group()))
    change(message)

    with pytest.raises(JournalDamaged, match=complaint):
        decode(message.SerializeToString())


def test_what_could_not_be_read_back_is_not_written():
    with pytest.raises(ValueError, match="1 to 1000000 events, not 0"):
        encode(a_group(count=0))
    with pytest.raises(ValueError, match="start at 1"):
        encode(a_group(first_sequence=0))
    with pytest.raises(ValueError, match="rows of EVENT"):
        encode(Group(1, np.zeros(1, [("at", "i8")])))
    with pytest.raises(ValueError, match="cannot be written"):
        encode(a_group(names=[(1, 1, "\ud800")]))
    with pytest.raises(ValueError, match="cannot be written"):
        encode(a_group(names=[(-1, 1, "x")]))


def test_a_field_of_events_without_a_column_is_noticed():
    more = np.dtype([*EVENT.descr, ("mood", "i4")])

    with pytest.raises(TypeError, match="mood"):
        columns_of(np.dtype([field for field in more.descr if field[0]]))


def test_events_and_columns_have_the_same_fields():
    assert {*EVENT.names} == {f.name for f in pb.EventColumns.DESCRIPTOR.fields}
