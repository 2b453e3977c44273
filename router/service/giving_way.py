"""How gRPC's own threads share a core with the event loop.

Left alone, every message that comes in or goes out wakes gRPC's poller a few times, which
pushes the loop off the core for some microseconds of work each time: half of what a
message costs. As batch work (`sched(7)`,
SCHED_BATCH) the threads give way: they run when the loop waits, on another core, or when
their turn comes, and find a handful of events instead of one. Their share of the
processor stays what it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def giving_way() -> Iterator[None]:
    """Threads started within, and theirs, give way to the one that runs this. gRPC starts
    all of its own with the first server or channel of a process.

    Where the system knows no such thing, nothing happens.
    """
    try:
        is_ordinary = os.sched_getscheduler(0) == os.SCHED_OTHER
        if is_ordinary:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except (AttributeError, OSError):
        is_ordinary = False
    try:
        yield
    finally:
        if is_ordinary:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
