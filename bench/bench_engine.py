"""The engine alone: a call, an arrival against ten thousand agents, joint rounds.

A joint round is timed as the driver pays for it: preparing the arcs, solving here, and
concluding, all in one order. `bench_loop` measures the same beside an event loop.
"""

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from statistics import median

from bench import floors
from bench.rows import Row, percentile, row
from router.engine import commands as c
from router.engine.engine import Engine
from router.model.channel import Channel

AGENTS = 10_000
ARRIVALS = 3_000
CALLS = 20_000
WINDOW_MS = 1_000
ROUNDS = ((500, 2_000, 15), (5_000, 5_000, 5))
"""Interactions, agents, repeats."""
GATHER = (
    "rounds: {window: 1s, interactions_max: 5000, agents_max: 5000, "
    "arcs_per_interaction: 50}\n"
)
_START_UP = (
    "import time; began = time.perf_counter()\n"
    "from bench.bench_engine import first_order\n"
    "imported = time.perf_counter(); first_order()\n"
    "print(imported - began, time.perf_counter() - imported)"
)


def measure() -> list[Row]:
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        return [*_compile(), *_calls(), *_handoff(), *_arrival(), *_rounds()]
    finally:
        gc.enable()
        gc.unfreeze()


def first_order() -> None:
    """One interaction's life on a small floor: whatever is compiled, is now."""
    engine = floors.engine()
    floors.sign_in(engine, floors.staff(engine, 4, floors.SKILLS))
    engine.perform(c.Enqueue("call", "q0", next(floors.arrivals(1)).channel))
    engine.take()


def _compile() -> list[Row]:
    """A process that takes its first order, without Numba's cache and with it."""
    found = []
    with tempfile.TemporaryDirectory() as cache:
        for name in ("cold", "from the cache"):
            done = subprocess.run(
                [sys.executable, "-c", _START_UP], check=True, capture_output=True,
                env={"NUMBA_CACHE_DIR": cache, "PYTHONPATH": ":".join(sys.path)},
            )  # fmt: skip
            imports, compiling = map(float, done.stdout.split())
            found += [
                row(f"engine compiled {name}", compiling, "s"),
                row(f"engine imported, {name}", imports, "s"),
            ]
    return found


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _calls() -> list[Row]:
    """What it costs Python to give an order that finds nothing to do."""
    engine = floors.engine()
    tick = c.Tick()
    perform = engine.perform
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(CALLS):
            perform(tick)
        rounds.append((time.perf_counter() - began) / CALLS * 1e6)
    one = median(rounds)
    lives = []
    calls = floors.arrivals(2)
    for _ in range(10):
        engine.begin(engine.now + 10)
        orders = list(islice(calls, floors.ROOM))
        lives.append(_timed(lambda: [perform(x) for x in orders]) / len(orders) * 1e6)  # noqa: B023
        engine.take()
    return [
        row("engine call from Python, idle tick", one, "us"),
        row("engine: enqueue into a line, nobody there", median(lives), "us",
            median(lives) / one, "engine call from Python, idle tick"),
    ]  # fmt: skip


def _handoff() -> list[Row]:
    """Handoffs beside plain enqueues, in turns in one run: the same lines, nobody there.

    A quarter of the enqueues and all that is handed off belong to a conversation.
    """
    engine = floors.engine()
    perform = engine.perform
    calls = floors.arrivals(4)
    plain, tied, handed = [], [], []
    for batch in range(15):
        engine.begin(engine.now + 10)
        orders = list(islice(calls, floors.ROOM // 4))
        plain.append(_timed(lambda: [perform(x) for x in orders]) / len(orders) * 1e6)  # noqa: B023
        with_talk = list(islice(calls, floors.ROOM // 4))
        for number, order in enumerate(with_talk):
            order.conversation = f"need-{batch}-{number}"
            order.customer = f"cus-{batch}-{number}"
        tied.append(_timed(lambda: [perform(x) for x in with_talk]) / len(orders) * 1e6)  # noqa: B023
        engine.take()
        engine.begin(engine.now + 10)
        on = [
            c.HandOff(x.interaction, f"{x.interaction}-on", Channel.CHAT)
            for x in with_talk
        ]
        handed.append(_timed(lambda: [perform(x) for x in on]) / len(orders) * 1e6)  # noqa: B023
        engine.take()
    base = median(plain[1:])
    beside = "engine: plain enqueue beside handoffs"
    return [
        row(beside, base, "us"),
        row("engine: enqueue with a new conversation and customer", median(tied[1:]),
            "us", median(tied[1:]) / base, beside),
        row("engine: handoff of one that waits", median(handed[1:]), "us",
            median(handed[1:]) / base, beside),
    ]  # fmt: skip


def _arrival() -> list[Row]:
    """Arrivals one by one; each finds ten thousand agents free, and is taken back."""
    engine = floors.engine()
    floors.sign_in(engine, floors.staff(engine, AGENTS, 4))
    took = []
    for call in islice(floors.arrivals(3), ARRIVALS):
        engine.begin(engine.now + 1)
        began = time.perf_counter()
        engine.perform(call)
        took.append((time.perf_counter() - began) * 1e6)
        engine.perform(c.Cancel(call.interaction))
        engine.take()
    name = f"engine: one arrival against {AGENTS} agents"
    return [
        row(f"{name}, p50", percentile(took, 50), "us"),
        row(f"{name}, p99", percentile(took, 99), "us"),
    ]


def gathered(engine: Engine, count: int, seed: int) -> list[str]:
    """So many arrivals that wait for the gathering window to end."""
    names = []
    for call in islice(floors.arrivals(seed), count):
        if len(names) % floors.ROOM == 0:
            engine.take()
            engine.begin(engine.now)
        engine.perform(call)
        names.append(call.interaction)
    engine.take()
    return names


def _rounds() -> list[Row]:
    found = []
    for waiting, agents, repeats in ROUNDS:
        engine = floors.engine(GATHER)
        floors.sign_in(engine, floors.staff(engine, agents, 2))
        took = []
        offered = 0
        for repeat in range(repeats + 1):
            engine.begin(engine.now + 10 * WINDOW_MS)
            engine.perform(c.Tick())
            names = gathered(engine, waiting, 100 + repeat)
            engine.begin(engine.now + WINDOW_MS)
            began = time.perf_counter()
            engine.perform(c.Tick())
            took.append((time.perf_counter() - began) * 1000)
            offered = int(engine.floor.house[0].next_offer)
            for name in names:
                engine.perform(c.Cancel(name))
            engine.take()
        if offered < waiting // 2:
            raise SystemExit(f"a round of {waiting} x {agents} made {offered} offers")
        name = f"engine: joint round {waiting} x {agents}, prepared, solved, concluded"
        found += [
            row(f"{name}, p50", percentile(took[1:], 50), "ms"),
            row(f"{name}, p99", percentile(took[1:], 99), "ms"),
        ]
    return found
