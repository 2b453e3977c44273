"""The table of metrics that come from the measures: names, helps and what each reads.

Plain data without Prometheus' library, so that the documentation and the tests can read
it too. Units are seconds and ratios; counters end in `_total`; labels are queue,
channel and closed lists, never somebody's id.
"""

from collections.abc import Callable
from dataclasses import dataclass

from router.measures import AgentState, Outcome, QueueMeasures

PREFIX = "santral_"


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter by queue and channel; with `label`, by one closed list more."""

    name: str
    help: str
    read: Callable[[QueueMeasures], dict[str, int]]
    label: str = ""
    returns: bool = False
    """Whether returns (after a transfer, put back in line) are counted too."""


def _plain(field: str) -> Callable[[QueueMeasures], dict[str, int]]:
    return lambda measures: {"": int(getattr(measures, field))}


COUNTERS = (
    Counter(
        "interactions_offered",
        "Interactions that arrived in the queue, each once in its life.",
        _plain("offered"),
    ),
    Counter(
        "interactions_answered",
        "Arrivals answered by an agent, first answers only.",
        _plain("answered"),
    ),
    Counter(
        "interactions_abandoned",
        "Arrivals whose customer left before an answer.",
        lambda measures: {
            "queue": measures.abandoned_queued,
            "ringing": measures.abandoned_ringing,
        },
        label="phase",
    ),
    Counter(
        "interactions_short_abandoned",
        "Of the abandoned arrivals: sooner than the queue's short_abandon.",
        _plain("short_abandoned"),
    ),
    Counter(
        "interactions_flow_out",
        "Arrivals that left the queue otherwise while waiting.",
        lambda measures: {
            "overflow": measures.overflowed_out,
            "cancelled": measures.cancelled,
            "dead_letter": measures.dead_lettered,
            "handoff": measures.handed_off,
        },
        label="reason",
    ),
    Counter(
        "interactions_flow_in",
        "Arrivals that overflowed from another queue while waiting.",
        _plain("overflowed_in"),
    ),
    Counter(
        "interactions_returned",
        "Interactions that came to wait again.",
        lambda measures: {
            "transfer": measures.transferred_in,
            "requeue": measures.requeued_in,
        },
        label="kind",
        returns=True,
    ),
    Counter(
        "interactions_transferred",
        "Interactions that agents transferred out of the queue.",
        _plain("transferred"),
        returns=True,
    ),
    Counter(
        "interactions_within_target",
        "Arrivals answered at the queue's service-level threshold or sooner.",
        _plain("within_target"),
    ),
    Counter(
        "handoffs",
        "Interactions that came as the successor of a handoff.",
        _plain("handoffs"),
    ),
    Counter(
        "handoffs_answered",
        "Answered handoffs, by who answered: the owner, another, or anybody (no owner).",
        lambda measures: {
            "owner": measures.handoffs_to_owner,
            "another": measures.handoffs_owned - measures.handoffs_to_owner,
            "anybody": measures.handoffs_answered - measures.handoffs_owned,
        },
        label="by",
    ),
    Counter(
        "bot_answers",
        "Answers by bots: deflected, or gone on or not ended yet.",
        lambda measures: {
            "deflected": measures.deflected,
            "other": measures.answered_by_bots - measures.deflected,
        },
        label="result",
    ),
    Counter(
        "offers",
        "Offers that ended, by how.",
        lambda measures: {
            "accepted": measures.offers_accepted,
            "declined": measures.offers_declined,
            "expired": measures.offers_expired,
            "revoked": measures.offers_revoked,
        },
        label="result",
        returns=True,
    ),
)
"""arrived + flow_in = answered + abandoned + flow_out + waiting arrivals, in each queue
and at any time.
"""

WAIT = (
    "wait_seconds",
    "How long interactions waited, arrivals and returns, by how the wait ended.",
)
HANDLE = ("handle_seconds", "Handle time: conversation and wrap-up together.")
WRAP_UP = ("wrapup_seconds", "Wrap-up alone, where there was one.")

OUTCOMES = {outcome: outcome.name.lower() for outcome in Outcome}
AGENT_STATES = {
    state: "wrapup" if state is AgentState.WRAP_UP else state.name.lower()
    for state in AgentState
}
