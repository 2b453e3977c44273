"""From requests to commands: what a client sent, checked and turned into the engine's
words.

Each function takes one request message and returns one command, or raises
`InvalidField` naming the field. What only the floor can know (is there such a queue?)
is asked by the engine.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from router.engine import commands as c
from router.engine.errors import InvalidField
from router.engine.tables import EXCLUDED_MAX
from router.model.agent import AgentKind, Link, Presence
from router.model.channel import Channel
from router.model.conversation import Relation
from router.model.needs import Needs, SkillNeed
from router.model.time import days
from router.v1 import admin_service_pb2 as admin
from router.v1 import agent_pb2, needs_pb2
from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as routing

ID_MAX = 128
NOTE_MAX = 128
AGE_MAX_MS = days(30)
INSTANT_MAX_MS = 1 << 53
PRINCIPAL = "local"
"""Who asks. Until there is authentication every caller is the same one."""

_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_PRESENCE: dict[int, Presence] = {
    agent_pb2.PRESENCE_OFFLINE: Presence.OFFLINE,
    agent_pb2.PRESENCE_AVAILABLE: Presence.AVAILABLE,
    agent_pb2.PRESENCE_AWAY: Presence.AWAY,
}
_RELATIONS: dict[int, Relation] = {
    int(relation): relation for relation in Relation if relation
}
_KINDS: dict[int, AgentKind] = {
    agent_pb2.AGENT_KIND_UNSPECIFIED: AgentKind.HUMAN,
    agent_pb2.AGENT_KIND_HUMAN: AgentKind.HUMAN,
    agent_pb2.AGENT_KIND_BOT: AgentKind.BOT,
}
_CHANNELS: dict[int, Channel] = {int(channel): channel for channel in Channel}


def identifier(text: str, field: str) -> str:
    """An id as the caller chose it: 1 to 128 characters, no control characters, in
    Unicode's composed form.
    """
    if not text:
        raise InvalidField(f"{field} is missing", field=field)
    if len(text) > ID_MAX:
        raise InvalidField(
            f"{field} has {len(text)} characters, at most {ID_MAX} are allowed",
            field=field,
        )
    if not text.isprintable():
        raise InvalidField(f"{field} has a control character", field=field)
    return composed(text)


def composed(text: str) -> str:
    """The same text in Unicode's composed form, in which all names and ids are kept."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def request_of(message: Any, method: str) -> c.Request | None:
    """The idempotency record that the message asks for, or `None`. Its digest is over
    all that was sent.
    """
    request_id: str = message.request_id
    if not request_id:
        return None
    if _UUID.fullmatch(request_id) is None:
        raise InvalidField(
            f"request_id {request_id[:40]!r} is not a UUID such as 0190163d-8694-739b-aea5-966c26f8ad91",
            field="request_id",
        )
    body = message.SerializeToString(deterministic=True)
    return c.Request(
        PRINCIPAL, method, request_id, hashlib.blake2b(body, digest_size=16).digest()
    )


def milliseconds(
    duration: Duration, field: str, *, at_most_ms: int = AGE_MAX_MS
) -> int:
    """A duration in milliseconds; finer digits are cut off. Raises for negative and
    absurd ones.
    """
    value = duration.seconds * 1000 + duration.nanos // 1_000_000
    if not 0 <= value <= at_most_ms:
        raise InvalidField(
            f"{field} is {value / 1000:g} s; it must be from 0 to {at_most_ms // 1000} s",
            field=field,
        )
    return value


def instant_of(timestamp: Timestamp, field: str) -> int:
    """An instant in engine time; nobody plans further ahead than a year."""
    at = timestamp.ToMilliseconds()
    if not 0 <= at <= INSTANT_MAX_MS:
        raise InvalidField(f"{field} is no instant that can be", field=field)
    return at


def needs_of(message: needs_pb2.Needs, field: str = "needs") -> Needs:
    """Needs as values. Raises for impossible levels, empty groups and contradictions."""
    return _needs(message.SerializeToString(), field)


# Gateways send the same few needs again and again, and checking them costs more than
# all the rest of a request.
@lru_cache(maxsize=4_096)
def _needs(written: bytes, field: str) -> Needs:
    message = needs_pb2.Needs.FromString(written)
    try:
        return Needs(
            all_of=_skills(message.all_of),
            any_of=tuple(_skills(group.options) for group in message.any_of),
            none_of=_skills(message.none_of),
        )
    except ValueError as problem:
        raise InvalidField(f"{field}: {problem}", field=field) from None


def _skills(needs: Iterable[needs_pb2.SkillNeed]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(need.skill, need.level or 1) for need in needs)


def channel_of(number: int, field: str = "channel") -> Channel:
    channel = _CHANNELS.get(number)
    if channel is None:
        allowed = ", ".join(channel.name for channel in Channel)
        raise InvalidField(f"{field} must be one of {allowed}", field=field)
    return channel


