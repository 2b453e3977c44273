"""What an agent's desktop does with a conversation: read it, add to it, hand it off.

One of these serves all desks. It speaks to the router as any desktop would, and tells
the ledger (`continuity`) what was written and what was seen.
"""

from collections.abc import Iterator

from router.demo.client import Router, tolerating
from router.demo.continuity import Continuity
from router.demo.errors import RouterRefused
from router.v1.context_service_pb2 import (
    AcknowledgeContextRequest,
    AppendContextRequest,
    EraseCustomerRequest,
    GetConversationRequest,
    GetCustomerRequest,
    LinkIdentityRequest,
)
from router.v1.conversation_pb2 import (
    WRITER_AGENT,
    WRITER_BOT,
    WRITER_CUSTOMER,
    ContextEntry,
    FactContent,
    HandoffPackage,
    PromiseContent,
    SentimentContent,
    TextContent,
)
from router.v1.customer_pb2 import (
    IDENTITY_KIND_CHAT_HANDLE,
    READ_PURPOSE_SERVING,
    READ_PURPOSE_SUBJECT_REQUEST,
    Identity,
)
from router.v1.interaction_pb2 import Channel, Interaction
from router.v1.offer_pb2 import Offer
from router.v1.routing_service_pb2 import HandOffInteractionRequest

_PAGE = 50


class Notebook:
    """The desktops' side of conversations."""

    def __init__(self, router: Router, ledger: Continuity) -> None:
        self._router = router
        self.ledger = ledger

    async def ask_first(self, interaction_id: str, number: int) -> tuple[str, str]:
        """A bot greets the customer and asks what an agent would ask; returns the
        customer and the conversation.
        """
        handle = Identity(
            kind=IDENTITY_KIND_CHAT_HANDLE,
            value=f"web:{interaction_id}",
            source="web-chat",
        )
        linked = await self._router.call(
            self._router.contexts.LinkIdentity, LinkIdentityRequest(identity=handle)
        )
        customer_id = linked.customer.customer_id
        conversation_id = f"{interaction_id}-con"
        self.ledger.begin(conversation_id, customer_id)
        for entry in _from_the_bot(interaction_id, number):
            await self._add(conversation_id, customer_id, entry)
        return customer_id, conversation_id

    async def read(self, offer: Offer, agent_id: str) -> None:
        """Before the first word: what does this customer not have to say again?"""
        conversation_id = offer.interaction.conversation_id
        if conversation_id not in self.ledger.told:
            return
        goes_on = self.ledger.answer(conversation_id, agent_id)
        expected = self.ledger.expected(conversation_id)
        package, shown = await self._shown(
            conversation_id, agent_id, offer.channel, max(expected, default=0)
        )
        if goes_on:
            self.ledger.saw(conversation_id, expected, shown)
        await tolerating(
            self._router.call(
                self._router.contexts.AcknowledgeContext,
                AcknowledgeContextRequest(
                    interaction_id=offer.interaction_id,
                    agent_id=agent_id,
                    version=package.context_version,
                ),
            ),
            "WRONG_STATE",
            "UNKNOWN_INTERACTION",
        )

    async def hand_off(
        self, offer: Offer, agent_id: str, successor: str, channel: Channel.ValueType
    ) -> bool:
        """Sum up, and let the conversation go on over another channel; says whether the
        customer was still there.
        """
        conversation_id = offer.interaction.conversation_id
        told = self.ledger.told[conversation_id]
        for entry in _from_the_agent(offer.interaction_id, agent_id, channel):
            await self._add(conversation_id, told.customer_id, entry)
        answer = await tolerating(
            self._router.call(
                self._router.routing.HandOffInteraction,
                HandOffInteractionRequest(
                    interaction_id=offer.interaction_id,
                    successor_interaction_id=successor,
                    channel=channel,
                ),
            ),
            "WRONG_STATE",
            "UNKNOWN_INTERACTION",
        )
        if answer is None:
            return False
        if answer.successor.state in _ENDED:
            raise RouterRefused(f"{successor} ended as soon as it was handed off")
        self.ledger.handoffs += 1
        return True

    async def erase(self, conversation_id: str) -> None:
        """The customer asks to be forgotten; look whether that is so. Nothing for a
        conversation that is not ours.
        """
        if conversation_id not in self.ledger.told:
            return
        customer_id = self.ledger.told[conversation_id].customer_id
        receipt = await self._router.call(
            self._router.contexts.EraseCustomer,
            EraseCustomerRequest(customer_id=customer_id),
        )
        look = GetCustomerRequest(
            customer_id=customer_id,
            purpose=READ_PURPOSE_SUBJECT_REQUEST,
            reader="demonstration",
        )
        left = await tolerating(
            self._router.call(self._router.contexts.GetCustomer, look),
            "CUSTOMER_ERASED",
        )
        if left is not None or not receipt.receipt.entries:
            raise RouterRefused(f"{customer_id} was erased and is still there")
        self.ledger.erasures += 1

    async def _add(
        self, conversation_id: str, customer_id: str, entry: ContextEntry
    ) -> None:
        request = AppendContextRequest(
            conversation_id=conversation_id, customer_id=customer_id, entry=entry
        )
        answer = await self._router.call(self._router.contexts.AppendContext, request)
        self.ledger.wrote(conversation_id, answer.version, entry)

    async def _shown(
        self,
        conversation_id: str,
        agent_id: str,
        channel: Channel.ValueType,
        needed: int,
    ) -> tuple[HandoffPackage, list[ContextEntry]]:
        """The package, and the entries of as many pages as there are."""
        request = GetConversationRequest(
            conversation_id=conversation_id,
            purpose=READ_PURPOSE_SERVING,
            reader=agent_id,
            channel=channel,
            page_size=_PAGE,
        )
        answer = await self._router.call(self._router.contexts.GetConversation, request)
        package = answer.package
        shown = list(package.entries)
        token = answer.next_page_token
        while token and len(shown) < needed:
            request.page_token = token
            answer = await self._router.call(
                self._router.contexts.GetConversation, request
            )
            shown += answer.entries
            token = answer.next_page_token
        return package, shown


