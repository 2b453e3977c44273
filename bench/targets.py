"""What the figures are meant to reach, by name; kept apart from how they are measured."""

import operator
from typing import Any, NamedTuple

_HOLDS = {"<=": operator.le, ">=": operator.ge}


class Target(NamedTuple):
    """A bound on one column of a figure."""

    column: str
    relation: str
    bound: float


TARGETS = {
    "unary durable enqueue": Target("ratio", ">=", 0.75),
    "unary durable enqueue, Poisson 1000/s, p99": Target("value", "<=", 15),
    "unary durable enqueue, Poisson 3000/s, p99": Target("value", "<=", 10),
    "RouteInteractions, 1 command a message: durable enqueues": Target(
        "ratio", ">=", 0.5
    ),
    "RouteInteractions, 50 commands a message: durable enqueues": Target(
        "value", ">=", 40_000
    ),
    "2000 agent streams opened at once: refused": Target("value", "<=", 0),
    "agent ready to offer on their stream, 10000 agents, 1000 interactions/s, p50": (
        Target("value", "<=", 5)
    ),
    "agent ready to offer on their stream, 10000 agents, 1000 interactions/s, p99": (
        Target("value", "<=", 25)
    ),
    "engine: handoff of one that waits": Target("ratio", "<=", 1.5),
    "engine: one arrival against 10000 agents, p99": Target("value", "<=", 150),
    "engine: joint round 500 x 2000, prepared, solved, concluded, p99": Target(
        "value", "<=", 50
    ),
    "engine: joint round 5000 x 5000, prepared, solved, concluded, p99": Target(
        "value", "<=", 400
    ),
    "joint round 5000 x 5000, 50 arcs a row, through the host: event loop blocked "
    "at most": Target("value", "<=", 10),
    "joint round 5000 x 5000, 50 arcs a row, through the host: from due to concluding": (
        Target("value", "<=", 400)
    ),
    "context prepare, 100 a commit, p50": Target("value", "<=", 5),
    "timeline page of 50 of 10000 entries, p99": Target("value", "<=", 10),
    "timeline page of 50 of 10000 entries, the last": Target("ratio", "<=", 1.5),
    "carry over 1 MB of context by reference": Target("ratio", "<=", 0.1),
    "redaction: card numbers found": Target("value", ">=", 99),
    "redaction: card codes found": Target("value", ">=", 99),
    "redaction: false alarms per 10000 messages": Target("value", "<=", 10),
    "redaction: 240 characters with some numbers": Target("value", ">=", 50_000),
    "replay from SQLite: read, decode, apply": Target("value", ">=", 300_000),
    "cold start with a tail of 100000 events": Target("value", "<=", 5),
    "memory with 10000 agents and 50000 waiting": Target("value", "<=", 600),
    "model A: simulator": Target("value", ">=", 1_000_000),
    "model N: simulator": Target("value", ">=", 1_000_000),
    "model A: simulator beside SimPy": Target("ratio", ">=", 10),
    "model A: simulator beside Ciw": Target("ratio", ">=", 30),
    "model A: simulator beside salabim": Target("ratio", ">=", 100),
    "model N: simulator beside SimPy": Target("ratio", ">=", 10),
    "model N: simulator beside salabim": Target("ratio", ">=", 100),
    "model A: C by hand": Target("ratio", "<=", 5),
    "model N: C by hand": Target("ratio", "<=", 5),
    "simulator: 65 types x 89 groups x 1780 agents": Target("value", ">=", 200_000),
    "simulator: omnichannel day, 10000 agents, 100000 interactions": Target(
        "value", "<=", 5
    ),
    "simulator: cost grows as agents to the power of": Target("value", "<=", 0.5),
    "simulator: the same, in the steepest decade": Target("value", "<=", 0.5),
    "simulator: first result on a fresh cache": Target("value", "<=", 15),
    "simulator: first result from the cache": Target("value", "<=", 2),
    "simulator: memory over 365 days": Target("ratio", "<=", 1.05),
}


def verdict(name: str, figure: dict[str, Any]) -> tuple[str, bool]:
    """The target in words, and whether the figure reaches it."""
    target = TARGETS[name]
    reached = bool(_HOLDS[target.relation](figure[target.column], target.bound))
    what = "ratio " if target.column == "ratio" else ""
    bound = f"{target.bound:,}"
    return f"{what}{target.relation} {bound} {'ok' if reached else 'MISSED'}", reached
