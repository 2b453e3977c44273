"""Load on a server from a process of its own: `python -m bench.load` with orders as JSON.

Closed loops keep so many calls in flight and tell the rate; open loops send at Poisson
instants, whether or not the server keeps up, and tell latency from the instant a call
was due (so a stall counts for all who were due in it). Bodies are a template around a
number, so every call is a new one. Knows nothing of routing.
"""

import json
import os
import random
import select
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from bench.wire import DATA, Messages, Wire, entries

DIGITS = 12
CONNECT_PAUSE_S = 0.05
LOST_S = 5.0
"""Calls that have not been answered so long after the last was sent count as failed."""


@dataclass(slots=True)
class Orders:
    """What to do. `parts` joined by a number of `DIGITS` digits are one message."""

    mode: str
    port: int
    path: str
    parts: list[str]
    first: int = 0
    connections: int = 4
    in_flight: int = 32
    """Calls (or messages of one stream) that wait for an answer, a connection."""
    streams: int = 1
    """Streams a connection, where streams are loaded."""
    batch: int = 1
    """Commands a message, where streams are loaded; `parts` are then one command."""
    warm_s: float = 0.5
    seconds: float = 2.0
    rate: float = 0.0
    total: int = 0
    """Stop after so many calls instead of after `seconds`."""


@dataclass(slots=True)
class Tally:
    """What came of it."""

    sent: int = 0
    answered: int = 0
    failed: int = 0
    elapsed_s: float = 0.0
    figures: list[float] = field(default_factory=list)
    """Latencies in milliseconds of an open loop or a burst; else the one rate."""
    complaint: str = ""
    answer_bytes: int = 0


class Bodies:
    """Messages that are all different, at the price of one join each."""

    def __init__(self, orders: Orders) -> None:
        self._parts = [bytes.fromhex(part) for part in orders.parts]
        self._batch = orders.batch
        self.number = orders.first

    def next(self) -> bytes:
        if self._batch == 1:
            self.number += 1
            return (b"%012d" % self.number).join(self._parts)
        message = b"".join(
            (b"%012d" % number).join(self._parts)
            for number in range(self.number + 1, self.number + 1 + self._batch)
        )
        self.number += self._batch
        return message


class Calls:
    """Unary calls over a few connections, and which of them have been answered."""

    def __init__(self, orders: Orders, tally: Tally) -> None:
        self.wires = [Wire(orders.port) for _ in range(orders.connections)]
        self._path = orders.path
        self._bodies = Bodies(orders)
        self._left = orders.total or 1 << 60
        self._tally = tally
        self._good: dict[Wire, set[int]] = {wire: set() for wire in self.wires}

    @property
    def under_way(self) -> int:
        return self._tally.sent - self._tally.answered - self._tally.failed

    def send(self, wire: Wire) -> int:
        """Queue one more call, if any is left; its stream."""
        if not self._left:
            return 0
        self._left -= 1
        self._tally.sent += 1
        return wire.call(self._path, self._bodies.next())

    def ready(self, wait_s: float) -> list[Wire]:
        found: list[Wire] = select.select(self.wires, (), (), max(0.0, wait_s))[0]
        return found

    def ended(self, wire: Wire) -> Iterator[tuple[int, bool]]:
        """Calls that have ended: stream, and whether there was an answer."""
        arrived, tally = self._good[wire], self._tally
        for frame in wire.receive():
            if frame.kind == DATA and frame.payload:
                arrived.add(frame.stream)
                tally.answer_bytes = len(frame.payload)
            if not frame.ends:
                continue
            good = frame.stream in arrived
            arrived.discard(frame.stream)
            tally.answered += good
            tally.failed += not good
            if not good:
                tally.complaint = tally.complaint or repr(frame.payload[:300])
            yield frame.stream, good
        if wire.closed_by_server:
            raise SystemExit(f"the server hung up; {tally.complaint}")


class Span:
    """The part of a run that counts: what is done after the warm-up, until the end."""

    def __init__(self, orders: Orders) -> None:
        began = time.perf_counter()
        self._start = began + orders.warm_s
        self.end = self._start + orders.seconds
        self._done_before = -1

    def note(self, now: float, done: int, tally: Tally, each: int = 1) -> None:
        """Work out the rate again, once the warm-up is over and until the end."""
        if now < self._start or now >= self.end:
            return
        if self._done_before < 0:
            self._start, self._done_before = now, done
            return
        tally.elapsed_s = now - self._start
        tally.figures = [(done - self._done_before) * each / tally.elapsed_s]


def closed(orders: Orders) -> Tally:
    """Unary calls, so many in flight, for so many seconds (or calls)."""
    tally = Tally()
    calls = Calls(orders, tally)
    for wire in calls.wires:
        for _ in range(orders.in_flight):
            calls.send(wire)
        wire.flush()
    span = Span(orders)
    while (now := time.perf_counter()) < span.end or orders.total:
        for wire in calls.ready(1.0):
            for _ in calls.ended(wire):
                calls.send(wire)
            wire.flush()
        span.note(now, tally.answered, tally)
        if not calls.under_way:
            break
    # Nothing may be left for the next round to stumble over.
    while calls.under_way and time.perf_counter() < now + LOST_S:
        for wire in calls.ready(0.1):
            deque(calls.ended(wire), maxlen=0)
            wire.flush()
    return tally


