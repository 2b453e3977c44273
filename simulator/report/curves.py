"""Charts along the day: agents against the load, and the service level.

Whatever is by interval is drawn in steps, because it is a mean over the interval.
"""

from datetime import date
from typing import Final

import numpy as np

from router.model.service_level import Definition
from router.model.time import format_duration
from simulator.erlang.demand import Demand, SystemWrong
from simulator.erlang.staffing import Bounds, least_agents
from simulator.records import Sums
from simulator.report.drawing import (
    POINTED,
    Chart,
    Spec,
    Values,
    chart,
    day_lines,
    days_of_run,
    kept,
    series_colours,
    series_dashes,
    share_axis,
    span,
    time_of_day,
)
from simulator.report.timeline import (
    band_over_the_day,
    intervals_a_day,
    minutes,
    opening,
    over_the_day,
    over_the_run,
    shares_over_the_day,
)
from simulator.report.words import ABSENT, day_name, number, pair_name
from simulator.result import Result

HOUR_S: Final = 3_600
DAYS_IN_A_ROW: Final = 7
"""Up to so many days stand one after the other; more are laid over each other."""
ONE_AT_A_TIME: Final = 1.05
"""Up to so many interactions at hand at once, Erlang's formulas are of use."""
ERLANG_MOST: Final = 20_000
"""More intervals times queues than these are not worked out."""

AT_WORK, BUSY, LOAD, NEEDED = "At work", "Busy", "Offered load", "Needed (Erlang C)"
COLOURS: Final = {
    AT_WORK: "var(--blue)",
    BUSY: "var(--green)",
    LOAD: "var(--orange)",
    NEEDED: "var(--ink)",
}


def staffing(result: Result, first_day: date | None) -> Chart:
    """Agents at work and busy against the offered load, and what Erlang C asks for."""
    days = result.layout.days
    in_a_row = 1 < days <= DAYS_IN_A_ROW
    figure = over_the_run if in_a_row else over_the_day
    shown = range(days * intervals_a_day(result)) if in_a_row else opening(result)
    offered = figure(result, "pair", "offered")
    load = _offered_load(result, offered)
    lines = {
        AT_WORK: figure(result, "house", "at_work")[:, 0],
        BUSY: figure(result, "house", "busy")[:, 0],
        LOAD: load.sum(axis=1),
    }
    needed = _needed(result, offered, shown)
    if needed is not None:
        lines[NEEDED] = needed
    if in_a_row:
        axis = days_of_run([day_name(day, first_day) for day in range(days)])
        under = [day_lines(days)]
    else:
        under = []
        axis = time_of_day(minutes(result, shown.start), minutes(result, shown.stop))
    note = (
        "Means by interval. Offered load: arrivals times AHT, over the interactions "
        "that an agent has at hand at once; the agents who would be busy if nobody "
        "waited or gave up. "
    )
    if needed is not None:
        note += (
            "Needed: by Erlang C for each queue's target, if every queue and channel "
            "had agents of its own; agents who share the work need be fewer."
        )
    return Chart(
        title="Agents at work against the work that comes in",
        note=note,
        spec=_lines(result, lines, shown, axis, under),
    )


def _lines(
    result: Result,
    lines: dict[str, Sums],
    shown: range,
    axis: Spec,
    under: list[Spec],
) -> Spec:
    values: Values = []
    every_ms = result.layout.every_ms
    ends = [*shown, shown.stop]
    for name, figures in lines.items():
        for interval in ends:
            # A step needs an end: the last interval is drawn up to where it stops.
            at = min(interval, shown.stop - 1)
            values.append(
                {
                    "line": name,
                    "from": minutes(result, interval),
                    "agents": kept(float(figures[at])) or 0,
                }
            )
    columns: Values = [
        {
            "from": minutes(result, interval),
            "to": minutes(result, interval + 1),
            "Interval": span(minutes(result, interval), every_ms),
            **{
                name: number(float(figures[interval]), "mean")
                for name, figures in lines.items()
            },
        }
        for interval in shown
    ]
    names = list(lines)
    x = {"field": "from", **axis}
    agents: Spec = {"field": "agents", "type": "quantitative", "title": "agents"}
    return chart(
        [
            *under,
            {
                "transform": [{"filter": f"datum.line == '{AT_WORK}'"}],
                "mark": {
                    "type": "area",
                    "interpolate": "step-after",
                    "color": COLOURS[AT_WORK],
                    "opacity": 0.12,
                },
                "encoding": {"x": x, "y": agents},
            },
            {
                "mark": {
                    "type": "line",
                    "interpolate": "step-after",
                    "strokeWidth": 2,
                },
                "encoding": {
                    "x": x,
                    "y": agents,
                    "color": series_colours(names, [COLOURS[n] for n in names]),
                    "strokeDash": series_dashes(names, [LOAD, NEEDED]),
                },
            },
            pointed_at(columns, ["Interval", *names]),
        ],
        height=280,
        values=values,
    )


