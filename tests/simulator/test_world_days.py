"""Days, intervals and what breaks: nights, warm-up, ends, outages. Worked out by hand."""

import numpy as np
import pytest

from router.measures.shapes import AgentState
from simulator.records import Area, Column, class_bounds_ms
from simulator.run import run_once
from tests.simulator.tiny import (
    DESK,
    OPENS_S,
    calls,
    chats,
    emails,
    follows,
    planned,
    policy,
    ran,
    told,
)

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
MIDNIGHT_S = DAY_S - OPENS_S
"""The first one, in seconds after eight."""
ONE_HOUR = {"Desk": {**DESK, "shifts": [{"from": "8h", "until": "9h"}]}}
LONG = policy(First={"max_wait": "5d"})


def row(run, second):
    """The row of the interval in which a second after eight lies."""
    return (OPENS_S + second) // (run.record.every_ms // 1000)


# ------------------------------------------------------------------ days and nights


def test_what_waits_at_midnight_waits_on(tmp_path):
    run = ran(
        tmp_path,
        {"Mails": emails(HOUR_S - 30, 7_000, 7_001, 7_002, DAY_S + 600, handle="10m")},
        ONE_HOUR,
        days=2,
        by=LONG,
    )

    assert run.story("takes") == [
        f"{HOUR_S - 30} takes 1 Desk.1",
        f"{DAY_S} takes 2 Desk.1",
        f"{DAY_S} takes 3 Desk.1",
        f"{DAY_S} takes 4 Desk.1",
        f"{DAY_S + 600} takes 5 Desk.1",
    ]
    streams = run.record.streams[:, 0]
    # Counted where it came, though it was answered on the next day.
    assert streams[row(run, 7_000), Column.ANSWERED] == 3
    assert streams[row(run, DAY_S), Column.ANSWERED] == 1
    waited = 3 * DAY_S - (7_000 + 7_001 + 7_002)
    assert run.count("Mails", Column.ANSWERED_WAIT_MS) == 1_000 * waited


def test_time_counts_where_it_passes(tmp_path):
    run = ran(
        tmp_path, {"Mails": emails(7_000)}, ONE_HOUR, days=2, by=LONG
    )  # fmt: skip
    waiting = run.record.areas[:, 0, Area.WAITING] / 1_000

    first = row(run, 7_000)
    assert waiting[first] == 2 * HOUR_S - 7_000
    assert (waiting[first + 1 : row(run, DAY_S)] == HOUR_S).all()
    assert waiting[row(run, DAY_S) :].sum() == 0


def test_everybody_is_dealt_with_before_the_run_ends(tmp_path):
    run = ran(tmp_path, {"Calls": calls(MIDNIGHT_S - 10, MIDNIGHT_S - 5)})

    assert run.story("ends")[-1] == f"{MIDNIGHT_S + 110} ends 2 Desk.1"
    # What came after midnight stands in one row of its own.
    assert run.record.areas[-1, 0, Area.SERVING] == 110_000
    assert run.record.streams[-1].sum() == 0
    assert run.record.ended_ms == 1_000 * (DAY_S + 110)


def test_who_comes_back_after_midnight_is_dealt_with_too(tmp_path):
    retry = {"probability": 1.0, "delay": "2h"}
    run = ran(
        tmp_path,
        {
            "Calls": calls(
                (MIDNIGHT_S - 70, 80, ""), (MIDNIGHT_S - 60, "", 5), retry=retry
            )
        },
    )

    assert run.record.streams[-1, 0, Column.RETRIED] == 1
    assert run.count("Calls", Column.ANSWERED) == 2


def test_a_run_may_end_at_midnight_in_mid_sentence(tmp_path):
    demand = {"Calls": calls(MIDNIGHT_S - 10, MIDNIGHT_S - 5, (MIDNIGHT_S - 4, "", 1))}
    retry = {"probability": 1.0, "delay": "2h"}
    demand["Calls"]["retry"] = retry
    run = ran(tmp_path, demand, ends="at_midnight")

    assert run.counts("Calls", Column.ARRIVED, Column.ANSWERED) == [3, 1]
    assert run.area_s("Calls", Area.SERVING) == 10
    assert run.area_s("Calls", Area.WAITING) == 5 + 1
    assert run.area_s("Calls", Area.AWAY) == 3
    assert run.record.areas[-1].sum() == 0
    assert run.record.complete


def test_nobody_waits_for_ever_for_staff_who_do_not_come(tmp_path):
    run = ran(tmp_path, {"Calls": calls(2 * HOUR_S)}, ONE_HOUR)

    # The policy's longest wait, a day.
    assert run.count("Calls", Column.DEAD_LETTERED) == 1
    assert run.area_s("Calls", Area.WAITING) == DAY_S


