"""The log: only the noteworthy, one JSON object a line, and no stranger in it."""

import json
import logging

import pytest

from router.engine.joint import STATUS_NUMBERS
from router.engine.kinds import Kind, Reason
from router.matching.solution import Status
from router.telemetry.logs import Log
from tests.measures.make import ANN, BILLING, Day

NAMES = {"interaction": "call-7", "agent": "ann", "queue": "billing"}


@pytest.fixture
def lines():
    """What has been written, as text."""
    return []


@pytest.fixture
def log(lines):
    logger = logging.getLogger("santral.test")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger.addHandler(handler)
    yield Log(
        name_of=lambda what, row: NAMES[what],
        time_of=lambda at_ms: f"2026-01-01T00:00:{at_ms // 1000:02d}Z",
        logger=logger,
    )
    logger.removeHandler(handler)


def test_a_dead_letter_is_an_alarm_that_says_who_where_and_why(log, lines):
    day = (
        Day()
        .arrive(0, 0)
        .fact(9, Kind.INTERACTION_DEAD_LETTERED, 0, reason=Reason.ATTEMPTS_USED_UP)
    )

    log.on_events(day.events())

    assert [
        {
            "level": "error",
            "event": "interaction_dead_lettered",
            "at_ms": 9_000,
            "time": "2026-01-01T00:00:09Z",
            "interaction": "call-7",
            "queue": "billing",
            "channel": "voice",
            "reason": "attempts_used_up",
        }
    ] == [json.loads(line) for line in lines]


def test_ordinary_routing_is_not_logged(log, lines):
    log.on_events(Day().sign_in(0, ANN).arrive(0, 0).answer(5, 0, ANN).events())

    assert [] == lines


@pytest.mark.parametrize(
    ("status", "expected"),
    [(Status.OPTIMAL, []), (Status.FALLBACK, ["fallback"]), (Status.CRASH, ["crash"])],
)
def test_a_round_is_noteworthy_when_the_solver_did_not_solve_it(
    log, lines, status, expected
):
    mode = STATUS_NUMBERS[status]
    log.on_events(Day().fact(1, Kind.MATCH_ROUND_SOLVED, mode=mode).events())

    assert expected == [json.loads(line)["status"] for line in lines]


def test_starts_policies_and_lost_agents_are_logged_in_their_order(log, lines):
    day = Day().fact(0, Kind.ROUTER_STARTED).fact(1, Kind.POLICY_PUBLISHED, value=4)
    day.fact(2, Kind.AGENT_LOST, agent=ANN, count=2)
    day.arrive(3, 0, BILLING).fact(3, Kind.INTERACTION_UNROUTABLE, 0)

    log.on_events(day.events())

    told = [json.loads(line) for line in lines]
    assert [
        "router_started",
        "policy_published",
        "agent_lost",
        "interaction_unroutable",
    ] == [line["event"] for line in told]
    assert 4 == told[1]["version"]
    assert ("ann", 2) == (told[2]["agent"], told[2]["live"])


def test_nobody_can_forge_a_line(log, lines):
    log.note("policy_published", where='bank.yaml\n{"event": "forged"}\u2028x')

    assert 1 == len(lines)
    assert 1 == len(lines[0].splitlines())


def test_a_field_that_is_not_allowed_is_refused_by_name(log):
    with pytest.raises(ValueError, match="a log line may not hold phone_number"):
        log.note("router_started", phone_number="+90 555 000 00 00")


def test_long_texts_are_cut(log, lines):
    log.note("router_started", detail="x" * 10_000)

    assert 500 == len(json.loads(lines[0])["detail"])
