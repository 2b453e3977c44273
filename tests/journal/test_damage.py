"""Damage is found, not served: whatever is changed in a store, verification says so.

P13 of the promises: a flipped bit, a cut tail, a gap, swapped and foreign groups, and
the same for snapshots. Every round starts from a sound journal and does one random
damage to it.
"""

import random
import shutil
from copy import deepcopy

import pytest

from router.journal.errors import JournalDamaged, JournalError
from tests.journal.make import filled
from tests.journal.stores import COLUMNS, InSqlite

GROUPS = 24
ROUNDS = 700


def flipped(value, draw):
    """The value with one bit changed."""
    match value:
        case int():
            return value ^ 1 << draw.randrange(63)
        case bytes():
            position, bit = draw.randrange(len(value)), draw.randrange(8)
            changed = bytearray(value)
            changed[position] ^= 1 << bit
            return bytes(changed)
        case str():
            position, bit = draw.randrange(len(value)), draw.randrange(5)
            changed = chr(ord(value[position]) ^ 1 << bit)
            return value[:position] + changed + value[position + 1 :]


def flip(table):
    def damage(tables, draw, _):
        row = draw.choice(tables[table])
        column = draw.randrange(len(row))
        keys = {other[0] for other in tables[table]}
        while (value := flipped(row[column], draw)) in keys:
            pass  # a store keeps no two rows under one key
        row[column] = value
        return f"bit flip in {table}.{COLUMNS[table][column]}"

    return damage


def cut_tail(tables, draw, _):
    cut = draw.randrange(1, GROUPS)
    del tables["event_group"][-cut:]
    return f"{cut} groups cut from the tail"


def cut_tail_and_head(tables, draw, _):
    cut = draw.randrange(1, GROUPS)
    del tables["event_group"][-cut:]
    first, count, _, chain_hash, _ = tables["event_group"][-1]
    tables["head"][0][3:5] = first + count - 1, chain_hash
    return f"{cut} groups cut and the head set to what is left"


def gap(tables, draw, _):
    start = draw.randrange(GROUPS - 1)
    width = draw.randrange(1, GROUPS - start)
    del tables["event_group"][start : start + width]
    return f"{width} groups missing at {start}"


def swap(tables, draw, _):
    rows = tables["event_group"]
    one, other = draw.sample(range(GROUPS), 2)
    start = draw.choice([1, 2])  # with or without their counts
    rows[one][start:], rows[other][start:] = rows[other][start:], rows[one][start:]
    return f"groups {one} and {other} swapped"


def foreign(tables, draw, others):
    position = draw.randrange(GROUPS)
    tables["event_group"][position] = list(others["event_group"][position])
    return f"group {position} taken from another journal"


def foreign_tail(tables, draw, others):
    position = draw.randrange(GROUPS)
    tables["event_group"][position:] = deepcopy(others["event_group"][position:])
    return f"groups from {position} on taken from another journal"


def foreign_head(tables, draw, others):
    tables["head"] = deepcopy(others["head"])
    return "head taken from another journal"


def added(tables, draw, _):
    first, count, *rest = tables["event_group"][-1]
    tables["event_group"].append([first + count, count, *rest])
    return "a group repeated beyond the head"


DAMAGES = [
    *[flip("event_group")] * 6,
    *[flip("head")] * 3,
    cut_tail,
    cut_tail_and_head,
    gap,
    swap,
    foreign,
    foreign_tail,
    foreign_head,
    added,
]


def test_every_damage_to_groups_and_head_is_found(store, tmp_path):
    journal = store.journal()
    filled(journal, GROUPS)
    journal.close()
    sound = store.tables()
    (tmp_path / "other").mkdir()
    other = type(store)(tmp_path / "other")
    filled(other.journal(), GROUPS)  # the very same groups, in another journal
    others = other.tables()
    draw = random.Random(20)

    unseen = []
    for _ in range(ROUNDS):
        tables = deepcopy(sound)
        done = draw.choice(DAMAGES)(tables, draw, others)
        store.put(tables)
        reader = store.journal().reader()
        try:
            reader.verify()
            unseen.append(done)
        except JournalDamaged:
            pass
        finally:
            reader.close()

    assert [] == unseen


