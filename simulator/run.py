"""One replication from beginning to end: what a worker carries out."""

from collections.abc import Callable

from simulator.plan import Plan
from simulator.records import RunRecord
from simulator.world import World


def run_once(
    plan: Plan,
    seed: int,
    replication: int,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> RunRecord:
    """Run a plan once. The same plan, seed and number give the same record, but for the
    time that it took.

    `progress` hears now and then which share is done; when `stop` says so, the run ends
    where it is and its record is marked as not complete.
    """
    return World(plan, seed, replication).run(progress, stop)
