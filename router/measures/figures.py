"""The figures people plan and steer by, and their formulas: service level, ASA, AHT,
abandonment, occupancy.

Plain values made from counts. Nothing here counts (that is `fold`), and nothing here
knows a queue's name.

Where the formulas come from: the four definitions of service level are those in use at
contact centres, from plain "answered in time of all that ended" to the variants that
forgive or count abandonments (vendors let an administrator choose; Asterisk prints two
of them). ASA, AHT (talk and wrap-up) and occupancy are as in the workforce-management
literature, for instance Gans, Koole and Mandelbaum (2003), "Telephone Call Centers".

Which instant a figure belongs to: each fact is counted when it happens. In an interval
report an arrival is thus offered in the interval in which it came and answered in the
one in which it was answered.
"""

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from router.model.service_level import Definition


@dataclass(frozen=True, slots=True)
class Account:
    """Where everything that was offered has gone. `balanced` says whether nothing is
    lost or counted twice.
    """

    carried: int
    """Waiting when the counting began."""
    offered: int
    returned: int
    """Came again, by transfer or put back in line; 0 in an account of arrivals."""
    overflowed_in: int
    answered: int
    abandoned: int
    waiting: int
    """Queued or offered now."""
    dead_lettered: int
    cancelled: int
    overflowed_out: int
    handed_off: int = 0
    """Went on over another channel while they waited."""

    @property
    def entered(self) -> int:
        """Everybody who came to wait here, by whatever way."""
        return self.carried + self.offered + self.returned + self.overflowed_in

    @property
    def accounted(self) -> int:
        """Everybody whose wait ended here, by whatever way, and those who wait."""
        ended = self.answered + self.abandoned + self.dead_lettered + self.cancelled
        return ended + self.waiting + self.overflowed_out + self.handed_off

    @property
    def balanced(self) -> bool:
        """Whether `entered` equals `accounted`."""
        return self.entered == self.accounted


_Count = TypeVar("_Count", int, NDArray[np.int64], NDArray[np.float64])


def share_in_time(
    definition: Definition,
    *,
    within: _Count,
    answered: _Count,
    abandoned: _Count,
    abandoned_within: _Count,
    short_abandoned: _Count,
    had: _Count,
) -> tuple[_Count, _Count]:
    """Which part of which whole a definition of service level means; numbers, or arrays
    of them. `had` is what there was to deal with.

    - `WITHIN_OF_ANSWERED_AND_ABANDONED`: within / (answered + abandoned)
    - `WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED`: (within + abandoned within) / had
    - `WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED`: within / (had - short abandoned)
    - `WITHIN_OF_ANSWERED`: within / answered
    """
    match definition:
        case Definition.WITHIN_OF_ANSWERED_AND_ABANDONED:
            return within, answered + abandoned
        case Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED:
            return within + abandoned_within, had
        case Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED:
            return within, had - short_abandoned
        case Definition.WITHIN_OF_ANSWERED:
            return within, answered


