"""A back-test predicts days that are known: exactly where it may, honestly where not."""

import json
from datetime import date

import numpy as np
import pytest

from simulator.backtest import (
    OFFERED,
    Backtest,
    DayRun,
    actual_of,
    backtest,
)
from simulator.backtest_figures import day_figures, errors_of, measures_of, summary
from simulator.fit.log import day_of
from simulator.fit.mapping import read_mapping
from simulator.fit.source import read_log
from tests.simulator.fit.logs import bank_log, made_log, served_in_line

SPLIT = date(1999, 8, 16)


def counts(*rows):
    """[interval, column] from offered, answered, abandoned, in time, and waits."""
    return np.array(rows, dtype=float)


def run_of(actual, *replications, mode="known"):
    return DayRun(mode, 10_819, actual, np.array(replications))


def test_a_day_is_counted_by_when_customers_got_in_line():
    log = made_log(
        [60.0, 90, 1_900, 1_950], [0, 30, 19, 21],
        np.array([True, False, True, True]), np.full(4, 50.0),
    )  # fmt: skip

    first, second, *_ = actual_of(log, int(log.day[0]), 1_800_000)

    assert [2, 1, 1, 1, 0] == first.tolist()
    assert [2, 2, 0, 1, 40] == second.tolist()


def test_shares_are_of_those_who_were_dealt_with():
    seen = measures_of(counts([10, 6, 2, 3, 60]))

    assert [37.5] == seen["service_level"]
    assert [25] == seen["abandonment"]
    assert [10] == seen["mean_wait_s"]
    assert np.isnan(measures_of(counts([0, 0, 0, 0, 0]))["service_level"])


def test_errors_are_those_of_the_simulated_mean():
    actual = counts([10, 8, 2, 4, 80], [20, 20, 0, 20, 0])
    off = [
        counts([12, 8, 4, 4, 80], [18, 18, 0, 18, 0]),
        counts([14, 8, 6, 4, 80], [18, 18, 0, 18, 0]),
    ]

    found = {one.measure: one for one in errors_of((run_of(actual, *off),))}

    assert 2.5 == found["offered"].mae
    assert pytest.approx(5 / 30) == found["offered"].wape
    assert 0.5 == found["offered"].bias
    assert 0 == found["offered"].coverage
    assert 0.5 == found["abandoned"].coverage
    assert 1 == found["mean_wait_s"].coverage


def test_a_band_is_from_the_tenth_to_the_ninetieth_percentile():
    spread = [counts([k, k, 0, k, 0]) for k in range(101)]
    inside, outside = (
        errors_of((run_of(counts([n, n, 0, n, 0]), *spread),))[0] for n in (90, 91)
    )

    assert 1 == inside.coverage
    assert 0 == outside.coverage
    assert inside.band_holds == pytest.approx(81 / 101)


def test_a_day_s_figures_are_plain_values():
    run = run_of(
        counts([10, 8, 2, 4, 80]), counts([10, 9, 1, 5, 90]), counts([10, 9, 1, 5, 90])
    )

    told = json.loads(json.dumps(summary(Backtest(1_800_000, 3, 2, 1, (run,)))))

    assert day_figures(run)["abandoned"] == {
        "actual": 2,
        "simulated": 1,
        "low": 1,
        "high": 1,
    }
    assert ["1999-08-16"] == told["held_back_days"]


@pytest.fixture(scope="module")
def small_centre():
    """Nine days of three agents and 240 customers, first come, first served; who waits
    longer than they like gives up.
    """
    chance = np.random.default_rng(3)
    parts = []
    for day in range(9):
        arrivals = day * 86_400 + np.sort(chance.uniform(9, 15, 240)) * 3_600
        service = chance.exponential(180, 240)
        wait, who = served_in_line(day, arrivals, service, 3)
        parts.append((arrivals, wait, service, who))
    arrivals, wait, service, who = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    return made_log(arrivals, wait, np.ones(len(arrivals), bool), service, agent=who)


@pytest.fixture(scope="module")
def predicted(small_centre):
    days = small_centre.days()
    return backtest(
        small_centre, read_mapping("bank"), days[6:], replications=20, workers=1
    )


def test_known_arrivals_are_replayed_exactly(predicted):
    for run in predicted.of("known"):
        assert (run.simulated[..., OFFERED] == run.actual[:, OFFERED]).all()


def test_a_centre_that_behaves_as_modelled_is_predicted_well(predicted):
    found = {one.measure: one for one in errors_of(predicted.of("known"))}

    assert abs(found["service_level"].bias) < 12
    assert found["service_level"].coverage > 0.6
    assert 0 == found["abandoned"].simulated


def test_forecast_arrivals_vary_around_the_curve(predicted):
    found = {one.measure: one for one in errors_of(predicted.of("forecast"))}

    assert found["offered"].simulated == pytest.approx(found["offered"].actual, rel=0.1)
    assert 0.6 < found["offered"].coverage


def test_the_same_seed_gives_the_same_prediction(small_centre, predicted):
    again = backtest(
        small_centre, read_mapping("bank"), small_centre.days()[6:], modes=["blind"],
        replications=20, workers=1,
    )  # fmt: skip

    for one, other in zip(predicted.of("blind"), again.runs, strict=True):
        assert (one.simulated == other.simulated).all()


def test_nothing_to_fit_or_to_compare_with_is_refused(small_centre):
    days = small_centre.days()
    with pytest.raises(ValueError, match="no day before"):
        backtest(small_centre, read_mapping("bank"), days, replications=2)
    with pytest.raises(ValueError, match="no rows"):
        backtest(small_centre, read_mapping("bank"), [days[-1] + 5], replications=2)


def real():
    path = bank_log()
    if path is None:
        pytest.skip(
            "the bank's log is not ours to ship: set SANTRAL_DATA to its folder"
        )
    return path


def test_the_real_days_are_predicted_as_well_as_we_say():
    """docs/fitting.md says how well; here with few replications and room to both sides."""
    log = read_log(real(), read_mapping("bank"))
    held = [day for day in log.days() if day >= day_of(SPLIT)]

    result = backtest(
        log, read_mapping("bank"), held, modes=["known"], replications=10, workers=1
    )

    found = {one.measure: one for one in errors_of(result.runs)}
    assert 7_322 == found["offered"].actual
    assert 765 == found["abandoned"].actual
    assert found["service_level"].mae < 13
    assert abs(found["service_level"].bias) < 6
    assert found["service_level"].coverage > 0.65
    assert 0 < found["abandonment"].bias < 6