def test_every_damage_to_a_snapshot_is_found(store):
    journal = store.journal()
    heads = filled(journal, GROUPS)
    for head in heads[-3:]:
        facts = {"policy_version": head.sequence}
        journal.save_snapshot(head.sequence, head.hash, b"floor %r" % head, facts)
    sound = store.tables()
    draw = random.Random(21)

    unseen = []
    for _ in range(200):
        tables = deepcopy(sound)
        done = flip(draw.choice(["snapshot", "snapshot_part"]))(tables, draw, None)
        store.put(tables)
        try:
            if not journal.verify().warnings:
                unseen.append(done)
        except JournalDamaged:
            pass

    assert [] == unseen


def test_the_position_is_that_of_the_first_event_that_cannot_be_trusted(store):
    journal = store.journal()
    heads = filled(journal, GROUPS)
    journal.close()
    tables = store.tables()
    tables["event_group"][10][4] = flipped(
        tables["event_group"][10][4], random.Random(1)
    )
    store.put(tables)

    with pytest.raises(JournalDamaged, match="checksum does not match") as found:
        store.journal().reader().verify()

    assert heads[9].sequence + 1 == found.value.sequence
    assert "restore it from a copy" in str(found.value)


def test_reading_yields_what_is_sound_and_stops_at_the_damage(store):
    journal = store.journal()
    heads = filled(journal, GROUPS)
    tables = store.tables()
    del tables["event_group"][10]
    store.put(tables)

    reading = journal.read(0)
    for head in heads[:10]:
        assert head.sequence == next(reading).last_sequence
    with pytest.raises(JournalDamaged, match="are missing"):
        next(reading)


def test_a_cut_tail_is_found_by_reading_too(store):
    journal = store.journal()
    heads = filled(journal, GROUPS)
    tables = store.tables()
    del tables["event_group"][-1]
    store.put(tables)

    for after in (0, heads[4].sequence, heads[-2].sequence):
        with pytest.raises(JournalDamaged, match="the tail was cut") as found:
            list(journal.read(after))
        assert heads[-2].sequence + 1 == found.value.sequence


def test_a_tail_cut_right_at_a_snapshot_is_found_by_verifying_from_there(store):
    journal = store.journal()
    head = filled(journal, GROUPS)[-1]
    journal.save_snapshot(head.sequence, head.hash, b"floor", {})
    tables = store.tables()
    del tables["event_group"][-1]
    store.put(tables)

    with pytest.raises(JournalDamaged, match="the tail was cut"):
        journal.verify(head.sequence)


def test_a_writer_does_not_go_on_beyond_a_changed_head(store):
    journal = store.journal()
    head = filled(journal, 3)[-1]
    tables = store.tables()
    tables["head"][0][3] += 1
    store.put(tables)

    with pytest.raises(JournalDamaged, match="the head was changed"):
        journal.append(b"next", head.sequence + 1, 1)


def test_a_flipped_bit_anywhere_in_the_file_is_found_or_harmless(tmp_path):
    """Bytes that SQLite does not use may change; what is read never does."""
    store = InSqlite(tmp_path)
    journal = store.journal()
    filled(journal, 200)
    sound = [group.blob for group in journal.read(0)]
    journal.close()
    copy = tmp_path / "copy.db"
    size = store.path.stat().st_size
    draw = random.Random(22)

    found = 0
    for _ in range(300):
        shutil.copyfile(store.path, copy)
        with copy.open("r+b") as file:
            position = draw.randrange(size)
            file.seek(position)
            (byte,) = file.read(1)
            file.seek(position)
            file.write(bytes([byte ^ 1 << draw.randrange(8)]))
        reader = type(journal)(copy).reader()
        try:
            reader.verify()
            assert sound == [group.blob for group in reader.read(0)]
        except JournalError:
            found += 1
        finally:
            reader.close()

    assert found > 100
