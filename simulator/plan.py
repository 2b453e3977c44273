"""A plan: a scenario turned into tables, once, for all replications.

The policy is published and the agents are put on the roster by the engine itself, as the
live router does it; what that leaves on the floor is the template from which every
replication begins. A plan can be pickled and sent to workers.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.floor import used_rows
from router.engine.lines import LineKey
from router.engine.tables import DEFINITION_TABLES, STATE_TABLES
from router.model.agent import AgentKind
from router.model.needs import Needs
from router.policy.needs import NeedsForm, skill_needs
from router.policy.policy import Policy
from simulator.demand import Days
from simulator.distributions import Times
from simulator.recorded import recorded
from simulator.records import Layout
from simulator.scenario.load import Loaded
from simulator.scenario.scenario import Scenario, Stream
from simulator.scenario.staff import Staff
from simulator.scene import (
    AFTER_ABANDONED,
    AFTER_BALKED,
    AFTER_REFUSED,
    FOLLOW,
    HANDOFF,
    REPEAT,
    SLOW,
    STAFF,
    STREAM,
    TRANSFER,
)

_AFTER = {
    "abandoned": AFTER_ABANDONED,
    "refused": AFTER_REFUSED,
    "balked": AFTER_BALKED,
}
_FOLLOWS = {"transfer": TRANSFER, "handoff": HANDOFF, "repeat": REPEAT}
_ROOM = 512
"""Agents are put on the roster in batches of so many."""
Tables = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What every replication of a scenario begins with."""

    scenario: Scenario
    layout: Layout
    origin_ms: int
    """Engine time of the first midnight."""
    floor: Tables
    """The floor's definition and state tables, as many rows as are used."""
    scene: Tables
    """The plan's tables of the scene."""
    traces: dict[int, npt.NDArray[Any]]
    """Recorded arrivals by stream, instants from the first midnight."""
    first_agents: list[int]
    """Row of the first agent of each staff entry."""
    agent_ids: dict[int, str]
    line_keys: list[LineKey]
    """The waiting lines in the order in which they were made."""
    pair_rows: list[tuple[int, int]]
    """Rows of queue and channel, in the order of `layout.pairs`."""
    customers: int
    digests: dict[str, str]


def plan_of(loaded: Loaded) -> Plan:
    """Turn a scenario into a plan. Refusals of the engine are raised as they are."""
    engine = Engine()
    engine.begin(Days(loaded.scenario.calendar).origin_ms)
    engine.perform(c.PublishPolicy(loaded.policy, loaded.policy_text))
    engine.take()
    return _Planner(loaded, engine, lived=False).plan()


def plan_upon(loaded: Loaded, engine: Engine) -> Plan:
    """Turn a scenario into a plan that begins with what is on an engine's floor: its
    policy is in force there, and all its agents are on the roster, those of an entry one
    after the other. The engine gets the waiting lines that are still missing.
    """
    return _Planner(loaded, engine, lived=True).plan()


def agent_ids_of(name: str, staff: Staff) -> list[str]:
    """What the agents of a staff entry are called."""
    if staff.roster is not None:
        return [staff.roster]
    return [f"{'.'.join(name.split())}.{k + 1}" for k in range(staff.agents)]


