"""Random times are drawn as the families say: mean, spread and shape against SciPy's."""

import numba
import numpy as np
import pytest
from scipy import stats

from simulator.distributions import (
    NEVER_MS,
    NOTHING,
    Times,
    drawn_ms,
    mean_ms,
    normal_quantile,
)
from simulator.scenario.times import RandomTime
from simulator.streams import draw_of, key_of

COUNT = 20_000
MINUTE = 60_000.0


@numba.njit
def _loop(times, samples, row, run, count):
    found = np.empty(count)
    for k in range(count):
        draw = draw_of(key_of(run, 0, k), 2, 0)
        found[k] = drawn_ms(times, samples, row, draw)
    return found


def drawn(time, seed=1, count=COUNT):
    """So many draws of a time as a scenario writes it."""
    times = Times()
    row = times.row(RandomTime.model_validate(time))
    rows, samples = times.tables()
    return _loop(rows.view(np.recarray), samples, row, np.uint64(seed), count)


def lognormal(mean_ms, cv):
    variance = np.log1p(cv**2)
    return stats.lognorm(
        np.sqrt(variance), scale=np.exp(np.log(mean_ms) - variance / 2)
    )


def gamma(mean_ms, shape):
    return stats.gamma(shape, scale=mean_ms / shape)


FAMILIES = {
    "exponential": ({"exponential": "1m"}, stats.expon(scale=MINUTE)),
    "lognormal": (
        {"lognormal": {"mean": "1m", "cv": 1.3}},
        lognormal(MINUTE, 1.3),
    ),
    "lognormal that hardly varies": (
        {"lognormal": {"mean": "1m", "cv": 0.01}},
        lognormal(MINUTE, 0.01),
    ),
    "gamma below one": ({"gamma": {"mean": "1m", "shape": 0.3}}, gamma(MINUTE, 0.3)),
    "gamma of one": ({"gamma": {"mean": "1m", "shape": 1.0}}, gamma(MINUTE, 1)),
    "erlang": ({"gamma": {"mean": "1m", "shape": 4.0}}, gamma(MINUTE, 4)),
    "gamma of many": ({"gamma": {"mean": "1m", "shape": 900.0}}, gamma(MINUTE, 900)),
    "weibull below one": (
        {"weibull": {"scale": "1m", "shape": 0.7}},
        stats.weibull_min(0.7, scale=MINUTE),
    ),
    "weibull above one": (
        {"weibull": {"scale": "1m", "shape": 3.0}},
        stats.weibull_min(3, scale=MINUTE),
    ),
    "uniform": (
        {"uniform": {"low": "20s", "high": "1m"}},
        stats.uniform(20_000, 40_000),
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_draws_follow_the_distribution(family):
    time, wanted = FAMILIES[family]
    found = drawn(time)

    assert found.min() >= 0
    assert stats.kstest(found, wanted.cdf).pvalue > 1e-4
    # Five standard errors of the mean; the variance's error by the fourth moment.
    assert abs(found.mean() - wanted.mean()) < 5 * wanted.std() / np.sqrt(COUNT)
    fourth = wanted.stats("k") + 2
    error = wanted.var() * np.sqrt(fourth / COUNT)
    assert abs(found.var() - wanted.var()) < 6 * error
    assert mean_ms(RandomTime.model_validate(time)) == pytest.approx(wanted.mean())


def test_a_constant_is_always_the_same():
    assert set(drawn("90s", count=100)) == {90_000}
    assert mean_ms(RandomTime.model_validate("90s")) == 90_000


LONGER = {
    "exponential": lambda at: {"exponential": f"{at}s"},
    "lognormal": lambda at: {"lognormal": {"mean": f"{at}s", "cv": 1.3}},
    "weibull": lambda at: {"weibull": {"scale": f"{at}s", "shape": 0.7}},
    "uniform": lambda at: {"uniform": {"low": "1s", "high": f"{at}s"}},
    "constant": lambda at: f"{at}s",
    "gamma": lambda at: {"gamma": {"mean": f"{at}s", "shape": 0.5}},
}


@pytest.mark.parametrize("family", LONGER)
def test_a_longer_mean_makes_every_draw_longer(family):
    shorter, longer = (drawn(LONGER[family](at)) for at in (60, 61))

    assert np.all(longer > shorter)


def test_a_sample_is_drawn_between_its_neighbours():
    values = [0, 1_000, 5_000, 60_000]
    time = {"empirical": {"values": [f"{value}ms" for value in values[::-1]]}}
    found = drawn(time)

    at = np.linspace(0, 1, 4)
    wanted = np.interp(np.random.default_rng(1).random(200_000), at, values)
    assert stats.ks_2samp(found, wanted).pvalue > 1e-4
    assert found.min() >= 0
    assert found.max() <= 60_000
    # A third of each segment's middle: (500 + 3,000 + 32,500) / 3.
    assert mean_ms(RandomTime.model_validate(time)) == 12_000
    assert found.mean() == pytest.approx(12_000, rel=0.05)


@pytest.mark.parametrize("values", [["7s"], ["7s", "7s"], ["7s"] * 5])
def test_a_sample_of_one_value_is_that_value(values):
    time = {"empirical": {"values": values}}

    assert set(drawn(time, count=50)) == {7_000}
    assert mean_ms(RandomTime.model_validate(time)) == 7_000


def test_a_mixture_is_each_of_its_parts_as_often_as_it_says():
    time = {
        "mixture": [
            {"share": 0.2, "time": "1s"},
            {"share": 0.0, "time": "2s"},
            {"share": 0.3, "time": {"exponential": "10s"}},
            {"share": 0.5, "time": {"sum": ["1m", {"uniform": {"low": "0s", "high": "1s"}}]}},
        ]
    }  # fmt: skip
    found = drawn(time)
    ones, sums = found == 1_000, (found >= MINUTE) & (found < 61_000)
    others = found[~ones & (found < MINUTE)]

    assert ones.mean() == pytest.approx(0.2, abs=0.015)
    assert (found == 2_000).sum() == 0
    assert sums.mean() == pytest.approx(0.5, abs=0.02)
    wanted = stats.truncexpon(6, scale=10_000)
    assert stats.kstest(others, wanted.cdf).pvalue > 1e-4
    assert mean_ms(RandomTime.model_validate(time)) == 200 + 3_000 + 30_250


def test_the_choice_of_a_part_says_nothing_about_its_length():
    exponential = {"exponential": "1m"}
    time = {"mixture": [{"share": 0.5, "time": exponential}] * 2}

    wanted = stats.expon(scale=MINUTE)
    assert stats.kstest(drawn(time), wanted.cdf).pvalue > 1e-4


def test_parts_of_a_sum_vary_by_themselves():
    found = drawn({"sum": [{"exponential": "1m"}] * 4})

    assert stats.kstest(found, gamma(4 * MINUTE, 4).cdf).pvalue > 1e-4


def test_a_sum_of_gammas_below_one_is_a_gamma():
    # Rejection goes on drawing: parts must not run into each other's numbers.
    parts = [{"gamma": {"mean": "10s", "shape": 0.25}}] * 8

    wanted = gamma(80_000, 2)
    assert stats.kstest(drawn({"sum": parts}), wanted.cdf).pvalue > 1e-4


def test_equal_times_share_a_row_and_none_has_none():
    times = Times()
    one = times.row(RandomTime.model_validate({"exponential": "60s"}))

    assert times.row(RandomTime.model_validate({"exponential": "1m"})) == one
    assert times.row(RandomTime.model_validate({"exponential": "61s"})) != one
    assert times.row(None) == NOTHING


def test_many_rows_and_samples_do_not_get_mixed_up():
    times = Times()
    texts = [
        {"mixture": [{"share": 0.5, "time": f"{k}s"}] * 2} for k in range(1, 20)
    ] + [{"empirical": {"values": [f"{k}m"] * k}} for k in range(1, 20)]
    rows = [times.row(RandomTime.model_validate(text)) for text in texts]
    table, samples = times.tables()

    found = [
        _loop(table.view(np.recarray), samples, row, np.uint64(1), 3)[0] for row in rows
    ]
    wanted = [1_000 * k for k in range(1, 20)] + [60_000 * k for k in range(1, 20)]
    assert found == wanted


def test_extremes_stay_numbers():
    never = drawn({"weibull": {"scale": "365d", "shape": 0.001}}, count=1_000)
    wide = drawn({"lognormal": {"mean": "365d", "cv": 1e6}}, count=1_000)
    tiny = drawn({"gamma": {"mean": "1ms", "shape": 1e-6}}, count=1_000)
    vast = drawn({"gamma": {"mean": "1m", "shape": 1e6}}, count=1_000)

    assert not np.isnan(never).any()
    assert (never > NEVER_MS).any()
    assert np.isfinite(wide).all()
    assert np.isfinite(tiny).all()
    assert (tiny >= 0).all()
    assert vast == pytest.approx(MINUTE, rel=0.01)


def test_the_normal_quantile_is_exact_far_into_the_tails():
    tails = 10.0 ** -np.arange(1, 17)
    shares = np.concatenate([tails, np.linspace(0.001, 0.999, 2_001), 1 - tails[:10]])
    found = np.array([normal_quantile(share) for share in shares])

    assert found == pytest.approx(stats.norm.ppf(shares), rel=1e-9, abs=1e-12)
