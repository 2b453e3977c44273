"""Look-ahead: a live floor is copied and run forward, many times over.

The seam between the router and the simulator. The live engine is copied in memory and
never touched; `adopting` turns whoever is on the floor into persons, and from there on a
world runs as any other. The router hands in its engine; it does not import this.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from router.engine.engine import Engine
from router.engine.floor import used_rows
from router.engine.kinds import Kind
from router.engine.tables import DEFINITION_TABLES, NEVER, STATE_TABLES
from router.model.agent import Presence
from router.model.interaction import State
from router.policy.suggest import meant
from simulator import scene as shapes
from simulator.adopting import UNKNOWN, take_over
from simulator.demand import DAY_MS, Days, profile_of, segments
from simulator.forecast import (
    ABANDONED,
    ANSWERED,
    LEFT_OTHERWISE,
    STILL_WAITS,
    Forecast,
    ForecastUnfit,
)
from simulator.plan import Plan, Tables, agent_ids_of, plan_upon
from simulator.records import CLASSES, Column
from simulator.scenario.load import Loaded
from simulator.scene import longer
from simulator.staffing import Staffing
from simulator.world import World, floor_from, or_blank, outages_of

_NAMES = ("agents", "queues", "skills", "groups", "presence_reasons", "ladders")
"""What a plan looks up by name; the names of interactions are not copied."""
_ENDS = {
    Kind.OFFER_ACCEPTED: ANSWERED,
    Kind.INTERACTION_ABANDONED: ABANDONED,
    Kind.INTERACTION_DEAD_LETTERED: LEFT_OTHERWISE,
    Kind.INTERACTION_CANCELLED: LEFT_OTHERWISE,
    Kind.INTERACTION_HANDED_OFF: LEFT_OTHERWISE,
}
_END_KINDS = tuple(map(int, _ENDS))
_BREAK_LATE_MS = 900_000
"""Work at hand puts a break off by so much at most; who goes away later does it for
another reason."""
_LOOKS = 16
"""So often within another horizon it is seen whether all waits have ended."""
_FLOWS = 8
"""Streams follow each other so often at most when their shares are worked out."""


def simulate_from(
    engine: Engine, forecast: Loaded, horizon_ms: int, *, seed: int = 1,
    replications: int = 100, stop: Callable[[], bool] | None = None,
    local_ahead_ms: int = 0,
) -> Forecast:  # fmt: skip
    """How a live floor may go on for `horizon_ms`, from `engine.now` on.

    `forecast` says who will come and who will work; its policy is the one in force, and
    its agents are on the roster. Days are those of its calendar if today is among them;
    otherwise its first day is today. `local_ahead_ms` is how far the scenario's local
    time is ahead of engine time. What is planned for the very instant is still to come.
    When `stop` says so, fewer replications are returned. Raises `ForecastUnfit`. Call it
    between two batches, as `snapshot.capture`.
    """
    began = time.perf_counter()
    start = _start(engine, forecast, max(0, horizon_ms), local_ahead_ms)
    counts, waits, remaining, ended = [], [], [], []
    complete = True
    for replication in range(replications):
        if stop is not None and stop():
            complete = False
            break
        ahead = _Ahead(start, seed, replication)
        ahead.go()
        counts.append(ahead.counts)
        waits.append(ahead.waits)
        remaining.append(ahead.remaining_ms)
        ended.append(ahead.ended)
    streams = len(start.plan.layout.streams)
    each = len(counts), len(start.rows)
    return Forecast(
        at_ms=start.now,
        horizon_ms=start.horizon_ms,
        seed=seed,
        layout=start.plan.layout,
        counts=np.array(counts).reshape(-1, streams, len(Column)),
        waits=np.array(waits, np.int32).reshape(-1, streams, 2, CLASSES),
        waiting=start.ids,
        waiting_rows=start.rows,
        waited_ms=start.waited_ms,
        remaining_ms=np.array(remaining, np.int64).reshape(each),
        ended=np.array(ended, np.int8).reshape(each),
        took_s=time.perf_counter() - began,
        complete=complete,
    )


# ---------------------------------------------------------------- the copy


@dataclass(frozen=True, slots=True)
class _Start:
    """What every replication begins with."""

    plan: Plan
    now: int
    horizon_ms: int
    local_ahead_ms: int
    days: range
    """Days of the plan that are touched, counted from its first."""
    round_due_at: int
    """When the live floor's gathering window ends; `NEVER` where none runs."""
    unsettled: bool
    """Whether the live floor has changes that nobody has looked at yet."""
    shares: npt.NDArray[np.float64]
    lasts_ms: npt.NDArray[np.int64]
    """How long each agent's break is planned to last; `UNKNOWN` where none is."""
    rows: npt.NDArray[np.int64]
    ids: tuple[str, ...]
    waited_ms: npt.NDArray[np.int64]


