"""What happens during and after service: several at once, set aside, passed on, owned.
Worked out by hand.
"""

import pytest

from simulator.records import Area, Column
from tests.simulator.tiny import DESK, calls, chats, emails, follows, policy, ran

SLOW = [{"channels": ["chat"], "factors": [1.0, 1.5, 2.0]}]
BOTH = {"a": 3, "b": 3}


# ------------------------------------------------------------------ several at once


def test_each_of_several_goes_slower_from_the_change_on(tmp_path):
    run = ran(tmp_path, {"Chats": chats((0, 100, ""), (50, 100, ""))}, slow_down=SLOW)

    # The first has 50 s left when the second comes: together each takes half as long
    # again, so the first ends at 125; the second has had 75 / 1.5 = 50 by then.
    assert run.story("ends") == ["125 ends 1 Desk.1", "175 ends 2 Desk.1"]
    assert run.area_s("Chats", Area.SERVING) == 250


def test_three_at_once_go_at_the_pace_of_three(tmp_path):
    run = ran(tmp_path, {"Chats": chats(*[(0, 60, "")] * 3)}, slow_down=SLOW)

    assert [line.split()[0] for line in run.story("ends")] == ["120"] * 3


def test_the_last_factor_stands_for_more(tmp_path):
    slow = [{"channels": ["chat"], "factors": [1.0, 2.0]}]
    run = ran(tmp_path, {"Chats": chats(*[(0, 60, "")] * 3)}, slow_down=slow)

    assert [line.split()[0] for line in run.story("ends")] == ["120"] * 3


def test_wrapping_up_slows_nobody_down(tmp_path):
    by = policy(First={"wrap_up": "30s"})
    run = ran(
        tmp_path, {"Chats": chats((0, 30, ""), (0, 100, ""))}, slow_down=SLOW, by=by
    )

    # 30 s of each take 45; the second has 70 left and nobody beside it.
    assert run.story("ends") == ["45 ends 1 Desk.1", "115 ends 2 Desk.1"]


def test_agents_are_slowed_by_their_own_work_only(tmp_path):
    run = ran(
        tmp_path,
        {"Chats": chats((0, 60, ""), (0, 60, ""))},
        {"Desk": {**DESK, "agents": 2}},
        slow_down=SLOW,
    )

    assert [line.split()[0] for line in run.story("ends")] == ["60", "60"]


# ------------------------------------------------------------------ set aside


def test_an_e_mail_is_set_aside_for_a_call_and_goes_on_with_what_is_left(tmp_path):
    demand = {"Mails": emails((0, 100, "")), "Calls": calls((30, 60, ""))}
    run = ran(tmp_path, demand)

    assert run.story("takes", "set aside", "resumed", "ends") == [
        "0 takes 1 Desk.1",
        "30 set aside 1 Desk.1",
        "30 takes 2 Desk.1",
        "90 ends 2 Desk.1",
        "90 resumed 1 Desk.1",
        "160 ends 1 Desk.1",
    ]
    assert run.count("Mails", Column.TALK_MS) == 160_000


def test_an_e_mail_set_aside_slows_nobody_and_is_slowed_by_nobody(tmp_path):
    slow = [{"channels": ["email"], "factors": [1.0, 2.0, 3.0]}]
    demand = {
        "Mails": emails((0, 60, ""), (0, 60, "")),
        "Calls": calls((20, 100, "")),
    }
    run = ran(tmp_path, demand, slow_down=slow)

    # Two at half pace have 50 s each left at 20; from 120 on they take 100 more.
    assert run.story("set aside", "resumed", "ends") == [
        "20 set aside 2 Desk.1",
        "20 set aside 1 Desk.1",
        "120 ends 3 Desk.1",
        "120 resumed 1 Desk.1",
        "120 resumed 2 Desk.1",
        "220 ends 2 Desk.1",
        "220 ends 1 Desk.1",
    ]


# ------------------------------------------------------------------ passed on


def then(kind, to="Then", probability=1.0, **more):
    """What follows."""
    return [{"kind": kind, "to": to, "probability": probability, **more}]


