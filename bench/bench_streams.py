"""Long streams: RouteInteractions against a bidirectional echo, and 2,000 agents at once.

With one command a message the message is what costs; with fifty it is the command.
"""

import tempfile
from itertools import count
from pathlib import Path
from statistics import median

from bench import messages
from bench.load import Orders
from bench.rows import Row, enqueued_in, paired, percentile, row
from bench.servers import Served, echo, load, router
from router.v1 import agent_pb2

ROUNDS = 5
SECONDS = 2.0
STREAMS = 4
AGENTS = 2_000
BURST_S = 20.0
SHAPES = ((1, 64), (50, 4))
"""Commands a message, and messages in flight on each of the streams."""
_NUMBERS = count(0, 10_000_000)


def measure() -> list[Row]:
    return [*_route(), *_burst()]


def _route() -> list[Row]:
    found: list[Row] = []
    answered = 0
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.sqlite"
        with router(journal) as ours, echo() as theirs:
            for batch, in_flight in SHAPES:
                rows, done = _shape(ours, theirs, batch, in_flight)
                found += rows
                answered += done
        kept = enqueued_in(journal)
    if kept != answered:
        raise SystemExit(f"{answered} commands were answered, the journal holds {kept}")
    return [
        *found,
        row("streamed enqueues answered and found in the journal", kept, "commands",
            1.0, "commands answered"),
    ]  # fmt: skip


def _shape(
    ours: Served, theirs: Served, batch: int, in_flight: int
) -> tuple[list[Row], int]:
    rates: dict[int, list[float]] = {ours.port: [], theirs.port: []}
    costs: dict[int, list[float]] = {ours.port: [], theirs.port: []}
    answered = 0
    for _ in range(ROUNDS):
        for server in (theirs, ours):
            before = server.cpu_s()
            done = load(
                Orders("streams", server.port, messages.ROUTE, messages.one_command(),
                       next(_NUMBERS), connections=STREAMS, batch=batch,
                       in_flight=in_flight, seconds=SECONDS)
            )  # fmt: skip
            rates[server.port].append(done["figures"][0])
            commands = done["answered"] * batch
            costs[server.port].append((server.cpu_s() - before) / commands * 1e6)
            answered += commands if server is ours else 0
    what = f"RouteInteractions, {batch} command{'s' if batch > 1 else ''} a message"
    bare = f"no-op bidirectional echo, {batch} a message"
    mine, yours = rates[ours.port], rates[theirs.port]
    return [
        row(bare, median(yours), "commands/s"),
        row(f"{what}: durable enqueues", median(mine), "commands/s",
            paired(mine, yours), bare),
        row(f"{what}: server CPU", median(costs[ours.port]), "us/command",
            median(costs[ours.port]) / median(costs[theirs.port]), bare),
    ], answered  # fmt: skip


def _burst() -> list[Row]:
    """Two thousand agents open their streams at the same instant."""
    with router() as ours:
        everybody = {"connections": 4, "in_flight": 32, "total": AGENTS}
        for path, parts in (
            (messages.UPSERT_AGENT, messages.upsert_agent({"s0": 3})),
            (messages.SIGN_IN, messages.sign_in(agent_pb2.LINK_STREAM)),
        ):
            load(Orders("closed", ours.port, path, parts, **everybody))
        before = ours.rss_mib()
        done = load(
            Orders("burst", ours.port, messages.WATCH_OFFERS, messages.watch_offers(),
                   connections=8, total=AGENTS, seconds=BURST_S),
            failures_allowed=True,
        )  # fmt: skip
        grown = ours.rss_mib() - before
    refused = done["sent"] - done["answered"]
    return [
        row(f"{AGENTS} agent streams opened at once: refused", refused, "streams"),
        row(f"{AGENTS} agent streams opened at once: last has its snapshot",
            percentile(done["figures"], 100), "ms"),
        row(f"{AGENTS} agent streams: memory", grown * 1024 / AGENTS, "KiB/stream"),
    ]  # fmt: skip
