"""The checker itself: every kind of broken promise is found, and a kept one is not."""

import pytest

from tests.end_to_end.history import Call, History, Kept, faults


def a_call(request_id, effect_told=0, *, asked=0.0, heard=0.0, outcome="ok"):
    return Call(
        request_id, "EnqueueInteraction", request_id, asked, heard, outcome, effect_told
    )


def verdict(*calls, effects, told=(), enqueued=None, last=100):
    history = History(list(calls), [list(told)])
    return faults(history, Kept(effects, enqueued or {}, last))


def test_kept_promises_are_no_fault():
    assert [] == verdict(
        a_call("a", 5, asked=0, heard=1),
        a_call("b", 9, asked=2, heard=3),
        a_call("c", outcome="fail:QUEUE_FULL"),
        a_call("d", outcome="unknown"),
        a_call("e", outcome="unknown"),
        effects={"a": [5], "b": [9], "d": [7]},
        told=[1, 4, 100],
    )


@pytest.mark.parametrize(
    ("rule", "call", "effects"),
    [
        ("I13", a_call("a", 5), {}),
        ("I13", a_call("a", 5), {"a": [4, 5]}),
        ("I13", a_call("a", 5), {"a": [6]}),
        ("I13", a_call("a", outcome="fail:UNROUTABLE"), {"a": [5]}),
        ("I13", a_call("a", outcome="unknown"), {"a": [5, 6]}),
        ("I15", a_call("a", 101), {"a": [5]}),
    ],
    ids=["lost", "doubled", "told too early", "refused and done", "twice", "ahead"],
)
def test_a_broken_promise_is_found(rule, call, effects):
    (fault,) = verdict(call, effects=effects)

    assert fault.startswith(rule)


def test_an_order_that_time_contradicts_is_found():
    (fault,) = verdict(
        a_call("first", 9, asked=0, heard=1),
        a_call("second", 5, asked=2, heard=3),
        effects={"first": [9], "second": [5]},
    )

    assert fault.startswith("I14")


@pytest.mark.parametrize("told", [[1, 3, 2], [1, 2, 2], [99, 101]])
def test_a_feed_that_doubles_turns_back_or_runs_ahead_is_found(told):
    (fault,) = verdict(effects={}, told=told)

    assert fault.startswith("I15")


def test_two_arrivals_of_one_interaction_are_found():
    (fault,) = verdict(effects={}, enqueued={"call-1": [3, 8]})

    assert "2 times" in fault
