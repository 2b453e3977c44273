"""What docs/operations.md says of a damaged journal and of disk use is so."""

import re
import sqlite3
import uuid

import grpc
import pytest

from router.v1.agent_pb2 import LINK_GATEWAY, PRESENCE_OFFLINE
from router.v1.agent_service_pb2 import (
    AcceptOfferRequest,
    EndWrapUpRequest,
    SetPresenceRequest,
    SignInRequest,
)
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub
from tests.docs.markdown import blocks
from tests.docs.serving import BANK, PROGRAM, Serving, run

AGENT = "zeynep.sahin"
CALLS = 20
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """The journal of a router that was stopped as planned after a few calls, and how
    many bytes each of them took.
    """
    folder = tmp_path_factory.mktemp("journal")
    serving = Serving.of_the_bank(folder)
    try:
        path = folder / "bank.db"
        before = bytes_of_groups(path)
        handle_calls(serving.address)
        each = (bytes_of_groups(path) - before) / CALLS
        assert 0 == serving.stop()
    finally:
        serving.kill()
    return path, each


def bytes_of_groups(path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        (size,) = db.execute("SELECT sum(length(blob)) FROM event_group").fetchone()
    db.close()
    return size


def handle_calls(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        routing, agents = RoutingServiceStub(channel), AgentServiceStub(channel)
        agents.SignIn(SignInRequest(agent_id=AGENT, link=LINK_GATEWAY))
        for _ in range(CALLS):
            call = str(uuid.uuid4())
            enqueued = routing.EnqueueInteraction(
                EnqueueInteractionRequest(
                    interaction_id=call, queue="English Desk", channel=CHANNEL_VOICE
                )
            )
            offer = enqueued.interaction.offer_id
            agents.AcceptOffer(AcceptOfferRequest(agent_id=AGENT, offer_id=offer))
            routing.CompleteInteraction(CompleteInteractionRequest(interaction_id=call))
            agents.EndWrapUp(EndWrapUpRequest(interaction_id=call))
        agents.SetPresence(
            SetPresenceRequest(agent_id=AGENT, presence=PRESENCE_OFFLINE)
        )


def damaged(path, folder):
    """A copy with one bit of one group changed."""
    copy = folder / "damaged.db"
    copy.write_bytes(path.read_bytes())
    with sqlite3.connect(copy) as db:
        first, blob = db.execute(
            "SELECT first_sequence, blob FROM event_group ORDER BY 1 DESC LIMIT 1"
        ).fetchone()
        changed = blob[:-1] + bytes([blob[-1] ^ 1])
        db.execute(
            "UPDATE event_group SET blob = ? WHERE first_sequence = ?", (changed, first)
        )
    db.close()
    return copy


def test_an_interaction_takes_about_half_a_kilobyte(journal):
    _, each = journal

    assert 250 <= each <= 750


def test_a_router_refuses_a_damaged_journal_in_the_words_that_are_shown(
    journal, tmp_path
):
    path, _ = journal
    copy = damaged(path, tmp_path)
    (shown,) = (
        block.text.strip()
        for block in blocks("docs/operations.md")
        if block.language == "text"
    )

    refused = run(
        PROGRAM,
        *("serve", "--policy", BANK, "--journal", f"sqlite:{copy}"),
        *("--listen", "127.0.0.1:0"),
    )

    assert 2 == refused.returncode
    said = refused.stderr.strip().replace(str(copy), "santral.db")
    assert any_number(shown) == any_number(said)


def test_replay_tells_damage_by_its_exit_status(journal, tmp_path):
    path, _ = journal

    assert 0 == run(PROGRAM, "replay", "--journal", f"sqlite:{path}").returncode
    copy = damaged(path, tmp_path)
    assert 2 == run(PROGRAM, "replay", "--journal", f"sqlite:{copy}").returncode


def any_number(text: str) -> str:
    return re.sub(r"\d+", "N", text)
