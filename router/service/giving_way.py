"""How gRPC's own threads share a core with the event loop.

Left alone, every message that comes in or goes out wakes gRPC's poller, which pushes the
loop off the core for a few microseconds of work and is followed by another: four changes
of thread for a message, half of what a message costs. As batch work (`sched(7)`,
SCHED_BATCH) the threads give way: they run when the loop waits, on another core, or when
their turn comes, and find a handful of events instead of one. Their share of the
processor stays what it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def giving_way() -> Iterator[None]:
    """Threads started within, and theirs, give way to the one that runs this. gRPC starts
    all of its own with the first server or channel of a process.

    Where the system knows no such thing, nothing happens.
    """
    if not hasattr(os, "SCHED_BATCH"):
        yield
        return
    before = os.sched_getscheduler(0)
    if before == os.SCHED_OTHER:
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        yield
    finally:
        if before == os.SCHED_OTHER:
            with suppress(OSError):
                os.sched_setscheduler(0, before, os.sched_param(0))