def test_a_transfer_is_another_wait_of_the_same_interaction(tmp_path):
    demand = {
        "Calls": calls(0, then=then("transfer")),
        "Others": calls((50, 100, ""), queue="Second"),
        "Then": follows(queue="Second", handle="5s"),
    }
    staff = {"Desk": DESK, "Expert": {"agents": 1, "skills": {"b": 1}}}
    run = ran(tmp_path, demand, staff)

    assert run.story("takes", "transferred", "ends") == [
        "0 takes 1 Desk.1",
        "50 takes 2 Expert.1",
        "60 transferred 1 Desk.1",
        "150 ends 2 Expert.1",
        "150 takes 1 Expert.1",
        "155 ends 1 Expert.1",
    ]
    counted = Column.ARRIVED, Column.ANSWERED, Column.TRANSFERRED, Column.FINISHED
    assert run.counts("Calls", *counted) == [1, 1, 1, 1]
    assert run.counts("Then", *counted) == [0, 0, 0, 1]
    further = Column.WAITS_ENDED, Column.FURTHER_WAIT_MS, Column.FURTHER_WAITED
    assert run.counts("Then", *further) == [1, 90_000, 1]
    assert run.area_s("Then", Area.WAITING) == 90


def test_a_trunk_is_held_through_a_transfer(tmp_path):
    demand = {
        "Calls": calls(0, then=then("transfer")),
        "Then": follows(queue="Second"),
        "Late": calls(70, 130),
    }
    staff = {"Desk": DESK, "Expert": {"agents": 1, "skills": {"b": 1}}}
    run = ran(tmp_path, demand, staff, lines=1)

    assert run.count("Late", Column.REFUSED) == 1


def test_a_transfer_into_a_full_queue_ends_where_it_is(tmp_path):
    demand = {
        "Calls": calls(0, then=then("transfer")),
        "Others": calls((1, 900, ""), (2, 9, ""), queue="Second"),
        "Then": follows(queue="Second"),
    }
    staff = {"Desk": DESK, "Expert": {"agents": 1, "skills": {"b": 1}}}
    run = ran(tmp_path, demand, staff, by=policy(Second={"limit": 1}))

    assert run.story("transferred") == []
    assert run.counts("Calls", Column.TRANSFERRED, Column.FINISHED) == [0, 1]


def test_a_handoff_is_an_arrival_of_its_own_and_goes_to_who_knows_the_matter(tmp_path):
    demand = {
        "Chats": chats(100, then=then("handoff")),
        "Then": follows(handle="30s"),
    }
    staff = {"Desk": {**DESK, "agents": 3}}
    run = ran(tmp_path, demand, staff)

    agent = run.story("takes")[0].split()[-1]
    assert run.story("takes", "handed off") == [
        f"100 takes 1 {agent}",
        f"160 handed off 1 {agent}",
        f"160 takes 2 {agent}",
    ]
    assert run.counts("Chats", Column.HANDED_OFF, Column.FINISHED) == [1, 1]
    counted = Column.ARRIVED, Column.FOLLOWED, Column.ANSWERED, Column.TO_OWNER
    assert run.counts("Then", *counted) == [1, 1, 1, 1]


def test_a_handoff_for_which_there_is_no_room_is_refused_there(tmp_path):
    demand = {
        "Chats": chats(0, then=then("handoff")),
        "Others": calls((1, 900, ""), (2, 9, ""), queue="Second"),
        "Then": follows(queue="Second"),
    }
    staff = {"Desk": DESK, "Expert": {"agents": 1, "skills": {"b": 1}}}
    run = ran(tmp_path, demand, staff, by=policy(Second={"limit": 1}))

    assert run.counts("Then", Column.ARRIVED, Column.REFUSED) == [1, 1]
    assert run.counts("Chats", Column.HANDED_OFF, Column.FINISHED) == [0, 1]


