"""Back from the journal: events a second, a cold start with a long tail, memory.

The journal is one day's shape: calls that arrive, ring, are answered and end, in groups
as a busy router writes them.
"""

import gc
import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench import floors
from bench.rows import Row, row
from bench.servers import router
from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.kinds import Kind
from router.journal.replay import batch_of, blob_of, recover
from router.journal.stores import open_journal
from router.model.agent import Link

EVENTS = 300_000
TAIL = 100_000
ROUNDS = 3
AGENTS = 500
STEP_MS = 20
CALLS_A_BATCH = 8


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        large, tail = Path(folder) / "large.sqlite", Path(folder) / "tail.sqlite"
        written = _write(large, EVENTS)
        _write(tail, TAIL)
        return [*_replay(large, written), *_cold_start(tail)]


def day() -> Iterator[Batch]:
    """Batches without end: arrivals, accepted offers, completed calls."""
    engine = Engine()
    engine.begin(floors.START)
    text = floors.POLICY.read_text(encoding="utf-8")
    engine.perform(c.PublishPolicy(floors.policy(), text))
    yield from _taken(engine)
    for order in floors.staff_orders(AGENTS, 4):
        engine.begin(engine.now + 1)
        engine.perform(order)
        engine.perform(c.SignIn(order.agent, Link.GATEWAY))
        yield from _taken(engine)
    draw = random.Random(7)
    calls = floors.arrivals(7)
    at_work: deque[str] = deque()
    ringing: list[tuple[str, int]] = []
    while True:
        engine.begin(engine.now + STEP_MS)
        engine.perform(c.Tick())
        for agent, offer in ringing:
            engine.perform(c.AcceptOffer(agent, offer))
        while len(at_work) > AGENTS * 3 // 4:
            engine.perform(c.Complete(at_work.popleft()))
        for _ in range(draw.randint(1, 2 * CALLS_A_BATCH)):
            engine.perform(next(calls))
        ringing = []
        for batch in _taken(engine):
            for event in batch.events[batch.events["kind"] == Kind.OFFER_ISSUED]:
                agent = engine.names.agents.texts[int(event["agent"])]
                ringing.append((agent, int(event["offer"])))
                interaction = int(event["interaction"])
                at_work.append(engine.names.interactions.texts[interaction])
            yield batch


def _taken(engine: Engine) -> Iterator[Batch]:
    batch = engine.take()
    if batch is not None:
        yield batch


def _write(path: Path, events: int) -> int:
    """A journal of about so many events; how many exactly."""
    journal = open_journal(f"sqlite:{path}")
    journal.open("bench")
    written = 0
    for batch in day():
        journal.append(blob_of(batch), batch.first_sequence, len(batch.events))
        written += len(batch.events)
        if written >= events:
            break
    journal.close()
    return written


def _replay(path: Path, events: int) -> list[Row]:
    reader = open_journal(f"sqlite:{path}").reader()
    whole, applied = [], []
    try:
        batches = [batch_of(stored.blob) for stored in reader.read(0)]
        gc.collect()
        for _ in range(ROUNDS):
            began = time.perf_counter()
            recover(reader)
            whole.append(events / (time.perf_counter() - began))
            engine = Engine()
            began = time.perf_counter()
            for batch in batches:
                engine.replay(batch)
            applied.append(events / (time.perf_counter() - began))
    finally:
        reader.close()
    size = events / len(batches)
    alone = f"replay, apply alone, groups of {size:.0f}"
    return [
        row(alone, median(applied), "events/s"),
        row("replay from SQLite: read, decode, apply", median(whole), "events/s",
            median(whole) / median(applied), alone),
    ]  # fmt: skip


def _cold_start(path: Path) -> list[Row]:
    """From nothing to ready: verify all, then replay a tail without any snapshot."""
    with (
        tempfile.TemporaryDirectory() as folder,
        router(Path(folder) / "empty.sqlite") as empty,
    ):
        base = empty.started_s
    with router(path) as served:
        took = served.started_s
    return [
        row("start on an empty journal", base, "s"),
        row(f"cold start with a tail of {TAIL} events", took, "s", took / base,
            "start on an empty journal"),
    ]  # fmt: skip
