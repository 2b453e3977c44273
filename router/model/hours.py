"""Spells of a local day in minutes since midnight, and how people write them.

A spell says nothing of dates or zones, so it is the same on a day of 23 hours and on
one of 25. What instants it covers is for whoever knows the zone.
"""

import re
from dataclasses import dataclass
from typing import Final

DAY_MINUTES: Final = 24 * 60

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of the week, in the order of Python's `weekday()`."""

SPELL_PATTERN: Final = (
    r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)"
)
"""A written spell as a regular expression, without anchors."""

_SPELL: Final = re.compile(SPELL_PATTERN)


@dataclass(frozen=True, slots=True, order=True)
class Spell:
    """From one minute of the day until just before another. Past midnight if it must."""

    start: int
    end: int

    @property
    def wraps(self) -> bool:
        """Whether it goes on after midnight."""
        return self.end <= self.start

    def covers(self, minute: int) -> bool:
        """Whether a minute of the day lies in it."""
        if self.wraps:
            return minute >= self.start or minute < self.end
        return self.start <= minute < self.end

    def __str__(self) -> str:
        """As `parse_spell` reads it."""
        return f"{_clock(self.start)}-{_clock(self.end)}"


def parse_spell(text: str) -> Spell:
    """Read "09:00-18:00" or, past midnight, "21:00-09:00". Raises ValueError."""
    match = _SPELL.fullmatch(text)
    if match is None:
        raise ValueError('must be two times of the day, as in "09:00-18:00"')
    start_hour, start_minute, end_hour, end_minute = match.groups()
    start = int(start_hour) * 60 + int(start_minute)
    end = DAY_MINUTES
    if end_hour is not None:
        end = int(end_hour) * 60 + int(end_minute)
    if start == end:
        raise ValueError("begins and ends at one time: the whole day is 00:00-24:00")
    return Spell(start, end)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
