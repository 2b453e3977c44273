"""Metrics of a short day with two named queues, for the tests of telemetry."""

import pytest

from router.measures import AgentState, QueueTarget
from router.telemetry.gauges import Gauges
from router.telemetry.metrics import Metrics
from tests.measures.make import ANN, BILLING, BOB, CHAT, SALES, Day


def a_short_day():
    """Voice: one answered in time, one abandoned while ringing. Chat: one waits."""
    day = Day().sign_in(0, ANN).sign_in(0, BOB)
    day.arrive(0, 0).answer(12, 0, ANN).wrap_up(72, 0, ANN).end_wrap_up(92, 0, ANN)
    day.arrive(100, 1).offer(101, 1, BOB).revoke(104, 1, BOB)
    day.abandon(104, 1, ringing=True)
    return day.arrive(110, 2, SALES, CHAT)


@pytest.fixture
def gauges():
    return Gauges(
        waiting=lambda: {(SALES, CHAT): 1},
        oldest_waiting_ms=lambda: {(SALES, CHAT): 2_500},
        agents=lambda: dict.fromkeys(AgentState, 0) | {AgentState.AVAILABLE: 2},
        inbox_depth=lambda: 7,
        shed=lambda: 5,
        streams_cut=lambda: 1,
        policy=lambda: (3, "0123456789abcdef"),
    )


@pytest.fixture
def metrics(gauges):
    metrics = Metrics(gauges=gauges)
    metrics.names(
        {BILLING: "billing", SALES: "πωλήσεις"},
        {BILLING: QueueTarget(target_ms=20_000), SALES: QueueTarget(60_000)},
    )
    return metrics


@pytest.fixture
def busy_metrics(metrics):
    """The same after the short day."""
    metrics.on_events(a_short_day().events())
    return metrics
