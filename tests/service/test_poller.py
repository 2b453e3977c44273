"""gRPC's poller waits for its turn, so that it does not push the loop off its core."""

import os
import threading

from router.service.poller import make_way


async def test_the_poller_of_a_running_server_is_batch_work(house):
    pollers = [t for t in threading.enumerate() if "_poll_wrapper" in t.name]

    assert pollers
    assert {os.SCHED_BATCH} == {os.sched_getscheduler(t.native_id) for t in pollers}
    assert os.SCHED_OTHER == os.sched_getscheduler(threading.main_thread().native_id)


def test_where_nothing_polls_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(threading, "enumerate", lambda: [threading.main_thread()])

    assert not make_way()


async def test_a_system_that_refuses_is_left_as_it_is(house, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)

    assert not make_way()