@dataclass(frozen=True, slots=True)
class QueueMeasures:
    """What has happened in one queue on one channel, or in several together; they add
    up with `+`.

    Each interaction is counted once in the counts of its arrival (`Entry.ARRIVAL`),
    whose wait runs from its arrival through returned offers and overflow to its first
    answer or its end. What happens to it after a transfer, or after it was put back in
    line, is counted apart (`Entry.RETURN`), so that what was offered equals what became
    of it. A wait counts in the queue in which it ended. Durations are sums in
    milliseconds.
    """

    offered: int = 0
    """First arrivals (`INTERACTION_ENQUEUED`), in the queue that took them."""
    passed_on: int = 0
    """Of the offered: those that a full queue passed on to this one."""
    carried: int = 0
    """Waiting here when the counting began."""
    transferred_in: int = 0
    """Came by transfer. Only in counts of returns."""
    requeued_in: int = 0
    """Put back in line from live work or from the dead letters. Only in counts of
    returns.
    """
    overflowed_in: int = 0
    """Came while waiting, from a queue in which they had waited too long."""
    overflowed_out: int = 0
    """Went to another queue while waiting."""
    answered: int = 0
    within_target: int = 0
    """Answered at the queue's threshold or sooner."""
    abandoned_queued: int = 0
    """The customer left while queued."""
    abandoned_ringing: int = 0
    """The customer left while an offer was open."""
    abandoned_within: int = 0
    """Of the abandoned: at the queue's threshold or sooner."""
    short_abandoned: int = 0
    """Of the abandoned: sooner than the queue's `short_abandon`."""
    cancelled: int = 0
    dead_lettered: int = 0
    answered_wait_ms: int = 0
    """Waits of the answered, together."""
    abandoned_wait_ms: int = 0
    """Waits of the abandoned, together."""
    handled: int = 0
    """Pieces of work that agents have finished, wrap-up included, or passed on."""
    talk_ms: int = 0
    """From answer to the end of the conversation, of the handled."""
    wrap_up_ms: int = 0
    """Wrap-up of the handled."""
    transferred: int = 0
    """Of the handled: those that ended in a transfer. Counted in the queue they left.
    """
    offers_issued: int = 0
    offers_accepted: int = 0
    offers_declined: int = 0
    offers_expired: int = 0
    offers_revoked: int = 0
    handed_off: int = 0
    """Left the line by a handoff, to wait over another channel."""
    handoffs: int = 0
    """Came as the successor of a handoff (a consulted colleague's not counted)."""
    handoffs_answered: int = 0
    handoffs_owned: int = 0
    """Of the answered handoffs: those that had an owner."""
    handoffs_to_owner: int = 0
    """Of those: answered by that owner."""
    held_back: int = 0
    """Of the answered: those that were held back for their owner on the way."""
    held_back_ms: int = 0
    """How long that was, together."""
    answered_by_bots: int = 0
    deflected: int = 0
    """Answered by a bot and completed, without a successor."""
    parted: int = 0
    """Opened to others than the agent who has the customer on another channel."""
    waiting: int = 0
    """Queued or offered now."""

    @property
    def abandoned(self) -> int:
        """All whose customer left before an answer, short or not."""
        return self.abandoned_queued + self.abandoned_ringing

    @property
    def handle_ms(self) -> int:
        """Talk and wrap-up of the handled, together."""
        return self.talk_ms + self.wrap_up_ms

    @property
    def asa_ms(self) -> float | None:
        """Average speed of answer: mean wait of the answered. None when nothing was
        answered.
        """
        return _ratio(self.answered_wait_ms, self.answered)

    @property
    def aht_ms(self) -> float | None:
        """Average handle time: mean of talk and wrap-up together. None when nothing was
        handled.
        """
        return _ratio(self.handle_ms, self.handled)

    @property
    def continuity(self) -> float | None:
        """The share of handoffs with an owner that the owner answered."""
        return _ratio(self.handoffs_to_owner, self.handoffs_owned)

    @property
    def deflection(self) -> float | None:
        """The share of what bots answered that needed nobody else."""
        return _ratio(self.deflected, self.answered_by_bots)

    @property
    def abandonment_rate(self) -> float | None:
        """The share `abandoned / (answered + abandoned)`, short ones included."""
        return _ratio(self.abandoned, self.answered + self.abandoned)

    def service_level(
        self, definition: Definition = Definition.WITHIN_OF_ANSWERED_AND_ABANDONED
    ) -> float | None:
        """The share in time, from 0 to 1; None when there is nothing to have a share
        of.

        The formulas stand in `share_in_time`. "Offered" in them is what the queue had
        to deal with: arrivals and returns, less what overflowed out, plus what
        overflowed in. Those still waiting are in it, so the second and third rise as
        they are answered.
        """
        share = share_in_time(
            definition,
            within=self.within_target,
            answered=self.answered,
            abandoned=self.abandoned,
            abandoned_within=self.abandoned_within,
            short_abandoned=self.short_abandoned,
            had=self.offered + self.transferred_in + self.requeued_in
            + self.overflowed_in - self.overflowed_out,
        )  # fmt: skip
        return _ratio(*share)

    def account(self) -> Account:
        """Carried + offered = answered + abandoned + waiting + dead-lettered +
        cancelled; of one queue alone, with what flowed in and out.
        """
        return Account(
            carried=self.carried,
            offered=self.offered,
            returned=self.transferred_in + self.requeued_in,
            overflowed_in=self.overflowed_in,
            answered=self.answered,
            abandoned=self.abandoned,
            waiting=self.waiting,
            dead_lettered=self.dead_lettered,
            cancelled=self.cancelled,
            overflowed_out=self.overflowed_out,
            handed_off=self.handed_off,
        )

    def __add__(self, other: "QueueMeasures") -> "QueueMeasures":
        """Both together, for queues side by side."""
        return QueueMeasures(
            *(
                getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            )
        )


@dataclass(frozen=True, slots=True)
class AgentMeasures:
    """How one agent, or several together, spent the time. Milliseconds in each state;
    they add up with `+`.
    """

    offline_ms: int = 0
    available_ms: int = 0
    """Ready, reachable, nothing in hand."""
    offered_ms: int = 0
    """An offer is open and nothing else in hand."""
    busy_ms: int = 0
    """At least one interaction is active, whatever else is in hand."""
    wrap_up_ms: int = 0
    """Wrap-up, and nothing active."""
    away_ms: int = 0
    """Signed in but not ready, or out of reach, with nothing in hand."""

    @property
    def signed_in_ms(self) -> int:
        return (
            self.available_ms
            + self.offered_ms
            + self.busy_ms
            + self.wrap_up_ms
            + self.away_ms
        )

    @property
    def occupancy(self) -> float | None:
        """(busy + wrap-up) / (busy + wrap-up + offered + available), from 0 to 1.

        Work over time available for work; an open offer is not work yet, and time away
        is neither. None when the agent was never available.
        """
        work_ms = self.busy_ms + self.wrap_up_ms
        return _ratio(work_ms, work_ms + self.offered_ms + self.available_ms)

    def __add__(self, other: "AgentMeasures") -> "AgentMeasures":
        """Both together."""
        return AgentMeasures(
            *(
                getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            )
        )


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often a duration fell into which class."""

    bounds_ms: tuple[int, ...]
    """Upper bounds, inclusive; the last class has none."""
    counts: tuple[int, ...]
    """One more than there are bounds."""
    sum_ms: int

    @property
    def count(self) -> int:
        return sum(self.counts)

    def __add__(self, other: "Histogram") -> "Histogram":
        """Both together; they must have the same bounds."""
        counts = tuple(
            mine + theirs
            for mine, theirs in zip(self.counts, other.counts, strict=True)
        )
        return Histogram(self.bounds_ms, counts, self.sum_ms + other.sum_ms)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