_ENDED = frozenset(
    {
        Interaction.STATE_COMPLETED,
        Interaction.STATE_ABANDONED,
        Interaction.STATE_CANCELLED,
        Interaction.STATE_DEAD_LETTERED,
    }
)


def _from_the_bot(interaction_id: str, number: int) -> Iterator[ContextEntry]:
    def fact(name: str, value: str) -> ContextEntry:
        return ContextEntry(
            interaction_id=interaction_id,
            writer=WRITER_BOT,
            agent_id="greeting-bot",
            fact=FactContent(name=name, value=value),
        )

    yield ContextEntry(
        interaction_id=interaction_id,
        writer=WRITER_CUSTOMER,
        message=TextContent(text="Merhaba, kartımla ilgili bir sorunum var"),
    )
    yield fact("matter", "kart harcama itirazı")
    yield fact("reference", f"TR-{number:06}")
    yield fact("plan", ("premium", "standart")[number % 2])


def _from_the_agent(
    interaction_id: str, agent_id: str, channel: Channel.ValueType
) -> Iterator[ContextEntry]:
    def entry(**content: object) -> ContextEntry:
        return ContextEntry(
            interaction_id=interaction_id,
            writer=WRITER_AGENT,
            agent_id=agent_id,
            **content,  # type: ignore[arg-type]
        )

    name = Channel.Name(channel).removeprefix("CHANNEL_").lower()
    yield entry(
        summary=TextContent(text=f"İtiraz alındı; müşteri {name} ile devam edecek")
    )
    yield entry(promise=PromiseContent(text="Sonuç bugün bildirilecek"))
    yield entry(sentiment=SentimentContent(score=20))
