"""What every journal must do, whatever it is stored in (a store joins in stores.py)."""

import pytest

from router.journal.codec import decode
from router.journal.errors import (
    Diverged,
    Fenced,
    JournalFailed,
    JournalRefused,
)
from tests.journal.make import batches, filled


def test_what_was_appended_is_read_back_in_order(store):
    journal = store.journal()
    heads = filled(journal, 5)

    groups = list(journal.read(0))

    assert [blob for blob, _, _ in batches(5)] == [group.blob for group in groups]
    assert [head.hash for head in heads] == [group.hash for group in groups]
    assert [head.sequence for head in heads] == [g.last_sequence for g in groups]
    assert [1, *(head.sequence + 1 for head in heads[:-1])] == [
        decode(group.blob).first_sequence for group in groups
    ]


def test_a_new_journal_is_empty_and_sound(store):
    head = store.journal().open("router-1")

    assert (0, 1) == (head.sequence, head.epoch)
    assert [] == list(store.journal().reader().read(0))
    assert (0, 0) == (
        store.journal().reader().verify().groups,
        store.journal().reader().verify().events,
    )


def test_a_journal_is_the_same_after_it_is_opened_again(store):
    first = store.journal()
    heads = filled(first, 4)
    first.close()

    again = store.journal()
    head = again.open("router-1")

    assert (heads[-1].sequence, heads[-1].hash) == (head.sequence, head.hash)
    assert heads[-1].journal_id == head.journal_id
    assert heads[-1].epoch + 1 == head.epoch
    assert 4 == len(list(again.read(0)))


def test_appending_goes_on_after_it_is_opened_again(store):
    everything = list(batches(6))
    first = store.journal()
    first.open("router-1")
    for batch in everything[:3]:
        first.append(*batch)
    first.close()

    again = store.journal()
    again.open("router-1")
    for batch in everything[3:]:
        again.append(*batch)

    assert [blob for blob, _, _ in everything] == [g.blob for g in again.read(0)]
    assert 6 == again.verify().groups


def test_reading_starts_with_the_group_that_holds_the_next_event(store):
    journal = store.journal()
    journal.open("router-1")
    for first in (1, 6, 11):
        journal.append(b"five events", first, 5)

    assert [6, 11] == [group.first_sequence for group in journal.read(5)]
    assert [6, 11] == [group.first_sequence for group in journal.read(7)]
    assert [11] == [group.first_sequence for group in journal.read(10)]
    assert [] == list(journal.read(15))
    assert [] == list(journal.read(99))


def test_reading_stops_after_as_many_groups_as_asked_for(store):
    journal = store.journal()
    filled(journal, 5)

    assert 2 == len(list(journal.read(0, limit=2)))
    assert [] == list(journal.read(0, limit=0))


def test_a_second_writer_takes_over_and_the_first_is_fenced(store):
    first, second = store.journal(), store.journal()
    heads = filled(first, 2)

    taken = second.open("router-1")  # the same name: the token must tell them apart

    with pytest.raises(Fenced, match="taken over by router-1 in epoch 2"):
        first.append(b"late", heads[-1].sequence + 1, 1)
    assert heads[-1].sequence == store.journal().reader().head().sequence
    assert taken.sequence + 1 == second.append(b"on", taken.sequence + 1, 1).sequence
    with pytest.raises(Fenced):
        first.append(b"late again", taken.sequence + 2, 1)


def test_a_fenced_writer_is_fenced_even_when_it_sends_what_is_there(store):
    first = store.journal()
    head = filled(first, 1)[-1]
    store.journal().open("router-2")
    ((blob, first_sequence, count),) = batches(1)

    with pytest.raises(Fenced):
        first.append(blob, first_sequence, count)
    assert head.sequence == store.journal().reader().head().sequence


def test_the_newest_group_sent_again_is_already_there(store):
    journal = store.journal()
    journal.open("router-1")
    (one, two) = batches(2)
    journal.append(*one)
    head = journal.append(*two)

    assert head == journal.append(*two)
    assert [one[0], two[0]] == [group.blob for group in journal.read(0)]


def test_the_newest_group_is_already_there_after_a_restart_too(store):
    before = store.journal()
    before.open("router-1")
    (only,) = batches(1)
    head = before.append(*only)
    before.close()
    journal = store.journal()
    journal.open("router-1")

    assert head.hash == journal.append(*only).hash
    assert 1 == len(list(journal.read(0)))


def test_another_group_at_a_used_sequence_diverges(store):
    journal = store.journal()
    head = filled(journal, 2)[-1]

    with pytest.raises(Diverged, match="nothing was written"):
        journal.append(b"something else", head.sequence, 1)
    assert head == journal.head()


def test_a_gap_is_refused(store):
    journal = store.journal()
    head = filled(journal, 2)[-1]

    with pytest.raises(Diverged, match=f"ends at sequence {head.sequence}"):
        journal.append(b"too late", head.sequence + 2, 1)
    assert head == journal.head()


def test_an_older_group_sent_again_diverges(store):
    journal = store.journal()
    filled(journal, 3)

    with pytest.raises(Diverged):
        journal.append(*next(batches(1)))


def test_a_refused_group_does_not_stop_the_next(store):
    journal = store.journal()
    head = filled(journal, 1)[-1]
    with pytest.raises(Diverged):
        journal.append(b"gap", head.sequence + 5, 1)

    assert head.sequence + 1 == journal.append(b"next", head.sequence + 1, 1).sequence


def test_an_empty_group_is_refused(store):
    journal = store.journal()
    journal.open("router-1")

    with pytest.raises(ValueError, match="at least one event"):
        journal.append(b"", 1, 0)


def test_a_journal_that_is_not_open_takes_nothing(store):
    with pytest.raises(JournalFailed, match="not open"):
        store.journal().append(b"early", 1, 1)


def test_reading_what_is_not_there_is_refused(store):
    with pytest.raises(JournalRefused):
        store.journal().reader().head()


def test_verification_counts_what_it_went_through(store):
    journal = store.journal()
    heads = filled(journal, 7)

    verified = journal.verify()

    assert (7, heads[-1].sequence) == (verified.groups, verified.events)
    assert (heads[-1], ()) == (verified.head, verified.warnings)


def test_a_tail_can_be_verified_alone(store):
    journal = store.journal()
    heads = filled(journal, 7)

    assert 3 == journal.verify(heads[3].sequence).groups
    assert 1 == journal.verify(heads[-1].sequence).groups  # the newest, always


def test_a_reader_sees_what_is_appended_after_it_was_made(store):
    journal = store.journal()
    head = filled(journal, 2)[-1]
    reader = journal.reader()
    list(reader.read(0))

    journal.append(b"new", head.sequence + 1, 1)

    assert [b"new"] == [group.blob for group in reader.read(head.sequence)]
    assert 3 == reader.verify().groups
    reader.close()
    assert head.sequence + 1 == journal.head().sequence


def test_what_is_appended_while_a_reader_reads_does_not_disturb_it(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]
    reading = journal.reader().read(0)
    next(reading)

    journal.append(b"new", head.sequence + 1, 1)

    assert head.sequence == list(reading)[-1].last_sequence
