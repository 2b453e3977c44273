"""Durable before spoken: nothing is answered or published before the disk has it."""

import asyncio

import pytest

from router.engine import commands as c
from router.engine.errors import Refused
from router.host import Draining, JournalDown, Overload
from router.journal.replay import recover
from router.model.agent import Link
from tests.engine.invariants import faults_of_replay
from tests.factories import a_call, a_policy, an_agent


async def test_append_comes_before_reply_and_publish(home):
    house = await home()

    await house.told(a_call())

    assert "append" == house.diary.entries[0]
    assert {"publish", "reply"} == set(house.diary.entries[1:])
    assert 1 == house.diary.entries.count("append")


async def test_orders_that_come_together_share_one_append(home):
    house = await home()

    answers = await asyncio.gather(
        *(house.told(a_call(f"call-{n}")) for n in range(50))
    )

    assert 1 == house.diary.entries.count("append")
    assert sorted(done.sequence for done in answers) == [
        done.sequence for done in answers
    ]
    assert house.journal.head().sequence == answers[-1].sequence


async def test_what_was_asked_changes_nothing_and_appends_nothing(home):
    house = await home()

    with pytest.raises(Refused):
        await house.told(c.Abandon("nobody"))

    assert [] == house.diary.entries


@pytest.mark.parametrize("fails", ["before", "after", "oddly"])
async def test_when_the_append_fails_everybody_is_told_and_nothing_published(
    home, fails
):
    house = await home()
    failures = []
    house.host.on_failure = failures.append
    house.journal.fails = fails

    waiting = [
        asyncio.ensure_future(house.told(a_call(f"call-{n}"))) for n in range(20)
    ]
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert {JournalDown} == {type(answer) for answer in answers}
    assert ["append"] == house.diary.entries
    assert 1 == len(failures)


async def test_after_a_failure_nothing_is_taken_and_nothing_written(home):
    house = await home()
    house.journal.fails = "before"
    with pytest.raises(JournalDown):
        await house.told(a_call())
    house.journal.fails = ""

    with pytest.raises(JournalDown):
        await house.told(a_call("call-2"))

    assert ["append"] == house.diary.entries


async def test_an_order_that_was_refused_in_the_same_batch_is_told_down_too(home):
    # Its refusal was decided on a floor that the disk does not hold.
    house = await home()
    house.journal.fails = "before"

    answers = await asyncio.gather(
        house.told(a_call()), house.told(c.Abandon("nobody")), return_exceptions=True
    )

    assert [JournalDown, JournalDown] == [type(answer) for answer in answers]


async def test_what_the_journal_holds_makes_the_same_floor(home):
    house = await home()
    await house.told(c.SignIn("ann", Link.GATEWAY))
    await house.told(a_call())

    recovered = recover(house.journal.reader()).engine

    assert [] == faults_of_replay(house.host.engine, recovered)


async def test_an_order_that_nobody_waits_for_is_carried_out_all_the_same(home):
    house = await home()

    gone = asyncio.ensure_future(house.told(a_call()))
    await asyncio.sleep(0)
    gone.cancel()
    await house.told(a_call("call-2"))

    assert 0 <= house.host.engine.interaction_row("call-1")


async def test_a_listener_that_fails_harms_nobody_else(home):
    house = await home()

    def broken(batch, engine):
        raise RuntimeError("a faulty listener")

    house.host.listeners.insert(0, broken)

    await house.told(a_call())

    assert 1 == len(house.batches)


async def test_a_full_inbox_refuses_newcomers_and_never_releases(home):
    house = await home(inbox_max=5)
    await house.told(a_call("live"))
    newcomers = [
        asyncio.ensure_future(house.told(a_call(f"call-{n}"))) for n in range(5)
    ]
    await asyncio.sleep(0)

    with pytest.raises(Overload):
        house.host.submit_all([a_call("one too many")])
    released = [house.host.submit_all([c.Abandon("live")]) for _ in range(20)]
    await asyncio.gather(*newcomers, *released)

    assert 1 == house.host.figures.shed
    assert 0 == house.host.depth


async def test_a_planned_stop_finishes_the_inbox_and_takes_nothing_more(home):
    house = await home()
    waiting = [
        asyncio.ensure_future(house.host.submit(a_call(f"call-{n}")))
        for n in range(3_000)
    ]
    await asyncio.sleep(0)

    await house.host.drain()
    with pytest.raises(Draining):
        await house.told(a_call("late"))

    assert 3_000 == len(await asyncio.gather(*waiting))
    assert 3_000 == len(house.host.engine.names.interactions)


def fail_on(monkeypatch, engine, chosen):
    """Let the engine have a fault of its own in these orders."""
    as_it_was = engine.perform

    def perform(command):
        if chosen(command):
            raise ZeroDivisionError
        return as_it_was(command)

    monkeypatch.setattr(engine, "perform", perform)


async def test_an_order_that_makes_us_fail_costs_that_order_only(home, monkeypatch):
    house = await home()
    engine = house.host.engine
    fail_on(monkeypatch, engine, lambda command: command == c.Cancel("poison"))

    answers = await asyncio.gather(
        house.told(a_call("call-1")),
        house.told(c.Cancel("poison")),
        house.told(a_call("call-2")),
        return_exceptions=True,
    )

    assert ["Done", "Fault", "Done"] == [type(answer).__name__ for answer in answers]
    assert house.journal.head().sequence == engine.sequence


async def test_time_that_makes_us_fail_does_not_stop_the_others(home, monkeypatch):
    house = await home()

    engine = house.host.engine
    fail_on(monkeypatch, engine, lambda command: isinstance(command, c.Tick))

    done = await house.told(a_call())

    assert house.journal.head().sequence == done.sequence


async def test_a_policy_with_many_agents_is_one_batch(home):
    house = await home(a_policy(), *(an_agent(f"agent-{n}") for n in range(300)))

    assert 0 == house.host.depth
    assert house.journal.head().sequence == house.host.engine.sequence
