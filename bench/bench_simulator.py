"""The simulator beside its peers and beside C, on floors of every size, and apart.

Rounds are interleaved: everybody simulates once, in turn, five times over, each for a
second or two. Whoever does not come to the model's own answers ends the measurement.
"""

import gc
import math
import time
from collections.abc import Callable
from statistics import median

from bench import centres, simulated, simulator_apart
from bench.peers import by_hand, ciw_a, salabim_a, salabim_n, simpy_a, simpy_n
from bench.peers.models import WARM_UP, A, Model, N
from bench.peers.result import Result, astray
from bench.rows import Row, paired, row

ROUNDS = 5
OURS, C = "simulator", "C by hand"
INTERACTIONS = {
    OURS: 1_500_000,
    C: 12_000_000,
    "SimPy": 100_000,
    "Ciw": 40_000,
    "salabim": 6_000,
}
"""What takes each of them one to two seconds."""
LARGE = 400_000
DAY_AGENTS, DAY_INTERACTIONS = 10_000, 100_000
SIZES = (100, 1_000, 10_000)
SIZES_EACH = 400_000

Run = Callable[[int, int], Result]


def measure() -> list[Row]:
    in_a: dict[str, Run] = {
        OURS: simulated.model_a,
        C: by_hand.run_a,
        "SimPy": simpy_a.run,
        "Ciw": ciw_a.run,
        "salabim": salabim_a.run,
    }
    in_n: dict[str, Run] = {
        OURS: simulated.model_n,
        C: by_hand.run_n,
        "SimPy": simpy_n.run,
        "salabim": salabim_n.run,
    }
    if by_hand.compiler() is None:
        print("  no C compiler here (cc, gcc, clang): nothing to compare with C")
        del in_a[C], in_n[C]
    return [
        *beside(A, in_a),
        *beside(N, in_n),
        *_largest(),
        *_day(),
        *_growth(),
        *simulator_apart.measure(),
    ]


def beside(model: Model, runs: dict[str, Run]) -> list[Row]:
    """All of them at one model, in turns; the first is ours."""
    for run in runs.values():
        run(2 * WARM_UP, 0)
    rounds: dict[str, list[Result]] = {name: [] for name in runs}
    for seed in range(1, ROUNDS + 1):
        for name, run in runs.items():
            gc.collect()
            rounds[name].append(run(INTERACTIONS[name], seed))
    _answers(model, rounds)
    speeds = {name: [one.per_second for one in some] for name, some in rounds.items()}
    ours = speeds.pop(OURS)
    label = f"{model.name}: {OURS}"
    found = [row(label, median(ours), "per s")]
    for name, theirs in speeds.items():
        speed, base = median(theirs), f"{model.name}: {name}"
        if name == C:
            found.append(row(base, speed, "per s", paired(theirs, ours), label))
            continue
        found += [
            row(base, speed, "per s"),
            row(f"{label} beside {name}", median(ours), "per s", paired(ours, theirs),
                base),
        ]  # fmt: skip
    return found


def _answers(model: Model, rounds: dict[str, list[Result]]) -> None:
    """What everybody found, printed; it has to be the same."""
    wrong = []
    for name, some in rounds.items():
        pooled = some[0]
        for one in some[1:]:
            pooled += one
        share, asa = _joined(pooled.abandoned_share, 4), _joined(pooled.asa_s, 2)
        print(
            f"  {model.name}: {name:9} waited {pooled.waited_share:.4f}, "
            f"abandoned {share}, ASA {asa} s of {sum(pooled.offered):,}"
        )
        wrong += [f"{model.name}: {name}, {what}" for what in astray(pooled, model)]
    if wrong:
        raise SystemExit("; ".join(wrong))


def _joined(values: tuple[float, ...], digits: int) -> str:
    return " and ".join(f"{one:.{digits}f}" for one in values)


def _largest() -> list[Row]:
    floor = centres.largest()
    simulated.centre(floor, 2 * WARM_UP, 0)
    speeds = [
        simulated.centre(floor, LARGE, seed).per_second for seed in range(1, ROUNDS + 1)
    ]
    return [row(f"simulator: {floor.name} agents", median(speeds), "per s")]


def _day() -> list[Row]:
    """The whole of it, as a planner waits for it; compiled before."""
    took = []
    simulated.omnichannel_day(DAY_AGENTS, DAY_INTERACTIONS, 0)
    for seed in (1, 2, 3):
        began = time.perf_counter()
        arrived = simulated.omnichannel_day(DAY_AGENTS, DAY_INTERACTIONS, seed)
        took.append(time.perf_counter() - began)
        if arrived < 0.97 * DAY_INTERACTIONS:
            raise SystemExit(f"the day had {arrived} arrivals, not {DAY_INTERACTIONS}")
    name = f"simulator: omnichannel day, {DAY_AGENTS} agents, {DAY_INTERACTIONS}"
    return [row(f"{name} interactions", median(took), "s")]


def _growth() -> list[Row]:
    """Cost against agents, the sizes in turn; an exponent of 0.5 is the square root."""
    floors = {size: centres.scaled(size) for size in SIZES}
    each: dict[int, list[float]] = {size: [] for size in SIZES}
    for floor in floors.values():
        simulated.centre(floor, 2 * WARM_UP, 0)
    for seed in range(1, ROUNDS + 1):
        for size, floor in floors.items():
            speed = simulated.centre(floor, SIZES_EACH, seed).per_second
            each[size].append(1e6 / speed)
    costs = [median(some) for some in each.values()]
    base = f"simulator: an interaction with {SIZES[0]} agents"
    found = [row(base, costs[0], "us")]
    for size, cost in zip(SIZES[1:], costs[1:], strict=True):
        name = f"simulator: an interaction with {size} agents"
        found.append(row(name, cost, "us", cost / costs[0], base))
    steps = zip(SIZES, SIZES[1:], costs, costs[1:], strict=False)
    steepest = max(math.log(d / c) / math.log(b / a) for a, b, c, d in steps)
    whole = math.log(costs[-1] / costs[0]) / math.log(SIZES[-1] / SIZES[0])
    return [
        *found,
        row("simulator: cost grows as agents to the power of", whole, ""),
        row("simulator: the same, in the steepest decade", steepest, ""),
    ]
