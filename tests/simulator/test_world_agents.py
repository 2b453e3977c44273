"""Agents as people: slow to answer, away, at a break, going home. Worked out by hand."""

import pytest

from router.measures.shapes import AgentState
from simulator.records import Area, Column
from tests.simulator.tiny import DESK, calls, chats, policy, ran

HOUR_S = 3_600


def levels(*counts, **more):
    """A staffing curve from eight o'clock on, by the hour."""
    return {"at_work": {"from": "8h", "every": "1h", "counts": list(counts), **more}}


def shift(begins="8h", until="9h", **more):
    """One shift."""
    return {"from": begins, "until": until, **more}


def state_s(run, staff, state):
    """How long the agents of an entry were in a state, in seconds."""
    k = run.plan.layout.staff.index(staff)
    return int(run.record.staff[:, k, state].sum()) / 1000


# ------------------------------------------------------------------ offers


def test_an_answer_takes_as_long_as_it_takes(tmp_path):
    run = ran(
        tmp_path, {"Calls": calls(0, 10)}, {"Desk": {**DESK, "answer_delay": "4s"}}
    )

    assert run.story("offered", "takes") == [
        "0 offered 1 Desk.1",
        "4 takes 1 Desk.1",
        "64 offered 2 Desk.1",
        "68 takes 2 Desk.1",
    ]
    assert run.count("Calls", Column.ANSWERED_WAIT_MS) == 4_000 + 58_000
    assert state_s(run, "Desk", AgentState.OFFERED) == 8


def test_an_offer_that_nobody_answers_sends_the_agent_away_for_a_while(tmp_path):
    staff = {"Desk": {**DESK, "misses": {"share": 1.0, "back_after": "100s"}}}
    run = ran(tmp_path, {"Calls": calls(0, patience="200s")}, staff)

    # The pair rests for half a minute and the agent is away for longer than that.
    assert run.story() == [
        "-28800 at work Desk.1",
        "0 comes 1",
        "0 offered 1 Desk.1",
        "20 missed 1 Desk.1",
        "20 away, missed Desk.1",
        "120 back Desk.1",
        "120 offered 1 Desk.1",
        "140 missed 1 Desk.1",
        "140 away, missed Desk.1",
        "200 gives up 1",
        "240 back Desk.1",
    ]
    assert state_s(run, "Desk", AgentState.AWAY) == 200


def test_a_missed_offer_keeps_the_agent_a_minute_unless_something_is_said(tmp_path):
    staff = {"Desk": {**DESK, "misses": {"share": 1.0}}}
    run = ran(tmp_path, {"Calls": calls(0, patience="50s")}, staff)

    assert "80 back Desk.1" in run.story()


def test_offers_run_out_and_end_in_a_dead_letter(tmp_path):
    by = policy(First={"attempts_max": 2, "missed_offer": "keep", "cool_down": "0s"})
    staff = {"Desk": {**DESK, "misses": {"share": 1.0}}}
    run = ran(tmp_path, {"Calls": calls(0)}, staff, by=by)

    assert run.story("missed", "dead letter", "away, missed") == [
        "20 missed 1 Desk.1",
        "40 missed 1 Desk.1",
        "40 dead letter 1",
    ]
    assert run.count("Calls", Column.DEAD_LETTERED) == 1


def test_an_answer_that_comes_too_late_is_a_missed_offer(tmp_path):
    staff = {"Desk": {**DESK, "answer_delay": "20s"}}
    run = ran(tmp_path, {"Calls": calls(0, patience="60s")}, staff)

    assert run.story("takes") == []
    assert "20 missed 1 Desk.1" in run.story()


def test_a_declined_offer_goes_to_the_next_and_the_pair_rests(tmp_path):
    staff = {
        "Choosy": {**DESK, "declines": 1.0},
        "Desk": DESK,
    }
    run = ran(tmp_path, {"Calls": calls(0)}, staff)

    assert run.story("declined", "takes") == [
        "0 declined 1 Choosy.1",
        "0 takes 1 Desk.1",
    ]
    assert run.count("Calls", Column.WAITED) == 0


def test_who_gives_up_while_it_rings_leaves_the_agent_free(tmp_path):
    staff = {"Desk": {**DESK, "answer_delay": "15s"}}
    run = ran(tmp_path, {"Calls": calls((0, "", 10), 12)}, staff)

    assert run.story("gives up", "takes") == ["10 gives up 1", "27 takes 2 Desk.1"]


# ------------------------------------------------------------------ away


def test_not_ready_after_an_interaction_is_so_long_and_comes_first(tmp_path):
    staff = {"Desk": {**DESK, "not_ready": {"probability": 1.0, "lasts": "25s"}}}
    run = ran(tmp_path, {"Calls": calls(0, 10)}, staff)

    assert run.story("takes", "ends", "away", "back") == [
        "0 takes 1 Desk.1",
        "60 ends 1 Desk.1",
        "60 away Desk.1",
        "85 back Desk.1",
        "85 takes 2 Desk.1",
        "145 ends 2 Desk.1",
        "145 away Desk.1",
        "170 back Desk.1",
    ]


