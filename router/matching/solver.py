"""The best set of pairs of one round: OR-Tools behind one function on arrays.

The only home of `ortools`. Its graph solvers end the whole process when a result is
read after anything but OPTIMAL, so nothing else may touch them, and here the status is
looked at before anything is read. Whatever goes wrong in it, there is an answer.
It must never be bounded by seconds: a busy machine routes as an idle one does.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from router.matching.arcs import Arcs, canonical, checked
from router.matching.greedy import greedy_solution, pairs_of, sweep
from router.matching.pruning import cut_to_size, prune_exactly
from router.matching.solution import Solution, Solver, Status

ARCS_MAX: Final = 250_000
"""Most arcs (about) given to the solver: 5,000 rows with 50 arcs each, some 0.25 s."""


def solve(
    rows: NDArray[Any],
    columns: NDArray[Any],
    points: NDArray[Any],
    row_count: int,
    column_capacity: NDArray[Any],
    *,
    arcs_max: int = ARCS_MAX,
) -> Solution:
    """Pair a row with at most one column, a column with at most its capacity of rows.

    The sum of points is the highest there is. A row may stay waiting, which is worth
    nothing, so an answer always exists; arcs of no or negative points are never used.
    Larger rounds than `arcs_max` are pruned exactly first, then cut to each row's best
    arcs (`Solution.exact` is False). The order of the arcs does not matter.

    Raises RoundError if the arrays are not a round. The solver holds the GIL: beyond
    10,000 arcs (2 ms) an event loop should ask `worker.SolverProcess`.
    """
    arcs = canonical(checked(rows, columns, points, row_count, column_capacity))
    swept = sweep(arcs)
    if swept.proven:
        return greedy_solution(arcs, swept, Status.OPTIMAL)

    kept = prune_exactly(arcs, swept)
    exact = int(np.count_nonzero(kept)) <= arcs_max
    if not exact:
        kept = cut_to_size(arcs, swept, kept, arcs_max)
    few = arcs.only(kept)
    try:
        flows = _unit_flows(few)
    except Exception:  # noqa: BLE001 - see below
        # OR-Tools raises what its binding happens to raise, and a round whose solver
        # failed must still be routed; the status makes the failure counted.
        flows = None
    if flows is None:
        return greedy_solution(arcs, swept, Status.FALLBACK)
    return Solution(
        pairs=pairs_of(few, flows),
        objective=int(few.points[flows].sum()),
        greedy_objective=swept.objective,
        status=Status.OPTIMAL,
        solver=Solver.MIN_COST_FLOW,
        exact=exact,
        arcs_solved=few.count,
    )


def _unit_flows(arcs: Arcs) -> NDArray[np.bool_] | None:
    """The arcs an optimal flow uses, or None if the solver has no optimum to show.

    Units leave the side that has fewer of them (rows have one each, columns as many as
    their capacity), go through arcs to the other side, and end in the sink. Where one
    pair more is always worth more, as many as possible go; else a unit may also stay
    waiting, along a free arc of its own.
    """
    rows, row_of = _used(arcs.rows, arcs.row_count)
    columns, column_of = _used(arcs.columns, len(arcs.column_capacity))
    of_rows = row_of, np.ones(len(rows), np.int64)
    of_columns = column_of, arcs.column_capacity[columns].astype(np.int64)
    sides = of_rows, of_columns
    (tails, units), (heads, places) = sorted(sides, key=lambda side: int(side[1].sum()))
    supplying = np.arange(len(units), dtype=np.int32)
    receiving = np.arange(len(places), dtype=np.int32) + np.int32(len(units))
    sink = len(units) + len(places)
    most_first = _more_is_better(arcs.points, int(units.sum()))

    flow = min_cost_flow.SimpleMinCostFlow()
    pairing = flow.add_arcs_with_capacity_and_unit_cost(
        tails,
        heads + np.int32(len(units)),
        np.ones(arcs.count, np.int64),
        (arcs.points.max() if most_first else 0) - arcs.points,
    )
    _to_sink(flow, receiving, sink, places)
    if not most_first:
        _to_sink(flow, supplying, sink, units)
    flow.set_nodes_supplies(
        np.append(supplying, np.int32(sink)), np.append(units, -units.sum())
    )
    solve = flow.solve_max_flow_with_min_cost if most_first else flow.solve
    if solve() != flow.OPTIMAL:
        return None
    return np.asarray(flow.flows(pairing)) > 0


def _more_is_better(points: NDArray[np.int64], pairs_max: int) -> bool:
    """Whether one pair more outweighs whatever it costs the others, as the engine lifts
    its points to have it. How many there can be is then settled first, by a maximum
    flow, and the dearer search is left with the small differences: a third less time.
    """
    least, most = int(points.min()), int(points.max())
    return least > pairs_max * (most - least)


def _to_sink(
    flow: min_cost_flow.SimpleMinCostFlow,
    nodes: NDArray[np.int32],
    sink: int,
    capacity: NDArray[np.int64],
) -> None:
    flow.add_arcs_with_capacity_and_unit_cost(
        nodes,
        np.full(len(nodes), sink, np.int32),
        capacity,
        np.zeros(len(nodes), np.int64),
    )


def _used(
    ids: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct ids in order, and for every entry its place among them."""
    present = np.zeros(count, np.bool_)
    present[ids] = True
    place = np.cumsum(present, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(present), place[ids]
