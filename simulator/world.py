"""The world: the live engine under virtual time. Twin of `router/host.py`.

One world is one replication. It lays out a floor and a scene, lets the compiled loop run
from interval to interval, folds what the engine states into the very measures that the
live router keeps, and solves joint rounds where they fall due. No routing rule stands
here or anywhere in this package.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from router.engine.floor import OUTBOX_MAX, new_floor
from router.engine.machine import Machine
from router.engine.orders.arriving import NEW
from router.engine.tables import (
    COMMAND,
    DEFINITION_TABLES,
    NOBODY,
    STATE_TABLES,
    Floor,
    Record,
)
from router.measures.measures import Measures
from router.measures.shapes import COUNT_NAMES, AgentState, Entry
from simulator import scene as shapes
from simulator.advance import EVENTS, REACHED, ROOM, ROUND
from simulator.demand import DAY_MS, Demand
from simulator.entry import go_on, hear, stop_here
from simulator.plan import Plan, Tables
from simulator.records import CLASSES, Area, Column, RunRecord
from simulator.scene import Scene, blank, longer
from simulator.staffing import Staffing
from simulator.streams import run_key

TAIL_STEP_MS = 60_000
TAIL_MAX_MS = 30 * DAY_MS
"""After the last midnight a run goes on in steps until everybody has been dealt with, at
most for so long."""
Listener = Callable[[Record], None]
Progress = Callable[[float], None]


class World:
    """One replication of a plan."""

    def __init__(
        self, plan: Plan, seed: int, replication: int, *, on_events: Listener | None = None,
        trace: int = 0,
    ) -> None:  # fmt: skip
        """`on_events` is shown every event; with `trace` above 0 the orders
        given are kept.
        """
        self._plan = plan
        self._seed = seed
        self._replication = replication
        self._on_events = on_events
        self._machine = Machine()
        self._machine.floor = floor_from(plan.floor, plan.customers)
        self._machine.now = plan.origin_ms
        self._demand = Demand(
            [stream.arrivals for stream in plan.scenario.demand.values()], plan.traces,
            plan.scenario.calendar, seed, replication,
        )  # fmt: skip
        self._staffing = Staffing(plan.scenario, plan.first_agents, seed, replication)
        self.scene = _scene_of(
            plan, self.floor, seed, replication, trace, self._staffing
        )
        self._measures = Measures()
        self._measures.set_targets_from(self.floor)
        rows = np.array(plan.pair_rows, np.int64).reshape(-1, 2)
        self._pairs = rows[:, 0], rows[:, 1]
        self._measures.make_room(len(self.floor.queues), len(self.floor.agents))
        entries = list(enumerate(plan.scenario.staff.values()))
        self._manned = [k for k, staff in entries if staff.agents > 0]
        agents = [
            np.arange(plan.first_agents[k], plan.first_agents[k] + staff.agents)
            for k, staff in entries
            if staff.agents > 0
        ]
        self._agents = np.concatenate([*agents, np.zeros(0, np.int64)]).astype(np.int64)
        self._heads = np.array([len(rows) for rows in agents], np.int64)
        self._first_of_staff = np.cumsum([0, *self._heads])[:-1]
        times = plan.scenario.days * (DAY_MS // plan.scenario.every) + 1
        pairs, staff = len(plan.layout.pairs), len(plan.layout.staff)
        self._queues = np.zeros((times, pairs, len(Entry), len(COUNT_NAMES)), np.int64)
        self._states = np.zeros((times, staff, len(AgentState)), np.int64)
        self._counted = np.zeros(self._queues.shape[1:], np.int64)
        self._spent = np.zeros((len(self._manned), len(AgentState)), np.int64)
        self._noted_at = plan.origin_ms
        self._events = 0
        self._rounds = 0
        self._arrivals = 0

    @property
    def floor(self) -> Floor:
        """The floor as it stands."""
        return self._machine.floor

    # ---------------------------------------------------------------- the run

    def run(
        self, progress: Progress | None = None, stop: Callable[[], bool] | None = None
    ) -> RunRecord:
        """Run all days. A run that `stop` ends is marked as not complete."""
        started = time.perf_counter()
        scenario = self._plan.scenario
        intervals = DAY_MS // scenario.every
        complete = True
        for day in range(scenario.days):
            self._begin_day(day)
            for k in range(intervals):
                now = self._plan.origin_ms + day * DAY_MS + (k + 1) * scenario.every
                self.advance(now)
                self._note(day * intervals + k, now)
                if progress is not None:
                    progress((day * intervals + k + 1) / (scenario.days * intervals))
                if stop is not None and stop():
                    complete = False
                    break
            if not complete:
                break
        if complete and scenario.ends == "when_empty":
            self._finish(scenario.days * intervals)
        stop_here(self.scene, int(self.scene.clock[0].now))
        return self._record(time.perf_counter() - started, complete)

    def advance(self, until: int) -> None:
        """Go on until everything before an instant has happened."""
        while True:
            why = go_on(self.floor, self.scene, until)
            if why == ROOM:
                self._make_room()
                continue
            self._fold()
            if why == ROUND:
                self._joint_round()
            elif why == REACHED:
                return
            else:
                assert why == EVENTS

    def _begin_day(self, day: int) -> None:
        """Lay out the day's arrivals and duties; what the last day left over comes first."""
        clock = self.scene.clock
        left = np.asarray(self.scene.duties)[
            int(clock["next_duty"][0]) : int(clock["duties"][0])
        ]
        duties = np.concatenate([left, self._staffing.day(day)])
        duties = duties[np.argsort(duties["at"], kind="stable")]
        today = self._demand.day(day)
        self._arrivals += len(today)
        missed = np.asarray(self.scene.arrivals)[
            int(clock["next_arrival"][0]) : int(clock["arrivals"][0])
        ]
        arrivals = np.concatenate([missed, today])
        outages = outages_of(self._staffing.outage_windows(day))
        self.scene.staff["handle_factor"][: len(self._plan.layout.staff)] = (
            self._staffing.handle_factors(day)
        )
        clock["next_arrival"], clock["arrivals"] = 0, len(arrivals)
        clock["next_duty"], clock["duties"] = 0, len(duties)
        self.scene = self.scene.replaced(
            arrivals=or_blank(arrivals), duties=or_blank(duties), outages=outages
        )

    def _finish(self, last: int) -> None:
        """After the last midnight: until nobody waits or is served, and nobody will come."""
        now = self._plan.origin_ms + self._plan.scenario.days * DAY_MS
        end, step_ms = now + TAIL_MAX_MS, TAIL_STEP_MS
        while now < end and self._busy():
            now += step_ms
            # Soon over as a rule; whoever waits for nobody is not watched by the minute.
            step_ms += step_ms // 16
            self.advance(now)
        self._note(last, int(self.scene.clock[0].now))
        # Whoever has no end of shift has no reason to be there after the last midnight but
        # the work at hand: being idle then is not time at work.
        for k, staff in enumerate(self._plan.scenario.staff.values()):
            if not staff.shifts and staff.at_work is None:
                self._states[last, k, [AgentState.AVAILABLE, AgentState.AWAY]] = 0

    def _busy(self) -> bool:
        queues = self.floor.queues.view(np.ndarray)
        present = sum(
            int(queues[name].sum()) for name in ("waiting", "offered", "active")
        )
        clock = self.scene.clock[0]
        return (
            present > 0 or self._returning() or int(clock.next_duty) < int(clock.duties)
        )

    def _returning(self) -> bool:
        agenda = np.asarray(self.scene.agenda)[: int(self.scene.clock[0].agenda)]
        return bool(np.any(agenda["kind"] == shapes.RETURNS))

    # ---------------------------------------------------------------- what happens outside

    def _fold(self) -> None:
        """Count what the engine has stated, and empty its outbox."""
        scratch = self.floor.scratch
        stated = int(scratch["events"][0])
        if stated:
            events = np.asarray(self.floor.outbox)[:stated]
            self._measures.fold(events)
            self._events += stated
            if self._on_events is not None:
                self._on_events(events)
            scratch["events"] = 0
            self.scene.clock["scanned"] = 0

    def _joint_round(self) -> None:
        """Solve the round that is due; people hear of its offers afterwards."""
        self._rounds += 1
        self._machine.now = int(self.scene.clock[0].now)
        self._machine.joint_round()
        events, _ = self._machine.take()
        if events is None:
            return
        half = OUTBOX_MAX // 2
        for start in range(0, len(events), half):
            part = events[start : start + half]
            np.asarray(self.floor.outbox)[: len(part)] = part
            self.floor.scratch["events"] = len(part)
            hear(self.floor, self.scene)
            self._fold()

    def _make_room(self) -> None:
        """Enlarge whatever is nearly full."""
        machine, scene = self._machine, self.scene
        spare = 1_024
        for what in ("interactions", "conversations", "customers"):
            machine.room(what, machine.taken(what) + spare)
        more: dict[str, Record] = {}
        if len(scene.people) < len(self.floor.interactions):
            more["people"] = longer(scene.people, len(self.floor.interactions))
        if len(scene.customers_of_rows) < len(self.floor.customers):
            rows = np.full(len(self.floor.customers), NOBODY, np.int32)
            rows[: len(scene.customers_of_rows)] = scene.customers_of_rows
            more["customers_of_rows"] = rows
        if int(scene.clock[0].returns) + spare > len(scene.returns):
            more["returns"] = longer(scene.returns, 2 * len(scene.returns) + spare)
        people = len(more.get("people", scene.people))
        returns = len(more.get("returns", scene.returns))
        entries = 2 * people + len(scene.desks) + returns
        if len(scene.agenda) < entries:
            more["agenda"] = longer(scene.agenda, entries)
        tracing = int(scene.clock[0].traced) + 2 * len(self.floor.agents) + spare
        if scene.clock[0].tracing and len(scene.trace) < tracing:
            more["trace"] = longer(scene.trace, 2 * tracing)
        self.scene = scene.replaced(**more)

    # ---------------------------------------------------------------- counting

    def _note(self, at: int, now: int) -> None:
        """What has been counted since the last interval."""
        total = self._measures.counts()[self._pairs]
        self._queues[at] = total - self._counted
        self._counted = total
        self._measures.close(now)
        spent = self._measures.states_ms()[self._agents]
        states = np.add.reduceat(spent, self._first_of_staff, axis=0)
        passed = states - self._spent
        # Whoever has never been at work is known to nobody: they are off duty.
        whole_ms = self._heads * (now - self._noted_at)
        passed[:, AgentState.OFFLINE] += whole_ms - passed.sum(axis=1)
        self._states[at, self._manned] = passed
        self._spent = states
        self._noted_at = now

    def _record(self, took_s: float, complete: bool) -> RunRecord:
        plan, scene = self._plan, self.scene
        streams = len(plan.layout.streams)
        times = len(self._queues)
        counts = np.array(scene.counts).reshape(times, streams, len(Column))
        areas = np.array(scene.areas).reshape(times, streams, len(Area))
        skipped = plan.layout.warm_up_ms // plan.scenario.every
        for table in (counts, areas, self._queues, self._states):
            table[:skipped] = 0
        return RunRecord(
            replication=self._replication,
            seed=self._seed,
            every_ms=plan.scenario.every,
            days=plan.scenario.days,
            streams=counts,
            areas=areas,
            queues=self._queues,
            staff=self._states,
            waits=np.asarray(scene.waits).reshape(streams, 2, CLASSES).copy(),
            events=self._events,
            rounds=self._rounds,
            ended_ms=max(0, int(scene.clock[0].last_counted) - plan.origin_ms),
            took_s=took_s,
            complete=complete,
            arrivals=self._arrivals,
        )


