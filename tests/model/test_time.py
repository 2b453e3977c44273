"""Durations as people write them, and as milliseconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.model.time import (
    days,
    format_duration,
    hours,
    minutes,
    parse_duration,
    seconds,
)


@pytest.mark.parametrize(
    ("text", "duration_ms"),
    [
        ("0", 0),
        ("0s", 0),
        ("250ms", 250),
        ("20s", 20_000),
        ("1m30s", 90_000),
        ("5m", 300_000),
        ("2h", 7_200_000),
        ("1d", 86_400_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("90s", 90_000),
    ],
)
def test_a_written_duration_is_read_in_milliseconds(text, duration_ms):
    assert duration_ms == parse_duration(text)


@pytest.mark.parametrize(
    "text",
    ["", "20", "s", "20 s", "1.5s", "-1s", "30s1m", "1m1m", "1w", "20S", "٢s", "1e3s"],
)
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match='as in "20s", "1m30s" or "250ms"'):
        parse_duration(text)


@given(st.integers(0, 10**12))
def test_a_written_duration_says_the_same_when_read_again(duration_ms):
    assert duration_ms == parse_duration(format_duration(duration_ms))


def test_a_duration_is_written_in_the_largest_units_that_fit():
    assert "1m30s" == format_duration(90_000)
    assert "0s" == format_duration(0)
    assert "1d" == format_duration(hours(24))


def test_nothing_takes_less_than_no_time():
    with pytest.raises(ValueError, match="cannot be negative"):
        format_duration(-1)


def test_the_units_agree():
    assert days(1) == hours(24) == minutes(1440) == seconds(86_400)
