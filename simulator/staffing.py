"""Who is at work when: one day of shifts, breaks, absences and outages as duties for the
loop.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.demand import DAY_MS, Days, generator
from simulator.scenario.scenario import Scenario
from simulator.scenario.staff import Outage, Shift, Staff
from simulator.scene import BACK, BREAK, COMES, DUTY, GOES, LEVEL, LOST, STAY

_ABSENT = 1 << 21
"""In place of a stream: who is absent."""
Duty = tuple[int, int, int, int]
_ORDER = {LOST: 0, GOES: 1, LEVEL: 2, COMES: 3, BACK: 4, BREAK: 5, STAY: 6}
"""What goes first at one instant."""


class Staffing:
    """Draws the duties of a run's days."""

    def __init__(
        self, scenario: Scenario, first_agents: list[int], seed: int, replication: int
    ) -> None:
        """`first_agents` is the first agent's row of each staff entry."""
        self._scenario = scenario
        self._entries = list(scenario.staff.items())
        self._first = first_agents
        self._days = Days(scenario.calendar)
        self._seed = seed
        self._replication = replication

    def day(self, day: int) -> npt.NDArray[Any]:
        """The day's duties in order, instants in engine time."""
        duties: list[Duty] = []
        for s, (_, staff) in enumerate(self._entries):
            duties += self._entry(s, staff, day)
        duties += self._outages(day)
        duties.sort(key=lambda duty: (duty[0], _ORDER[duty[1]]))
        rows = np.array(duties, DUTY) if duties else np.zeros(0, DUTY)
        rows["at"] += self._days.origin_ms + day * DAY_MS
        return rows

    def handle_factors(self, day: int) -> list[float]:
        """How slow each entry is on a day, learning included."""
        return [
            staff.handle_factor * _learning(staff, day) for _, staff in self._entries
        ]

    def outage_windows(self, day: int) -> list[tuple[int, int, int]]:
        """Channel (0: the router), begin and end in engine time, of the day's outages and
        of those that began the day before.
        """
        found = []
        for outage in self._scenario.outages:
            for began in (day - 1, day):
                if outage.kind != "agents" and _on(outage, began):
                    at = self._days.origin_ms + began * DAY_MS + outage.at
                    channel = 0 if outage.kind == "router" else int(outage.channel or 0)
                    found.append((channel, at, at + outage.lasts))
        return found

    def may_be_lost(self) -> list[bool]:
        """By staff entry, whether an outage ever takes its agents."""
        names = {
            outage.staff for outage in self._scenario.outages if outage.kind == "agents"
        }
        return [None in names or name in names for name, _ in self._entries]

    def _entry(self, s: int, staff: Staff, day: int) -> list[Duty]:
        absent = self._absent(s, staff, day)
        if staff.at_work is not None:
            return self._levels(s, staff, absent, day)
        if staff.shifts:
            return self._shifts(s, staff, absent, day)
        present = _kept(staff.agents, staff.shrinkage)
        before = self._absent(s, staff, day - 1) if day else None
        duties: list[Duty] = []
        for k in range(present):
            was_there = before is not None and not before[k]
            if absent[k] == was_there:
                kind = GOES if absent[k] else COMES
                duties.append((0, kind, self._first[s] + k, 0))
        return duties

    def _absent(self, s: int, staff: Staff, day: int) -> npt.NDArray[np.bool_]:
        if staff.absent == 0:
            return np.zeros(staff.agents, np.bool_)
        chance = generator(self._seed, self._replication, day, _ABSENT, s)
        return chance.random(staff.agents) < staff.absent

    def _levels(
        self, s: int, staff: Staff, absent: npt.NDArray[np.bool_], day: int
    ) -> list[Duty]:
        assert staff.at_work is not None
        curve = staff.at_work
        duties = []
        for k, count in enumerate(curve.counts):
            kept = _kept(count, staff.shrinkage)
            wanted = kept - int(absent[:kept].sum())
            duties.append((curve.begins + k * curve.every, LEVEL, s, wanted))
        ends = curve.begins + len(curve.counts) * curve.every
        around_the_clock = curve.begins == 0 and ends == DAY_MS
        last = day + 1 == self._scenario.days
        if curve.stay_until_empty:
            if last or not around_the_clock:
                duties.append((ends, STAY, s, 0))
        elif not around_the_clock:
            duties.append((ends, LEVEL, s, 0))
        return duties

    def _shifts(
        self, s: int, staff: Staff, absent: npt.NDArray[np.bool_], day: int
    ) -> list[Duty]:
        weekday = self._days.weekday(day)
        duties: list[Duty] = []
        busy: dict[int, list[Shift]] = {}
        offset = 0
        # In order of their beginnings: then whoever is needed is found among the free.
        for shift in sorted(staff.shifts, key=lambda shift: shift.begins):
            scheduled = staff.agents if shift.agents is None else shift.agents
            if not shift.days or weekday in shift.days:
                kept = min(_kept(scheduled, staff.shrinkage), staff.agents)
                for k in range(kept):
                    place = _free_at(busy, shift, offset + k, staff.agents)
                    busy.setdefault(place, []).append(shift)
                    if not absent[place]:
                        duties += _breaks(self._first[s] + place, shift, k, kept)
            if shift.agents is not None:
                offset += scheduled
        for place, worked in busy.items():
            if not absent[place]:
                duties += _spells(self._first[s] + place, worked)
        return duties

    def _outages(self, day: int) -> list[Duty]:
        duties: list[Duty] = []
        for outage in self._scenario.outages:
            if outage.kind != "agents" or not _on(outage, day):
                continue
            for s, (name, staff) in enumerate(self._entries):
                if outage.staff in (None, name):
                    for k in range(round(outage.share * staff.agents)):
                        agent = self._first[s] + k
                        duties.append((outage.at, LOST, agent, 0))
                        duties.append((outage.at + outage.lasts, BACK, agent, 0))
        return duties


