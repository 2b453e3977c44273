"""What can be said of an agent in one number.

The numbers are kept in the engine's tables and in the journal: they must never change
their meaning.
"""

from enum import IntEnum


class Presence(IntEnum):
    """What the agent says about being ready for work."""

    OFFLINE = 0
    """Not signed in."""
    AVAILABLE = 1
    """Ready to be offered work."""
    AWAY = 2
    """Signed in but not ready, for a stated reason."""


class Link(IntEnum):
    """How the agent is reached, and so how silence is noticed."""

    STREAM = 1
    """The agent's own desktop watches its offers."""
    GATEWAY = 2
    """A telephony gateway speaks for the agent."""


class AgentKind(IntEnum):
    """Who takes the work."""

    HUMAN = 0
    """A person."""
    BOT = 1
    """A program. It owns no conversation, and what it completes counts as deflection."""
