"""What is offered to whom: the load of each queue, and systems that cannot bear theirs.

Means from the documents, before chance and before any run: a bound, not a forecast. The
offered load in Erlang is arrivals by the hour times mean handle time with wrap-up, in
hours. An agent who serves several at once counts for as many as slow-down leaves.
Random factors, retries and whoever gives up play no part.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from router.model.time import hours
from router.policy.policy import Policy
from simulator.distributions import mean_ms
from simulator.scenario.able import able_of, could_take
from simulator.scenario.bound import Bottleneck, bottleneck
from simulator.scenario.flows import followers
from simulator.scenario.load import Loaded
from simulator.scenario.rates import HOUR_MS, Means, Rates
from simulator.scenario.scenario import Scenario, Stream

DAYS_LOOKED_AT: Final = 35
"""Of a long run, so many days of the beginning are looked at, and the last."""
CLOSE: Final = 1e-9
"""Figures that differ by less than this share are equal; the earlier one counts."""
FULL: Final = 1 - CLOSE
"""From this occupancy on a queue does not come to rest any more."""
PATIENT_TARGET_MS: Final = hours(1)
"""A queue with such a threshold may be overloaded for a while: it catches up."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a day of the run."""

    date: date
    from_ms: int
    until_ms: int

    def __str__(self) -> str:
        """`2026-03-02 10:00-10:30`."""
        return f"{self.date} {self.begins}-{self.ends}"

    @property
    def begins(self) -> str:
        """`10:00`."""
        return _clock(self.from_ms)

    @property
    def ends(self) -> str:
        """`10:30`."""
        return _clock(self.until_ms)


@dataclass(frozen=True, slots=True)
class Offered:
    """The load of one queue, or of the whole."""

    name: str
    """The queue; empty for the whole."""
    per_hour: float
    """Mean interactions an hour, over all hours of the run in which some arrive."""
    per_hour_busiest: float
    busiest: Interval
    """When the load is highest."""
    handle_ms: float
    """Mean time with an agent and wrap-up, one at once."""
    erlang: float
    """Offered in the mean, over the same hours as `per_hour`."""
    erlang_busiest: float
    agents: float
    """At work then who could take it, under any step of relaxation."""
    occupancy: float
    """How busy these agents are with it then, at least; above 1 is impossible."""


@dataclass(frozen=True, slots=True)
class _Hour:
    """One interval: interactions, work and people, by name."""

    interval: Interval
    arriving: dict[str, float]
    """Interactions of each stream in the interval."""
    work: dict[str, float]
    """Agents kept busy by each stream."""
    agents: dict[str, float]
    """At work, by staff."""


