"""From requests to commands, for what goes on elsewhere: handoffs, accounts, handing over.

Beside `requests`, in the same manner.
"""

from router.engine import commands as c
from router.engine.errors import InvalidField
from router.model.conversation import Relation
from router.service.requests import (
    channel_of,
    composed,
    identifier,
    instant_of,
    needs_of,
    request_of,
)
from router.v1 import admin_service_pb2 as admin
from router.v1 import routing_service_pb2 as routing

_RELATIONS: dict[int, Relation] = {
    int(relation): relation for relation in Relation if relation
}


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
