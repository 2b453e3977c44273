"""The tables behind every report: rows of plain values, one figure a row.

CSV and XLSX write them as they are; terminal and HTML show chosen ones. A figure that
does not exist (a share of nothing) has no row by interval, and an empty mean in the
figures of the run. Shares run from 0 to 1, times are in seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from simulator.figures import DEFINITIONS, KINDS, SERIES, Kind
from simulator.report.words import DAY_MS, clock
from simulator.result import PERCENTILES, Estimate, Result, estimate_of

Cell = str | int | float | None
Row = dict[str, Cell]
Rows = Callable[[], Iterator[Row]]
"""Rows are made while they are written: a year by interval is millions of them."""

WHO: Final = ("kind", "queue", "channel", "stream", "staff")
FIGURE_COLUMNS: Final = (*WHO, "measure", "mean", "half_width", "definition")
INTERVAL_COLUMNS: Final = (
    *WHO, "day", "date", "interval", "measure", "mean", "half_width", "definition",
)  # fmt: skip
WAIT_COLUMNS: Final = (*WHO, "percentile", "wait_s", "low_s", "high_s")
WORST_COLUMNS: Final = (
    "measure", "rank", "queue", "channel", "interval", "mean", "half_width",
    "definition",
)  # fmt: skip
ABOUT_COLUMNS: Final = ("what", "value")


def who(result: Result, kind: Kind, number: int) -> dict[str, Cell]:
    """The columns of `WHO`: of whom a figure is."""
    named: dict[str, Cell] = dict.fromkeys(WHO, "")
    named["kind"] = kind
    layout = result.layout
    match kind:
        case "pair":
            named["queue"], named["channel"] = layout.pairs[number]
        case "stream":
            named["queue"] = layout.stream_queues[number]
            named["channel"] = layout.stream_channels[number]
            named["stream"] = layout.streams[number]
        case "queue":
            named["queue"] = result.names("queue")[number]
        case "staff":
            named["staff"] = layout.staff[number]
    return named


def meaning(result: Result, kind: Kind, number: int, measure: str) -> str:
    """What a figure means. Of a service level: the definition that was in force, which
    a queue whose channels differ has none of.
    """
    if measure != "service_level":
        return DEFINITIONS.get(measure, "")
    layout = result.layout
    match kind:
        case "pair":
            at = [number]
        case "stream":
            where = (layout.stream_queues[number], layout.stream_channels[number])
            at = [layout.pairs.index(where)] if where in layout.pairs else []
        case "queue":
            queue = result.names("queue")[number]
            at = [i for i, (name, _) in enumerate(layout.pairs) if name == queue]
        case _:
            at = list(range(len(layout.pairs)))
    said = {
        f"{layout.pair_definition[i]}, {layout.pair_target_ms[i] / 1000:g} s"
        for i in at
    }
    return said.pop() if len(said) == 1 else "of each queue and channel, its own"


def figure_rows(result: Result) -> Iterator[Row]:
    """Every figure of the run, of everything there is."""
    for kind in KINDS:
        for measure in result.figures(kind):
            found = result.intervals(kind, measure)
            for number in range(len(result.names(kind))):
                yield {
                    **who(result, kind, number),
                    "measure": measure,
                    **_values(estimate_of(found, number)),
                    "definition": meaning(result, kind, number, measure),
                }


def interval_rows(result: Result, first_day: date | None = None) -> Iterator[Row]:
    """Every figure that is kept by interval, where there is one. What came after the
    last midnight has an empty `interval`.
    """
    layout = result.layout
    a_day = DAY_MS // layout.every_ms
    for kind, measures in SERIES.items():
        found = [result.by_interval(kind, measure) for measure in measures]
        for number in range(len(result.names(kind))):
            of = who(result, kind, number)
            said = [meaning(result, kind, number, name) for name in measures]
            for time in range(result.times):
                day, interval = divmod(time, a_day)
                after = day == layout.days
                when: Row = {
                    "day": layout.days if after else day + 1,
                    "date": _date(first_day, day),
                    "interval": "" if after else clock(interval * layout.every_ms),
                }
                for at, measure in enumerate(measures):
                    estimate = estimate_of(found[at], (time, number))
                    if estimate.mean is not None:
                        yield {
                            **of,
                            **when,
                            "measure": measure,
                            **_values(estimate),
                            "definition": said[at],
                        }


def wait_rows(result: Result) -> Iterator[Row]:
    """Percentiles of waits of the answered and the abandoned together."""
    kinds: tuple[Kind, ...] = ("queue", "pair", "stream", "house")
    for kind in kinds:
        for number in range(len(result.names(kind))):
            found = result.wait_quantiles(kind, number)
            for percent, one in zip(PERCENTILES, found, strict=True):
                yield {
                    **who(result, kind, number),
                    "percentile": percent,
                    "wait_s": finite(one.value),
                    "low_s": finite(one.low),
                    "high_s": finite(one.high),
                }


def worst_rows(result: Result, count: int = 20) -> Iterator[Row]:
    """The intervals that stand out, worst first."""
    for measure in ("service_level", "mean_queue"):
        for rank, one in enumerate(result.worst(measure, count), 1):
            queue, channel = result.layout.pairs[one.pair]
            yield {
                "measure": measure,
                "rank": rank,
                "queue": queue,
                "channel": channel,
                "interval": one.label,
                **_values(one.estimate),
                "definition": meaning(result, "pair", one.pair, measure),
            }


def about_rows(result: Result) -> Iterator[Row]:
    """Where the figures come from: enough to make them again, and what went wrong."""
    yield from (
        {"what": what, "value": value} for what, value in origin(result).items()
    )
    for warning in result.warnings:
        yield {"what": "warning", "value": warning}
    for measure, text in DEFINITIONS.items():
        yield {"what": f"definition of {measure}", "value": text}


def origin(result: Result) -> Mapping[str, Cell]:
    """Scenario, seed, replications, digests of inputs and engine."""
    return {
        "scenario": result.scenario,
        "partial": "yes: it was stopped" if result.partial else "no",
        "replications": result.replications,
        "asked": result.asked,
        "days": result.layout.days,
        "seed": result.seed,
        "confidence": result.confidence,
        **{f"digest of {name}": digest for name, digest in result.digests.items()},
        "engine": result.engine,
    }


def finite(value: float) -> float | None:
    """`value`, or None where there is none or no end of it."""
    return value if abs(value) < float("inf") else None


def _values(estimate: Estimate) -> dict[str, Cell]:
    return {"mean": estimate.mean, "half_width": estimate.half_width}


def _date(first_day: date | None, day: int) -> str:
    return "" if first_day is None else (first_day + timedelta(days=day)).isoformat()