def _start(
    engine: Engine, loaded: Loaded, horizon_ms: int, local_ahead_ms: int
) -> _Start:
    _check_policy(engine, loaded)
    if not loaded.scenario.staff:
        raise ForecastUnfit("staff: the forecast does not say who works when")
    _check_agents(engine, loaded)
    now = engine.now
    copy = _copied(engine, loaded)
    plan = plan_upon(loaded, copy)
    today = (now + local_ahead_ms) // DAY_MS - plan.origin_ms // DAY_MS
    if not 0 <= today < plan.scenario.days:
        plan, today = _begun_today(plan, today), 0
    last = (now + 2 * horizon_ms + local_ahead_ms - plan.origin_ms) // DAY_MS
    scratch = engine.floor.scratch[0]
    interactions = plan.floor["interactions"]
    waits = np.isin(interactions["state"], (State.QUEUED, State.OFFERED))
    rows = np.flatnonzero(waits)
    texts = engine.names.interactions.texts
    return _Start(
        plan=plan,
        now=now,
        horizon_ms=horizon_ms,
        local_ahead_ms=local_ahead_ms,
        days=range(today, last + 1),
        round_due_at=int(scratch.round_due_at),
        unsettled=bool(scratch.everything or scratch.interactions or scratch.agents),
        shares=_shares(plan),
        lasts_ms=_breaks(plan, today, now, local_ahead_ms),
        rows=rows,
        ids=tuple(texts.get(row, "") for row in rows.tolist()),
        waited_ms=now - interactions["arrived_at"][rows],
    )


def _check_policy(engine: Engine, loaded: Loaded) -> None:
    if engine.policy is None:
        raise ForecastUnfit("no policy is in force on the floor; publish one first")
    if engine.policy.digest != loaded.policy.digest:
        raise ForecastUnfit(
            f"the forecast {loaded.scenario.scenario!r} is made for policy {loaded.policy.digest}, in force is "
            f"{engine.policy.digest}; let the forecast name the policy that is in force"
        )


def _check_agents(engine: Engine, loaded: Loaded) -> None:
    """All agents are on the roster, those of an entry one after the other."""
    known = engine.names.agents.rows
    for name, staff in loaded.scenario.staff.items():
        ids = agent_ids_of(name, staff)
        for agent_id in ids:
            if agent_id not in known:
                suggestion = meant(agent_id, known)
                hint = f"; did you mean {suggestion!r}?" if suggestion else ""
                raise ForecastUnfit(
                    f"staff.{name}: agent {agent_id!r} is not on the roster{hint}"
                )
        rows = [known[agent_id] for agent_id in ids]
        if rows and rows != list(range(rows[0], rows[0] + len(rows))):
            raise ForecastUnfit(
                f"staff.{name}: its agents do not stand one after the other on the roster; "
                "name each in an entry of its own with roster"
            )


