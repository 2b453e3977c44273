"""People who wait, give up, come back or never begin: worked out by hand, second by
second. One desk, calls of a minute.
"""

import pytest

from simulator.records import Area, Column
from tests.simulator.tiny import DESK, calls, emails, follows, policy, ran

TWO_DESKS = {"Desk": {**DESK, "agents": 2}}
WAITED = (
    Column.ANSWERED,
    Column.ABANDONED,
    Column.WAITED,
    Column.ANSWERED_WAIT_MS,
    Column.ABANDONED_WAIT_MS,
)


def test_who_comes_first_is_served_first(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 10, 20)})

    assert run.story("takes") == [
        "0 takes 1 Desk.1",
        "60 takes 2 Desk.1",
        "120 takes 3 Desk.1",
    ]
    assert run.counts("Calls", *WAITED) == [3, 0, 2, 150_000, 0]
    assert run.area_s("Calls", Area.WAITING) == 150
    assert run.area_s("Calls", Area.SERVING) == 180


def test_patience_that_has_run_out_is_an_abandonment(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 10, patience="30s")})

    assert run.story("takes", "gives up") == ["0 takes 1 Desk.1", "40 gives up 2"]
    assert run.counts("Calls", *WAITED) == [1, 1, 1, 0, 30_000]
    assert run.area_s("Calls", Area.WAITING) == 30


def test_a_recorded_patience_and_handle_time_are_those_of_the_day(tmp_path):
    run = ran(tmp_path, {"Calls": calls((0, 50, 9), (10, 5, 39.5), (11, "", 90))})

    assert run.story("takes", "gives up", "ends") == [
        "0 takes 1 Desk.1",
        "49.5 gives up 2",
        "50 ends 1 Desk.1",
        "50 takes 3 Desk.1",
        "110 ends 3 Desk.1",
    ]


def test_who_has_no_patience_at_all_leaves_only_when_not_answered_at_once(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 10, patience="0s")})

    assert run.story("takes", "gives up") == ["0 takes 1 Desk.1", "10 gives up 2"]


def test_an_answer_at_the_last_instant_is_an_answer(tmp_path):
    # The agent's wrap-up ends when the patience does: what the engine does goes first.
    by = policy(First={"wrap_up": "10s"})
    run = ran(tmp_path, {"Calls": calls(0, 10, patience="60s")}, by=by)

    assert run.story("takes", "gives up") == ["0 takes 1 Desk.1", "70 takes 2 Desk.1"]


# ------------------------------------------------------------------ coming back


def test_a_retry_comes_later_and_counts_as_another_arrival(tmp_path):
    retry = {"probability": 1.0, "delay": "100s", "attempts_max": 3}
    run = ran(
        tmp_path,
        {"Calls": calls((0, 500, ""), 10, patience="30s", retry=retry)},
    )

    assert run.story("comes", "gives up", "takes") == [
        "0 comes 1",
        "0 takes 1 Desk.1",
        "10 comes 2",
        "40 gives up 2",
        "140 comes 3",
        "170 gives up 3",
        "270 comes 4",
        "300 gives up 4",
    ]
    assert run.counts("Calls", Column.ARRIVED, Column.RETRIED) == [4, 2]
    assert run.area_s("Calls", Area.AWAY) == 200


def test_a_retry_as_another_stream_arrives_there(tmp_path):
    retry = {"probability": 1.0, "delay": "10s", "as": "Again"}
    run = ran(
        tmp_path,
        {
            "Calls": calls(0, 10, patience="30s", retry=retry),
            "Again": follows(patience="5m", handle="7s"),
        },
    )

    assert run.story("takes", "ends")[2:] == ["60 takes 3 Desk.1", "67 ends 3 Desk.1"]
    assert run.counts("Again", Column.ARRIVED, Column.RETRIED) == [1, 1]
    assert run.counts("Calls", Column.ARRIVED, Column.RETRIED) == [2, 0]


