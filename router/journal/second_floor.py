"""What the journal checker believes: a second, naive floor of plain objects in dicts.

Stands beside `checker`, which is its only writer. Written apart from the engine on
purpose: no tables, no lists threaded through rows, no cached sums, so that a mistake in
the engine's bookkeeping cannot be repeated here. It must never import the engine's
`apply`, `facts` or `orders`; of the engine it knows the shape of events and of the
definition rows, which is all that a journal holds.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass
from heapq import heappush
from typing import Any, Final, NamedTuple

import numpy as np

from router.engine.kinds import Table
from router.engine.tables import (
    CHANNEL_RULES,
    CLAUSE,
    LADDER,
    LINE,
    NOBODY,
    QUEUE_RULES,
    ROSTER,
    RULES,
    STEP,
)
from router.journal.second_customers import SecondCustomers
from router.model.interaction import State

SHAPES: Final = {
    Table.ROSTER: ROSTER,
    Table.QUEUE_RULES: QUEUE_RULES,
    Table.CHANNEL_RULES: CHANNEL_RULES,
    Table.RULES: RULES,
    Table.LINE: LINE,
    Table.LADDER: LADDER,
    Table.STEP: STEP,
    Table.CLAUSE: CLAUSE,
}
"""The shape of the rows that `ROW_DEFINED` writes, by table."""


VIOLATIONS_MAX: Final = 1_000
"""A broken journal breaks a promise with every event; so many are enough to see."""

PRESENT: Final = (State.QUEUED, State.OFFERED, State.ACTIVE, State.WRAPPING)
HELD: Final = (State.OFFERED, State.ACTIVE, State.WRAPPING)
"""The states in which an agent has it in their hands."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: at which event, which invariant, and what is wrong."""

    sequence: int
    invariant: str
    what: str


class Fact(NamedTuple):
    """An event as plain integers, in the order of the fields of `EVENT`."""

    at: int
    kind: int
    reason: int
    step: int
    presence: int
    channel: int
    mode: int
    interaction: int
    agent: int
    other: int
    queue: int
    line: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody needs
    eligible: int
    match_round: int
    weight: int
    conversation: int
    customer: int
    offer: int
    until: int
    since: int
    score: int
    value: int
    not_before: int
    context: int


