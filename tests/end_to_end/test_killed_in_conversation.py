"""`kill -9` in the middle of appends and handoffs: one successor, nothing lost, and no
version ever goes back.
"""

import asyncio

import pytest

from router.engine.kinds import Kind, Table
from router.failpoints import POINTS
from router.journal.replay import batch_of
from router.journal.sqlite import SqliteReader
from tests.end_to_end.conversing import Conversing, successors_in
from tests.end_to_end.history import History, faults, kept_in

pytestmark = [pytest.mark.kill, pytest.mark.timeout(100)]
UNDER_LOAD = [p for p in POINTS if p not in ("after_replay", "during_snapshot")]


def successors(journal):
    """Who handed off to whom, by the journal."""
    reader = SqliteReader(journal)
    names, pairs = {}, []
    try:
        for stored in reader.read(0):
            batch = batch_of(stored.blob)
            names |= {
                row: text
                for table, row, text in batch.names
                if table == Table.INTERACTION
            }
            handed = batch.events[batch.events["kind"] == Kind.INTERACTION_HANDED_OFF]
            pairs += [(int(e["interaction"]), int(e["other"])) for e in handed]
    finally:
        reader.close()
    return successors_in(pairs, names)


async def verdict(clients, history, router, journal):
    """Everything that is wrong; empty when all is well."""
    found = await clients.faults()
    await clients.end()
    router.kill()
    handed = successors(journal)
    for talk in clients.talks:
        for before, after in talk.handed_off:
            if handed.get(before) != [after]:
                found.append(
                    f"{before} went on as {handed.get(before)}, not as {after}"
                )
    assert sum(len(talk.handed_off) for talk in clients.talks) > 3
    return found + faults(history, kept_in(journal))


@pytest.mark.parametrize("point", UNDER_LOAD)
async def test_killed_at_a_point(point, start, address, tmp_path):
    history = History()
    first = start(listen=address, failpoint=f"{point}:60").ready()
    clients = Conversing(address, history)
    clients.begin()
    while first.alive:
        await asyncio.sleep(0.01)
    before = history.count("ok")

    second = start(listen=address).ready()
    while history.count("ok") < before + 60:
        await asyncio.sleep(0.01)

    assert -9 == first.gone()
    assert [] == await verdict(clients, history, second, tmp_path / "santral.db")


async def test_killed_over_and_over(start, address, tmp_path):
    history = History()
    router = start(listen=address).ready()
    clients = Conversing(address, history)
    clients.begin(callers=6)
    for n in range(5):
        await asyncio.sleep(0.3 + 0.11 * n)
        await asyncio.to_thread(router.kill)
        router = await asyncio.to_thread(lambda: start(listen=address).ready())
    before = history.count("ok")
    while history.count("ok") < before + 60:
        await asyncio.sleep(0.01)

    assert [] == await verdict(clients, history, router, tmp_path / "santral.db")
