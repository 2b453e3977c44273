"""The log: one JSON object a line, and only what somebody may have to act on or will
look for later.

Routing itself is not logged; the journal holds it. What is: dead letters, interactions
nobody can take, agents lost, rounds that the solver did not solve, policies published,
the router's starts. Fields are on an allow-list, so that no personal data strays in,
and line breaks are escaped, so that nobody can forge a line.
"""

import json
import logging
from collections.abc import Callable
from typing import Final

import numpy as np

from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.joint import STATUS_NUMBERS
from router.engine.kinds import Kind, Reason
from router.engine.tables import EVENT, Record
from router.matching.solution import Status
from router.model.channel import Channel

_OPTIMAL = STATUS_NUMBERS[Status.OPTIMAL]
_STATUS = {number: status.value for status, number in STATUS_NUMBERS.items()}

NOTEWORTHY: Final = {
    Kind.INTERACTION_DEAD_LETTERED: logging.ERROR,
    Kind.INTERACTION_UNROUTABLE: logging.ERROR,
    Kind.AGENT_LOST: logging.WARNING,
    Kind.MATCH_ROUND_SOLVED: logging.WARNING,
    Kind.POLICY_PUBLISHED: logging.INFO,
    Kind.ROUTER_STARTED: logging.INFO,
}
"""Rounds are noteworthy only when the solver has not solved them."""

ALLOWED: Final = frozenset(
    "event level time at_ms sequence interaction agent queue channel reason live "
    "status interactions agents duration_us version digest policy journal listen "
    "metrics_address recovered_events code where detail".split()
)
"""What a line may hold. Never a customer, an attribute, a message or a note."""

TEXT_MAX: Final = 500
"""Characters of one value; what is longer is cut, with an ellipsis."""

NameOf = Callable[[str, int], str]
"""From "interaction", "agent" or "queue" and a row to the name that the outside world
knows.
"""


def _row(what: str, row: int) -> str:
    return str(row)


class Log:
    """Writes lines to a logger (`santral` if none is given), which decides where they
    go.
    """

    def __init__(
        self,
        *,
        name_of: NameOf = _row,
        time_of: Callable[[int], str] | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        """`time_of` turns engine time into an ISO 8601 instant; without it lines carry
        engine time only.
        """
        self._name_of = name_of
        self._time_of = time_of
        self._logger = logger if logger is not None else logging.getLogger("santral")
        self._is_noteworthy = np.zeros(max(Kind) + 1, np.bool_)
        self._is_noteworthy[list(NOTEWORTHY)] = True

    def on_events(self, events: Record) -> None:
        """Write a line for each noteworthy fact of a durable batch."""
        events = events.view(EVENT, np.ndarray)
        for row in np.flatnonzero(self._is_noteworthy[events["kind"]]).tolist():
            event = events[row]
            kind = Kind(int(event["kind"]))
            if kind is Kind.MATCH_ROUND_SOLVED and event["mode"] == _OPTIMAL:
                continue
            if kind is Kind.AGENT_LOST and event["reason"] == Reason.SIGNED_OUT:
                continue
            self.note(kind.name.lower(), NOTEWORTHY[kind], **self._fields(kind, event))

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """The same as a listener of the host."""
        if not batch.kinds.isdisjoint(NOTEWORTHY):
            self.on_events(batch.events)

    def note(self, event: str, level: int = logging.INFO, **fields: object) -> None:
        """Write one line. Raises ValueError for a field that is not allowed."""
        strangers = sorted(set(fields) - ALLOWED)
        if strangers:
            raise ValueError(
                f"a log line may not hold {', '.join(strangers)}; "
                f"allowed are {', '.join(sorted(ALLOWED))}"
            )
        if self._logger.isEnabledFor(level):
            line: dict[str, object] = {
                "level": logging.getLevelName(level).lower(),
                "event": event,
            }
            line |= {name: _harmless(value) for name, value in fields.items()}
            self._logger.log(level, "%s", json.dumps(line, ensure_ascii=True))

    def _fields(self, kind: Kind, event: Record) -> dict[str, object]:
        fields: dict[str, object] = {"at_ms": int(event["at"])}
        if self._time_of is not None:
            fields["time"] = self._time_of(int(event["at"]))
        for what in ("interaction", "agent", "queue"):
            if event[what] >= 0:
                fields[what] = self._name_of(what, int(event[what]))
        if event["channel"] > 0:
            fields["channel"] = Channel(int(event["channel"])).name.lower()
        if kind is Kind.INTERACTION_DEAD_LETTERED:
            fields["reason"] = Reason(int(event["reason"])).name.lower()
        elif kind is Kind.AGENT_LOST:
            fields["live"] = int(event["count"])
        elif kind is Kind.POLICY_PUBLISHED:
            fields["version"] = int(event["value"])
        elif kind is Kind.MATCH_ROUND_SOLVED:
            fields["status"] = _STATUS[int(event["mode"])]
            fields["interactions"] = int(event["count"])
            fields["agents"] = int(event["eligible"])
            fields["duration_us"] = int(event["until"])
        return fields


def _harmless(value: object) -> object:
    """Numbers as they are; everything else as text that is not too long. JSON escapes
    the line breaks.
    """
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = str(value)
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"