class SecondInteraction:
    """One interaction as the events tell it. Times are engine time in ms."""

    __slots__ = (
        "acknowledged",
        "agent",
        "answered_at",
        "attempts",
        "channel",
        "companion",
        "companion_since",
        "context",
        "conversation",
        "cooling",
        "customer",
        "deadline",
        "declined",
        "entered",
        "excluded",
        "hold_over",
        "hold_until",
        "interrupted",
        "line",
        "not_before",
        "offer",
        "opened",
        "owned_since",
        "owner",
        "predecessor",
        "queue",
        "queued_at",
        "relation",
        "root",
        "row",
        "serial",
        "since",
        "source",
        "state",
        "state_at",
        "step",
        "successors",
        "team",
        "weighed_until",
        "weight",
        "wrap_up_at",
    )

    def __init__(self, row: int) -> None:
        self.row = row
        self.state: State = State.NONE
        self.state_at = 0
        self.channel = 0
        self.queue = NOBODY
        self.line = NOBODY
        self.step = 0
        self.weight = 0
        self.since = 0
        """Origin of its age."""
        self.queued_at = 0
        """When this spell of waiting began."""
        self.answered_at = 0
        self.wrap_up_at = 0
        self.deadline = 0
        self.agent = NOBODY
        self.offer = 0
        self.attempts = 0
        self.owner = NOBODY
        self.team = NOBODY
        """The group that has its customer's account; as it was on arrival."""
        self.source = 0
        self.owned_since = 0
        self.hold_until = 0
        self.weighed_until = 0
        self.hold_over = False
        self.conversation = NOBODY
        self.customer = NOBODY
        self.root = NOBODY
        """Who the customer is, after all merges."""
        self.predecessor = NOBODY
        self.relation = 0
        self.successors: list[int] = []
        self.companion = NOBODY
        """While it waits: the agent at another live channel of the customer."""
        self.companion_since = 0
        self.opened = False
        self.not_before = 0
        self.context = 0
        self.acknowledged = 0
        self.interrupted = False
        self.serial = 0
        """Its place in the order of arrival."""
        self.entered = 0
        """The sequence at which it last came into a line."""
        self.excluded: set[int] = set()
        self.declined: set[int] = set()
        self.cooling: list[tuple[int, int]] = []
        """Pairs that rest, or have rested unnoticed while it rang: (agent, until)."""

    def __str__(self) -> str:
        return f"interaction {self.row} ({self.state.name})"

    def enter(self, state: State, at: int) -> None:
        self.state = state
        self.state_at = at

    @property
    def held_for(self) -> int:
        """The one agent who may have it because they have its customer, or nobody."""
        return NOBODY if self.opened else self.companion

    def bars(self, at: int) -> tuple[object, ...]:
        """Everybody whom it may not be offered to: two alike have the same chances."""
        resting = {agent for agent, until in self.cooling if until > at}
        held = at < self.hold_until
        scheduled = at < self.not_before
        return self.excluded, self.declined, resting, held, self.held_for, scheduled

    def shuns(self, agent: int, at: int, exclude_decliner: bool) -> str:
        """Why this pair may not come together at `at`, or nothing."""
        if at < self.not_before:
            return "before it is due"
        if self.held_for not in (NOBODY, agent):
            return "while another has its customer"
        if agent in self.excluded:
            return "who is excluded"
        if exclude_decliner and agent in self.declined:
            return "who has declined it"
        if any(who == agent and until > at for who, until in self.cooling):
            return "while the pair rests"
        held = at < self.hold_until and self.held_for == NOBODY
        if self.owner not in (NOBODY, agent) and held:
            return "while it is held back for its owner"
        return ""


class SecondAgent:
    """One agent as the events tell it: presence, and the work in their hands by row."""

    __slots__ = (
        "link",
        "presence",
        "reachable",
        "requested",
        "row",
        "session",
        "signed_in",
        "work",
    )

    def __init__(self, row: int) -> None:
        self.row = row
        self.signed_in = False
        self.reachable = False
        self.link = 0
        self.session = 0
        self.presence = 0
        self.requested = NOBODY
        self.work: dict[int, SecondInteraction] = {}
        """Offers that ring and live work alike."""

    def load(self) -> int:
        """Capacity units taken: all work but what is set aside."""
        return sum(x.weight for x in self.work.values() if not x.interrupted)

    def open_offers(self) -> int:
        return sum(x.state == State.OFFERED for x in self.work.values())

    def live(self) -> int:
        return sum(x.state != State.OFFERED for x in self.work.values())

    def on_channel(self, channel: int) -> int:
        return sum(x.channel == channel for x in self.work.values())


class SecondRules:
    """The definitions in force: rows of each table, by number, as plain values."""

    def __init__(self) -> None:
        self.tables: dict[Table, dict[int, dict[str, Any]]] = {t: {} for t in SHAPES}

    def define(self, table: Table, row: int, payload: bytes, offset: int) -> None:
        """Reads a row out of a payload; raises `ValueError` if it is not there."""
        shape = SHAPES[table]
        record = np.frombuffer(payload, shape, 1, offset)[0]
        names = shape.names or ()
        self.tables[table][row] = dict(zip(names, record.tolist(), strict=True))

    def get(self, table: Table, row: int, field: str, default: int = 0) -> int:
        """One value of a definition, or `default` where nothing is defined."""
        found = self.tables[table].get(row)
        return default if found is None else int(found[field])

    def roster(self, agent: int) -> dict[str, Any] | None:
        """What an agent can do, while they are on the roster."""
        found = self.tables[Table.ROSTER].get(agent)
        return found if found and found["defined"] else None

    def queue(self, row: int) -> dict[str, Any] | None:
        """The rules of a queue, while the policy has it."""
        found = self.tables[Table.QUEUE_RULES].get(row)
        return found if found and found["defined"] else None

    def steps(self, line: int) -> int:
        """How many rungs the ladder of a line has."""
        ladder = self.get(Table.LINE, line, "ladder", NOBODY)
        return self.get(Table.LADDER, ladder, "steps")

    def after_ms(self, line: int, step: int) -> int:
        """The age from which on a rung of a line's ladder counts."""
        ladder = self.get(Table.LINE, line, "ladder", NOBODY)
        first = self.get(Table.LADDER, ladder, "first_step")
        return self.get(Table.STEP, first + step, "after_ms")


