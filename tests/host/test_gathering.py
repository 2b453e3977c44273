"""When it is quiet a batch waits for nobody; when it is busy it waits a little for many."""

import asyncio

import pytest

from router.gathering import BUSY_S, FEW, HEELS_S, LEAST_S, LONE_MIN, MOST_S, Gathering
from tests.factories import a_call

COMMIT_S = 0.0005


class Day:
    """A gathering that is told of batches; `waits` are those that waited for others."""

    def __init__(self):
        self.now = 100.0
        self.gathering = Gathering()
        self.waits = []

    def batch(self, requests=1, pause_s=0.0003):
        self.now += pause_s
        wait_s = self.gathering.wait_s(self.now)
        self.waits += [wait_s] if wait_s else []
        self.now += wait_s + COMMIT_S
        self.gathering.learn(self.now, requests, requests)


def test_calls_now_and_then_wait_for_nobody():
    day = Day()

    for _ in range(1_000):
        day.batch(pause_s=2 * HEELS_S)

    assert [] == day.waits


def test_a_client_that_sends_one_after_the_other_hardly_ever_waits():
    day = Day()

    for _ in range(2_000):
        day.batch()

    # After 8, 16, 32, 64, 128, 256 and 512 in a row, and every 512 from then on.
    assert [LEAST_S] * 8 == day.waits


def test_two_clients_who_take_turns_are_no_crowd():
    day = Day()

    for _ in range(2_000):
        day.batch(requests=2)

    assert len(day.waits) <= 8


def test_after_a_batch_with_several_the_next_ones_wait_until_it_is_quiet():
    day = Day()
    day.batch(requests=5)
    day.batch()
    day.batch()
    assert 2 == len(day.waits)

    day.batch(pause_s=BUSY_S)
    assert 2 == len(day.waits)


def test_several_at_a_trial_are_tried_for_again_soon():
    day = Day()
    for _ in range(200):
        day.batch()
    tried = len(day.waits)
    day.batch(requests=3)

    for _ in range(2 * LONE_MIN):
        day.batch(pause_s=0.001)

    assert len(day.waits) - tried > 1


@pytest.mark.parametrize(
    ("each", "least_s", "most_s"),
    [(1, LEAST_S, LEAST_S), (15, 1.2 * LEAST_S, 0.8 * MOST_S), (100, MOST_S, MOST_S)],
)
def test_the_more_there_are_the_longer_it_waits_within_bounds(each, least_s, most_s):
    day = Day()

    for _ in range(500):
        day.batch(requests=each + FEW)

    assert least_s <= day.waits[-1] <= most_s


async def test_many_who_are_let_in_one_by_one_are_found_out(home):
    house = await home()
    before = house.host.figures.batches
    asked = []

    # One a turn of the loop: a batch that does not wait is done before the next comes.
    for n in range(300):
        asked.append(asyncio.ensure_future(house.told(a_call(f"call-{n}"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.gather(*asked)

    assert house.host.figures.batches - before < 150