def open_loop(orders: Orders) -> Tally:
    """Unary calls at Poisson instants; latency from the instant each was due."""
    tally = Tally()
    calls = Calls(orders, tally)
    draw = random.Random(orders.first)
    due_of: dict[tuple[Wire, int], float] = {}
    began = time.perf_counter() + CONNECT_PAUSE_S
    warm, end = began + orders.warm_s, began + orders.warm_s + orders.seconds
    due = began
    turns = cycle(calls.wires)
    while True:
        now = time.perf_counter()
        while due <= now and due < end:
            wire = next(turns)
            due_of[wire, calls.send(wire)] = due
            wire.flush()
            due += draw.expovariate(orders.rate)
        if due >= end and (not due_of or now > end + LOST_S):
            break
        for wire in calls.ready(min(due - now, 0.1)):
            for stream, good in calls.ended(wire):
                was_due = due_of.pop((wire, stream))
                if good and was_due >= warm:
                    late_ms = (time.perf_counter() - was_due) * 1000
                    tally.figures.append(late_ms)
            wire.flush()
    tally.failed += len(due_of)
    tally.elapsed_s = time.perf_counter() - began
    return tally


def streams(orders: Orders) -> Tally:
    """Messages on long streams, so many in flight on each; the rate is of commands.

    One answer may stand for several messages: what is counted is what it lists.
    """
    bodies, tally = Bodies(orders), Tally()
    readers: dict[Wire, dict[int, Messages]] = {}
    for _ in range(orders.connections):
        wire = Wire(orders.port)
        readers[wire] = {
            wire.open(orders.path): Messages() for _ in range(orders.streams)
        }
        for _ in range(orders.in_flight):
            for stream in readers[wire]:
                wire.say(stream, bodies.next())
                tally.sent += 1
        wire.flush()
    span = Span(orders)
    while True:
        now = time.perf_counter()
        if now >= span.end and (
            tally.answered >= tally.sent or now > span.end + LOST_S
        ):
            break
        span.note(now, tally.answered, tally, orders.batch)
        for wire in select.select(list(readers), (), (), 0.1)[0]:
            for stream, message in _told(wire, readers[wire]):
                answered = entries(message) // orders.batch
                tally.answered += answered
                tally.answer_bytes = len(message)
                for _ in range(answered if now < span.end else 0):
                    wire.say(stream, bodies.next())
                    tally.sent += 1
            wire.flush()
    tally.failed = tally.sent - tally.answered
    return tally


def _told(wire: Wire, readers: dict[int, Messages]) -> Iterator[tuple[int, bytes]]:
    for frame in wire.receive():
        if frame.kind == DATA:
            for message in readers[frame.stream].of(frame.payload):
                yield frame.stream, message
        elif frame.ends:
            raise SystemExit(f"a stream ended: {frame.payload[:300]!r}")


def burst(orders: Orders) -> Tally:
    """Open so many streams at once, each with one message; who answers, who is refused?

    A stream counts as answered with its first message.
    """
    bodies, tally = Bodies(orders), Tally()
    wires = [Wire(orders.port) for _ in range(orders.connections)]
    began = time.perf_counter()
    answered: set[tuple[int, int]] = set()
    for _ in range(orders.total // len(wires)):
        for wire in wires:
            wire.call(orders.path, bodies.next())
            tally.sent += 1
    while time.perf_counter() < began + orders.seconds:
        sending = [wire for wire in wires if wire.wants_to_send]
        ready, writable, _ = select.select(wires, sending, (), 0.1)
        for wire in ready:
            which = wires.index(wire)
            for frame in wire.receive():
                key = (which, frame.stream)
                if frame.kind == DATA and key not in answered:
                    answered.add(key)
                    tally.figures.append((time.perf_counter() - began) * 1000)
                if frame.ends:
                    tally.failed += 1
                    tally.complaint = tally.complaint or repr(frame.payload[:300])
        for wire in {*ready, *writable}:
            wire.flush()
        if len(answered) + tally.failed >= tally.sent:
            break
    tally.answered = len(answered)
    tally.elapsed_s = time.perf_counter() - began
    return tally


MODES = {"closed": closed, "open": open_loop, "streams": streams, "burst": burst}


def main() -> None:
    """Read orders from standard input, carry them out, write the tally."""
    given: dict[str, Any] = json.load(sys.stdin)
    orders = Orders(**given)
    before = time.process_time()
    tally = MODES[orders.mode](orders)
    json.dump(
        {
            "sent": tally.sent,
            "answered": tally.answered,
            "failed": tally.failed,
            "elapsed_s": tally.elapsed_s,
            "figures": tally.figures,
            "complaint": tally.complaint,
            "answer_bytes": tally.answer_bytes,
            "cpu_s": time.process_time() - before,
            "pid": os.getpid(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
