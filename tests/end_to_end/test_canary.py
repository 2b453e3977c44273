"""A person who was erased is nowhere: not in a file, a log, a metric or an error.

A real router is told canaries in every place where something personal may stand. They
are looked for in clear, as base64, as hexadecimal digits and reversed; before the
erasure only outside the sealed store, after it everywhere.
"""

import asyncio
import base64
import urllib.request
from pathlib import Path

import grpc
import pytest

from router.v1 import context_service_pb2 as pb
from router.v1 import conversation_pb2 as said
from router.v1 import customer_pb2 as who
from router.v1.agent_pb2 import LINK_GATEWAY
from router.v1.agent_service_pb2 import AcceptOfferRequest, SignInRequest
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.interaction_pb2 import CHANNEL_CHAT, CHANNEL_SMS
from router.v1.routing_service_pb2 import (
    EnqueueInteractionRequest,
    GetInteractionRequest,
    HandOffInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

pytestmark = [pytest.mark.kill, pytest.mark.timeout(150)]

NAME = "Kanarya Şükûfezâr"
PHONE = "+905301112244"
MAIL = "kanarya.sukufezar@kanarya-postasi.com"
HANDLE = "kanarya_cik_cik"
WORDS = "kanaryanınSırrıVarDır"
FACT = "KNRY-77-4242"
CARD = "4111111111111111"
CANARIES = (NAME, PHONE, PHONE[3:], MAIL, HANDLE, WORDS, FACT, CARD, CARD[:12])


def disguises(canary: str) -> list[bytes]:
    """Everything a canary could look like in a file."""
    raw = canary.encode()
    found = [raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode()]
    # In base64 a text looks different at each of three places; the middle stays.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        found.append(encoded[(4 * shift + 2) // 3 + 1 : -4])
    return [one for one in found if len(one) >= 8]


def canaries_in(content: bytes) -> list[str]:
    return [c for c in CANARIES if any(one in content for one in disguises(c))]


def seen_in(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """By file, the canaries that sing in it."""
    sung = {
        file.name: canaries_in(file.read_bytes())
        for file in folder.iterdir()
        if file.is_file() and file.name not in but
    }
    return {name: found for name, found in sung.items() if found}


def identity(kind, value):
    return who.Identity(kind=kind, value=value)


class Life:
    """What a customer leaves behind in a router."""

    def __init__(self, target: str) -> None:
        self.channel = grpc.aio.insecure_channel(target)
        self.routing = RoutingServiceStub(self.channel)
        self.agents = AgentServiceStub(self.channel)
        self.contexts = ContextServiceStub(self.channel)
        self.errors: list[str] = []
        self.customer = ""

    async def mistakes(self) -> None:
        """Clients that put personal data where it cannot be; the answers are kept."""
        wrong = [
            self.contexts.LinkIdentity(pb.LinkIdentityRequest(identity=one))
            for one in (
                identity(who.IDENTITY_KIND_EMAIL, MAIL.replace("@", "")),
                identity(who.IDENTITY_KIND_PHONE, PHONE[:9]),
                identity(who.IDENTITY_KIND_CHAT_HANDLE, f"{HANDLE} {NAME}"),
                identity(who.IDENTITY_KIND_CRM, CARD),
            )
        ]
        wrong.append(self._append(fact=said.FactContent(name=FACT, value=WORDS)))
        wrong.append(self._append(note=said.TextContent(text=WORDS * 2_000)))
        wrong.append(
            self.contexts.UpdateCustomer(
                pb.UpdateCustomerRequest(
                    customer_id=self.customer, attributes={NAME: WORDS}
                )
            )
        )
        for call in wrong:
            try:
                await call
            except grpc.aio.AioRpcError as failure:
                self.errors.append(f"{failure.details()} {failure.trailing_metadata()}")
        assert len(wrong) == len(self.errors)

    def _append(self, **content):
        entry = said.ContextEntry(writer=said.WRITER_CUSTOMER, **content)
        return self.contexts.AppendContext(
            pb.AppendContextRequest(
                conversation_id="con-kanarya", customer_id=self.customer, entry=entry
            )
        )

    async def live(self) -> None:
        """Chat, be served, go on by SMS; be known by everything there is."""
        await self.agents.SignIn(
            SignInRequest(agent_id="canan.acar", link=LINK_GATEWAY)
        )
        linked = await self.contexts.LinkIdentity(
            pb.LinkIdentityRequest(identity=identity(who.IDENTITY_KIND_PHONE, PHONE))
        )
        self.customer = linked.customer.customer_id
        await self.contexts.UpdateCustomer(
            pb.UpdateCustomerRequest(
                customer_id=self.customer, attributes={"display_name": NAME}
            )
        )
        for content in (
            {"message": said.TextContent(text=f"{WORDS}, kartım {CARD}, cvv 123")},
            {"fact": said.FactContent(name="order_number", value=FACT)},
            {"promise": said.PromiseContent(text=f"{NAME} aranacak: {PHONE}")},
        ):
            await self._append(**content)
        await self.routing.EnqueueInteraction(
            EnqueueInteractionRequest(
                interaction_id="chat-1",
                queue="Sohbet",
                channel=CHANNEL_CHAT,
                conversation_id="con-kanarya",
                identities=[
                    identity(who.IDENTITY_KIND_PHONE, PHONE),
                    identity(who.IDENTITY_KIND_EMAIL, MAIL),
                    identity(who.IDENTITY_KIND_CHAT_HANDLE, HANDLE),
                ],
            )
        )
        found = await self.routing.GetInteraction(
            GetInteractionRequest(interaction_id="chat-1")
        )
        assert self.customer == found.interaction.customer_id
        offer = await self.agents.AcceptOffer(
            AcceptOfferRequest(
                agent_id="canan.acar", offer_id=found.interaction.offer_id
            )
        )
        assert FACT in str(offer.offer.context)
        await self.routing.HandOffInteraction(
            HandOffInteractionRequest(
                interaction_id="chat-1",
                successor_interaction_id="sms-1",
                channel=CHANNEL_SMS,
            )
        )


async def test_the_canary_is_gone(start, tmp_path):
    router = start(metrics=True).ready()
    life = Life(router.target)
    await life.live()
    await life.mistakes()
    exported = await life.contexts.ExportCustomer(
        pb.ExportCustomerRequest(customer_id=life.customer, reader="test")
    )
    exported_text = str(exported.export)
    before = seen_in(tmp_path)

    receipt = await life.contexts.EraseCustomer(
        pb.EraseCustomerRequest(customer_id=life.customer)
    )
    after = seen_in(tmp_path)
    metrics = await asyncio.to_thread(
        lambda: urllib.request.urlopen(router.metrics).read()
    )
    await life.channel.close()
    assert 0 == await asyncio.to_thread(router.terminate)

    # It was there, or else there was nothing to look for.
    assert PHONE in exported_text
    assert CARD not in exported_text
    assert (3, 3) == (receipt.receipt.entries, receipt.receipt.identities)
    # Sealed is sealed: nowhere in clear, even before.
    assert {} == before
    assert {} == after == seen_in(tmp_path)
    assert [] == canaries_in(metrics)
    assert [] == canaries_in("\n".join(router.lines).encode())
    assert [] == canaries_in("\n".join(life.errors).encode())

    # The journal alone still tells the whole story of routing.
    again = start().ready()
    assert again.replayed[0] > 0
    assert {} == seen_in(tmp_path)
    again.kill()


async def test_an_old_copy_of_everything_but_the_journal_stays_silent(start, tmp_path):
    router = start().ready()
    life = Life(router.target)
    await life.live()
    await life.channel.close()
    router.kill()
    copies = {
        file: file.read_bytes()
        for file in tmp_path.iterdir()
        if (".context" in file.name and "master" not in file.name)
        or ".keys" in file.name
    }
    router = start().ready()
    life = Life(router.target)
    life.customer = await customer_of(life)
    await life.contexts.EraseCustomer(
        pb.EraseCustomerRequest(customer_id=life.customer)
    )
    await life.channel.close()
    router.kill()
    for file in tmp_path.iterdir():
        if ".context" in file.name and "master" not in file.name:
            file.unlink()
    for file, content in copies.items():
        file.write_bytes(content)

    router = start().ready()
    life = Life(router.target)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await life.contexts.GetConversation(
            pb.GetConversationRequest(
                conversation_id="con-kanarya",
                purpose=who.READ_PURPOSE_SUBJECT_REQUEST,
                reader="test",
            )
        )
    assert grpc.StatusCode.NOT_FOUND == refused.value.code()
    assert any("erased once more" in line for line in router.said())
    await life.channel.close()


async def customer_of(life) -> str:
    found = await life.routing.GetInteraction(
        GetInteractionRequest(interaction_id="chat-1")
    )
    return found.interaction.customer_id
