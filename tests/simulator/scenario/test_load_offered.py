"""What is offered to whom, and what nobody could bear: reckoned by hand beside it."""

import math

import pytest

from simulator.scenario.bound import bottleneck
from simulator.scenario.load import load_scenario
from simulator.scenario.load_offered import offered_load
from simulator.scenario.warnings import warnings

POLICY = """\
policy: p
skills: [a, b]
channels: {voice: {weight: 3}, chat: {weight: 1, limit: 3}, email: {weight: 1, limit: 3}}
queues:
  A: {needs: {all_of: {a: 1}}, wrap_up: 30s}
  B: {needs: {all_of: {b: 1}}, wrap_up: 0s}
  Mail: {service_level: {within: 4h}, wrap_up: 0s}
"""


def read(demand, staff, more=""):
    text = f"scenario: s\npolicy: p\n{more}\ndemand:\n{demand}\nstaff:\n{staff}"
    return load_scenario(text, POLICY)


def stream(queue, arrivals, *, handle="5m", channel="voice", more=""):
    head = f"  {queue}: {{queue: {queue}, channel: {channel}, arrivals: {arrivals}"
    return f"{head}, handle: {handle}{more}}}\n"


PATIENT = ", patience: {exponential: 5m}"


def test_the_offered_load_is_arrivals_times_handle_time_with_wrap_up():
    demand = stream("A", "{counts: [60, 30], from: 9h}", handle="5m30s")
    queue, whole = offered_load(read(demand, "  S: {agents: 12, skills: {a: 1}}"))

    assert ("A", "") == (queue.name, whole.name)
    assert 360_000 == queue.handle_ms
    assert (90, 120) == (queue.per_hour, queue.per_hour_busiest)
    assert "2026-03-02 09:00-09:30" == str(queue.busiest)
    assert (9, 12) == (queue.erlang, queue.erlang_busiest)
    assert (12, 1) == (queue.agents, queue.occupancy)


def test_a_curve_and_a_burst_count_as_they_are_written():
    demand = stream(
        "B", "{curve: {8h: 0, 10h: 120}, bursts: [{at: 8h15m, count: 40, over: 30m}]}"
    )
    queue, _ = offered_load(read(demand, "  S: {skills: {b: 1}}"))
    # 120 by the triangle and 40 at once, in four half hours.
    assert 80 == pytest.approx(queue.per_hour, rel=1e-3)


def test_who_goes_on_counts_where_they_come_to():
    demand = stream(
        "A", 100, more=", then: [{kind: transfer, to: B, probability: 0.2}]"
    )
    demand += "  B: {queue: B, channel: voice, handle: 5m, then: [{kind: repeat, to: B, probability: 0.5}]}"
    _, b, _ = offered_load(read(demand, "  S: {agents: 20, skills: {a: 1, b: 1}}"))
    assert 40 == pytest.approx(b.per_hour)


def test_shifts_breaks_shrinkage_and_absence_take_agents_away():
    demand = stream("B", "{per_hour: 12, from: 8h, until: 12h}")
    staff = (
        "  S: {agents: 10, skills: {b: 1}, shrinkage: 0.2, absent: 0.1,\n"
        "      shifts: [{from: 8h, until: 11h}, {from: 11h, until: 12h, agents: 5}]}"
    )
    queue, _ = offered_load(read(demand, staff))
    assert (7.2, "08:00") == (pytest.approx(queue.agents), queue.busiest.begins)


def test_an_agent_who_serves_several_at_once_counts_for_as_many_as_slow_down_leaves():
    chats = stream("B", 60, handle="10m", channel="chat")
    slow = "slow_down:\n  - {channels: [chat], factors: [1, 1.2, 1.5]}"
    staff = "  S: {agents: 5, skills: {b: 1}}"
    swift, _ = offered_load(read(chats, staff))
    slowed, _ = offered_load(read(chats, staff, slow))
    # Ten at once: three by three without slow-down, two agents' worth each with it.
    assert (10, 10) == (swift.erlang, slowed.erlang)
    assert 10 / 3 / 5 == pytest.approx(swift.occupancy)
    assert 10 * 1.5 / 3 / 5 == pytest.approx(slowed.occupancy)


def test_the_quicker_staff_are_the_bound():
    demand = stream("B", 60, more=", handle_by: {Quick: 2m}")
    staff = "  Slow: {agents: 1, skills: {b: 1}}\n  Quick: {agents: 1, skills: {b: 1}, handle_factor: 1.5}"
    queue, _ = offered_load(read(demand, staff))
    assert 180_000 == queue.handle_ms


