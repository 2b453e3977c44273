"""What an interaction asks of an agent."""

import pytest
from hypothesis import given

from router.model.needs import Needs, SkillNeed
from tests.model.floor import agents, may_take, some_needs

CARDS, LOANS = SkillNeed("cards", 3), SkillNeed("loans", 4)
TURKISH, GREEK = SkillNeed("turkish", 3), SkillNeed("greek", 3)


@pytest.mark.parametrize("level", [-1, 0, 6])
def test_a_level_runs_from_one_to_five(level):
    with pytest.raises(ValueError, match="level of cards must be from 1 to 5"):
        SkillNeed("cards", level)


def test_a_need_names_its_skill():
    with pytest.raises(ValueError, match="must name its skill"):
        SkillNeed("", 3)


def test_an_empty_choice_is_no_choice():
    with pytest.raises(ValueError, match="nobody could meet it"):
        Needs(any_of=((),))


def test_what_is_asked_for_is_not_forbidden():
    with pytest.raises(ValueError, match="cards is both asked for and forbidden"):
        Needs(all_of=(CARDS,), none_of=(SkillNeed("cards", 5),))
    with pytest.raises(ValueError, match="greek is both asked for and forbidden"):
        Needs(any_of=((TURKISH, GREEK),), none_of=(GREEK,))


def test_the_same_needs_in_another_order_are_equal():
    one = Needs(all_of=(CARDS, LOANS), any_of=((TURKISH, GREEK), (CARDS, LOANS)))
    other = Needs(all_of=(LOANS, CARDS), any_of=((LOANS, CARDS), (GREEK, TURKISH)))
    assert one == other
    assert hash(one) == hash(other)


def test_a_choice_of_one_is_a_plain_need():
    assert Needs(all_of=(CARDS,)) == Needs(any_of=((CARDS,),))


def test_of_two_levels_the_one_that_matters_is_kept():
    low, high = SkillNeed("cards", 2), SkillNeed("cards", 4)
    assert (high,) == Needs(all_of=(low, high)).all_of
    assert (low,) == Needs(none_of=(high, low)).none_of
    choice = Needs(any_of=((high, LOANS, low),)).any_of
    assert ((low, LOANS),) == choice


def test_needs_are_counted_over_all_parts():
    trainee = SkillNeed("trainee", 1)
    needs = Needs(all_of=(CARDS,), any_of=((TURKISH, GREEK),), none_of=(trainee,))
    assert 4 == needs.count()
    assert 0 == Needs.NOTHING.count()


def test_an_interaction_cannot_ask_for_what_its_queue_forbids():
    with pytest.raises(ValueError, match="both asked for and forbidden"):
        Needs(all_of=(CARDS,)).combined(Needs(none_of=(CARDS,)))


@given(agent=agents, one=some_needs(), other=some_needs())
def test_combined_needs_are_met_by_whoever_meets_both(agent, one, other):
    try:
        both = one.combined(other)
    except ValueError:
        return
    expected = may_take(agent, one) and may_take(agent, other)
    assert expected == may_take(agent, both)


@given(agent=agents)
def test_anybody_can_do_nothing(agent):
    assert may_take(agent, Needs.NOTHING)
