"""How the threads of a router that serves share its cores."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end_to_end.history import History
from tests.end_to_end.load import Clients

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux alone"),
]


async def test_grpcs_threads_give_way_to_the_loop(start):
    router = start().ready()
    clients = Clients(router.target, History())
    await clients.arrive()

    main = router.process.pid
    grpcs = set()
    for task in Path(f"/proc/{main}/task").iterdir():
        with suppress(OSError):  # it may have ended
            if (task / "comm").read_text().strip() == "event_engine":
                grpcs.add(os.sched_getscheduler(int(task.name)))

    assert {os.SCHED_BATCH} == grpcs
    assert os.SCHED_OTHER == os.sched_getscheduler(main)
