"""Duties of a day: shifts, breaks, levels, absences and outages, as the loop gets them."""

import numpy as np
import pytest

from simulator.demand import DAY_MS
from simulator.scenario.scenario import Scenario
from simulator.scene import BACK, BREAK, COMES, GOES, LEVEL, LOST, STAY
from simulator.staffing import Staffing

NAMES = {
    COMES: "comes", GOES: "goes", BREAK: "break", LEVEL: "level", STAY: "stay",
    LOST: "lost", BACK: "back",
}  # fmt: skip
HOUR_MS = 3_600_000


def staffing(staff, seed=1, replication=0, **head):
    """The staffing of a scenario; the agents of each entry stand behind those before."""
    scenario = Scenario.model_validate(
        {
            "scenario": "s",
            "policy": "p",
            "demand": {"D": {"queue": "Q", "channel": "voice", "handle": "1s"}},
            "staff": staff,
            **head,
        }
    )
    first, firsts = 0, []
    for entry in scenario.staff.values():
        firsts.append(first)
        first += entry.agents
    return Staffing(scenario, firsts, seed, replication)


def duties(staff, day=0, **head):
    """A day's duties: (hour of the day, what, subject, value)."""
    found = staffing(staff, **head)
    origin = found._days.origin_ms
    return [
        (
            (int(row["at"]) - origin - day * DAY_MS) / HOUR_MS,
            NAMES[int(row["kind"])],
            int(row["subject"]),
            int(row["value"]),
        )
        for row in found.day(day)
    ]


def shift(begins, until, **more):
    return {"from": begins, "until": until, **more}


# ------------------------------------------------------------------ around the clock


def test_without_shifts_everybody_comes_once_and_stays():
    staff = {"A": {"agents": 2}, "B": {"agents": 1}}

    assert duties(staff, days=3) == [(0, "comes", k, 0) for k in range(3)]
    assert duties(staff, day=1, days=3) == []


def test_shrinkage_takes_whole_agents_and_never_by_chance():
    staff = {"A": {"agents": 10, "shrinkage": 0.25}}

    assert len(duties(staff)) == len(duties(staff, seed=2)) == 8


def test_absence_is_drawn_day_by_day_and_whoever_is_back_comes_again():
    staff = {"A": {"agents": 200, "absent": 0.3}}
    found = staffing(staff, days=10)
    present = np.zeros(200, bool)
    counts = []
    for day in range(10):
        for row in found.day(day):
            assert present[row["subject"]] == (row["kind"] == GOES)
            present[row["subject"]] = row["kind"] == COMES
        counts.append(int(present.sum()))

    assert np.mean(counts) == pytest.approx(140, abs=8)
    assert len(set(counts)) > 1


def test_absence_is_the_same_for_the_same_seed_and_agents():
    def absentees(agents, **numbers):
        found = staffing({"A": {"agents": agents, "absent": 0.5}}, **numbers).day(0)
        return {int(row["subject"]) for row in found}

    few, more = absentees(50), absentees(51)
    assert more - {50} == few
    assert absentees(50, seed=2) != few
    assert absentees(50, replication=1) != few


# ------------------------------------------------------------------ shifts


def test_a_shift_is_worked_by_as_many_as_it_says_one_after_the_other():
    staff = {
        "A": {
            "agents": 5,
            "shifts": [shift("8h", "16h", agents=2), shift("12h", "20h", agents=3)],
        }
    }

    assert duties(staff) == [
        (8, "comes", 0, 0),
        (8, "comes", 1, 0),
        (12, "comes", 2, 0),
        (12, "comes", 3, 0),
        (12, "comes", 4, 0),
        (16, "goes", 0, 0),
        (16, "goes", 1, 0),
        (20, "goes", 2, 0),
        (20, "goes", 3, 0),
        (20, "goes", 4, 0),
    ]


def test_shifts_have_weekdays():
    staff = {"A": {"shifts": [shift("8h", "9h", days=["tue"])]}}

    assert duties(staff, day=0, days=7) == []
    assert [what for _, what, *_ in duties(staff, day=1, days=7)] == ["comes", "goes"]


def test_shrinkage_and_absence_take_from_every_shift():
    staff = {
        "A": {
            "agents": 100,
            "shrinkage": 0.1,
            "absent": 0.2,
            "shifts": [shift("8h", "16h")],
        }
    }
    found = [
        len([1 for duty in duties(staff, day=day, days=40) if duty[1] == "comes"])
        for day in range(40)
    ]

    assert max(found) <= 90
    assert np.mean(found) == pytest.approx(72, abs=3)


