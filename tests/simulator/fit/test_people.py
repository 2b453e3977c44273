"""Who was at work, who goes first, who comes back: read from made logs."""

import numpy as np
import pytest

from simulator.fit.behaviour import behaviour_of
from simulator.fit.classes import classes_of
from simulator.fit.precedence import precedence_of
from simulator.fit.presence import presence_of
from simulator.fit.skills import without_passed_over
from simulator.fit.staff_writer import joined, rounded, shifts_of
from tests.simulator.fit.logs import made_log, served_in_line

HOUR_S = 3_600


@pytest.fixture(scope="module")
def two_priorities():
    """Four agents with too much to do; every second customer is 90 s ahead."""
    chance = np.random.default_rng(2)
    count = 1_500
    arrivals = np.cumsum(chance.exponential(24, count))
    service = chance.exponential(100, count)
    high = chance.random(count) < 0.5
    wait, who = served_in_line(1, arrivals, service, 4, 90.0 * high)
    return made_log(
        arrivals, wait, np.ones(count, bool), service, agent=who, priority=2 * high
    )


def test_the_head_start_of_a_priority_is_read_from_the_order_of_answers(two_priorities):
    log = two_priorities
    classes = classes_of(log)

    found = precedence_of(log, presence_of(log), classes.of_row, np.zeros(2))

    assert found.head_start_s[1] - found.head_start_s[0] == pytest.approx(90, abs=10)
    assert found.against < 0.03
    assert found.against_without > 0.2


def test_without_a_head_start_none_is_found():
    chance = np.random.default_rng(4)
    arrivals = np.cumsum(chance.exponential(24, 1_200))
    service = chance.exponential(100, 1_200)
    wait, who = served_in_line(1, arrivals, service, 4)
    log = made_log(
        arrivals, wait, np.ones(1_200, bool), service, agent=who,
        priority=(chance.random(1_200) < 0.5) * 2,
    )  # fmt: skip

    found = precedence_of(log, presence_of(log), classes_of(log).of_row, np.zeros(2))

    assert np.ptp(found.head_start_s) <= 5


def test_too_few_choices_leave_what_the_mapping_says():
    log = made_log([0, 10], [0, 5], np.array([True, True]), [60, 60], agent=[0, 0])

    found = precedence_of(
        log, presence_of(log), np.array([0, 1]), np.array([0.0, 90.0])
    )

    assert [0, 90] == found.head_start_s.tolist()


def test_priorities_noted_only_of_those_who_waited_are_dealt_out_evenly():
    count = 2_000
    chance = np.random.default_rng(6)
    waited = np.arange(count) % 2 == 0
    high = waited & (chance.random(count) < 0.7)
    log = made_log(
        np.arange(count) * 30.0, np.where(waited, 20, 0), np.ones(count, bool),
        np.full(count, 60.0),
        priority=np.where(high, 2, np.where(waited, 1, 0)),
        customer=np.where(waited, np.arange(count), -1),
    )  # fmt: skip

    classes = classes_of(log)

    assert ((0, 1), (0, 2)) == classes.keys
    assert 1_000 == classes.dealt
    at_once = log.wait_s == 0
    assert (classes.of_row[at_once] == 1).mean() == pytest.approx(0.7, abs=0.03)


def test_who_leaves_customers_waiting_is_on_a_break():
    """One agent answers every five minutes, is gone for an hour, and comes back; somebody
    waits in vain meanwhile.
    """
    begins = np.concatenate([np.arange(12) * 300.0, 2 * HOUR_S + np.arange(12) * 300.0])
    log = made_log(
        np.append(begins, 1.5 * HOUR_S), np.append(np.zeros(24), 600),
        np.append(np.ones(24, bool), False), np.full(25, 240.0),
        agent=np.append(np.zeros(24, int), -1),
    )  # fmt: skip

    presence = presence_of(log)

    assert [12, 12] == [session.answers for session in presence.sessions]
    day_ms = 4 * 86_400_000
    by_hour = presence.at_work((0,), day_ms, HOUR_S * 1000, 4)
    assert by_hour == pytest.approx([0.93, 0, 0.93, 0], abs=0.06)