def test_a_break_waits_for_the_conversation_and_lasts_in_full(tmp_path):
    pause = {"after": "30s", "lasts": "5m"}
    staff = {"Desk": {**DESK, "shifts": [shift(breaks=[pause])]}}
    run = ran(tmp_path, {"Calls": calls(0, 10)}, staff)

    assert run.story("takes", "away", "back") == [
        "0 takes 1 Desk.1",
        "60 away Desk.1",
        "360 back Desk.1",
        "360 takes 2 Desk.1",
    ]


def test_a_break_is_not_shortened_by_being_not_ready(tmp_path):
    staff = {
        "Desk": {
            **DESK,
            "shifts": [shift(breaks=[{"after": "30s", "lasts": "5m"}])],
            "not_ready": {"probability": 1.0, "lasts": "5s"},
        }
    }
    run = ran(tmp_path, {"Calls": calls(0)}, staff)

    assert run.story("away", "back") == ["60 away Desk.1", "360 back Desk.1"]


def test_a_break_does_not_call_back_who_is_away_for_longer(tmp_path):
    staff = {
        "Desk": {
            **DESK,
            "shifts": [shift(breaks=[{"after": "70s", "lasts": "5s"}])],
            "not_ready": {"probability": 1.0, "lasts": "5m"},
        }
    }
    run = ran(tmp_path, {"Calls": calls(0)}, staff)

    assert run.story("away", "back") == ["60 away Desk.1", "360 back Desk.1"]


def test_breaks_are_spread_over_the_agents(tmp_path):
    pause = {"after": "10m", "lasts": "1m", "spread": "20m"}
    staff = {"Desk": {**DESK, "agents": 4, "shifts": [shift(breaks=[pause])]}}
    run = ran(tmp_path, {"Calls": calls(1)}, staff)

    assert [line.split()[0] for line in run.story("away")] == [
        "600",
        "900",
        "1200",
        "1500",
    ]


# ------------------------------------------------------------------ shifts


def test_who_talks_when_the_shift_ends_finishes_and_takes_nothing_more(tmp_path):
    staff = {"Desk": {**DESK, "shifts": [shift()]}}
    by = policy(First={"wrap_up": "10s"})
    run = ran(
        tmp_path,
        {"Calls": calls(HOUR_S - 5, HOUR_S - 4, patience="10m")},
        staff,
        by=by,
    )

    assert run.story("takes", "home", "wrapped up", "gives up") == [
        f"{HOUR_S - 5} takes 1 Desk.1",
        f"{HOUR_S + 65} wrapped up 1 Desk.1",
        f"{HOUR_S + 65} home Desk.1",
        f"{HOUR_S + 596} gives up 2",
    ]
    assert state_s(run, "Desk", AgentState.OFFLINE) > 22 * HOUR_S


def test_who_works_two_shifts_in_a_row_stays(tmp_path):
    staff = {"Desk": {**DESK, "shifts": [shift(), shift("9h", "10h")]}}
    run = ran(tmp_path, {"Calls": calls(1)}, staff)

    assert run.story("at work", "home") == ["0 at work Desk.1", "7200 home Desk.1"]


# ------------------------------------------------------------------ levels


def test_when_fewer_are_wanted_who_is_idle_goes_first(tmp_path):
    staff = {"Desk": {**DESK, "agents": 3, **levels(3, 2)}}
    run = ran(tmp_path, {"Calls": calls((HOUR_S - 10, 90, ""))}, staff)

    takes = run.story("takes")[0].split()[-1]
    homes = [line.split() for line in run.story("home")]
    assert len(homes) == 3
    assert homes[0][0] == str(HOUR_S)
    assert homes[0][-1] != takes


def test_when_all_are_busy_whoever_is_done_first_goes(tmp_path):
    staff = {"Desk": {**DESK, "agents": 2, **levels(2, 1, 1)}}
    run = ran(
        tmp_path,
        {"Calls": calls((HOUR_S - 20, 100, ""), (HOUR_S - 10, 30, ""), HOUR_S)},
        staff,
    )

    first, second, third = (line.split()[-1] for line in run.story("takes"))
    assert run.story("home")[0] == f"{HOUR_S + 20} home {second}"
    assert run.story("takes")[2] == f"{HOUR_S + 80} takes 3 {first}"
    assert third == first


def test_who_is_wrapping_up_when_fewer_are_wanted_takes_nothing_more(tmp_path):
    staff = {"Desk": {**DESK, **levels(1, 0)}}
    by = policy(First={"wrap_up": "30s"})
    run = ran(
        tmp_path,
        {"Calls": calls(HOUR_S - 70, HOUR_S - 60, patience="10m")},
        staff,
        by=by,
    )

    assert run.story("takes", "home", "gives up") == [
        f"{HOUR_S - 70} takes 1 Desk.1",
        f"{HOUR_S + 20} home Desk.1",
        f"{HOUR_S + 540} gives up 2",
    ]


