"""A result as plain values: the contract of `--json`.

Figures are `{"mean": x, "half_width": h}`, shares from 0 to 1, and null where there was
nothing to measure. Names of queues, streams and staff are keys.
"""

from math import isfinite
from typing import Any

from simulator.comparison import Comparison
from simulator.figures import DEFINITIONS, Kind
from simulator.result import PERCENTILES, Estimate, Result, Worst, estimate_of
from simulator.statistics import Quantile

SAID_OTHERWISE = {"answered": "served"}
"""Figures that JSON calls by another name: the one that planners ask for."""


def summary_of(result: Result) -> dict[str, Any]:
    """Everything of a result but its figures by interval."""
    return {
        **origin_of(result),
        "queues": _queues(result),
        "streams": _things(result, "stream"),
        "staff": _things(result, "staff"),
        "all": _things(result, "house")["all"],
        "worst_intervals": {
            "service_level": [
                _worst(result, one) for one in result.worst("service_level")
            ],
            "mean_queue": [_worst(result, one) for one in result.worst("mean_queue")],
        },
        "definitions": {
            **DEFINITIONS,
            "half_width": f"of the {result.confidence:.0%} confidence interval",
        },
        "warnings": list(result.warnings),
    }


def origin_of(result: Result) -> dict[str, Any]:
    """Where the figures come from: enough to make them again."""
    return {
        "scenario": result.scenario,
        "seed": result.seed,
        "replications": result.replications,
        "asked": result.asked,
        "partial": result.partial,
        "confidence": result.confidence,
        "precision": result.precision,
        "precise": result.precise,
        "days": result.layout.days,
        "engine": result.engine,
        "digests": dict(result.digests),
    }


def _queues(result: Result) -> dict[str, Any]:
    layout = result.layout
    pairs = _things(result, "pair")
    of_pairs = dict(zip(layout.pairs, pairs.values(), strict=True))
    queues = _things(result, "queue")
    for at, (pair, values) in enumerate(of_pairs.items()):
        target = {
            "definition": layout.pair_definition[at],
            "target_s": layout.pair_target_ms[at] / 1000,
            "target_percent": layout.pair_target_percent[at],
        }
        queue, channel = pair
        whole = queues[queue]
        if "channels" not in whole:
            queues[queue] = whole = {**target, **whole, "channels": {}}
        whole["channels"][channel] = {**target, **values}
    return queues


def _things(result: Result, kind: Kind) -> dict[str, dict[str, Any]]:
    names = result.names(kind)
    things: dict[str, dict[str, Any]] = {name: {} for name in names}
    for figure in result.figures(kind):
        found = result.intervals(kind, figure)
        said = SAID_OTHERWISE.get(figure, figure)
        for at, name in enumerate(names):
            things[name][said] = estimate_of(found, at).as_values()
    if kind != "staff":
        for at, name in enumerate(names):
            found_waits = result.wait_quantiles(kind, at)
            things[name]["waits"] = {
                f"p{percent}_s": quantile_values(one)
                for percent, one in zip(PERCENTILES, found_waits, strict=True)
            }
    return things


def quantile_values(found: Quantile) -> dict[str, float | None]:
    """A quantile of waits, in seconds."""
    return {
        "value": found.value if isfinite(found.value) else None,
        "low": found.low if isfinite(found.low) else None,
        "high": found.high if isfinite(found.high) else None,
    }


def _worst(result: Result, one: Worst) -> dict[str, Any]:
    queue, channel = result.layout.pairs[one.pair]
    estimate: Estimate = one.estimate
    return {
        "queue": queue,
        "channel": channel,
        "interval": one.label,
        **estimate.as_values(),
    }


def comparison_values(comparison: Comparison) -> dict[str, Any]:
    """Both plans and what the second changes, by queue, stream and staff."""
    return {
        "first": origin_of(comparison.first),
        "second": origin_of(comparison.second),
        "seed": comparison.first.seed,
        "replications": comparison.replications,
        "confidence": comparison.confidence,
        "partial": comparison.partial,
        "precise": comparison.precise,
        "queues": _changes(comparison, "queue"),
        "channels": _changes(comparison, "pair"),
        "streams": _changes(comparison, "stream"),
        "staff": _changes(comparison, "staff"),
        "all": _changes(comparison, "house")["all"],
        "only_in_one": {
            kind: list(comparison.left_out(kind))
            for kind in ("pair", "stream", "staff")
        },
        "definitions": {
            **DEFINITIONS,
            "difference": "the second plan less the first, replication by replication, "
            f"with half of its {comparison.confidence:.0%} confidence interval",
            "variance_reduction": "how many times more replications it would have "
            "taken with customers of their own for each plan",
        },
        "warnings": [*comparison.first.warnings, *comparison.second.warnings],
    }


def _changes(comparison: Comparison, kind: Kind) -> dict[str, dict[str, Any]]:
    things: dict[str, dict[str, Any]] = {}
    for name in comparison.names(kind):
        things[name] = {}
        for figure, change in comparison.changes(kind, name).items():
            things[name][SAID_OTHERWISE.get(figure, figure)] = {
                "first": change.first.as_values(),
                "second": change.second.as_values(),
                "difference": change.difference.as_values(),
                "variance_reduction": change.variance_reduction,
                "significant": change.significant,
            }
    return things