def outages_of(windows: list[tuple[int, int, int]]) -> Record:
    """The table of outages: no longer than it need be, for every arrival reads it."""
    outages = blank(len(windows), shapes.OUTAGE)
    for k, window in enumerate(windows):
        outages[k] = window
    return outages


def or_blank(table: npt.NDArray[Any]) -> Record:
    """The rows readable by attribute; one blank row in place of none."""
    if len(table) == 0:
        return blank(1, table.dtype)
    found: Record = np.ascontiguousarray(table).view(np.recarray)
    return found


def floor_from(tables: Tables, customers: int = 0) -> Floor:
    """A floor with these definitions and this state, and some room to spare."""
    agents = len(tables["roster"])
    floor = new_floor(
        agents=max(1, agents), queues=len(tables["queue_rules"]),
        interactions=len(tables["interactions"]) + 1_024 + 2 * agents,
        lines=max(1, len(tables["lines"])), ladders=max(1, len(tables["ladders"])),
        steps=max(1, len(tables["steps"])), clauses=max(1, len(tables["clauses"])),
        conversations=len(tables["conversations"]) + 1_024,
        customers=len(tables["customers"]) + 1_024 + customers,
    )  # fmt: skip
    for name in (*DEFINITION_TABLES, *STATE_TABLES):
        target = getattr(floor, name).view(np.ndarray).view(np.uint8)
        rows = np.ascontiguousarray(tables[name]).view(np.uint8)
        target[: len(rows)] = rows
    return floor


