"""What is particular to contexts in files: their place, their damage, their readers."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from router.context.contexts import keys_beside, open_contexts
from router.context.errors import (
    ContextStoreError,
    StoreDamaged,
    StoreFailed,
    StoreRefused,
    StoreTooNew,
)
from tests.context.make import AYSE, SHOES, append, texts


def contexts_at(path):
    return open_contexts(f"sqlite:{path}")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "contexts.sqlite"


@pytest.fixture
def filled(path):
    contexts = contexts_at(path)
    append(contexts, "bir", "iki")
    contexts.close()
    return path


def test_an_address_names_its_store():
    for url in ("contexts.sqlite", "redis://here", ""):
        with pytest.raises(StoreRefused, match="use sqlite:PATH or memory:"):
            open_contexts(url)
    with pytest.raises(StoreRefused, match="path is missing"):
        open_contexts("sqlite:")
    with pytest.raises(StoreRefused, match="use memory:"):
        open_contexts("memory:shared")


def test_two_files_and_a_key_are_made(filled):
    names = {one.name for one in filled.parent.iterdir()}

    assert {
        "contexts.sqlite",
        "contexts.keys.sqlite",
        "contexts.sqlite.master-key",
    } == names
    assert 0o600 == keys_beside(filled).stat().st_mode & 0o777


def test_neither_file_nor_its_log_is_for_others(path):
    contexts = contexts_at(path)
    append(contexts, "bir")

    modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}

    assert 7 == len(modes), "two files with log and index each, and the master key"
    assert {0o600} == set(modes.values())


def test_a_maker_that_was_gone_before_naming_its_file_does_no_harm(path):
    contexts = contexts_at(path)
    for file in (contexts._store.file, contexts._keys.file):
        with file.transaction("as if it were not named yet"):
            file.run("DELETE FROM about")
            if file is contexts._keys.file:
                file.run("DELETE FROM tenant_key")
    contexts.close()

    append(contexts_at(path), "bir")
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM about")
        db.commit()
    with pytest.raises(StoreDamaged, match="does not say whose it is"):
        contexts_at(path)


def test_lost_content_begins_anew_under_the_keys_that_are_left(filled):
    filled.unlink()

    contexts = contexts_at(filled)

    assert [] == contexts.conversations.conversations(AYSE)
    append(contexts, "yeniden")
    assert ["yeniden"] == texts(contexts.conversations.entries(AYSE, SHOES))


def test_the_master_key_may_stand_elsewhere(path, tmp_path):
    elsewhere = tmp_path / "usb-disk"
    elsewhere.mkdir()
    contexts = open_contexts(f"sqlite:{path}", master_key=elsewhere / "key")
    append(contexts, "bir")
    contexts.close()

    with pytest.raises(StoreRefused, match="there is none; put back the file"):
        contexts_at(path)
    again = open_contexts(f"sqlite:{path}", master_key=elsewhere / "key")
    assert ["bir"] == texts(again.conversations.entries(AYSE, SHOES))


def test_content_without_its_keys_is_refused(filled):
    keys_beside(filled).unlink()

    with pytest.raises(StoreRefused, match=r"contexts.keys.sqlite\) are missing"):
        contexts_at(filled)


def test_keys_of_another_store_are_refused(filled, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    contexts_at(other / "contexts.sqlite").close()
    for name in ("contexts.keys.sqlite", "contexts.sqlite.master-key"):
        (tmp_path / name).write_bytes((other / name).read_bytes())

    with pytest.raises(StoreRefused, match="two different stores"):
        contexts_at(filled)


def test_a_missing_folder_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ContextStoreError, match="none"):
        contexts_at(tmp_path / "none" / "contexts.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(StoreRefused, match=r"name a file in it|are missing"):
        contexts_at(tmp_path / "folder.sqlite")


@pytest.mark.parametrize("which", ["content", "keys"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(filled, which):
    path = filled if which == "content" else keys_beside(filled)
    letter = b"Dear Santral, " * 1_000
    path.write_bytes(letter)

    with pytest.raises(StoreRefused, match="not even a database"):
        contexts_at(filled)
    assert letter == path.read_bytes()


@pytest.mark.parametrize("which", ["content", "keys"])
def test_another_program_s_file_is_refused_and_left_alone(filled, which):
    path = filled if which == "content" else keys_beside(filled)
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photo (name)")
    before = path.read_bytes()

    with pytest.raises(StoreRefused, match="belongs to another program"):
        contexts_at(filled)
    assert before == path.read_bytes()


def test_the_two_files_cannot_be_exchanged(filled):
    keys = keys_beside(filled)
    content = filled.read_bytes()
    filled.write_bytes(keys.read_bytes())
    keys.write_bytes(content)

    with pytest.raises(StoreRefused, match="another of ours"):
        contexts_at(filled)


def test_a_newer_format_is_refused(filled):
    with closing(sqlite3.connect(filled)) as db:
        db.execute("PRAGMA user_version = 2")

    with pytest.raises(StoreTooNew, match="written in format 2"):
        contexts_at(filled)


def test_a_store_without_a_table_is_damaged(filled):
    with closing(sqlite3.connect(filled)) as db:
        db.execute("DROP TABLE conversation")

    with pytest.raises(StoreDamaged, match="no such table"):
        contexts_at(filled).conversations.entries(AYSE, SHOES)


def use_everything(path):
    contexts = contexts_at(path)
    contexts.conversations.entries(AYSE, SHOES)
    contexts.export(AYSE)
    append(contexts, "yeni")


def outcome_of(use, *arguments):
    try:
        use(*arguments)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the test judges it
        return problem
    return None


def test_overwritten_pages_end_in_a_plain_line(tmp_path):
    outcomes = []
    for page in range(1, 16):
        folder = tmp_path / str(page)
        folder.mkdir()
        path = folder / "contexts.sqlite"
        contexts = contexts_at(path)
        append(contexts, *("ğ" * 500 for _ in range(20)))
        contexts.close()
        with path.open("r+b") as file:
            file.seek(page * 4_096)
            file.write(b"\xa5" * 4_096)

        outcomes.append(outcome_of(use_everything, path))

    strange = [one for one in outcomes if one and not isinstance(one, StoreDamaged)]
    assert [] == strange
    assert 5 <= sum(one is not None for one in outcomes)


def test_commits_reach_the_disk_and_deleted_bytes_are_overwritten(path):
    contexts = contexts_at(path)

    for file in (contexts._store.file, contexts._keys.file):
        assert ("wal",) == file.one("PRAGMA journal_mode")
        assert (2,) == file.one("PRAGMA synchronous")  # FULL
        assert (1,) == file.one("PRAGMA secure_delete")
        assert file.is_sound()


def test_after_a_failure_the_handle_is_given_up_and_the_store_is_whole(path):
    contexts = contexts_at(path)
    append(contexts, "bir")
    # As a full disk would, in the middle of a transaction.
    contexts._store.file.one("PRAGMA max_page_count = 1")

    with pytest.raises(StoreFailed, match="outcome is unknown"):
        append(contexts, *("ş" * 7_000 for _ in range(20)))
    with pytest.raises(StoreFailed, match="open it anew"):
        contexts.conversations.entries(AYSE, SHOES)

    again = contexts_at(path)
    assert ["bir"] == texts(again.conversations.entries(AYSE, SHOES))


def test_a_reader_cannot_write(filled):
    view = contexts_at(filled).reader()

    with pytest.raises(StoreFailed, match="readonly"):
        view.conversations._store.file.all("DELETE FROM entry")


def test_a_reader_in_another_thread_sees_whole_batches_only(path):
    contexts = contexts_at(path)
    append(contexts, *("x" for _ in range(5)))
    problems = []
    stop = threading.Event()

    def read():
        view = contexts.reader()
        try:
            while not stop.is_set():
                seen = len(view.conversations.newest(AYSE, SHOES, limit=1_000))
                if seen % 5:
                    problems.append(seen)
        except Exception as problem:  # noqa: BLE001 - told to the test
            problems.append(problem)
        finally:
            view.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(60):
        append(contexts, *("x" for _ in range(5)))
    stop.set()
    for reader in readers:
        reader.join()

    assert [] == problems
    assert 305 == contexts.conversations.conversation(AYSE, SHOES).version


def plan_of(contexts, statement, *values):
    rows = contexts._store.file.all(f"EXPLAIN QUERY PLAN {statement}", values)
    return " | ".join(row[3] for row in rows)


def test_no_page_scans_a_table(path):
    """Whatever a page asks, SQLite answers from an index and sorts nothing."""
    contexts = contexts_at(path)
    append(contexts, "bir")
    asked = []
    file = contexts._store.file
    answer = file.all

    def listening(statement, values=()):
        asked.append((statement, values))
        return answer(statement, values)

    file.all = listening
    contexts.conversations.timeline(AYSE)
    contexts.conversations.entries(AYSE, SHOES)
    contexts.conversations.newest(AYSE, SHOES)
    for kind in (1, 5):
        contexts._store.newest(SHOES, 9, 5, kind)
    file.all = answer

    plans = [plan_of(contexts, statement, *values) for statement, values in asked]
    assert 6 <= len(plans)
    assert [] == [plan for plan in plans if "SCAN" in plan or "TEMP B-TREE" in plan]
    assert "entry_kind" in plans[-1]


APPENDER = """
import sys
from router.context.contexts import open_contexts
from tests.context.make import append
contexts = open_contexts(sys.argv[1])
for number in range(100_000):
    append(contexts, f"mesaj {number}", f"yine {number}")
    print(2 * number + 2, flush=True)
"""


@pytest.mark.kill
def test_a_killed_writer_leaves_every_prepared_batch_whole(tmp_path):
    for kill_after in (1, 15, 60):
        path = tmp_path / f"contexts-{kill_after}.sqlite"
        child = subprocess.Popen(
            [sys.executable, "-c", APPENDER, f"sqlite:{path}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(kill_after):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        child.stdout.read()
        child.wait()

        read = contexts_at(path).conversations.entries(AYSE, SHOES, limit=1_000)

        assert 2 * kill_after <= len(read)
        assert 0 == len(read) % 2
        assert [*range(1, len(read) + 1)] == [one.version for one in read]
