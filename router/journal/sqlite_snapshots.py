"""Writing snapshots into the journal's file while the journal goes on beside it.

Runs in a thread, on a connection of its own, in transactions of at most 256 kB: a
commit of the journal never waits for longer than one of them. A snapshot counts only
when it was read back and marked as complete, so whatever interrupts this leaves nothing
that could be taken for one.
"""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from router.journal.contract import SNAPSHOTS_KEPT, Head, Snapshot, SnapshotInfo
from router.journal.errors import JournalDamaged
from router.journal.reading import SnapshotRow
from router.journal.record import diverged, must_own, snapshot_digest

PART_BYTES = 256 * 1024


class SnapshotFile(Protocol):
    """What is asked of the journal's file here."""

    place: str

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any: ...

    def guarded(self, doing: str) -> AbstractContextManager[None]: ...

    def transaction(self, doing: str) -> AbstractContextManager[None]: ...

    def stored_head(self) -> Head: ...

    def hash_at(self, sequence: int) -> bytes | None: ...

    def snapshot_rows(self) -> list[SnapshotRow]: ...

    def snapshot_body(self, number: int) -> bytes: ...


class SqliteSnapshots:
    """Writes and forgets snapshots for the owner `mine`."""

    def __init__(self, file: SnapshotFile, mine: Head) -> None:
        self._file = file
        self._mine = mine

    def write(self, snapshot: Snapshot) -> SnapshotInfo:
        """Writes a snapshot whole and answers when the disk has it.

        Raises what `Journal.save_snapshot` raises.
        """
        file = self._file
        with file.guarded("write a snapshot"):
            # Parts need not reach the disk one by one: the transaction that completes
            # the snapshot is FULL again and syncs everything before it.
            file.execute("PRAGMA synchronous = NORMAL")
        number = self._begin(snapshot)
        for part, start in enumerate(range(0, len(snapshot.body), PART_BYTES)):
            with file.transaction("write a part of a snapshot"):
                file.execute(
                    "INSERT INTO snapshot_part VALUES (?, ?, ?)",
                    (number, part, snapshot.body[start : start + PART_BYTES]),
                )
        if file.snapshot_body(number) != snapshot.body:
            what = "a snapshot did not read back as it was written"
            raise JournalDamaged(snapshot.sequence, what, file.place)
        with file.guarded("complete a snapshot"):
            file.execute("PRAGMA synchronous = FULL")
        with file.transaction("complete a snapshot"):
            must_own(file.stored_head(), self._mine, file.place)
            file.execute("UPDATE snapshot SET complete = 1 WHERE number = ?", (number,))
        self._forget()
        return SnapshotInfo(
            snapshot.sequence, len(snapshot.body), True, dict(snapshot.facts)
        )

    def _begin(self, snapshot: Snapshot) -> int:
        file = self._file
        facts = facts_as_text(snapshot.facts)
        digest = snapshot_digest(self._mine.journal_id, snapshot, facts)
        with file.transaction("begin a snapshot"):
            stored = file.stored_head()
            must_own(stored, self._mine, file.place)
            if file.hash_at(snapshot.sequence) != snapshot.hash:
                raise diverged(stored, self._mine, snapshot.sequence, file.place)
            number: int = file.execute(
                "INSERT INTO snapshot (sequence, hash, facts, size, digest, complete)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (snapshot.sequence, snapshot.hash, facts, len(snapshot.body), digest),
            ).lastrowid
        return number

    def _forget(self) -> None:
        """Deletes what is older than the kept ones and what was never completed, part
        by part as it was written.
        """
        file = self._file
        rows = file.snapshot_rows()
        kept = [row.number for row in rows if row.complete][:SNAPSHOTS_KEPT]
        for number in [row.number for row in rows if row.number not in kept]:
            with file.transaction("forget a snapshot"):
                file.execute(
                    "UPDATE snapshot SET complete = 0 WHERE number = ?", (number,)
                )
                parts = file.execute(
                    "SELECT part FROM snapshot_part WHERE number = ?", (number,)
                ).fetchall()
            for (part,) in parts:
                with file.transaction("forget a snapshot"):
                    file.execute(
                        "DELETE FROM snapshot_part WHERE number = ? AND part = ?",
                        (number, part),
                    )
            with file.transaction("forget a snapshot"):
                file.execute("DELETE FROM snapshot WHERE number = ?", (number,))


def facts_as_text(facts: Mapping[str, Any]) -> str:
    """Facts as JSON in one fixed form, because the digest covers the text."""
    return json.dumps(dict(facts), sort_keys=True)
