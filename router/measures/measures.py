"""`Measures`: takes events in and hands figures out.

It stands beside the journal: it reads no clock, opens nothing and never changes a
floor. The live router keeps one, the simulator one a replication, and a report one an
interval, so plan and dashboard agree by construction. What a figure means stands in
`figures`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from router.engine.kinds import Kind
from router.engine.tables import EVENT, Floor, Record
from router.measures.figures import Account, AgentMeasures, Histogram, QueueMeasures
from router.measures.fold import close_states, fold_events, settle_states
from router.measures.shapes import (
    COUNT_NAMES,
    HANDLE_BOUNDS_MS,
    WAIT_BOUNDS_MS,
    WRAP_UP_BOUNDS_MS,
    AgentState,
    Entry,
    Outcome,
    Phase,
)
from router.measures.tables import SHORT_ABANDON_MS, TARGET_MS, Tables
from router.model.agent import AgentKind
from router.model.interaction import State

_PHASE_OF: Final = {
    State.QUEUED: Phase.WAITING,
    State.OFFERED: Phase.OFFERED,
    State.ACTIVE: Phase.ACTIVE,
    State.WRAPPING: Phase.WRAPPING,
}


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """What counts as in time in a queue, and as a short abandonment."""

    target_ms: int = TARGET_MS
    short_abandon_ms: int = SHORT_ABANDON_MS
    target_percent: int = 80
    """How many are to be in time; no count depends on it."""


class Measures:
    """Counts by queue, channel and way of entry, and agents' time by state.

    Queues and agents are rows, as in the events. Facts about interactions it has never
    met are left out: a fold that begins in the middle of a history begins with
    `start_from`.
    """

    def __init__(self, targets: Mapping[int, QueueTarget] | None = None) -> None:
        """`targets` by queue row; the default target stands for queues without one."""
        self._tables = Tables()
        self._tables.make_room(16, 1_024, 64)
        self._targets: dict[int, QueueTarget] = {}
        self.set_targets(targets or {})

    # ------------------------------------------------------------ taking events in

    @property
    def targets(self) -> Mapping[int, QueueTarget]:
        """The thresholds in force, by queue row."""
        return self._targets

    def set_targets(self, targets: Mapping[int, QueueTarget]) -> None:
        """Count by these thresholds from here on; what is counted stays as it is.

        Queues that are not named keep theirs.
        """
        self._targets.update(targets)
        self._tables.make_room(max(targets, default=-1) + 1, 0, 0)
        for queue, target in targets.items():
            thresholds = target.target_ms, target.short_abandon_ms
            self._tables.thresholds[queue] = thresholds

    def set_targets_from(self, floor: Floor) -> None:
        """The same with the thresholds that the floor's queue rules hold now."""
        rules = np.asarray(floor.queue_rules)
        self.set_targets(
            {
                int(queue): QueueTarget(
                    target_ms=int(rules[queue]["target_ms"]),
                    short_abandon_ms=int(rules[queue]["short_abandon_ms"]),
                    target_percent=int(rules[queue]["target_percent"]),
                )
                for queue in np.flatnonzero(rules["defined"])
            }
        )

    def fold(self, events: Record, floor: Floor | None = None) -> None:
        """Count a run of events, in their order.

        With a floor, the thresholds follow it at every `POLICY_PUBLISHED`. It is the
        floor to which the run has already been applied, so of several publications in
        one run the last one's thresholds count from the first of them on.
        """
        events = events.view(EVENT, np.ndarray)
        tables = self._tables
        done = 0
        while done < len(events):
            done = fold_events(events, done, tables.flat().address)
            published = done and events[done - 1]["kind"] == Kind.POLICY_PUBLISHED
            if floor is not None and published:
                self.set_targets_from(floor)
            if done < len(events):
                event = events[done]
                rows = event["queue"] + 1, event["interaction"] + 1, event["agent"] + 1
                tables.make_room(*map(int, rows))

    def start_from(self, floor: Floor) -> None:
        """Begin with what stands on the floor now; for fresh measures only.

        Whoever waits is carried, live work and agents are known, agents' time counts
        from now. The floor tells since when they wait only from the last overflow on,
        and not whether they came by transfer: all are taken for arrivals.
        """
        self.set_targets_from(floor)
        interactions, agents = np.asarray(floor.interactions), np.asarray(floor.agents)
        house = np.asarray(floor.house)[0]
        used = interactions["used"][: int(house["interactions"])]
        self._tables.make_room(len(floor.queues), len(used), len(agents))
        for row in np.flatnonzero(used):
            self._meet(self._tables.progress[row], interactions[row])
        bots = np.asarray(floor.roster)["kind"][: len(agents)] == AgentKind.BOT
        held = interactions[: len(used)]
        self._meet_agents(agents, held, bots, int(house["now"]))

    def _meet(self, progress: Record, interaction: Record) -> None:
        state = State(int(interaction["state"]))
        progress["entered_at"] = interaction["queued_at"]
        progress["answered_at"] = interaction["answered_at"]
        progress["wrap_up_at"] = interaction["wrap_up_started_at"]
        progress["queue"] = interaction["queue"]
        progress["channel"] = interaction["channel"]
        progress["entry"] = Entry.ARRIVAL
        progress["owner"] = interaction["owner"]
        progress["continued"] = interaction["successor"] >= 0
        progress["phase"] = _PHASE_OF.get(state, Phase.ENDED)
        if state in (State.QUEUED, State.OFFERED):
            where = interaction["queue"], interaction["channel"], Entry.ARRIVAL
            self._tables.counts[where]["carried"] += 1

    def _meet_agents(
        self, agents: Record, interactions: Record, bots: Record, now_ms: int
    ) -> None:
        count = len(agents)
        wrapping = interactions["agent"][interactions["state"] == State.WRAPPING]
        shifts = self._tables.shifts[:count]
        shifts["known"] = (agents["signed_in"] != 0) | (agents["session"] != 0)
        shifts["since"] = now_ms
        shifts["presence"] = agents["presence"]
        shifts["link"] = agents["link"]
        shifts["reachable"] = agents["reachable"]
        shifts["connected"] = agents["session"] > 0
        shifts["bot"] = bots
        shifts["offered"] = agents["open_offers"]
        shifts["wrapping"] = np.bincount(wrapping, minlength=count)
        shifts["active"] = agents["live"] - shifts["wrapping"]
        settle_states(self._tables.shifts)

    def close(self, now_ms: int) -> None:
        """Count agents' time up to now; without it only finished spells count."""
        close_states(self._tables.shifts, self._tables.state_ms, now_ms)

    # ------------------------------------------------------------ figures

    @property
    def seen(self) -> Record:
        """How many events of each kind have been folded, by the number of the kind."""
        return self._tables.seen

    def make_room(self, queues: int, agents: int) -> None:
        """See to it that so many queues and agents have rows in `counts` and `states_ms`."""
        self._tables.make_room(queues, 0, agents)

    def counts(self) -> Record:
        """All counts so far as integers [queue, channel, entry, column]; a view.

        The columns are `shapes.COUNT_NAMES`. For whoever takes differences over time.
        """
        return self._tables.matrix()

    def states_ms(self) -> Record:
        """What agents have spent in each state, [agent, `AgentState`]; a view."""
        return self._tables.state_ms

    def pairs(self) -> list[tuple[int, int]]:
        """The rows (queue, channel) in which anything has been counted, in order."""
        touched = self._tables.matrix().any(axis=(2, 3))
        return [(int(queue), int(channel)) for queue, channel in np.argwhere(touched)]

    def queue(
        self,
        queue: int | None = None,
        channel: int | None = None,
        entry: Entry | None = Entry.ARRIVAL,
    ) -> QueueMeasures:
        """The figures of a queue and a channel; None stands for all of them together.

        `entry` chooses arrivals, returns, or (None) both.
        """
        return self._figures(self._tables.waiting(), queue, channel, entry)

    def queues(
        self, entry: Entry | None = Entry.ARRIVAL
    ) -> dict[tuple[int, int], QueueMeasures]:
        """The figures of each (queue, channel) in which anything has been counted."""
        waiting = self._tables.waiting()
        return {pair: self._figures(waiting, *pair, entry) for pair in self.pairs()}

    def account(self, queue: int | None = None, channel: int | None = None) -> Account:
        """Where the arrivals have gone."""
        return self.queue(queue, channel).account()

    def agent(self, agent: int) -> AgentMeasures:
        """How the agent's time was spent, up to the last change or `close`."""
        if agent >= len(self._tables.state_ms):
            return AgentMeasures()
        return AgentMeasures(*self._tables.state_ms[agent].tolist())

    def agents(self) -> AgentMeasures:
        """The same for all agents together."""
        return AgentMeasures(*self._tables.state_ms.sum(axis=0).tolist())

    def agent_state(self, agent: int) -> AgentState:
        """What the agent is doing now."""
        if agent >= len(self._tables.shifts):
            return AgentState.OFFLINE
        return AgentState(int(self._tables.shifts[agent]["state"]))

    def waits(self, queue: int, channel: int, outcome: Outcome) -> Histogram:
        """How long they waited, arrivals and returns, by how the wait ended."""
        return _histogram(self._tables.waits[queue, channel, outcome], WAIT_BOUNDS_MS)

    def handles(self, queue: int, channel: int) -> Histogram:
        """Talk and wrap-up of the handled."""
        return _histogram(self._tables.handles[queue, channel], HANDLE_BOUNDS_MS)

    def wrap_ups(self, queue: int, channel: int) -> Histogram:
        """Wrap-up alone, where there was one."""
        return _histogram(self._tables.wrap_ups[queue, channel], WRAP_UP_BOUNDS_MS)

    def _figures(
        self,
        waiting: Record,
        queue: int | None,
        channel: int | None,
        entry: Entry | None,
    ) -> QueueMeasures:
        if queue is not None and queue >= len(self._tables.counts):
            return QueueMeasures()
        chosen = tuple(
            slice(None) if part is None else slice(part, part + 1)
            for part in (queue, channel, entry)
        )
        sums = self._tables.matrix()[chosen].sum(axis=(0, 1, 2)).tolist()
        figures = dict(zip(COUNT_NAMES, sums, strict=True))
        return QueueMeasures(waiting=int(waiting[chosen].sum()), **figures)

    # ------------------------------------------------------------ putting together

    def copy(self) -> "Measures":
        """A copy that this one's further events do not change."""
        return self._with(self._tables.copy())

    def following(self) -> "Measures":
        """Empty measures that go on with the same interactions and agents.

        For the next interval of a report: whoever waits now is carried into it.
        """
        return self._with(self._tables.following())

    def then(self, later: "Measures") -> "Measures":
        """Both together, where `later` began as `following` of these."""
        return later._with(self._tables.then(later._tables))

    def _with(self, tables: Tables) -> "Measures":
        same = Measures.__new__(Measures)
        same._tables = tables
        same._targets = dict(self._targets)
        return same

    def __eq__(self, other: object) -> bool:
        """Equal figures, equal histograms, and the same known of what is going on."""
        if not isinstance(other, Measures):
            return NotImplemented
        return self._tables.same(other._tables)

    __hash__ = None  # type: ignore[assignment]


def _histogram(row: Record, bounds: Record) -> Histogram:
    values = row.tolist()
    return Histogram(tuple(bounds.tolist()), tuple(values[:-1]), values[-1])
