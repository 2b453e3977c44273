"""One durable EnqueueInteraction a call, against a server that does nothing.

Both stand on the same stack and take the same bytes; they are loaded by turns, and the
ratio is taken round by round. Afterwards the journal is counted: every answered call is
an arrival in it.
"""

import tempfile
from itertools import count
from pathlib import Path
from statistics import median

from bench import messages
from bench.load import Orders
from bench.rows import Row, enqueued_in, paired, percentile, row
from bench.servers import Served, echo, load, router

ROUNDS = 5
SECONDS = 2.0
OPEN_ROUNDS = 3
OPEN_SECONDS = 6.0
RATES = (1_000, 3_000)
ECHO = "no-op unary echo on the same stack"
_NUMBERS = count(0, 1_000_000)


def measure() -> list[Row]:
    """Closed loop against the echo, then open loops at fixed rates."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.sqlite"
        with router(journal) as ours, echo() as theirs:
            found, answered = _closed(ours, theirs)
            more, later = _open(ours, theirs)
        kept = enqueued_in(journal)
    if kept != answered + later:
        raise SystemExit(
            f"{answered + later} calls were answered, and the journal holds {kept}"
        )
    held = row("unary enqueues answered and found in the journal", kept, "calls", 1.0,
               "calls answered")  # fmt: skip
    return [*found, *more, held]


def _closed(ours: Served, theirs: Served) -> tuple[list[Row], int]:
    rates: dict[int, list[float]] = {ours.port: [], theirs.port: []}
    costs: dict[int, list[float]] = {ours.port: [], theirs.port: []}
    client: list[float] = []
    answered = 0
    for _ in range(ROUNDS):
        for server in (theirs, ours):
            before = server.cpu_s()
            done = load(
                Orders("closed", server.port, messages.ENQUEUE,
                       messages.unary_enqueue(), next(_NUMBERS), seconds=SECONDS)
            )  # fmt: skip
            rates[server.port].append(done["figures"][0])
            used = server.cpu_s() - before
            costs[server.port].append(used / done["answered"] * 1e6)
            if server is ours:
                answered += done["answered"]
                client.append(done["cpu_s"] / done["answered"] * 1e6)
    mine, yours = rates[ours.port], rates[theirs.port]
    ratio = paired(mine, yours)
    cost, bare = median(costs[ours.port]), median(costs[theirs.port])
    return [
        row(ECHO, median(yours), "calls/s"),
        row("unary durable enqueue", median(mine), "calls/s", ratio, ECHO),
        row(f"{ECHO}, server CPU", bare, "us/call"),
        row("unary durable enqueue, server CPU", cost, "us/call", cost / bare, ECHO),
        row("unary durable enqueue, load CPU", median(client), "us/call"),
    ], answered


def _open(ours: Served, theirs: Served) -> tuple[list[Row], int]:
    late: dict[tuple[int, int], list[list[float]]] = {}
    answered = 0
    for _ in range(OPEN_ROUNDS):
        for rate in RATES:
            for server in (theirs, ours):
                done = load(
                    Orders("open", server.port, messages.ENQUEUE,
                           messages.unary_enqueue(), next(_NUMBERS), rate=rate,
                           seconds=OPEN_SECONDS)
                )  # fmt: skip
                late.setdefault((server.port, rate), []).append(done["figures"])
                answered += done["answered"] if server is ours else 0
    found = []
    for rate in RATES:
        for percent in (50, 99):
            mine = [percentile(r, percent) for r in late[ours.port, rate]]
            yours = [percentile(r, percent) for r in late[theirs.port, rate]]
            name = f"unary durable enqueue, Poisson {rate}/s, p{percent}"
            found.append(
                row(name, median(mine), "ms", paired(mine, yours), f"echo at {rate}/s")
            )
    return found, answered
