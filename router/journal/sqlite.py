"""The journal in one SQLite file: WAL, `synchronous=FULL`, one row a group.

The embedded default. A commit is one transaction that checks owner and head, inserts
one blob and moves the head; when it returns, the disk has it. An error after BEGIN is
never retried on the same handle, because a failed fsync may have dropped what it was
asked to keep. The only file that knows `sqlite3`.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from router.journal.codec import FORMAT_VERSION
from router.journal.contract import Head, Snapshot, SnapshotInfo
from router.journal.errors import (
    JournalDamaged,
    JournalError,
    JournalFailed,
    JournalRefused,
    JournalTooNew,
)
from router.journal.reading import CheckedReader, SnapshotRow
from router.journal.record import (
    BEGINNING,
    Row,
    advanced,
    check_head,
    checksum,
    diverged,
    head_checksum,
    is_newest,
    must_own,
)
from router.journal.sqlite_snapshots import SqliteSnapshots

APPLICATION_ID = int.from_bytes(b"Sntl")
_BUSY_MS = 5_000
_PAGE_ROWS = (
    256  # rows fetched at once, so that no reader holds the file's past for long
)
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_GROUP = "SELECT first_sequence, count, checksum, hash, blob FROM event_group"


class SqliteReader(CheckedReader):
    """Reads a file through a connection of its own that cannot write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = f"journal {path}"
        self._connection: sqlite3.Connection | None = None

    def head(self) -> Head:
        with self.guarded("read the head"):
            return self.stored_head()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self.path.exists():
                raise JournalRefused(f"{self.place}: there is none; check the path")
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            self._connection = self._connect(uri)
            with self.guarded("read it", opening=True):
                if not self._is_ours(self._connection):
                    raise JournalRefused(f"{self.place}: it is empty; nothing to read")
        return self._connection

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Runs one statement; its errors are SQLite's own."""
        return self._db().execute(statement, values)

    def _connect(self, uri: str) -> sqlite3.Connection:
        with self.guarded("open it", opening=True):
            connection = sqlite3.connect(
                uri,
                uri=True,
                isolation_level=None,
                timeout=_BUSY_MS / 1000,
                # The host serialises the calls; it may commit from a thread of its own.
                check_same_thread=False,
            )
            # A damaged text must end in our own complaint, not in sqlite3's.
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return connection

    def _is_ours(self, db: sqlite3.Connection) -> bool:
        """Whether a journal is there (not: an empty file); refuses everything else."""
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == 0 and version == 0 and tables == 0:
            return False
        if application != APPLICATION_ID:
            raise JournalRefused(
                f"{self.place}: this SQLite file belongs to another program; name "
                "another path for the journal"
            )
        if version > FORMAT_VERSION:
            raise JournalTooNew(
                f"{self.place}: written in format {version}, and this release reads up "
                f"to {FORMAT_VERSION}; start the release that wrote it, or a later one"
            )
        return True

    def stored_head(self) -> Head:
        row = self.execute(
            "SELECT journal_id, owner, epoch, sequence, hash, format_version, checksum"
            " FROM head"
        ).fetchone()
        if row is None:
            raise JournalDamaged(1, "the head is missing", self.place)
        return check_head(Head(*row[:6]), row[6], self.place)

    def _rows_from(self, sequence: int) -> Iterator[Row]:
        start = self._row_before(sequence + 1)
        position = start[0] - 1 if start is not None else -(2**63)
        while True:
            with self.guarded("read", position + 1):
                page = self.execute(
                    f"{_GROUP} WHERE first_sequence > ?"
                    " ORDER BY first_sequence LIMIT ?",
                    (position, _PAGE_ROWS),
                ).fetchall()
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            position = page[-1][0]

    def _row_before(self, first_sequence: int) -> Row | None:
        with self.guarded("read", first_sequence):
            row: Row | None = self.execute(
                f"{_GROUP} WHERE first_sequence < ?"
                " ORDER BY first_sequence DESC LIMIT 1",
                (first_sequence,),
            ).fetchone()
        return row

    def snapshot_rows(self) -> list[SnapshotRow]:
        with self.guarded("read the snapshots"):
            rows = self.execute(
                "SELECT number, sequence, hash, facts, size, digest, complete"
                " FROM snapshot ORDER BY sequence DESC, number DESC"
            )
            return [
                SnapshotRow._make((*row[:6], row[6] == 1)) for row in rows.fetchall()
            ]

    def snapshot_body(self, number: int) -> bytes:
        with self.guarded("read a snapshot"):
            parts = self.execute(
                "SELECT part, body FROM snapshot_part WHERE number = ? ORDER BY part",
                (number,),
            ).fetchall()
        return b"".join(
            body
            for position, (part, body) in enumerate(parts)
            if part == position and type(body) is bytes
        )

    @contextmanager
    def guarded(
        self, doing: str, sequence: int = 0, *, opening: bool = False
    ) -> Iterator[None]:
        """Turns whatever SQLite says into one of our own complaints."""
        try:
            yield
        # Not even the words of an error are sure to be text in a damaged file.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if opening and code == sqlite3.SQLITE_NOTADB:
                raise JournalRefused(
                    f"{self.place}: this file is not a journal (not even a database); "
                    "name another path"
                ) from error
            if code in _DAMAGE or "no such table" in str(error):
                raise JournalDamaged(
                    max(sequence, 0), str(error), self.place
                ) from error
            if opening:
                raise JournalRefused(
                    f"{self.place}: cannot {doing} ({error}); check that the folder "
                    "and the file can be written by this user"
                ) from error
            raise JournalFailed(
                f"{self.place}: could not {doing} ({error}); the outcome is unknown: "
                "open the journal anew, verify and replay it"
            ) from error