def test_arrivals_count_in_their_interval_to_the_millisecond(tmp_path):
    run = ran(tmp_path, {"Calls": calls(3_599.999, 3_600)}, every="1h")

    assert run.record.streams[8:10, 0, Column.ARRIVED].tolist() == [1, 1]


def test_waits_have_classes_that_hold_them(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 10, (11, "", 33), 200)})
    answered, abandoned = run.record.waits[0]
    bounds = class_bounds_ms()

    assert (answered.sum(), abandoned.sum()) == (3, 1)
    assert answered[0] == 2
    for counts, waited_ms in ((answered[1:], 50_000), (abandoned[1:], 33_000)):
        [k] = np.flatnonzero(counts) + 1
        assert bounds[k - 1] < waited_ms <= bounds[k]


# ------------------------------------------------------------------ warm-up


def test_the_warm_up_is_not_counted(tmp_path):
    # Up to nine: who came before is not counted, though served after.
    run = ran(
        tmp_path,
        {"Calls": calls(HOUR_S - 100, HOUR_S - 90, HOUR_S + 50)},
        warm_up="9h",
    )

    counted = Column.ARRIVED, Column.ANSWERED, Column.ANSWERED_WAIT_MS, Column.FINISHED
    assert run.counts("Calls", *counted) == [1, 1, 0, 1]
    assert run.record.waits.sum() == 1
    # Time counts from then on, whosever it is.
    assert run.area_s("Calls", Area.SERVING) == 20 + 60
    assert run.area_s("Calls", Area.WAITING) == 0
    assert run.record.staff[:9].sum() == run.record.queues[:9].sum() == 0
    assert run.record.staff[9:24].sum() == 15 * HOUR_S * 1_000


def test_a_warm_up_ends_with_an_interval(tmp_path):
    run = ran(tmp_path, {"Calls": calls(10, HOUR_S)}, warm_up="8h1s")

    assert run.count("Calls", Column.ARRIVED) == 1


def test_a_retry_after_the_warm_up_counts(tmp_path):
    retry = {"probability": 1.0, "delay": "1h", "attempts_max": 2}
    demand = {"Calls": calls((0, 9_000, ""), (10, "", 5), retry=retry)}
    run = ran(tmp_path, demand, warm_up="9h", ends="at_midnight")

    assert run.counts("Calls", Column.ARRIVED, Column.RETRIED) == [1, 1]
    assert run.area_s("Calls", Area.AWAY) == 15


# ------------------------------------------------------------------ outages


def test_a_channel_that_is_down_refuses_and_others_do_not(tmp_path):
    outage = {"kind": "channel", "channel": "chat", "at": "8h1m", "lasts": "1m"}
    run = ran(
        tmp_path,
        {"Chats": chats(59, 60, 119, 120), "Calls": calls(90)},
        {"Desk": {**DESK, "agents": 5}},
        outages=[outage],
    )

    assert run.counts("Chats", Column.REFUSED, Column.ANSWERED) == [2, 2]
    assert run.count("Calls", Column.REFUSED) == 0


def test_who_was_refused_by_an_outage_may_come_again(tmp_path):
    outage = {"kind": "channel", "channel": "voice", "at": "8h", "lasts": "1m"}
    retry = {"after": ["refused"], "probability": 1.0, "delay": "50s"}
    run = ran(tmp_path, {"Calls": calls(0, retry=retry)}, outages=[outage])

    assert run.counts("Calls", Column.ARRIVED, Column.REFUSED) == [3, 2]
    assert run.story("takes") == ["100 takes 1 Desk.1"]


def test_while_the_router_is_down_nothing_is_decided(tmp_path):
    outage = {"kind": "router", "at": "8h1m", "lasts": "10m"}
    run = ran(
        tmp_path,
        {"Calls": calls((0, 100, ""), (10, "", 80), 300)},
        {"Desk": {**DESK, "agents": 1}},
        outages=[outage],
    )

    # All of it falls due at once when it is back: the conversation ends, and the second
    # has lost patience by then.
    assert run.story("ends", "gives up", "comes", "takes")[3:] == [
        "660 gives up 2",
        "660 ends 1 Desk.1",
        "660 comes 3",
        "660 takes 3 Desk.1",
        "720 ends 3 Desk.1",
    ]


@pytest.mark.parametrize("every", ["5m", "1h"])
def test_an_outage_over_the_end_of_an_interval_changes_no_account(tmp_path, every):
    outage = {"kind": "router", "at": "8h58m", "lasts": "4m"}
    run = ran(
        tmp_path,
        {"Calls": calls(HOUR_S - 150, HOUR_S - 60)},
        outages=[outage],
        every=every,
    )

    assert run.story("ends") == [
        f"{HOUR_S + 120} ends 1 Desk.1",
        f"{HOUR_S + 180} ends 2 Desk.1",
    ]
    states = run.record.staff[:-1].sum(axis=(1, 2))
    assert (states == run.record.every_ms).all()
    assert (run.record.staff >= 0).all()


