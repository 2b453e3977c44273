"""Floors for measurements inside the process: agents with drawn skills, and arrivals.

Time is the caller's; everything is drawn from fixed seeds.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from router.engine import commands as c
from router.engine.engine import Engine
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.policy.load import load_policy
from router.policy.policy import Policy

POLICY = Path(__file__).parent / "policy.yaml"
START = 1_772_438_400_000
SKILLS = 8
QUEUES = 8
ROOM = 1_000
"""Orders in one batch, below the rows that the engine keeps free for one."""


def policy(more: str = "") -> Policy:
    """The measured policy with further sections."""
    return load_policy(POLICY.read_text(encoding="utf-8") + more, file=str(POLICY))


def engine(more: str = "") -> Engine:
    """An engine with that policy in force."""
    made = Engine()
    made.begin(START)
    text = POLICY.read_text(encoding="utf-8") + more
    made.perform(c.PublishPolicy(policy(more), text))
    made.take()
    return made


def staff_orders(
    count: int, skills_each: int, capacity: int = 3
) -> Iterator[c.DefineAgent]:
    """Orders that put agents on the roster who hold so many of the skills."""
    draw = random.Random(count)
    for number in range(count):
        held = draw.sample(range(SKILLS), skills_each)
        skills = {f"s{skill}": draw.randint(2, 5) for skill in held}
        yield c.DefineAgent(f"agent-{number:05}", skills=skills, capacity=capacity)


def staff(of: Engine, count: int, skills_each: int, capacity: int = 3) -> list[str]:
    """The same, carried out; they still have to sign in."""
    names = []
    for order in staff_orders(count, skills_each, capacity):
        of.perform(order)
        names.append(order.agent)
        if len(names) % ROOM == 0:
            of.take()
    of.take()
    return names


def sign_in(of: Engine, names: list[str]) -> None:
    """Everybody is there, through a gateway."""
    for name in names:
        of.perform(c.SignIn(name, Link.GATEWAY, Presence.AVAILABLE))
    of.take()


def arrivals(
    seed: int, channel: Channel = Channel.VOICE, prefix: str = "call"
) -> Iterator[c.Enqueue]:
    """Interactions for all queues, without end."""
    draw = random.Random(seed)
    number = 0
    while True:
        number += 1
        queue = f"q{draw.randrange(QUEUES)}"
        yield c.Enqueue(
            f"{prefix}-{seed}-{number:07}", queue, channel, draw.choice((40, 50, 60))
        )
