"""What agents can do, from what they passed over.

An agent who became free and took somebody, although another type's first should have gone
first by all head starts, passed that type over. Whoever does so far oftener than answering
the type does not have its skill, at least not on that day.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from simulator.fit.log import UNKNOWN, Floats, Ints, Log
from simulator.fit.presence import Presence

AHEAD_S: Final = 30.0
"""By so much the one passed over was ahead at least."""
PASSED_MIN: Final = 3
"""Fewer may be by accident."""
PASSED_RATIO: Final = 2.0
"""A skill is missing where so many times more are passed over than answered."""
WAITING_MAX: Final = 300


def passed_over(log: Log, class_of_row: Ints, head_start_s: Floats) -> Ints:
    """[agent, type]: how often each agent passed a type over."""
    count = np.zeros((len(log.agents), len(log.types)), dtype=np.int64)
    due_s = log.queued_ms / 1000 - head_start_s[class_of_row]
    waited = np.flatnonzero(log.wait_s > 1)
    queued, left = log.queued_ms[waited], log.answered_ms[waited]
    due, types = due_s[waited], log.type[waited]
    for k in waited[log.answered[waited] & (log.agent[waited] != UNKNOWN)].tolist():
        at = int(log.answered_ms[k])
        end = int(np.searchsorted(queued, at, side="left"))
        begin = max(0, end - WAITING_MAX)
        ahead = (left[begin:end] > at + 1000) & (due[begin:end] < due_s[k] - AHEAD_S)
        for type_ in set(types[begin:end][ahead].tolist()) - {int(log.type[k])}:
            count[log.agent[k], type_] += 1
    return count


def answers_of(log: Log) -> Ints:
    """[agent, type]: how often each agent answered a type."""
    count = np.zeros((len(log.agents), len(log.types)), dtype=np.int64)
    rows = log.answered & (log.agent != UNKNOWN)
    np.add.at(count, (log.agent[rows], log.type[rows]), 1)
    return count


def without_passed_over(
    presence: Presence, log: Log, class_of_row: Ints, head_start_s: Floats
) -> Presence:
    """The same presence without the skills that agents do not show in `log`.

    An agent keeps at least the type answered most, and a type at least one agent.
    """
    passed = passed_over(log, class_of_row, head_start_s)
    answers = answers_of(log)
    lacking = (passed >= PASSED_MIN) & (passed > PASSED_RATIO * answers)
    skills = {}
    for agent, types in presence.skills.items():
        kept = tuple(type_ for type_ in types if not lacking[agent, type_])
        skills[agent] = kept or (int(np.argmax(answers[agent])),)
    for type_ in range(len(log.types)):
        able = [agent for agent, types in presence.skills.items() if type_ in types]
        if able and not any(type_ in types for types in skills.values()):
            for agent in able:
                skills[agent] = tuple(sorted({*skills[agent], type_}))
    return replace(presence, skills=skills)
