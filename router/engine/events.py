"""Every fact the engine states, what it promises, and which fields of the event record
it carries.

Events are past facts; commands (`commands`) are the orders that cause them. In the
record every event has `at` (engine time, ms) and `kind`; every event about an
interaction also has its `queue`, `channel`, `line`, ladder `step` and, while there is
one, its `offer`. The table below names what else a kind carries, and the meaning where
the field's name does not say it. A field that is not named is 0, or `NOBODY` for
references to rows.

Promises that readers may build on: every offer ends in exactly one of accepted,
declined, expired, revoked; an interaction is enqueued once and ends once (a dead letter
may be given another try by an administrator); times never decrease.
"""

from collections.abc import Mapping
from typing import Any

from router.engine.kinds import Kind

_WEIGHED = {
    "other": "the owner", "count": "strength of the claim, 0 to 1000",
    "value": "the queue's continuity value (ms)", "score": "expected wait with the owner (ms)",
    "since": "expected wait without them (ms)",
}  # fmt: skip
_ENDS = {
    "agent": "who held it, if anybody",
    "reason": "Reason",
    "since": "when it began to wait (from the line), was answered (active) or began its wrap-up",
    "mode": "1 when an offer of it was ringing",
}
_OFFER_ENDS = {
    "agent": "",
    "since": "when the offer was issued",
    "until": "until when this pair rests (at or before `at`: it does not)",
    "reason": "Reason, or the row of the note the agent gave",
}
_MOVED = {
    "agent": "who held it",
    "line": "its new line",
    "queue": "its new queue",
    "other": "its owner, or the agent it was transferred to",
    "until": "until when it is held back for them",
    "since": "its new origin of age: now less what it has waited",
    "value": "when it was answered",
    "reason": "Reason",
    "mode": "Source of the owner's claim",
}

FIELDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.INTERACTION_ENQUEUED: {
        "line": "", "weight": "capacity units", "other": "owner", "until": "end of the hold-back",
        "since": "origin of its age", "step": "", "value": "digest of what the caller asked for",
        "score": "priority", "reason": "QUEUE_FULL when it came here by overflow",
        "conversation": "", "customer": "", "mode": "Source of the owner's claim",
        "offer": "since when the owner has had that claim",
        "context": "version of the context that it carries",
        "count": "the version at which a conversation begins that is new to the floor",
        "not_before": "when it is due, if it is scheduled",
    },
    Kind.INTERACTION_REQUEUED: _MOVED,
    Kind.RELAXATION_STEPPED: {"step": "the rung it stands on now"},
    Kind.HOLD_BACK_ENDED: {
        "reason": "OWNER_GONE, OWNER_DECLINED, NOT_WORTH_IT (with the sum), LIMIT, or none when the time that "
        "the caller gave was up", **_WEIGHED,
    },
    Kind.HOLD_BACK_WEIGHED: {
        **_WEIGHED, "until": "the hard cap of the hold-back; 0 when it does not pay",
        "not_before": "when it is weighed again",
    },
    Kind.COMPANION_OPENED: {
        "other": "the agent at the customer's other channel", "since": "since when it waited for them",
        "reason": "COMPANION_UNFIT, DECLINED, MISSED_OFFER, AGENT_LOST or LIMIT",
    },
    Kind.INTERACTION_DUE: {},
    Kind.INTERACTION_HANDED_OFF: {
        "agent": "who held it, if anybody", "other": "its successor", "mode": "Relation",
        "since": "when it began to wait (from the line) or was answered (active)",
        "context": "version of the context that the successor carries",
    },
    Kind.INTERACTION_LINKED: {
        "agent": "who holds it, if anybody", "other": "its successor, beside which it stays live",
        "mode": "Relation", "since": "as for a handoff", "context": "as for a handoff",
    },
    Kind.CONTEXT_ACKNOWLEDGED: {"agent": "", "context": "the version they have seen"},
    Kind.CONTEXT_APPENDED: {
        "conversation": "", "customer": "", "mode": "kind of the entry", "context": "its version",
        "value": "64 bits of the digest of what was sealed",
    },
    Kind.OWNERSHIP_TAKEN: {
        "conversation": "", "agent": "the owner", "other": "the owner before, or nobody",
        "reason": "TRANSFERRED, HANDED_OVER, or none when they accepted it",
    },
    Kind.OWNERSHIP_LAPSED: {
        "conversation": "one conversation, or none: all of the agent's", "agent": "the owner till now",
        "count": "how many", "reason": "SIGNED_OUT, HANDED_OVER or LAPSED",
    },
    Kind.CONVERSATION_FORGOTTEN: {"conversation": ""},
    Kind.CUSTOMER_FORGOTTEN: {"customer": ""},
    Kind.CUSTOMERS_MERGED: {"customer": "", "other": "the customer who is the same person"},
    Kind.CUSTOMERS_UNMERGED: {"customer": "", "other": "the customer who is another person"},
    Kind.ERASURE_REQUESTED: {"customer": ""},
    Kind.CUSTOMER_ERASED: {"customer": ""},
    Kind.CUSTOMER_RESTRICTED: {"customer": "", "mode": "1: restricted, 0: no longer"},
    Kind.CONSENT_SET: {"customer": "", "mode": "Purpose", "count": "1: granted, 0: withdrawn"},
    Kind.ACCOUNT_OWNER_SET: {"customer": "", "agent": "or nobody", "other": "row of the team, or nobody"},
    Kind.OFFER_ISSUED: {
        "agent": "", "offer": "its number, growing, never reused", "until": "its deadline",
        "score": "of the pairing", "other": "the runner-up: an agent, or (mode 2) an interaction",
        "value": "the runner-up's score", "count": "how many were looked at",
        "eligible": "how many of them could have been chosen", "match_round": "the joint round, or 0",
        "mode": "who chose: 1 the interaction, 2 the agent, 3 a joint round",
        "weight": "attempt, from 1", "since": "when this spell of waiting began",
    },
    Kind.OFFER_ACCEPTED: {
        "agent": "", "since": "when this spell of waiting began", "value": "when the offer was issued",
        "until": "when it will be flagged overdue", "weight": "attempt", "other": "the owner, if any",
    },
    Kind.OFFER_DECLINED: _OFFER_ENDS,
    Kind.OFFER_EXPIRED: _OFFER_ENDS,
    Kind.OFFER_REVOKED: _OFFER_ENDS,
    Kind.INTERACTION_ABANDONED: _ENDS,
    Kind.INTERACTION_CANCELLED: _ENDS,
    Kind.INTERACTION_COMPLETED: _ENDS,
    Kind.WRAP_UP_STARTED: {"agent": "", "until": "its deadline", "since": "when it was answered"},
    Kind.WRAP_UP_EXTENDED: {"agent": "", "until": "its new deadline"},
    Kind.WRAP_UP_ENDED: _ENDS,
    Kind.INTERACTION_TRANSFERRED: _MOVED,
    Kind.INTERACTION_OVERFLOWED: {
        "line": "its new line", "queue": "its new queue", "other": "the queue it left", "step": "",
        "reason": "WAITED_TOO_LONG, or TRANSFERRED while it waited",
    },
    Kind.INTERACTION_DEAD_LETTERED: _ENDS,
    Kind.INTERACTION_UPDATED: {"line": "its new line", "step": "", "score": "priority"},
    Kind.AGENT_EXCLUDED: {"other": "the agent, or nobody: all exclusions are lifted"},
    Kind.OWNER_SET: {
        "other": "the owner, or nobody", "until": "end of the hold-back", "mode": "Source of the claim",
    },
    Kind.INTERACTION_FLAGGED: {"agent": "", "mode": "the flags added", "until": "when to look again"},
    Kind.INTERACTION_INTERRUPTED: {"agent": ""},
    Kind.INTERACTION_RESUMED: {"agent": ""},
    Kind.INTERACTION_FORGOTTEN: {},
    Kind.INTERACTION_UNROUTABLE: {},
    Kind.COOL_DOWN_ENDED: {},
    Kind.AGENT_SIGNED_IN: {
        "mode": "Link", "presence": "", "reason": "row of a presence reason",
        "count": "AgentKind",
    },
    Kind.AGENT_PRESENCE_CHANGED: {
        "presence": "", "reason": "row of a presence reason", "since": "since when the last presence held",
        "mode": "Reason: REQUESTED, MISSED_OFFER, AGENT_LOST, AGENT_REMOVED",
    },
    Kind.AGENT_PRESENCE_REQUESTED: {"presence": "", "reason": "row of a presence reason"},
    Kind.AGENT_LOST: {
        "until": "when they are signed out", "count": "live work that is flagged",
        "reason": "SIGNED_OUT when they had gone home before",
    },
    Kind.AGENT_RECONNECTED: {"count": "session"},
    Kind.AGENT_DEFINED: {},
    Kind.AGENT_REMOVED: {},
    Kind.ROW_DEFINED: {"mode": "Table", "line": "row", "value": "offset of its bytes in the payload"},
    Kind.POLICY_PUBLISHED: {"value": "policy version"},
    Kind.MATCH_ROUND_SOLVED: {
        "match_round": "", "mode": "SolverStatus", "count": "interactions", "eligible": "agents",
        "weight": "arcs", "score": "objective", "value": "what a greedy round would have reached",
        "since": "when it was prepared", "offer": "the sequence at which it was prepared",
        "until": "microseconds the solver took",
    },
    Kind.ROUTER_STARTED: {"until": "when agents who have not come back are lost"},
}  # fmt: skip
"""What each kind carries, field by field."""

ABOUT_INTERACTIONS = frozenset(
    kind
    for kind in Kind
    if kind.name.startswith(("INTERACTION_", "OFFER_", "WRAP_UP_"))
) | {
    Kind.RELAXATION_STEPPED,
    Kind.HOLD_BACK_ENDED,
    Kind.COOL_DOWN_ENDED,
    Kind.AGENT_EXCLUDED,
    Kind.OWNER_SET,
    Kind.HOLD_BACK_WEIGHED,
    Kind.COMPANION_OPENED,
    Kind.CONTEXT_ACKNOWLEDGED,
}


def describe(event: Any) -> dict[str, int]:
    """The fields that this event carries, by name, for people and tests."""
    kind = Kind(int(event["kind"]))
    fields = {"at": int(event["at"])}
    for name in ("interaction", "agent"):
        if int(event[name]) >= 0:
            fields[name] = int(event[name])
    for name in FIELDS[kind]:
        fields[name] = int(event[name])
    return fields
