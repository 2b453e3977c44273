"""Who was at work, from what they answered: the log does not say shifts.

An agent is at work from the first answer to the last of a session. A session ends where
the agent let waiting customers wait for longer than wrap-up takes: a break, a meeting,
the way home. That somebody is at work and idle before the first answer or after the last
cannot be seen; where hardly anybody waits, absence cannot be either.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.fit.log import DAY_MS, UNKNOWN, Floats, Ints, Log

PASSED_OVER_S: Final = 30.0
"""Longest that an agent at work leaves waiting customers waiting: wrap-up and all."""
IDLE_S: Final = 3_600.0
"""Longest that an agent at work has nothing to do."""
TYPE_LEAST: Final = 5
"""Fewest answers of a type by an agent who has its skill."""
TYPE_SHARE: Final = 1 / 3
"""Least share of a type among an agent's answers, of its share among all answers."""


@dataclass(frozen=True, slots=True)
class Session:
    """One agent at work without a break."""

    agent: int
    begins_ms: int
    ends_ms: int
    answers: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Who was at work when, and what they can do."""

    skills: dict[int, tuple[int, ...]]
    """Types that each agent answers."""
    sessions: tuple[Session, ...]
    wrap_up_s: Floats
    """Times from an end of service to the next answer while somebody waited throughout."""

    def on(self, day: int) -> "Presence":
        """Only those at work on a day."""
        sessions = tuple(
            one
            for one in self.sessions
            if one.begins_ms < (day + 1) * DAY_MS and one.ends_ms > day * DAY_MS
        )
        there = {one.agent for one in sessions}
        skills = {agent: can for agent, can in self.skills.items() if agent in there}
        return Presence(skills, sessions, self.wrap_up_s)

    def groups(self) -> dict[tuple[int, ...], tuple[int, ...]]:
        """Agents with the same skills, the largest group first."""
        found: dict[tuple[int, ...], list[int]] = {}
        for agent, types in sorted(self.skills.items()):
            found.setdefault(types, []).append(agent)
        order = sorted(found, key=lambda types: (-len(found[types]), types))
        return {types: tuple(found[types]) for types in order}

    def at_work(
        self, agents: tuple[int, ...], begins_ms: int, every_ms: int, count: int
    ) -> Floats:
        """Mean number of `agents` at work in each of `count` intervals from an instant."""
        edges = begins_ms + every_ms * np.arange(count + 1)
        total = np.zeros(count)
        for session in self.sessions:
            if session.agent in agents:
                inside = np.clip(edges, session.begins_ms, session.ends_ms)
                total += np.diff(inside) / every_ms
        return total


def presence_of(log: Log) -> Presence:
    """Who was at work in `log`."""
    rows = np.flatnonzero(log.answered & (log.agent != UNKNOWN))
    skills = skills_of(log.type[rows], log.agent[rows], len(log.types))
    busy = {types: _Waiting(log, types) for types in set(skills.values())}
    began = log.answered_ms
    ended = began + np.nan_to_num(log.service_s * 1000).astype(np.int64)
    sessions: list[Session] = []
    wrap_ups: list[float] = []
    for agent in skills:
        mine = rows[log.agent[rows] == agent]
        mine = mine[np.argsort(began[mine], kind="stable")]
        waiting = busy[skills[agent]]
        free, taken = ended[mine][:-1], began[mine][1:]
        gap_s = (taken - free) / 1000
        passed_s = waiting.seconds(free, taken)
        is_break = (passed_s > PASSED_OVER_S) | (gap_s > IDLE_S)
        back = np.where(gap_s > IDLE_S, taken, waiting.last_before(taken))
        whole = (gap_s > 0) & (passed_s >= gap_s - 1) & ~is_break
        wrap_ups += gap_s[whole].tolist()
        sessions += _sessions(agent, began[mine], ended[mine], is_break, back)
    in_order = sorted(sessions, key=lambda one: (one.begins_ms, one.agent))
    return Presence(skills, tuple(in_order), np.sort(np.array(wrap_ups)))


def skills_of(types: Ints, agents: Ints, count: int) -> dict[int, tuple[int, ...]]:
    """Types that each agent answers often enough not to be by accident."""
    overall = np.bincount(types, minlength=count) / max(len(types), 1)
    skills = {}
    for agent in np.unique(agents).tolist():
        mine = np.bincount(types[agents == agent], minlength=count)
        often = (mine >= TYPE_LEAST) & (mine >= TYPE_SHARE * overall * mine.sum())
        chosen = np.flatnonzero(often) if often.any() else [int(np.argmax(mine))]
        skills[agent] = tuple(int(one) for one in chosen)
    for missing in set(range(count)) - {t for each in skills.values() for t in each}:
        for agent in np.unique(agents[types == missing]).tolist():
            skills[agent] = tuple(sorted({*skills[agent], missing}))
    return skills


def _sessions(
    agent: int, began: Ints, ended: Ints, is_break: npt.NDArray[np.bool_], back: Ints
) -> list[Session]:
    """Runs of answers between breaks.

    A break begins after the last service and lasts as long as somebody waited in vain. A
    session ends in the middle of its last service: in a simulation whoever is talking when
    a shift ends finishes first, as people do.
    """
    breaks = np.flatnonzero(is_break)
    first = np.concatenate([[0], breaks + 1])
    last = np.concatenate([breaks, [len(began) - 1]])
    starts = np.concatenate([began[:1], np.minimum(back[breaks], began[breaks + 1])])
    sessions = []
    for i, j, start in zip(first.tolist(), last.tolist(), starts.tolist(), strict=True):
        end = max(int((began[j] + ended[j]) // 2), int(start) + 1000)
        sessions.append(Session(agent, int(start), end, j - i + 1))
    return sessions


class _Waiting:
    """How long somebody of certain types was waiting, up to any instant."""

    def __init__(self, log: Log, types: tuple[int, ...]) -> None:
        mine = np.isin(log.type, types) & (log.wait_s > 0)
        at = np.concatenate([log.queued_ms[mine], log.answered_ms[mine]])
        change = np.repeat([1, -1], int(mine.sum()))
        order = np.lexsort((change, at))
        self._at = at[order].astype(float)
        self._waiting = np.cumsum(change[order]) > 0
        lasted = np.diff(self._at, append=self._at[-1:])
        self._until = np.concatenate([[0.0], np.cumsum(lasted * self._waiting)])

    def seconds(self, begins: Ints, ends: Ints) -> Floats:
        """Seconds between two instants in which somebody waited."""
        return np.maximum(self._up_to(ends) - self._up_to(begins), 0) / 1000

    def last_before(self, instants: Ints) -> Ints:
        """The last instant, up to each given one, at which somebody waited."""
        if not len(self._at):
            return instants
        place = np.maximum(np.searchsorted(self._at, instants, side="left") - 1, 0)
        ended = np.where(self._waiting[place], instants, self._at[place])
        return np.asarray(np.minimum(ended, instants), dtype=np.int64)

    def _up_to(self, instants: Ints) -> Floats:
        if not len(self._at):
            return np.zeros(len(instants))
        place = np.searchsorted(self._at, instants, side="right")
        before = np.maximum(place - 1, 0)
        since = np.where(
            (place > 0) & self._waiting[before], instants - self._at[before], 0
        )
        return np.asarray(self._until[before] + since, dtype=float)
