"""What went into made logs comes out again, within the error that is claimed."""

import numpy as np
import pytest

from simulator.fit.arrivals import fit_arrivals
from simulator.fit.families import estimate
from simulator.fit.log import weekday_of
from simulator.fit.patience import fit_patience, kaplan_meier
from simulator.fit.service import fit_service

HALF_HOUR_MS = 1_800_000
FAR = 4.5
"""Standard errors; twenty or so estimates are looked at, each with a fixed seed."""


def near(best, **truth):
    """Each parameter is within a few of its own standard errors of the truth."""
    for name, value in truth.items():
        z = (best.parameters[name] - value) / best.errors[name]
        assert abs(z) < FAR, f"{name}: {best.parameters[name]} for {value}, z = {z:.1f}"


def lognormal(chance, mean, cv, count):
    sigma = np.sqrt(np.log1p(cv**2))
    return chance.lognormal(np.log(mean) - sigma**2 / 2, sigma, count)


@pytest.mark.parametrize(
    ("family", "draw", "truth"),
    [
        (
            "lognormal",
            lambda c: lognormal(c, 200, 1.5, 4_000),
            {"mean_s": 200, "cv": 1.5},
        ),
        ("gamma", lambda c: c.gamma(3, 60, 4_000), {"mean_s": 180, "shape": 3}),
        (
            "weibull",
            lambda c: 240 * c.weibull(1.6, 4_000),
            {"scale_s": 240, "shape": 1.6},
        ),
        ("exponential", lambda c: c.exponential(150, 4_000), {"mean_s": 150}),
    ],
)
def test_the_family_of_handle_times_is_found_with_its_parameters(family, draw, truth):
    fit = fit_service(draw(np.random.default_rng(7)))

    assert family == fit.chosen
    assert fit.distance < 0.03
    near(fit.best, **truth)


def test_standard_errors_shrink_with_the_root_of_the_rows():
    chance = np.random.default_rng(3)
    few = estimate("exponential", chance.exponential(100, 1_000))
    many = estimate("exponential", chance.exponential(100, 16_000))

    assert few.errors["mean_s"] == pytest.approx(
        few.parameters["mean_s"] / 1_000**0.5, rel=0.01
    )
    assert many.errors["mean_s"] == pytest.approx(few.errors["mean_s"] / 4, rel=0.2)


def test_absurd_times_are_left_out_and_told():
    times = np.append(np.random.default_rng(1).exponential(200, 2_000), [36_291.0])

    fit = fit_service(times)

    assert (36_291.0,) == fit.trimmed
    assert 2_000 == fit.rows


def test_where_no_family_fits_the_sample_itself_is_used_and_keeps_its_mean():
    chance = np.random.default_rng(5)
    times = np.concatenate([chance.normal(20, 2, 1_500), chance.normal(400, 20, 1_500)])

    fit = fit_service(times)

    assert "empirical" == fit.chosen
    assert fit.distance > 0.1
    assert fit.mean_s == pytest.approx(np.mean(fit.sample), rel=0.001)
    assert "values" in fit.written()["empirical"]


def test_a_few_rows_make_no_family():
    fit = fit_service(np.array([100.0, 200.0, 300.0]))

    assert {"exponential": "200000ms"} == fit.written()
    assert "only 3 rows" in fit.note


def test_handle_times_of_nobody_are_refused():
    with pytest.raises(ValueError, match="no handle time"):
        fit_service(np.array([np.nan]))


def censored(chance, patience, offered_mean):
    """Waits cut short by an answer after an exponential time."""
    offered = chance.exponential(offered_mean, len(patience))
    return np.minimum(patience, offered), patience < offered


@pytest.mark.parametrize(
    ("family", "draw", "truth"),
    [
        ("exponential", lambda c: c.exponential(250, 6_000), {"mean_s": 250}),
        ("weibull", lambda c: 300 * c.weibull(1.7, 6_000), {"scale_s": 300, "shape": 1.7}),
        (
            "hyperexponential",
            lambda c: np.where(
                c.random(9_000) < 0.35, c.exponential(40, 9_000), c.exponential(900, 9_000)
            ),
            {"share": 0.35, "mean_s": 40, "other_mean_s": 900},
        ),
    ],
)  # fmt: skip
def test_patience_is_found_behind_the_answers_that_cut_it_short(family, draw, truth):
    chance = np.random.default_rng(11)
    waits, left = censored(chance, draw(chance), 150)

    fit = fit_patience(waits, left)

    near(next(one for one in fit.tried if one.family == family), **truth)
    # A Weibull of shape 1 is an exponential, so either may win where that is the truth.
    assert family == "exponential" or family in fit.chosen


def test_the_naive_mean_of_those_who_left_would_have_been_far_off():
    chance = np.random.default_rng(13)
    waits, left = censored(chance, chance.exponential(400, 6_000), 100)

    assert waits[left].mean() < 120
    assert fit_patience(waits, left).best.parameters["mean_s"] == pytest.approx(
        400, rel=0.1
    )


