"""What can be said of a conversation and its customer in one number.

The numbers are kept in the engine's tables and in the journal: they must never change
their meaning.
"""

from enum import IntEnum, IntFlag


class Source(IntEnum):
    """Why an agent has a claim on an interaction: the rung of the ladder of ownership."""

    NONE = 0
    CALLER = 1
    """Whoever sent the interaction named its owner; that wins."""
    CONVERSATION = 2
    """The agent owns this very conversation."""
    LAST_AGENT = 3
    """The agent handled the customer last."""
    ACCOUNT = 4
    """The agent looks after the customer's account."""
    TEAM = 5
    """The agent belongs to the team that looks after the customer."""


class Relation(IntEnum):
    """What an interaction is to the one it came from."""

    NONE = 0
    CONTINUATION = 1
    """The same need goes on over another channel."""
    CONSULT = 2
    """An agent asks a colleague while the customer is there."""
    CONFERENCE = 3
    """A colleague joins agent and customer."""
    CALLBACK = 4
    """The customer is called back, often at an agreed time."""


ASIDE = (Relation.CONSULT, Relation.CONFERENCE)
"""Relations that bring in a colleague: theirs is neither the customer nor the ownership."""


class Purpose(IntEnum):
    """What a customer's consent is asked for."""

    CARRY_OVER = 1
    """What was said on one channel may be known on the next."""
    PROACTIVE = 2
    """The customer may be addressed first."""
    LOCATION = 3
    """Where the customer is may be used."""


class Mark(IntFlag):
    """What holds of a customer as long as nothing else is said; several may at once."""

    RESTRICTED = 1
    """Nothing may be added to the context, and none of it be read."""
    ERASURE_REQUESTED = 2
    """The customer's data is being erased: no reads, no appends."""
    ERASED = 4
    """The customer's data is gone; the reference stays as a tombstone."""
