"""Eligibility in its plainest words, to hold the values of `router.model` against."""

from hypothesis import strategies as st

from router.model.needs import Needs, SkillNeed
from router.model.relaxation import RelaxationStep

SKILLS = ("turkish", "greek", "cards", "loans", "trainee")

skills = st.sampled_from(SKILLS)
levels = st.integers(1, 5)
skill_needs = st.builds(SkillNeed, skills, levels)
agents = st.dictionaries(skills, levels)


def may_take(agent, needs):
    def has(need):
        return agent.get(need.skill, 0) >= need.level

    return (
        all(has(need) for need in needs.all_of)
        and all(any(has(need) for need in group) for group in needs.any_of)
        and not any(has(need) for need in needs.none_of)
    )


@st.composite
def some_needs(draw):
    forbidden = draw(st.sets(skills, max_size=2))
    asked = st.sampled_from([skill for skill in SKILLS if skill not in forbidden])
    need = st.builds(SkillNeed, asked, levels)
    return Needs(
        all_of=tuple(draw(st.lists(need, max_size=3))),
        any_of=tuple(
            tuple(group)
            for group in draw(st.lists(st.lists(need, min_size=1), max_size=2))
        ),
        none_of=tuple(SkillNeed(skill, draw(levels)) for skill in sorted(forbidden)),
    )


@st.composite
def some_steps(draw):
    dropped = draw(st.sets(skills, max_size=2))
    kept = st.sampled_from([skill for skill in SKILLS if skill not in dropped])
    lower = draw(st.lists(st.builds(SkillNeed, kept, levels), max_size=2))
    add = draw(st.lists(st.tuples(kept, skill_needs), max_size=2))
    return RelaxationStep(
        after_ms=draw(st.integers(1, 10**6)),
        drop=tuple(sorted(dropped)),
        lower=tuple({need.skill: need for need in lower}.values()),
        add=tuple(pair for pair in add if pair[0] != pair[1].skill),
        groups=("back",),
    )
