"""Snapshots, in every store: written beside the journal, believed if they fit."""

import threading

import pytest

from router.journal.errors import Diverged, Fenced, JournalDamaged
from tests.journal.make import filled

BIG = bytes(range(256)) * 3_000  # three parts


def test_a_snapshot_is_found_again(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]

    journal.save_snapshot(head.sequence, head.hash, BIG, {"policy_version": 3})

    found = store.journal().reader().newest_snapshot()
    assert (head.sequence, head.hash, BIG, {"policy_version": 3}) == (
        found.snapshot.sequence,
        found.snapshot.hash,
        found.snapshot.body,
        found.snapshot.facts,
    )
    assert () == found.warnings


def test_there_is_no_snapshot_at_first(store):
    journal = store.journal()
    filled(journal, 1)

    assert None is journal.newest_snapshot().snapshot
    assert [] == journal.snapshots()


def test_the_newest_three_are_kept(store):
    journal = store.journal()
    heads = filled(journal, 5)
    for head in heads:
        journal.save_snapshot(head.sequence, head.hash, BIG, {"at": head.sequence})

    assert [head.sequence for head in reversed(heads[2:])] == [
        info.sequence for info in journal.snapshots()
    ]
    assert {(len(BIG), True)} == {
        (info.size, info.complete) for info in journal.snapshots()
    }


def test_an_older_snapshot_can_be_asked_for(store):
    journal = store.journal()
    heads = filled(journal, 3)
    for head in heads:
        journal.save_snapshot(head.sequence, head.hash, b"floor", {})

    at_most = heads[2].sequence - 1

    assert heads[1].sequence == journal.newest_snapshot(at_most).snapshot.sequence
    assert None is journal.newest_snapshot(0).snapshot


def test_a_snapshot_of_another_chain_is_refused(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]

    with pytest.raises(Diverged):
        journal.save_snapshot(head.sequence, bytes(16), b"floor", {})
    with pytest.raises(Diverged):
        journal.save_snapshot(head.sequence + 1, head.hash, b"floor", {})
    assert [] == journal.snapshots()


def test_a_fenced_writer_saves_no_snapshot(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]
    store.journal().open("router-2")

    with pytest.raises(Fenced):
        journal.save_snapshot(head.sequence, head.hash, b"floor", {})


def test_a_snapshot_is_saved_in_a_thread_while_the_journal_goes_on(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]
    thread = threading.Thread(
        target=journal.save_snapshot, args=(head.sequence, head.hash, BIG * 4, {})
    )

    thread.start()
    for sequence in range(head.sequence + 1, head.sequence + 51):
        journal.append(b"meanwhile", sequence, 1)
    thread.join()

    assert BIG * 4 == journal.newest_snapshot().snapshot.body
    assert head.sequence + 50 == journal.verify().events


def test_an_unfinished_snapshot_is_passed_over_and_cleared_by_the_next(store):
    journal = store.journal()
    heads = filled(journal, 3)
    for head in heads:
        journal.save_snapshot(head.sequence, head.hash, b"floor", {})
    tables = store.tables()
    max(tables["snapshot"], key=lambda row: row[1])[-1] = 0
    store.put(tables)

    found = journal.newest_snapshot()
    assert heads[1].sequence == found.snapshot.sequence
    (warning,) = found.warnings
    assert f"snapshot at sequence {heads[2].sequence}" in warning
    assert "never completed" in warning

    journal.save_snapshot(heads[2].sequence, heads[2].hash, b"floor", {})
    assert [True] * 3 == [info.complete for info in journal.snapshots()]
    assert () == journal.newest_snapshot().warnings


def test_a_damaged_snapshot_is_passed_over_for_an_older_one(store):
    journal = store.journal()
    heads = filled(journal, 2)
    journal.save_snapshot(heads[0].sequence, heads[0].hash, b"older floor", {})
    journal.save_snapshot(heads[1].sequence, heads[1].hash, b"newer floor", {})
    tables = store.tables()
    tables["snapshot_part"][-1][-1] = b"newer flaw!"
    store.put(tables)

    found = journal.newest_snapshot()

    assert b"older floor" == found.snapshot.body
    assert 1 == len(found.warnings)
    assert found.warnings == journal.verify().warnings


def test_an_older_snapshot_in_a_newer_ones_place_is_passed_over(store):
    journal = store.journal()
    heads = filled(journal, 2)
    journal.save_snapshot(heads[0].sequence, heads[0].hash, b"older floor", {})
    journal.save_snapshot(heads[1].sequence, heads[1].hash, b"newer floor", {})
    tables = store.tables()
    older, newer = sorted(tables["snapshot"])
    parts = sorted(tables["snapshot_part"])
    parts[1][-1] = parts[0][-1]
    newer[5] = older[5]  # with its digest
    store.put(tables)

    assert heads[0].sequence == journal.newest_snapshot().snapshot.sequence
    assert 1 == len(journal.verify().warnings)


def test_a_snapshot_beyond_the_end_shows_that_the_tail_was_cut(store):
    journal = store.journal()
    heads = filled(journal, 4)
    earlier = store.tables()
    head = journal.append(b"newer", heads[-1].sequence + 1, 1)
    journal.save_snapshot(head.sequence, head.hash, b"floor", {})
    later = store.tables()

    # All of the journal but its snapshots goes back to an earlier, complete state.
    store.put({**later, "head": earlier["head"], "event_group": earlier["event_group"]})

    with pytest.raises(JournalDamaged, match="the tail was cut") as found:
        store.journal().reader().verify()
    assert head.sequence == found.value.sequence
