"""One interaction from arrival to completion, seen from both sides of the router.

    .venv/bin/python examples/grpc/one_interaction.py [HOST:PORT] [INTERACTION_ID]

A telephony system enqueues a call, an agent's desktop is offered it on its stream,
accepts and completes it, and the timeline of all that happened is printed. Needs a
router that runs on examples/policies/bank.yaml, and of this repository only the
generated code of the contract, `router.v1`.
"""

import sys
import uuid
from collections.abc import Iterator

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from router.v1.admin_service_pb2 import WatchEventsRequest
from router.v1.admin_service_pb2_grpc import AdminServiceStub
from router.v1.agent_pb2 import PRESENCE_OFFLINE
from router.v1.agent_service_pb2 import (
    AcceptOfferRequest,
    EndWrapUpRequest,
    SetPresenceRequest,
    SignInRequest,
    WatchOffersRequest,
    WatchOffersResponse,
)
from router.v1.agent_service_pb2_grpc import AgentServiceStub
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import CHANNEL_VOICE, END_REASON_UNSPECIFIED
from router.v1.offer_pb2 import Offer
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EnqueueInteractionRequest,
)
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

AGENT = "zeynep.sahin"
QUEUE = "English Desk"
TIMEOUT_S = 10.0


def main(address: str, call: str) -> None:
    with grpc.insecure_channel(address) as channel:
        routing = RoutingServiceStub(channel)
        agents = AgentServiceStub(channel)
        admin = AdminServiceStub(channel)

        # The agent signs in and opens the stream on which offers come. The stream is
        # also the sign of life: without it the agent gets no work.
        signed_in = agents.SignIn(
            # The same request id again is the same request, answered once.
            SignInRequest(request_id=str(uuid.uuid4()), agent_id=AGENT),
            timeout=TIMEOUT_S,
        )
        updates = agents.WatchOffers(WatchOffersRequest(agent_id=AGENT))
        next(updates)  # the snapshot: the agent is there, with nothing to do yet

        # The telephony side enqueues. Once this returns, the interaction is on disk.
        enqueued = routing.EnqueueInteraction(
            EnqueueInteractionRequest(
                interaction_id=call, queue=QUEUE, channel=CHANNEL_VOICE
            ),
            timeout=TIMEOUT_S,
        )
        if enqueued.interaction.end_reason != END_REASON_UNSPECIFIED:
            raise SystemExit(f"{call} has ended already; give another id")
        print(f"{call} is taken in by {enqueued.interaction.queue}")

        # The agent's desktop: accept, speak with the customer, complete, wrap up.
        offer = offer_of(call, updates)
        print(f"{AGENT} is offered it and accepts")
        agents.AcceptOffer(
            AcceptOfferRequest(agent_id=AGENT, offer_id=offer.offer_id),
            timeout=TIMEOUT_S,
        )
        routing.CompleteInteraction(
            CompleteInteractionRequest(interaction_id=call), timeout=TIMEOUT_S
        )
        ended = agents.EndWrapUp(
            EndWrapUpRequest(interaction_id=call), timeout=TIMEOUT_S
        )

        print_timeline(admin, call, after=signed_in.sequence, end=ended.sequence)
        show_a_refusal(routing)
        agents.SetPresence(
            SetPresenceRequest(agent_id=AGENT, presence=PRESENCE_OFFLINE),
            timeout=TIMEOUT_S,
        )


def offer_of(call: str, updates: Iterator[WatchOffersResponse]) -> Offer:
    """The offer of this call; heartbeats and older news are passed over."""
    for update in updates:
        if update.issued.interaction_id == call:
            return update.issued
    raise SystemExit("the agent's stream ended before the offer came")


def print_timeline(admin: AdminServiceStub, call: str, *, after: int, end: int) -> None:
    """What happened to the call between two sequences, from the feed of all events."""
    began = None
    for message in admin.WatchEvents(WatchEventsRequest(after_sequence=after)):
        for event in message.events:
            if event.interaction_id == call:
                at = event.time.ToMilliseconds()
                began = at if began is None else began
                kind = RoutingEvent.Kind.Name(event.kind).removeprefix("KIND_")
                print(
                    f"  +{at - began} ms".ljust(12), f"{kind:21}", event.agent_id or "-"
                )
        if message.sequence >= end:
            return


def show_a_refusal(routing: RoutingServiceStub) -> None:
    """A refusal has a code, a reason to program against, and the field at fault."""
    try:
        routing.EnqueueInteraction(
            EnqueueInteractionRequest(
                interaction_id=str(uuid.uuid4()),
                queue="Englisch Desk",
                channel=CHANNEL_VOICE,
            ),
            timeout=TIMEOUT_S,
        )
    except grpc.RpcError as refusal:
        info, fault = ErrorInfo(), BadRequest()
        for detail in rpc_status.from_call(refusal).details:
            detail.Unpack(info)
            detail.Unpack(fault)
        fields = ", ".join(violation.field for violation in fault.field_violations)
        code = refusal.code().name
        print(f"a queue that is not there: {code}, {info.reason}, field {fields}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    address = arguments[0] if arguments else "127.0.0.1:50051"
    call = arguments[1] if len(arguments) > 1 else f"call-{uuid.uuid4()}"
    try:
        main(address, call)
    except grpc.RpcError as failure:
        raise SystemExit(f"failed: {failure.code().name} {failure.details()}") from None
