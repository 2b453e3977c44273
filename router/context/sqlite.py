"""A SQLite file of ours: WAL, `synchronous=FULL`, deleted bytes overwritten.

The only file of the context that knows `sqlite3`. What the tables mean is known by
`sqlite_store` and `sqlite_keys`, which ask this one for statements and transactions. An
error after BEGIN is never retried on the same handle, because a failed fsync may have
dropped what it was asked to keep.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from router.context.errors import (
    ContextStoreError,
    StoreDamaged,
    StoreFailed,
    StoreRefused,
    StoreTooNew,
)

_BUSY_MS = 5_000
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class Form:
    """What a file of one sort is called, marked with, and made of."""

    name: str
    application_id: int
    version: int
    schema: str


class SqliteFile:
    """One connection to one file."""

    def __init__(self, path: Path, form: Form) -> None:
        self.path = path
        self.form = form
        self.place = f"{form.name} {path}"
        self._connection: sqlite3.Connection | None = None

    def open_to_write(self) -> None:
        """Opens the file, making it if there is none."""
        self._check_place()
        self.close()
        with contextlib.suppress(OSError):  # SQLite says it better
            # Before SQLite makes it, so that its log is nobody else's to read either.
            self.path.touch(mode=0o600)
        self._connection = db = self._connect(self.path.absolute().as_uri())
        try:
            with self.guarded("open it", opening=True):
                self._is_ours(db)  # before anything is changed in a file of others
                db.execute("PRAGMA secure_delete = ON")
                (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
                if mode != "wal":
                    raise StoreRefused(
                        f"{self.place}: the file system has no shared memory for WAL; "
                        "put it on a local disk"
                    )
                db.execute("PRAGMA synchronous = FULL")
            with self.transaction("open it"):
                if not self._is_ours(db):
                    self._create(db)
        except ContextStoreError:
            self.close()
            raise

    def open_to_read(self) -> None:
        """Opens a connection that cannot write."""
        if not self.path.exists():
            raise StoreRefused(f"{self.place}: there is none; check the path")
        self._connection = self._connect(f"{self.path.absolute().as_uri()}?mode=ro")
        with self.guarded("read it", opening=True):
            if not self._is_ours(self._connection):
                raise StoreRefused(f"{self.place}: it is empty; nothing to read")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def all(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Every row of an answer."""
        try:
            return self._db().execute(statement, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._complaint(error, "read", opening=False) from error

    def one(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        """The first row of an answer, or None."""
        try:
            return self._db().execute(statement, values).fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._complaint(error, "read", opening=False) from error

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> int:
        """Changes something inside a transaction; how many rows."""
        return self._db().execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db().executemany(statement, rows)

    def is_sound(self) -> bool:
        """Whether SQLite finds every page in order; reads the whole file."""
        return self.all("PRAGMA quick_check(1)") == [("ok",)]

    def scrub(self) -> bool:
        """Brings the log into the file and empties it; False when a reader is there.

        What was deleted was overwritten in the file's pages; afterwards the log holds
        no older copy of them either.
        """
        with self.guarded("empty its log"):
            db = self._db()
            db.execute("PRAGMA busy_timeout = 0")
            try:
                (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        return not busy

    def compact(self) -> None:
        """Writes the file anew without free space; takes as long as the file is big."""
        with self.guarded("compact it"):
            self._db().execute("VACUUM")

    @contextlib.contextmanager
    def transaction(self, doing: str) -> Iterator[None]:
        """All or nothing; on a failure of the store the handle is given up."""
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
        except (StoreFailed, StoreDamaged):
            self.close()
            raise

    @contextlib.contextmanager
    def guarded(self, doing: str, *, opening: bool = False) -> Iterator[None]:
        """Turns whatever SQLite says into one of our own complaints."""
        try:
            yield
        # Not even the words of an error are sure to be text in a damaged file.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._complaint(error, doing, opening=opening) from error

    def _complaint(
        self, error: Exception, doing: str, *, opening: bool
    ) -> ContextStoreError:
        """What SQLite said, in one of our own lines."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if opening and code == sqlite3.SQLITE_NOTADB:
            return StoreRefused(
                f"{self.place}: this file is none (not even a database); name another "
                "path"
            )
        missing = "no such table" in str(error) or "no such column" in str(error)
        if code in _DAMAGE or missing or isinstance(error, UnicodeDecodeError):
            return StoreDamaged(str(error), self.place)
        if opening:
            return StoreRefused(
                f"{self.place}: cannot {doing} ({error}); check that the folder and "
                "the file can be written by this user"
            )
        return StoreFailed(
            f"{self.place}: could not {doing} ({error}); the outcome is unknown: open "
            "it anew"
        )

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
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return connection

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreFailed(
                f"{self.place}: it is not open, or it failed before; open it anew"
            )
        return self._connection

    def _is_ours(self, db: sqlite3.Connection) -> bool:
        """Whether one of ours is there (not: an empty file); refuses all else."""
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == 0 and version == 0 and tables == 0:
            return False
        if application != self.form.application_id:
            raise StoreRefused(
                f"{self.place}: this SQLite file belongs to another program, or is "
                "another of ours; name another path"
            )
        if version > self.form.version:
            raise StoreTooNew(
                f"{self.place}: written in format {version}, and this release reads up "
                f"to {self.form.version}; start the release that wrote it, or a later "
                "one"
            )
        return True

    def _create(self, db: sqlite3.Connection) -> None:
        file = resources.files("router.context").joinpath(self.form.schema)
        lines = file.read_text(encoding="utf-8").splitlines()
        code = "\n".join(line.partition("--")[0] for line in lines)
        for statement in code.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {self.form.application_id}")
        db.execute(f"PRAGMA user_version = {self.form.version}")

    def _check_place(self) -> None:
        folder = self.path.absolute().parent
        if not folder.is_dir():
            raise StoreRefused(
                f"{self.place}: the folder {folder} does not exist; create it first"
            )
        if self.path.is_dir():
            raise StoreRefused(f"{self.place}: this is a folder; name a file in it")
