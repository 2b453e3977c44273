"""Charts of waits: how many were answered, or gave up, within which time.

The band is where the curves of single runs lie, as far as their spread tells: the mean
plus and minus 1.28 standard deviations, within which 8 of 10 values of a bell curve are.
"""

from math import sqrt
from typing import Final

import numpy as np

from router.model.time import format_duration
from simulator.records import Sums
from simulator.report.drawing import (
    POINTED,
    Chart,
    Spec,
    Values,
    chart,
    kept,
    share_axis,
)
from simulator.report.words import number, pair_name
from simulator.result import Result
from simulator.student import student_t

TICKS_S: Final = (
    0, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800,
    86_400, 172_800, 604_800,
)  # fmt: skip
POINTS: Final = 90
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
SHOWN: Final = 0.995
"""So many of the waits are in the picture; the longest are cut off."""
EIGHT_OF_TEN: Final = 1.2816


def waits(result: Result, pairs: list[int]) -> list[Chart]:
    """By queue and channel: the share whose wait was over by then."""
    return [_waits(result, pair) for pair in pairs]


def _waits(result: Result, pair: int) -> Chart:
    layout = result.layout
    bounds_s, shares = result.waits("pair", pair)
    last = int(np.searchsorted(shares.mean, SHOWN).clip(max=len(bounds_s) - 1))
    target_s = layout.pair_target_ms[pair] / 1000
    longest_s = max(float(bounds_s[last]), 1.5 * target_s, 10.0)
    at = _thinned(bounds_s, longest_s)
    spread = _spread(result, shares.half_width)
    values: Values = []
    for k in at:
        mean = float(shares.mean[k])
        low, high = mean - spread[k], mean + spread[k]
        values.append(
            {
                "wait_s": kept(float(bounds_s[k])),
                "mean": kept(mean),
                "low": kept(max(low, 0.0)),
                "high": kept(min(high, 1.0)),
                "Within": _short(float(bounds_s[k])),
                "Share": number(mean, "share"),
            }
        )
    x: Spec = {
        "field": "wait_s",
        "type": "quantitative",
        "title": "wait",
        "scale": {**_scale(longest_s), "domain": [0, longest_s], "nice": False},
        "axis": {
            "values": [tick for tick in TICKS_S if tick <= longest_s],
            "labelExpr": "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? "
            "datum.value / 60 + ' min' : datum.value / 3600 + ' h'",
            "grid": False,
        },
    }
    y = {"field": "mean", **share_axis("waits that are over")}
    return Chart(
        title=pair_name(layout.pairs[pair]),
        note=_note(result, pair),
        spec=chart(
            [
                {
                    "mark": {"type": "area", "color": "var(--green)", "opacity": 0.22,
                             "clip": True},
                    "encoding": {"x": x, "y": {**y, "field": "low"},
                                 "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "line", "color": "var(--green)", "strokeWidth": 2,
                             "clip": True},
                    "encoding": {"x": x, "y": y},
                },
                {
                    "data": {"values": [{"target_s": target_s}]},
                    "mark": {"type": "rule", "color": "var(--orange)",
                             "strokeDash": [6, 4], "strokeWidth": 1.5},
                    "encoding": {"x": {"field": "target_s", "type": "quantitative"}},
                },
                {
                    "name": POINTED,
                    "mark": {"type": "point", "size": 160, "opacity": 0.001,
                             "filled": True, "color": "var(--ink)"},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "tooltip": [{"field": "Within", "type": "nominal"},
                                    {"field": "Share", "type": "nominal"}],
                    },
                },
            ],
            height=190,
            values=values,
        ),
        wide=False,
    )  # fmt: skip


def _note(result: Result, pair: int) -> str:
    p50, _, p90, _, _ = result.wait_quantiles("pair", pair)
    threshold = format_duration(result.layout.pair_target_ms[pair])
    half, most = (
        "do not wait" if one.value == 0 else f"wait at most {_short(one.value)}"
        for one in (p50, p90)
    )
    return f"Half {half}, nine of ten {most}. Dashed: the threshold, {threshold}."


def _scale(longest_s: float) -> Spec:
    """Short waits have more room than long ones; where there are hours, still more."""
    if longest_s <= HOUR_S:
        return {"type": "sqrt"}
    return {"type": "symlog", "constant": MINUTE_S}


def _thinned(bounds_s: Sums, longest_s: float) -> list[int]:
    """About so many classes as can be seen, the first of them no wait at all."""
    evenly = np.linspace(0, 1, POINTS)
    if longest_s <= HOUR_S:
        steps = evenly**2 * longest_s
    else:
        steps = MINUTE_S * np.expm1(evenly * np.log1p(longest_s / MINUTE_S))
    found = np.searchsorted(bounds_s, steps).clip(max=len(bounds_s) - 1)
    return [int(k) for k in np.unique(found)]


def _spread(result: Result, half_width: Sums) -> Sums:
    """How far to either side of the mean 8 of 10 single runs lie."""
    count = result.replications
    if count < 2:
        return np.zeros(len(half_width))
    t = student_t((1 + result.confidence) / 2, count - 1)
    spread: Sums = np.nan_to_num(half_width) / t * sqrt(count) * EIGHT_OF_TEN
    return spread


def _short(wait_s: float) -> str:
    if not np.isfinite(wait_s):
        return "more than was seen"
    if wait_s < 120:
        return f"{wait_s:.3g} s"
    if wait_s < 7_200:
        return f"{wait_s / 60:.3g} min"
    return f"{wait_s / 3_600:.3g} h"
