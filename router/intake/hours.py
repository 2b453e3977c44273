"""Local time: what is open, what is quiet, and when that ends.

Instants are milliseconds and arguments. A wall clock jumps in two nights of the year;
everything here asks what the wall shows at an instant and never adds hours to a wall,
so a day of 23 or 25 hours is a day like any other.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from router.model.hours import DAYS, Spell
from router.model.time import minutes
from router.policy.hours import HoursPolicy

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

HALF_DAY_ENDS: Final = {"TR": 13 * 60}
"""When offices close on a half day, in minutes, in countries that have such days."""


def local(at_ms: int, zone: ZoneInfo) -> datetime:
    """What a wall clock in `zone` shows at an instant."""
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)


def instant(wall: datetime) -> int:
    """The instant of a time with a zone, in milliseconds."""
    return (wall - EPOCH) // timedelta(milliseconds=1)


def minute_of(wall: datetime) -> int:
    """The minute of the day."""
    return wall.hour * 60 + wall.minute


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening hours, ready to be asked."""

    zone: ZoneInfo
    week: tuple[tuple[Spell, ...], ...]
    """Spells by weekday, Monday first."""
    closed_on: frozenset[date]
    country: str
    """Whose public holidays are closed; empty for none."""

    @classmethod
    def of(cls, policy: HoursPolicy, site: str) -> "Opening":
        """From the policy; `site` is the site's time zone."""
        return cls(
            zone=ZoneInfo(policy.timezone or site),
            week=tuple(policy.week.get(day, ()) for day in DAYS),
            closed_on=frozenset(map(date.fromisoformat, policy.closed_on)),
            country=policy.holidays,
        )

    def is_open(self, at_ms: int) -> bool:
        """Whether it is open at an instant."""
        wall = local(at_ms, self.zone)
        minute = minute_of(wall)
        if not any(spell.covers(minute) for spell in self.week[wall.weekday()]):
            return False
        day = wall.date()
        if day in self.closed_on:
            return False
        return not self.country or minute < _closes(self.country, day)


@functools.lru_cache(maxsize=1024)
def _closes(country: str, day: date) -> int:
    """The minute from which a public holiday has closed the country's offices."""
    whole, half = _calendars(country)
    if day in whole:
        return 0
    if half is not None and day in half:
        return HALF_DAY_ENDS[country]
    return 24 * 60


@functools.cache
def _calendars(country: str) -> tuple[Any, Any]:
    # The library takes a quarter of a second to import: only who needs it pays.
    import holidays

    whole = holidays.country_holidays(country)
    if country not in HALF_DAY_ENDS:
        return whole, None
    half = holidays.country_holidays(country, categories=(holidays.HALF_DAY,))
    return whole, half


def knows_holidays_of(country: str) -> bool:
    """Whether the public holidays of a country are known."""
    import holidays

    return country in holidays.list_supported_countries()


def within(spells: Sequence[Spell], zone: ZoneInfo, at_ms: int) -> bool:
    """Whether a wall clock shows a time within any of the spells."""
    minute = minute_of(local(at_ms, zone))
    return any(spell.covers(minute) for spell in spells)


def after_quiet(spells: Sequence[Spell], zone: ZoneInfo, at_ms: int) -> int:
    """When it is quiet no more; `at_ms` itself if it is not quiet.

    Quiet hours that have begun go on to their end, also when the clock is put back in
    them to a time before they began.
    Where every minute of the day is quiet there is none, and it raises ValueError.
    """
    for _ in range(2 * len(spells) + 2):  # one spell may lead into the next
        wall = local(at_ms, zone)
        minute = minute_of(wall)
        covering = [spell for spell in spells if spell.covers(minute)]
        if not covering:
            return at_ms
        at_ms = max(_end(spell, wall, at_ms) for spell in covering)
    raise ValueError("quiet hours leave no minute of the day")


def _end(spell: Spell, wall: datetime, at_ms: int) -> int:
    """When the wall clock first shows the end of a spell that covers it now.

    Not later than the clock, if it jumps over the end; and on a night that has an hour
    twice, the first time the end is shown after `at_ms`.
    """
    tomorrow = spell.end == 24 * 60 or (spell.wraps and minute_of(wall) >= spell.start)
    day = wall.date() + timedelta(days=1 if tomorrow else 0)
    hour, minute = divmod(spell.end % (24 * 60), 60)
    zone = wall.tzinfo
    candidates = sorted(
        instant(
            datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=zone)
        )
        for fold in (0, 1)
    )
    for candidate in candidates:
        if candidate > at_ms and _shows(candidate, zone, hour, minute):
            return candidate
    # The clock jumps over the end: the first minute that is no longer in the spell.
    step = minutes(1)
    candidate = max(candidates[0], at_ms) // step * step
    while candidate <= at_ms or spell.covers(minute_of(local(candidate, zone))):  # type: ignore[arg-type]
        candidate += step
    return candidate


def _shows(at_ms: int, zone: Any, hour: int, minute: int) -> bool:
    wall = local(at_ms, zone)
    return (wall.hour, wall.minute) == (hour, minute)
