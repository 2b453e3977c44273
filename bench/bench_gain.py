"""What joint solving gains over greedy on rounds that a floor really made.

Every waiting interaction, free agent and score comes from the engine; both ways of
pairing get the same round. The objective counts pairs first (no pair is worth more than
one pair more), so pairs and score are told apart.
"""

import numpy as np
from numpy.typing import NDArray

from bench import floors
from bench.bench_engine import WINDOW_MS, gathered
from bench.rows import Row, row
from router.engine.engine import Engine
from router.engine.joint import Round, prepare
from router.engine.rounds import LIFT, TIE
from router.matching.greedy import greedy
from router.matching.solver import solve

SHAPES = (
    (50, 50), (200, 200), (1_000, 1_000), (100, 1_000), (1_000, 100),
)  # fmt: skip
"""Interactions and agents."""
SKILLS_EACH = (1, 2, 6)
OFFERS = (1, 3)
"""Offers that one agent may be shown in a round: the capacity of a column."""


def measure() -> list[Row]:
    found: list[Row] = []
    for offers in OFFERS:
        for waiting, agents in SHAPES:
            for skills in SKILLS_EACH:
                found += _gain(waiting, max(2, agents // offers), skills, offers)
    return found


def a_round(waiting: int, agents: int, skills_each: int, offers: int) -> Round:
    """A floor that has gathered; the round it would solve now."""
    engine: Engine = floors.engine(
        f"rounds: {{window: 1s, interactions_max: {waiting}, agents_max: {agents}}}\n"
        f"offers: {{open_per_agent: {offers}}}\n"
    )
    floors.sign_in(engine, floors.staff(engine, agents, skills_each))
    engine.begin(engine.now + 60 * WINDOW_MS)
    for spell in range(5):
        gathered(engine, waiting // 5, spell)
        # Some have waited longer than others, within one window.
        engine.begin(engine.now + WINDOW_MS // 10)
    return prepare(engine.floor, engine.now)


def _gain(waiting: int, agents: int, skills_each: int, offers: int) -> list[Row]:
    round_ = a_round(waiting, agents, skills_each, offers)
    arguments = (
        round_.arc_rows, round_.arc_columns, round_.points, len(round_.interactions),
        round_.capacity,
    )  # fmt: skip
    joint, (first, _) = solve(*arguments).pairs, greedy(*arguments)
    mine, theirs = _score(round_, joint), _score(round_, first)
    what = (
        f"real round, {waiting} waiting, {agents} agents with {skills_each} skills, "
        f"{offers} offers each"
    )
    arcs_each = len(round_.points) / max(1, len(round_.interactions))
    return [
        row(f"{what}: score gained by joint ({arcs_each:.0f} arcs a row)",
            (mine / theirs - 1) * 100, "%", mine / theirs, "greedy score"),
        row(f"{what}: pairs gained by joint", len(joint) - len(first),
            "pairs", len(joint) / max(1, len(first)), "greedy pairs"),
    ]  # fmt: skip


def _score(round_: Round, pairs: NDArray[np.int32]) -> int:
    """The sum of the pairs' scores, without what the lift and the ties add."""
    worth = dict(
        zip(
            zip(round_.arc_rows.tolist(), round_.arc_columns.tolist(), strict=True),
            (round_.points // TIE - LIFT).tolist(),
            strict=True,
        )
    )
    return sum(worth[r, k] for r, k in pairs.tolist())
