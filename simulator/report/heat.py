"""Heat maps: the service level by day and interval, and how busy the staff is.

Colours stand for classes, not for a sliding scale, so that a cell can be read off the
legend. Service levels are told apart by their distance from the target: below it in one
hue, above it in the other.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from simulator.records import Sums
from simulator.report.drawing import (
    Chart,
    Spec,
    Values,
    chart,
    class_colours,
    class_names,
    span,
    time_of_day,
)
from simulator.report.timeline import (
    minutes,
    opening,
    over_the_day,
    ratio,
    sums_by_interval,
    telling,
)
from simulator.report.words import WEEKDAYS, day_name, number, pair_name
from simulator.result import Result

ROWS_MOST: Final = 14
STAFF_MOST: Final = 30
AT_WORK_LEAST: Final = 0.25
"""Whoever finishes after the shift is always busy: no figure of the staff."""
ROW_HEIGHT: Final = 24
TARGET_COLOURS: Final = tuple(f"var(--target-{n})" for n in range(1, 6))
STEPS: Final = (-0.2, -0.1, 0.0, 0.1)
"""From the target to the bounds of the classes."""
BUSY_COLOURS: Final = tuple(f"var(--busy-{n})" for n in range(1, 6))
BUSY_BOUNDS: Final = (0.5, 0.7, 0.85, 0.95)


def service_level_by_day(result: Result, pair: int, first_day: date | None) -> Chart:
    """Weekdays, or the days of the run, against the time of day."""
    layout = result.layout
    names, groups = _days(result, first_day)
    parts, wholes = sums_by_interval(result, "pair", "service_level")
    parts = np.einsum("gd,di->gi", groups, parts[:, :, pair])
    wholes = np.einsum("gd,di->gi", groups, wholes[:, :, pair])
    days = groups.sum(axis=1)[:, None]
    enough = telling(wholes, days, result.replications)
    found = np.where(enough, ratio(parts, wholes), np.nan)
    target = layout.pair_target_percent[pair] / 100
    bounds = [target + step for step in STEPS if 0 < target + step < 1]
    colours = TARGET_COLOURS[sum(target + step <= 0 for step in STEPS) :]
    return Chart(
        title=pair_name(layout.pairs[pair]),
        note=f"Service level by {layout.pair_definition[pair]}; the target is "
        f"{layout.pair_target_percent[pair]}%. Empty: less than one wait in two days ended then.",
        spec=_map(result, names, found, bounds, colours, "Service level"),
    )


def occupancy(result: Result) -> Chart:
    """Entries of the staff against the time of day."""
    hours = result.intervals("staff", "signed_in_h").mean
    order = np.argsort(-hours, kind="stable")
    shown = [int(at) for at in order[:STAFF_MOST] if hours[at] > 0]
    found = over_the_day(result, "staff", "occupancy").T
    note = (
        "Share of agents' time at work that was busy or wrap-up. Empty: nobody there."
    )
    if len(shown) < len(hours):
        note += f" The {len(shown)} entries with the most hours of {len(hours)}."
    return Chart(
        title="Occupancy by staff and time of day",
        note=note,
        spec=_map(
            result,
            [result.layout.staff[at] for at in shown],
            found[shown],
            BUSY_BOUNDS,
            BUSY_COLOURS,
            "Occupancy",
        ),
    )


def _days(result: Result, first_day: date | None) -> tuple[list[str], Sums]:
    """Names of the rows, and [row, day]: 1 where the day belongs to the row."""
    days = result.layout.days
    if days <= ROWS_MOST:
        return [day_name(day, first_day) for day in range(days)], np.eye(days)
    of_week = np.arange(days) % 7
    if first_day is None:
        names = [f"Day {day + 1} of 7" for day in range(7)]
    else:
        of_week = (of_week + first_day.weekday()) % 7
        names = list(WEEKDAYS)
    return names, (of_week == np.arange(7)[:, None]).astype(float)


def _map(
    result: Result,
    names: list[str],
    found: Sums,
    bounds: Sequence[float],
    colours: Sequence[str],
    told: str,
) -> Spec:
    shown = opening(result)
    called = class_names(bounds)
    values: Values = [
        {
            "row": name,
            "from": minutes(result, interval),
            "to": minutes(result, interval + 1),
            "class": called[bisect_right(bounds, found[row, interval] + 1e-9)],
            "Interval": span(minutes(result, interval), result.layout.every_ms),
            told: number(float(found[row, interval]), "share"),
        }
        for row, name in enumerate(names)
        for interval in shown
        if np.isfinite(found[row, interval])
    ]
    return chart(
        [
            {
                "mark": {"type": "rect", "stroke": "var(--page)", "strokeWidth": 1},
                "encoding": {
                    "x": {
                        "field": "from",
                        **time_of_day(
                            minutes(result, shown.start), minutes(result, shown.stop)
                        ),
                    },
                    "x2": {"field": "to"},
                    "y": {
                        "field": "row",
                        "type": "nominal",
                        "title": None,
                        "sort": None,
                        "scale": {"domain": names},
                        "axis": {"labelLimit": 130, "ticks": False, "domain": False,
                                 "labelOverlap": False},
                    },
                    "color": class_colours(called, colours[: len(called)]),
                    "tooltip": [
                        {"field": "row", "type": "nominal", "title": "Of"},
                        {"field": "Interval", "type": "nominal"},
                        {"field": told, "type": "nominal"},
                    ],
                },
            }
        ],
        height=ROW_HEIGHT * len(names),
        values=values,
    )  # fmt: skip
