"""What every journal does, whatever it is stored in.

The host knows this page and no store. One writer at a time holds a journal: opening it
takes it from whoever had it, and the previous holder is fenced at its next append.
Every call is synchronous and none is ever cancelled half-way. A store that passes the
suite in tests/journal keeps all that is promised here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SNAPSHOTS_KEPT = 3
"""Complete snapshots that are kept; older ones are deleted after a new one is complete.
"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal ends and who may go on.

    `sequence` is that of the last event, 0 in an empty journal; `hash` is the chain's
    value there; `owner` is the holder's token, fresh at every opening; `epoch` counts
    openings.
    """

    journal_id: str
    owner: str
    epoch: int
    sequence: int
    hash: bytes
    format_version: int


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group as it is stored, checked against its checksum and the chain."""

    first_sequence: int
    count: int
    blob: bytes
    hash: bytes

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + self.count - 1


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification went through, and what it found that does not matter for
    replay.
    """

    groups: int
    events: int
    head: Head
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The floor's tables as they were after event `sequence`, where the chain's value
    was `hash`. `facts` are the writer's notes (JSON values), covered by the same check.
    """

    sequence: int
    hash: bytes
    body: bytes
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A snapshot in the list, its body neither read nor checked. `size` is in bytes."""

    sequence: int
    size: int
    complete: bool
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewestSnapshot:
    """The newest snapshot that can be trusted, if any, and one line for every one that
    was passed over because it is incomplete or damaged.
    """

    snapshot: Snapshot | None
    warnings: tuple[str, ...] = ()


class JournalReader(Protocol):
    """Reads beside the writer, from any thread, without taking the journal over.

    A reader belongs to one thread at a time. All of it raises `JournalDamaged` where
    what is stored is not what was written, and `JournalRefused` where no journal is.
    """

    def head(self) -> Head:
        """The head as it is stored now."""

    def read(
        self, after_sequence: int, *, limit: int | None = None
    ) -> Iterator[StoredGroup]:
        """Yields the groups that hold events after a sequence, up to the present head.

        The first may begin earlier: a group is never split. Each is checked before it
        is yielded, and the last must end at the head. `limit` counts groups.
        """

    def verify(self, after_sequence: int = 0) -> Verified:
        """Reads everything, or the tail after a sequence and at least the newest group,
        and answers for it; raises `JournalDamaged` with the first sequence that cannot
        be trusted.

        Finds changed bytes, missing, added, swapped and foreign groups, a tail that was
        cut, a changed head. Damaged snapshots are warnings: replay can do without them.
        It cannot find that the whole journal was put back to an earlier, complete
        state.
        """

    def newest_snapshot(self, at_most: int | None = None) -> NewestSnapshot:
        """The newest sound snapshot, no later than sequence `at_most`."""

    def snapshots(self) -> list[SnapshotInfo]:
        """All snapshots, newest first."""

    def close(self) -> None:
        """Lets go. A journal that is closed without being resigned keeps its owner."""


class Journal(JournalReader, Protocol):
    """The writer's handle."""

    def open(self, owner: str) -> Head:
        """Takes the journal over (creating it if there is none) and fences whoever had
        it.

        `owner` names the router; the token in the head adds 128 random bits to it, so
        that two routers of one name are still two owners. Does not verify.
        """

    def append(self, blob: bytes, first_sequence: int, count: int) -> Head:
        """Stores one group and returns when it is durable.

        Sending the newest group again is answered with the same head and changes
        nothing. Raises `Fenced` when another has taken over, `Diverged` when the
        journal does not end at `first_sequence - 1` as this handle knows it (nothing
        was written in either case), and `JournalFailed` when the outcome is unknown.
        """

    def save_snapshot(
        self, sequence: int, chain_hash: bytes, body: bytes, facts: Mapping[str, Any]
    ) -> SnapshotInfo:
        """Writes a snapshot, reads it back, and only then counts it as one.

        May run in a thread beside `append`. `sequence` must be the end of a group and
        `hash` the chain's value there (else `Diverged`). Keeps the newest
        `SNAPSHOTS_KEPT`.
        """

    def reader(self) -> JournalReader:
        """A reader of its own for another thread; needs no `open`."""
