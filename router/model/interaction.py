"""What can be said of an interaction in one number.

The numbers are kept in the engine's tables and in the journal: they must never change
their meaning. Which state may follow which is the engine's affair, not this file's.
"""

from enum import IntEnum, IntFlag


class State(IntEnum):
    """Where an interaction stands on its way from arrival to its one end."""

    NONE = 0
    """The row is free."""
    QUEUED = 1
    """Waits for an agent."""
    OFFERED = 2
    """Put before an agent who has not answered yet."""
    ACTIVE = 3
    """An agent and the customer are at it."""
    WRAPPING = 4
    """The customer has gone, the agent finishes the work."""
    COMPLETED = 5
    """Handled to the end."""
    ABANDONED = 6
    """The customer left while it was queued or offered."""
    CANCELLED = 7
    """Withdrawn by the system that brought it, or by a supervisor."""
    HANDED_OFF = 8
    """Goes on as another interaction on another channel."""
    DEAD_LETTERED = 9
    """Given up after too many attempts or too long a wait; a person must look."""


class Flag(IntFlag):
    """What a supervisor should know about an interaction; several may hold at once."""

    AGENT_LOST = 1
    """Its agent's stream fell silent while the work was live."""
    OVERDUE = 2
    """Handling takes longer than the policy's `max_handling`."""
    UNROUTABLE = 4
    """Nobody on the roster could take it under any relaxation step."""
    INTERRUPTED = 8
    """Set aside by its agent for work that does not wait."""