def presence_of(number: int, field: str = "presence") -> Presence:
    presence = _PRESENCE.get(number)
    if presence is None:
        raise InvalidField(f"{field} must be OFFLINE, AVAILABLE or AWAY", field=field)
    return presence


def _excluded(agent_ids: Iterable[str]) -> tuple[str, ...]:
    excluded = tuple(dict.fromkeys(composed(agent_id) for agent_id in agent_ids))
    if len(excluded) > EXCLUDED_MAX:
        raise InvalidField(
            f"{len(excluded)} agents are excluded, at most {EXCLUDED_MAX} can be",
            field="excluded_agents",
        )
    return excluded


def enqueue(m: routing.EnqueueInteractionRequest) -> c.Enqueue:
    has = m.HasField
    return c.Enqueue(
        identifier(m.interaction_id, "interaction_id"),
        composed(m.queue),
        channel_of(m.channel),
        m.priority if has("priority") else None,
        needs_of(m.needs) if has("needs") else c.NO_NEEDS,
        _excluded(m.excluded_agents) if m.excluded_agents else (),
        composed(m.owner),
        milliseconds(m.hold_back, "hold_back") if has("hold_back") else 0,
        identifier(m.conversation_id, "conversation_id") if m.conversation_id else "",
        identifier(m.customer_id, "customer_id") if m.customer_id else "",
        milliseconds(m.waited, "waited") if has("waited") else 0,
        request=request_of(m, "EnqueueInteraction") if m.request_id else None,
    )


def abandon(m: routing.AbandonInteractionRequest) -> c.Abandon:
    return c.Abandon(
        identifier(m.interaction_id, "interaction_id"),
        request_of(m, "AbandonInteraction"),
    )


def cancel(m: routing.CancelInteractionRequest) -> c.Cancel:
    note(m.reason, "reason")
    return c.Cancel(
        identifier(m.interaction_id, "interaction_id"),
        request_of(m, "CancelInteraction"),
    )


def complete(m: routing.CompleteInteractionRequest) -> c.Complete:
    return c.Complete(
        identifier(m.interaction_id, "interaction_id"),
        milliseconds(m.wrap_up, "wrap_up") if m.HasField("wrap_up") else None,
        request_of(m, "CompleteInteraction"),
    )


def hand_off(m: routing.HandOffInteractionRequest) -> c.HandOff:
    relation = Relation.CONTINUATION
    if m.relation:
        if m.relation not in _RELATIONS:
            allowed = ", ".join(one.name for one in _RELATIONS.values())
            raise InvalidField(f"relation must be one of {allowed}", field="relation")
        relation = _RELATIONS[m.relation]
    return c.HandOff(
        identifier(m.interaction_id, "interaction_id"),
        identifier(m.successor_interaction_id, "successor_interaction_id"),
        channel_of(m.channel),
        composed(m.queue),
        needs_of(m.needs) if m.HasField("needs") else None,
        m.keep_open,
        instant_of(m.due_time, "due_time") if m.HasField("due_time") else 0,
        relation=relation,
        request=request_of(m, "HandOffInteraction"),
    )


def account_owner(m: admin.SetAccountOwnerRequest) -> c.SetAccountOwner:
    return c.SetAccountOwner(
        identifier(m.customer_id, "customer_id"),
        composed(m.agent_id),
        composed(m.team),
        request_of(m, "SetAccountOwner"),
    )


def hand_over(m: admin.HandOverRequest) -> c.HandOver:
    return c.HandOver(
        identifier(m.agent_id, "agent_id"),
        composed(m.to_agent_id),
        tuple(dict.fromkeys(composed(one) for one in m.conversation_ids)),
        request_of(m, "HandOver"),
    )


def transfer(m: routing.TransferInteractionRequest) -> c.Transfer:
    if not m.WhichOneof("destination"):
        raise InvalidField(
            "destination is missing: give to_queue or to_agent", field="to_queue"
        )
    return c.Transfer(
        identifier(m.interaction_id, "interaction_id"),
        composed(m.to_queue),
        composed(m.to_agent),
        needs_of(m.needs) if m.HasField("needs") else None,
        request_of(m, "TransferInteraction"),
    )


def update(m: routing.UpdateInteractionRequest) -> c.Update:
    """The fields that the mask names; a mask with an unknown path is refused."""
    paths = set(m.update_mask.paths)
    allowed = {"priority", "needs", "excluded_agents", "owner", "hold_until"}
    if not paths:
        raise InvalidField(
            "update_mask is empty: name the fields to change", field="update_mask"
        )
    for path in sorted(paths - allowed):
        raise InvalidField(
            f"update_mask names {path!r}; what can be changed is {', '.join(sorted(allowed))}",
            field="update_mask",
        )
    given = m.interaction
    return c.Update(
        identifier(given.interaction_id, "interaction.interaction_id"),
        priority=given.priority if "priority" in paths else None,
        needs=needs_of(given.needs) if "needs" in paths else None,
        excluded=_excluded(given.excluded_agents)
        if "excluded_agents" in paths
        else None,
        owner=composed(given.owner) if paths & {"owner", "hold_until"} else None,
        hold_until=given.hold_until.ToMilliseconds()
        if given.HasField("hold_until")
        else 0,
        request=request_of(m, "UpdateInteraction"),
    )


