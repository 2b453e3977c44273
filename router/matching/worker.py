"""Joint rounds in a process of their own, so that the event loop never stands still.

OR-Tools holds the GIL for a whole solve, so a thread would not help. The host submits a
round, watches `fileno()` and polls; every round submitted comes back exactly once, by a
greedy answer if the process dies. One thread only; it must never wait for a solve.
"""

import selectors
import socket
from collections import deque
from typing import Any, Final

from numpy.typing import NDArray

from router.matching.arcs import Arcs, canonical, checked
from router.matching.greedy import greedy_solution, sweep
from router.matching.solution import Solution, Status
from router.matching.spawn import Child
from router.matching.wire import REQUEST, unpack_reply

DEATHS_MAX: Final = 3
"""Deaths in a row, without a round answered between, after which no new process is
started: whatever kills it would go on killing it. `start()` tries again."""

_RECEIVE_BYTES: Final = 1 << 18


class SolverProcess:
    """`solver.solve` next door: submit a round now, poll for its solution later."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Arcs]] = deque()
        self._in_work: tuple[int, Arcs] | None = None
        self._answered: list[tuple[int, Solution]] = []
        self._received = bytearray()
        self._child: Child | None = None
        self._deaths_in_a_row = 0
        self._door: _Door | None = None
        self.deaths = 0
        """How often the process died and its rounds were answered greedily."""

    @property
    def alive(self) -> bool:
        """Whether there is a process to solve rounds (as far as `poll` has seen)."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The process id of the solver, None while there is none."""
        return None if self._child is None else self._child.process.pid

    @property
    def pending(self) -> int:
        """Rounds submitted and not yet handed back."""
        return len(self._waiting) + (self._in_work is not None) + len(self._answered)

    def start(self) -> None:
        """Start the process, or start it again after too many deaths. Idempotent.

        Rounds may be submitted at once; the first ones wait for the process to load
        (about a third of a second). Raises OSError if no process can be started.
        """
        if self._door is None:
            self._door = _Door()
        if self._child is None:
            self._deaths_in_a_row = 0
            self._spawn(self._door)

    def submit(
        self,
        round_id: int,
        rows: NDArray[Any],
        columns: NDArray[Any],
        points: NDArray[Any],
        row_count: int,
        column_capacity: NDArray[Any],
    ) -> None:
        """Hand a round over; its solution comes from a later `poll` under `round_id`.

        Arguments as for `solver.solve`. The arrays must not be changed until then.
        Raises RoundError at once, so that a malformed round never kills the process.
        """
        door = self._opened()
        arcs = checked(rows, columns, points, row_count, column_capacity)
        self._waiting.append((round_id, arcs))
        self._feed(door)

    def poll(self) -> list[tuple[int, Solution]]:
        """The rounds that have come back since the last poll. Never waits."""
        door = self._opened()
        hung_up = self._child is not None and not self._receive(self._child)
        while (reply := unpack_reply(self._received)) is not None:
            self._answered.append(reply)
            self._in_work = None
            self._deaths_in_a_row = 0
        if hung_up:
            self._bury(door)
        self._feed(door)
        door.silence()
        answered, self._answered = self._answered, []
        return answered

    def fileno(self) -> int:
        """Readable when `poll` has something to do; the same over restarts."""
        return self._opened().fileno()

    def restart(self) -> None:
        """Kill the process and start another; what it held comes back greedily.

        For a host whose patience with a round is at an end: there is no clock here.
        """
        door = self._opened()
        if self._child is not None:
            self._bury(door)

    def close(self) -> None:
        """End the process and forget all rounds. Idempotent."""
        if self._door is None:
            return
        self._end(self._door)
        self._door.close()
        self._door = None
        self._waiting.clear()
        self._answered.clear()
        self._in_work = None

    def _opened(self) -> "_Door":
        if self._door is None:
            raise RuntimeError("the solver process is not started: call start() first")
        return self._door

    def _feed(self, door: "_Door") -> None:
        """Give the process its next round, one at a time: the arena holds only one."""
        if self._child is None:
            self._answer_greedily(door)
        elif self._in_work is None and self._waiting:
            self._in_work = self._waiting.popleft()
            round_id, arcs = self._in_work
            size = self._child.arena.write(arcs)
            columns = len(arcs.column_capacity)
            request = REQUEST.pack(round_id, arcs.count, arcs.row_count, columns, size)
            try:
                self._child.line.send(request)
            except ConnectionError:
                self._bury(door)

    def _receive(self, child: Child) -> bool:
        """Take in what the process has said; False once it has hung up."""
        try:
            while some := child.line.recv(_RECEIVE_BYTES):
                self._received += some
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        return False

    def _bury(self, door: "_Door") -> None:
        """The process is dead or past waiting for: answer for it, start another."""
        self._end(door)
        self.deaths += 1
        self._deaths_in_a_row += 1
        self._answer_greedily(door)
        if self._deaths_in_a_row < DEATHS_MAX:
            try:
                self._spawn(door)
            except OSError:
                # No memory or no descriptors: rounds go on greedily, `alive` says so.
                self._child = None

    def _answer_greedily(self, door: "_Door") -> None:
        if self._in_work is not None:
            self._waiting.appendleft(self._in_work)
            self._in_work = None
        while self._waiting:
            round_id, arcs = self._waiting.popleft()
            arcs = canonical(arcs)
            solution = greedy_solution(arcs, sweep(arcs), Status.CRASH)
            self._answered.append((round_id, solution))
            door.ring()

    def _spawn(self, door: "_Door") -> None:
        self._child = Child.spawn()
        door.watch(self._child.line)

    def _end(self, door: "_Door") -> None:
        if self._child is not None:
            door.forget(self._child.line)
            self._child.end()
            self._child = None
        self._received.clear()


class _Door:
    """One descriptor to watch, whichever process is behind it, and a bell of our own.

    The bell is for answers that no process sends: the greedy ones.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._rung = False
        self.watch(self._bell)

    def fileno(self) -> int:
        return self._selector.fileno()

    def watch(self, line: socket.socket) -> None:
        self._selector.register(line, selectors.EVENT_READ)

    def forget(self, line: socket.socket) -> None:
        self._selector.unregister(line)

    def ring(self) -> None:
        if not self._rung:
            self._button.send(b"!")
            self._rung = True

    def silence(self) -> None:
        if self._rung:
            self._bell.recv(1)
            self._rung = False

    def close(self) -> None:
        self._selector.close()
        self._bell.close()
        self._button.close()
