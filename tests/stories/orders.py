"""What people say in a story, turned into the engine's commands.

A command is a verb, whom it is about, and then words in pairs: `priority 80`, `owner
ann`. The verbs are the engine's own orders. This file must never look at the engine.
"""

import shlex
from types import SimpleNamespace

from router.engine import commands as c
from router.model.agent import AgentKind, Link, Presence
from router.model.channel import Channel
from router.model.conversation import Purpose, Relation
from router.model.needs import Needs, SkillNeed
from router.model.time import parse_duration
from tests.factories import MIDNIGHT


class Unreadable(Exception):
    """A line of a story that nobody can understand."""


def words_of(line):
    """The words of a line; a name with spaces stands in quotes."""
    return shlex.split(line, posix=True)


def _pairs(words, *, flags=()):
    """Words in pairs as a mapping; a flag stands alone."""
    found, rest = {}, list(words)
    while rest:
        word = rest.pop(0)
        if word in flags:
            found[word] = True
        elif not rest:
            raise Unreadable(f"{word!r} should be followed by a value")
        else:
            found[word] = rest.pop(0)
    return found


def _skill_need(text):
    skill, _, level = text.partition(":")
    return SkillNeed(skill, int(level))


def _needs(said):
    """`needs billing:3,english:2 any english:2|french:2 none trainee:1`, or None."""
    if not {"needs", "any", "none"} & set(said):
        return None
    if said.get("needs") == "nothing":
        return Needs()
    groups = [group for group in said.pop("any", "").split(",") if group]
    return Needs(
        all_of=tuple(map(_skill_need, _list(said.pop("needs", "")))),
        any_of=tuple(tuple(map(_skill_need, group.split("|"))) for group in groups),
        none_of=tuple(map(_skill_need, _list(said.pop("none", "")))),
    )


def _list(text):
    return tuple(part for part in text.split(",") if part)


def _ms(said, key):
    return parse_duration(said[key]) if key in said else 0


def _request(said, method):
    if "request" not in said:
        return None
    request_id, _, digest = said.pop("request").partition("/")
    return c.Request("gateway", method, request_id, digest.encode())


def enqueue(words, _):
    interaction, queue, channel, *rest = words
    said = _pairs(rest)
    needs = _needs(said)
    return c.Enqueue(
        interaction,
        queue,
        Channel[channel.upper()],
        priority=int(said["priority"]) if "priority" in said else None,
        needs=needs or c.NO_NEEDS,
        excluded=_list(said.get("exclude", "")),
        owner=said.get("owner", ""),
        hold_back_ms=_ms(said, "hold"),
        conversation=said.get("conversation", ""),
        customer=said.get("customer", ""),
        waited_ms=_ms(said, "waited"),
        due_at=_due(said),
        request=_request(said, "EnqueueInteraction"),
    )


def _due(said):
    """`due 17:00:00`, on the day of the story."""
    if "due" not in said:
        return 0
    hour, minute, second = map(int, said["due"].split(":"))
    return MIDNIGHT + ((hour * 60 + minute) * 60 + second) * 1_000


def hand_off(words, _):
    """`hand-off chat-1 call-1 voice queue sales relation callback keep-open no-consent`"""
    interaction, successor, channel, *rest = words
    said = _pairs(rest, flags=("keep-open", "no-consent"))
    return c.HandOff(
        interaction,
        successor,
        Channel[channel.upper()],
        queue=said.get("queue", ""),
        needs=_needs(said),
        keep_open="keep-open" in said,
        due_at=_due(said),
        consent="no-consent" not in said,
        relation=Relation[said.get("relation", "continuation").upper()],
    )


def hand_over(words, _):
    name, *rest = words
    said = _pairs(rest)
    return c.HandOver(name, said.get("to", ""), _list(said.get("conversations", "")))


def append(words, _):
    """`append need-1 cus-a expected 3`"""
    conversation, customer, *rest = words
    said = _pairs(rest)
    expected = int(said["expected"]) if "expected" in said else None
    stored = int(said.get("stored", 0))
    return c.AppendContext(conversation, customer, 1, 77, expected, None, stored)


def consent(words, _):
    customer, purpose, says = words
    return c.SetConsent(
        customer, Purpose[purpose.upper().replace("-", "_")], says == "granted"
    )


def account_owner(words, _):
    customer, *rest = words
    said = _pairs(rest)
    return c.SetAccountOwner(customer, said.get("agent", ""), said.get("team", ""))