class SqliteJournal(SqliteReader):
    """The writer's handle on a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._mine: Head | None = None

    def open(self, owner: str) -> Head:
        self._check_place()
        self.close()
        self._connection = db = self._connect(self.path.absolute().as_uri())
        try:
            with self.guarded("open it", opening=True):
                self._is_ours(db)  # before anything is changed in a file of others
                (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
                if mode != "wal":
                    raise JournalRefused(
                        f"{self.place}: the file system has no shared memory for WAL; "
                        "put the journal on a local disk"
                    )
                db.execute("PRAGMA synchronous = FULL")
                self._mine = self._take_over(db, owner)
        except JournalError:
            self.close()
            raise
        return self._mine

    def append(self, blob: bytes, first_sequence: int, count: int) -> Head:
        if count < 1:
            raise ValueError(f"a group holds at least one event, not {count}")
        mine = self._must_be_open()
        head = advanced(mine, first_sequence, count, blob)
        with self.transaction("append"):
            if first_sequence == mine.sequence + 1 and self._moved(mine, head):
                self.execute(
                    "INSERT INTO event_group VALUES (?, ?, ?, ?, ?)",
                    (first_sequence, count, checksum(blob), head.hash, blob),
                )
            else:
                head = self._written_before(mine, blob, first_sequence, count)
        self._mine = head
        return head

    def save_snapshot(
        self, sequence: int, chain_hash: bytes, body: bytes, facts: Mapping[str, Any]
    ) -> SnapshotInfo:
        mine = self._must_be_open()
        own = SqliteJournal(self.path)
        own._connection = own._connect(self.path.absolute().as_uri())
        own._mine = mine
        try:
            snapshot = Snapshot(sequence, chain_hash, body, facts)
            return SqliteSnapshots(own, mine).write(snapshot)
        finally:
            own.close()

    def reader(self) -> SqliteReader:
        return SqliteReader(self.path)

    def close(self) -> None:
        super().close()
        self._mine = None

    def _moved(self, mine: Head, head: Head) -> bool:
        """Move the head on, if it is byte for byte where this writer left it."""
        moved = self.execute(
            "UPDATE head SET sequence = ?, hash = ?, checksum = ?"
            " WHERE checksum = ? AND sequence = ? AND hash = ? AND owner = ?",
            (head.sequence, head.hash, head_checksum(head),
             head_checksum(mine), mine.sequence, mine.hash, mine.owner),
        )  # fmt: skip
        return moved.rowcount == 1

    def _written_before(
        self, mine: Head, blob: bytes, first_sequence: int, count: int
    ) -> Head:
        """The store is not where the writer thinks: this very group is in it already,
        or nothing may be written. Raises `Fenced`, `Diverged`, `JournalDamaged`.
        """
        stored = self.stored_head()
        must_own(stored, mine, self.place)
        before = self._row_before(first_sequence)
        previous = before[3] if before is not None else BEGINNING
        if is_newest(stored, previous, first_sequence, count, blob):
            return stored
        raise diverged(stored, mine, first_sequence, self.place)

    def _take_over(self, db: sqlite3.Connection, owner: str) -> Head:
        token = f"{owner}:{secrets.token_hex(16)}"
        with self.transaction("take it over"):
            if self._is_ours(db):  # asked inside: another may have just created it
                stored = self.stored_head()
            else:
                stored = self._create(db)
            head = replace(stored, owner=token, epoch=stored.epoch + 1)
            db.execute(
                "UPDATE head SET owner = ?, epoch = ?, checksum = ?",
                (head.owner, head.epoch, head_checksum(head)),
            )
        return head

    def _create(self, db: sqlite3.Connection) -> Head:
        schema = resources.files("router.journal").joinpath("sqlite.sql").read_text()
        code = "\n".join(line.partition("--")[0] for line in schema.splitlines())
        for statement in code.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        head = Head(secrets.token_hex(16), "", 0, 0, BEGINNING, FORMAT_VERSION)
        db.execute(
            "INSERT INTO head VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            (
                head.journal_id,
                head.owner,
                head.epoch,
                head.sequence,
                head.hash,
                head.format_version,
                head_checksum(head),
            ),
        )
        return head

    def _must_be_open(self) -> Head:
        if self._mine is None or self._connection is None:
            raise JournalFailed(
                f"{self.place}: it is not open, or it failed before; open it, verify "
                "and replay it before going on"
            )
        return self._mine

    def _check_place(self) -> None:
        folder = self.path.absolute().parent
        if not folder.is_dir():
            raise JournalRefused(
                f"{self.place}: the folder {folder} does not exist; create it first"
            )
        if self.path.is_dir():
            raise JournalRefused(f"{self.place}: this is a folder; name a file in it")

    @contextmanager
    def transaction(self, doing: str) -> Iterator[None]:
        """All or nothing; on anything but a refusal the handle is given up."""
        db = self._db()
        try:
            with self.guarded(doing):
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except (JournalFailed, JournalDamaged):
            self.close()
            raise