def _patiences(run):
    """Of everybody but the first: how long each attempt waited in vain."""
    lines = [line.split() for line in run.story("comes", "gives up")]
    came = {words[-1]: float(words[0]) for words in lines if words[1] == "comes"}
    return [
        round(float(words[0]) - came[words[-1]], 3)
        for words in lines
        if words[1] == "gives"
    ]


@pytest.mark.parametrize("into", ["Calls", "Again"])
@pytest.mark.parametrize("patience", ["keep", "redraw"])
def test_the_stream_that_is_retried_says_whether_patience_is_kept(
    tmp_path, patience, into
):
    retry = {
        "probability": 1.0,
        "delay": "1s",
        "attempts_max": 3,
        "patience": patience,
        "as": into,
    }
    waits = {"exponential": "30s"}
    other = "redraw" if patience == "keep" else "keep"
    run = ran(
        tmp_path,
        {
            "Calls": calls((0, 9_000, ""), 10, patience=waits, retry=retry),
            "Again": follows(
                patience=waits,
                retry={
                    "probability": 1.0,
                    "delay": "1s",
                    "attempts_max": 2,
                    "patience": other,
                },
            ),
        },
    )

    waited = _patiences(run)
    assert len(waited) == (3 if into == "Calls" else 2)
    assert (len(set(waited)) == 1) == (patience == "keep")


@pytest.mark.parametrize("handle", ["keep", "redraw"])
def test_the_stream_that_is_retried_says_whether_the_handle_time_is_kept(
    tmp_path, handle
):
    # Redrawn, the recorded time is not what the second attempt takes.
    retry = {"probability": 1.0, "delay": "100s", "handle": handle}
    run = ran(tmp_path, {"Calls": calls(0, (1, 17, 30), retry=retry)})

    second = run.story("takes", "ends")[2:]
    assert second[0] == "131 takes 3 Desk.1"
    assert second[1] == ("148" if handle == "keep" else "191") + " ends 3 Desk.1"


def test_a_recorded_patience_is_drawn_anew_where_a_retry_says_so(tmp_path):
    retry = {
        "probability": 1.0,
        "delay": "100s",
        "attempts_max": 2,
        "patience": "redraw",
    }
    run = ran(
        tmp_path,
        {"Calls": calls((0, 900, ""), (1, "", 30), patience="44s", retry=retry)},
    )

    assert _patiences(run) == [30, 44]


def test_only_the_named_failures_are_followed_by_a_retry(tmp_path):
    retry = {"after": ["refused"], "probability": 1.0, "delay": "10s"}
    run = ran(tmp_path, {"Calls": calls(0, 10, patience="30s", retry=retry)})

    assert run.count("Calls", Column.RETRIED) == 0


# ------------------------------------------------------------------ not even waiting


def test_who_balks_when_all_are_busy_is_never_in_line(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 10, 70, balking={"when_all_busy": 1.0})})

    assert run.story("takes") == ["0 takes 1 Desk.1", "70 takes 2 Desk.1"]
    counted = Column.ARRIVED, Column.BALKED, Column.ANSWERED, Column.WAITED
    assert run.counts("Calls", *counted) == [3, 1, 2, 0]


def test_who_is_told_of_too_long_a_wait_leaves(tmp_path):
    # Before any call has ended one is thought to take three minutes; afterwards it is
    # known to take one.
    balking = {"expected_wait": "150s"}
    run = ran(tmp_path, {"Calls": calls(0, 10, 70, 80, 90, balking=balking)})

    assert run.story("comes") == ["0 comes 1", "70 comes 2", "80 comes 3", "90 comes 4"]
    assert run.count("Calls", Column.BALKED) == 1