def test_the_kaplan_meier_curve_is_the_product_by_hand():
    waits = np.array([5.0, 10, 10, 20, 30])
    left = np.array([True, True, False, False, True])

    curve = kaplan_meier(waits, left)

    assert (0.8, pytest.approx(0.8 * (1 / 20) ** 0.5)) == pytest.approx(curve.at(7))
    assert 0.6 == pytest.approx(curve.at(25)[0])
    assert 0 == pytest.approx(curve.at(30)[0])
    assert (1, 0) == curve.at(1)


def test_who_leaves_at_once_is_a_part_of_its_own():
    chance = np.random.default_rng(17)
    patience = np.where(
        chance.random(6_000) < 0.1, 1.0, 400 * chance.weibull(1.5, 6_000)
    )
    waits, left = censored(chance, patience, 200)

    fit = fit_patience(waits, left)

    assert fit.quick_share == pytest.approx(0.1, abs=0.015)
    near(fit.best, shape=1.5)
    mixture = fit.written()["mixture"]
    assert 1 == pytest.approx(sum(part["share"] for part in mixture))


def test_patience_of_nobody_is_not_made_up():
    assert fit_patience(np.full(500, 10.0), np.zeros(500, dtype=bool)) is None


WEEK = (1.2, 1.1, 1.0, 1.0, 0.9, 0.5, 0.4)


def counts_of(days, shape, sd, correlation, seed, growth=0.0):
    """Counts of two streams by half hour with a known noise."""
    chance = np.random.default_rng(seed)
    curve = np.zeros(48)
    curve[14:46] = 1 + np.sin(np.linspace(0, np.pi, 32))
    curve /= curve.sum()
    counts = np.zeros((days, 48, 2))
    sigma = np.log1p(sd**2) ** 0.5
    for day in range(days):
        noise = np.empty(48)
        noise[0] = chance.normal()
        for at in range(1, 48):
            step = chance.normal() * (1 - correlation**2) ** 0.5
            noise[at] = correlation * noise[at - 1] + step
        busy = chance.gamma(shape, 1 / shape) * np.exp(sigma * noise - sigma**2 / 2)
        mean = 1_500 * WEEK[weekday_of(day)] * (1 + growth) ** day * busy * curve
        counts[day, :, 0], counts[day, :, 1] = (
            chance.poisson(0.7 * mean),
            chance.poisson(0.3 * mean),
        )
    return counts


@pytest.fixture(scope="module")
def busy_year():
    return fit_arrivals(counts_of(364, 25, 0.2, 0.6, 1), list(range(364)), HALF_HOUR_MS)


def test_the_day_s_gamma_factor_is_found(busy_year):
    assert busy_year.noise.gamma_shape == pytest.approx(25, rel=0.35)


def test_the_noise_within_the_day_is_found_with_its_correlation(busy_year):
    assert busy_year.noise.within_sd == pytest.approx(0.2, rel=0.08)
    assert busy_year.noise.correlation == pytest.approx(0.6, abs=0.08)
    assert busy_year.noise.dispersion > 3


def test_weekdays_and_streams_have_their_means(busy_year):
    monday = busy_year.mean(weekday_first(0))
    assert monday.sum() == pytest.approx(1_800, rel=0.1)
    assert monday[:, 0].sum() / monday.sum() == pytest.approx(0.7, abs=0.01)
    assert busy_year.mean(weekday_first(6)).sum() == pytest.approx(600, rel=0.1)
    assert not busy_year.growth_found


def weekday_first(weekday):
    return next(day for day in range(7) if weekday_of(day) == weekday)


def test_pure_chance_has_no_noise_to_find():
    fit = fit_arrivals(counts_of(140, 1e9, 1e-6, 0, 2), list(range(140)), HALF_HOUR_MS)

    assert fit.noise.within_sd < 0.04
    assert fit.noise.day_variance < 0.001
    assert fit.noise.dispersion == pytest.approx(1, abs=0.1)


def test_growth_is_found_and_goes_on():
    counts = counts_of(35, 400, 0.05, 0.3, 4, growth=-0.02)
    fit = fit_arrivals(counts, list(range(35)), HALF_HOUR_MS)

    assert fit.growth_found
    assert fit.growth_a_day == pytest.approx(-0.02, abs=0.003)
    assert fit.mean(42).sum() == pytest.approx(
        1_500 * WEEK[weekday_of(42)] * 0.98**42, rel=0.08
    )


def test_a_weekday_that_the_log_lacks_has_the_mean_of_the_others():
    fit = fit_arrivals(counts_of(3, 100, 0.1, 0.3, 5), [0, 1, 2], HALF_HOUR_MS)

    assert 0 == fit.seen[6]
    assert fit.profiles[6].sum() > 0


def test_nobody_at_all_cannot_be_fitted():
    with pytest.raises(ValueError, match="no arrival"):
        fit_arrivals(np.zeros((3, 48, 1)), [0, 1, 2], HALF_HOUR_MS)
