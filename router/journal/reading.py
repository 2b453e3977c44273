"""What reading a journal means, over the few questions each store can answer.

Every store's reader is one of these, so that no store can be more trusting than
another: nothing leaves here that was not checked against the chain. It changes nothing.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from itertools import chain as chained
from typing import Any, NamedTuple

from router.journal.contract import (
    Head,
    NewestSnapshot,
    Snapshot,
    SnapshotInfo,
    StoredGroup,
    Verified,
)
from router.journal.errors import JournalDamaged
from router.journal.record import (
    BEGINNING,
    ROW_TYPES,
    Row,
    check_end,
    check_groups,
    has_types,
    snapshot_digest,
)


class SnapshotRow(NamedTuple):
    """A snapshot as stores keep it, without its body."""

    number: int
    sequence: int
    hash: bytes
    facts: str
    size: int
    digest: bytes
    complete: bool


_SNAPSHOT_TYPES = (int, int, bytes, str, int, bytes, bool)


class CheckedReader(ABC):
    """Reads a journal and believes nothing; `place` is how complaints name it."""

    place: str

    @abstractmethod
    def head(self) -> Head: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def _rows_from(self, sequence: int) -> Iterator[Row]:
        """All rows in order, beginning with the last that starts at or before a
        sequence (or with the first of all).
        """

    @abstractmethod
    def _row_before(self, first_sequence: int) -> Row | None:
        """The last row that starts before a sequence."""

    @abstractmethod
    def snapshot_rows(self) -> list[SnapshotRow]:
        """All snapshots, complete or not, newest first."""

    @abstractmethod
    def snapshot_body(self, number: int) -> bytes:
        """What is there of a snapshot's body."""

    def read(
        self, after_sequence: int, *, limit: int | None = None
    ) -> Iterator[StoredGroup]:
        head = self.head()
        if after_sequence >= head.sequence:
            return
        sequence, chain_hash, yielded = 0, BEGINNING, 0
        for group in self._checked(head.journal_id, after_sequence):
            if group.first_sequence > head.sequence:
                break  # appended since we looked
            sequence, chain_hash = group.last_sequence, group.hash
            if sequence > after_sequence:
                if yielded == limit:
                    return
                yield group
                yielded += 1
        check_end(head, sequence, chain_hash, self.place)

    def verify(self, after_sequence: int = 0) -> Verified:
        head = self.head()
        groups = events = 0
        sequence, chain_hash, beyond = 0, BEGINNING, 0
        # The newest group is always looked at: a tail may be cut right at a snapshot.
        after = max(0, min(after_sequence, head.sequence - 1))
        for group in self._checked(head.journal_id, after):
            if group.first_sequence > head.sequence:
                beyond = group.last_sequence
                continue
            groups, events = groups + 1, events + group.count
            sequence, chain_hash = group.last_sequence, group.hash
        check_end(head, sequence, chain_hash, self.place)
        # A writer beside us may have gone on; then its head has moved as well by now.
        if beyond > self.head().sequence:
            check_end(head, beyond, chain_hash, self.place)
        return Verified(groups, events, head, self._snapshot_warnings(head))

    def newest_snapshot(self, at_most: int | None = None) -> NewestSnapshot:
        head = self.head()
        warnings: list[str] = []
        for row in self.snapshot_rows():
            # Damage may have changed even the type of a sequence.
            known = type(row.sequence) is int
            if known and at_most is not None and row.sequence > at_most:
                continue
            snapshot = self._sound(row, head)
            if isinstance(snapshot, Snapshot):
                return NewestSnapshot(snapshot, tuple(warnings))
            warnings.append(snapshot)
        return NewestSnapshot(None, tuple(warnings))

    def snapshots(self) -> list[SnapshotInfo]:
        return [
            SnapshotInfo(
                row.sequence, row.size, row.complete, facts_of(row.facts) or {}
            )
            for row in self.snapshot_rows()
        ]

    def hash_at(self, sequence: int) -> bytes | None:
        """The chain's value at the end of the group that ends there, if one does."""
        row = self._row_before(sequence + 1)
        if row is None or not has_types(row, ROW_TYPES):
            return None
        return row[3] if row[0] + row[1] - 1 == sequence else None

    def _checked(self, journal_id: str, after_sequence: int) -> Iterator[StoredGroup]:
        rows = self._rows_from(after_sequence + 1)
        first = next(rows, None)
        if first is None:
            return
        previous = self._row_before(first[0])
        sequence, chain_hash = 0, BEGINNING
        if previous is not None:
            if not has_types(previous, ROW_TYPES):
                what = "a value has changed its type"
                raise JournalDamaged(after_sequence, what, self.place)
            sequence, chain_hash = previous[0] + previous[1] - 1, previous[3]
        yield from check_groups(
            journal_id, chained((first,), rows), sequence, chain_hash, self.place
        )

    def _snapshot_warnings(self, head: Head) -> tuple[str, ...]:
        warnings = []
        for row in self.snapshot_rows():
            snapshot = self._sound(row, head)
            if isinstance(snapshot, str):
                warnings.append(snapshot)
        return tuple(warnings)

    def _sound(self, row: SnapshotRow, head: Head) -> Snapshot | str:
        """The snapshot with its body, or one line on why it is passed over."""
        name = f"{self.place}: snapshot at sequence {row.sequence} passed over"
        if not has_types(row, _SNAPSHOT_TYPES):
            return f"{name}: it is damaged"
        if not row.complete:
            return f"{name}: it was never completed"
        body = self.snapshot_body(row.number)
        facts = facts_of(row.facts)
        if len(body) != row.size or facts is None:
            return f"{name}: it is damaged"
        snapshot = Snapshot(row.sequence, row.hash, body, facts)
        if snapshot_digest(head.journal_id, snapshot, row.facts) != row.digest:
            return f"{name}: it is damaged"
        # Asked again, because a writer beside us may have gone on meanwhile.
        if row.sequence > self.head().sequence:
            what = (
                f"a snapshot was taken at {row.sequence}, and the journal ends before: "
                "the tail was cut"
            )
            raise JournalDamaged(head.sequence + 1, what, self.place)
        if self.hash_at(row.sequence) != row.hash:
            return f"{name}: it belongs to another chain"
        return snapshot


def facts_of(text: str) -> Mapping[str, Any] | None:
    """A snapshot's facts, or nothing when they cannot be read."""
    try:
        facts = json.loads(text)
    except (TypeError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None
