"""A crew of processes on this machine, one for each core.

Processes are started afresh ("spawn"), so nothing of the parent is shared by accident,
and get the plans once, when they begin. The standard library's executor would do but
for one thing: it cannot say which process died over which replication.
"""

import pickle
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any, Final

from simulator.crew import Assignment, ExperimentFailed, Task, Watch, described
from simulator.sheets import Sheet

TOLD_EVERY_S: Final = 0.3
"""How often a worker tells how far it is."""
ASKED_EVERY_S: Final = 0.1
"""How often the parent asks whether to stop."""
TURN_S: Final = 0.05
"""Tasks are given out by so much work at a time."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a worker says: a sheet, how far it is, or what went wrong."""

    task: Task
    sheet: Sheet | None = None
    share: float = 0.0
    wrong: str = ""


@dataclass(slots=True)
class _Worker:
    number: int
    process: BaseProcess
    connection: Connection
    tasks: deque[Task] = field(default_factory=deque)
    """Given out and not handed in."""
    share: float = 0.0


class Workers:
    """So many processes, started at once."""

    def __init__(self, assignment: Assignment, count: int, took_s: float) -> None:
        """`took_s`: about how long one replication takes."""
        self._turn = min(32, max(1, int(TURN_S / max(took_s, 1e-6))))
        context = get_context("spawn")
        packed = pickle.dumps(assignment)
        self._workers: list[_Worker] = []
        for number in range(1, count + 1):
            here, there = context.Pipe()
            process = context.Process(
                target=_work,
                args=(there, packed),
                name=f"simulator-{number}",
                daemon=True,
            )
            process.start()
            there.close()
            self._workers.append(_Worker(number, process, here))

    def sheets(self, tasks: Sequence[Task], watch: Watch) -> Iterator[Sheet]:
        left = deque(tasks)
        done: dict[Task, Sheet] = {}
        for expected in tasks:
            while expected not in done:
                if watch.stopped():
                    return
                self._give(left, len(done))
                self._hear(done)
                shares = sum(worker.share for worker in self._workers)
                watch.going(len(done) + shares)
            yield done.pop(expected)

    def _give(self, left: deque[Task], ahead: int) -> None:
        """Keep every worker busy, and none too far ahead of the slowest."""
        room = 4 * self._turn * len(self._workers) - ahead
        for worker in self._workers:
            while left and room > 0 and len(worker.tasks) <= self._turn:
                turn = [left.popleft() for _ in range(min(self._turn, len(left)))]
                worker.tasks.extend(turn)
                room -= len(turn)
                try:
                    worker.connection.send(turn)
                except OSError:
                    raise _death(worker) from None

    def _hear(self, done: dict[Task, Sheet]) -> None:
        by_connection: dict[Any, _Worker] = {
            worker.connection: worker for worker in self._workers
        }
        for ready in wait(list(by_connection), ASKED_EVERY_S):
            worker = by_connection[ready]
            try:
                told = worker.connection.recv()
            except (EOFError, OSError):
                raise _death(worker) from None
            if told.wrong:
                raise ExperimentFailed(
                    f"worker {worker.number} could not carry out replication "
                    f"{told.task.replication}: {told.wrong}"
                )
            worker.share = told.share
            if told.sheet is not None:
                worker.tasks.remove(told.task)
                done[told.task] = told.sheet

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(2)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()
        self._workers = []


def _death(worker: _Worker) -> ExperimentFailed:
    worker.process.join(2)
    code = worker.process.exitcode
    how = f"with status {code}"
    if code is not None and code < 0:
        how = f"by {signal.Signals(-code).name}"
        if -code == signal.SIGKILL:
            how += ", as when memory is short"
    over = (
        f"over replication {worker.tasks[0].replication}"
        if worker.tasks
        else "before its first replication"
    )
    return ExperimentFailed(
        f"worker {worker.number} (process {worker.process.pid}) died {over}, {how}; "
        "fewer workers need less memory"
    )


def _work(connection: Connection, packed: bytes) -> None:
    """The life of a worker: take tasks, hand in sheets, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assignment: Assignment = pickle.loads(packed)  # noqa: S301 - the parent's own
    try:
        while True:
            for task in connection.recv():
                connection.send(_told(assignment, task, connection))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _told(assignment: Assignment, task: Task, connection: Connection) -> _Told:
    told_at = monotonic()

    def tell(share: float) -> None:
        nonlocal told_at
        if monotonic() - told_at >= TOLD_EVERY_S:
            told_at = monotonic()
            connection.send(_Told(task, share=share))

    try:
        sheet = assignment.sheet(task, tell, None)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - told to the parent, who ends the run
        return _Told(task, wrong=described(error))
    return _Told(task, sheet)
