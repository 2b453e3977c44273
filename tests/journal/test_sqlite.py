"""What is particular to the journal in a file: its place, its failures."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from router.journal.codec import FORMAT_VERSION
from router.journal.errors import (
    JournalDamaged,
    JournalFailed,
    JournalRefused,
    JournalTooNew,
)
from router.journal.stores import open_journal
from tests.journal.make import filled


def journal_at(path):
    return open_journal(f"sqlite:{path}")


def test_an_address_names_its_store():
    for url in ("journal.db", "redis://here", "", "file:x"):
        with pytest.raises(JournalRefused, match="use sqlite:PATH or memory:"):
            open_journal(url)
    with pytest.raises(JournalRefused, match="path is missing"):
        open_journal("sqlite:")
    with pytest.raises(JournalRefused, match="use memory:"):
        open_journal("memory:shared")
    assert 1 == open_journal("memory:").open("router-1").epoch


def test_an_odd_path_is_only_a_path(tmp_path):
    odd = tmp_path / "gece? vardiyası #1 %20.db"

    filled(journal_at(odd), 2)

    assert 2 == journal_at(odd).reader().verify().groups
    assert odd.exists()


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(JournalRefused, match=r"the folder .*none does not exist"):
        journal_at(tmp_path / "none" / "journal.db").open("router-1")


def test_a_folder_is_no_journal(tmp_path):
    with pytest.raises(JournalRefused, match="name a file in it"):
        journal_at(tmp_path).open("router-1")


def test_a_place_that_cannot_be_written_is_refused():
    with pytest.raises(JournalRefused, match="can be written by this user"):
        journal_at("/proc/journal.db").open("router-1")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Santral, " * 100)

    with pytest.raises(JournalRefused, match="not even a database"):
        journal_at(letter).open("router-1")
    with pytest.raises(JournalRefused, match="not even a database"):
        journal_at(letter).reader().head()
    assert "Dear Santral, " * 100 == letter.read_text()


def test_another_programs_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photo (name)")
    before = path.read_bytes()

    with pytest.raises(JournalRefused, match="belongs to another program"):
        journal_at(path).open("router-1")
    assert before == path.read_bytes()


def test_an_empty_file_becomes_a_journal_when_opened_and_is_none_to_a_reader(tmp_path):
    path = tmp_path / "journal.db"
    path.touch()

    with pytest.raises(JournalRefused, match="nothing to read"):
        journal_at(path).reader().head()
    assert 1 == journal_at(path).open("router-1").epoch


def test_a_newer_format_is_refused(tmp_path):
    path = tmp_path / "journal.db"
    filled(journal_at(path), 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")

    with pytest.raises(JournalTooNew, match=f"written in format {FORMAT_VERSION + 1}"):
        journal_at(path).open("router-1")
    with pytest.raises(JournalTooNew, match="or a later one"):
        journal_at(path).reader().verify()


def test_a_journal_without_its_tables_is_damaged(tmp_path):
    path = tmp_path / "journal.db"
    filled(journal_at(path), 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE event_group")

    with pytest.raises(JournalDamaged, match="no such table"):
        journal_at(path).reader().verify()


def test_the_complaint_names_the_file_and_what_to_do(tmp_path):
    path = tmp_path / "journal.db"
    filled(journal_at(path), 3)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE event_group SET blob = x'00' WHERE first_sequence = 1")
        db.commit()

    with pytest.raises(JournalDamaged) as found:
        journal_at(path).reader().verify()

    assert (
        f"journal {path}: damaged at sequence 1: checksum does not match; restore it "
        "from a copy, or move it away to start with an empty journal"
    ) == str(found.value)


def test_a_reader_cannot_write(tmp_path):
    path = tmp_path / "journal.db"
    filled(journal_at(path), 1)
    reader = journal_at(path).reader()

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM event_group")


def test_commits_reach_the_disk(tmp_path):
    journal = journal_at(tmp_path / "journal.db")
    journal.open("router-1")

    assert ("wal",) == journal.execute("PRAGMA journal_mode").fetchone()
    assert (2,) == journal.execute("PRAGMA synchronous").fetchone()  # FULL
    assert (1000,) == journal.execute("PRAGMA wal_autocheckpoint").fetchone()


def test_after_a_failure_the_handle_is_given_up_and_the_journal_is_whole(tmp_path):
    path = tmp_path / "journal.db"
    journal = journal_at(path)
    head = filled(journal, 3)[-1]
    # As a full disk would, in the middle of a transaction.
    journal.execute("PRAGMA max_page_count = 1")

    with pytest.raises(JournalFailed, match="outcome is unknown"):
        journal.append(bytes(1_000_000), head.sequence + 1, 1)
    with pytest.raises(JournalFailed, match="it failed before"):
        journal.append(b"again", head.sequence + 1, 1)

    again = journal_at(path)
    assert head.sequence == again.open("router-1").sequence
    assert 3 == again.verify().groups


APPENDER = """
import sys
from router.journal.stores import open_journal
from tests.journal.make import batches
journal = open_journal(sys.argv[1])
journal.open("child")
for blob, first, count in batches(100_000):
    head = journal.append(blob, first, count)
    print(head.sequence, head.hash.hex(), flush=True)
"""


@pytest.mark.kill
def test_a_killed_writer_leaves_every_acknowledged_group(tmp_path):
    for kill_after in (1, 20, 150):
        path = tmp_path / f"journal-{kill_after}.db"
        child = subprocess.Popen(
            [sys.executable, "-c", APPENDER, f"sqlite:{path}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(kill_after):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        *_, last = [line for line in child.stdout.read().split("\n") if line] or [""]
        child.wait()

        journal = journal_at(path)
        head = journal.open("router-1")
        verified = journal.verify()

        assert head.sequence == verified.events
        assert kill_after <= verified.groups
        if len(last.split()) == 2 and len(last.split()[1]) == 32:
            acknowledged, chain_hash = last.split()
            stored = {g.last_sequence: g.hash.hex() for g in journal.read(0)}
            assert chain_hash == stored[int(acknowledged)]
