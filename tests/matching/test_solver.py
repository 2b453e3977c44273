"""The best pairs are the best, always the same ones, and there is always an answer."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from router.matching import solver
from router.matching.arcs import POINTS_MAX, RoundError
from router.matching.greedy import greedy
from router.matching.solution import Solver, Status
from router.matching.solver import solve
from tests.matching.rounds import (
    a_random_round,
    a_round,
    best_sum,
    shuffled,
    small_rounds,
    worth,
)

GREEDY_IS_WRONG = a_round([(0, 0, 9), (0, 1, 8), (1, 0, 8), (1, 1, 1)], 2, [1, 1])


@settings(max_examples=400, deadline=None)
@for_all(small_rounds())
def test_no_other_pairs_are_worth_more(given):
    solution = solve(*given)

    assert best_sum(given) == solution.objective
    assert worth(given, solution.pairs) == solution.objective
    assert greedy(*given)[1] == solution.greedy_objective
    assert (Status.OPTIMAL, True) == (solution.status, solution.exact)


@settings(max_examples=100, deadline=None)
@for_all(small_rounds(points=st.integers(POINTS_MAX - 9, POINTS_MAX)))
def test_nor_when_the_points_are_as_large_as_they_may_be(given):
    assert best_sum(given) == solve(*given).objective


@pytest.mark.parametrize("capacity", [1, 3])
@pytest.mark.parametrize(("rows", "columns"), [(8, 60), (60, 8), (40, 40)])
def test_pruning_does_not_change_the_best_sum(rows, columns, capacity, monkeypatch):
    given = a_random_round(7, rows, columns, arcs_a_row=columns, capacity=capacity)
    pruned = solve(*given)
    monkeypatch.setattr(
        solver, "prune_exactly", lambda arcs, _: np.ones(arcs.count, np.bool_)
    )
    whole = solve(*given)

    assert whole.pairs.tolist() == pruned.pairs.tolist()
    assert whole.objective == pruned.objective
    assert whole.arcs_solved >= pruned.arcs_solved


def test_few_rows_before_many_columns_leave_little_to_solve():
    # Everybody likes the low columns best, so that greedy has no proof to offer.
    draw = np.random.default_rng(2)
    points = draw.integers(1, 50, (10, 500)) + np.arange(500, 0, -1) * 40
    arcs = [(r, c, points[r, c]) for r in range(10) for c in range(500)]

    solution = solve(*a_round(arcs, 10, [1] * 500))

    assert Solver.MIN_COST_FLOW == solution.solver
    assert solution.arcs_solved <= 10 * 10 + 10
    assert solution.exact


@pytest.mark.parametrize("capacity", [1, 4])
def test_the_order_of_the_arcs_does_not_matter(capacity):
    given = a_random_round(11, 60, 40, arcs_a_row=12, capacity=capacity)
    pairs = solve(*given).pairs.tolist()

    for seed in range(5):
        assert pairs == solve(*shuffled(given, seed)).pairs.tolist()


def test_nor_when_many_answers_are_equally_good():
    arcs = [
        (row, column, 1 + (row + column) % 2) for row in range(9) for column in range(6)
    ]
    given = a_round(arcs, 9, [1] * 6)
    pairs = solve(*given).pairs.tolist()

    assert pairs == solve(*given).pairs.tolist()
    assert pairs == solve(*shuffled(given, seed=4)).pairs.tolist()


@pytest.mark.parametrize(
    ("given", "pairs"),
    [
        (a_round([], 0, []), []),
        (a_round([], 3, [1, 1]), []),
        (a_round([(0, 0, 5), (0, 1, 7)], 1, [1, 1]), [[0, 1]]),
        (a_round([(0, 0, 5), (1, 0, 7), (2, 0, 6)], 3, [2]), [[1, 0], [2, 0]]),
        (a_round([(0, 0, 5), (1, 0, 7)], 2, [0]), []),
        (a_round([(0, 0, -5), (1, 0, 0)], 2, [1]), []),
        (a_round([(4, 2, 5)], 9, [0, 0, 1, 1]), [[4, 2]]),
        (a_round([(r, 0, 5 + r) for r in range(50)], 50, [1]), [[49, 0]]),
    ],
    ids=[
        "nobody at all",
        "nobody eligible",
        "one row",
        "one column",
        "no capacity",
        "nothing worth pairing",
        "gaps in both",
        "fifty rows for one place",
    ],
)
def test_edges(given, pairs):
    solution = solve(*given)

    assert pairs == solution.pairs.tolist()
    assert (np.int32, 2) == (solution.pairs.dtype, solution.pairs.shape[1])
    assert Status.OPTIMAL == solution.status


def test_joint_beats_greedy_where_greedy_spends_a_column_badly():
    solution = solve(*GREEDY_IS_WRONG)

    assert (16, 10) == (solution.objective, solution.greedy_objective)
    assert Solver.MIN_COST_FLOW == solution.solver


def test_an_answer_proven_by_its_bound_needs_no_solver(monkeypatch):
    monkeypatch.setattr(solver, "_unit_flows", None)

    solution = solve(*a_round([(0, 0, 9), (0, 1, 1), (1, 1, 5)], 2, [1, 1]))

    assert (14, Solver.GREEDY, Status.OPTIMAL, True) == (
        solution.objective,
        solution.solver,
        solution.status,
        solution.exact,
    )


def test_a_round_too_large_is_cut_says_so_and_is_no_worse_than_greedy():
    given = a_random_round(13, 200, 200, arcs_a_row=60)
    whole = solve(*given)

    cut = solve(*given, arcs_max=1000)

    assert not cut.exact
    assert cut.arcs_solved <= 1000 + 200
    assert worth(given, cut.pairs) == cut.objective
    assert whole.greedy_objective <= cut.objective <= whole.objective


def test_a_size_below_one_arc_a_row_leaves_the_greedy_answer():
    given = a_random_round(13, 200, 200, arcs_a_row=10)

    cut = solve(*given, arcs_max=10)

    assert (cut.greedy_objective, False) == (cut.objective, cut.exact)


class Unsolved(min_cost_flow.SimpleMinCostFlow):
    """A solver that finds no optimum, and may therefore not be read."""

    def solve(self):
        return self.INFEASIBLE

    solve_max_flow_with_min_cost = solve

    def flows(self, arcs):
        raise AssertionError("reading now ends the process")


class Broken(min_cost_flow.SimpleMinCostFlow):
    def solve(self):
        raise RuntimeError("out of memory")

    solve_max_flow_with_min_cost = solve


@pytest.mark.parametrize("lift", [0, 10**6])
@pytest.mark.parametrize("failing", [Unsolved, Broken])
def test_a_failing_solver_is_not_read_and_greedy_takes_over(failing, lift, monkeypatch):
    monkeypatch.setattr(
        solver, "min_cost_flow", SimpleNamespace(SimpleMinCostFlow=failing)
    )

    given = GREEDY_IS_WRONG._replace(points=GREEDY_IS_WRONG.points + lift)

    solution = solve(*given)

    assert (Status.FALLBACK, Solver.GREEDY) == (solution.status, solution.solver)
    assert [[0, 0], [1, 1]] == solution.pairs.tolist()
    assert 10 + 2 * lift == solution.objective
    assert not solution.exact


def test_one_pair_more_counts_for_more_only_where_it_is_worth_more():
    """Two poor pairs or one good one: it depends on what all of them are worth besides."""
    arcs = [(0, 0, 1), (0, 1, 9), (1, 1, 2)]
    lifted = [(row, column, points + 100) for row, column, points in arcs]

    assert [[0, 1]] == solve(*a_round(arcs, 2, [1, 1])).pairs.tolist()
    assert [[0, 0], [1, 1]] == solve(*a_round(lifted, 2, [1, 1])).pairs.tolist()


def test_floats_never_reach_the_solver():
    with pytest.raises(RoundError, match="points must hold integers"):
        solve(*GREEDY_IS_WRONG._replace(points=np.array([1.9, np.nan, np.inf, 0.0])))


FUZZ = """
import random
import numpy as np
from router.matching.arcs import RoundError
from router.matching.solver import solve

