"""The seam: whoever takes facts from the router stands behind this page."""

from dataclasses import dataclass
from typing import Any, Protocol


class NotNow(Exception):
    """The recipient cannot be reached, or asks for patience. The same fact is handed
    over again later, under the same key.
    """


class NotEver(Exception):
    """The recipient will not take this fact, however often it is offered."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact on its way out. `key` is the same at every try, so that whoever takes it
    twice can tell.
    """

    key: str
    sequence: int
    body: dict[str, Any]


class Recipient(Protocol):
    """Takes facts. Blocking: the follower calls it beside the loop."""

    def take(self, fact: Fact) -> None:
        """Hand over one fact; returns once the other side has it. Raises `NotNow` or
        `NotEver`.
        """

    def close(self) -> None:
        """Let go of what is held open. Again does no harm."""
