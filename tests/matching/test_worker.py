"""The solver next door: the same answers, and an answer whatever becomes of it."""

import asyncio
import os
import select
import signal
import subprocess
import sys

import numpy as np
import pytest
import uvloop

from router.matching.arcs import RoundError
from router.matching.greedy import greedy
from router.matching.solution import Solver, Status
from router.matching.solver import solve
from router.matching.worker import DEATHS_MAX, SolverProcess
from tests.matching.rounds import a_random_round, a_round

PATIENCE_S = 20


@pytest.fixture
def worker():
    process = SolverProcess()
    process.start()
    yield process
    process.close()


def answers(worker, count):
    """Poll whenever there is something to poll for, until so many rounds are back."""
    came = []
    while len(came) < count:
        readable, _, _ = select.select([worker.fileno()], [], [], PATIENCE_S)
        assert readable, "no answer in time"
        came += worker.poll()
    return dict(came)


def gone(pid):
    """Wait until no such process is left."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], PATIENCE_S)[0])
    finally:
        os.close(process)


def same(one, other):
    return (
        one.pairs.tolist() == other.pairs.tolist()
        and one.pairs.dtype == other.pairs.dtype
        and one.objective == other.objective
        and one.greedy_objective == other.greedy_objective
        and one.status is other.status
        and one.solver is other.solver
        and one.exact is other.exact
        and one.arcs_solved == other.arcs_solved
    )


def test_a_round_comes_back_as_if_solved_here(worker):
    rounds = {
        1: a_round([], 0, []),
        2: a_round([(0, 0, 9), (0, 1, 8), (1, 0, 8), (1, 1, 1)], 2, [1, 1]),
        3: a_random_round(1, 100, 80, arcs_a_row=20, capacity=2),
        4: a_random_round(2, 900, 900, arcs_a_row=90),  # grows the shared memory
        5: a_random_round(3, 10, 10, arcs_a_row=5),
    }
    for round_id, given in rounds.items():
        worker.submit(round_id, *given)

    came = answers(worker, len(rounds))

    assert list(rounds) == list(came), "in the order they were submitted"
    for round_id, given in rounds.items():
        assert same(solve(*given), came[round_id])
    assert (0, 0) == (worker.pending, worker.deaths)


def test_polling_with_nothing_to_come_is_empty_and_does_not_wait(worker):
    assert [] == worker.poll()


def test_a_killed_process_is_answered_for_and_replaced(worker):
    given = a_random_round(4, 2000, 2000, arcs_a_row=60)
    first = worker.pid
    worker.submit(1, *given)
    worker.submit(2, *given)
    os.kill(first, signal.SIGKILL)

    came = answers(worker, 2)

    pairs, objective = greedy(*given)
    for solution in came.values():
        assert (Status.CRASH, Solver.GREEDY) == (solution.status, solution.solver)
        assert (pairs.tolist(), objective) == (
            solution.pairs.tolist(),
            solution.objective,
        )
    assert 1 == worker.deaths
    assert worker.pid not in {first, None}

    worker.submit(3, *given)
    assert Status.OPTIMAL == answers(worker, 1)[3].status


def test_a_process_killed_while_idle_is_noticed_through_the_same_descriptor(worker):
    descriptor = worker.fileno()
    os.kill(worker.pid, signal.SIGKILL)

    assert select.select([descriptor], [], [], PATIENCE_S)[0]
    assert [] == worker.poll()

    assert (1, descriptor, True) == (worker.deaths, worker.fileno(), worker.alive)


def test_a_process_that_keeps_dying_is_given_up_and_rounds_go_on_greedily(worker):
    given = a_random_round(5, 20, 20, arcs_a_row=5)
    for _ in range(DEATHS_MAX):
        os.kill(worker.pid, signal.SIGKILL)
        select.select([worker.fileno()], [], [], PATIENCE_S)
        worker.poll()
    assert not worker.alive

    worker.submit(1, *given)
    assert Status.CRASH == answers(worker, 1)[1].status

    worker.start()
    worker.submit(2, *given)
    assert Status.OPTIMAL == answers(worker, 1)[2].status


def test_a_round_that_takes_too_long_can_be_cut_short(worker):
    given = a_random_round(6, 3000, 3000, arcs_a_row=60)
    worker.submit(1, *given)

    worker.restart()

    assert Status.CRASH == answers(worker, 1)[1].status
    assert worker.alive


def test_a_malformed_round_is_refused_before_it_reaches_the_process(worker):
    with pytest.raises(RoundError):
        worker.submit(1, *a_round([(0, 0, 1)], 1, [1])._replace(points=np.ones(1)))

    assert (0, 0) == (worker.pending, worker.deaths)


def test_a_stop_meant_for_the_service_does_not_stop_its_rounds(worker):
    given = a_random_round(7, 20, 20, arcs_a_row=5)
    worker.submit(1, *given)
    answers(worker, 1)
    for stop in (signal.SIGINT, signal.SIGTERM):
        os.kill(worker.pid, stop)

    worker.submit(2, *given)

    assert Status.OPTIMAL == answers(worker, 1)[2].status


def test_closing_leaves_no_process_and_may_be_done_twice():
    worker = SolverProcess()
    worker.start()
    worker.start()
    pid = worker.pid
    worker.submit(1, *a_random_round(8, 500, 500, arcs_a_row=30))

    worker.close()
    worker.close()

    assert gone(pid)
    assert (None, 0) == (worker.pid, worker.pending)
    with pytest.raises(RuntimeError, match="call start"):
        worker.poll()


def test_a_service_that_is_killed_takes_its_solver_along():
    service = """
import os
from router.matching.worker import SolverProcess
worker = SolverProcess()
worker.start()
print(worker.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    started = subprocess.run(
        [sys.executable, "-c", service], stdout=subprocess.PIPE, text=True, timeout=60
    )

    assert gone(int(started.stdout))


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_an_event_loop_is_woken_by_the_descriptor(worker, new_loop):
    loop = new_loop()
    came = loop.create_future()

    def on_readable():
        for round_id, solution in worker.poll():
            came.set_result((round_id, solution.status))

    loop.add_reader(worker.fileno(), on_readable)
    try:
        worker.submit(9, *a_random_round(9, 50, 50, arcs_a_row=9))
        answer = loop.run_until_complete(asyncio.wait_for(came, PATIENCE_S))
    finally:
        loop.remove_reader(worker.fileno())
        loop.close()

    assert (9, Status.OPTIMAL) == answer


def test_the_process_loads_nothing_it_does_not_need():
    heavy = "import sys, router.matching.child as c; c._warm_up(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", heavy], capture_output=True, text=True, check=True
    ).stdout.split()

    assert set() == {"numba", "pandas", "grpc", "asyncio", "scipy"} & set(loaded)
