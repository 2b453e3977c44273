"""`kill -9` at any moment loses nothing that was acknowledged and does nothing twice.

The real process on a SQLite journal, a client that repeats with the same request ids,
and the history-against-journal checker afterwards (I13 to I15, F01, F02, F20).
"""

import asyncio
import random

import pytest

from router.failpoints import POINTS
from tests.end_to_end.history import History, faults, kept_in
from tests.end_to_end.load import Clients

pytestmark = [pytest.mark.kill, pytest.mark.timeout(100)]

UNDER_LOAD = [point for point in POINTS if point not in ("after_replay",)]


def verdict(history, journal):
    """What the checker says, with enough to see that there was something to check."""
    kept = kept_in(journal)
    assert history.count("ok") > 20, "the run was too short to say anything"
    return faults(history, kept)


@pytest.mark.parametrize("point", [p for p in UNDER_LOAD if p != "during_snapshot"])
async def test_killed_at_a_point_under_load(point, start, address, tmp_path):
    history = History()
    first = start(listen=address, failpoint=f"{point}:40").ready()
    clients = Clients(address, history)
    clients.begin()
    while first.alive:
        await asyncio.sleep(0.01)
    before = history.count("ok")

    second = start(listen=address).ready()
    while history.count("ok") < before + 30:
        await asyncio.sleep(0.01)
    await clients.end()
    second.kill()

    assert -9 == first.gone()
    assert [] == verdict(history, tmp_path / "santral.db")


async def test_killed_in_the_middle_of_a_snapshot(start, address, tmp_path):
    history = History()
    first = start(listen=address, failpoint="during_snapshot").ready()
    clients = Clients(address, history)
    clients.begin()
    while history.count("ok") < 60:
        await asyncio.sleep(0.01)
    status = await asyncio.to_thread(first.terminate)

    second = start(listen=address).ready()
    before = history.count("ok")
    while history.count("ok") < before + 30:
        await asyncio.sleep(0.01)
    await clients.end()
    second.kill()

    assert -9 == status
    events, replayed = second.replayed
    assert replayed in (0, events)  # a snapshot counts whole or not at all
    assert [] == verdict(history, tmp_path / "santral.db")


async def test_killed_right_after_the_replay(start, address, tmp_path):
    history = History()
    start(listen=address).ready()
    clients = Clients(address, history)
    clients.begin()
    while history.count("ok") < 40:
        await asyncio.sleep(0.01)

    # Each takes the journal over, which fences the one before, and dies at once.
    for _ in range(2):
        dying = start(failpoint="after_replay")
        assert -9 == await asyncio.to_thread(dying.gone, 60)
    second = start().ready()
    await clients.end(linger_s=0)
    second.kill()

    assert [] == verdict(history, tmp_path / "santral.db")


async def test_killed_at_random_ten_times(start, address, tmp_path):
    seed = 20260302
    chance = random.Random(seed)
    history = History()
    router = start(listen=address).ready()
    clients = Clients(address, history)
    clients.begin(callers=6)
    for _ in range(10):
        await asyncio.sleep(chance.uniform(0.05, 0.6))
        await asyncio.to_thread(router.kill)
        router = await asyncio.to_thread(lambda: start(listen=address).ready())
    before = history.count("ok")
    while history.count("ok") < before + 30:
        await asyncio.sleep(0.01)
    await clients.end()
    router.kill()

    assert [] == verdict(history, tmp_path / "santral.db"), f"seed {seed}"
    assert history.count("unknown") <= 20