def test_a_callback_is_taken_instead_of_waiting_and_put_in_line_later(tmp_path):
    callback = {"queue_at_least": 1, "accept": 1.0, "as": "Back", "delay": "100s"}
    run = ran(
        tmp_path,
        {
            "Calls": calls(0, 1, 2, callback=callback),
            "Back": follows(handle="10s"),
        },
    )

    assert run.story("comes", "takes") == [
        "0 comes 1",
        "0 takes 1 Desk.1",
        "1 comes 2",
        "60 takes 2 Desk.1",
        "102 comes 3",
        "120 takes 3 Desk.1",
    ]
    assert run.counts("Calls", Column.ARRIVED, Column.CALLED_BACK) == [3, 1]
    counted = Column.ARRIVED, Column.FOLLOWED, Column.RETRIED, Column.ANSWERED_WAIT_MS
    assert run.counts("Back", *counted) == [1, 1, 0, 18_000]


def test_nobody_is_offered_a_callback_while_an_agent_is_free(tmp_path):
    callback = {"queue_at_least": 0, "accept": 1.0, "as": "Back"}
    run = ran(tmp_path, {"Calls": calls(0, 100, callback=callback), "Back": follows()})

    assert run.count("Calls", Column.CALLED_BACK) == 0


# ------------------------------------------------------------------ no room


def test_trunks_hold_who_waits_and_who_is_served_but_no_wrap_up(tmp_path):
    by = policy(First={"wrap_up": "30s"})
    run = ran(tmp_path, {"Calls": calls(0, 1, 2, 65, 66)}, lines=2, by=by)

    # 1 talks, 2 waits, 3 finds no trunk; at 65 the first is in wrap-up: one is free.
    assert run.story("comes") == ["0 comes 1", "1 comes 2", "65 comes 3"]
    assert run.counts("Calls", Column.ARRIVED, Column.REFUSED) == [5, 2]


def test_trunks_are_given_back_by_whoever_gives_up(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 1, 12, patience="10s")}, lines=2)

    assert run.count("Calls", Column.REFUSED) == 0


def test_trunks_are_of_no_concern_to_other_channels(tmp_path):
    run = ran(tmp_path, {"Mails": emails(0, 1, 2, 3, 4, 5)}, lines=1)

    assert run.count("Mails", Column.REFUSED) == 0


def test_a_full_queue_refuses(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 1, 2)}, by=policy(First={"limit": 1}))

    counted = Column.ARRIVED, Column.REFUSED, Column.ANSWERED
    assert run.counts("Calls", *counted) == [3, 1, 2]


def test_the_longest_wait_ends_in_a_dead_letter(tmp_path):
    by = policy(First={"max_wait": "45s"})
    run = ran(tmp_path, {"Calls": calls(0, 10, 30)}, by=by)

    assert run.story("takes", "dead letter") == [
        "0 takes 1 Desk.1",
        "55 dead letter 2",
        "60 takes 3 Desk.1",
    ]
    assert run.count("Calls", Column.DEAD_LETTERED) == 1
    assert run.area_s("Calls", Area.WAITING) == 75


def test_who_overflows_waits_on_from_the_beginning_of_the_wait(tmp_path):
    by = policy(First={"max_wait": "20s", "on_max_wait": "Second"})
    staff = {"Desk": DESK, "Other": {"agents": 1, "skills": {"b": 1}}}
    run = ran(tmp_path, {"Calls": calls(0, 10)}, staff, by=by)

    assert run.story("takes") == ["0 takes 1 Desk.1", "30 takes 2 Other.1"]
    assert run.count("Calls", Column.ANSWERED_WAIT_MS) == 20_000


def test_a_head_start_counts_as_age_and_not_as_wait(tmp_path):
    run = ran(
        tmp_path,
        {"Calls": calls(0, 10), "Old": calls(20, waited="5m")},
    )

    assert run.story("takes") == [
        "0 takes 1 Desk.1",
        "60 takes 3 Desk.1",
        "120 takes 2 Desk.1",
    ]
    assert run.count("Old", Column.ANSWERED_WAIT_MS) == 40_000