def test_outages_that_overlap_are_over_with_the_last(tmp_path):
    outages = [
        {"kind": "router", "at": "8h1m", "lasts": "10m"},
        {"kind": "router", "at": "8h5m", "lasts": "10m"},
        {"kind": "router", "at": "8h14m", "lasts": "2m"},
    ]
    run = ran(tmp_path, {"Calls": calls(0, 100)}, outages=outages)

    assert run.story("comes") == ["0 comes 1", "960 comes 2"]


def test_who_comes_while_the_router_is_down_at_midnight_is_not_forgotten(tmp_path):
    outage = {"kind": "router", "at": "23h59m", "lasts": "10m", "days": [1]}
    run = ran(
        tmp_path,
        {"Calls": calls(MIDNIGHT_S - 30, MIDNIGHT_S + 30, MIDNIGHT_S + 900)},
        days=2,
        outages=[outage],
    )

    assert run.story("comes") == [
        f"{MIDNIGHT_S + 540} comes 1",
        f"{MIDNIGHT_S + 540} comes 2",
        f"{MIDNIGHT_S + 900} comes 3",
    ]


def test_agents_who_vanish_take_nothing_new_and_finish_what_they_have(tmp_path):
    outage = {"kind": "agents", "at": "8h0m10s", "lasts": "3m"}
    run = ran(tmp_path, {"Calls": calls(0, 20)}, outages=[outage])

    assert run.story("lost", "ends", "connected", "takes")[1:] == [
        "0 takes 1 Desk.1",
        "10 lost Desk.1",
        "60 ends 1 Desk.1",
        "190 connected Desk.1",
        "190 takes 2 Desk.1",
        "250 ends 2 Desk.1",
    ]


def test_agents_who_vanish_for_long_are_signed_out_and_come_again(tmp_path):
    outage = {"kind": "agents", "at": "8h0m10s", "lasts": "20m"}
    run = ran(tmp_path, {"Calls": calls(20)}, outages=[outage])

    assert run.story("home", "at work")[1:] == [
        "310 home Desk.1",
        "1210 at work Desk.1",
    ]
    assert run.story("takes") == ["1210 takes 1 Desk.1"]


def test_an_offer_that_rings_at_a_vanished_agent_goes_to_another(tmp_path):
    outage = {"kind": "agents", "at": "8h0m2s", "lasts": "3m", "staff": "Desk"}
    staff = {
        "Desk": {**DESK, "answer_delay": "5s"},
        "Other": {**DESK, "answer_delay": "5s"},
    }
    run = ran(tmp_path, {"Calls": calls(0)}, staff, outages=[outage])

    assert run.story("offered", "revoked", "takes") == [
        "0 offered 1 Desk.1",
        "2 revoked 1 Desk.1",
        "2 offered 1 Other.1",
        "7 takes 1 Other.1",
    ]


# ------------------------------------------------------------------ stopping


def test_a_run_that_is_stopped_says_so_and_keeps_what_it_has(tmp_path):
    plan = planned(tmp_path, {"Calls": calls(0, 60, 30_000)}, {"Desk": DESK})
    heard = []

    record = run_once(plan, 1, 0, heard.append, lambda: len(heard) == 9)

    assert not record.complete
    assert heard == [pytest.approx((k + 1) / 24) for k in range(9)]
    assert record.streams[:, 0, Column.ARRIVED].sum() == 2
    assert record.staff[9:].sum() == 0


def test_a_run_that_is_not_stopped_is_complete_and_tells_how_far_it_is(tmp_path):
    plan = planned(tmp_path, {"Calls": calls(0)}, {"Desk": DESK}, days=2)
    heard = []

    record = run_once(plan, 1, 0, heard.append, lambda: False)

    assert record.complete
    assert heard[-1] == 1
    assert heard == sorted(heard)


def test_a_plan_serves_many_runs(tmp_path):
    demand = {
        "Calls": calls(*range(0, 600, 7), patience={"exponential": "30s"}),
        "Then": follows(),
    }
    plan = planned(tmp_path, demand, {"Desk": {**DESK, "agents": 2}})

    first = told(plan).story()
    told(plan, seed=2)
    assert told(plan).story() == first


def test_agents_of_the_roster_are_staff_too(tmp_path):
    by = policy(agents=[{"id": "ayse", "skills": {"a": 2}}])
    run = ran(tmp_path, {"Calls": calls(0)}, {"Desk": {"roster": "ayse"}}, by=by)

    assert run.story("takes") == ["0 takes 1 ayse"]
    assert run.record.staff[:, 0, AgentState.BUSY].sum() == 60_000
