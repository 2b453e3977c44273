"""The messages that are sent and answered in measurements, about as gateways send them.

A template's parts, joined by a number of `bench.load.DIGITS` digits, are one message.
"""

from google.protobuf.timestamp_pb2 import Timestamp

from bench.load import DIGITS
from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_pb2, interaction_pb2, needs_pb2
from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as routing

ENQUEUE = "/router.v1.RoutingService/EnqueueInteraction"
ROUTE = "/router.v1.RoutingService/RouteInteractions"
UPSERT_AGENT = "/router.v1.AdminService/UpsertAgent"
SIGN_IN = "/router.v1.AgentService/SignIn"
WATCH_OFFERS = "/router.v1.AgentService/WatchOffers"
QUEUES = 8
_NUMBER = "9" * DIGITS


def parts(message: bytes) -> list[str]:
    """A message written with `_NUMBER` as a template, its parts as hex."""
    return [part.hex() for part in message.split(_NUMBER.encode())]


def enqueue(queue: str = "q0") -> routing.EnqueueInteractionRequest:
    """An arrival: queue, channel, own needs, conversation, customer, request id."""
    return routing.EnqueueInteractionRequest(
        request_id=f"7b0c9f3e-5a41-4c7e-9d20-{_NUMBER}",
        interaction_id=f"interaction-{_NUMBER}",
        queue=queue,
        channel=interaction_pb2.CHANNEL_VOICE,
        priority=50,
        needs=needs_pb2.Needs(
            all_of=[
                needs_pb2.SkillNeed(skill="s1", level=2),
                needs_pb2.SkillNeed(skill="s5", level=1),
            ]
        ),
        conversation_id=f"conversation-{_NUMBER}",
        customer_id=f"customer-{_NUMBER}",
    )


def unary_enqueue() -> list[str]:
    return parts(enqueue().SerializeToString())


def one_command() -> list[str]:
    """An enqueue as the only command of a message, or one of many."""
    command = routing.RouteCommand(tag=1, enqueue=enqueue())
    message = routing.RouteInteractionsRequest(commands=[command])
    return parts(message.SerializeToString())


def enqueued() -> routing.EnqueueInteractionResponse:
    """What a router answers to `enqueue`, field by field, for the echo to send."""
    now = Timestamp(seconds=1_764_000_000, nanos=123_000_000)
    return routing.EnqueueInteractionResponse(
        interaction=interaction_pb2.Interaction(
            interaction_id=f"interaction-{_NUMBER}",
            queue="q0",
            channel=interaction_pb2.CHANNEL_VOICE,
            state=interaction_pb2.Interaction.STATE_QUEUED,
            priority=50,
            weight=3,
            needs=enqueue().needs,
            conversation_id=f"conversation-{_NUMBER}",
            customer_id=f"customer-{_NUMBER}",
            enqueue_time=now,
            state_time=now,
            next_deadline=now,
            policy_version=1,
            sequence=100_000,
        ),
        sequence=100_000,
    )


def routed(commands: int) -> routing.RouteInteractionsResponse:
    """What a router answers to a message of so many enqueues."""
    result = routing.RouteResult(
        tag=1, sequence=100_000, state=interaction_pb2.Interaction.STATE_QUEUED
    )
    return routing.RouteInteractionsResponse(results=[result] * commands)


def agent_id(number: int) -> str:
    return f"agent-{number:0{DIGITS}d}"


def upsert_agent(skills: dict[str, int]) -> list[str]:
    agent = agent_pb2.Agent(
        agent_id=f"agent-{_NUMBER}",
        display_name="An agent",
        groups=["front"],
        skills=[agent_pb2.AgentSkill(skill=s, level=n) for s, n in skills.items()],
    )
    return parts(admin.UpsertAgentRequest(agent=agent).SerializeToString())


def sign_in(link: "agent_pb2.Link.ValueType") -> list[str]:
    request = agents.SignInRequest(
        agent_id=f"agent-{_NUMBER}", link=link, presence=agent_pb2.PRESENCE_AVAILABLE
    )
    return parts(request.SerializeToString())


def watch_offers() -> list[str]:
    request = agents.WatchOffersRequest(agent_id=f"agent-{_NUMBER}")
    return parts(request.SerializeToString())
