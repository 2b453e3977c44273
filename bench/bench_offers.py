"""From an agent who becomes ready to the offer on that agent's stream.

Ten thousand agents are signed in and busy, a thousand interactions a second arrive and
as many end; afterwards fifty thousand are left waiting, and memory is read.
"""

from collections.abc import Iterator

import psutil

from bench import messages
from bench.load import Orders
from bench.rows import Row, percentile, row
from bench.servers import Served, load, router, run
from router.v1 import agent_pb2

AGENTS = 10_000
STREAMED = 500
RATE = 1_000
SECONDS = 15.0
BACKLOG = 3_000
WAITING = 50_000
KINDS = 8
SKILLS_EACH = 5
"""Every queue has agents then; with fewer, what nobody there can take piles up until the
agents have nothing to wait for."""


def measure() -> list[Row]:
    with router() as served:
        for orders in _staff(served.port):
            load(orders)
        before = served.cpu_s()
        found = run(
            "bench.desk",
            {
                "port": served.port, "agents": AGENTS,
                "first_streamed": AGENTS - STREAMED, "rate": RATE, "seconds": SECONDS,
                "backlog": BACKLOG, "waiting": WAITING,
            },
        )  # fmt: skip
        used = served.cpu_s() - before
        memory = _memory_mib(served)
    took = found["took_ms"]
    if len(took) < 200 or found["refused"] > found["enqueued"] // 100:
        raise SystemExit(f"the desks did not work: { {**found, 'took_ms': len(took)} }")
    name = (
        f"agent ready to offer on their stream, {AGENTS} agents, {RATE} interactions/s"
    )
    return [
        row(f"{name}, p50", percentile(took, 50), "ms"),
        row(f"{name}, p99", percentile(took, 99), "ms"),
        row(f"{name}: offers measured", len(took), "offers"),
        row(f"{name}: server CPU in all", used, "s"),
        row(f"memory with {AGENTS} agents and {WAITING} waiting", memory, "MiB"),
    ]


def _staff(port: int) -> Iterator[Orders]:
    """Agents of several kinds, defined and then signed in over the wire."""
    share = AGENTS // KINDS
    for kind in range(KINDS):
        skills = {f"s{(kind + k) % KINDS}": 3 for k in range(SKILLS_EACH)}
        yield Orders(
            "closed", port, messages.UPSERT_AGENT, messages.upsert_agent(skills),
            first=kind * share - 1, total=share,
        )  # fmt: skip
    links = (
        (agent_pb2.LINK_GATEWAY, -1, AGENTS - STREAMED),
        (agent_pb2.LINK_STREAM, AGENTS - STREAMED - 1, STREAMED),
    )
    for link, first, total in links:
        yield Orders(
            "closed", port, messages.SIGN_IN, messages.sign_in(link), first=first,
            total=total,
        )  # fmt: skip


def _memory_mib(served: Served) -> float:
    """The router and the processes it has started."""
    process = psutil.Process(served.process.pid)
    everybody = [process, *process.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in everybody) / 2**20)