def _copied(engine: Engine, loaded: Loaded) -> Engine:
    """Another engine with the same floor, without the names of interactions and whom they
    belong to.
    """
    used = used_rows(engine.floor)
    tables: Tables = {
        name: np.asarray(getattr(engine.floor, name))[: used[name]]
        for name in (*DEFINITION_TABLES, *STATE_TABLES)
    }
    copy = Engine()
    copy.machine.floor = floor_from(tables)
    copy.machine.now = engine.now
    for name in _NAMES:
        mine, theirs = getattr(copy.names, name), getattr(engine.names, name)
        mine.rows.update(theirs.rows)
        mine.texts.update(theirs.texts)
    copy.policy_text = engine.policy_text
    copy.recall(lambda _: loaded.policy)
    return copy


def _begun_today(plan: Plan, today: int) -> Plan:
    """The same plan with its first day `today` days later."""
    calendar = plan.scenario.calendar
    starts = Days(calendar).date(0) + timedelta(days=today)
    scenario = plan.scenario.model_copy(
        update={"calendar": calendar.model_copy(update={"starts": starts.isoformat()})}
    )
    return replace(plan, scenario=scenario, origin_ms=plan.origin_ms + today * DAY_MS)


def _shares(plan: Plan) -> npt.NDArray[np.float64]:
    """How much arrives of each stream in a day, of those that follow others too; never
    quite nothing.
    """
    streams = list(plan.scenario.demand.values())
    days = Days(plan.scenario.calendar)
    own = np.full(len(streams), 1e-6)
    for s, stream in enumerate(streams):
        if s in plan.traces:
            own[s] += len(plan.traces[s]) / plan.scenario.days
        elif stream.arrivals is not None:
            profile = profile_of(stream.arrivals, days, 0)
            own[s] += 0.0 if profile is None else float(segments(profile)[1].sum())
    names = list(plan.scenario.demand)
    onward = np.zeros((len(streams), len(streams)))
    for s, stream in enumerate(streams):
        for follow in stream.then:
            onward[s, names.index(follow.stream)] += follow.probability
    total = own.copy()
    for _ in range(_FLOWS):
        total = own + total @ onward
    return total


def _breaks(
    plan: Plan, today: int, now: int, local_ahead_ms: int
) -> npt.NDArray[np.int64]:
    """How long each agent's absence lasts that begins or began at a planned break."""
    agents = plan.floor["agents"]
    lasts = np.full(max(1, len(agents)), UNKNOWN, np.int64)
    present = {
        name: staff.model_copy(update={"absent": 0.0})
        for name, staff in plan.scenario.staff.items()
    }
    scenario = plan.scenario.model_copy(update={"staff": present})
    for duty in Staffing(scenario, plan.first_agents, 0, 0).day(today):
        at, a = int(duty["at"]) - local_ahead_ms, int(duty["subject"])
        if duty["kind"] != shapes.BREAK or at >= now:
            continue
        began = now
        if agents["presence"][a] == Presence.AWAY:
            began = int(agents["presence_since"][a])
        if at <= began <= at + _BREAK_LATE_MS:
            lasts[a] = int(duty["value"])
    return lasts


# ---------------------------------------------------------------- one replication