class Loads:
    """The loads of a scenario, interval by interval."""

    def __init__(self, scenario: Scenario, policy: Policy) -> None:
        """The loads of `scenario` under `policy`."""
        self.scenario = scenario
        self.policy = policy
        self.rates = Rates(scenario)
        self.takes = could_take(scenario, policy)
        self._known: dict[tuple[float, ...], Bottleneck | None] = {}

    @cached_property
    def handle_ms(self) -> dict[str, float]:
        """Mean time with an agent and wrap-up by stream, with the quickest staff."""
        return {
            name: min(
                (sum(self._times(stream, who)) for who in self.takes[name]),
                default=mean_ms(stream.handle) + self._wrap_up_ms(stream),
            )
            for name, stream in self.scenario.demand.items()
        }

    @cached_property
    def agent_ms(self) -> dict[str, float]:
        """Least time of an agent by stream, when as many at once as is best."""
        return {
            name: min(
                (self._agent_ms(stream, who) for who in self.takes[name]), default=0.0
            )
            for name, stream in self.scenario.demand.items()
        }

    @cached_property
    def intervals(self) -> list[_Hour]:
        """Every interval looked at in which something arrives or somebody works."""
        days = range(self.scenario.days)
        looked_at = [*days[:DAYS_LOOKED_AT], *days[DAYS_LOOKED_AT:][-1:]]
        return [hour for day in looked_at for hour in self._hours(day)]

    def is_urgent(self, stream: str) -> bool:
        """Whether what arrives cannot wait for a quieter hour."""
        queue = self.policy.queues[self.scenario.demand[stream].queue]
        return queue.service_level.within_ms < PATIENT_TARGET_MS

    def overloaded(self, hour: _Hour) -> Bottleneck | None:
        """The urgent streams whose work fits the staff of an interval least, if it is
        more than they can do.
        """
        urgent = {
            name: load for name, load in hour.work.items() if self.is_urgent(name)
        }
        key = (*urgent.values(), *hour.agents.values())
        if key not in self._known:
            self._known[key] = bottleneck(urgent, hour.agents, self.takes, FULL)
        return self._known[key]

    def tightest_of_all(self) -> Bottleneck | None:
        """The streams whose work fits the staff of the run least, in the mean."""
        count = max(1, len(self.intervals))
        work = dict.fromkeys(self.scenario.demand, 0.0)
        agents = dict.fromkeys(self.scenario.staff, 0.0)
        for hour in self.intervals:
            for name, load in hour.work.items():
                work[name] += load / count
            for who, present in hour.agents.items():
                agents[who] += present / count
        return bottleneck(work, agents, self.takes)

    def over_all(self, streams: Iterable[str]) -> Bottleneck:
        """The work of some streams over the run, and of those who could take them."""
        chosen = tuple(streams)
        able = {who for name in chosen for who in self.takes[name]}
        count = max(1, len(self.intervals))
        work = sum(hour.work[name] for hour in self.intervals for name in chosen)
        agents = sum(hour.agents[who] for hour in self.intervals for who in able)
        return Bottleneck(chosen, work / count, agents / count)

    def _hours(self, day: int) -> list[_Hour]:
        demand, staff = self.scenario.demand, self.scenario.staff
        first = np.array([self.rates.arrivals(name, day) for name in demand])
        arriving = (first.T @ followers(self.scenario, self.takes)).T
        present = np.array([self.rates.at_work(name, day) for name in staff])
        every_ms = self.rates.every_ms
        busy_ms = np.array(list(self.agent_ms.values()))
        work = arriving * busy_ms[:, None] / every_ms

        def named(names: Iterable[str], values: Means) -> dict[str, float]:
            return dict(zip(names, map(float, values), strict=True))

        return [
            _Hour(
                Interval(self.rates.date(day), k * every_ms, (k + 1) * every_ms),
                named(demand, arriving[:, k]),
                named(demand, work[:, k]),
                named(staff, present[:, k]) if staff else {},
            )
            for k in range(arriving.shape[1])
        ]

    def _times(self, stream: Stream, who: str) -> tuple[float, float]:
        """Mean time with an agent of this staff, and wrap-up."""
        staff = self.scenario.staff[who]
        handle = mean_ms(stream.handle_by.get(who, stream.handle))
        return handle * staff.handle_factor, self._wrap_up_ms(stream)

    def _wrap_up_ms(self, stream: Stream) -> float:
        queue = self.policy.queues[stream.queue]
        if stream.wrap_up is None:
            return float(queue.wrap_up_ms)
        return min(mean_ms(stream.wrap_up), float(queue.wrap_up_max_ms))

    def _agent_ms(self, stream: Stream, who: str) -> float:
        staff = self.scenario.staff[who]
        most = able_of(staff, self.policy).at_once(self.policy, stream.channel)
        handle, wrap_up = self._times(stream, who)
        away = 0.0
        if staff.not_ready is not None:
            away = staff.not_ready.probability * mean_ms(staff.not_ready.lasts)
        factors = [1.0]
        for slow in self.scenario.slow_down:
            if stream.channel in slow.channels:
                factors = slow.factors
        return min(
            (handle * factors[min(n, len(factors)) - 1] + wrap_up) / n + away
            for n in range(1, most + 1)
        )


def offered_load(loaded: Loaded) -> list[Offered]:
    """The load of each queue in demand, in the order of the scenario, then the whole."""
    loads = Loads(loaded.scenario, loaded.policy)
    queues: dict[str, list[str]] = {}
    for name, stream in loaded.scenario.demand.items():
        queues.setdefault(stream.queue, []).append(name)
    rows = [_offered(loads, queue, streams) for queue, streams in queues.items()]
    whole = _offered(loads, "", list(loaded.scenario.demand))
    return [row for row in [*rows, whole] if row is not None]


def _offered(loads: Loads, name: str, streams: list[str]) -> Offered | None:
    hours_of = [
        (hour, sum(hour.arriving[s] for s in streams)) for hour in loads.intervals
    ]
    open_hours = [(hour, count) for hour, count in hours_of if count > 0]
    if not open_hours:
        return None
    per_hour = HOUR_MS / loads.rates.every_ms

    def erlang(hour: _Hour) -> float:
        return sum(
            hour.arriving[s] * loads.handle_ms[s] / loads.rates.every_ms
            for s in streams
        )

    highest = max(erlang(hour) for hour, _ in open_hours)
    busiest, count = next(
        one for one in open_hours if erlang(one[0]) >= highest * (1 - CLOSE)
    )
    total = sum(count for _, count in open_hours)
    worked = sum(erlang(hour) for hour, _ in open_hours)
    able = {who for s in streams for who in loads.takes[s]}
    agents = sum(busiest.agents[who] for who in able)
    work = sum(busiest.work[s] for s in streams)
    return Offered(
        name=name,
        per_hour=total / len(open_hours) * per_hour,
        per_hour_busiest=count * per_hour,
        busiest=busiest.interval,
        handle_ms=worked * loads.rates.every_ms / total,
        erlang=worked / len(open_hours),
        erlang_busiest=erlang(busiest),
        agents=agents,
        occupancy=work / agents if agents else float("inf"),
    )


def _clock(at_ms: int) -> str:
    return f"{at_ms // HOUR_MS:02}:{at_ms // 60_000 % 60:02}"
