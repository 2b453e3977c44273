"""Things for tests of the engine: a policy, an engine, agents and interactions.

Each has what nearly every test wants, and takes by name what this one test is about.
They stand beside the tests of every folder and must never hide what a test is about:
no test should depend on a default that it does not mean.
"""

from typing import Any

from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.events import describe
from router.engine.kinds import Kind
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from router.policy.policy import Policy

MIDNIGHT = 1_772_409_600_000
"""The day on which all stories happen, 2 March 2026, as engine time."""
NINE = MIDNIGHT + 9 * 3_600_000
SKILLS = ["billing", "english", "french", "stocks", "trainee"]
GROUPS = ["front", "back"]


def a_policy(*, settings: dict[str, Any] | None = None, **queues: Any) -> Policy:
    """A policy with these queues, written as in a file; one queue, support, if none.

    `settings` are the other sections of the file: channels, offers, rounds, score ...
    """
    written: dict[str, Any] = {
        "policy": "small",
        "skills": SKILLS,
        "groups": GROUPS,
        "presence_reasons": ["break", "lunch"],
        "queues": queues or {"support": {}},
    }
    return Policy.model_validate({**written, **(settings or {})})


def an_engine(policy: Policy | None = None, *agents: c.DefineAgent) -> Engine:
    """An engine at nine o'clock with this policy; these agents are signed in."""
    engine = Engine()
    engine.begin(NINE)
    engine.perform(c.PublishPolicy(policy or a_policy(), "small"))
    for agent in agents:
        on_shift(engine, agent)
    engine.take()
    return engine


def on_shift(engine: Engine, agent: c.DefineAgent) -> int:
    """Put the agent on the roster and sign them in, through a gateway; their row."""
    engine.perform(agent)
    return engine.perform(c.SignIn(agent.agent, Link.GATEWAY, Presence.AVAILABLE))


def an_agent(agent: str = "ann", **more: Any) -> c.DefineAgent:
    return c.DefineAgent(agent, **more)


def a_call(
    interaction: str = "call-1",
    queue: str = "support",
    channel: Channel = Channel.VOICE,
    **more: Any,
) -> c.Enqueue:
    return c.Enqueue(interaction, queue, channel, **more)


def a_chat(interaction: str = "chat-1", queue: str = "support", **more: Any) -> Any:
    return a_call(interaction, queue, Channel.CHAT, **more)


def needing(**levels: int) -> Needs:
    """Needs that ask for all of these skills."""
    return Needs(all_of=tuple(SkillNeed(*need) for need in levels.items()))


def a_request(request_id: str = "r-1", digest: bytes = b"same", **more: Any) -> Any:
    said = {"principal": "gateway", "method": "EnqueueInteraction", **more}
    return c.Request(request_id=request_id, digest=digest, **said)


def later(engine: Engine, by_ms: int) -> None:
    """Let time pass; everything that falls due happens at its instant."""
    until = engine.now + by_ms
    while (due := engine.next_wakeup()) is not None and due <= until:
        engine.begin(due)
        engine.perform(c.Tick())
    engine.begin(until)


def facts(engine: Engine) -> list[tuple[Kind, dict[str, int]]]:
    """What has been caused since the last look, without the rows of definitions."""
    batch = engine.take()
    if batch is None:
        return []
    return [
        (Kind(int(event["kind"])), describe(event))
        for event in batch.events
        if event["kind"] != Kind.ROW_DEFINED
    ]


def kinds(engine: Engine) -> list[str]:
    return [kind.name for kind, _ in facts(engine)]
