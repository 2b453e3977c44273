"""Many arrivals handed over together come to what they come to one by one."""

import random
import uuid
from itertools import product
from operator import itemgetter

import pytest

from router.engine import commands as c
from router.engine.batch import Done
from router.engine.errors import AlreadyEnqueued, QueueFull, Refused, UnknownQueue
from router.engine.floor import differences
from router.engine.requests import WINDOW_MS
from router.engine.tables import INBOX_MAX
from router.model.channel import Channel
from tests.factories import (
    a_call,
    a_chat,
    a_policy,
    an_agent,
    an_engine,
    later,
    needing,
    on_shift,
)

CHANNELS = (Channel.VOICE, Channel.CHAT, Channel.EMAIL)
PRIORITIES = (None, 10, 90)
ENGLISH = needing(english=3)


def a_house(**settings):
    policy = a_policy(
        settings=settings,
        support={"limit": 40},
        stocks={"needs": {"all_of": {"stocks": 2}}, "overflow": "support", "limit": 9},
    )
    engine = an_engine(policy)
    # Every line is there already: a new one is defined before the message is carried
    # out, and not between two of its orders, which is the only difference there is.
    engine.perform(an_agent("ayşe", skills={"stocks": 3, "english": 3}, capacity=9))
    for number, (queue, channel, priority, needs) in enumerate(
        product(("support", "stocks"), CHANNELS, PRIORITIES, (c.NO_NEEDS, ENGLISH))
    ):
        engine.perform(c.Enqueue(f"line-{number}", queue, channel, priority, needs))
        engine.perform(c.Cancel(f"line-{number}"))
    on_shift(engine, an_agent("ayşe", skills={"stocks": 3, "english": 3}, capacity=9))
    on_shift(engine, an_agent("γιώργος", skills={"english": 4}, capacity=9))
    on_shift(engine, an_agent("mehmet", skills={"stocks": 5}, capacity=9))
    engine.take()
    return engine


def an_idle_house(policy=None):
    """Somebody could take a call, and nobody is there."""
    engine = an_engine(policy)
    engine.perform(an_agent())
    return engine


def a_mixed_hundred(seed):
    """Good ones, refused ones, repeats of each other and of what is there."""
    draw = random.Random(seed)
    found = []
    for number in range(100):
        channel = draw.choice(CHANNELS)
        command = c.Enqueue(
            f"görüşme-{draw.randrange(80) if draw.random() < 0.3 else 1000 + number}",
            draw.choice(("support", "stocks", "stocks", "nowhere")),
            channel,
            draw.choice((*PRIORITIES, 101)),
            draw.choice((c.NO_NEEDS, ENGLISH, needing(juggling=1))),
            draw.choice(((), (), ("mehmet",), ("nobody",))),
            draw.choice(("", "", "ayşe", "nobody")),
            5_000,
            draw.choice(("", f"conversation-{number}")),
            draw.choice(("", f"customer-{number % 7}")),
            draw.choice((0, 60_000)),
        )
        if draw.random() < 0.5:
            digest = bytes([number % 3]) * 16
            request = f"00000000-0000-4000-8000-{draw.randrange(60):012}"
            command.request = c.Request("local", "EnqueueInteraction", request, digest)
        found.append(command)
    return found


def one_by_one(engine, commands):
    for command in commands:
        try:
            yield engine.perform(command)
        except Refused as no:
            yield type(no), str(no), no.field


def together(engine, commands):
    """The same; a repeat may name an earlier sequence, which holds its effect as well."""
    for answer in engine.enqueue_all(commands):
        if isinstance(answer, Done):
            yield answer.row
        else:
            yield type(answer), str(answer), answer.field


def by_table(names):
    """Those of one table in their order; tables do not know of each other."""
    return sorted(names, key=itemgetter(0))


@pytest.mark.parametrize("window", ["0s", "2s"])
@pytest.mark.parametrize("seed", range(5))
def test_the_answers_and_the_floor_are_the_same(window, seed):
    single, bulk = (
        a_house(rounds={"window": window}, retention={"ended": "0s"}) for _ in range(2)
    )

    for wave in range(3):
        commands = a_mixed_hundred(seed * 10 + wave)
        for engine in (single, bulk):
            later(engine, 1_500)
        assert list(one_by_one(single, commands)) == list(together(bulk, commands))
        mine, theirs = single.take(), bulk.take()
        assert mine.events.tolist() == theirs.events.tolist()
        assert by_table(mine.names) == by_table(theirs.names)
        assert mine.answers == theirs.answers

    assert [] == differences(single.floor, bulk.floor)


def test_two_with_one_id_in_one_message_are_one_interaction():
    engine = an_idle_house()

    first, again, other = engine.enqueue_all(
        [a_call("call-1"), a_call("call-1"), a_chat("call-1")]
    )

    assert first.row == again.row
    assert isinstance(other, AlreadyEnqueued)
    assert 1 == int(engine.floor.house[0].waiting)


def test_a_request_id_used_twice_in_one_message_has_one_effect():
    engine = an_idle_house()
    request = c.Request("local", "EnqueueInteraction", str(uuid.UUID(int=7)), b"x" * 16)

    first, again = engine.enqueue_all(
        [a_call("call-1", request=request), a_call("call-2", request=request)]
    )

    assert first == again
    assert 1 == int(engine.floor.house[0].waiting)
    later(engine, WINDOW_MS + 1)


def test_the_queue_fills_up_in_the_middle_of_a_message():
    engine = an_idle_house(a_policy(support={"limit": 3}))

    answers = engine.enqueue_all([a_call(f"call-{n}") for n in range(5)])

    assert [Done] * 3 + [QueueFull] * 2 == [type(answer) for answer in answers]


def test_a_refused_one_among_many_leaves_the_others_be():
    engine = an_idle_house()

    answers = engine.enqueue_all(
        [a_call("call-1"), a_call("call-2", "nowhere"), a_call("call-3")]
    )

    assert [Done, UnknownQueue, Done] == [type(answer) for answer in answers]


def test_as_many_as_the_inbox_holds_go_in_at_once():
    engine = an_idle_house()

    answers = engine.enqueue_all([a_call(f"call-{n}") for n in range(INBOX_MAX - 1)])

    assert INBOX_MAX - 1 == len({answer.row for answer in answers})
    assert INBOX_MAX - 1 == int(engine.floor.house[0].waiting)
