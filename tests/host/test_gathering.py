"""When it is quiet a batch waits for nobody; when it is busy it waits a little for many."""

import asyncio

import pytest

from router.host import GATHER_S, LONE_MIN
from tests.factories import a_call


@pytest.fixture
async def waits(monkeypatch):
    """How long batches were held up for others, in seconds."""
    loop = asyncio.get_running_loop()
    found = []
    call_later = loop.call_later

    def noted(delay, what, *args, **more):
        if getattr(what, "__name__", "") == "_batch":
            found.append(delay)
        return call_later(delay, what, *args, **more)

    monkeypatch.setattr(loop, "call_later", noted)
    return found


async def test_a_client_that_sends_one_after_the_other_hardly_ever_waits(home, waits):
    house = await home()
    waits.clear()

    for n in range(300):
        await house.told(a_call(f"call-{n}"))

    # After 8, 16, 32, 64 and 128 in a row there was a trial, and nobody else had come.
    assert len(waits) <= 5


async def test_many_who_are_let_in_one_by_one_are_found_out(home, waits):
    house = await home()
    before = house.host.figures.batches

    async def at_the_door():
        # One a turn of the loop: a batch that does not wait is done before the next.
        for n in range(300):
            asked.append(asyncio.ensure_future(house.told(a_call(f"call-{n}"))))
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    asked = []
    await at_the_door()
    await asyncio.gather(*asked)

    assert waits
    assert LONE_MIN <= house.host.figures.batches - before < 150


async def test_the_more_there_are_the_longer_a_batch_waits_for_them(home, waits):
    house = await home()

    for wave in range(100):
        calls = (a_call(f"call-{wave}-{n}") for n in range(40))
        await asyncio.gather(*map(house.told, calls))

    assert GATHER_S <= waits[0] < waits[-1]
