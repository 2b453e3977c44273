"""The day is drawn repeatably, and as busy as the statistics say."""

from collections import Counter
from itertools import pairwise

import pytest

from router.demo.day_plan import HOUR_MS, arrivals, duties
from router.demo.errors import InputWrong
from router.demo.statistics import BANK_DAY, load_statistics

MIDNIGHT_MS = 24 * HOUR_MS
TEAMS = {f"agent-{number}": "front" for number in range(8)}


def test_the_same_seed_gives_the_same_day():
    statistics = load_statistics()

    assert arrivals(statistics, 7, MIDNIGHT_MS) == arrivals(statistics, 7, MIDNIGHT_MS)


def test_another_seed_gives_another_day():
    statistics = load_statistics()

    assert arrivals(statistics, 7, MIDNIGHT_MS) != arrivals(statistics, 8, MIDNIGHT_MS)


def test_a_day_that_is_cut_short_is_the_beginning_of_the_whole_one():
    statistics = load_statistics()
    whole = arrivals(statistics, 7, MIDNIGHT_MS)
    morning = arrivals(statistics, 7, 9 * HOUR_MS)

    assert [one.at_ms for one in whole[: len(morning)]] == [
        one.at_ms for one in morning
    ]


def test_a_day_is_about_as_busy_as_the_statistics_say():
    statistics = load_statistics()
    expected = sum(sum(kind.per_half_hour) for kind in statistics.kinds())
    days = [len(arrivals(statistics, seed, MIDNIGHT_MS)) for seed in range(20)]

    # Half hours vary together, so a day's total has a standard deviation near 7 %.
    assert expected == pytest.approx(sum(days) / len(days), rel=0.07)


def test_everybody_comes_in_order_during_opening_hours():
    people = arrivals(load_statistics(), 7, MIDNIGHT_MS)

    assert 7 * HOUR_MS <= people[0].at_ms
    assert MIDNIGHT_MS > people[-1].at_ms
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(people))
    assert list(range(1, len(people) + 1)) == [one.number for one in people]


def test_only_e_mails_wait_for_ever():
    people = arrivals(load_statistics(), 7, MIDNIGHT_MS)

    assert {"email"} == {one.channel for one in people if one.patience_ms is None}


def test_a_team_is_there_from_opening_to_midnight():
    found = duties(TEAMS, 7, 7 * HOUR_MS, MIDNIGHT_MS)

    for hour in range(7, 24):
        there = [
            duty for duty in found if duty.from_ms <= hour * HOUR_MS + 1 < duty.until_ms
        ]
        assert 2 <= len(there), hour


def test_those_on_the_last_shift_stay_until_everybody_has_been_served():
    found = duties(TEAMS, 7, 7 * HOUR_MS, MIDNIGHT_MS)

    assert Counter({True: 2, False: 6}) == Counter(duty.stays for duty in found)


def test_a_statistics_file_that_lacks_half_hours_is_refused(tmp_path):
    path = tmp_path / "day.yaml"
    text = BANK_DAY.read_text(encoding="utf-8").replace("[12.81, ", "[", 1)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputWrong, match=r"measured\.PS\.calls_per_half_hour"):
        load_statistics(path)
