"""Explain: the same judgement as routing's, told in full instead of acted upon.

Works on a floor as it stands. To explain a decision of the past, make the floor as it
was then (`journal.replay`) and ask here: the engine is deterministic, so what is shown
is what was decided.
"""

from dataclasses import dataclass

import numpy as np

from router.engine.compiled import compiled
from router.engine.eligibility import (
    failing_clause,
    reachable_agents,
    rule_against,
    step_of,
)
from router.engine.kinds import Rule
from router.engine.names import Directory
from router.engine.ownership import find_owner, strength
from router.engine.score import TERM_NAMES, score, terms
from router.engine.tables import ANY_OF, NEVER, NOBODY, TERMS, Floor
from router.model.agent import Presence
from router.model.channel import Channel
from router.model.conversation import Source


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible agent with the value of each term, unweighted and in the order of
    `TERM_NAMES`.
    """

    agent: int
    score: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an agent may take an interaction; if not, the first rule against it and
    what it found.
    """

    rule: Rule
    detail: str
    score: int


@compiled
def _judge_all(floor, i, now, rules, scores):
    for a in range(floor.agents.shape[0]):
        rules[a] = rule_against(floor, i, a, now)
        if rules[a] == Rule.NONE:
            scores[a] = score(floor, i, a, now)


@compiled
def _values(floor, i, a, now, values):
    terms(floor, i, a, now, values)


@compiled
def _points(floor, i, a, now):
    return score(floor, i, a, now)


@compiled
def _rule(floor, i, a, now):
    return rule_against(floor, i, a, now) + 0


@compiled
def _clause(floor, i, a):
    return failing_clause(floor, step_of(floor, floor.interactions[i]), a)


def candidates(
    floor: Floor, i: int, now: int
) -> tuple[list[Candidate], dict[Rule, int]]:
    """Every eligible agent, best first, and how many of the roster each rule keeps out."""
    rules = np.zeros(len(floor.agents), np.int64)
    scores = np.zeros(len(floor.agents), np.int64)
    _judge_all(floor, i, now, rules, scores)
    eligible = np.flatnonzero((rules == Rule.NONE) & (floor.roster["defined"] != 0))
    found = []
    values = np.zeros(TERMS, np.int64)
    for a in eligible.tolist():
        _values(floor, i, a, now, values)
        found.append(Candidate(a, int(scores[a]), tuple(values.tolist())))
    agents = floor.agents
    found.sort(
        key=lambda c: (
            -c.score,
            int(agents[c.agent].load) > 0,
            int(agents[c.agent].idle_since),
            c.agent,
        )
    )
    kept_out = rules[(rules != Rule.NONE) & (floor.roster["defined"] != 0)]
    counts = np.bincount(kept_out, minlength=max(Rule) + 1)
    return found, {Rule(n): int(counts[n]) for n in np.flatnonzero(counts).tolist()}


def points(floor: Floor, i: int, a: int, now: int) -> int:
    """The score of one pairing, whether or not it is eligible."""
    return int(_points(floor, i, a, now))


def weights(floor: Floor) -> dict[str, int]:
    """The policy's weight of each term."""
    return dict(zip(TERM_NAMES, floor.rules[0].weight.tolist(), strict=True))


def verdict(floor: Floor, names: Directory, i: int, a: int, now: int) -> Verdict:
    """May agent `a` take interaction `i` at `now`, and if not, why not."""
    rule = Rule(int(_rule(floor, i, a, now)))
    return Verdict(
        rule, _detail(floor, names, rule, i, a, now), points(floor, i, a, now)
    )


def _detail(
    floor: Floor, names: Directory, rule: Rule, i: int, a: int, now: int
) -> str:
    interaction, agent, roster = floor.interactions[i], floor.agents[a], floor.roster[a]
    channel = Channel(int(interaction.channel)).name.lower()
    if rule in (Rule.MISSING_SKILL, Rule.FORBIDDEN_SKILL):
        return _clause_detail(floor, names, i, a, rule)
    if rule == Rule.COOLING_DOWN:
        until = max(
            int(interaction.cooling_until[k])
            for k in range(int(interaction.cooling_count))
            if int(interaction.cooling[k]) == a
        )
        return f"declined or missed it lately and rests for {(until - now) / 1000:g} s more"
    words = {
        Rule.NONE: "eligible",
        Rule.NOT_SIGNED_IN: "is not signed in",
        Rule.UNREACHABLE: "is signed in, but has no open stream",
        Rule.NOT_AVAILABLE: f"is {Presence(int(agent.presence)).name.lower()}",
        Rule.OPEN_OFFER: f"is looking at {int(agent.open_offers)} open offer(s), as many as allowed",
        Rule.GROUP: "belongs to none of the agent groups that may take it at this step",
        Rule.CHANNEL_NOT_TAKEN: f"does not take {channel}",
        Rule.EXCLUDED: "was excluded by whoever sent the interaction",
        Rule.DECLINED_BEFORE: "has declined it before",
        Rule.HELD_FOR_OWNER: "it is held back for its owner "
        f"for {max(0, int(interaction.hold_until) - now) / 1000:g} s more"
        + _sum_detail(floor, i),
        Rule.CHANNEL_LIMIT: f"has {int(agent.channel_load[int(interaction.channel)])} on {channel}, "
        f"at most {int(roster.limit[int(interaction.channel)])} are allowed",
        Rule.EXCLUSIVE_CHANNEL: "is on a channel that allows nothing beside it",
        Rule.CAPACITY: f"has {int(agent.load)} of {int(roster.capacity)} capacity units taken, "
        f"it weighs {int(interaction.weight)}",
        Rule.INTERACTION_NOT_WAITING: "the interaction is not waiting",
        Rule.NOT_DUE: "it is scheduled, and due in "
        f"{max(0, int(interaction.not_before) - now) / 1000:g} s",
        Rule.HELD_FOR_COMPANION: _companion_detail(floor, names, i, now),
    }
    return words[rule]


