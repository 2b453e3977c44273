"""An agent whose machine stands still is found, and the offer comes back (F25)."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from router.settings import Address, Settings
from router.v1.agent_pb2 import LINK_STREAM
from router.v1.interaction_pb2 import Interaction
from tests.end_to_end.process import ROOT
from tests.service.house import SMALL, a_house

DESKTOP = """
import grpc, sys
from router.v1.agent_service_pb2 import WatchOffersRequest
from router.v1.agent_service_pb2_grpc import AgentServiceStub
channel = grpc.insecure_channel(sys.argv[1])
for message in AgentServiceStub(channel).WatchOffers(WatchOffersRequest(agent_id="ann")):
    print(message.WhichOneof("update"), flush=True)
"""


def test_the_settings_find_a_silent_agent_within_thirty_seconds():
    shipped = Settings(Path("p"), "memory:", Address("127.0.0.1", 0))

    assert shipped.keepalive_s + shipped.keepalive_timeout_s < 30


@pytest.mark.slow
@pytest.mark.kill
async def test_a_desktop_that_stands_still_loses_its_offer():
    # An offer that rings for longer than the test looks: only the link can end it.
    patient = SMALL.replace("wrap_up: 30s", "wrap_up: 30s, offer_timeout: 2m")
    async with a_house(patient, keepalive_s=1.0, keepalive_timeout_s=1.0) as house:
        await house.sign_in("ann", link=LINK_STREAM)
        desktop = subprocess.Popen(
            [sys.executable, "-c", DESKTOP, house.target],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert desktop.stdout is not None
            first = await asyncio.to_thread(desktop.stdout.readline)
            offered = (await house.enqueue("call-1")).interaction
            second = await asyncio.to_thread(desktop.stdout.readline)
            os.kill(desktop.pid, signal.SIGSTOP)
            stopped = time.monotonic()
            while (now := await house.look("call-1")).agent:
                assert time.monotonic() - stopped < 10
                await asyncio.sleep(0.02)
        finally:
            desktop.kill()
            desktop.wait(5)

        assert ("snapshot", "issued") == (first.strip(), second.strip())
        assert "ann" == offered.agent
        assert Interaction.STATE_QUEUED == now.state
        assert offered.enqueue_time == now.enqueue_time
