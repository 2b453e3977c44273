"""How every chart looks: one style, colours that the page names, axes that people read.

Charts are Vega-Lite, as plain dicts. Colours are CSS variables (`var(--blue)`), which
SVG takes as they are: so one drawing serves light and dark, and the page's style sheet
is the only home of the colours. They are those of Okabe and Ito (2008), "Color universal
design", which people who see red and green alike can tell apart; where two lines might
still be taken for each other, dashes differ as well.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from simulator.report.overview import Told
from simulator.report.words import clock

Spec = dict[str, Any]
Values = list[dict[str, Any]]

MINUTE_MS: Final = 60_000
DAY_MINUTES: Final = 1_440
FONT: Final = "system-ui, 'DejaVu Sans', sans-serif"
PERCENT: Final = {"format": ".0%"}

POINTED: Final = "pointed_at"
"""Name of a layer that only answers when pointed at: a drawing needs none."""

CONFIG: Final[Spec] = {
    "font": FONT,
    "background": None,
    "mark": {"aria": False},
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--grid)",
        "labelFlush": False,
        "labelOverlap": "greedy",
        "labelSeparation": 6,
    },
    "legend": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": 260,
        "orient": "top",
        "symbolStrokeWidth": 2.5,
    },
    "text": {"fill": "var(--ink)", "fontSize": 12},
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture and the words around it."""

    title: str
    """What it is about."""
    note: str
    """How to read it, and what the figures are."""
    spec: Spec
    wide: bool = True
    """Whether it takes the whole width; otherwise several stand side by side."""


@dataclass(frozen=True, slots=True)
class Section:
    """Charts that answer one question."""

    heading: str
    charts: list[Chart]
    note: str = ""
    tables: list[Told] = field(default_factory=list)
    """Below the charts."""


def chart(layers: Sequence[Spec], *, height: int, values: Values) -> Spec:
    """A chart of layers over the same values, as wide as its place."""
    return {
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": height,
        "data": {"values": values},
        "layer": list(layers),
        "config": CONFIG,
    }


def time_of_day(first: int, last: int, title: str = "time of day") -> Spec:
    """An axis in minutes since midnight with clock labels, from `first` to `last`."""
    hours = range(-(-first // 60), last // 60 + 1)
    step = 1 if len(hours) <= 14 else 2
    return {
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [first, last], "nice": False, "zero": False},
        "axis": {
            "values": [60 * hour for hour in hours if hour % step == 0],
            "labelExpr": "format(floor(datum.value / 60), '02d') + ':' + "
            "format(datum.value % 60, '02d')",
            "grid": False,
        },
    }


def days_of_run(names: Sequence[str], length: int = DAY_MINUTES) -> Spec:
    """An axis in minutes over days of a length, with their names in their middle."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, length * len(names)], "nice": False},
        "axis": {
            "values": [length * (day + 0.5) for day in range(len(names))],
            "labelExpr": f"{json.dumps(list(names))}[floor(datum.value / {length})]",
            "labelPadding": 8,
            "grid": False,
            "ticks": False,
        },
    }


def day_lines(days: int, length: int = DAY_MINUTES) -> Spec:
    """Lines between the days of such an axis."""
    return {
        "data": {"values": [{"ends": length * day} for day in range(days + 1)]},
        "mark": {"type": "rule", "color": "var(--line)", "strokeWidth": 0.7},
        "encoding": {"x": {"field": "ends", "type": "quantitative"}},
    }


def share_axis(title: str, *, whole: bool = True) -> Spec:
    """A vertical axis of shares."""
    scale: Spec = {"domain": [0, 1]} if whole else {"zero": True}
    return {
        "type": "quantitative",
        "title": title,
        "scale": scale,
        "axis": {**PERCENT, "tickCount": 5},
    }


def series_colours(names: Sequence[str], colours: Sequence[str]) -> Spec:
    """Colours of named lines, in this order, with a legend above the chart."""
    return {
        "type": "nominal",
        "field": "line",
        "scale": {"domain": list(names), "range": list(colours)},
        "legend": {"title": None, "columns": 2},
    }


def series_dashes(names: Sequence[str], dashed: Sequence[str]) -> Spec:
    """Dashes that tell lines apart beside their colours."""
    return {
        "type": "nominal",
        "field": "line",
        "scale": {
            "domain": list(names),
            "range": [[6, 4] if name in dashed else [1, 0] for name in names],
        },
        "legend": {"title": None, "columns": 2},
    }


def class_names(bounds: Sequence[float]) -> list[str]:
    """What shares between bounds are called: `below 60%`, `60–70%`, `from 70%`."""
    told = [f"{100 * bound:.3g}" for bound in bounds]
    between = [f"{low}–{high}%" for low, high in pairwise(told)]
    return [f"below {told[0]}%", *between, f"from {told[-1]}%"]


def class_colours(names: Sequence[str], colours: Sequence[str]) -> Spec:
    """A colour for each class of the field `class`, and a legend of patches."""
    return {
        "field": "class",
        "type": "nominal",
        "scale": {"domain": list(names), "range": list(colours)},
        "legend": {
            "title": None,
            "symbolType": "square",
            "symbolSize": 180,
            "symbolStrokeWidth": 0,
            "columns": {"expr": "width < 420 ? 2 : 5"},
        },
    }


def kept(value: float | None, digits: int = 4) -> float | None:
    """A number for a picture: so many digits are more than anybody sees."""
    if value is None or not isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def span(minutes: int, every_ms: int) -> str:
    """`09:30–10:00`: the interval that begins so many minutes after midnight."""
    start = (minutes % DAY_MINUTES) * MINUTE_MS
    return f"{clock(start)}–{clock(start + every_ms)}"