def test_who_is_still_finishing_stays_when_more_are_wanted_again(tmp_path):
    staff = {"Desk": {**DESK, "agents": 2, **levels(2, 1, 2)}}
    both_busy = calls((HOUR_S - 2, 2 * HOUR_S, ""), (HOUR_S - 1, 2 * HOUR_S, ""))
    run = ran(tmp_path, {"Calls": both_busy}, staff)

    assert len(run.story("at work")) == 2
    # At the end of the curve, and not when their conversations end just before.
    assert [line.split()[0] for line in run.story("home")] == [str(3 * HOUR_S)] * 2


def test_the_last_of_the_day_stay_until_nobody_waits(tmp_path):
    staff = {"Desk": {**DESK, **levels(1, stay_until_empty=True)}}
    run = ran(tmp_path, {"Calls": calls(HOUR_S - 30, HOUR_S - 20, HOUR_S - 10)}, staff)

    # The third is taken at an hour and a half minute: nobody waits any more then, and
    # whoever talks finishes.
    assert run.story("takes", "home") == [
        f"{HOUR_S - 30} takes 1 Desk.1",
        f"{HOUR_S + 30} takes 2 Desk.1",
        f"{HOUR_S + 90} takes 3 Desk.1",
        f"{HOUR_S + 150} home Desk.1",
    ]


def test_nobody_stays_for_those_whom_others_have_to_serve(tmp_path):
    staff = {
        "Desk": {**DESK, **levels(1, stay_until_empty=True)},
        "Morning": {"agents": 1, "skills": {"b": 1}, "shifts": [shift("7h", "7h30m")]},
    }
    demand = {
        "Calls": calls(10),
        "Others": calls(20, queue="Second", patience="5h"),
    }
    run = ran(tmp_path, demand, staff)

    assert f"{HOUR_S} home Desk.1" in run.story("home")


def test_who_stayed_through_the_night_does_not_go_in_the_morning(tmp_path):
    day_s = 24 * HOUR_S
    staff = {"Desk": {**DESK, **levels(1, 1, stay_until_empty=True)}}
    demand = {
        "Calls": calls(
            (2 * HOUR_S - 30, day_s - 2 * HOUR_S + 90, ""),
            (2 * HOUR_S - 20, 60, ""),
            day_s + 300,
        )
    }
    run = ran(tmp_path, demand, staff, days=2, by=policy(First={"max_wait": "3d"}))

    # The second is served a minute after eight in the morning, and nobody waits then; the
    # third finds the agent there.
    assert run.story("takes")[1] == f"{day_s + 60} takes 2 Desk.1"
    assert run.story("takes")[-1] == f"{day_s + 300} takes 3 Desk.1"
    assert run.story("home") == [f"{day_s + 2 * HOUR_S} home Desk.1"]


def test_a_level_of_thousands_comes_and_goes_at_once(tmp_path):
    # More is stated of it than the outbox holds.
    staff = {"Desk": {**DESK, "agents": 9_000, **levels(9_000, 0, 9_000, 0)}}
    run = ran(tmp_path, {"Calls": calls(1)}, staff)

    assert len(run.story("at work")) == len(run.story("home")) == 18_000
    assert state_s(run, "Desk", AgentState.AVAILABLE) == 2 * 9_000 * HOUR_S - 60


def test_thousands_who_wait_are_offered_to_thousands_who_come(tmp_path):
    # Three each: more answers fall due at one instant than the outbox holds.
    staff = {"Desk": {**DESK, "agents": 6_000, **levels(0, 6_000)}}
    run = ran(
        tmp_path,
        {"Chats": chats(*[1] * 18_000)},
        staff,
        by=policy(First={"limit": 50_000}),
    )

    assert run.count("Chats", Column.ANSWERED) == 18_000
    assert {line.split()[0] for line in run.story("takes")} == {str(HOUR_S)}


@pytest.mark.parametrize("waiting", [3, 20_000])
def test_whoever_still_waits_when_nobody_works_any_more_is_sent_away(tmp_path, waiting):
    staff = {"Desk": {**DESK, "shifts": [shift()]}}
    run = ran(
        tmp_path,
        {"Calls": calls(HOUR_S - 30, *[HOUR_S - 20] * waiting, HOUR_S + 600)},
        staff,
        sent_away_at_close=True,
        by=policy(First={"limit": 50_000}),
    )

    # At the very end of the last conversation; and whoever comes later, at once.
    assert run.story("home") == [f"{HOUR_S + 30} home Desk.1"]
    away = [line.split()[0] for line in run.story("sent away")]
    assert away == [str(HOUR_S + 30)] * waiting + [str(HOUR_S + 600)]
    assert run.count("Calls", Column.DEAD_LETTERED) == waiting + 1
    assert run.area_s("Calls", Area.WAITING) == 50 * waiting