class _Ahead(World):
    """One way in which the floor may go on."""

    def __init__(self, start: _Start, seed: int, replication: int) -> None:
        super().__init__(start.plan, seed, replication, on_events=self._hear)
        self._start = start
        self.remaining_ms = np.full(len(start.rows), 2 * start.horizon_ms, np.int64)
        self.ended = np.full(len(start.rows), STILL_WAITS, np.int8)
        rows = len(self.floor.interactions)
        self._places = np.full(rows, -1, np.int64)
        self._places[start.rows] = np.arange(len(start.rows))
        self._unended = len(start.rows)
        self._machine.now = start.now
        scratch = self.floor.scratch[0]
        scratch.round_due_at = start.round_due_at
        scratch.everything = start.unsettled or start.round_due_at < NEVER
        clock = self.scene.clock[0]
        # Counted by two intervals: the horizon, and whatever comes after it.
        clock.origin = clock.now = clock.last_counted = clock.counted_from = start.now
        clock.every_ms, clock.intervals = max(1, start.horizon_ms), 1
        self._lay_out()
        lasts = np.full(len(self.floor.agents), UNKNOWN, np.int64)
        lasts[: len(start.lasts_ms)] = start.lasts_ms
        self._make_room_for_returns()
        take_over(self.floor, self.scene, start.shares, lasts, start.now)

    def go(self) -> None:
        """Run to the horizon, and on until all the waits have ended that are watched."""
        start = self._start
        end = start.now + start.horizon_ms
        self.advance(end)
        # Whoever comes from here on is not counted.
        self.scene.clock["counted_from"] = NEVER
        for k in range(1, _LOOKS + 1):
            if not self._watched():
                return
            self.advance(end + start.horizon_ms * k // _LOOKS)

    def _watched(self) -> bool:
        """Whether somebody still waits who counts."""
        people = np.asarray(self.scene.people)
        waits = (people["phase"] == shapes.WAITS) & (people["counted"] == 1)
        return self._unended > 0 or bool(np.any(waits & (people["leg"] == 0)))

    @property
    def counts(self) -> Any:
        """[stream, `Column`] of those who arrived within the horizon."""
        shape = (-1, len(self._plan.layout.streams), len(Column))
        return np.asarray(self.scene.counts).reshape(shape)[0].copy()

    @property
    def waits(self) -> Any:
        """[stream, answered or abandoned, class] of the same."""
        shape = (len(self._plan.layout.streams), 2, CLASSES)
        return np.asarray(self.scene.waits).reshape(shape).astype(np.int32)

    def _lay_out(self) -> None:
        """Lay out what the days still bring: what lies before the beginning is there
        already, or has been missed.
        """
        start, clock = self._start, self.scene.clock
        ahead_ms = start.local_ahead_ms
        arrivals = np.concatenate([self._demand.day(day) for day in start.days])
        duties = np.concatenate([self._staffing.day(day) for day in start.days])
        arrivals["at"] -= ahead_ms
        duties["at"] -= ahead_ms
        arrivals = arrivals[arrivals["at"] >= start.now]
        stays = (duties["kind"] == shapes.STAY) & (duties["at"] < start.now)
        for s in duties["subject"][stays].tolist():
            self.scene.staff["staying"][s] = 1
        clock["staying"] = int(self.scene.staff["staying"].sum())
        duties = duties[duties["at"] >= start.now]
        duties = duties[np.argsort(duties["at"], kind="stable")]
        windows = [
            (channel, begins - ahead_ms, until - ahead_ms)
            for channel, begins, until in self._outages()
        ]
        outages = outages_of(windows)
        factors = self._staffing.handle_factors(start.days[0])
        self.scene.staff["handle_factor"][: len(factors)] = factors
        clock["arrivals"], clock["duties"] = len(arrivals), len(duties)
        self.scene = self.scene.replaced(
            arrivals=or_blank(arrivals), duties=or_blank(duties), outages=outages
        )

    def _make_room_for_returns(self) -> None:
        """Everybody who has left may come back."""
        scene, interactions = self.scene, np.asarray(self.floor.interactions)
        left = int((interactions["state"] == State.ABANDONED).sum())
        self.scene = scene.replaced(
            returns=longer(scene.returns, len(scene.returns) + left),
            agenda=longer(scene.agenda, len(scene.agenda) + left),
        )

    def _outages(self) -> list[tuple[int, int, int]]:
        """The outages of all days that are touched, each once."""
        found: dict[tuple[int, int, int], None] = {}
        for day in self._start.days:
            found.update(dict.fromkeys(self._staffing.outage_windows(day)))
        return list(found)

    def _hear(self, events: Any) -> None:
        """Note whose wait has ended."""
        if self._unended == 0:
            return
        rows = events["interaction"]
        ends = np.isin(events["kind"], _END_KINDS) & (rows < len(self._places))
        for event in events[ends]:
            row = int(event["interaction"])
            place = int(self._places[row])
            if place >= 0:
                self._places[row] = -1
                self._unended -= 1
                self.remaining_ms[place] = int(event["at"]) - self._start.now
                self.ended[place] = _ENDS[Kind(int(event["kind"]))]
