"""The one table of an interaction's life: in which state which fact leads to which
state.

Theory of operation. An interaction is QUEUED (in a waiting line), OFFERED (put before
one agent), ACTIVE (accepted) or WRAPPING (the customer has gone, the agent has not
finished); these four are *present*. Every other state is an *end* and final. An offer
ends in exactly one of accepted, declined, expired, revoked. A fact that has no entry
for the state it meets leaves the state alone (a flag, an exclusion); `decide` never
emits a fact that would be impossible, and `apply` never judges.

`NEXT_STATE[state, kind]` is the same table as an array for compiled code; the diagram
in `docs/architecture.md` is drawn from `LIFECYCLE`.
"""

from collections.abc import Mapping

import numpy as np

from router.engine.kinds import Kind
from router.model.interaction import State

_ENDS_FROM_LINE = {
    Kind.INTERACTION_ABANDONED: State.ABANDONED,
    Kind.INTERACTION_CANCELLED: State.CANCELLED,
    Kind.INTERACTION_DEAD_LETTERED: State.DEAD_LETTERED,
    Kind.INTERACTION_HANDED_OFF: State.HANDED_OFF,
}

LIFECYCLE: Mapping[State, Mapping[Kind, State]] = {
    State.NONE: {Kind.INTERACTION_ENQUEUED: State.QUEUED},
    State.QUEUED: {
        Kind.OFFER_ISSUED: State.OFFERED,
        Kind.INTERACTION_OVERFLOWED: State.QUEUED,
        Kind.INTERACTION_UPDATED: State.QUEUED,
        **_ENDS_FROM_LINE,
    },
    State.OFFERED: {
        Kind.OFFER_ACCEPTED: State.ACTIVE,
        Kind.OFFER_DECLINED: State.QUEUED,
        Kind.OFFER_EXPIRED: State.QUEUED,
        Kind.OFFER_REVOKED: State.QUEUED,
    },
    State.ACTIVE: {
        Kind.WRAP_UP_STARTED: State.WRAPPING,
        Kind.INTERACTION_COMPLETED: State.COMPLETED,
        Kind.INTERACTION_TRANSFERRED: State.QUEUED,
        Kind.INTERACTION_REQUEUED: State.QUEUED,
        Kind.INTERACTION_ABANDONED: State.ABANDONED,
        Kind.INTERACTION_CANCELLED: State.CANCELLED,
        Kind.INTERACTION_HANDED_OFF: State.HANDED_OFF,
    },
    State.WRAPPING: {
        Kind.WRAP_UP_ENDED: State.COMPLETED,
    },
    # The one way back from an end: an administrator gives a dead letter another try.
    State.DEAD_LETTERED: {
        Kind.INTERACTION_REQUEUED: State.QUEUED,
    },
}

PRESENT = (State.QUEUED, State.OFFERED, State.ACTIVE, State.WRAPPING)
ENDS = (
    State.COMPLETED,
    State.ABANDONED,
    State.CANCELLED,
    State.HANDED_OFF,
    State.DEAD_LETTERED,
)

UNCHANGED = -1


def _as_array() -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    table = np.full((max(State) + 1, max(Kind) + 1), UNCHANGED, np.int8)
    for state, facts in LIFECYCLE.items():
        for kind, following in facts.items():
            table[state, kind] = following
    return table


NEXT_STATE = _as_array()
