"""Local time: opening hours, holidays, quiet hours, and the two nights that jump."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.intake.hours import Opening, after_quiet, local, within
from router.model.hours import DAY_MINUTES, Spell, parse_spell
from router.model.time import hours, minutes
from router.policy.hours import HoursPolicy
from tests.intake.shop import ATHENS, ISTANBUL, at

NIGHT = parse_spell("21:00-09:00")


def opening(**settings):
    return Opening.of(HoursPolicy.model_validate(settings), "Europe/Istanbul")


def test_a_spell_is_written_as_it_is_read():
    for text in ("00:00-24:00", "09:00-18:00", "21:00-09:00", "23:59-00:00"):
        assert text == str(parse_spell(text))


@pytest.mark.parametrize(
    "text", ["9:00-18:00", "09:00", "24:00-09:00", "09:60-10:00", "a"]
)
def test_what_is_no_spell_is_refused(text):
    with pytest.raises(ValueError, match="two times of the day"):
        parse_spell(text)


def test_a_shop_is_open_from_the_first_minute_until_just_before_the_last():
    shop = opening(week={"mon-fri": "09:00-18:00"})

    assert not shop.is_open(at("2026-03-02T09:00") - 1)
    assert shop.is_open(at("2026-03-02T09:00"))
    assert shop.is_open(at("2026-03-02T18:00") - 1)
    assert not shop.is_open(at("2026-03-02T18:00"))
    assert not shop.is_open(at("2026-03-01T12:00"))


def test_a_day_may_have_several_spells_and_go_on_until_midnight():
    shop = opening(week={"sat": ["10:00-13:00", "14:00-24:00"], "sun": "00:00-02:00"})

    shown = [
        shop.is_open(at(f"2026-03-0{day}T{time}"))
        for day, time in [(7, "13:30"), (7, "23:59"), (8, "01:59"), (8, "02:00")]
    ]
    assert [False, True, True, False] == shown


def test_a_public_holiday_is_closed_and_a_half_day_until_one_o_clock():
    shop = opening(week={"mon-sun": "09:00-18:00"}, holidays="TR")

    assert not shop.is_open(at("2026-10-29T11:00"))
    assert shop.is_open(at("2026-10-28T12:59"))
    assert not shop.is_open(at("2026-10-28T13:00"))
    assert shop.is_open(at("2026-10-30T15:00"))


def test_holidays_of_another_country_move_with_its_easter():
    shop = opening(
        week={"mon-sun": "09:00-18:00"}, holidays="GR", timezone="Europe/Athens"
    )

    assert not shop.is_open(at("2026-04-13T11:00", ATHENS))
    assert shop.is_open(at("2026-04-06T11:00", ATHENS))


def test_a_date_of_its_own_is_closed():
    shop = opening(week={"mon-sun": "09:00-18:00"}, closed_on=["2026-03-02"])

    assert not shop.is_open(at("2026-03-02T11:00"))
    assert shop.is_open(at("2026-03-03T11:00"))


def test_istanbul_and_athens_differ_in_winter_only():
    winter, summer = at("2026-01-15T12:00"), at("2026-07-15T12:00")

    assert (12, 11) == (local(winter, ISTANBUL).hour, local(winter, ATHENS).hour)
    assert (12, 12) == (local(summer, ISTANBUL).hour, local(summer, ATHENS).hour)


# ---------------------------------------------------------------- quiet hours


def wall(at_ms, zone=ATHENS):
    return local(at_ms, zone).strftime("%m-%d %H:%M %z")


def test_quiet_hours_end_in_the_morning_of_the_same_or_of_the_next_day():
    evening, small_hours = at("2026-03-02T22:15"), at("2026-03-03T02:00")

    assert at("2026-03-03T09:00") == after_quiet([NIGHT], ISTANBUL, evening)
    assert at("2026-03-03T09:00") == after_quiet([NIGHT], ISTANBUL, small_hours)
    midday = at("2026-03-03T12:00")
    assert midday == after_quiet([NIGHT], ISTANBUL, midday)


def test_the_night_in_spring_is_an_hour_shorter():
    # Athens, 29 March 2026: 03:00 becomes 04:00.
    evening = at("2026-03-28T21:00", ATHENS)
    assert hours(11) == after_quiet([NIGHT], ATHENS, evening) - evening


def test_the_night_in_autumn_is_an_hour_longer():
    # Athens, 25 October 2026: 04:00 becomes 03:00 again.
    evening = at("2026-10-24T21:00", ATHENS)
    assert hours(13) == after_quiet([NIGHT], ATHENS, evening) - evening


def test_an_end_that_the_clock_jumps_over_is_the_minute_after_the_jump():
    quiet = [parse_spell("21:00-03:30")]

    end = after_quiet(quiet, ATHENS, at("2026-03-28T23:00", ATHENS))

    assert "03-29 04:00 +0300" == wall(end)


def test_an_end_that_comes_twice_is_taken_the_first_time():
    quiet = [parse_spell("21:00-03:30")]

    end = after_quiet(quiet, ATHENS, at("2026-10-24T23:00", ATHENS))

    assert "10-25 03:30 +0300" == wall(end)


def test_within_the_hour_that_comes_twice_the_second_end_is_taken_when_the_first_is_over():
    quiet = [parse_spell("21:00-03:30")]
    second_time = at("2026-10-25T03:10", ATHENS, fold=1)

    assert within(quiet, ATHENS, second_time)
    assert "10-25 03:30 +0200" == wall(after_quiet(quiet, ATHENS, second_time))


def test_one_spell_may_lead_into_the_next():
    quiet = [parse_spell("21:00-09:00"), parse_spell("09:00-10:00")]

    assert at("2026-03-03T10:00") == after_quiet(
        quiet, ISTANBUL, at("2026-03-02T23:00")
    )


def test_a_whole_day_of_quiet_has_no_end_and_says_so():
    quiet = [parse_spell("00:00-12:00"), parse_spell("12:00-24:00")]

    with pytest.raises(ValueError, match="leave no minute"):
        after_quiet(quiet, ISTANBUL, at("2026-03-02T23:00"))


spells = st.builds(
    lambda start, length: Spell(start, (start + length) % DAY_MINUTES or DAY_MINUTES),
    st.integers(0, DAY_MINUTES - 1),
    st.integers(1, DAY_MINUTES - 120),
)
JUMPS = (at("2026-03-29T03:00", ATHENS), at("2026-10-25T03:00", ATHENS))


@given(
    spell=spells,
    jump=st.sampled_from(JUMPS),
    away=st.integers(-1440, 1440),
    ms=st.integers(0, 59_999),
)
@example(spell=Spell(1260, 210), jump=JUMPS[1], away=70, ms=0)
@example(spell=Spell(181, 240), jump=JUMPS[1], away=1, ms=0)
@example(spell=Spell(180, 240), jump=JUMPS[0], away=-5, ms=1)
def test_around_both_jumps_quiet_hours_end_where_they_should(spell, jump, away, ms):
    start = jump + minutes(away) + ms
    end = after_quiet([spell], ATHENS, start)

    assert end >= start
    assert not within([spell], ATHENS, end)
    assert end == after_quiet([spell], ATHENS, end)
    quiet = range(start, end, minutes(1))
    # In the hour that comes again the clock may for minutes show a time before the
    # spell; nobody is disturbed in them either.
    assert all(
        within([spell], ATHENS, instant) or local(instant, ATHENS).fold
        for instant in quiet
    )
    assert end == start or within([spell], ATHENS, end - 1)
