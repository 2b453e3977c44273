"""A customer of a sneaker shop chats, leaves the house, texts, and phones: one story.

    .venv/bin/python examples/sneaker_shop/walk.py [HOST:PORT] [NAME]

Everything the customer does goes over the public contract; nothing is repeated to the
agent. In the end the timeline over all three channels is printed, and the customer is
erased. Needs a router that runs on examples/policies/sneaker_shop.yaml, and of this
repository only the generated code of the contract, `router.v1`.
"""

import sys
import uuid
from collections.abc import Iterator

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from router.v1 import conversation_pb2 as said
from router.v1 import customer_pb2 as who
from router.v1.agent_pb2 import LINK_GATEWAY, PRESENCE_OFFLINE
from router.v1.agent_service_pb2 import (
    AcceptOfferRequest,
    SetPresenceRequest,
    SignInRequest,
    WatchOffersRequest,
    WatchOffersResponse,
)
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.context_service_pb2 import (
    AcknowledgeContextRequest,
    AppendContextRequest,
    EraseCustomerRequest,
    GetCustomerRequest,
    LinkIdentityRequest,
    UpdateCustomerRequest,
)
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.interaction_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_SMS,
    CHANNEL_VOICE,
    Channel,
    Interaction,
)
from router.v1.offer_pb2 import Offer
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
    HandOffInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

AGENT = "defne.yildiz"
OTHER_AGENT = "irmak.ozgun"
QUEUE = "Siparişler"
TIMEOUT_S = 10.0


class Shop:
    """The three doors, for one walk."""

    def __init__(self, channel: grpc.Channel, name: str) -> None:
        self.routing = RoutingServiceStub(channel)
        self.agents = AgentServiceStub(channel)
        self.contexts = ContextServiceStub(channel)
        self.name = name
        self.conversation = f"{name}-order"
        self.customer = ""

    def write(self, **entry: object) -> None:
        """Add one entry to the conversation's context."""
        self.contexts.AppendContext(
            AppendContextRequest(
                request_id=str(uuid.uuid4()),
                conversation_id=self.conversation,
                customer_id=self.customer,
                entry=said.ContextEntry(**entry),  # type: ignore[arg-type]
            ),
            timeout=TIMEOUT_S,
        )

    def hand_off(self, before: str, after: str, channel: Channel.ValueType) -> None:
        """The same conversation goes on over another channel."""
        self.routing.HandOffInteraction(
            HandOffInteractionRequest(
                interaction_id=before, successor_interaction_id=after, channel=channel
            ),
            timeout=TIMEOUT_S,
        )

    def accepted(
        self, interaction: str, updates: Iterator[WatchOffersResponse]
    ) -> Offer:
        """The agent's desktop: take the offer, show what came with it."""
        offer = offer_of(interaction, updates)
        answer = self.agents.AcceptOffer(
            AcceptOfferRequest(agent_id=AGENT, offer_id=offer.offer_id),
            timeout=TIMEOUT_S,
        )
        package = offer.context.package
        known = ", ".join(f"{fact.name} {fact.value}" for fact in package.facts)
        channel = Channel.Name(offer.channel).removeprefix("CHANNEL_").lower()
        print(f"{AGENT} answers by {channel} and knows: {known}")
        if package.summary:
            print(f"  so far: {package.summary}")
        for promise in package.promises:
            print(f"  promised: {promise.text}")
        self.contexts.AcknowledgeContext(
            AcknowledgeContextRequest(
                interaction_id=interaction,
                agent_id=AGENT,
                version=offer.context.context_version,
            ),
            timeout=TIMEOUT_S,
        )
        return answer.offer


def main(address: str, name: str) -> None:
    with grpc.insecure_channel(address) as channel:
        shop = Shop(channel, name)
        updates = signed_in(shop)
        chat(shop, updates)
        leave_the_house(shop, updates)
        phone(shop, updates)
        print_timeline(shop)
        forget(shop)
        for agent in (AGENT, OTHER_AGENT):
            shop.agents.SetPresence(
                SetPresenceRequest(agent_id=agent, presence=PRESENCE_OFFLINE),
                timeout=TIMEOUT_S,
            )


def signed_in(shop: Shop) -> Iterator[WatchOffersResponse]:
    """This program is the desktop of the agent who will answer."""
    shop.agents.SignIn(SignInRequest(agent_id=AGENT), timeout=TIMEOUT_S)
    updates = shop.agents.WatchOffers(WatchOffersRequest(agent_id=AGENT))
    next(updates)  # the snapshot: nothing to do yet
    return updates