def test_a_repeat_comes_later_and_after_service_only(tmp_path):
    demand = {
        "Calls": calls(0, (1, "", 5), then=then("repeat", delay="1h")),
        "Then": follows(),
    }
    run = ran(tmp_path, demand)

    assert run.story("comes")[2:] == ["3660 comes 3"]
    assert run.counts("Then", Column.ARRIVED, Column.FOLLOWED) == [1, 1]


def test_at_most_one_of_several_things_follows(tmp_path):
    demand = {
        "Chats": chats(
            *range(0, 3_000, 30),
            handle="5s",
            then=then("handoff", "A", 0.3) + then("repeat", "B", 0.5),
        ),
        "A": follows(handle="1s"),
        "B": follows(handle="1s"),
    }
    run = ran(tmp_path, demand)

    handed, repeated = run.count("A", Column.ARRIVED), run.count("B", Column.ARRIVED)
    assert 15 <= handed <= 45
    assert 35 <= repeated <= 65
    assert run.count("Chats", Column.ANSWERED) == 100


def test_a_bot_deflects_what_it_does_not_pass_on(tmp_path):
    demand = {
        "Chats": chats(
            *range(0, 6_000, 60), then=then("handoff", "Then", 0.4, by="Bot")
        ),
        "Then": follows(queue="Second"),
    }
    staff = {
        "Bot": {"agents": 1, "skills": {"a": 3}, "kind": "bot"},
        "Expert": {"agents": 9, "skills": {"b": 1}},
    }
    run = ran(tmp_path, demand, staff)

    deflected, passed = run.counts("Chats", Column.DEFLECTED, Column.HANDED_OFF)
    assert deflected + passed == 100
    assert 25 <= passed <= 55
    assert run.count("Then", Column.ANSWERED) == passed
    assert run.count("Then", Column.DEFLECTED) == 0


def test_what_people_finish_is_no_deflection_and_is_passed_on_by_nobody(tmp_path):
    demand = {
        "Chats": chats(0, then=then("handoff", "Then", 1.0, by="Bot")),
        "Then": follows(),
    }
    staff = {
        "Desk": DESK,
        "Bot": {"agents": 1, "skills": {"b": 3}, "kind": "bot"},
    }
    run = ran(tmp_path, demand, staff)

    assert run.counts("Chats", Column.DEFLECTED, Column.HANDED_OFF) == [0, 0]


def test_a_bot_whose_handoff_finds_no_room_has_deflected_nothing(tmp_path):
    demand = {
        "Chats": chats(0, then=then("handoff")),
        "Others": calls((1, 900, ""), (2, 9, ""), queue="Second"),
        "Then": follows(queue="Second"),
    }
    staff = {
        "Bot": {"agents": 1, "skills": {"a": 1}, "kind": "bot"},
        "Expert": {"agents": 1, "skills": {"b": 1}},
    }
    run = ran(tmp_path, demand, staff, by=policy(Second={"limit": 1}))

    assert run.count("Chats", Column.DEFLECTED) == 0


# ------------------------------------------------------------------ owners, customers


@pytest.mark.parametrize(("hold", "agent"), [("0s", "Other.1"), ("60s", "Desk.1")])
def test_who_is_held_back_waits_for_the_owner(tmp_path, hold, agent):
    demand = {
        "Busy": calls((0, 40, ""), needs={"all_of": {"b": 3}}),
        "Owned": calls(10, ownership={"share": 1.0, "hold": hold, "by": "Desk"}),
    }
    staff = {
        "Desk": {"agents": 1, "skills": BOTH},
        "Other": {"agents": 1, "skills": {"a": 3}},
    }
    run = ran(tmp_path, demand, staff)

    assert run.story("takes")[1].split()[-1] == agent
    assert run.counts("Owned", Column.OWNED, Column.TO_OWNER) == [
        1,
        1 if agent == "Desk.1" else 0,
    ]