def note(text: str, field: str) -> str:
    """A short free word for the record: who reads the journal reads it. At most 128
    characters.
    """
    if len(text) > NOTE_MAX:
        raise InvalidField(
            f"{field} has {len(text)} characters, at most {NOTE_MAX} are allowed",
            field=field,
        )
    return text


def accept(m: agents.AcceptOfferRequest) -> c.AcceptOffer:
    return c.AcceptOffer(
        identifier(m.agent_id, "agent_id"), m.offer_id, request_of(m, "AcceptOffer")
    )


def decline(m: agents.DeclineOfferRequest) -> c.DeclineOffer:
    return c.DeclineOffer(
        identifier(m.agent_id, "agent_id"),
        m.offer_id,
        note(m.reason, "reason"),
        request_of(m, "DeclineOffer"),
    )


def end_wrap_up(m: agents.EndWrapUpRequest) -> c.EndWrapUp:
    return c.EndWrapUp(
        identifier(m.interaction_id, "interaction_id"), request_of(m, "EndWrapUp")
    )


def extend_wrap_up(m: agents.ExtendWrapUpRequest) -> c.ExtendWrapUp:
    return c.ExtendWrapUp(
        identifier(m.interaction_id, "interaction_id"),
        milliseconds(m.extension, "extension"),
        request_of(m, "ExtendWrapUp"),
    )


def sign_in(m: agents.SignInRequest) -> c.SignIn:
    presence = presence_of(m.presence) if m.presence else Presence.AVAILABLE
    if presence == Presence.OFFLINE:
        raise InvalidField(
            "presence must be AVAILABLE or AWAY to sign in", field="presence"
        )
    return c.SignIn(
        identifier(m.agent_id, "agent_id"),
        Link.GATEWAY if m.link == agent_pb2.LINK_GATEWAY else Link.STREAM,
        presence,
        request_of(m, "SignIn"),
    )


def set_presence(m: agents.SetPresenceRequest) -> c.SetPresence:
    return c.SetPresence(
        identifier(m.agent_id, "agent_id"),
        presence_of(m.presence),
        m.reason,
        m.when == agents.SetPresenceRequest.WHEN_IDLE,
        request_of(m, "SetPresence"),
    )


def define_agent(m: admin.UpsertAgentRequest) -> c.DefineAgent:
    agent = m.agent
    for field in ("agent_id", "display_name"):
        if len(getattr(agent, field)) > ID_MAX:
            raise InvalidField(
                f"agent.{field} is longer than {ID_MAX} characters",
                field=f"agent.{field}",
            )
    return c.DefineAgent(
        identifier(agent.agent_id, "agent.agent_id"),
        unicodedata.normalize("NFC", agent.display_name),
        {skill.skill: skill.level for skill in agent.skills},
        tuple(dict.fromkeys(agent.groups)),
        agent.capacity or None,
        {
            channel_of(limit.channel, "agent.channel_limits"): limit.limit
            for limit in agent.channel_limits
        },
        tuple(
            channel_of(channel, "agent.preferred_channels")
            for channel in agent.preferred_channels
        ),
        request=request_of(m, "UpsertAgent"),
        kind=_kind_of(agent.kind),
    )


def _kind_of(number: int) -> AgentKind:
    kind = _KINDS.get(number)
    if kind is None:
        raise InvalidField("agent.kind must be HUMAN or BOT", field="agent.kind")
    return kind


def remove_agent(m: admin.RemoveAgentRequest) -> c.RemoveAgent:
    return c.RemoveAgent(
        identifier(m.agent_id, "agent_id"), request_of(m, "RemoveAgent")
    )


def force_requeue(m: admin.ForceRequeueRequest) -> c.ForceRequeue:
    return c.ForceRequeue(
        identifier(m.interaction_id, "interaction_id"),
        note(m.reason, "reason"),
        request_of(m, "ForceRequeue"),
    )


def force_end(m: admin.ForceEndRequest) -> c.ForceEnd:
    return c.ForceEnd(
        identifier(m.interaction_id, "interaction_id"),
        note(m.reason, "reason"),
        request_of(m, "ForceEnd"),
    )


ROUTE_COMMANDS: dict[str, Callable[[Any], c.Command]] = {
    "enqueue": enqueue,
    "abandon": abandon,
    "cancel": cancel,
    "complete": complete,
    "accept": accept,
    "decline": decline,
    "end_wrap_up": end_wrap_up,
    "set_presence": set_presence,
    "hand_off": hand_off,
}
"""What a `RouteCommand` may hold, and the function that reads it."""

ABOUT_AGENTS = (c.SetPresence,)
"""Of these, those whose answer is about an agent, not about an interaction."""
