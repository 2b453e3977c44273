"""A back-test as a page and as tables: what was predicted beside what happened.

The figures are those of `simulator.backtest_figures`; shares are in percent there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from simulator.backtest import OFFERED, WITHIN_S, Backtest, DayRun
from simulator.backtest_figures import (
    BAND,
    Errors,
    errors_of,
    interval_rows,
    measures_of,
)
from simulator.fit.log import date_of
from simulator.report.curves import pointed_at
from simulator.report.drawing import (
    MINUTE_MS,
    Chart,
    Section,
    Spec,
    Values,
    chart,
    day_lines,
    days_of_run,
    kept,
    span,
)
from simulator.report.files import Sheet
from simulator.report.html import Page
from simulator.report.overview import Told
from simulator.report.tables import ABOUT_COLUMNS, Cell, Row
from simulator.report.words import ABSENT, WEEKDAYS

DRAWN: Final[Mapping[str, tuple[str, str]]] = {
    "offered": ("Arrivals by interval", "arrivals"),
    "mean_wait_s": ("Mean wait of the answered by interval", "seconds"),
    "service_level": (f"Answered within {WITHIN_S} s by interval", "percent"),
    "abandonment": ("Abandonment by interval", "percent"),
}
TITLES: Final[Mapping[str, str]] = {
    "offered": "Offered",
    "answered": "Answered",
    "abandoned": "Abandoned",
    "mean_wait_s": "Mean wait of the answered, s",
    "service_level": f"Answered within {WITHIN_S} s, %",
    "abandonment": "Abandonment, %",
}
MODES: Final[Mapping[str, str]] = {
    "known": "Known arrivals and staff",
    "forecast": "Forecast arrivals, known staff",
    "blind": "Forecast arrivals and staff",
    "scenario": "The scenario as it is",
}
DAYS_MOST: Final = 7
"""Days side by side in one chart."""
ERROR_COLUMNS: Final = (
    "mode", "measure", "intervals", "actual", "simulated", "mae", "wape", "bias",
    "coverage", "band_holds",
)  # fmt: skip


def backtest_page(backtest: Backtest) -> Page:
    """One section for each mode: how far off it was, and where."""
    days = {run.day for run in backtest.runs}
    return Page(
        title=f"Back-test over {len(days)} days held back",
        intro=[
            (
                f"Fitted on {backtest.fitted_days} days. Each day held back was simulated "
                f"{backtest.replications} times; the bands are from the 10% to the 90% "
                "quantile of the replications, and dots are what happened."
            ),
        ],
        sections=[_mode(backtest, mode) for mode in backtest.modes],
        origin=_origin(backtest),
    )


def errors_told(backtest: Backtest, mode: str) -> Told:
    """How far off a mode was, in a table to read."""
    return Told(
        f"{MODES.get(mode, mode)}: errors over all intervals of the days held back",
        ["Measure", "Happened", "Predicted", "Mean error", "Mean absolute error",
         "Sum of errors", "In the band", "Band holds"],
        [_error(one) for one in errors_of(backtest.of(mode))],
    )  # fmt: skip


def sheets_of_backtest(backtest: Backtest) -> list[Sheet]:
    """Errors, every interval, and where the figures come from."""
    rows = interval_rows(backtest)
    columns = list(rows[0]) if rows else ["mode", "date", "begins"]
    return [
        Sheet("errors", ERROR_COLUMNS, lambda: _error_rows(backtest)),
        Sheet("intervals", columns, lambda: iter(rows)),
        Sheet(
            "about",
            ABOUT_COLUMNS,
            lambda: (
                {"what": what, "value": value}
                for what, value in _origin(backtest).items()
            ),
        ),
    ]


def _origin(backtest: Backtest) -> dict[str, Cell]:
    days = sorted({run.day for run in backtest.runs})
    return {
        "days held back": ", ".join(date_of(day).isoformat() for day in days),
        "days fitted": backtest.fitted_days,
        "replications": backtest.replications,
        "seed": backtest.seed,
    }


def _error_rows(backtest: Backtest) -> Iterator[Row]:
    for mode in backtest.modes:
        for one in errors_of(backtest.of(mode)):
            yield {"mode": mode} | {
                column: getattr(one, column) for column in ERROR_COLUMNS[1:]
            }


def _error(one: Errors) -> list[str]:
    figures = (one.actual, one.simulated, one.bias, one.mae)
    return [
        TITLES[one.measure],
        *(f"{figure:,.1f}" for figure in figures),
        ABSENT if one.wape is None else f"{one.wape:.1%}",
        f"{one.coverage:.1%}",
        f"{one.band_holds:.1%}",
    ]


def _mode(backtest: Backtest, mode: str) -> Section:
    runs = backtest.of(mode)
    charts = [
        _chart(backtest, runs[at : at + DAYS_MOST], measure)
        for measure in DRAWN
        for at in range(0, len(runs), DAYS_MOST)
    ]
    return Section(MODES.get(mode, mode), charts, tables=[errors_told(backtest, mode)])


def _chart(backtest: Backtest, runs: Sequence[DayRun], measure: str) -> Chart:
    title, unit = DRAWN[measure]
    every = backtest.every_ms // MINUTE_MS
    shown = _opening(runs)
    length = every * len(shown)
    values: Values = []
    points: Values = []
    for at, run in enumerate(runs):
        seen = measures_of(run.actual)[measure]
        drawn = measures_of(run.simulated)[measure]
        for place, interval in enumerate([*shown, shown.stop]):
            # A step needs an end, and a gap keeps the days apart.
            ended = interval == shown.stop
            low, middle, high = _band(drawn[:, interval - 1 if ended else interval])
            start = at * length + place * every
            values.append({"from": start, "low": low, "mean": middle, "high": high})
            if ended:
                values.append({"from": start, "low": None, "mean": None, "high": None})
                break
            points.append(
                {
                    "from": start,
                    "middle": start + every / 2,
                    "to": start + every,
                    "seen": kept(float(seen[interval])),
                    "Day": _day(run.day),
                    "Interval": span(interval * every, backtest.every_ms),
                    "Happened": _told(seen[interval]),
                    "Predicted": f"{_told(middle)} ({_told(low)} to {_told(high)})",
                }
            )
    axis = days_of_run([_day(run.day) for run in runs], length)
    return Chart(
        title=title,
        note="Dots: what happened. Line: the middle of the replications. Band: 8 of 10 "
        "of them. Each day from "
        f"{span(shown.start * every, 0)[:5]} to {span(shown.stop * every, 0)[-5:]}.",
        spec=_drawn(values, points, axis, day_lines(len(runs), length), unit),
    )


def _drawn(values: Values, points: Values, axis: Spec, lines: Spec, unit: str) -> Spec:
    x = {"field": "from", **axis}
    y: Spec = {
        "field": "mean",
        "type": "quantitative",
        "title": unit,
        "scale": {"zero": True},
        "axis": {"tickCount": 5},
    }
    step = {"interpolate": "step-after", "invalid": "break-paths-filter-domains"}
    return chart(
        [
            lines,
            {
                "mark": {"type": "area", **step, "color": "var(--blue)", "opacity": 0.22},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", **step, "color": "var(--blue)",
                         "strokeWidth": 1.5},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "size": 26, "opacity": 1,
                         "color": "var(--orange)", "invalid": "filter"},
                "encoding": {"x": {**x, "field": "middle"}, "y": {**y, "field": "seen"}},
            },
            pointed_at(points, ["Day", "Interval", "Happened", "Predicted"]),
        ],
        height=220,
        values=values,
    )  # fmt: skip


def _opening(runs: Sequence[DayRun]) -> range:
    """The intervals of the day in which anybody came, or was expected."""
    alive = np.zeros(len(runs[0].actual), dtype=bool)
    for run in runs:
        alive |= run.actual[:, OFFERED] > 0
        alive |= run.simulated[..., OFFERED].mean(axis=0) > 0.5
    found = np.flatnonzero(alive).tolist()
    return range(found[0], found[-1] + 1) if found else range(alive.size)


def _band(drawn: np.ndarray) -> tuple[float | None, float | None, float | None]:
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return None, None, None
    low, middle, high = np.quantile(known, (BAND[0], 0.5, BAND[1])).tolist()
    return kept(low), kept(middle), kept(high)


def _day(day: int) -> str:
    at = date_of(day)
    return f"{WEEKDAYS[at.weekday()][:3]} {at.day} {at:%b}"


def _told(value: float | None) -> str:
    return ABSENT if value is None or not np.isfinite(value) else f"{value:,.1f}"
