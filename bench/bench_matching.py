"""What a joint match round costs, here and next door, and what it gains over greedy.

Run by hand (`python -m bench.bench_matching`) or by `make bench`. Rounds are synthetic,
drawn from fixed seeds: the gains say what is possible, not what a floor will see.
"""

import select
import time
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from router.matching.greedy import greedy
from router.matching.solver import solve
from router.matching.worker import SolverProcess

SPEED = [(500, 2000, 30, 15), (5000, 5000, 50, 5)]
"""Waiting rows, agent columns, arcs a row, repeats."""

SPARSITY = (5, 20, 100)
"""Arcs a row in the rounds that compare joint with greedy."""

TYPES, PROFILES = 30, 50
TIE = 100_000
"""Scores are multiplied by this, and the tie-break ranks live in the digits below."""


class Round(NamedTuple):
    """The arguments of `solve`, in its order."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    points: NDArray[np.int64]
    row_count: int
    column_capacity: NDArray[np.int32]


def a_round(
    rows: int, columns: int, arcs_a_row: int, *, kind: str, capacity: int = 1
) -> Round:
    """A sparse round: `uniform` scores, or `routing` ones.

    Routing scores are a fit of interaction type and agent profile, plus how long the
    row has waited, plus how long the column has been idle: many near-equal candidates.
    """
    draw = np.random.default_rng([rows, columns, arcs_a_row, capacity])
    to = [np.sort(draw.permutation(columns)[:arcs_a_row]) for _ in range(rows)]
    row_of = np.repeat(np.arange(rows), arcs_a_row)
    column_of = np.concatenate(to)
    count = len(row_of)
    if kind == "uniform":
        score = draw.integers(1, 1000, count)
    else:
        fit = draw.integers(0, 500, (TYPES, PROFILES))
        types = draw.integers(0, TYPES, rows)
        profiles = draw.integers(0, PROFILES, columns)
        waited = draw.integers(1, 300, rows)
        idle = draw.integers(0, 200, columns)
        score = fit[types[row_of], profiles[column_of]]
        score = score + waited[row_of] + idle[column_of]
    return Round(
        row_of.astype(np.int32),
        column_of.astype(np.int32),
        score.astype(np.int64) * TIE + draw.permutation(count) % TIE,
        rows,
        np.full(columns, capacity, np.int32),
    )


def measure() -> list[dict[str, Any]]:
    """Every figure as name, value, unit, ratio, ratio_to (the last two may be None)."""
    return [*_speed(), *_gain()]


def _speed() -> list[dict[str, Any]]:
    found = []
    process = SolverProcess()
    started = time.perf_counter()
    process.start()
    try:
        _next_door(process, a_round(5, 5, 3, kind="uniform"))
        start_ms = (time.perf_counter() - started) * 1000
        found.append(_row("solver process: start to first answer", start_ms))
        for rows, columns, arcs_a_row, repeats in SPEED:
            for kind in ("uniform", "routing"):
                given = a_round(rows, columns, arcs_a_row, kind=kind)
                name = f"joint round {rows}x{columns}, {arcs_a_row} arcs a row, {kind}"
                found += _speed_of(name, given, process, repeats)
    finally:
        process.close()
    return found


def _speed_of(
    name: str, given: Round, process: SolverProcess, repeats: int
) -> list[dict[str, Any]]:
    """In-process, next door and greedy by turns, so that noise falls on all alike."""
    here, there, held, first = [], [], [], []
    _next_door(process, given)
    for _ in range(repeats):
        started = time.perf_counter()
        solve(*given)
        here.append((time.perf_counter() - started) * 1000)
        total, in_calls = _next_door(process, given)
        there.append(total)
        held.append(in_calls)
        started = time.perf_counter()
        greedy(*given)
        first.append((time.perf_counter() - started) * 1000)
    base = median(here)
    in_process = f"{name}: in-process"
    return [
        _row(in_process, base),
        _row(f"{name}: through the worker", median(there), base, in_process),
        _row(f"{name}: caller held by the worker, worst", max(held), base, in_process),
        _row(f"{name}: greedy", median(first), base, in_process),
    ]


def _next_door(process: SolverProcess, given: Round) -> tuple[float, float]:
    """Milliseconds until the answer, and those the caller itself was held up."""
    started = time.perf_counter()
    process.submit(1, *given)
    held = time.perf_counter() - started
    while True:
        select.select([process.fileno()], [], [])
        polled = time.perf_counter()
        answered = process.poll()
        ended = time.perf_counter()
        held = max(held, ended - polled)
        if answered:
            return (ended - started) * 1000, held * 1000


def _gain() -> list[dict[str, Any]]:
    found = []
    for kind in ("uniform", "routing"):
        for capacity in (1, 4):
            for size in (50, 200, 1000):
                # As much room as there are rows: neither side is plainly the short one.
                columns = size // capacity
                found += [
                    _gain_of(size, columns, arcs_a_row, kind, capacity)
                    for arcs_a_row in sorted({min(arcs, columns) for arcs in SPARSITY})
                ]
    return found


def _gain_of(
    rows: int, columns: int, arcs_a_row: int, kind: str, capacity: int
) -> dict[str, Any]:
    solution = solve(*a_round(rows, columns, arcs_a_row, kind=kind, capacity=capacity))
    ratio = solution.objective / solution.greedy_objective
    return {
        "name": (
            f"joint over greedy {rows}x{columns}, {arcs_a_row} arcs a row, "
            f"capacity {capacity}, {kind}"
        ),
        "value": round((ratio - 1) * 100, 2),
        "unit": "% gained",
        "ratio": round(ratio, 4),
        "ratio_to": "greedy objective of the same round",
    }


def _row(
    name: str, value_ms: float, base_ms: float | None = None, base: str | None = None
) -> dict[str, Any]:
    ratio = None if base_ms is None else round(value_ms / base_ms, 3)
    return {
        "name": name,
        "value": round(value_ms, 2),
        "unit": "ms",
        "ratio": ratio,
        "ratio_to": base,
    }


def main() -> None:
    """Print the table."""
    found = measure()
    width = max(len(row["name"]) for row in found)
    for row in found:
        ratio = "" if row["ratio"] is None else f"x {row['ratio']:.3f}"
        print(f"{row['name']:<{width}}  {row['value']:>9.2f} {row['unit']:<8}  {ratio}")


if __name__ == "__main__":
    main()
