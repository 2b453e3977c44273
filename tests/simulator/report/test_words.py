"""Figures and times read as people write them."""

from datetime import date

import pytest

from simulator.figures import DEFINITIONS
from simulator.report.words import clock, day_name, number, said, with_half
from simulator.result import Estimate


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8341, "share", "83.4%"),
        (23.42, "s", "23.4 s"),
        (1234.6, "count", "1,235"),
        (12.34, "count", "12.3"),
        (1500.0, "s", "25.0 min"),
        (11_850.0, "s", "3.3 h"),
        (0.1234, "mean", "0.12"),
        (None, "share", "–"),
        (float("nan"), "s", "–"),
    ],
)
def test_a_figure_is_told_with_its_unit(value, unit, text):
    assert number(value, unit) == text


def test_a_half_width_of_a_share_is_in_points():
    assert with_half(Estimate(0.834, 0.0121), "share") == "83.4% ± 1.2"


def test_a_count_and_its_half_width_have_the_same_digits():
    assert with_half(Estimate(3779.0, 99.7), "count") == "3,779 ± 100"


def test_what_does_not_vary_has_no_half_width():
    assert with_half(Estimate(360.0, 0.0), "h") == "360.0 h"


def test_one_replication_says_nothing_of_the_spread():
    assert with_half(Estimate(0.5, None), "share") == "50.0%"


def test_a_share_of_nothing_is_a_dash():
    assert with_half(Estimate(None, None), "share") == "–"


def test_times_of_day_are_clock_times():
    assert [clock(0), clock(34_200_000), clock(86_400_000)] == [
        "00:00",
        "09:30",
        "24:00",
    ]


def test_days_are_named_by_their_date_where_it_is_known():
    assert day_name(1, date(2026, 3, 2)) == "Tue 3 Mar"
    assert day_name(1, None) == "Day 2"


def test_every_figure_of_a_result_has_a_name():
    assert all(said(figure).title for figure in DEFINITIONS)
    assert said("within_of_answered").unit == "share"