def _companion_detail(floor: Floor, names: Directory, i: int, now: int) -> str:
    interaction = floor.interactions[i]
    if int(interaction.companion) == NOBODY:
        return ""
    queue = floor.queue_rules[int(interaction.queue)]
    until = int(interaction.companion_since) + int(queue.companion_wait_max_ms)
    return (
        f"{names.agents.texts[int(interaction.companion)]} has the customer on another channel, and is "
        f"waited for {max(0, until - now) / 1000:g} s more"
    )


def _sum_detail(floor: Floor, i: int) -> str:
    interaction = floor.interactions[i]
    if int(interaction.weighed_until) == 0:
        return ""
    return (
        f": that is worth {int(interaction.worth_ms) / 1000:g} s of wait, "
        f"{_expected(int(interaction.with_owner_ms))} are expected with the owner, "
        f"{_expected(int(interaction.without_owner_ms))} without"
    )


def _expected(wait_ms: int) -> str:
    return "no end" if wait_ms >= NEVER else f"{wait_ms / 1000:g} s"


@dataclass(frozen=True, slots=True)
class Claim:
    """Why an interaction has an owner, what that is worth, and whether it was waited for."""

    owner: str
    source: Source
    since: int
    strength: int
    team: str
    worth_ms: int
    """The queue's continuity value times the strength; 0 while nothing was weighed."""
    with_owner_ms: int
    """The wait that is expected for the owner; `NEVER`: they cannot take it."""
    without_owner_ms: int
    held_until: int
    """The end of the hold-back, or 0."""
    hold_back_over: bool
    """It did not pay, or does not any more."""


def claim_on(floor: Floor, names: Directory, i: int, now: int) -> Claim:
    """The owner's claim on an interaction as it stands, with the last sum."""
    interaction = floor.interactions[i]
    source, since = int(interaction.source), int(interaction.owned_since)
    return Claim(
        owner=names.agents.texts.get(int(interaction.owner), ""),
        source=Source(source),
        since=since,
        strength=int(strength(floor, source, since, now)),
        team=names.groups.texts.get(int(interaction.team), ""),
        worth_ms=int(interaction.worth_ms),
        with_owner_ms=int(interaction.with_owner_ms),
        without_owner_ms=int(interaction.without_owner_ms),
        held_until=int(interaction.hold_until),
        hold_back_over=bool(interaction.hold_over),
    )


def _clause_detail(floor: Floor, names: Directory, i: int, a: int, rule: Rule) -> str:
    row = int(_clause(floor, i, a))
    if row == NOBODY:
        return ""
    clause = floor.clauses[row]
    skill = names.skills.texts[int(clause.skill)]
    has = int(floor.roster[a].level[int(clause.skill)])
    if rule == Rule.FORBIDDEN_SKILL:
        return f"must be below {skill} {int(clause.level)}, has {has}"
    either = " (or another of its options)" if int(clause.kind) == ANY_OF else ""
    return f"needs {skill} {int(clause.level)}{either}, has {has}"


def warm_up(floor: Floor) -> None:
    """Compile what questions need before the first of them is asked; changes nothing."""
    rules = np.zeros(len(floor.agents), np.int64)
    _judge_all(floor, 0, 0, rules, np.zeros(len(floor.agents), np.int64))
    _values(floor, 0, 0, 0, np.zeros(TERMS, np.int64))
    points(floor, 0, 0, 0)
    _rule(floor, 0, 0, 0)
    _clause(floor, 0, 0)
    reachable_agents(floor, 0, 0)
    find_owner(floor, NOBODY, NOBODY, 0)
    strength(floor, 0, 0, 0)