def test_an_owner_who_takes_too_long_is_waited_for_no_longer_than_said(tmp_path):
    demand = {
        "Busy": calls((0, 400, ""), needs={"all_of": {"b": 3}}),
        "Owned": calls(10, ownership={"share": 1.0, "hold": "30s", "by": "Desk"}),
    }
    staff = {
        "Desk": {"agents": 1, "skills": BOTH},
        "Other": {"agents": 1, "skills": {"a": 3}},
    }
    run = ran(tmp_path, demand, staff)

    assert run.story("takes")[1] == "40 takes 2 Other.1"


def test_a_share_of_the_arrivals_has_owners_and_every_agent_owns_some(tmp_path):
    demand = {
        "Calls": calls(*range(0, 20_000, 20), handle="1s", ownership={"share": 0.5})
    }
    run = ran(tmp_path, demand, {"Desk": {**DESK, "agents": 4}})

    assert 430 <= run.count("Calls", Column.OWNED) <= 570
    # Everybody is free, so every owner gets theirs.
    assert run.count("Calls", Column.TO_OWNER) == run.count("Calls", Column.OWNED)
    takers = {line.split()[-1] for line in run.story("takes")}
    assert len(takers) == 4


def test_a_customer_who_comes_again_has_the_last_agent_as_owner(tmp_path):
    demand = {"Calls": calls(0, 1_000, 2_000, 3_000, customers=1)}
    run = ran(tmp_path, demand, {"Desk": {**DESK, "agents": 5}})

    assert len({line.split()[-1] for line in run.story("takes")}) == 1
    assert run.counts("Calls", Column.OWNED, Column.TO_OWNER) == [3, 3]


def test_new_customers_have_no_owner(tmp_path):
    run = ran(tmp_path, {"Calls": calls(0, 1_000, 2_000)})

    assert run.count("Calls", Column.OWNED) == 0


# ------------------------------------------------------------------ how long it takes


def test_wrap_up_is_drawn_and_never_longer_than_the_policy_allows(tmp_path):
    by = policy(First={"wrap_up": "10s", "wrap_up_max": "45s"})
    demand = {
        "Short": calls(0, wrap_up="7s"),
        "Long": calls(1_000, wrap_up={"mixture": [{"share": 1.0, "time": "60s"}]}),
        "Usual": calls(2_000),
        "None": calls(3_000, wrap_up="0s"),
    }
    demand["Long"]["wrap_up"] = {"uniform": {"low": "1s", "high": "80s"}}
    run = ran(tmp_path, demand, by=by)

    assert run.count("Short", Column.WRAP_UP_MS) == 7_000
    assert 1_000 <= run.count("Long", Column.WRAP_UP_MS) <= 45_000
    assert run.count("Usual", Column.WRAP_UP_MS) == 10_000
    assert run.count("None", Column.WRAP_UP_MS) == 0
    assert run.area_s("Usual", Area.WRAPPING) == 10


def test_handle_times_depend_on_who_serves_and_on_how_quick_they_are(tmp_path):
    demand = {
        "Calls": calls(0, handle_by={"Slow": "90s"}),
        "Others": calls(0, queue="Second"),
    }
    staff = {
        "Slow": {"agents": 1, "skills": {"a": 1}},
        "Quick": {"agents": 1, "skills": {"b": 1}, "handle_factor": 0.5},
    }
    run = ran(tmp_path, demand, staff)

    assert run.count("Calls", Column.TALK_MS) == 90_000
    assert run.count("Others", Column.TALK_MS) == 30_000


def test_a_time_beyond_all_bounds_never_ends(tmp_path):
    forever = {"weibull": {"scale": "365d", "shape": 0.001}}
    demand = {"Calls": calls(*range(0, 60, 10), handle=forever)}
    staff = {"Desk": {**DESK, "agents": 6, "handle_factor": 1e6}}
    run = ran(tmp_path, demand, staff, ends="at_midnight")

    # Half of them are next to nothing; the others must not wrap round to the past.
    ends = [float(line.split()[0]) for line in run.story("ends")]
    assert len(ends) < 6
    assert all(0 <= at < 16 * 3_600 for at in ends)
    assert run.area_s("Calls", Area.SERVING) > 50_000
