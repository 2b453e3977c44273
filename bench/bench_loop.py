"""A large joint round through the host: how long until offers, and who had to wait.

The solver runs in its own process, so what holds the event loop is the rest: writing
the round down, taking its pairs back, recording them. A heartbeat every millisecond
notices; its longest gap is the figure.
"""

import asyncio
import time
from collections.abc import Callable
from itertools import islice
from statistics import median

import uvloop

from bench import floors
from bench.rows import Row, row
from router.clock import Clock
from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.kinds import Kind
from router.engine.tables import NEVER
from router.host import Host
from router.journal.stores import open_journal
from router.matching.worker import SolverProcess
from router.model.agent import Link, Presence
from router.warming import warm_up

SIZE = 5_000
REPEATS = 3
BEAT_S = 0.001
POLICY = (
    "rounds: {window: 5s, interactions_max: 5000, agents_max: 5000, "
    "arcs_per_interaction: 50}\n"
)
ARCS_EACH = 50
CHUNK = 50


def measure() -> list[Row]:
    warm_up(lambda _: None)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measured())


class Heart:
    """Beats every millisecond and remembers the longest it could not."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last = time.perf_counter()
        self._task = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            self._last = time.perf_counter()
            await asyncio.sleep(BEAT_S)
            gap = time.perf_counter() - self._last - BEAT_S
            self.longest_s = max(self.longest_s, gap)

    def stop(self) -> None:
        self._task.cancel()


async def _measured() -> list[Row]:
    journal = open_journal("memory:")
    head = journal.open("bench")
    clock = Clock()
    host = Host(Engine(), journal, head, clock, solver=SolverProcess())
    solved: list[tuple[int, int, int]] = []
    host.listeners.append(lambda batch, engine: solved.extend(_rounds_in(batch)))
    await host.start()
    try:
        text = floors.POLICY.read_text(encoding="utf-8") + POLICY
        await host.submit(c.PublishPolicy(floors.policy(POLICY), text))
        await _staff(host)
        blocked, took = [], []
        for repeat in range(REPEATS):
            await _quiet(host)
            solved.clear()
            names = await _gather(host, repeat)
            heart = Heart()
            await _until(lambda: bool(solved))
            await asyncio.sleep(0.2)
            heart.stop()
            blocked.append(heart.longest_s * 1000)
            took.append(max(until_offers for _, until_offers, _ in solved))
            await host.submit_all([c.Cancel(name) for name in names])
    finally:
        await host.drain()
    name = f"joint round {SIZE} x {SIZE}, {ARCS_EACH} arcs a row, through the host"
    return [
        row(f"{name}: from due to concluding", median(took), "ms"),
        row(f"{name}: event loop blocked at most", median(blocked), "ms"),
    ]


def _rounds_in(batch: Batch) -> list[tuple[int, int, int]]:
    """Of each round: interactions, milliseconds from due to offers, solver's time."""
    events = batch.events
    rounds = events[events["kind"] == Kind.MATCH_ROUND_SOLVED]
    return [
        (int(one["count"]), int(one["at"] - one["since"]), int(one["until"]))
        for one in rounds
    ]


async def _staff(host: Host) -> None:
    commands: list[c.Command] = []
    for number in range(SIZE):
        skills = {f"s{(number + k) % floors.SKILLS}": 3 for k in range(2)}
        commands.append(c.DefineAgent(f"agent-{number:05}", skills=skills))
        commands.append(
            c.SignIn(f"agent-{number:05}", Link.GATEWAY, Presence.AVAILABLE)
        )
    for first in range(0, len(commands), floors.ROOM):
        await host.submit_all(commands[first : first + floors.ROOM])


async def _quiet(host: Host) -> None:
    """Until no window runs, so that all that come now are gathered together."""
    floor = host.engine.floor
    await _until(lambda: int(floor.scratch[0].round_due_at) >= NEVER)


async def _until(so: Callable[[], bool]) -> None:
    # An event would have to be set by what is measured, and would be part of it.
    while not so():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def _gather(host: Host, repeat: int) -> list[str]:
    calls = list(islice(floors.arrivals(500 + repeat), SIZE))
    for first in range(0, SIZE, CHUNK):
        await host.submit_all(calls[first : first + CHUNK])
    return [call.interaction for call in calls]
