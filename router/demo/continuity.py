"""Whether customers had to repeat themselves: what was written against what was seen.

A ledger beside the clients. It notes what was added to each conversation and answered
by the router, who served which leg of it, and compares with what the next agent was
shown. It never asks the router what should be there, so it can find the router wrong.
Knows no gRPC calls and no clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from router.v1.conversation_pb2 import ContextEntry


@dataclass(slots=True)
class Told:
    """One conversation as its clients know it."""

    customer_id: str
    entries: dict[int, bytes] = field(default_factory=dict)
    """What was acknowledged, by version."""
    facts: int = 0
    """Questions that were asked and answered: what nobody should ask again."""
    agents: list[str] = field(default_factory=list)
    """Who served its legs, in order."""


@dataclass(slots=True)
class Continuity:
    """All conversations of a day, and what became of their handoffs."""

    told: dict[str, Told] = field(default_factory=dict)
    handoffs: int = 0
    answered: int = 0
    """Handoffs whose successor an agent has answered and looked at."""
    by_owner: int = 0
    """Of these, answered by the agent who had the customer before."""
    carried: int = 0
    """Of these, with all that was written before them."""
    repeats_avoided: int = 0
    erasures: int = 0
    missing: list[str] = field(default_factory=list)
    """What agents should have been shown and were not, without any content."""

    def begin(self, conversation_id: str, customer_id: str) -> None:
        self.told[conversation_id] = Told(customer_id)

    def wrote(self, conversation_id: str, version: int, entry: ContextEntry) -> None:
        """The router has acknowledged an entry at this version."""
        told = self.told[conversation_id]
        told.entries[version] = content_of(entry)
        told.facts += entry.WhichOneof("content") == "fact"

    def expected(self, conversation_id: str) -> dict[int, bytes]:
        """What whoever reads from now on must find."""
        return dict(self.told[conversation_id].entries)

    def answer(self, conversation_id: str, agent_id: str) -> bool:
        """An agent serves a leg; says whether it is one after a handoff."""
        agents = self.told[conversation_id].agents
        agents.append(agent_id)
        if len(agents) == 1:
            return False
        self.answered += 1
        self.by_owner += agents[-2] == agent_id
        return True

    def saw(
        self,
        conversation_id: str,
        expected: dict[int, bytes],
        shown: Iterable[ContextEntry],
    ) -> None:
        """Compare what an agent was shown with what there was before the agent looked."""
        found = {entry.version: content_of(entry) for entry in shown}
        lost = sorted(v for v, content in expected.items() if found.get(v) != content)
        if lost:
            versions = ", ".join(map(str, lost))
            self.missing.append(f"{conversation_id}: versions {versions}")
            return
        self.carried += 1
        self.repeats_avoided += self.told[conversation_id].facts

    @property
    def continuity_ratio(self) -> float | None:
        """The share of handoffs that the owner answered; None without any."""
        return round(self.by_owner / self.answered, 3) if self.answered else None

    @property
    def context_carried_ratio(self) -> float | None:
        """The share of handoffs whose agent saw everything; anything below 1 is a
        fault of the router.
        """
        return round(self.carried / self.answered, 3) if self.answered else None

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "handoffs": self.handoffs,
            "continuity_ratio": self.continuity_ratio,
            "context_carried_ratio": self.context_carried_ratio,
            "repeats_avoided": self.repeats_avoided,
            "erasures": self.erasures,
        }

    def complaint(self) -> str | None:
        """The sentence that says what was not carried over, or None."""
        if self.carried == self.answered:
            return None
        lost = "; ".join(self.missing[:3]) or "an agent did not look"
        return (
            f"{self.answered - self.carried} of {self.answered} handoffs did not carry "
            f"everything that was written: {lost}"
        )


def content_of(entry: ContextEntry) -> bytes:
    """The content of an entry alone, for comparing."""
    which = entry.WhichOneof("content")
    if which is None:
        return b""
    bare = ContextEntry(writer=entry.writer, interaction_id=entry.interaction_id)
    getattr(bare, which).CopyFrom(getattr(entry, which))
    return bare.SerializeToString(deterministic=True)
