"""From a policy to rows: what the business wants, written as the engine's definition
tables.

The same policy and the same names always give the same rows. Ladders are compiled here:
the queue's needs and the interaction's own, loosened step by step. This file only
computes rows; `writer` states them as events.
"""

import json
from functools import lru_cache
from typing import Any

import numpy as np

from router.engine.names import Directory
from router.engine.score import TERM_NAMES
from router.engine.tables import (
    AGENT_GROUPS_MAX,
    ALL_OF,
    ANY_OF,
    CHANNEL_RULES,
    CLAUSE,
    GROUPS_MAX,
    HELD_MAX,
    MOVES,
    MOVES_IF_ACCEPTED,
    NOBODY,
    NONE_OF,
    QUEUE_RULES,
    ROSTER,
    RULES,
    STAYS,
    STEP,
)
from router.model.agent import AgentKind
from router.model.channel import Channel
from router.model.conversation import Source
from router.model.needs import Needs, SkillNeed
from router.model.relaxation import loosened
from router.policy.parts import ChannelPolicy
from router.policy.policy import Policy
from router.policy.queue import QueuePolicy

Row = np.ndarray[Any, np.dtype[Any]]
_MOVING = {"yes": MOVES, "no": STAYS, "if_accepted": MOVES_IF_ACCEPTED}


def queue_row(queue: QueuePolicy, names: Directory) -> Row:
    """The rules of a queue, except what belongs to its lines."""
    row = np.zeros(1, QUEUE_RULES)
    missed = queue.missed_offer
    row["defined"] = 1
    row["exclude_decliner"] = queue.exclude_decliner
    row["missed_away"] = missed is not None
    row["missed_reason"] = (
        names.presence_reasons.rows[missed.reason] if missed is not None else 0
    )
    row["unroutable_alarm"] = queue.unroutable == "alarm"
    row["attempts_max"] = queue.attempts_max
    row["limit"] = queue.limit
    row["target_percent"] = queue.service_level.target
    row["target_ms"] = queue.service_level.within_ms
    for name in (
        "short_abandon_ms", "offer_timeout_ms", "cool_down_ms", "wrap_up_ms", "wrap_up_max_ms",
        "hold_back_max_ms", "continuity_value_ms", "companion_wait_max_ms", "max_wait_ms", "max_handling_ms",
    ):  # fmt: skip
        row[name] = getattr(queue, name)
    return row


def channel_row(channel: ChannelPolicy) -> Row:
    row = np.zeros(1, CHANNEL_RULES)
    row["defined"] = 1
    row["weight"] = channel.weight
    row["companion_weight"] = (channel.weight * channel.companion_weight + 99) // 100
    row["exclusive"] = channel.exclusive
    row["interruptible"] = channel.interruptible
    return row


def rules_row(policy: Policy, version: int, names: Directory) -> Row:
    """The one row of rules for the whole floor."""
    row = np.zeros(1, RULES)
    row["policy_version"] = version
    row["round_window_ms"] = policy.rounds.window_ms
    row["sign_out_after_ms"] = policy.liveness.sign_out_after_ms
    row["restart_grace_ms"] = policy.liveness.restart_grace_ms
    row["ended_ms"] = policy.retention.ended_ms
    row["ended_max"] = policy.retention.ended_max
    row["open_per_agent"] = policy.offers.open_per_agent
    row["interactions_max"] = policy.rounds.interactions_max
    row["agents_max"] = policy.rounds.agents_max
    row["arcs_per_interaction"] = policy.rounds.arcs_per_interaction
    row["inline_pairs_max"] = policy.rounds.inline_pairs_max
    row["weight"] = [getattr(policy.score, term) for term in TERM_NAMES]
    _write_ownership(row, policy)
    for queue in policy.queues.values():
        asked = [
            *queue.needs.all_of,
            *(need for group in queue.needs.any_of for need in group),
        ]
        for need in asked:
            skill = names.skills.rows[need.skill]
            demanded = int(row["demanded"][0, skill])
            row["demanded"][0, skill] = (
                need.level if demanded == 0 else min(demanded, need.level)
            )
    return row


