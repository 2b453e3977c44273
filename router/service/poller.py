"""gRPC's poller makes way for the event loop that it works for.

The asyncio server has one thread that collects whatever gRPC has finished and wakes the
loop, some six times a call. Where both share a core, each of these would push the loop
off it in the middle of its work and come back empty-handed a moment later. As batch work
in the sense of `sched(7)` the poller keeps its share of the core and waits for its turn:
until the loop sleeps, or has had its slice. On a core of its own nothing changes.
"""

import os
import threading

_TARGET = "_poll_wrapper"
"""What gRPC's poller runs; Python puts it into the thread's name."""


def make_way() -> bool:
    """Let the poller wait for its turn; called once a gRPC server is made.

    False where there is no such thread, or the system cannot do it: calls are answered
    all the same, only at a higher price.
    """
    if not hasattr(os, "SCHED_BATCH"):
        return False
    pollers = [t for t in threading.enumerate() if _TARGET in t.name and t.native_id]
    for thread in pollers:
        try:
            os.sched_setscheduler(
                thread.native_id or 0, os.SCHED_BATCH, os.sched_param(0)
            )
        except OSError:
            return False
    return bool(pollers)
