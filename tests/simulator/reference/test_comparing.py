"""How far is far: z counts standard errors, and those are honest."""

import math

import numpy as np
import pytest

from simulator.reference.comparing import Known, compared, half_unit, spread


def jackknifed(values: np.ndarray, correlated: bool = False) -> float:
    """The error of the mean of so many batches."""
    left_out = (values.sum() - values) / (len(values) - 1)
    return spread(left_out, float(values.mean()), correlated)


def test_the_error_of_a_mean_is_the_text_book_s():
    values = np.random.default_rng(1).normal(size=80)

    assert values.std(ddof=1) / math.sqrt(80) == pytest.approx(jackknifed(values))


def test_neighbours_that_go_together_make_the_error_larger():
    steps = np.random.default_rng(2).normal(size=100)
    values = np.zeros(100)
    for k in range(1, 100):
        values[k] = 0.6 * values[k - 1] + steps[k]

    assert jackknifed(values, correlated=True) > 1.5 * jackknifed(values)


def test_independent_batches_are_left_as_they_are():
    values = np.random.default_rng(3).normal(size=100)

    assert jackknifed(values) == jackknifed(values, correlated=True)


def test_z_is_the_difference_in_errors_of_both():
    found = compared(Known(10.0, error=3.0), 15.0, 4.0, units=1.0)

    assert 1.0 == pytest.approx(found.z)


def test_a_printed_result_is_met_within_its_last_digit_and_counts_from_there():
    known = Known(0.031, rounding=half_unit(0.031))

    assert 0.0 == compared(known, 0.0314, 0.0001, units=1.0).z
    assert 1.0 == pytest.approx(compared(known, 0.0316, 0.0001, units=1.0).z)


def test_an_estimate_from_fewer_days_has_the_larger_error():
    long = compared(Known(1.0, sample=1000), 1.5, 0.1, units=1000)
    short = compared(Known(1.0, sample=10), 1.5, 0.1, units=1000)

    assert abs(short.z) < abs(long.z)


def test_without_any_error_equal_is_0_and_different_is_far():
    assert 0.0 == compared(Known(5.0), 5.0, 0.0, units=1.0).z
    assert abs(compared(Known(5.0), 6.0, 0.0, units=1.0).z) > 100


def test_a_value_that_is_no_number_is_neither_near_nor_far():
    assert math.isnan(compared(Known(5.0), math.nan, 1.0, units=1.0).z)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.031, 0.0005), (3, 0.5), (3.0, 0.05), (0.0, 0.05), (1000.169, 0.0005)],
)
def test_half_a_unit_of_the_last_digit(value: float, expected: float):
    assert expected == pytest.approx(half_unit(value))
