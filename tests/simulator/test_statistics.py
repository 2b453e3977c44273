"""Intervals that planners can trust: quantiles of Student's t, ratios, pairs, waits."""

from statistics import mean, stdev

import numpy as np
import pytest

from simulator.statistics import (
    Moments,
    differences,
    intervals,
    quantiles,
)
from simulator.student import student_t

RNG_SEED = 20260302


@pytest.mark.parametrize(
    ("probability", "dof", "expected"),
    [  # to ten digits, by an independent implementation (SciPy's incomplete beta)
        (0.975, 1, 12.70620474),
        (0.975, 2, 4.302652730),
        (0.975, 3, 3.182446305),
        (0.975, 4, 2.776445105),
        (0.975, 9, 2.262157163),
        (0.975, 29, 2.045229642),
        (0.975, 999, 1.962341461),
        (0.95, 10, 1.812461123),
        (0.995, 5, 4.032142984),
        (0.9995, 6, 5.958816179),
        (0.6, 3, 0.2766706623),
        (0.5, 7, 0.0),
    ],
)
def test_quantiles_of_student_s_t_are_those_of_the_tables(probability, dof, expected):
    assert student_t(probability, dof) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_student_s_t_is_symmetric_and_becomes_normal():
    assert student_t(0.025, 12) == -student_t(0.975, 12)
    assert student_t(0.975, 50_000) == pytest.approx(1.960011, abs=1e-5)


@pytest.mark.parametrize(("probability", "dof"), [(0.0, 5), (1.0, 5), (0.9, 0)])
def test_what_is_no_quantile_is_refused(probability, dof):
    with pytest.raises(ValueError, match="no quantile"):
        student_t(probability, dof)


def test_without_skewness_the_interval_is_student_s_but_for_a_little_room():
    values = np.array([3.0, 5.0, 4.0, 6.0, 2.0, 4.0, 1.0, 7.0])  # symmetric about 4

    found = intervals(values, 1.0, 0.95)

    straight = 2.364624252 * stdev(values) / len(values) ** 0.5
    assert float(found.mean) == 4.0
    assert float(found.half_width) == pytest.approx(straight, rel=0.1)
    assert float(found.half_width) > straight


def test_a_ratio_is_of_the_sums_and_not_the_mean_of_ratios():
    in_time, ended = np.array([90.0, 100.0]), np.array([100.0, 1_000.0])

    found = intervals(in_time, ended, 0.95)

    assert float(found.mean) == pytest.approx(190 / 1_100)
    assert float(found.mean) != pytest.approx(mean(in_time / ended))


def test_a_ratio_that_never_varies_has_no_width():
    ended = np.array([100.0, 300.0, 50.0])

    found = intervals(ended * 0.8, ended, 0.95)

    assert float(found.mean) == pytest.approx(0.8)
    assert float(found.half_width) == pytest.approx(0.0, abs=1e-12)


def test_one_replication_says_nothing_about_the_spread():
    found = intervals(np.array([8.0]), np.array([10.0]), 0.95)

    assert float(found.mean) == 0.8
    assert np.isnan(found.half_width)


def test_nothing_to_have_a_share_of_is_no_figure():
    found = intervals(np.zeros(5), np.zeros(5), 0.95)

    assert np.isnan(found.mean)
    assert np.isnan(found.half_width)


def test_more_confidence_is_a_wider_interval():
    values = np.random.default_rng(RNG_SEED).normal(10, 2, 20)

    widths = [float(intervals(values, 1.0, level).half_width) for level in (0.8, 0.99)]

    assert widths[1] > 2 * widths[0]


def test_sums_of_products_give_the_interval_that_the_replications_give():
    rng = np.random.default_rng(RNG_SEED)
    wholes = rng.gamma(30, 10, (200, 3))
    parts = wholes * rng.uniform(0.5, 0.9, (200, 3))
    moments = Moments((3,))
    for part, whole in zip(parts, wholes, strict=True):
        moments.add(part, whole)

    found, exact = moments.intervals(0.95), intervals(parts, wholes, 0.95)

    assert found.mean == pytest.approx(exact.mean)
    assert found.half_width == pytest.approx(exact.half_width, rel=0.02)


def test_rounding_is_no_spread():
    moments = Moments((1,))
    for whole in np.random.default_rng(RNG_SEED).uniform(1e5, 1e6, (50, 1)):
        moments.add(whole * 0.3, whole)

    assert moments.intervals(0.95).half_width.tolist() == [0.0]


def test_pairs_take_the_busy_days_out_of_a_difference():
    rng = np.random.default_rng(RNG_SEED)
    busy = rng.gamma(10, 100, 40)
    first = busy * 0.70 + rng.normal(0, 5, 40)
    second = busy * 0.75 + rng.normal(0, 5, 40)

    found = differences((first, 1.0), (second, 1.0), 0.95)

    apart = (
        intervals(first, 1.0, 0.95).half_width + intervals(second, 1.0, 0.95).half_width
    )
    assert float(found.mean) == pytest.approx((second - first).mean())
    assert float(found.half_width) < apart / 10
    assert float(found.variance_reduction) == pytest.approx(
        (first.var() + second.var()) / (second - first).var()
    )


def test_a_plan_does_not_differ_from_itself():
    ended = np.array([100.0, 300.0, 50.0, 90.0])
    in_time = np.array([80.0, 270.0, 30.0, 85.0])

    found = differences((in_time, ended), (in_time, ended), 0.95)

    assert float(found.mean) == 0.0
    assert float(found.half_width) == 0.0
    assert np.isnan(found.variance_reduction)


def test_quantiles_lie_where_the_shares_are_crossed():
    bounds = np.array([0.0, 10.0, 20.0, 40.0])
    shares = np.array([0.4, 0.6, 0.8, 1.0])
    apart = np.array([0.1, 0.1, 0.1, 0.0])

    nobody, middle, late = quantiles(
        bounds, (shares, shares - apart, shares + apart), (0.4, 0.7, 0.9)
    )

    assert nobody.value == 0.0
    assert (middle.low, middle.value, middle.high) == pytest.approx((10, 15, 20))
    assert (late.low, late.value) == pytest.approx((20, 30))
    assert late.high == pytest.approx(20 + 20 * (0.9 - 0.7) / (1.0 - 0.7))


def test_a_quantile_of_no_waits_is_none():
    nothing = np.full(3, np.nan)

    (found,) = quantiles(np.array([0.0, 1.0, 2.0]), (nothing,) * 3, (0.5,))

    assert np.isnan(found.value)
