"""One measured figure, and the few sums that measurements need."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from router.engine.kinds import Kind
from router.journal.replay import batch_of
from router.journal.stores import open_journal

Row = dict[str, Any]


def row(
    name: str,
    value: float,
    unit: str,
    ratio: float | None = None,
    ratio_to: str | None = None,
) -> Row:
    """A figure under its name, as it stands in build/bench.json."""
    return {
        "name": name,
        "value": round(value, 4 if abs(value) < 10 else 1),
        "unit": unit,
        "ratio": None if ratio is None else round(ratio, 4),
        "ratio_to": ratio_to,
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rounds that ran one after the other."""
    return median(mine / yours for mine, yours in zip(ours, theirs, strict=True))


def enqueued_in(journal: Path) -> int:
    """How many arrivals a journal holds: what was promised, counted where it counts."""
    reader = open_journal(f"sqlite:{journal}").reader()
    try:
        return sum(
            int(
                (
                    batch_of(stored.blob).events["kind"] == Kind.INTERACTION_ENQUEUED
                ).sum()
            )
            for stored in reader.read(0)
        )
    finally:
        reader.close()