class SecondFloor:
    """Everything that the events so far have made true, and what was wrong with them.

    Sums are never kept, always counted; only waiting lines are kept in order, for
    otherwise judging a day would take a day.
    """

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.interactions: dict[int, SecondInteraction] = {}
        """Present ones, and those at their end that are not forgotten yet."""
        self.agents: dict[int, SecondAgent] = {}
        self.rules = SecondRules()
        self.book = SecondCustomers(self)
        self.lines: dict[int, list[tuple[int, int, int]]] = {}
        """Who waits: (origin of age, order of arrival, row), the oldest first."""
        self.deadlines: list[tuple[int, int]] = []
        """A heap of (deadline, row); those that were overtaken are still in it."""
        self.sequence = 0
        self.now = 0
        self.created = 0
        self.ended: dict[State, int] = {}
        """Ends by state; a dead letter that was revived has not ended."""
        self.policy_version = 0
        self.started_at = 0
        self.last_offer = 0
        self.last_round = 0
        self.policy_pending = False
        """Rules were written that no publication has put in force yet."""
        self.overtaken: list[tuple[int, int, int]] = []
        """Within the joint round at hand: (sequence, the older, the younger)."""
        self.round: Fact | None = None
        """The joint round whose offers are being made."""
        self.round_sequence = 0

    def say(self, invariant: str, what: str) -> None:
        """Note a violation at the event at hand."""
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(self.sequence, invariant, what))

    def agent(self, row: int) -> SecondAgent:
        """An agent; one whom no event has spoken of has never signed in."""
        agent = self.agents.get(row)
        if agent is None:
            agent = self.agents[row] = SecondAgent(row)
        return agent

    def waiting(self, line: int) -> list[SecondInteraction]:
        """Who waits in a line, the oldest first."""
        return [self.interactions[row] for _, _, row in self.lines.get(line, ())]

    def join_line(self, x: SecondInteraction) -> None:
        # Whoever comes into a line is weighed by the policy in force.
        x.weight = self.rules.get(Table.CHANNEL_RULES, x.channel, "weight")
        insort(self.lines.setdefault(x.line, []), (x.since, x.serial, x.row))
        x.entered = self.sequence

    def leave_line(self, x: SecondInteraction) -> None:
        line = self.lines.get(x.line, [])
        place = bisect_left(line, (x.since, x.serial, x.row))
        if place < len(line) and line[place][2] == x.row:
            del line[place]

    def leave(self, x: SecondInteraction) -> None:
        """Out of the one place where it is: a line, or an agent's hands."""
        if x.state == State.QUEUED:
            self.leave_line(x)
        elif x.state in HELD:
            self.agent(x.agent).work.pop(x.row, None)
        x.agent = NOBODY
        x.offer = 0
        x.deadline = 0
        x.interrupted = False

    def arm(self, x: SecondInteraction, deadline: int) -> None:
        """Give it the deadline of the state it is in, which must lie ahead."""
        if deadline <= self.now:
            self.say("I6", f"{x} has no deadline ahead: {deadline}")
        x.deadline = deadline
        heappush(self.deadlines, (deadline, x.row))
