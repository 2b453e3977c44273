"""Time leads every batch, and no step of the wall clock moves it."""

import asyncio
import time

import pytest

from router.clock import Clock
from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.errors import OfferGone
from router.host import Host
from router.journal.replay import recover
from router.model.agent import Link
from router.model.interaction import State
from tests.factories import NINE, a_call, a_policy
from tests.host.journals import HandClock, WatchedJournal


def state_of(host, interaction="call-1"):
    row = host.engine.interaction_row(interaction)
    return State(int(host.engine.floor.interactions[row].state))


async def test_what_fell_due_comes_before_what_is_asked(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())
    house.clock.at += 20_000

    with pytest.raises(OfferGone):
        await house.told(c.AcceptOffer("ann", 1))


async def test_one_millisecond_earlier_the_answer_wins(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())
    house.clock.at += 19_999

    await house.told(c.AcceptOffer("ann", 1))

    assert State.ACTIVE == state_of(house.host)


async def test_time_alone_wakes_the_host(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())
    house.clock.at += 19_990
    await house.told(c.Tick())  # the alarm is set anew: ten milliseconds from here

    house.clock.at += 10
    async with asyncio.timeout(5):
        while state_of(house.host) == State.OFFERED:
            await asyncio.sleep(0.002)

    assert State.QUEUED == state_of(house.host)


async def test_a_wake_up_that_comes_too_early_does_nothing_and_is_set_again(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())

    house.host._wake()

    assert State.OFFERED == state_of(house.host)
    assert house.host._alarm is not None


async def test_the_first_batch_gives_open_offers_fresh_time(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())
    await house.host.drain()

    # Nobody was there when it fell due.
    engine = recover(house.journal.reader()).engine
    later = HandClock(house.clock.at + 60_000)
    again = Host(engine, house.journal, house.journal.head(), later)
    await again.start()

    assert State.OFFERED == state_of(again)
    assert engine.next_wakeup() > later.at
    await again.drain()


async def test_engine_time_never_goes_back_even_if_its_clock_does(home):
    house = await home()
    await house.told(a_call())
    house.clock.at -= 3_600_000

    await house.told(a_call("call-2"))

    at = [int(event["at"]) for batch in house.batches for event in batch.events]
    assert sorted(at) == at


# ------------------------------------------------------------------ the real clock


@pytest.mark.parametrize("step_s", [3_600, -3_600, 86_400 * 365])
def test_a_step_of_the_wall_moves_nothing(monkeypatch, step_s):
    clock = Clock()
    before = clock.now()
    real = time.time

    monkeypatch.setattr(time, "time", lambda: real() + step_s)

    assert 0 <= clock.now() - before < 1_000


def test_it_begins_at_the_wall_and_never_before_the_journal():
    wall = int(time.time() * 1000)

    assert abs(Clock().now() - wall) < 1_000
    ahead = wall + 7_200_000
    assert 0 <= Clock(not_before=ahead).now() - ahead < 1_000


def test_a_scale_makes_time_run_faster_and_waits_shorter():
    clock = Clock(scale=1_000.0)
    first = clock.now()
    time.sleep(0.02)

    passed = clock.now() - first

    assert 15_000 < passed < 600_000
    assert 0.9 < clock.seconds_until(clock.now() + 1_000_000) <= 1.0


async def test_a_scaled_host_lets_offers_lapse_sooner():
    journal = WatchedJournal()
    head = journal.open("home")
    clock = Clock(not_before=NINE, scale=1_000.0)
    host = Host(Engine(), journal, head, clock)
    await host.start()
    await host.submit(c.PublishPolicy(a_policy(), "small"))
    await host.submit(c.DefineAgent("ann"))
    await host.submit(c.SignIn("ann", Link.GATEWAY))
    started = time.monotonic()
    await host.submit(a_call())

    async with asyncio.timeout(5):
        while state_of(host) == State.OFFERED:
            await asyncio.sleep(0.001)
    await host.drain()

    assert time.monotonic() - started < 2
