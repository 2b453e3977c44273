"""When it cannot go on, the router says so in one plain line and with its exit status.

Damage, a full disk, a second router, a taken port (F13, F15, fencing).
"""

import asyncio
import os
import sqlite3
import subprocess

import grpc
import pytest

from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import EnqueueInteractionRequest
from tests.end_to_end.history import History, faults, kept_in
from tests.end_to_end.load import AGENTS, QUEUE, Clients
from tests.end_to_end.process import Ended

pytestmark = [pytest.mark.kill, pytest.mark.timeout(100)]


async def some_calls(target, count=30):
    history = History()
    clients = Clients(target, history)
    await clients.sign_in(AGENTS[0])
    for _ in range(count):
        await clients.arrive()
    return clients, history


async def test_a_damaged_journal_is_refused_with_its_place(start, tmp_path):
    first = start().ready()
    await some_calls(first.target)
    first.kill()
    journal = tmp_path / "santral.db"
    with sqlite3.connect(journal) as db:
        (sequence, blob) = db.execute(
            "SELECT first_sequence, blob FROM event_group"
            " ORDER BY first_sequence DESC LIMIT 1 OFFSET 5"
        ).fetchone()
        damaged = bytes([blob[0] ^ 1]) + blob[1:]
        db.execute(
            "UPDATE event_group SET blob = ? WHERE first_sequence = ?",
            (damaged, sequence),
        )
    db.close()

    second = start()
    with pytest.raises(Ended) as ended:
        second.ready()

    assert 2 == second.gone()
    (line,) = str(ended.value).splitlines()
    assert f"damaged at sequence {sequence}" in line
    assert "restore it from a copy" in line


async def test_a_journal_that_is_none_is_refused(start, tmp_path):
    (tmp_path / "notes.txt").write_text("not a journal, not even a database\n" * 40)

    router = start(journal=tmp_path / "notes.txt")
    with pytest.raises(Ended, match="not a journal"):
        router.ready()

    assert 2 == router.gone()
    assert 1 == len(router.said())


async def test_a_taken_port_is_said_and_harms_nobody(start):
    first = start().ready()

    second = start(listen=first.target)
    with pytest.raises(Ended) as ended:
        second.ready()
    await some_calls(first.target, 3)

    assert 2 == second.gone()
    (line,) = str(ended.value).splitlines()
    assert first.target in line
    assert "is another router running there?" in line
    assert first.alive


async def test_a_second_router_fences_the_first(start, tmp_path):
    first = start().ready()
    _, before = await some_calls(first.target, 10)
    second = start().ready()

    late = History()
    clients = Clients(first.target, late)
    entry = late.invoke("late", "EnqueueInteraction", "call-late")
    status = None
    try:
        await clients.routing.EnqueueInteraction(_late(), timeout=10)
        entry.outcome = "ok"
    except grpc.aio.AioRpcError as failure:
        status = failure
    _, after = await some_calls(second.target, 0)

    assert "journal" in str(status)
    assert 1 == first.gone()
    assert "stopped, because the journal failed" in first.said()[-1]
    assert not any("Traceback" in line for line in first.said())
    second.kill()
    kept = kept_in(tmp_path / "santral.db")
    assert "call-late" not in kept.enqueued
    assert [] == faults(before, kept)
    assert [] == faults(after, kept)


def _late():
    return EnqueueInteractionRequest(
        interaction_id="call-late", queue=QUEUE, channel=CHANNEL_VOICE
    )


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of two megabytes, for as long as the test takes."""
    place = tmp_path / "tiny"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a tiny disk takes root")
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_stops_it_and_nothing_acknowledged_is_lost(start, tiny_disk):
    journal = tiny_disk / "santral.db"
    router = start(journal=journal).ready()
    history = History()
    clients = Clients(router.target, history)
    clients.begin(callers=8)

    while router.alive:
        await asyncio.sleep(0.02)
    await clients.end(linger_s=0)

    assert 1 == router.gone()
    said = router.said()[-1]
    assert "stopped, because the journal failed" in said
    assert "full" in said
    assert history.count("ok") > 20
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    second = start(journal=journal).ready()
    second.kill()
    assert [] == faults(history, kept_in(journal))
