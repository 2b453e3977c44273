"""Arrivals of a day: the curves they follow, the chance in them, and the days' types."""

import numpy as np
import pytest
from scipy import stats

from simulator.demand import (
    DAY_MS,
    HOUR_MS,
    Days,
    Demand,
    profile_of,
    segments,
    smooth,
)
from simulator.scenario.demand import Arrivals, Calendar, Profile
from simulator.scene import ARRIVAL

MONDAY = Calendar()


def days_of(*arrivals, days=1, seed=1, replication=0, calendar=MONDAY, traces=None):
    """The arrivals of these streams on so many days, instants from each midnight."""
    streams = [one and Arrivals.model_validate(one) for one in arrivals]
    demand = Demand(streams, traces or {}, calendar, seed, replication)
    found = []
    for day in range(days):
        drawn = demand.day(day)
        drawn["at"] -= demand.days.origin_ms + day * DAY_MS
        found.append(drawn)
    return found


def counts_of(*arrivals, days, **more):
    """How many there are each day."""
    return np.array([len(day) for day in days_of(*arrivals, days=days, **more)])


def hours_of(found):
    """How many there are in each hour of a day."""
    return np.bincount(found["at"] // HOUR_MS, minlength=24)


# ------------------------------------------------------------------ profiles


def test_a_constant_rate_is_even_between_its_ends():
    [found] = days_of({"per_hour": 2_000, "from": "8h", "until": "18h"})
    hours = hours_of(found)

    assert hours[:8].sum() == hours[18:].sum() == 0
    assert stats.chisquare(hours[8:18]).pvalue > 1e-4
    assert abs(len(found) - 20_000) < 5 * np.sqrt(20_000)
    inside = (found["at"] % HOUR_MS) / HOUR_MS
    assert stats.kstest(inside, stats.uniform.cdf).pvalue > 1e-4


def test_counts_by_interval_are_means_of_poisson_numbers():
    counts = [0, 5, 100, 20]
    found = days_of({"counts": counts, "from": "9h", "every": "15m"}, days=400)
    quarter = HOUR_MS // 4
    per = np.array(
        [np.bincount(day["at"] // quarter, minlength=96)[36:40] for day in found]
    )

    assert per[:, 0].sum() == 0
    assert sum(map(len, found)) == per.sum()
    for k, mean in enumerate(counts[1:], 1):
        assert abs(per[:, k].mean() - mean) < 5 * np.sqrt(mean / 400)
        assert per[:, k].var() == pytest.approx(mean, rel=0.35)


def test_arrivals_come_in_order_with_numbers_of_their_own():
    found = days_of({"per_hour": 50}, {"per_hour": 70}, days=2)
    for day, drawn in enumerate(found):
        assert np.all(np.diff(drawn["at"]) >= 0)
        for stream in (0, 1):
            numbers = drawn["number"][drawn["stream"] == stream]
            assert numbers.tolist() == [(day << 32) + k for k in range(len(numbers))]
    together = np.concatenate(found)
    assert (together["handle_ms"] == -1).all()
    assert (together["patience_ms"] == -1).all()
    assert (together["at"] < DAY_MS).all()


def test_a_curve_goes_through_its_points_and_overshoots_nowhere():
    x = np.array([0.0, 1, 2, 4, 5, 6, 9]) * HOUR_MS
    y = np.array([0.0, 40, 40, 90, 10, 10, 30])
    at = np.linspace(x[0], x[-1], 10_001)
    found = smooth(x, y, at)

    assert smooth(x, y, x) == pytest.approx(y)
    for k in range(len(x) - 1):
        piece = found[(at >= x[k]) & (at <= x[k + 1])]
        steps = np.diff(piece) * np.sign(y[k + 1] - y[k])
        assert steps.min() >= -1e-9
        assert min(y[k], y[k + 1]) - 1e-9 <= piece.min()
        assert piece.max() <= max(y[k], y[k + 1]) + 1e-9
    slopes = np.diff(found) / np.diff(at)
    # Smooth: from one step to the next the slope changes little.
    assert np.abs(np.diff(slopes)).max() < 0.02 * np.abs(slopes).max()


def test_a_curve_of_two_points_is_a_line():
    profile = Profile.model_validate({"curve": {"8h": 0, "10h": 60}})
    edges, means = segments(profile)

    assert edges[0] == 8 * HOUR_MS
    assert edges[-1] == 10 * HOUR_MS
    assert means.sum() == pytest.approx(60)
    rates = means / np.diff(edges) * HOUR_MS
    assert np.diff(rates) == pytest.approx(0.5)


def test_a_curve_ends_at_its_last_point_to_the_second():
    profile = Profile.model_validate({"curve": {"8h": 60, "8h30s": 60, "9h20s": 60}})
    edges, means = segments(profile)

    assert edges[-1] == 9 * HOUR_MS + 20_000
    assert means.sum() == pytest.approx(60 + 1 / 3)


# ------------------------------------------------------------------ chance


def test_a_gamma_day_has_the_variance_of_the_formula():
    mean, shape = 200.0, 8.0
    arrivals = {"per_hour": mean / 24, "day_factor": {"gamma_shape": shape}}
    counts = counts_of(arrivals, days=3_000)

    assert counts.mean() == pytest.approx(mean, rel=0.035)
    assert counts.var() == pytest.approx(mean + mean**2 / shape, rel=0.2)


def test_a_lognormal_day_has_the_spread_it_says():
    mean, sd = 400.0, 0.3
    arrivals = {"per_hour": mean / 24, "day_factor": {"sd": sd}}
    counts = counts_of(arrivals, days=3_000)

    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert counts.var() == pytest.approx(mean + (mean * sd) ** 2, rel=0.2)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("kind", [{"gamma_shape": 10.0}, {"sd": 0.3}])
def test_streams_have_busy_days_in_common_as_much_as_they_say(kind, correlation):
    factor = {**kind, "correlation": correlation, "shared": correlation > 0}
    arrivals = {"counts": [1_000], "every": "24h", "day_factor": factor}
    both = days_of(arrivals, arrivals, days=600)
    counts = np.array([np.bincount(day["stream"], minlength=2) for day in both])

    # What Poisson adds is a hundredth of the variance.
    found = np.corrcoef(counts.T)[0, 1]
    assert found == pytest.approx(correlation, abs=0.12)


def test_intervals_vary_by_a_factor_of_their_own():
    mean, shape = 50.0, 6.0
    factor = {"gamma_shape": shape, "every": "1h", "shared": False}
    found = days_of({"per_hour": mean, "within_day": factor}, days=250)
    hours = np.array([hours_of(day) for day in found])

    assert hours.mean() == pytest.approx(mean, rel=0.04)
    assert hours.var() == pytest.approx(mean + mean**2 / shape, rel=0.2)
    assert abs(np.corrcoef(hours[:, :-1].ravel(), hours[:, 1:].ravel())[0, 1]) < 0.07


def test_neighbouring_intervals_are_alike():
    factor = {"sd": 0.5, "correlation": 0.8, "every": "1h", "shared": False}
    found = days_of({"per_hour": 400, "within_day": factor}, days=200)
    hours = np.log(np.array([hours_of(day) for day in found]))
    near = np.corrcoef(hours[:, :-1].ravel(), hours[:, 1:].ravel())[0, 1]
    far = np.corrcoef(hours[:, :-3].ravel(), hours[:, 3:].ravel())[0, 1]

    assert near == pytest.approx(0.8, abs=0.06)
    assert far == pytest.approx(0.8**3, abs=0.1)


def test_factors_of_intervals_cut_a_coarser_profile_and_keep_its_mean():
    factor = {"gamma_shape": 4.0, "every": "7m", "shared": False}
    arrivals = {"counts": [300, 100], "every": "1h", "from": "9h", "within_day": factor}
    found = days_of(arrivals, days=300)
    hours = np.array([hours_of(day) for day in found]).mean(axis=0)

    assert hours[9] == pytest.approx(300, rel=0.06)
    assert hours[10] == pytest.approx(100, rel=0.06)
    assert hours.sum() == hours[9] + hours[10]


def test_a_shared_factor_is_the_same_for_all_who_share_it():
    shared = {"per_hour": 3_000, "within_day": {"sd": 0.5, "every": "1h"}}
    own = {"per_hour": 3_000, "within_day": {"sd": 0.5, "every": "1h", "shared": False}}
    [found] = days_of(shared, shared, own)
    hours = [hours_of(found[found["stream"] == s]) for s in range(3)]

    assert np.corrcoef(hours[0], hours[1])[0, 1] > 0.95
    assert abs(np.corrcoef(hours[0], hours[2])[0, 1]) < 0.8


def test_exactly_means_exactly():
    arrivals = {"counts": [10, 30, 20], "from": "9h", "every": "1h", "exactly": True}
    found = days_of(arrivals, days=300)

    assert {len(day) for day in found} == {60}
    hours = np.array([hours_of(day) for day in found])
    assert hours[:, 9].mean() == pytest.approx(10, rel=0.1)
    assert hours[:, 9].var() > 0


def test_a_part_of_one_comes_as_often_as_it_says():
    counts = counts_of({"counts": [2.25], "every": "1h", "exactly": True}, days=2_000)

    assert set(counts.tolist()) == {2, 3}
    assert counts.mean() == pytest.approx(2.25, abs=0.04)


def test_a_day_without_anybody_is_empty():
    assert len(days_of({"per_hour": 0})[0]) == 0
    assert len(days_of({"per_hour": 0, "exactly": True})[0]) == 0
    assert len(days_of(None)[0]) == 0


# ------------------------------------------------------------------ bursts


def test_a_burst_comes_on_top_at_its_time():
    burst = {"at": "12h", "count": 500, "over": "10m", "days": [2]}
    found = days_of({"per_hour": 1, "bursts": [burst]}, days=3)
    sizes = [int(((d["at"] >= 12 * HOUR_MS) & (d["at"] < 12.2 * HOUR_MS)).sum()) for d in found]  # fmt: skip

    assert sizes[0] < 10
    assert abs(sizes[1] - 500) < 5 * np.sqrt(500)
    assert sizes[2] < 10


def test_a_burst_happens_as_likely_as_it_says():
    burst = {"at": "12h", "count": 1_000, "probability": 0.3}
    counts = counts_of({"per_hour": 0, "bursts": [burst]}, days=600)

    assert (counts > 0).mean() == pytest.approx(0.3, abs=0.08)
    at = np.concatenate(
        [day["at"] for day in days_of({"per_hour": 0, "bursts": [burst]}, days=20)]
    )
    assert set(at.tolist()) == {12 * HOUR_MS}


def test_a_burst_at_midnight_stays_in_its_day():
    burst = {"at": "24h", "count": 50, "over": "1h"}
    [found] = days_of({"per_hour": 0, "bursts": [burst]})

    assert set(found["at"].tolist()) == {DAY_MS - 1}


# ------------------------------------------------------------------ days


def test_days_have_dates_weekdays_holidays_and_types():
    days = Days(
        Calendar.model_validate(
            {
                "starts": "2026-04-22",
                "holidays_of": "TR",
                "holidays": ["2026-04-24"],
                "day_types": {"2026-04-25": "match"},
            }
        )
    )

    assert [days.weekday(day) for day in range(5)] == [
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ]
    # The 23rd of April is National Sovereignty and Children's Day.
    assert [days.holiday(day) for day in range(4)] == [False, True, True, False]
    assert [days.kind(day) for day in range(5)] == ["", "", "", "match", ""]
    assert days.origin_ms == 1_776_816_000_000


def test_a_type_goes_before_a_holiday_and_a_holiday_before_a_weekday():
    calendar = Calendar.model_validate(
        {
            "starts": "2026-03-02",
            "holidays": ["2026-03-03", "2026-03-04"],
            "day_types": {"2026-03-04": "match"},
        }
    )
    arrivals = Arrivals.model_validate(
        {
            "per_hour": 1,
            "weekdays": {"tue": 2, "wed": 2, "thu": 2},
            "holidays": 3,
            "day_types": {"match": 4},
        }
    )
    found = [profile_of(arrivals, Days(calendar), day).per_hour for day in range(5)]

    assert found == [1, 3, 4, 2, 1]


def test_a_stream_without_an_ordinary_day_has_only_the_days_it_names():
    counts = counts_of({"weekdays": {"wed": 100}}, days=7)

    assert (counts > 0).tolist() == [False, False, True, False, False, False, False]


def test_factors_by_weekday_and_growth_multiply_the_rate():
    arrivals = {
        "per_hour": 1_000,
        "weekday_factors": {"tue": 2, "sun": 0},
        "growth_a_day": 0.1,
    }
    counts = counts_of(arrivals, days=7)
    wanted = 24_000 * np.array([1, 2, 1, 1, 1, 1, 0]) * 1.1 ** np.arange(7)

    assert np.all(np.abs(counts - wanted) <= 5 * np.sqrt(wanted))


def test_a_weekdays_factor_is_laid_upon_whatever_profile_the_day_has():
    # As `scenario.rates` counts it.
    calendar = Calendar.model_validate(
        {"holidays": ["2026-03-03"], "day_types": {"2026-03-04": "match"}}
    )
    arrivals = {
        "per_hour": 500,
        "holidays": 100,
        "day_types": {"match": 200},
        "weekday_factors": {"mon": 2, "tue": 3, "wed": 4},
    }
    counts = counts_of(arrivals, days=3, calendar=calendar)
    wanted = 24 * np.array([1_000, 300, 800])

    assert np.all(np.abs(counts - wanted) <= 5 * np.sqrt(wanted))


# ------------------------------------------------------------------ the same customers


def test_a_day_depends_on_seed_replication_day_and_stream_and_nothing_else():
    one, other = {"per_hour": 40}, {"per_hour": 90, "day_factor": {"sd": 0.2}}
    alone = days_of(one, days=3)
    beside = days_of(one, other, days=3)
    third = days_of(one, other, days=3)[2]

    for mine, theirs in zip(alone, beside, strict=True):
        assert mine["at"].tolist() == theirs[theirs["stream"] == 0]["at"].tolist()
    streams = [Arrivals.model_validate(text) for text in (one, other)]
    straight = Demand(streams, {}, MONDAY, 1, 0).day(2)
    assert straight["number"].tolist() == third["number"].tolist()
    for changed in ({"seed": 2}, {"replication": 1}):
        assert days_of(one, **changed)[0]["at"].tolist() != alone[0]["at"].tolist()
    assert alone[0]["at"].tolist() != alone[1]["at"].tolist()


def test_a_trace_is_replayed_instant_by_instant_on_its_day():
    recorded = np.zeros(4, ARRIVAL)
    recorded["at"] = [5, DAY_MS - 1, DAY_MS, DAY_MS + 7]
    recorded["number"] = [1, 2, 3, 4]
    found = days_of({"per_hour": 99}, days=3, traces={0: recorded})

    assert [day["at"].tolist() for day in found] == [[5, DAY_MS - 1], [0, 7], []]
    assert [day["number"].tolist() for day in found] == [[1, 2], [3, 4], []]
    assert recorded["at"].tolist() == [5, DAY_MS - 1, DAY_MS, DAY_MS + 7]