def test_a_queue_without_anybody_at_its_busiest_hour_has_no_occupancy():
    demand = stream("B", "{per_hour: 12, from: 8h, until: 9h}")
    queue, _ = offered_load(
        read(demand, "  S: {skills: {b: 1}, shifts: [{from: 10h, until: 12h}]}")
    )
    assert math.isinf(queue.occupancy)


def test_a_queue_that_grows_without_end_is_told_plainly():
    demand = stream("B", 126)
    (line,) = warnings(read(demand, "  S: {agents: 10, skills: {b: 1}}"))
    assert line == (
        'queue "B": 10.5 Erlang are offered between 00:00 and 00:30 and at most 10 agents '
        "can take them; without abandonment the queue grows without end"
    )


def test_a_busy_hour_is_told_as_one():
    demand = stream("B", "{counts: [63, 10, 10, 10], from: 10h}")
    (line,) = warnings(read(demand, "  S: {agents: 10, skills: {b: 1}}", "days: 2"))
    assert "on 2026-03-02 between 10:00 and 10:30" in line
    assert line.endswith("the queue grows for as long as that lasts")


def test_with_abandonment_it_is_told_how_many_must_give_up():
    (line,) = warnings(
        read(stream("B", 150, more=PATIENT), "  S: {agents: 10, skills: {b: 1}}")
    )
    assert "12.5 Erlang" in line
    assert line.endswith(
        "only those who give up keep it in bounds, at least 20.0% of them"
    )


def test_two_queues_that_share_their_agents_are_held_against_them_together():
    demand = stream("A", "60", handle="4m30s") + stream("B", "60")
    staff = (
        "  Both: {agents: 8, skills: {a: 1, b: 1}}\n  Only: {agents: 1, skills: {b: 1}}"
    )
    (line,) = warnings(read(demand, staff))
    assert line.startswith('queues "A", "B" together: 10.0 Erlang are offered')
    assert "at most 9 agents" in line


def test_what_fits_is_not_warned_of():
    demand = stream("A", "60", handle="4m30s") + stream("B", "60")
    staff = (
        "  Both: {agents: 6, skills: {a: 1, b: 1}}\n  Only: {agents: 5, skills: {b: 1}}"
    )
    assert [] == warnings(read(demand, staff))


def test_mail_may_wait_for_a_quieter_hour_but_not_for_ever():
    staff = "  S: {agents: 1, shifts: [{from: 9h, until: 17h}]}"
    bearable = stream("Mail", 10, handle="5m", channel="email")
    unbearable = stream("Mail", 13, handle="5m", channel="email")
    assert [] == warnings(read(bearable, staff))
    (line,) = warnings(read(unbearable, staff))
    assert "over the whole run" in line
    assert line.endswith("without abandonment the queue grows without end")


def test_arrivals_while_nobody_is_there_are_told():
    demand = stream("B", "{per_hour: 6, from: 7h, until: 12h}", more=PATIENT)
    (line,) = warnings(
        read(
            demand, "  S: {agents: 2, skills: {b: 1}, shifts: [{from: 9h, until: 12h}]}"
        )
    )
    assert (
        'demand "B": 12 arrive while nobody is at work who could take them from queue '
        '"B", first between 07:00 and 07:30'
    ) == line


def test_the_tightest_set_is_found_among_all_sets():
    work = {"a": 4.0, "b": 3.0, "c": 1.0}
    agents = {"x": 5.0, "y": 2.0, "z": 10.0}
    takes = {"a": ("x", "z"), "b": ("y",), "c": ("x", "y", "z")}
    found = bottleneck(work, agents, takes)
    assert (("b",), 1.5) == (found.streams, found.occupancy)
    assert bottleneck(work, agents, takes, least=1.5) is None
    assert bottleneck({"a": 0.0}, agents, takes) is None


def test_the_tightest_set_agrees_with_trying_every_set():
    import itertools
    import random

    for seed in range(60):
        chance = random.Random(seed)
        work = {f"s{i}": chance.random() * 5 for i in range(5)}
        agents = {f"g{j}": chance.randrange(0, 6) for j in range(5)}
        takes = {s: tuple(g for g in agents if chance.random() < 0.4) for s in work}
        taken = [s for s in work if any(agents[g] for g in takes[s])]
        ratios = [
            sum(work[s] for s in chosen)
            / sum(agents[g] for g in {g for s in chosen for g in takes[s]})
            for n in range(1, 6)
            for chosen in itertools.combinations(taken, n)
        ]
        found = bottleneck(work, agents, takes)
        if ratios:
            assert max(ratios) == pytest.approx(found.occupancy)
        else:
            assert found is None
