"""Who works replications out: this process, other processes, or a cluster.

A crew is given tasks and hands in their sheets, in the order of the tasks whoever was
faster; a sheet depends on its task alone, so neither does the result depend on the
crew. This file holds what all crews share, and the crew of one; `simulator.workers` and
`simulator.cluster` hold the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from simulator.records import Layout, RunRecord
from simulator.sheets import Sheet, sheet_of

Run = Callable[..., RunRecord]
"""`simulator.run.run_once`, or what stands in for it: called as `run(plan, seed=...,
replication=..., progress=..., stop=...)`. Processes import it by its name.
"""


class Plan(Protocol):
    """What an experiment asks of a `simulator.plan.Plan`."""

    @property
    def layout(self) -> Layout: ...


class ExperimentFailed(Exception):
    """An experiment could not be carried out; the message says why, for a person."""


class Task(NamedTuple):
    """One replication of one of the plans."""

    plan: int
    replication: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """What every member of a crew knows."""

    plans: tuple[Plan, ...]
    seed: int
    run: Run

    def sheet(
        self,
        task: Task,
        progress: Callable[[float], object] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Sheet | None:
        """Work a task out. None when it was stopped."""
        plan = self.plans[task.plan]
        record = self.run(
            plan,
            seed=self.seed,
            replication=task.replication,
            progress=progress,
            stop=stop,
        )
        return sheet_of(record, plan.layout) if record.complete else None


class Watch(Protocol):
    """Who waits for the result: told of progress, and asked whether to go on."""

    def going(self, share: float) -> None:
        """How many tasks, in parts too, have been worked out beyond those handed in."""

    def stopped(self) -> bool:
        """Whether to stop now."""


class Crew(Protocol):
    """Works tasks out."""

    def sheets(self, tasks: Sequence[Task], watch: Watch) -> Iterator[Sheet]:
        """The sheets in the order of the tasks; ends early when the watch says so.
        ExperimentFailed when one cannot be worked out.
        """

    def close(self) -> None:
        """Let everybody go."""


class Alone:
    """This process."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    def sheets(self, tasks: Sequence[Task], watch: Watch) -> Iterator[Sheet]:
        for task in tasks:
            if watch.stopped():
                return
            sheet = self._assignment.sheet(task, watch.going, watch.stopped)
            if sheet is None:
                return
            yield sheet

    def close(self) -> None:
        """Nobody else is here."""


def resolved(run: Run | None) -> Run:
    """The simulator's own run unless another is given; imported only now, since it
    brings the engine along.
    """
    if run is not None:
        return run
    from simulator.run import run_once

    return run_once


def engine_digest() -> str:
    """Which engine this is: the digest of its sources."""
    from simulator.compiled import WORLD_DIGEST

    return WORLD_DIGEST


def described(error: BaseException) -> str:
    """An error in one line."""
    text: Any = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
