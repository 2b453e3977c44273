"""How a round travels to the solver's process and its solution back.

The arrays lie in shared memory, because a socket would make the event loop wait for the
reader; only a short header and the pairs go through the socket. Nothing is pickled.
Both ends must come from the same release: this is no file format and no contract.
"""

import mmap
import os
import struct
from typing import Final

import numpy as np

from router.matching.arcs import Arcs
from router.matching.solution import Solution, Solver, Status

REQUEST: Final = struct.Struct("<qqqqq")
"""Round id, arcs, rows, columns, bytes of shared memory."""

REPLY: Final = struct.Struct("<qqqqq3B5x")
"""Round id, pairs, objective, greedy objective, arcs solved; status, solver, exact."""

_PAIR_BYTES: Final = 8
_STATUSES: Final = tuple(Status)
_SOLVERS: Final = tuple(Solver)


class Arena:
    """Shared memory for one round at a time, grown to the largest round so far."""

    def __init__(self, fd: int) -> None:
        """Take over the descriptor; it is closed by `close`."""
        self.fd = fd
        self._memory: mmap.mmap | None = None

    @classmethod
    def create(cls) -> "Arena":
        """An empty arena, gone from the machine when the last process closes it."""
        return cls(os.memfd_create("santral-round", os.MFD_CLOEXEC))

    def write(self, arcs: Arcs) -> int:
        """Lay the round out; return the size the reader has to map."""
        memory = self._mapped(_size(arcs.count, len(arcs.column_capacity)), grow=True)
        there = _view(memory, arcs.count, arcs.row_count, len(arcs.column_capacity))
        there.points[:] = arcs.points
        there.rows[:] = arcs.rows
        there.columns[:] = arcs.columns
        there.column_capacity[:] = arcs.column_capacity
        return len(memory)

    def read(self, arc_count: int, row_count: int, columns: int, size: int) -> Arcs:
        """The round as views: good until the next one is written."""
        return _view(self._mapped(size, grow=False), arc_count, row_count, columns)

    def close(self) -> None:
        """Give the memory back; views still held keep their part of it alive."""
        self._memory = None
        os.close(self.fd)

    def _mapped(self, size: int, *, grow: bool) -> mmap.mmap:
        if self._memory is None or len(self._memory) < size:
            if grow:
                size = max(1 << 20, 1 << (size - 1).bit_length())
                os.ftruncate(self.fd, size)
            # The old map is dropped, not closed: arrays may still look into it.
            self._memory = mmap.mmap(self.fd, size)
        return self._memory


def pack_reply(round_id: int, solution: Solution) -> bytes:
    """A solution as the bytes of one reply."""
    header = REPLY.pack(
        round_id,
        len(solution.pairs),
        solution.objective,
        solution.greedy_objective,
        solution.arcs_solved,
        _STATUSES.index(solution.status),
        _SOLVERS.index(solution.solver),
        solution.exact,
    )
    return header + np.ascontiguousarray(solution.pairs, np.int32).tobytes()


def unpack_reply(received: bytearray) -> tuple[int, Solution] | None:
    """Take one whole reply off the front of what was received; None if it is not there.

    `received` is shortened by what was taken.
    """
    if len(received) < REPLY.size:
        return None
    round_id, count, objective, greedy_objective, arcs_solved, status, solver, exact = (
        REPLY.unpack_from(received)
    )
    end = REPLY.size + count * _PAIR_BYTES
    if len(received) < end:
        return None
    pairs = np.frombuffer(bytes(received[REPLY.size : end]), np.int32)
    del received[:end]
    return round_id, Solution(
        pairs=pairs.reshape(count, 2),
        objective=objective,
        greedy_objective=greedy_objective,
        status=_STATUSES[status],
        solver=_SOLVERS[solver],
        exact=bool(exact),
        arcs_solved=arcs_solved,
    )


def _size(arc_count: int, columns: int) -> int:
    return arc_count * (8 + 4 + 4) + columns * 4


def _view(memory: mmap.mmap, arc_count: int, row_count: int, columns: int) -> Arcs:
    # Points come first: eight-byte numbers must lie on eight-byte places.
    points_end = arc_count * 8
    rows_end = points_end + arc_count * 4
    columns_end = rows_end + arc_count * 4
    return Arcs(
        rows=np.frombuffer(memory, np.int32, arc_count, points_end),
        columns=np.frombuffer(memory, np.int32, arc_count, rows_end),
        points=np.frombuffer(memory, np.int64, arc_count, 0),
        row_count=row_count,
        column_capacity=np.frombuffer(memory, np.int32, columns, columns_end),
    )