def _scene_of(
    plan: Plan,
    floor: Floor,
    seed: int,
    replication: int,
    trace: int,
    staffing: Staffing,
) -> Scene:
    scenario = plan.scenario
    times = scenario.days * (DAY_MS // scenario.every) + 1
    streams = len(plan.layout.streams)
    clock = blank(1, shapes.CLOCK)
    clock["run"] = run_key(seed, replication)
    clock["origin"] = clock["now"] = clock["last_counted"] = plan.origin_ms
    clock["every_ms"] = scenario.every
    clock["counted_from"] = plan.origin_ms + plan.layout.warm_up_ms
    clock["spare_return"] = NOBODY
    clock["intervals"] = times - 1
    clock["lines"] = -1 if scenario.lines is None else scenario.lines
    clock["tracing"] = trace > 0
    clock["sends_away"] = scenario.sent_away_at_close
    desks = blank(len(floor.agents), shapes.DESK)
    may_be_lost = staffing.may_be_lost()
    for k, staff in enumerate(scenario.staff.values()):
        first = plan.first_agents[k]
        desks["staff"][first : first + staff.agents] = k
        desks["may_be_lost"][first : first + staff.agents] = may_be_lost[k]
    returns = blank(256, shapes.RETURN)
    people = blank(len(floor.interactions), shapes.PERSON)
    entries = 2 * len(people) + len(desks) + len(returns)
    own = {
        name: np.ascontiguousarray(table).copy().view(np.recarray)
        if table.dtype.names
        else table.copy()
        for name, table in plan.scene.items()
    }
    return Scene(
        clock=clock,
        desks=desks,
        outages=outages_of([]),
        people=people,
        returns=returns,
        agenda=blank(entries, shapes.ENTRY),
        arrivals=blank(1, shapes.ARRIVAL),
        duties=blank(1, shapes.DUTY),
        prompts=blank(OUTBOX_MAX, shapes.PROMPT),
        customer_rows=np.full(max(1, plan.customers), NEW, np.int32),
        customers_of_rows=np.full(len(floor.customers), NOBODY, np.int32),
        counts=np.zeros(times * streams * len(Column)),
        areas=np.zeros(times * streams * len(Area)),
        waits=np.zeros(streams * 2 * CLASSES, np.int64),
        trace=blank(trace, COMMAND),
        **own,
    )
