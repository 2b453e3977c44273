"""Who calls in a replay, what becomes of each, and how the people in it behave.

A `Caller` is what the replay knows of one interaction; the `Behaviour` draws what the
log cannot tell: how fast an agent picks up, who turns an offer down, and how much
longer a caller would have waited who was answered in time. No gRPC calls are made here,
and every draw is repeatable.
"""

from dataclasses import dataclass
from enum import Enum

from google.protobuf.duration_pb2 import Duration

from router.demo.call_log import LoggedCall, Outcome
from router.demo.draws import Draws
from router.v1.interaction_pb2 import CHANNEL_VOICE
from router.v1.routing_service_pb2 import EnqueueInteractionRequest

ANSWER_MS_MIN = 3_000
"""Nobody picks up faster. Offers have no consequence before, which is what allows the
replay to send commands that are closer together without waiting in between."""
_ANSWER_MS_MEAN = 2_000
_ANSWER_MS_MAX = 12_000
_DECLINES = 0.015
_DECLINE_IF_AGENTS = 3
HEAD_START_S = 90
"""What the bank gave to callers of high priority."""
HIGH = 2
HIGH_PRIORITY = 85
"""Above every queue's own priority in `examples/policies/bank.yaml`."""
STRANGER_SERVICE_MS = 60_000


class Fate(Enum):
    """What has become of a caller, as far as the replay knows."""

    TO_COME = "to come"
    WAITING = "waiting"
    LEAVING = "leaving"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    DEAD_LETTERED = "dead-lettered"
    REFUSED = "refused"


@dataclass(slots=True)
class Caller:
    """One interaction of the replay."""

    interaction_id: str
    queue: str
    arrives_at_ms: int
    patience_ms: int
    service_ms: int
    priority: int = 0
    customer: int = 0
    stranger: bool = False
    """Not of this replay: somebody else's interaction that one of our agents got."""
    fate: Fate = Fate.TO_COME
    offer_id: int = 0
    """The offer that is open for it, or that was accepted."""
    agent: str = ""
    answered_at_ms: int = 0

    @property
    def gives_up_at_ms(self) -> int:
        return self.arrives_at_ms + self.patience_ms

    def enqueue(self) -> EnqueueInteractionRequest:
        """The request that puts this caller into the queue."""
        high = self.priority == HIGH
        return EnqueueInteractionRequest(
            interaction_id=self.interaction_id,
            queue=self.queue,
            channel=CHANNEL_VOICE,
            priority=HIGH_PRIORITY if high else None,
            waited=Duration(seconds=HEAD_START_S) if high else None,
            customer_id=f"c-{self.customer}" if self.customer else "",
        )


class Behaviour:
    """How people behave where the log is silent."""

    def __init__(self, seed: int, patience_mean_s: dict[str, float]) -> None:
        """`patience_mean_s` is by type of call."""
        self._draws = Draws(seed)
        self._patience_mean_s = patience_mean_s

    def caller(self, call: LoggedCall, interaction_id: str, queue: str) -> Caller:
        """The caller behind a row of the log."""
        return Caller(
            interaction_id=interaction_id,
            queue=queue,
            arrives_at_ms=call.entered_at_ms,
            patience_ms=self._patience_ms(call),
            service_ms=max(1000, call.service_ms),
            priority=call.priority,
            customer=call.customer,
        )

    def _patience_ms(self, call: LoggedCall) -> int:
        """How long the caller waits unanswered.

        Of those who hung up the log tells it. Of those who were served it tells only
        that it was longer than their wait; an exponential patience has no memory, so
        what is left of it after the wait is a new draw with the same mean.
        """
        if call.outcome is Outcome.HANG:
            return call.queued_ms
        mean_ms = 1000 * self._patience_mean_s[call.type]
        rest_ms = self._draws.exponential(mean_ms, "patience", call.line)
        return call.queued_ms + max(1000, int(rest_ms))

    def answer_ms(self, interaction_id: str, attempt: int) -> int:
        """How long an agent takes to answer an offer."""
        drawn = self._draws.exponential(
            _ANSWER_MS_MEAN, "answer", interaction_id.rpartition("-")[2], attempt
        )
        return ANSWER_MS_MIN + min(_ANSWER_MS_MAX - ANSWER_MS_MIN, int(drawn))

    def declines(self, interaction_id: str, attempt: int, agents: int) -> bool:
        """Whether the agent turns the offer down.

        Only a first offer, and only where others are there: a cool-down is counted by
        the router's clock, which hardly moves while hours pass in the replay.
        """
        return (
            attempt == 1
            and agents >= _DECLINE_IF_AGENTS
            and self._draws.chance(
                _DECLINES, "decline", interaction_id.rpartition("-")[2]
            )
        )