def chat(shop: Shop, updates: Iterator[WatchOffersResponse]) -> None:
    """A bot greets the customer in the web chat and asks what an agent would ask."""
    linked = shop.contexts.LinkIdentity(
        LinkIdentityRequest(
            identity=who.Identity(
                kind=who.IDENTITY_KIND_CHAT_HANDLE, value=shop.name, source="web-chat"
            )
        ),
        timeout=TIMEOUT_S,
    )
    shop.customer = linked.customer.customer_id
    shop.contexts.UpdateCustomer(
        UpdateCustomerRequest(
            customer_id=shop.customer,
            attributes={"display_name": "Elif Aydın", "plan": "premium"},
        ),
        timeout=TIMEOUT_S,
    )
    chat_id = f"{shop.name}-chat"
    shop.write(
        writer=said.WRITER_CUSTOMER,
        channel=CHANNEL_CHAT,
        interaction_id=chat_id,
        message=said.TextContent(
            text="Ayakkabım yanlış numara geldi, yarın koşum var!"
        ),
    )
    # What the bot finds out; `urgency` is what an intake rule of the policy asks for.
    facts = {"order_number": "SN-1042", "size_wanted": "43", "urgency": "high"}
    for fact, value in facts.items():
        shop.write(
            writer=said.WRITER_BOT,
            agent_id="shop-bot",
            channel=CHANNEL_CHAT,
            interaction_id=chat_id,
            fact=said.FactContent(name=fact, value=value),
        )
    enqueued = shop.routing.EnqueueInteraction(
        EnqueueInteractionRequest(
            interaction_id=chat_id,
            queue=QUEUE,
            channel=CHANNEL_CHAT,
            customer_id=shop.customer,
            conversation_id=shop.conversation,
            language="tr",
        ),
        timeout=TIMEOUT_S,
    ).interaction
    if enqueued.state not in (Interaction.STATE_QUEUED, Interaction.STATE_OFFERED):
        raise SystemExit(f"{chat_id} was here before; give another name")
    rules = ", ".join(enqueued.intake_rules)
    print(
        f"the chat waits in {enqueued.queue} at priority {enqueued.priority} ({rules})"
    )
    shop.accepted(chat_id, updates)
    for entry in (
        {"summary": said.TextContent(text="Yanlış numara; değişim bugün yola çıkacak")},
        {"promise": said.PromiseContent(text="Kurye yarın 09:00'dan önce gelir")},
    ):
        shop.write(
            writer=said.WRITER_AGENT,
            agent_id=AGENT,
            channel=CHANNEL_CHAT,
            interaction_id=chat_id,
            **entry,
        )


def leave_the_house(shop: Shop, updates: Iterator[WatchOffersResponse]) -> None:
    """The customer has to run and goes on by SMS. A colleague who is free and knows
    orders better has come in by now; the customer stays with whom they know.
    """
    shop.agents.SignIn(
        SignInRequest(agent_id=OTHER_AGENT, link=LINK_GATEWAY), timeout=TIMEOUT_S
    )
    sms_id = f"{shop.name}-sms"
    shop.hand_off(f"{shop.name}-chat", sms_id, CHANNEL_SMS)
    shop.accepted(sms_id, updates)
    shop.write(
        writer=said.WRITER_CUSTOMER,
        channel=CHANNEL_SMS,
        interaction_id=sms_id,
        message=said.TextContent(text="Adres değişti: ofise getirebilir misiniz?"),
    )
    shop.write(
        writer=said.WRITER_AGENT,
        agent_id=AGENT,
        channel=CHANNEL_SMS,
        interaction_id=sms_id,
        fact=said.FactContent(name="deliver_to", value="office"),
    )


def phone(shop: Shop, updates: Iterator[WatchOffersResponse]) -> None:
    """Texting is too slow: the customer phones, and the same agent answers."""
    call_id = f"{shop.name}-call"
    shop.hand_off(f"{shop.name}-sms", call_id, CHANNEL_VOICE)
    shop.accepted(call_id, updates)
    shop.write(
        writer=said.WRITER_AGENT,
        agent_id=AGENT,
        channel=CHANNEL_VOICE,
        interaction_id=call_id,
        disposition=said.DispositionContent(code="exchanged"),
    )
    complete = CompleteInteractionRequest(interaction_id=call_id)
    complete.wrap_up.FromMilliseconds(0)
    shop.routing.CompleteInteraction(complete, timeout=TIMEOUT_S)


def print_timeline(shop: Shop) -> None:
    """Everything about this customer, over all channels, oldest first."""
    found = shop.contexts.GetCustomer(
        GetCustomerRequest(
            customer_id=shop.customer,
            purpose=who.READ_PURPOSE_SERVING,
            reader=AGENT,
            page_size=50,
        ),
        timeout=TIMEOUT_S,
    )
    for entry in reversed(found.timeline):
        channel = Channel.Name(entry.channel).removeprefix("CHANNEL_").lower()
        writer = said.Writer.Name(entry.writer).removeprefix("WRITER_").lower()
        print(f"  {entry.version:2} {channel:6} {writer:9} {words(entry)}")


def words(entry: said.ContextEntry) -> str:
    kind = entry.WhichOneof("content")
    content = getattr(entry, kind)
    if kind == "fact":
        return f"{content.name} = {content.value}"
    if kind == "disposition":
        return f"{kind}: {content.code}"
    return f"{kind}: {content.text}"


def forget(shop: Shop) -> None:
    """The customer asks to be erased; afterwards there is nobody to be read about."""
    receipt = shop.contexts.EraseCustomer(
        EraseCustomerRequest(customer_id=shop.customer), timeout=TIMEOUT_S
    ).receipt
    print(f"erased: {receipt.entries} entries, {receipt.identities} identity")
    try:
        shop.contexts.GetCustomer(
            GetCustomerRequest(
                customer_id=shop.customer,
                purpose=who.READ_PURPOSE_SERVING,
                reader=AGENT,
            ),
            timeout=TIMEOUT_S,
        )
    except grpc.RpcError as refusal:
        info = ErrorInfo()
        for detail in rpc_status.from_call(refusal).details:
            detail.Unpack(info)
        print(f"reading about the customer now: {refusal.code().name}, {info.reason}")


def offer_of(interaction: str, updates: Iterator[WatchOffersResponse]) -> Offer:
    """The offer of this interaction; heartbeats and other news are passed over."""
    for update in updates:
        if update.issued.interaction_id == interaction:
            return update.issued
    raise SystemExit("the agent's stream ended before the offer came")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    address = arguments[0] if arguments else "127.0.0.1:50051"
    name = arguments[1] if len(arguments) > 1 else f"walk-{uuid.uuid4().hex[:8]}"
    try:
        main(address, name)
    except grpc.RpcError as failure:
        raise SystemExit(f"failed: {failure.code().name} {failure.details()}") from None
