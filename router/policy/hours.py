"""Opening hours and quiet hours as a policy writes them.

A week of local time with its exceptions. Which instants that means is reckoned by
`router.intake.hours`; this file must never look at a date but to see that it is one.
"""

import datetime
import itertools
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetPydanticSchema,
    WithJsonSchema,
)
from pydantic_core import core_schema

from router.model.hours import DAYS, SPELL_PATTERN, Spell, parse_spell
from router.policy.fields import (
    OneOrMore,
    OwnCountry,
    OwnTimeZone,
    in_order,
    wrong,
)
from router.policy.needs import Part
from router.policy.suggest import meant

SPELLS_MAX: Final = 8
DATES_MAX: Final = 400

_ALLOWED: Final = "mon to sun, or a stretch such as mon-fri"


def _read_spell(value: Any) -> Spell:
    if isinstance(value, Spell):
        return value
    if not isinstance(value, str):
        raise wrong('must be two times of the day, as in "09:00-18:00"')
    try:
        return parse_spell(value)
    except ValueError as problem:
        spaceless = "".join(value.split()).replace("–", "-").replace(".", ":")
        raise wrong(str(problem), suggestion=_if_spell(spaceless)) from None


def _if_spell(text: str) -> str:
    try:
        return str(parse_spell(text))
    except ValueError:
        return ""


def _not_past_midnight(spell: Spell) -> Spell:
    if spell.wraps:
        raise wrong("goes past midnight: write two spells, the second for the next day")
    return spell


SpellField = Annotated[
    Spell,
    GetPydanticSchema(
        lambda source, handler: core_schema.no_info_plain_validator_function(
            _read_spell,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, when_used="json"
            ),
        )
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{SPELL_PATTERN}$"}),
]
"""Two times of the day: `"21:00-09:00"`."""


def _apart(spells: tuple[Spell, ...]) -> tuple[Spell, ...]:
    spells = tuple(sorted(spells))
    for earlier, later in itertools.pairwise(spells):
        if later.start < earlier.end:
            raise wrong(f"{later} overlaps {earlier}: join them")
    return spells


DaySpells = Annotated[
    tuple[Annotated[SpellField, AfterValidator(_not_past_midnight)], ...],
    Field(max_length=SPELLS_MAX),
    AfterValidator(_apart),
    OneOrMore(),
]


def days_of(key: str) -> tuple[str, ...]:
    """The days a key of a week stands for: "mon", or "mon-fri". Raises ValueError."""
    first, dash, last = key.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(key)
    start, end = DAYS.index(first), DAYS.index(last or first)
    if end < start:
        raise ValueError(key)
    return DAYS[start : end + 1]


def _week(value: Any) -> Any:
    """A stretch of days written out; what cannot be read is left for the fields."""
    if not isinstance(value, dict):
        return value
    written: dict[str, Any] = {}
    for key, spells in value.items():
        try:
            days = days_of(key)
        except ValueError:
            raise wrong(
                f'"{key}" is no day of the week',
                allowed=_ALLOWED,
                suggestion=meant(key, DAYS),
            ) from None
        for day in days:
            if day in written:
                raise wrong(f"says {day} twice: name each day once")
            written[day] = spells
    return written


def _in_week_order(week: dict[str, Any]) -> dict[str, Any]:
    return {day: week[day] for day in DAYS if day in week}


def _date(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise wrong('must be a date, as in "2026-10-29"') from None


Date = Annotated[str, AfterValidator(_date)]

OneOrMoreSpells = Annotated[
    tuple[SpellField, ...],
    Field(max_length=SPELLS_MAX),
    AfterValidator(in_order),
    OneOrMore(),
]
"""Spells of every day alike, which may go past midnight: quiet hours."""


class HoursPolicy(Part):
    """When something is open, in local time."""

    timezone: OwnTimeZone = Field(
        default="",
        description="Whose local time; the site's time zone where nothing is said.",
    )
    week: Annotated[
        dict[str, DaySpells], BeforeValidator(_week), AfterValidator(_in_week_order)
    ] = Field(
        min_length=1,
        description=f"Spells by day ({_ALLOWED}); a day left out is closed.",
    )
    closed_on: Annotated[tuple[Date, ...], AfterValidator(in_order)] = Field(
        default=(),
        max_length=DATES_MAX,
        description="Dates on which it stays closed.",
    )
    holidays: OwnCountry = Field(
        default="",
        description="A country by two capital letters, whose public holidays are "
        "closed, and whose half days end when the country's offices do.",
    )
