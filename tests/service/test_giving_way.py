"""Threads that give way to the one that started them."""

import os
import threading

import pytest

from router.service.giving_way import giving_way

pytestmark = pytest.mark.skipif(
    not hasattr(os, "SCHED_BATCH"), reason="this system schedules in other ways"
)


def scheduling_of_a_new_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(os.sched_getscheduler(0)))
    thread.start()
    thread.join()
    return found[0]


def test_only_what_is_started_within_gives_way():
    with giving_way():
        within = scheduling_of_a_new_thread()

    assert os.SCHED_BATCH == within
    assert os.SCHED_OTHER == os.sched_getscheduler(0)
    assert os.SCHED_OTHER == scheduling_of_a_new_thread()


def test_whoever_was_told_to_give_way_still_does_afterwards():
    def run():
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with giving_way():
            pass
        found.append(os.sched_getscheduler(0))

    found = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert [os.SCHED_BATCH] == found
