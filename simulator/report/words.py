"""What figures and times are called, and how a person reads them.

The only place that turns a share into `83.4%` and an interval into `09:30`. Nothing
here works a figure out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from typing import Final, Literal

from router.model.service_level import Definition
from simulator.result import Estimate, Result

Unit = Literal["share", "s", "count", "h", "mean", "money"]
DAY_MS: Final = 86_400_000
ABSENT: Final = "–"
LONG_TIMES: Final = ((7_200.0, 3_600.0, " h"), (600.0, 60.0, " min"))
"""From so many seconds on, a time is told in units of so many seconds."""
WHOLE_FROM: Final = 100
"""Counts from here on are told without decimals."""


@dataclass(frozen=True, slots=True)
class Said:
    """A figure's name for people, and its unit."""

    title: str
    unit: Unit


FIGURES: Final[Mapping[str, Said]] = {
    "arrived": Said("Arrived", "count"),
    "offered": Said("Offered", "count"),
    "answered": Said("Answered", "count"),
    "abandoned": Said("Abandoned", "count"),
    "refused": Said("Refused", "count"),
    "balked": Said("Balked", "count"),
    "called_back": Said("Took a callback", "count"),
    "retried": Said("Retried", "count"),
    "service_level": Said("Service level", "share"),
    "asa_s": Said("ASA", "s"),
    "wait_s": Said("Mean wait", "s"),
    "further_wait_s": Said("Further wait", "s"),
    "p_wait": Said("Had to wait", "share"),
    "abandonment": Said("Abandonment", "share"),
    "aht_s": Said("AHT", "s"),
    "occupancy": Said("Occupancy", "share"),
    "concurrency": Said("At hand at once", "mean"),
    "mean_queue": Said("Mean waiting", "mean"),
    "continuity": Said("Answered by owner", "share"),
    "handoff_continuity": Said("Handoffs to owner", "share"),
    "deflection": Said("Deflected by bots", "share"),
    "handoffs": Said("Came by handoff", "count"),
    "handed_off": Said("Handed off", "count"),
    "transferred": Said("Transferred", "count"),
    "transferred_in": Said("Came by transfer", "count"),
    "overflowed_in": Said("Overflowed in", "count"),
    "overflowed_out": Said("Overflowed out", "count"),
    "dead_lettered": Said("Dead-lettered", "count"),
    "signed_in_h": Said("Hours at work", "h"),
    "work_h": Said("Hours busy", "h"),
    "at_work": Said("Agents at work", "mean"),
    "busy": Said("Agents busy", "mean"),
    "cost": Said("Cost", "money"),
}
"""Figures that people read; what they mean stands in `simulator.figures.DEFINITIONS`."""

WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def said(figure: str) -> Said:
    """A figure's name and unit; what has no name of its own is said as it is spelt."""
    if figure in FIGURES:
        return FIGURES[figure]
    if figure in set(Definition):
        return Said(figure, "share")
    unit: Unit = "s" if figure.endswith("_s") else "mean"
    return Said(figure.removesuffix("_s").replace("_", " ").capitalize(), unit)


def number(value: float | None, unit: Unit) -> str:
    """A figure as people read it; a dash where there is none."""
    if value is None or not isfinite(value):
        return ABSENT
    length, sign = _scale(value, unit)
    return f"{value / length:,.{_decimals(value, unit)}f}{sign}"


def with_half(estimate: Estimate, unit: Unit) -> str:
    """`83.4% ± 1.2`: a mean and its half width, where it varies at all. Both are in the
    same unit, a share's half width in percentage points.
    """
    text = number(estimate.mean, unit)
    if estimate.mean is None or not estimate.half_width:
        return text
    length, _ = _scale(estimate.mean, unit)
    decimals = _decimals(estimate.mean, unit)
    return f"{text} ± {estimate.half_width / length:,.{decimals}f}"


def _scale(value: float, unit: Unit) -> tuple[float, str]:
    """What a figure is divided by, and what stands behind it: long waits are told in
    minutes or hours.
    """
    if unit == "share":
        return 0.01, "%"
    if unit != "s":
        return 1.0, " h" if unit == "h" else ""
    for least, length, name in LONG_TIMES:
        if abs(value) >= least:
            return length, name
    return 1.0, " s"


def _decimals(value: float, unit: Unit) -> int:
    if unit in ("count", "money"):
        return 0 if abs(value) >= WHOLE_FROM else 1
    return 2 if unit == "mean" else 1


def clock(ms: int) -> str:
    """A time of day, such as `09:30`; the end of the day is `24:00`."""
    minutes = ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"


def day_name(day: int, first_day: date | None) -> str:
    """What day of the run it is, counted from 0: `Mon 2 Mar`, or `Day 1`."""
    if first_day is None:
        return f"Day {day + 1}"
    at = first_day + timedelta(days=day)
    return f"{WEEKDAYS[at.weekday()][:3]} {at.day} {at:%b}"


def length_of(result: Result) -> str:
    """How long one replication is: `one day`, `5 days`."""
    days = result.layout.days
    return "one day" if days == 1 else f"{days} days"


def pair_name(pair: tuple[str, str]) -> str:
    """A queue and a channel, as headings have them."""
    queue, channel = pair
    return f"{queue} / {channel}"
