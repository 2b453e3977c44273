"""Replications of one plan or several side by side, by whichever crew.

When to stop, and who works: the first replications are worked out in this process, and
others are started when what is left is worth it.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import sched_getaffinity
from time import monotonic
from types import FrameType
from typing import Final

from simulator.crew import Alone, Assignment, Crew, ExperimentFailed, Plan, Run, Task
from simulator.sheets import Ledger, Sheet

FIRST_LOOK: Final = 10
"""Replications before the precision is looked at."""
LOOKS_GROW: Final = 1.5
"""From one look to the next."""
LONG_S: Final = 10.0
"""A first replication that took longer needs no second one to tell how long they take."""
WORTH_WORKERS_S: Final = 12.0
"""Less work than this is done before other processes are ready, each with the engine
loaded."""

ASKS_TO_STOP: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an experiment is."""

    done: float
    """Replications, in parts too."""
    total: int
    """As many as there will be at most."""
    elapsed_s: float

    @property
    def eta_s(self) -> float | None:
        """Seconds left at this pace; None before there is a pace."""
        if self.done <= 0:
            return None
        return self.elapsed_s / self.done * (self.total - self.done)


Listener = Callable[[Progress], object]
Stop = Callable[[], bool]


def looks(replications: int, *, sequential: bool) -> Iterator[int]:
    """After how many replications to look whether it is enough; the last is all."""
    look = FIRST_LOOK if sequential else replications
    while look < replications:
        yield look
        look = int(look * LOOKS_GROW)
    yield replications


class Sweep:
    """Replications of several plans side by side."""

    def __init__(
        self,
        plans: tuple[Plan, ...],
        seed: int,
        run: Run,
        workers: int | None,
        cluster: str | None,
    ) -> None:
        if workers is not None and workers < 1:
            raise ExperimentFailed(f"there must be at least 1 worker, not {workers}")
        self._assignment = Assignment(plans, seed, run)
        self._workers = workers
        self._crew: Crew = Alone(self._assignment)
        self._asked_to_stop: Stop = lambda: False
        self._interrupted = threading.Event()
        self._listener: Listener | None = None
        self._done = 0
        self._took_s = 0.0
        self._total = 0
        self._began = monotonic()
        self._cluster = cluster

    @property
    def elapsed_s(self) -> float:
        return monotonic() - self._began

    def over(
        self,
        replications: int,
        enough: Callable[[Sequence[Ledger]], bool] | None,
        progress: Listener | None,
        stop: Stop | None,
    ) -> tuple[Ledger, ...]:
        """Run until there are enough, or all, or somebody stops it."""
        if replications < 1:
            raise ExperimentFailed(
                f"there must be at least 1 replication, not {replications}"
            )
        self._asked_to_stop = stop or self._asked_to_stop
        self._listener, self._total = progress, replications
        ledgers = tuple(Ledger(plan.layout) for plan in self._assignment.plans)
        with self._interruptible():
            try:
                self._begin_crew()
                for look in looks(replications, sequential=enough is not None):
                    self._run(ledgers, look)
                    if self.stopped() or (enough is not None and enough(ledgers)):
                        break
            finally:
                self._crew.close()
        if not self._done:
            raise ExperimentFailed("stopped before a first replication was complete")
        return ledgers

    def _run(self, ledgers: tuple[Ledger, ...], until: int) -> None:
        """Go on until so many replications are complete.

        The first is worked out here: it brings the compiled engine, once for all. The
        second tells how long one takes.
        """
        while self._done < until and not self.stopped():
            self._hire(until - self._done)
            alone = isinstance(self._crew, Alone)
            began, done = monotonic(), self._done
            self._take(ledgers, done + 1 if alone and done < 2 else until)
            self._took_s = (monotonic() - began) / max(self._done - done, 1)

    def _take(self, ledgers: tuple[Ledger, ...], until: int) -> None:
        plans = range(len(ledgers))
        tasks = [Task(p, r) for r in range(self._done, until) for p in plans]
        together: list[Sheet] = []
        for sheet in self._crew.sheets(tasks, self):
            together.append(sheet)
            if len(together) == len(ledgers):
                for ledger, one in zip(ledgers, together, strict=True):
                    ledger.add(one)
                together = []
                self._done += 1
                self.going(0)
        if self._done < until:
            self._interrupted.set()

    def _begin_crew(self) -> None:
        if self._cluster is not None:
            from simulator.cluster import Cluster

            self._crew = Cluster(self._assignment, self._cluster)

    def _hire(self, left: int) -> None:
        """Start other processes when it is worth it."""
        known = self._done >= 2 or self._took_s > LONG_S
        if not known or not isinstance(self._crew, Alone):
            return
        count = self._workers or len(sched_getaffinity(0))
        count = min(count, left * len(self._assignment.plans))
        little = self._workers is None and self._took_s * left < WORTH_WORKERS_S
        if count > 1 and not little:
            from simulator.workers import Workers

            took_s = self._took_s / len(self._assignment.plans)
            self._crew = Workers(self._assignment, count, took_s)

    # ------------------------------------------------------------ watching

    def going(self, share: float) -> None:
        if self._listener is not None:
            part = min(share / len(self._assignment.plans), self._total - self._done)
            self._listener(Progress(self._done + part, self._total, self.elapsed_s))

    def stopped(self) -> bool:
        return self._interrupted.is_set() or self._asked_to_stop()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM ask to stop; a second one stops at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in ASKS_TO_STOP}

        def interrupted(number: int, _frame: FrameType | None) -> None:
            self._interrupted.set()
            signal.signal(number, before[signal.Signals(number)])

        for number in ASKS_TO_STOP:
            signal.signal(number, interrupted)
        try:
            yield
        finally:
            for number in ASKS_TO_STOP:
                signal.signal(number, before[number])
