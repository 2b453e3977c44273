"""From a policy to rows: ladders are compiled whole, and the same words give the same rows."""

from router.engine import commands as c
from router.engine.definitions import ladder_name, ladder_rows, read_ladder_name
from router.engine.kinds import Kind
from router.engine.tables import ALL_OF, ANY_OF, NONE_OF
from router.model.needs import Needs, SkillNeed
from tests.factories import a_call, a_policy, an_agent, an_engine, needing

LADDER = {
    "needs": {"all_of": {"billing": 4}, "none_of": {"trainee": 1}},
    "groups": ["front"],
    "relaxation": [
        {"after": "30s", "lower": {"billing": 2}},
        {"after": "60s", "add": {"billing": {"english": 3}}, "groups": ["back"]},
        {"after": "90s", "drop": ["billing"], "queues": ["other"]},
    ],
}


def rungs(policy, own=None, queue="support"):
    """Each rung as (after, everybody, groups, clauses)."""
    names = an_engine(policy).names
    skill = names.skills.texts
    found = []
    for step, clauses in ladder_rows(policy, names, queue, own or Needs()):
        groups = {names.groups.texts[g] for g in step["group"][0].nonzero()[0].tolist()}
        said = [
            (int(x["kind"][0]), skill[int(x["skill"][0])], int(x["level"][0]))
            for x in clauses
        ]
        found.append(
            (int(step["after_ms"][0]), bool(step["any_group"][0]), groups, said)
        )
    return found


def test_a_ladder_loosens_step_by_step():
    no_trainee = (NONE_OF, "trainee", 1)

    assert [
        (0, False, {"front"}, [(ALL_OF, "billing", 4), no_trainee]),
        (30_000, False, {"front"}, [(ALL_OF, "billing", 2), no_trainee]),
        (
            60_000,
            False,
            {"front", "back"},
            [(ANY_OF, "billing", 2), (ANY_OF, "english", 3), no_trainee],
        ),
        (90_000, True, {"front", "back"}, [no_trainee]),
    ] == rungs(a_policy(support=LADDER, other={}))


def test_own_needs_join_the_queues_and_loosen_with_them():
    own = needing(billing=5, french=2)
    first, second, *_ = rungs(a_policy(support=LADDER, other={}), own)

    assert {
        (ALL_OF, "billing", 5),
        (ALL_OF, "french", 2),
        (NONE_OF, "trainee", 1),
    } == set(first[3])
    assert {
        (ALL_OF, "billing", 2),
        (ALL_OF, "french", 2),
        (NONE_OF, "trainee", 1),
    } == set(second[3])


def test_the_name_of_a_ladder_says_what_it_was_made_for():
    own = Needs(
        all_of=(SkillNeed("billing", 3),),
        any_of=((SkillNeed("english", 1), SkillNeed("french", 2)),),
        none_of=(SkillNeed("trainee", 1),),
    )

    assert ("Müşteri", own) == read_ladder_name(ladder_name("Müşteri", own))


def test_equals_share_a_line_and_others_do_not():
    engine = an_engine(a_policy(support={"unroutable": "alarm"}))
    engine.perform(a_call("call-1"))
    engine.perform(a_call("call-2", needs=Needs()))
    engine.perform(a_call("call-3", priority=51))
    engine.perform(a_call("call-4", needs=needing(billing=1)))
    line = [int(engine.floor.interactions[i]["line"]) for i in range(4)]

    assert line[0] == line[1]
    assert 3 == len(set(line))


def test_what_is_defined_already_is_not_defined_again():
    engine = an_engine()
    engine.perform(an_agent(skills={"billing": 3}))
    engine.take()
    engine.perform(an_agent(skills={"billing": 3}))

    assert engine.take() is None


def test_publishing_the_same_policy_again_leaves_the_same_rules():
    policy = a_policy(support=LADDER, other={})
    engine = an_engine(policy, an_agent(skills={"billing": 4}, groups=("front",)))
    engine.perform(a_call())
    definitions = (
        "roster",
        "queue_rules",
        "channel_rules",
        "lines",
        "ladders",
        "steps",
        "clauses",
    )
    before = {name: getattr(engine.floor, name).tobytes() for name in definitions}
    engine.perform(c.PublishPolicy(policy, "again"))

    batch = engine.take()
    assert Kind.POLICY_PUBLISHED == batch.events["kind"][-1]
    assert before == {
        name: getattr(engine.floor, name).tobytes() for name in definitions
    }
