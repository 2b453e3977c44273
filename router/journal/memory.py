"""A journal in memory: for tests, benchmarks and a router that may forget.

Keeps every promise of the contract except the one in its name. A `MemoryStore` is what
a file is to SQLite: several journals opened on one store fence each other.
"""

import json
import secrets
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from threading import Lock
from typing import Any

from router.journal.codec import FORMAT_VERSION
from router.journal.contract import SNAPSHOTS_KEPT, Head, Snapshot, SnapshotInfo
from router.journal.errors import JournalFailed, JournalRefused
from router.journal.reading import CheckedReader, SnapshotRow
from router.journal.record import (
    BEGINNING,
    Row,
    advanced,
    check_head,
    checksum,
    continues,
    diverged,
    head_checksum,
    is_newest,
    must_own,
    snapshot_digest,
)

_FIRST_SEQUENCE = itemgetter(0)


@dataclass(slots=True)
class MemoryStore:
    """What outlives a handle."""

    head: Head | None = None
    head_checksum: int = 0
    rows: list[Row] = field(default_factory=list)
    snapshots: list[SnapshotRow] = field(default_factory=list)
    bodies: dict[int, bytes] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class MemoryReader(CheckedReader):
    """Reads a store; safe beside its writer because rows are only ever added."""

    place = "journal memory"

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def head(self) -> Head:
        with self._store.lock:
            head, stored = self._store.head, self._store.head_checksum
        if head is None:
            raise JournalRefused(f"{self.place}: it is not open; open it first")
        return check_head(head, stored, self.place)

    def close(self) -> None:
        """Nothing is held."""

    def _rows_from(self, sequence: int) -> Iterator[Row]:
        rows = self._store.rows
        start = bisect_right(rows, sequence, key=_FIRST_SEQUENCE) - 1
        return iter(rows[max(start, 0) :])

    def _row_before(self, first_sequence: int) -> Row | None:
        rows = self._store.rows
        position = bisect_left(rows, first_sequence, key=_FIRST_SEQUENCE)
        return rows[position - 1] if position else None

    def snapshot_rows(self) -> list[SnapshotRow]:
        return sorted(
            self._store.snapshots,
            key=lambda row: (row.sequence, row.number),
            reverse=True,
        )

    def snapshot_body(self, number: int) -> bytes:
        return self._store.bodies.get(number, b"")


class MemoryJournal(MemoryReader):
    """The writer's handle on a store."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        super().__init__(store or MemoryStore())
        self._mine: Head | None = None

    def open(self, owner: str) -> Head:
        token = f"{owner}:{secrets.token_hex(16)}"
        with self._store.lock:
            head = self._store.head
            if head is None:
                identity = secrets.token_hex(16)
                head = Head(identity, "", 0, 0, BEGINNING, FORMAT_VERSION)
            else:
                check_head(head, self._store.head_checksum, self.place)
            self._mine = replace(head, owner=token, epoch=head.epoch + 1)
            self._put(self._mine)
        return self._mine

    def append(self, blob: bytes, first_sequence: int, count: int) -> Head:
        if count < 1:
            raise ValueError(f"a group holds at least one event, not {count}")
        with self._store.lock:
            stored, mine = self._owned()
            if continues(stored, mine, first_sequence):
                head = advanced(stored, first_sequence, count, blob)
                row = (first_sequence, count, checksum(blob), head.hash, blob)
                self._store.rows.append(row)
                self._put(head)
            else:
                before = self._row_before(first_sequence)
                previous = before[3] if before is not None else BEGINNING
                if not is_newest(stored, previous, first_sequence, count, blob):
                    raise diverged(stored, mine, first_sequence, self.place)
                head = stored
            self._mine = head
        return head

    def save_snapshot(
        self, sequence: int, chain_hash: bytes, body: bytes, facts: Mapping[str, Any]
    ) -> SnapshotInfo:
        text = json.dumps(dict(facts), sort_keys=True)
        with self._store.lock:
            stored, mine = self._owned()
            if self.hash_at(sequence) != chain_hash:
                raise diverged(stored, mine, sequence, self.place)
            number = 1 + max((row.number for row in self._store.snapshots), default=0)
            digest = snapshot_digest(
                stored.journal_id, Snapshot(sequence, chain_hash, body, facts), text
            )
            self._store.bodies[number] = body
            self._store.snapshots.append(
                SnapshotRow(number, sequence, chain_hash, text, len(body), digest, True)
            )
            kept = [row for row in self.snapshot_rows() if row.complete]
            self._store.snapshots = kept[:SNAPSHOTS_KEPT]
            numbers = {row.number for row in self._store.snapshots}
            for number in self._store.bodies.keys() - numbers:
                del self._store.bodies[number]
        return SnapshotInfo(sequence, len(body), True, dict(facts))

    def reader(self) -> MemoryReader:
        return MemoryReader(self._store)

    def _owned(self) -> tuple[Head, Head]:
        if self._mine is None or self._store.head is None:
            raise JournalFailed(f"{self.place}: it is not open; open it first")
        stored = check_head(self._store.head, self._store.head_checksum, self.place)
        must_own(stored, self._mine, self.place)
        return stored, self._mine

    def _put(self, head: Head) -> None:
        self._store.head = head
        self._store.head_checksum = head_checksum(head)