def test_breaks_are_spread_and_end_with_the_shift():
    pauses = [
        {"after": "1h", "lasts": "30m", "spread": "40m"},
        {"after": "7h", "lasts": "1h", "spread": "30m"},
    ]
    staff = {"A": {"agents": 2, "shifts": [shift("8h", "16h", breaks=pauses)]}}
    found = [duty for duty in duties(staff) if duty[1] == "break"]

    assert found == [
        (9, "break", 0, HOUR_MS // 2),
        (pytest.approx(9 + 1 / 3), "break", 1, HOUR_MS // 2),
        (15, "break", 0, HOUR_MS),
        (15.25, "break", 1, HOUR_MS * 3 // 4),
    ]


def test_nobody_works_two_shifts_at_once_while_others_are_free():
    staff = {
        "A": {
            "agents": 4,
            "shifts": [
                shift("8h", "12h", agents=2),
                shift("8h", "10h", agents=2),
                shift("11h", "13h", agents=2),
            ],
        }
    }
    found = duties(staff)

    present = np.zeros(24, int)
    for hour, what, *_ in found:
        present[int(hour) :] += 1 if what == "comes" else -1
    assert present[8:14].tolist() == [4, 4, 2, 4, 2, 0]


def test_shifts_of_one_agent_that_touch_are_one():
    staff = {
        "A": {
            "shifts": [
                shift("8h", "12h"),
                shift("12h", "13h"),
                shift("15h", "24h"),
            ]
        }
    }

    assert duties(staff) == [
        (8, "comes", 0, 0),
        (13, "goes", 0, 0),
        (15, "comes", 0, 0),
        (24, "goes", 0, 0),
    ]


# ------------------------------------------------------------------ levels


def levels(*counts, begins="8h", **more):
    return {"at_work": {"from": begins, "every": "1h", "counts": list(counts), **more}}


def test_a_curve_is_a_level_for_each_interval_and_nobody_after():
    staff = {"A": {"agents": 5, **levels(3, 5, 2)}}

    assert duties(staff) == [
        (8, "level", 0, 3),
        (9, "level", 0, 5),
        (10, "level", 0, 2),
        (11, "level", 0, 0),
    ]


def test_those_of_the_last_interval_may_stay():
    staff = {"A": {"agents": 5, **levels(3, stay_until_empty=True)}}

    assert duties(staff)[-1] == (9, "stay", 0, 0)


def test_a_curve_around_the_clock_goes_on_from_day_to_day():
    staff = {"A": {"agents": 5, **levels(*[3] * 24, begins="0h")}}

    assert [what for _, what, *_ in duties(staff, days=2)] == ["level"] * 24


def test_who_is_absent_is_missing_from_the_scheduled_and_not_from_the_whole_entry():
    # Ten of a hundred are scheduled: a fifth of them is absent, and not a fifth of all.
    staff = {"A": {"agents": 100, "absent": 0.2, "shrinkage": 0.2, **levels(10)}}
    wanted = [duties(staff, day=day, days=300)[0][3] for day in range(300)]

    assert np.mean(wanted) == pytest.approx(8 * 0.8, abs=0.35)
    assert 0 <= min(wanted) <= max(wanted) <= 8


# ------------------------------------------------------------------ order, outages


def test_at_one_instant_who_goes_goes_before_who_comes():
    staff = {
        "A": {"shifts": [shift("8h", "12h")]},
        "B": {"shifts": [shift("12h", "13h")]},
    }

    assert [duty[1:3] for duty in duties(staff) if duty[0] == 12] == [
        ("goes", 0),
        ("comes", 1),
    ]


def test_an_outage_takes_a_share_of_the_staff_it_names():
    outage = {
        "kind": "agents",
        "at": "10h",
        "lasts": "30m",
        "share": 0.5,
        "staff": "B",
        "days": [2],
    }
    staff = {"A": {"agents": 4}, "B": {"agents": 4}}
    found = duties(staff, day=1, days=2, outages=[outage])

    assert found == [
        (10, "lost", 4, 0),
        (10, "lost", 5, 0),
        (10.5, "back", 4, 0),
        (10.5, "back", 5, 0),
    ]
    assert all(duty[1] != "lost" for duty in duties(staff, days=2, outages=[outage]))
    assert staffing(staff, days=2, outages=[outage]).may_be_lost() == [False, True]


def test_outages_of_channels_and_of_the_router_are_windows_that_reach_into_the_next_day():
    outages = [
        {"kind": "channel", "channel": "chat", "at": "23h", "lasts": "2h"},
        {"kind": "router", "at": "1h", "lasts": "5m", "days": [1]},
    ]
    found = staffing({"A": {}}, days=2, outages=outages)
    origin = found._days.origin_ms
    first, second = found.outage_windows(0), found.outage_windows(1)

    chat = first[0][0]
    assert chat > 0
    assert (0, origin + HOUR_MS, origin + HOUR_MS + 300_000) in first
    assert (chat, origin + 23 * HOUR_MS, origin + 25 * HOUR_MS) in first
    assert (chat, origin + 23 * HOUR_MS, origin + 25 * HOUR_MS) in second
    assert (chat, origin + 47 * HOUR_MS, origin + 49 * HOUR_MS) in second


def test_newcomers_learn_by_halves():
    learning = {"start": 2.0, "half_life_days": 5.0}
    staff = {
        "New": {"learning": learning, "handle_factor": 1.1},
        "Settled": {"learning": {**learning, "days_before": 5.0}},
        "Old": {},
    }
    found = staffing(staff, days=30)

    assert found.handle_factors(0) == pytest.approx([2.2, 1.5, 1.0])
    assert found.handle_factors(5) == pytest.approx([1.65, 1.25, 1.0])
    assert found.handle_factors(29)[0] == pytest.approx(1.1, abs=0.03)
