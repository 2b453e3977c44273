"""The same request again gets the same answer and changes nothing."""

import pytest

from router.engine import commands as c
from router.engine.errors import (
    QueueFull,
    RequestIdExpired,
    RequestIdReused,
    UnknownQueue,
)
from router.engine.requests import WINDOW_MS, issued_at
from tests.factories import (
    NINE,
    a_call,
    a_policy,
    a_request,
    an_agent,
    an_engine,
    kinds,
)


def at_night(policy=None):
    """An engine with somebody on the roster and nobody at work: whatever comes waits."""
    engine = an_engine(policy)
    engine.perform(an_agent())
    engine.take()
    return engine


def uuid7(at_ms):
    """A version 7 UUID made at this instant."""
    digits = f"{at_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7abc-8def-0123456789ab"


def test_the_same_request_with_the_same_body_is_answered_as_before():
    engine = at_night()
    first = engine.perform(a_call(request=a_request()))
    engine.take()

    assert first == engine.perform(a_call(request=a_request()))
    assert engine.take() is None


def test_the_answer_stays_the_same_after_the_interaction_has_moved_on():
    engine = an_engine(None, an_agent())
    row = engine.perform(a_call(request=a_request()))
    engine.perform(c.AcceptOffer("ann", 1))
    engine.perform(c.Complete("call-1", 0))

    assert row == engine.perform(a_call(request=a_request()))


def test_one_id_for_two_bodies_is_refused():
    engine = at_night()
    engine.perform(a_call(request=a_request(digest=b"one")))

    with pytest.raises(
        RequestIdReused, match="every new request needs a new id"
    ) as refusal:
        engine.perform(a_call("call-2", request=a_request(digest=b"two")))
    assert "request_id" == refusal.value.field


@pytest.mark.parametrize(
    "other", [{"principal": "another"}, {"method": "CancelInteraction"}]
)
def test_an_id_belongs_to_one_caller_and_one_method(other):
    engine = at_night()
    engine.perform(a_call("call-1", request=a_request(digest=b"one")))
    engine.perform(a_call("call-2", request=a_request(digest=b"two", **other)))

    assert 2 == len(engine.requests)


def test_a_refused_request_may_be_tried_again():
    engine = at_night(a_policy(support={"limit": 1}))
    engine.perform(a_call("call-1"))
    with pytest.raises(QueueFull):
        engine.perform(a_call("call-2", request=a_request()))
    engine.perform(c.Abandon("call-1"))
    engine.take()

    engine.perform(a_call("call-2", request=a_request()))
    assert ["INTERACTION_ENQUEUED"] == kinds(engine)


def test_answers_are_remembered_for_a_quarter_of_an_hour():
    engine = at_night()
    engine.perform(a_call("call-1", request=a_request("r-1", b"one")))
    engine.begin(NINE + WINDOW_MS)
    with pytest.raises(RequestIdReused):
        engine.perform(a_call("call-2", request=a_request("r-1", b"two")))

    engine.begin(NINE + WINDOW_MS + 1)
    engine.perform(a_call("call-2", request=a_request("r-1", b"two")))
    assert 1 == len(engine.requests)


def test_an_id_older_than_the_window_is_refused_not_repeated():
    engine = at_night()
    engine.perform(a_call("call-1", request=a_request(uuid7(NINE - WINDOW_MS))))

    with pytest.raises(RequestIdExpired, match="fresh id"):
        engine.perform(a_call("call-2", request=a_request(uuid7(NINE - WINDOW_MS - 1))))


def test_an_old_id_that_is_still_remembered_is_answered():
    engine = at_night()
    request = a_request(uuid7(NINE - WINDOW_MS))
    row = engine.perform(a_call(request=request))
    engine.begin(NINE + 60_000)

    assert row == engine.perform(a_call(request=request))


@pytest.mark.parametrize(
    ("request_id", "expected"),
    [
        (uuid7(NINE), NINE),
        ("7f0c2d9a-9b7e-4c1d-8a55-0123456789ab", None),
        ("order-7", None),
        ("", None),
    ],
)
def test_when_an_id_was_made(request_id, expected):
    assert expected == issued_at(request_id)


def test_answers_go_with_the_batch_and_come_back_by_replay():
    engine = at_night()
    row = engine.perform(a_call(request=a_request()))
    (answer,) = engine.take().answers

    assert ("gateway", "r-1", b"same") == (
        answer.principal,
        answer.request_id,
        answer.digest,
    )
    assert (row, engine.sequence, NINE) == (answer.result, answer.sequence, answer.at)


def test_a_refusal_leaves_no_answer_behind():
    engine = at_night()
    with pytest.raises(UnknownQueue):
        engine.perform(a_call(queue="nowhere", request=a_request()))

    assert 0 == len(engine.requests)
