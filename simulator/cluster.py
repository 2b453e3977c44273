"""A crew on a Dask cluster: the same sweep over many machines.

Dask rather than Ray: its scheduler and workers are pure Python (10 MB, no binaries, the
very interpreter and packages the simulator runs on), while Ray is a compiled wheel for
each Python version that brings its own object store and daemons and its own need for
protobuf, which OR-Tools pins here. What a sweep asks of a cluster is to send a plan
once, give out some thousand independent tasks, and bring back sheets of some hundred
kilobytes, which Dask's futures do as they are.

Workers need this very package. An engine of other sources on a worker is refused: its
figures would be another engine's.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from simulator.crew import (
    Assignment,
    ExperimentFailed,
    Task,
    Watch,
    described,
    engine_digest,
)
from simulator.sheets import Sheet

REACHED_WITHIN_S: Final = 10
ASKED_EVERY_S: Final = 0.2


class Cluster:
    """The workers of a scheduler, such as `tcp://10.0.0.1:8786`."""

    def __init__(self, assignment: Assignment, address: str) -> None:
        """ExperimentFailed when there is no such scheduler, it has no workers, or they
        run another engine.
        """
        try:
            from distributed import Client
        except ImportError:
            raise ExperimentFailed(
                "a cluster needs the extra packages: pip install 'santral[cluster]'"
            ) from None
        try:
            client: Any = Client
            self._client = client(
                address, timeout=REACHED_WITHIN_S, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise ExperimentFailed(
                f"no Dask scheduler at {address}: {described(error)}"
            ) from None
        try:
            self._window = self._checked(address)
            self._assignment = self._client.scatter(assignment, broadcast=True)
        except BaseException:
            self.close()
            raise

    def _checked(self, address: str) -> int:
        """How many tasks to keep under way."""
        digests = self._client.run(engine_digest)
        if not digests:
            raise ExperimentFailed(f"the Dask scheduler at {address} has no workers")
        here = engine_digest()
        for worker, there in digests.items():
            if there != here:
                raise ExperimentFailed(
                    f"the worker {worker} runs another engine ({there}) than this "
                    f"machine ({here}): install the same version on both"
                )
        threads: dict[str, int] = self._client.nthreads()
        return 4 * sum(threads.values())

    def sheets(self, tasks: Sequence[Task], watch: Watch) -> Iterator[Sheet]:
        left, under_way = deque(tasks), deque[Any]()
        try:
            while left or under_way:
                while left and len(under_way) < self._window:
                    under_way.append((left[0], self._submit(left.popleft())))
                task, future = under_way.popleft()
                sheet = self._awaited(task, future, under_way, watch)
                if sheet is None:
                    return
                yield sheet
        finally:
            self._client.cancel([future for _, future in under_way])

    def _submit(self, task: Task) -> Any:
        return self._client.submit(
            _sheet, self._assignment, task, pure=False, retries=2
        )

    def _awaited(
        self, task: Task, future: Any, others: deque[Any], watch: Watch
    ) -> Sheet | None:
        while True:
            if watch.stopped():
                future.cancel()
                return None
            watch.going(sum(other.done() for _, other in others))
            try:
                sheet: Sheet = future.result(timeout=ASKED_EVERY_S)
            except TimeoutError:
                continue
            except Exception as error:  # noqa: BLE001 - whatever a worker ran into
                raise ExperimentFailed(
                    f"the cluster could not carry out replication {task.replication}: "
                    f"{described(error)}"
                ) from None
            return sheet

    def close(self) -> None:
        with suppress(OSError, TimeoutError):
            self._client.close()


def _sheet(assignment: Assignment, task: Task) -> Sheet | None:
    return assignment.sheet(task)