draw = random.Random(20)
dtypes = ["i4", "i8", "u1", "u8", "i2", ">i4", "f4", "f8", "?", "O", "M8[s]", "U3"]
extremes = [0, 1, -1, 5, 127, 2**31 - 1, 2**31, -2**31, 10**12, 10**12 + 1, 2**63 - 1]
solved = refused = 0

def numbers(count, low, high, wild):
    values = [draw.randint(low, high) for _ in range(count)]
    if wild and values:
        for _ in range(draw.randint(1, 3)):
            values[draw.randrange(count)] = draw.choice(extremes)
    array = np.array(values, object)
    dtype = draw.choice(dtypes) if wild and draw.random() < 0.5 else "i8"
    try:
        array = array.astype(dtype)
    except (ValueError, OverflowError, TypeError):
        array = np.array(values, np.float64)
    if wild and draw.random() < 0.2 and array.dtype.kind == "f" and len(array):
        array[0] = draw.choice([np.nan, np.inf, -np.inf])
    if wild and draw.random() < 0.1:
        array = draw.choice([array.reshape(-1, 1), array[::-1], array[::2], None, 7])
    return array

for _ in range(300):
    rows, columns = draw.randint(0, 12), draw.randint(0, 12)
    arcs = draw.randint(0, 60) if rows and columns else 0
    wild = [draw.random() < 0.15 for _ in range(5)]
    high = draw.choice([1, 3, 1000, 10**12])
    row_count = draw.choice([-1, 0, 2.5, None, 10**12]) if wild[3] else rows
    try:
        solve(
            numbers(arcs, 0, max(0, rows - 1), wild[0]),
            numbers(arcs, 0, max(0, columns - 1), wild[1]),
            numbers(arcs, -1, high, wild[2]),
            row_count,
            numbers(columns, 0, draw.choice([1, 3, 2**31 - 1]), wild[4]),
        )
        solved += 1
    except RoundError:
        refused += 1
print(solved, refused)
"""


def test_three_hundred_odd_rounds_end_in_an_answer_or_a_refusal():
    """In a process of its own: what goes wrong in OR-Tools ends the process."""
    ended = subprocess.run(
        [sys.executable, "-c", FUZZ], capture_output=True, text=True, timeout=60
    )

    assert (0, "") == (ended.returncode, ended.stderr)
    solved, refused = map(int, ended.stdout.split())
    assert solved > 100
    assert refused > 50
