"""The account a demonstration ends with, and the sum that must come out even.

Every interaction that was offered to the router is answered, abandoned, still waiting
or dead-lettered; there is no fifth way. `Account` counts what the clients saw,
`FeedCount` what the router's event feed said, and the two are compared. Times are
milliseconds of the demonstration's own clock. Knows no gRPC and no terminal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class QueueTally:
    """One queue's part of the account."""

    threshold_ms: int
    """The wait within which the queue means to be answered."""
    target_percent: int
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    dead_lettered: int = 0
    in_time: int = 0
    """Answered within the threshold."""
    wait_ms_sum: int = 0
    """Of answered interactions."""

    @property
    def waiting(self) -> int:
        return self.offered - self.answered - self.abandoned - self.dead_lettered

    @property
    def service_level_percent(self) -> float | None:
        """Answered within the threshold, of all offered; None before the first one."""
        return 100 * self.in_time / self.offered if self.offered else None

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer: the mean wait of those who were answered."""
        return self.wait_ms_sum / 1000 / self.answered if self.answered else None

    @property
    def abandonment_percent(self) -> float | None:
        return 100 * self.abandoned / self.offered if self.offered else None

    def answer(self, wait_ms: int) -> None:
        """Count an answer after this wait."""
        self.answered += 1
        self.wait_ms_sum += wait_ms
        if wait_ms <= self.threshold_ms:
            self.in_time += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "waiting": self.waiting,
            "dead_lettered": self.dead_lettered,
            "service_level_percent": rounded(self.service_level_percent),
            "target_percent": self.target_percent,
            "threshold_s": self.threshold_ms / 1000,
            "asa_s": rounded(self.asa_s),
            "abandonment_percent": rounded(self.abandonment_percent),
        }


@dataclass(slots=True)
class Account:
    """All queues together, as the clients saw them."""

    queues: dict[str, QueueTally] = field(default_factory=dict)
    waiting: int = 0
    """Counted by looking who waits, not by subtraction: else nothing could be off."""

    def total(self, name: str) -> int:
        """The sum of one count over all queues: `account.total("offered")`."""
        return sum(getattr(queue, name) for queue in self.queues.values())

    @property
    def asa_s(self) -> float | None:
        answered = self.total("answered")
        return self.total("wait_ms_sum") / 1000 / answered if answered else None

    @property
    def service_level_percent(self) -> float | None:
        """Answered within the queue's own threshold, of all offered."""
        offered = self.total("offered")
        return 100 * self.total("in_time") / offered if offered else None

    def imbalance(self) -> str | None:
        """The sentence that says what does not add up, or None."""
        offered = self.total("offered")
        parts = {
            "answered": self.total("answered"),
            "abandoned": self.total("abandoned"),
            "waiting": self.waiting,
            "dead-lettered": self.total("dead_lettered"),
        }
        if offered == sum(parts.values()):
            return None
        told = " + ".join(f"{count} {name}" for name, count in parts.items())
        return (
            f"the account does not balance: {offered} offered, but {told} "
            f"is {sum(parts.values())}"
        )

    def counts(self) -> dict[str, int]:
        """The five counts that every account shows."""
        return {
            "offered": self.total("offered"),
            "answered": self.total("answered"),
            "abandoned": self.total("abandoned"),
            "waiting": self.waiting,
            "dead_lettered": self.total("dead_lettered"),
        }


@dataclass(slots=True)
class FeedCount:
    """The same counts as the router's event feed tells them, by interaction."""

    offered: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    abandoned: set[str] = field(default_factory=set)
    dead_lettered: set[str] = field(default_factory=set)
    complete: bool = True
    """False once a part of the feed was no longer kept, so that it cannot be compared.
    """

    def disagreement(self, account: Account) -> str | None:
        """The sentence that says where the two sides differ, or None."""
        if not self.complete:
            return None
        return self.apart(account.counts(), self.counts())

    @staticmethod
    def apart(clients: Mapping[str, int], feed: Mapping[str, int]) -> str | None:
        """The sentence that says where two sets of counts differ, or None."""
        differ = [
            f"{name}: {clients[name]} by the clients, {feed[name]} by the event feed"
            for name in feed
            if clients[name] != feed[name]
        ]
        return "the two sides disagree on " + "; ".join(differ) if differ else None

    def counts(self) -> dict[str, int]:
        # An answered interaction may still be dead-lettered after it came back; it
        # was answered, and that is how it counts on both sides.
        dead = self.dead_lettered - self.answered
        return {
            "offered": len(self.offered),
            "answered": len(self.answered),
            "abandoned": len(self.abandoned - self.answered),
            "dead_lettered": len(dead),
        }


def rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def shown(value: float | None, unit: str = "") -> str:
    """A figure for people: one digit, or a dash where there is none."""
    return "–" if value is None else f"{value:.1f}{unit}"


def first_complaint(complaints: Iterable[str | None]) -> str | None:
    """The first thing that is wrong, if anything is."""
    return next((complaint for complaint in complaints if complaint), None)