def _spells(agent: int, worked: list[Shift]) -> list[Duty]:
    """Whoever works two shifts that touch works on from the one to the other."""
    joined: list[tuple[int, int]] = []
    for shift in worked:
        begins = shift.begins
        if joined and begins <= joined[-1][1]:
            begins = joined.pop()[0]
        joined.append((begins, shift.until))
    return [
        duty
        for begins, until in joined
        for duty in ((begins, COMES, agent, 0), (until, GOES, agent, 0))
    ]


def _breaks(agent: int, shift: Shift, k: int, of: int) -> list[Duty]:
    duties: list[Duty] = []
    for pause in shift.breaks:
        at = shift.begins + pause.after + pause.spread * k // max(1, of)
        if at < shift.until:
            duties.append((at, BREAK, agent, min(pause.lasts, shift.until - at)))
    return duties


def _free_at(
    busy: dict[int, list[Shift]], shift: Shift, wanted: int, agents: int
) -> int:
    """The next agent from `wanted` on whose other shifts do not overlap this one."""
    for k in range(agents):
        place = (wanted + k) % agents
        others = busy.get(place, [])
        if all(
            one.until <= shift.begins or shift.until <= one.begins for one in others
        ):
            return place
    return wanted % agents


def _kept(scheduled: int, shrinkage: float) -> int:
    """How many of the scheduled are there after shrinkage."""
    return round(scheduled * (1 - shrinkage))


def _on(outage: Outage, day: int) -> bool:
    return day >= 0 and (not outage.days or day + 1 in outage.days)


def _learning(staff: Staff, day: int) -> float:
    """The factor on handle times after so many days at work; it fades by halves."""
    if staff.learning is None:
        return 1.0
    days = staff.learning.days_before + day
    return float(
        1 + (staff.learning.start - 1) * 0.5 ** (days / staff.learning.half_life_days)
    )