def update(words, story):
    interaction, *rest = words
    said = _pairs(rest)
    excluded = said.get("exclude")
    return c.Update(
        interaction,
        priority=int(said["priority"]) if "priority" in said else None,
        needs=_needs(said),
        excluded=None if excluded is None else _list(excluded.replace("nobody", "")),
        owner=said.get("owner", "").replace("nobody", "") if "owner" in said else None,
        hold_until=story.engine.now + _ms(said, "hold") if "hold" in said else 0,
    )


def transfer(words, _):
    interaction, *rest = words
    said = _pairs(rest)
    needs = _needs(said)
    return c.Transfer(
        interaction,
        queue=said.get("queue", ""),
        agent=said.get("agent", ""),
        needs=needs,
    )


def complete(words, _):
    interaction, *rest = words
    said = _pairs(rest)
    wrap_up_ms = parse_duration(said["wrap-up"]) if "wrap-up" in said else None
    return c.Complete(interaction, wrap_up_ms, _request(said, "CompleteInteraction"))


def answer(verb):
    def offer_answered(words, story):
        interaction, agent, *rest = words
        said = _pairs(rest)
        offer = int(said.get("offer", story.last_offer(interaction, agent)))
        if verb is c.AcceptOffer:
            return verb(agent, offer, _request(said, "AcceptOffer"))
        return verb(agent, offer, said.get("note", ""))

    return offer_answered


def agent(words, _):
    """`agent ann billing:4,english:2 groups front capacity 2 limits chat:1 prefers voice`"""
    name, *rest = words
    skills = rest.pop(0) if rest and ":" in rest[0] else ""
    said = _pairs(rest, flags=("bot",))
    return c.DefineAgent(
        name,
        kind=AgentKind.BOT if "bot" in said else AgentKind.HUMAN,
        skills={skill: int(level) for skill, level in _levels(skills)},
        groups=_list(said.get("groups", "")),
        capacity=int(said["capacity"]) if "capacity" in said else None,
        limits={Channel[x.upper()]: int(n) for x, n in _levels(said.get("limits", ""))},
        prefers=tuple(Channel[x.upper()] for x in _list(said.get("prefers", ""))),
    )


def _levels(text):
    return [part.split(":") for part in _list(text)]


def sign_in(words, _):
    name, *rest = words
    said = _pairs(rest, flags=("away", "stream", "gateway"))
    return c.SignIn(
        name,
        Link.STREAM if "stream" in said else Link.GATEWAY,
        Presence.AWAY if "away" in said else Presence.AVAILABLE,
    )


def presence(words, _):
    name, says, *rest = words
    said = _pairs(rest, flags=("when-idle",))
    return c.SetPresence(
        name,
        Presence[says.upper()],
        said.get("reason", ""),
        when_idle="when-idle" in said,
    )


def session(verb):
    return lambda words, _: verb(words[0], int(words[1]) if len(words) > 1 else 1)


def about(verb):
    return lambda words, _: verb(*words)


VERBS = SimpleNamespace(
    **{
        "enqueue": enqueue,
        "update": update,
        "transfer": transfer,
        "complete": complete,
        "accept": answer(c.AcceptOffer),
        "decline": answer(c.DeclineOffer),
        "agent": agent,
        "sign-in": sign_in,
        "presence": presence,
        "connect": session(c.Connect),
        "disconnect": session(c.Disconnect),
        "abandon": about(c.Abandon),
        "cancel": about(c.Cancel),
        "end-wrap-up": about(c.EndWrapUp),
        "extend-wrap-up": lambda words, _: c.ExtendWrapUp(
            words[0], parse_duration(words[1])
        ),
        "remove": about(c.RemoveAgent),
        "force-requeue": about(c.ForceRequeue),
        "force-end": about(c.ForceEnd),
        "publish": lambda words, story: c.PublishPolicy(*story.policy_named(words[0])),
        "tick": about(c.Tick),
        "hand-off": hand_off,
        "hand-over": hand_over,
        "append": append,
        "acknowledge": lambda words, _: c.AcknowledgeContext(
            words[0], words[1], int(words[2])
        ),
        "merge": about(c.MergeCustomers),
        "unmerge": about(c.UnmergeCustomers),
        "request-erasure": about(c.RequestErasure),
        "confirm-erasure": about(c.ConfirmErasure),
        "restrict": lambda words, _: c.SetRestricted(words[0], words[1:] != ["no"]),
        "consent": consent,
        "account-owner": account_owner,
    }
)


def read_order(words, story):
    """The command that these words give. Raises `Unreadable`."""
    verb, *rest = words
    order = vars(VERBS).get(verb)
    if order is None:
        raise Unreadable(f"{verb!r} is no verb; there are {', '.join(vars(VERBS))}")
    try:
        return order(rest, story)
    except (ValueError, TypeError, KeyError) as problem:
        raise Unreadable(f"{' '.join(words)!r}: {problem}") from problem