class _Planner:
    def __init__(self, loaded: Loaded, engine: Engine, *, lived: bool) -> None:
        self._loaded = loaded
        self._lived = lived
        self._scenario = loaded.scenario
        self._policy: Policy = loaded.policy
        self._days = Days(loaded.scenario.calendar)
        self._times = Times()
        self._engine = engine
        self._agent_ids: dict[int, str] = {}
        self._streams = list(self._scenario.demand)
        self._staff = list(self._scenario.staff)

    def plan(self) -> Plan:
        engine, scenario = self._engine, self._scenario
        first_agents = [self._define(name) for name in self._staff]
        scene = self._scene(first_agents)
        engine.take()
        rules = engine.floor.queue_rules.view(np.ndarray)
        queues = engine.names.queues.rows
        pairs = self._pairs()
        streams = [scenario.demand[name] for name in self._streams]
        layout = Layout(
            streams=tuple(self._streams),
            stream_queues=tuple(stream.queue for stream in streams),
            stream_channels=tuple(stream.channel.name.lower() for stream in streams),
            staff=tuple(self._staff),
            staff_cost_per_hour=tuple(
                staff.cost_per_hour for staff in scenario.staff.values()
            ),
            pairs=tuple((queue, channel.name.lower()) for queue, channel in pairs),
            target_ms=tuple(
                int(rules[queues[one.queue]]["target_ms"]) for one in streams
            ),
            pair_target_ms=tuple(
                int(rules[queues[queue]]["target_ms"]) for queue, _ in pairs
            ),
            pair_target_percent=tuple(
                int(rules[queues[queue]]["target_percent"]) for queue, _ in pairs
            ),
            pair_definition=tuple(
                str(self._policy.queues[queue].service_level.definition)
                for queue, _ in pairs
            ),
            every_ms=scenario.every,
            days=scenario.days,
            warm_up_ms=-(-scenario.warm_up // scenario.every) * scenario.every,
        )
        used = used_rows(engine.floor)
        return Plan(
            scenario=scenario,
            layout=layout,
            origin_ms=self._days.origin_ms,
            floor={
                name: np.asarray(getattr(engine.floor, name))[: used[name]].copy()
                for name in (*DEFINITION_TABLES, *STATE_TABLES)
            },
            scene=scene,
            traces=self._traces(),
            first_agents=first_agents,
            agent_ids=self._agent_ids,
            line_keys=self._engine.writer.lines.keys(),
            pair_rows=[(queues[queue], int(channel)) for queue, channel in pairs],
            customers=sum(stream.customers or 0 for stream in streams),
            digests=dict(self._loaded.digests),
        )

    def _pairs(self) -> list[tuple[str, Any]]:
        """Queues and channels in which anything may be counted, overflow included."""
        found: dict[tuple[str, Any], None] = {}
        for stream in self._scenario.demand.values():
            queue, seen = stream.queue, set[str]()
            pending = [queue]
            while pending:
                queue = pending.pop()
                if queue in seen or queue not in self._policy.queues:
                    continue
                seen.add(queue)
                found[queue, stream.channel] = None
                rules = self._policy.queues[queue]
                pending += [rules.overflow, rules.on_max_wait]
        return list(found)

    # ---------------------------------------------------------------- agents

    def _define(self, name: str) -> int:
        """Find an entry's agents on the roster, or put them there; returns the row of the
        first.
        """
        staff = self._scenario.staff[name]
        first = -1
        for k, agent_id in enumerate(agent_ids_of(name, staff)):
            if self._lived or staff.roster is not None:
                row = self._engine.agent_row(agent_id)
            else:
                row = self._engine.perform(
                    c.DefineAgent(
                        agent_id, skills=dict(staff.skills), groups=staff.groups, capacity=staff.capacity,
                        limits=dict(staff.limits), prefers=staff.prefers, kind=staff.kind,
                    )
                )  # fmt: skip
            self._agent_ids[row] = agent_id
            first = row if k == 0 else first
            if k % _ROOM == _ROOM - 1:
                self._engine.take()
                self._engine.begin(self._days.origin_ms)
        return max(0, first)

    def _scene(self, first_agents: list[int]) -> Tables:
        scenario = self._scenario
        streams = np.zeros(len(self._streams), STREAM)
        handles = np.zeros((len(self._streams), max(1, len(self._staff))), np.int32)
        follows: list[tuple[int, int, int, int, int, float]] = []
        owners: list[int] = []
        customers = 0
        slowed = {
            channel: group
            for group, slow in enumerate(scenario.slow_down)
            for channel in slow.channels
        }
        for s, name in enumerate(self._streams):
            stream = scenario.demand[name]
            row = streams[s]
            row["line"] = self._line(stream)
            row["queue"] = self._engine.names.queues.rows[stream.queue]
            row["channel"] = stream.channel
            row["waited_ms"] = stream.waited
            row["patience"] = self._times.row(stream.patience)
            row["wrap_up"] = self._times.row(stream.wrap_up)
            row["slowed"] = slowed.get(stream.channel, -1)
            self._leaves(row, stream)
            row["first_follow"], row["follows"] = len(follows), len(stream.then)
            for follow in stream.then:
                staff = self._staff.index(follow.by) if follow.by else -1
                to = self._streams.index(follow.stream)
                delay = self._times.row(follow.delay)
                line = self._line_after(follow.kind, scenario.demand[follow.stream])
                follows.append(
                    (_FOLLOWS[follow.kind], to, line, staff, delay, follow.probability)
                )
            if stream.ownership is not None:
                row["owned_share"] = stream.ownership.share
                row["hold_ms"] = stream.ownership.hold
                row["owners_first"] = len(owners)
                owners += self._owners(stream, first_agents)
                row["owners"] = len(owners) - row["owners_first"]
            row["customers_first"], row["customers"] = customers, stream.customers or 0
            customers += stream.customers or 0
            for k, staff_name in enumerate(self._staff):
                handles[s, k] = self._times.row(
                    stream.handle_by.get(staff_name, stream.handle)
                )
        times, samples = None, None
        staff_rows = self._staff_rows(first_agents)
        slow = np.zeros(max(1, len(scenario.slow_down)), SLOW)
        for group, one in enumerate(scenario.slow_down):
            slow[group]["factors"] = len(one.factors)
            slow[group]["factor"][: len(one.factors)] = one.factors
        times, samples = self._times.tables()
        return {
            "streams": streams,
            "handles": handles.reshape(-1),
            "times": times,
            "samples": samples,
            "follows": np.array(follows, FOLLOW) if follows else np.zeros(1, FOLLOW),
            "staff": staff_rows,
            "owners": np.array(owners or [0], np.int32),
            "slow": slow,
        }

    def _leaves(self, row: Any, stream: Stream) -> None:
        """Balking, retries and callbacks."""
        row["expected_wait"] = row["retry_delay"] = row["retry_stream"] = -1
        row["callback_at"] = row["callback_stream"] = row["callback_delay"] = -1
        if stream.balking is not None:
            row["balk_busy"] = stream.balking.when_all_busy
            row["expected_wait"] = self._times.row(stream.balking.expected_wait)
        if stream.retry is not None:
            retry = stream.retry
            for after in retry.after:
                row["retry_after"] |= _AFTER[after]
            own = (
                self._scenario.demand[retry.stream] is stream if retry.stream else True
            )
            mine = next(
                k
                for k, n in enumerate(self._streams)
                if self._scenario.demand[n] is stream
            )
            row["retry_stream"] = (
                mine if own else self._streams.index(retry.stream or "")
            )
            row["retry_delay"] = self._times.row(retry.delay)
            row["retry_patience"] = retry.patience == "redraw"
            row["retry_handle"] = retry.handle == "redraw"
            row["attempts_max"] = retry.attempts_max
            row["retry_share"] = retry.probability
        if stream.callback is not None:
            row["callback_at"] = stream.callback.queue_at_least
            row["callback_share"] = stream.callback.accept
            row["callback_stream"] = self._streams.index(stream.callback.stream)
            row["callback_delay"] = self._times.row(stream.callback.delay)

    def _owners(self, stream: Stream, first_agents: list[int]) -> list[int]:
        assert stream.ownership is not None
        found: list[int] = []
        for k, (name, staff) in enumerate(self._scenario.staff.items()):
            if stream.ownership.by in (None, name) and staff.kind == AgentKind.HUMAN:
                found += range(first_agents[k], first_agents[k] + staff.agents)
        return found

    def _staff_rows(self, first_agents: list[int]) -> npt.NDArray[Any]:
        rows = np.zeros(max(1, len(self._staff)), STAFF)
        for k, (_, staff) in enumerate(self._scenario.staff.items()):
            row = rows[k]
            row["first_agent"], row["agents"] = first_agents[k], staff.agents
            row["bot"] = staff.kind == AgentKind.BOT
            row["answer_delay"] = self._times.row(staff.answer_delay)
            row["back_after"] = row["not_ready_time"] = -1
            row["handle_factor"] = staff.handle_factor
            row["declines"] = staff.declines
            if staff.misses is not None:
                row["misses"] = staff.misses.share
                row["back_after"] = self._times.row(staff.misses.back_after)
            if staff.not_ready is not None:
                row["not_ready"] = staff.not_ready.probability
                row["not_ready_time"] = self._times.row(staff.not_ready.lasts)
        return rows

    def _line(self, stream: Stream, priority: int | None = None) -> int:
        needs = Needs.NOTHING if stream.needs is None else _needs(stream.needs)
        if priority is None:
            priority = stream.priority
        lines = self._engine.writer.lines
        return lines.line(stream.queue, stream.channel, priority, needs)

    def _line_after(self, kind: str, to: Stream) -> int:
        """The line in which the live router would let it go on. A transfer takes the
        priority of the queue; a handoff keeps its own, and there is a line for each that
        may come.
        """
        ordinary = self._line(to, self._policy.queues[to.queue].priority)
        if kind == "handoff":
            for priority in sorted(self._priorities):
                self._line(to, priority)
        return ordinary

    @cached_property
    def _priorities(self) -> set[int]:
        """Every priority that an interaction may have."""
        streams = self._scenario.demand.values()
        stated = {one.priority for one in streams if one.priority is not None}
        return stated | {self._policy.queues[one.queue].priority for one in streams}

    # ---------------------------------------------------------------- traces

    def _traces(self) -> dict[int, npt.NDArray[Any]]:
        found = {}
        for s, name in enumerate(self._streams):
            arrivals = self._scenario.demand[name].arrivals
            if arrivals is not None and arrivals.trace is not None:
                trace = arrivals.trace
                path = self._loaded.folder / trace.file
                found[s] = recorded(path, trace, s, self._days.origin_ms)
        return found


def _needs(form: NeedsForm) -> Needs:
    return Needs(
        all_of=skill_needs(form.all_of),
        any_of=tuple(skill_needs(group) for group in form.any_of),
        none_of=skill_needs(form.none_of),
    )