def pointed_at(columns: Values, told: list[str]) -> Spec:
    """An invisible column over each interval: what it says when pointed at or touched."""
    return {
        "name": POINTED,
        "data": {"values": columns},
        "mark": {"type": "rect", "opacity": 0.001, "fill": "var(--ink)"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative"},
            "x2": {"field": "to"},
            "tooltip": [
                {"field": name, "type": "nominal", "title": name} for name in told
            ],
        },
    }


def _offered_load(result: Result, offered: Sums) -> Sums:
    """[interval, pair], in agents."""
    aht_s = np.nan_to_num(result.intervals("pair", "aht_s").mean)
    per_hour = np.nan_to_num(offered) * HOUR_S * 1000 / result.layout.every_ms
    load: Sums = per_hour * aht_s / HOUR_S / max(_at_once(result), 1.0)
    return load


def _at_once(result: Result) -> float:
    found = result.estimate("house", 0, "concurrency").mean
    return 1.0 if found is None else found


def _needed(result: Result, offered: Sums, shown: range) -> Sums | None:
    """Agents by interval that keep each queue's target; None where Erlang C has no say:
    agents with several interactions at hand, or a target of 0 or 100 %.
    """
    layout = result.layout
    pairs = [
        pair for pair, share in enumerate(layout.pair_target_percent) if 0 < share < 100
    ]
    too_much = len(pairs) * len(shown) > ERLANG_MOST
    if too_much or len(pairs) < len(layout.pairs) or _at_once(result) > ONE_AT_A_TIME:
        return None
    aht_s = result.intervals("pair", "aht_s").mean
    needed = np.zeros(len(offered))
    for pair in pairs:
        bounds = Bounds(
            service_level=layout.pair_target_percent[pair] / 100,
            definition=Definition.WITHIN_OF_ANSWERED_AND_ABANDONED,
            within_s=layout.pair_target_ms[pair] / 1000,
        )
        for interval in shown:
            per_hour = float(offered[interval, pair]) * HOUR_S * 1000 / layout.every_ms
            if per_hour > 0 and aht_s[pair] > 0:
                try:
                    line = least_agents(Demand(per_hour, float(aht_s[pair])), bounds)
                except SystemWrong:
                    return None
                needed[interval] += line.agents
    return needed


def service_levels(result: Result, pairs: list[int]) -> list[Chart]:
    """By queue and channel: the service level along the day against its target; those
    with hardly anybody in any interval have no chart.
    """
    shown = opening(result)
    mean = shares_over_the_day(result, "pair", "service_level")
    band = band_over_the_day(result, "pair", "service_level")
    offered = over_the_day(result, "pair", "offered")
    return [
        _service_level(
            result,
            pair,
            shown,
            mean[:, pair],
            None if band is None else band[:, :, pair],
            offered[:, pair],
        )
        for pair in pairs
        if np.isfinite(mean[:, pair]).any()
    ]


def _service_level(
    result: Result,
    pair: int,
    shown: range,
    mean: Sums,
    band: Sums | None,
    offered: Sums,
) -> Chart:
    layout = result.layout
    target = layout.pair_target_percent[pair] / 100
    values: Values = []
    for interval in [*shown, shown.stop]:
        at = min(interval, shown.stop - 1)
        row = {"from": minutes(result, interval), "mean": kept(float(mean[at]))}
        if band is not None:
            there = np.isfinite(mean[at])
            row |= {
                "low": kept(float(band[0, at])) if there else None,
                "high": kept(float(band[2, at])) if there else None,
            }
        values.append(row)
    columns: Values = [
        {
            "from": minutes(result, at),
            "to": minutes(result, at + 1),
            "Interval": span(minutes(result, at), layout.every_ms),
            "Service level": number(float(mean[at]), "share"),
            "8 of 10 days": ABSENT
            if band is None
            else f"{number(float(band[0, at]), 'share')} to "
            f"{number(float(band[2, at]), 'share')}",
            "Arrivals": number(float(offered[at]), "count"),
        }
        for at in shown
    ]
    x = {
        "field": "from",
        **time_of_day(minutes(result, shown.start), minutes(result, shown.stop)),
    }
    y = {"field": "mean", **share_axis("service level")}
    step = {"interpolate": "step-after", "invalid": "break-paths-filter-domains"}
    layers: list[Spec] = []
    if band is not None:
        layers.append(
            {
                "mark": {
                    "type": "area",
                    **step,
                    "color": "var(--blue)",
                    "opacity": 0.2,
                },
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                },
            }
        )
    layers += [
        {
            "mark": {"type": "line", **step, "color": "var(--blue)", "strokeWidth": 2},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": [{"target": target}]},
            "mark": {"type": "rule", "color": "var(--orange)", "strokeDash": [6, 4],
                     "strokeWidth": 1.5},
            "encoding": {"y": {"field": "target", "type": "quantitative"}},
        },
        pointed_at(columns, [name for name in columns[0] if name[0].isupper() or name[0].isdigit()]),
    ]  # fmt: skip
    return Chart(
        title=pair_name(layout.pairs[pair]),
        note=f"Target {layout.pair_target_percent[pair]}% within "
        f"{format_duration(layout.pair_target_ms[pair])}, by "
        f"{layout.pair_definition[pair]}.",
        spec=chart(layers, height=170, values=values),
        wide=False,
    )
