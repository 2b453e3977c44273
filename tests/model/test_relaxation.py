"""Needs loosen after a wait, and never the other way."""

import pytest
from hypothesis import given

from router.model.needs import Needs, SkillNeed
from router.model.relaxation import RelaxationStep, loosened, relax
from tests.model.floor import agents, may_take, some_needs, some_steps

CARDS, LOANS = SkillNeed("cards", 3), SkillNeed("loans", 4)
TURKISH, ENGLISH = SkillNeed("turkish", 3), SkillNeed("english", 4)


def a_step(**parts):
    return RelaxationStep(after_ms=30_000, **parts)


def test_a_lower_level_becomes_enough():
    needs = Needs(all_of=(CARDS,))
    eased = relax(needs, a_step(lower=(SkillNeed("cards", 2),)))
    assert Needs(all_of=(SkillNeed("cards", 2),)) == eased


def test_another_skill_may_do_instead():
    eased = relax(Needs(all_of=(CARDS,)), a_step(add=(("cards", LOANS),)))
    assert Needs(any_of=((CARDS, LOANS),)) == eased


def test_a_choice_takes_one_more_option():
    needs = Needs(any_of=((TURKISH, ENGLISH),))
    greek = SkillNeed("greek", 2)
    eased = relax(needs, a_step(add=(("english", greek),)))
    assert Needs(any_of=((TURKISH, ENGLISH, greek),)) == eased


def test_a_dropped_need_is_gone():
    needs = Needs(all_of=(CARDS, TURKISH))
    assert Needs(all_of=(TURKISH,)) == relax(needs, a_step(drop=("cards",)))


def test_dropping_an_option_meets_the_choice():
    # Taking the option away would leave fewer agents: the opposite of loosening.
    needs = Needs(all_of=(CARDS,), any_of=((TURKISH, ENGLISH),))
    assert Needs(all_of=(CARDS,)) == relax(needs, a_step(drop=("english",)))


def test_steps_add_up_on_a_ladder():
    needs = Needs(all_of=(CARDS,), none_of=(SkillNeed("trainee", 1),))
    for step in (
        a_step(lower=(SkillNeed("cards", 2),)),
        a_step(add=(("cards", LOANS),)),
        a_step(drop=("cards",)),
    ):
        needs = relax(needs, step)
    assert Needs(none_of=(SkillNeed("trainee", 1),)) == needs


def test_a_step_that_tightens_is_refused():
    with pytest.raises(ValueError, match="lower cards to 4 would tighten"):
        relax(Needs(all_of=(CARDS,)), a_step(lower=(SkillNeed("cards", 4),)))


def test_a_forbidden_skill_cannot_stand_in():
    needs = Needs(all_of=(CARDS,), none_of=(LOANS,))
    with pytest.raises(ValueError, match="loans cannot stand in for cards"):
        relax(needs, a_step(add=(("cards", LOANS),)))


def test_needs_the_author_has_not_seen_are_never_tightened_and_never_refused():
    needs = Needs(all_of=(SkillNeed("cards", 1),), none_of=(LOANS,))
    step = a_step(lower=(SkillNeed("cards", 4),), add=(("cards", LOANS),))
    assert needs == loosened(needs, step)


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({}, "does nothing"),
        ({"drop": ("cards",), "lower": (CARDS,)}, "cards is dropped"),
        ({"drop": ("cards",), "add": (("cards", LOANS),)}, "cards is dropped"),
        ({"add": (("cards", CARDS),)}, "cannot stand in for itself"),
    ],
)
def test_a_step_that_contradicts_itself_is_refused(parts, complaint):
    with pytest.raises(ValueError, match=complaint):
        a_step(**parts)


@given(agent=agents, needs=some_needs(), step=some_steps())
def test_an_agent_who_was_eligible_stays_eligible(agent, needs, step):
    if may_take(agent, needs):
        assert may_take(agent, loosened(needs, step))


@given(needs=some_needs(), step=some_steps())
def test_what_a_policy_may_say_does_what_it_says(needs, step):
    try:
        eased = relax(needs, step)
    except ValueError:
        return
    assert loosened(needs, step) == eased
