"""The history-against-journal checker: what clients were told, against what was kept.

Clients log every request with its id, its invocation and its outcome, on one clock.
Afterwards each is joined with the journal by its request id. The journal gives the one
true order, so nothing has to be searched (I13 to I15 of the reliability programme):

- an acknowledged request has exactly one effect, at a sequence its answer had reached;
- a refused request has none; an unknown one has none or one;
- what was answered before another was asked stands before it;
- no answer and no event told a sequence that the journal does not hold.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from router.engine.kinds import Kind, Table
from router.journal.replay import batch_of
from router.journal.sqlite import SqliteReader

MAY_CHANGE_NOTHING = {"AbandonInteraction", "CompleteInteraction", "SetPresence"}
"""Answered with what is there when there is nothing left to do; then without effect."""


@dataclass(slots=True)
class Call:
    """One request of a client, however often it was sent."""

    request_id: str
    method: str
    subject: str
    invoked: float
    answered: float = 0.0
    outcome: str = "unknown"
    """`ok`, `fail:REASON`, or `unknown` when no try was ever answered."""
    sequence: int = 0


@dataclass
class History:
    """What the clients of one run have asked and heard."""

    calls: list[Call] = field(default_factory=list)
    told: list[list[int]] = field(default_factory=list)
    """The sequences of events that each feed was told, in the order of telling."""

    def invoke(self, request_id: str, method: str, subject: str) -> Call:
        call = Call(request_id, method, subject, time.monotonic())
        self.calls.append(call)
        return call

    def count(self, outcome: str) -> int:
        return sum(call.outcome.startswith(outcome) for call in self.calls)


def ok(call: Call, sequence: int) -> None:
    """The call was answered: done, and durable at this sequence."""
    call.answered, call.outcome, call.sequence = time.monotonic(), "ok", sequence


def fail(call: Call, reason: str) -> None:
    """The call was refused."""
    call.answered, call.outcome = time.monotonic(), f"fail:{reason}"


@dataclass(frozen=True)
class Kept:
    """What a journal holds: the effects by request id, and its end."""

    effects: dict[str, list[int]]
    enqueued: dict[str, list[int]]
    last: int


def kept_in(journal: Path) -> Kept:
    """Read a journal from its beginning."""
    reader = SqliteReader(journal)
    effects: dict[str, list[int]] = {}
    enqueued: dict[str, list[int]] = {}
    names: dict[int, str] = {}
    last = 0
    try:
        reader.verify()
        for stored in reader.read(0):
            batch = batch_of(stored.blob)
            names.update(
                (row, text)
                for table, row, text in batch.names
                if table == Table.INTERACTION
            )
            for answer in batch.answers:
                effects.setdefault(answer.request_id, []).append(answer.sequence)
            for k, event in enumerate(batch.events):
                if event["kind"] == Kind.INTERACTION_ENQUEUED:
                    interaction = names[int(event["interaction"])]
                    sequence = batch.first_sequence + k
                    enqueued.setdefault(interaction, []).append(sequence)
            last = batch.last_sequence
    finally:
        reader.close()
    return Kept(effects, enqueued, last)


def faults(history: History, kept: Kept) -> list[str]:
    """Everything that the clients were told and that is not so; empty when all is well."""
    found = []
    ids = [call.request_id for call in history.calls]
    if len(set(ids)) != len(ids):
        found.append("two calls went under one request id")
    for call in history.calls:
        effects = kept.effects.get(call.request_id, [])
        about = f"{call.method} {call.subject} ({call.outcome})"
        if call.outcome == "ok" and not effects and call.method in MAY_CHANGE_NOTHING:
            pass
        elif call.outcome == "ok" and len(effects) != 1:
            found.append(f"I13 {about}: {len(effects)} effects, 1 was acknowledged")
        elif call.outcome == "ok" and not 0 < effects[0] <= call.sequence:
            found.append(f"I13 {about}: effect at {effects[0]}, told {call.sequence}")
        elif call.outcome.startswith("fail") and effects:
            found.append(f"I13 {about}: it was refused and has an effect")
        elif len(effects) > 1:
            found.append(f"I13 {about}: {len(effects)} effects")
        if call.sequence > kept.last:
            found.append(f"I15 {about}: told {call.sequence}, kept up to {kept.last}")
    found += [
        f"I13 {interaction} was enqueued {len(at)} times"
        for interaction, at in kept.enqueued.items()
        if len(at) > 1
    ]
    return found + _order(history, kept) + _tellings(history, kept)


def _order(history: History, kept: Kept) -> list[str]:
    """I14: answered before asked means before in the journal. O(n log n)."""
    done = [
        (call, kept.effects[call.request_id][0])
        for call in history.calls
        if call.outcome == "ok" and len(kept.effects.get(call.request_id, [])) == 1
    ]
    by_answer = sorted(done, key=lambda one: one[0].answered)
    found, position, newest = [], 0, 0
    for call, effect in sorted(done, key=lambda one: one[0].invoked):
        while position < len(by_answer) and by_answer[position][0].answered < (
            call.invoked
        ):
            newest = max(newest, by_answer[position][1])
            position += 1
        if effect <= newest:
            found.append(f"I14 {call.method} {call.subject}: {effect} <= {newest}")
    return found


def _tellings(history: History, kept: Kept) -> list[str]:
    """I15: every feed rises without a double and never runs ahead of the journal."""
    found = []
    for number, told in enumerate(history.told):
        if sorted(set(told)) != told:
            found.append(f"I15 feed {number}: told out of order or twice")
        if told and told[-1] > kept.last:
            found.append(f"I15 feed {number}: told {told[-1]}, kept {kept.last}")
    return found
