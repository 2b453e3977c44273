"""How many arrive and how many are at work, in the mean, by interval of a day.

What the documents say, before chance: random factors have mean 1 and play no part, and
neither do retries, which nobody knows before the run. Arrays are [interval of the day].
"""

from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from router.model.time import minutes
from simulator.demand import DAY_MS, HOUR_MS, Days, profile_of, segments
from simulator.scenario.demand import Arrivals, Burst, Profile
from simulator.scenario.scenario import Scenario
from simulator.scenario.staff import Shift, Staff

Means = npt.NDArray[np.float64]

INTERVAL_MIN_MS: Final = minutes(15)
"""Shorter intervals say more of chance than of load."""


class Rates:
    """The means of one scenario, by day and interval; days are counted from 0."""

    def __init__(self, scenario: Scenario) -> None:
        """The means of `scenario`."""
        self.scenario = scenario
        self.every_ms = max(scenario.every, INTERVAL_MIN_MS)
        self._days = Days(scenario.calendar)
        self._shapes: dict[int, Means] = {}
        self._sums: dict[int, float] = {}
        self._present: dict[tuple[str, str], Means] = {}

    @cached_property
    def edges(self) -> Means:
        """Where the intervals of a day begin, and where the last ends; ms."""
        return np.append(np.arange(0.0, DAY_MS, self.every_ms), float(DAY_MS))

    def date(self, day: int) -> date:
        """The date of a day of the run."""
        return self._days.date(day)

    def arrivals(self, stream: str, day: int) -> Means:
        """Mean first attempts of a stream in each interval of a day; a trace has none."""
        means = np.zeros(len(self.edges) - 1)
        arrivals = self.scenario.demand[stream].arrivals
        if arrivals is None:
            return means
        profile = profile_of(arrivals, self._days, day)
        if profile is not None:
            means = means + self._shape(profile) * self._factor(arrivals, day)
        for burst in arrivals.bursts:
            if not burst.days or day + 1 in burst.days:
                means = means + self._burst(burst)
        return means

    def total(self, stream: str, day: int) -> float:
        """Mean first attempts of a stream on a day."""
        arrivals = self.scenario.demand[stream].arrivals
        if arrivals is None:
            return 0.0
        count = sum(
            burst.count * burst.probability
            for burst in arrivals.bursts
            if not burst.days or day + 1 in burst.days
        )
        profile = profile_of(arrivals, self._days, day)
        if profile is not None:
            self._shape(profile)
            count += self._sums[id(profile)] * self._factor(arrivals, day)
        return count

    def _factor(self, arrivals: Arrivals, day: int) -> float:
        factor = (1 + arrivals.growth_a_day) ** day
        if arrivals.weekday_factors:
            factors = {str(name): one for name, one in arrivals.weekday_factors.items()}
            factor *= factors.get(self._days.weekday(day), 1.0)
        return factor

    def at_work(self, name: str, day: int) -> Means:
        """Mean agents of an entry at work in each interval of a day, breaks taken off."""
        key = (name, self._days.weekday(day))
        if key not in self._present:
            staff = self.scenario.staff[name]
            present = self._scheduled(staff, key[1]) * (1 - staff.absent)
            # What is nobody must be nobody, however shares of intervals are rounded.
            kept = np.round(np.clip(present, 0, staff.agents), 9)
            self._present[key] = np.asarray(kept, dtype=np.float64)
        return self._present[key]

    def _shape(self, profile: Profile) -> Means:
        known = self._shapes.get(id(profile))
        if known is None:
            edges, means = segments(profile)
            so_far = np.concatenate([[0.0], np.cumsum(means)])
            known = self._differences(np.interp(self.edges, edges, so_far))
            self._shapes[id(profile)] = known
            self._sums[id(profile)] = float(means.sum())
        return known

    def _burst(self, burst: Burst) -> Means:
        ends = burst.at + max(burst.over, 1)
        return burst.count * burst.probability * self._inside(burst.at, ends)

    def _inside(self, begins: float | Means, ends: float | Means) -> Means:
        """The part of stretches of time that lies in each interval, added up."""
        first, last = np.atleast_1d(begins), np.atleast_1d(ends)
        passed = (self.edges[:, None] - first) / (last - first)
        return self._differences(np.clip(passed, 0, 1).sum(axis=1))

    def _differences(self, so_far: Means) -> Means:
        return np.asarray(np.diff(so_far), dtype=np.float64)

    def _scheduled(self, staff: Staff, weekday: str) -> Means:
        kept = 1 - staff.shrinkage
        if staff.at_work is not None:
            curve = staff.at_work
            at = curve.begins + curve.every * np.arange(len(curve.counts) + 1.0)
            counts = np.round(np.array(curve.counts) * kept)
            worked = np.concatenate([[0.0], np.cumsum(counts) * curve.every])
            return self._differences(np.interp(self.edges, at, worked)) / self.every_ms
        if not staff.shifts:
            return np.full(len(self.edges) - 1, float(round(staff.agents * kept)))
        present = np.zeros(len(self.edges) - 1)
        for shift in staff.shifts:
            if not shift.days or weekday in shift.days:
                agents = staff.agents if shift.agents is None else shift.agents
                present = present + self._on_duty(shift, round(agents * kept))
        return present

    def _on_duty(self, shift: Shift, agents: int) -> Means:
        length = shift.until - shift.begins
        worked = agents * length * self._inside(shift.begins, shift.until)
        for pause in shift.breaks if agents else ():
            places = np.floor(pause.spread * np.arange(agents) / agents)
            begins = shift.begins + pause.after + places
            worked = worked - pause.lasts * self._inside(begins, begins + pause.lasts)
        return worked / self.every_ms


__all__ = ["HOUR_MS", "Means", "Rates"]
