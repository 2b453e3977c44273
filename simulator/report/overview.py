"""The tables of a result that people read: chosen figures, in words.

Terminal and HTML show the same ones. Every figure, unrounded, stands in
`simulator.report.tables`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from router.model.time import format_duration
from simulator.figures import Kind
from simulator.report.words import pair_name, said, with_half
from simulator.result import Result

OF_PAIRS: Final = (
    "service_level", "asa_s", "abandonment", "offered", "aht_s", "mean_queue",
)  # fmt: skip
OF_STAFF: Final = ("signed_in_h", "work_h", "occupancy", "cost")
AT_TIMES: Final = (
    "refused", "balked", "called_back", "transferred", "handed_off", "handoffs",
    "continuity", "deflection", "dead_lettered",
)  # fmt: skip
"""Shown only where there is any."""
LONGEST: Final = 200
"""Most rows of a table that is read; files have them all."""


@dataclass(frozen=True, slots=True)
class Told:
    """A table in words."""

    caption: str
    heads: list[str]
    rows: list[list[str]]
    names: int = 1
    """So many of the first columns are names; the others are figures."""
    missed: frozenset[tuple[int, int]] = frozenset()
    """Row and column of the figures that miss their target."""


def overview(result: Result) -> Iterator[Told]:
    """By queue and channel; what happens at times; by staff."""
    yield _pairs(result)
    at_times = [name for name in AT_TIMES if _any(result, name)]
    if at_times:
        yield _also(result, at_times)
    if result.layout.staff:
        yield _staff(result)


def worst(result: Result, count: int = 5) -> Iterator[Told]:
    """The intervals with the lowest service level and the longest queue."""
    for figure, caption in (
        ("service_level", "Lowest service level"),
        ("mean_queue", "Longest queue"),
    ):
        found = result.worst(figure, count)  # type: ignore[arg-type]
        if found:
            yield Told(
                caption=caption,
                heads=["Queue", "Channel", "Interval", said(figure).title],
                rows=[
                    [
                        *result.layout.pairs[one.pair],
                        one.label,
                        with_half(one.estimate, said(figure).unit),
                    ]
                    for one in found
                ],
                names=3,
            )


def in_force(result: Result) -> str:
    """The definitions of service level in force: that of most queues, and then those of
    the others with their names; with the threshold where all have the same.
    """
    layout = result.layout
    found: dict[str, list[str]] = {}
    for definition, pair in zip(layout.pair_definition, layout.pairs, strict=True):
        found.setdefault(definition, []).append(pair_name(pair))
    most, *others = sorted(found, key=lambda name: -len(found[name]))
    thresholds = set(layout.pair_target_ms)
    if len(thresholds) == 1:
        most += f", {format_duration(thresholds.pop())}"
    return "; ".join(
        [most, *(f"of {', '.join(found[name])}: {name}" for name in others)]
    )


def _pairs(result: Result) -> Told:
    layout = result.layout
    rows, missed = [], set()
    found = {figure: result.intervals("pair", figure) for figure in OF_PAIRS}
    at_target = 2 + OF_PAIRS.index("service_level")
    for at, (queue, channel) in enumerate(layout.pairs[:LONGEST]):
        row = [queue, channel, *_cells(result, "pair", at, OF_PAIRS)]
        threshold = format_duration(layout.pair_target_ms[at])
        percent = layout.pair_target_percent[at]
        row.insert(at_target + 1, f"{percent}% in {threshold}")
        if 100 * found["service_level"].mean[at] < percent:
            missed.add((at, at_target))
        rows.append(row)
    heads = ["Queue", "Channel", *(said(figure).title for figure in OF_PAIRS)]
    heads.insert(at_target + 1, "Target")
    caption = f"By queue and channel. Service level: {in_force(result)}."
    return Told(caption + _cut(len(layout.pairs)), heads, rows, 2, frozenset(missed))


def _also(result: Result, figures: list[str]) -> Told:
    parts = [result.parts("pair", figure)[0].sum(axis=0) for figure in figures]
    some = [at for at in range(len(result.layout.pairs)) if any(p[at] for p in parts)]
    return Told(
        "What else became of them" + _cut(len(some)),
        ["Queue", "Channel", *(said(figure).title for figure in figures)],
        [
            [*result.layout.pairs[at], *_cells(result, "pair", at, tuple(figures))]
            for at in some[:LONGEST]
        ],
        2,
    )


def _staff(result: Result) -> Told:
    costly = any(result.layout.staff_cost_per_hour)
    figures = tuple(name for name in OF_STAFF if costly or name != "cost")
    return Told(
        "By staff, over a run" + _cut(len(result.layout.staff)),
        ["Staff", *(said(figure).title for figure in figures)],
        [
            [name, *_cells(result, "staff", at, figures)]
            for at, name in enumerate(result.layout.staff[:LONGEST])
        ],
    )


def _cells(
    result: Result, kind: Kind, number: int, figures: tuple[str, ...]
) -> list[str]:
    return [
        with_half(result.estimate(kind, number, figure), said(figure).unit)
        for figure in figures
    ]


def _any(result: Result, figure: str) -> bool:
    return bool((result.parts("pair", figure)[0] > 0).any())


def _cut(count: int) -> str:
    return "" if count <= LONGEST else f" (the first {LONGEST} of {count})"