def _write_ownership(row: Row, policy: Policy) -> None:
    ownership = policy.ownership
    row["moves_on_transfer"] = _MOVING[ownership.moves_on_transfer]
    row["lapse_on_sign_out"] = ownership.on_sign_out == "lapse"
    row["wait_when_away"] = ownership.when_away == "wait"
    row["strength"][0, Source.TEAM] = ownership.team.strength
    for source, claim in ownership.claims().items():
        row["strength"][0, source] = claim.strength
        row["lasts_ms"][0, source] = claim.lasts_ms
        row["decays"][0, source] = claim.decay == "linear"
    # A row is kept as long as anybody may have a claim by it.
    row["conversations_ms"] = max(
        policy.retention.conversations_ms,
        *(
            claim.lasts_ms
            for claim in (ownership.conversation, ownership.last_agent)
            if claim.strength
        ),
        0,
    )
    row["conversations_max"] = policy.retention.conversations_max


def roster_row(
    policy: Policy,
    names: Directory,
    *,
    skills: dict[str, int],
    groups: tuple[str, ...],
    capacity: int,
    limits: dict[Channel, int],
    prefers: tuple[Channel, ...],
    kind: AgentKind = AgentKind.HUMAN,
) -> Row:
    """What one agent can do. Channels outside the policy are not taken."""
    row = np.zeros(1, ROSTER)
    row["defined"] = 1
    row["kind"] = kind
    row["capacity"] = capacity
    row["groups"] = NOBODY
    for k, group in enumerate(
        sorted(names.groups.rows[group] for group in groups)[:AGENT_GROUPS_MAX]
    ):
        row["groups"][0, k] = group
    for channel, rules in policy.channels.items():
        row["limit"][0, channel] = limits.get(channel, rules.limit)
        row["preference"][0, channel] = 0 if prefers else 500
    for rank, channel in enumerate(prefers):
        row["preference"][0, channel] = max(100, 1000 - 250 * rank)
    held = sorted(
        names.skills.rows[skill] for skill, level in skills.items() if level > 0
    )
    row["held_count"] = len(held)
    row["held"][0, : len(held)] = held[:HELD_MAX]
    for skill, level in skills.items():
        row["level"][0, names.skills.rows[skill]] = level
    return row


def ladder_rows(
    policy: Policy, names: Directory, queue_name: str, own: Needs
) -> list[tuple[Row, list[Row]]]:
    """A ladder as its steps, each with its clauses, from the queue's rules and the
    interaction's own needs.
    """
    queue = policy.queues[queue_name]
    needs = queue.needs.combined(own)
    groups = set(queue.groups)
    everyone = not queue.groups
    rows = [_step(names, 0, needs, groups, everyone)]
    for step in queue.relaxation:
        needs = loosened(needs, step)
        groups |= set(step.groups)
        for other in step.queues:
            groups |= set(policy.queues[other].groups)
            everyone = everyone or not policy.queues[other].groups
        rows.append(_step(names, step.after_ms, needs, groups, everyone))
    return rows


def _step(
    names: Directory, after_ms: int, needs: Needs, groups: set[str], everyone: bool
) -> tuple[Row, list[Row]]:
    row = np.zeros(1, STEP)
    row["after_ms"] = after_ms
    row["any_group"] = everyone
    for group in groups:
        if names.groups.rows[group] < GROUPS_MAX:
            row["group"][0, names.groups.rows[group]] = 1
    clauses = [_clause(names, ALL_OF, need, NOBODY) for need in needs.all_of]
    for number, group_of_needs in enumerate(needs.any_of):
        clauses += [_clause(names, ANY_OF, need, number) for need in group_of_needs]
    clauses += [_clause(names, NONE_OF, need, NOBODY) for need in needs.none_of]
    for skill in needs.asked():
        row["needed"][0, names.skills.rows[skill]] = 1
    row["clauses"] = len(clauses)
    return row, clauses


def _clause(names: Directory, kind: int, need: SkillNeed, group: int) -> Row:
    row = np.zeros(1, CLAUSE)
    row["kind"] = kind
    row["level"] = need.level
    row["skill"] = names.skills.rows[need.skill]
    row["group"] = group
    return row


def ladder_name(queue: str, own: Needs) -> str:
    """The text under which a ladder is known: its queue and the interaction's own
    needs, as JSON.
    """
    return json.dumps(
        [
            queue,
            [[need.skill, need.level] for need in own.all_of],
            [[[need.skill, need.level] for need in group] for group in own.any_of],
            [[need.skill, need.level] for need in own.none_of],
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


@lru_cache(maxsize=4096)
def read_ladder_name(text: str) -> tuple[str, Needs]:
    """The queue and the own needs that a ladder was made for."""
    queue, all_of, any_of, none_of = json.loads(text)
    return queue, Needs(
        all_of=tuple(SkillNeed(*need) for need in all_of),
        any_of=tuple(tuple(SkillNeed(*need) for need in group) for group in any_of),
        none_of=tuple(SkillNeed(*need) for need in none_of),
    )
