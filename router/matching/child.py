"""The solver's own process: reads a round, solves it, answers, until the line closes.

Started by `worker.SolverProcess`, never by hand. It must import nothing but NumPy, the
solver and what those need, or every restart would keep rounds waiting.
"""

import os
import signal
import socket

import numpy as np

from router.matching.solver import solve
from router.matching.wire import REQUEST, Arena, pack_reply


def main(line_fd: int, arena_fd: int) -> None:
    """Serve rounds until the other end of the line is closed or gone."""
    # A Ctrl-C or a stop meant for the service reaches its children too. The service
    # still wants its rounds while it drains, and closes the line when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _give_way()
    arena = Arena(arena_fd)
    with socket.socket(fileno=line_fd) as line:
        _warm_up()
        try:
            while len(request := line.recv(REQUEST.size, socket.MSG_WAITALL)):
                line.sendall(_answer(request, arena))
        except ConnectionError:
            return  # the service has gone; whoever starts next has its own solver


def _answer(request: bytes, arena: Arena) -> bytes:
    round_id, arc_count, row_count, columns, size = REQUEST.unpack(request)
    arcs = arena.read(arc_count, row_count, columns, size)
    return pack_reply(
        round_id,
        solve(
            arcs.rows, arcs.columns, arcs.points, arcs.row_count, arcs.column_capacity
        ),
    )


def _give_way() -> None:
    """Ask the machine not to put the service aside whenever a round arrives here."""
    # Woken by the event loop, an ordinary process may take over the loop's own core for
    # milliseconds, although another is idle. Batch processes do not. Not every system
    # has them, and the rounds are as right without.
    try:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except (AttributeError, OSError):
        return


def _warm_up() -> None:
    """Walk the whole way once, so that the first round is no slower than others."""
    # Greedy takes 9 + 1 here and the best is 8 + 8, so no shortcut is taken.
    rows = np.array([0, 0, 1, 1], np.int32)
    columns = np.array([0, 1, 0, 1], np.int32)
    points = np.array([9, 8, 8, 1], np.int64)
    solve(rows, columns, points, 2, np.ones(2, np.int32))