def test_an_idle_agent_is_still_at_work_where_nobody_waits():
    begins = np.array([0.0, 1_500, 3_000])
    log = made_log(
        begins, np.zeros(3), np.ones(3, bool), np.full(3, 100.0), agent=[0, 0, 0]
    )

    assert 1 == len(presence_of(log).sessions)


def test_a_type_that_an_agent_passes_over_is_no_skill_of_theirs():
    """Agent 0 answers both types at first; later only type 0, while type 1 waits longer."""
    count = 40
    arrivals = np.arange(count) * 100.0
    types = np.array([0, 1] * 10 + [0] * 20)
    log = made_log(
        np.append(arrivals, [2_001.0, 2_002.0]),
        np.append(np.full(count, 40.0), [3_000.0, 3_000.0]),
        np.append(np.ones(count, bool), [False, False]),
        np.full(count + 2, 50.0),
        type=np.append(types, [1, 1]),
        agent=np.append(np.zeros(count, int), [-1, -1]),
    )
    presence = presence_of(log)
    assert (0, 1) == presence.skills[0]
    later = log.only(log.queued_ms >= log.queued_ms[20])

    found = without_passed_over(presence, later, later.type, np.zeros(2))

    # Nobody else has the skill, so it stays; were there somebody, it would go.
    assert (0, 1) == found.skills[0]
    other = type(presence)(
        {**presence.skills, 1: (1,)}, presence.sessions, presence.wrap_up_s
    )
    two = without_passed_over(other, _with_agent(later), later.type, np.zeros(2))
    assert (0,) == two.skills[0]


def _with_agent(log):
    from dataclasses import replace

    return replace(log, agents=("agent 0", "agent 1"))


def test_retries_are_counted_of_those_who_are_known():
    """Half of a hundred known customers give up and call again ten minutes later."""
    first = np.arange(100) * 600.0
    again = first[::2] + 30 + 600
    log = made_log(
        np.concatenate([first, again, [50.0]]),
        np.concatenate([np.full(100, 30.0), np.zeros(50), [30.0]]),
        np.concatenate([np.zeros(100, bool), np.ones(50, bool), [False]]),
        np.full(151, 60.0),
        customer=np.concatenate([np.arange(100), np.arange(0, 100, 2), [-1]]),
    )

    found = behaviour_of(log)

    assert 0.5 == found.retries.probability
    assert 0.05 == pytest.approx(found.retries.error)
    assert 600 == pytest.approx(found.retries.delay.mean_s)
    assert 50 == found.is_retry.sum()
    assert 150 / 151 == pytest.approx(found.identified)


def test_whole_numbers_keep_the_total_of_each_interval_and_of_each_kind():
    chance = np.random.default_rng(8)
    means = chance.random((5, 48)) * 1.4

    whole = rounded(means)

    assert np.abs(whole.sum(axis=0) - means.sum(axis=0)).max() <= 0.5
    assert np.abs(whole.sum(axis=1) - means.sum(axis=1)).max() <= 3


def test_shifts_add_up_to_the_curve():
    counts = np.array([0, 1, 3, 3, 2, 0, 1, 0])
    shifts = shifts_of(counts, 1_800_000, "mon")

    total = np.zeros(8, int)
    for shift in shifts:
        begin, end = (minutes(shift[key]) // 30 for key in ("from", "until"))
        total[begin:end] += shift["agents"]
    assert counts.tolist() == total.tolist()


def minutes(text):
    from router.model.time import parse_duration

    return parse_duration(text) // 60_000


def test_spells_that_are_too_many_are_joined_where_they_are_closest():
    assert [(0, 35), (90, 95)] == joined([(0, 10), (12, 20), (90, 95), (30, 35)], 2)
    assert [(0, 20)] == joined([(0, 15), (10, 20)], 5)
