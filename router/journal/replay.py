"""From a journal back to an engine: as it is now, or as it was after any event.

Recovery, following and time travel are one thing: the newest snapshot that is early
enough, then `apply` in a loop. The journal's groups are decoded here into the engine's
batches, and the other way round.
"""

from collections.abc import Callable
from dataclasses import dataclass

from router.engine.batch import Batch
from router.engine.engine import Engine, TablesUnfit
from router.engine.requests import Answered
from router.engine.snapshot import SnapshotUnfit, restore
from router.journal.codec import decode, encode
from router.journal.contract import JournalReader
from router.journal.errors import JournalTooNew
from router.journal.group import Document, Group
from router.policy.load import load_policy
from router.policy.policy import Policy


def blob_of(batch: Batch) -> bytes:
    """A batch as the bytes of one journal group."""
    return encode(
        Group(
            first_sequence=batch.first_sequence,
            events=batch.events,
            names=batch.names,
            outcomes=[
                # In the order of `Outcome`, but as a plain tuple: there are many.
                (*a[:4], 0, "", "", *a[4:])
                for a in batch.answers
            ],
            payload=batch.payload,
            documents=[Document(*document) for document in batch.documents],
        )
    )


def batch_of(blob: bytes) -> Batch:
    """The bytes of one journal group as a batch. Raises `JournalDamaged`."""
    group = decode(blob)
    return Batch(
        first_sequence=group.first_sequence,
        events=group.events,
        names=[(int(table), int(row), str(text)) for table, row, text in group.names],
        answers=[
            Answered(*o[:4], *o[7:])  # without code, reason and message
            for o in group.outcomes
        ],
        payload=group.payload,
        documents=[(d.kind, d.name, d.text) for d in group.documents],
    )


def read_policy(text: str) -> Policy:
    """The policy a journal speaks of, read again from the text it was published as."""
    return load_policy(text, file="the journal's policy")


@dataclass(frozen=True, slots=True)
class Recovered:
    """An engine made from a journal, what it was made from, and what was passed over on
    the way.
    """

    engine: Engine
    snapshot_sequence: int
    events: int
    warnings: tuple[str, ...]


def recover(
    reader: JournalReader,
    *,
    until: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Recovered:
    """The engine as it was after event `until` (default: the last). Raises
    `JournalDamaged`.

    `progress` is told the sequence reached, now and then.
    """
    newest = reader.newest_snapshot(until)
    warnings = list(newest.warnings)
    engine = Engine()
    start = 0
    if newest.snapshot is not None:
        try:
            engine = restore(newest.snapshot.body, read_policy)
            start = newest.snapshot.sequence
        except SnapshotUnfit as unfit:
            warnings.append(
                f"snapshot at sequence {newest.snapshot.sequence} passed over: {unfit}"
            )
    events = 0
    for stored in reader.read(start):
        if until is not None and stored.first_sequence > until:
            break
        batch = batch_of(stored.blob)
        if until is not None and batch.last_sequence > until:
            batch.events = batch.events[: until - batch.first_sequence + 1]
        try:
            engine.replay(batch)
        except TablesUnfit as unfit:
            raise JournalTooNew(str(unfit)) from unfit
        events += len(batch.events)
        if progress is not None:
            progress(batch.last_sequence)
    engine.recall(read_policy)
    return Recovered(engine, start, events, tuple(warnings))
