"""What is remembered of agents and lines follows the roster and the policy at once."""

import random

from router.engine import commands as c
from router.engine.choose import best_agent
from router.engine.eligibility import rule_against
from router.engine.fits import NOT_ABLE, fits_for
from router.engine.kinds import Rule
from router.engine.score import score
from router.engine.tables import FIT_SLOTS
from router.model.channel import Channel
from tests.factories import a_call, a_policy, an_agent, an_engine, needing, on_shift

GATHERING = {"rounds": {"window": "5s"}}


def a_line(engine, **needs):
    """A call that waits for the window to end, so that we may look for it ourselves."""
    return engine.perform(a_call(f"çağrı-{engine.sequence}", needs=needing(**needs)))


def fit_of(engine, row, agent):
    start = int(fits_for(engine.floor, row))
    return int(engine.floor.fits[start + engine.names.agents.rows[agent]])


def test_a_new_skill_counts_at_once():
    engine = an_engine(a_policy(settings=GATHERING), an_agent("ayşe"))
    engine.perform(an_agent("can", skills={"french": 5}))
    row = a_line(engine, french=2)
    assert NOT_ABLE == fit_of(engine, row, "ayşe")

    engine.perform(an_agent("ayşe", skills={"french": 3}))

    assert NOT_ABLE != fit_of(engine, row, "ayşe")


def test_a_new_policy_counts_at_once():
    engine = an_engine(
        a_policy(settings={**GATHERING, "score": {"skill_fit": 1, "channel_fit": 0}}),
        an_agent("ayşe", skills={"french": 3}),
    )
    row = a_line(engine, french=2)
    before = fit_of(engine, row, "ayşe")

    heavier = a_policy(
        settings={**GATHERING, "score": {"skill_fit": 7, "channel_fit": 0}}
    )
    engine.perform(c.PublishPolicy(heavier, "heavier"))

    assert 7 * before == fit_of(engine, row, "ayşe")


def test_more_lines_than_slots_take_turns():
    engine = an_engine(a_policy(settings=GATHERING), an_agent("ayşe"))
    queues = {f"queue-{n}": {} for n in range(FIT_SLOTS // 9 + 2)}
    engine.perform(c.PublishPolicy(a_policy(settings=GATHERING, **queues), "many"))
    rows = [
        engine.perform(c.Enqueue(f"{queue}-{channel.name}", queue, channel))
        for queue in queues
        for channel in (Channel.VOICE, Channel.EMAIL)
    ]

    fits = [fit_of(engine, row, "ayşe") for row in rows]

    assert fits == [fit_of(engine, row, "ayşe") for row in rows]
    assert NOT_ABLE not in fits


def test_the_best_is_the_best_of_all_who_may():
    draw = random.Random(3)
    skills = ("billing", "english", "french", "stocks", "trainee")
    engine = an_engine(a_policy(settings=GATHERING))
    for number in range(200):
        held = {skill: draw.randint(1, 5) for skill in draw.sample(skills, 3)}
        on_shift(engine, an_agent(f"temsilci-{number}", skills=held, capacity=4))
    for wave in range(40):
        wanted = draw.choice(skills)
        row = a_line(engine, **{wanted: draw.randint(1, 4)})
        engine.begin(engine.now + draw.randint(0, 4_000))
        floor, now = engine.floor, int(engine.now)
        points = {
            a: int(score(floor, row, a, now))
            for a in engine.names.agents.rows.values()
            if rule_against(floor, row, a, now) == Rule.NONE
        }

        best, best_score, second, second_score, eligible = map(
            int, best_agent(floor, row, now)
        )

        assert 2 <= len(points) == eligible, wave
        ranked = sorted(points.values(), reverse=True)
        assert [best_score, second_score] == ranked[:2]
        assert best_score == points[best]
        assert second_score == points[second]
        engine.perform(c.Tick())
