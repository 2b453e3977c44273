"""From rows to resources: the floor as clients see it. Reads only; every state it shows
is durable.

Read through plain NumPy views: attribute access on record arrays is several times
slower.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from router.engine.definitions import read_ladder_name
from router.engine.eligibility import reachable_agents
from router.engine.engine import Engine
from router.engine.kinds import Reason
from router.engine.occupancy import occupancy
from router.engine.tables import EXCLUDED_MAX, NEVER, NOBODY, Floor
from router.model.agent import Presence
from router.model.interaction import Flag, State
from router.model.needs import Needs
from router.service import continuity
from router.service.continuity import tell_continuity, tell_intake, tell_lineage
from router.service.times import instant, span
from router.v1 import agent_pb2, interaction_pb2, needs_pb2, offer_pb2, queue_pb2

_I = interaction_pb2.Interaction
STATES = {
    State.QUEUED: _I.STATE_QUEUED,
    State.OFFERED: _I.STATE_OFFERED,
    State.ACTIVE: _I.STATE_ACTIVE,
    State.WRAPPING: _I.STATE_WRAPPING,
    State.COMPLETED: _I.STATE_COMPLETED,
    State.ABANDONED: _I.STATE_ABANDONED,
    State.CANCELLED: _I.STATE_CANCELLED,
    State.HANDED_OFF: _I.STATE_HANDED_OFF,
    State.DEAD_LETTERED: _I.STATE_DEAD_LETTERED,
}
STATE_OF = {wire: state for state, wire in STATES.items()}
_STATES = [STATES.get(State(n), 0) for n in range(max(State) + 1)]
_FLAGS = (
    (Flag.AGENT_LOST, _I.FLAG_AGENT_LOST),
    (Flag.OVERDUE, _I.FLAG_OVERDUE),
    (Flag.UNROUTABLE, _I.FLAG_UNROUTABLE),
    (Flag.INTERRUPTED, _I.FLAG_INTERRUPTED),
)
PRESENCES = {
    Presence.OFFLINE: agent_pb2.PRESENCE_OFFLINE,
    Presence.AVAILABLE: agent_pb2.PRESENCE_AVAILABLE,
    Presence.AWAY: agent_pb2.PRESENCE_AWAY,
}
_REASONS = {
    Reason.ATTEMPTS_USED_UP: interaction_pb2.END_REASON_ATTEMPTS_USED_UP,
    Reason.WAITED_TOO_LONG: interaction_pb2.END_REASON_WAITED_TOO_LONG,
    Reason.ADMINISTRATOR: interaction_pb2.END_REASON_ADMINISTRATOR,
    Reason.TIMER: interaction_pb2.END_REASON_WRAP_UP_LAPSED,
    Reason.ENDED_EARLY: interaction_pb2.END_REASON_HANDLED,
    Reason.POISON: interaction_pb2.END_REASON_POISON,
    Reason.AGENT_LOST: interaction_pb2.END_REASON_AGENT_LOST,
    Reason.AGENT_AWAY: interaction_pb2.END_REASON_AGENT_AWAY,
    Reason.AGENT_REMOVED: interaction_pb2.END_REASON_AGENT_REMOVED,
    Reason.INTERACTION_LEFT: interaction_pb2.END_REASON_INTERACTION_LEFT,
    Reason.MISSED_OFFER: interaction_pb2.END_REASON_MISSED_OFFER,
    Reason.SIGNED_OUT: interaction_pb2.END_REASON_SIGNED_OUT,
    Reason.REQUESTED: interaction_pb2.END_REASON_NO_LONGER_ELIGIBLE,
}
_END_REASONS = {
    State.COMPLETED: interaction_pb2.END_REASON_HANDLED,
    State.ABANDONED: interaction_pb2.END_REASON_CUSTOMER_LEFT,
    State.CANCELLED: interaction_pb2.END_REASON_CANCELLED,
    State.HANDED_OFF: interaction_pb2.END_REASON_HANDED_OFF,
}
_INTERACTION_FIELDS = [
    "state", "channel", "marks", "reason", "step", "excluded_count", "line", "queue", "weight", "attempts",
    "agent", "owner", "enqueued_at", "state_at", "offer", "hold_until", "due_at", "score", "sequence",
    "conversation", "customer", "predecessor", "successor", "source", "not_before",
]  # fmt: skip


_instant = lru_cache(maxsize=4_096)(instant)
"""The same, for those who copy it at once: many things happen in one millisecond."""


class _Views(NamedTuple):
    """What resources are read from, as plain arrays; made once a floor, which lasts
    until it has to grow.
    """

    floor: Floor
    interactions: np.ndarray[Any, Any]
    continuity: np.ndarray[Any, Any]
    standing: np.ndarray[Any, Any]
    lines: np.ndarray[Any, Any]
    house: np.ndarray[Any, Any]


_last_views: list[_Views] = []


def _views(floor: Floor) -> _Views:
    if not _last_views or _last_views[0].floor is not floor:
        table = floor.interactions.view(np.ndarray)
        _last_views[:] = [
            _Views(
                floor,
                table[_INTERACTION_FIELDS],
                table[continuity.FIELDS],
                table[["state", "agent", "offer"]],
                floor.lines.view(np.ndarray)[["priority", "ladder"]],
                floor.house.view(np.ndarray),
            )
        ]
    return _last_views[0]


@lru_cache(maxsize=4_096)
def _own_needs(ladder: str) -> needs_pb2.Needs | None:
    """The needs that an interaction on this ladder brought along; `None` for none."""
    _, own = read_ladder_name(ladder)
    return None if own == Needs.NOTHING else _needs(own)


@lru_cache(maxsize=4_096)
def _needs(needs: Needs) -> needs_pb2.Needs:
    def skills(some: Iterable[Any]) -> Iterator[needs_pb2.SkillNeed]:
        return (
            needs_pb2.SkillNeed(skill=need.skill, level=need.level) for need in some
        )

    return needs_pb2.Needs(
        all_of=skills(needs.all_of),
        any_of=(needs_pb2.AnyOf(options=skills(group)) for group in needs.any_of),
        none_of=skills(needs.none_of),
    )


def reason_of(reason: int, state: State | None = None) -> int:
    """Why something ended, for the wire: the reason that was stated, else what the
    state says by itself.
    """
    stated = _REASONS.get(Reason(reason))
    if stated is not None:
        return stated
    return _END_REASONS.get(state, 0) if state is not None else 0


def interaction(engine: Engine, row: int) -> interaction_pb2.Interaction:
    """An interaction as it is now."""
    names, floor = engine.names, engine.floor
    views = _views(floor)
    record = views.interactions[row].item()
    (
        state, channel, flags, reason, step, excluded_count, line, queue, weight, attempts, agent, owner,
        enqueued_at, state_at, offer, hold_until, due_at, _, sequence,
        conversation, customer, predecessor, successor, source, not_before,
    ) = record  # fmt: skip
    priority, ladder = views.lines[line].item()
    message = interaction_pb2.Interaction(
        interaction_id=names.interactions.texts[row],
        queue=names.queues.texts[queue],
        channel=channel,
        state=_STATES[state],
        priority=priority,
        weight=weight,
        relaxation_step=step,
        attempts=attempts,
        enqueue_time=_instant(enqueued_at),
        state_time=_instant(state_at),
        policy_version=views.house["policy_version"].item(),
        sequence=sequence,
    )
    if due_at < NEVER:
        message.next_deadline.CopyFrom(_instant(due_at))
    if offer:
        message.offer_id = offer
    if agent != NOBODY:
        message.agent = names.agents.texts[agent]
    if owner != NOBODY:
        message.owner = names.agents.texts[owner]
        if hold_until:
            message.hold_until.CopyFrom(instant(hold_until))
    if conversation != NOBODY or customer != NOBODY or owner != NOBODY or not_before:
        ties = (conversation, customer, source, not_before)
        more = views.continuity[row].item()
        tell_continuity(message, engine, ties, more)
    if predecessor != NOBODY or successor != NOBODY:
        tell_lineage(message, engine, row, predecessor, successor)
    else:
        message.initial_interaction_id = message.interaction_id
    if names.intakes:
        tell_intake(message, names.intakes.get(row, ""))
    _tell_rest(message, engine, row, flags, excluded_count, ladder)
    if state >= State.COMPLETED:
        message.end_reason = reason_of(reason, State(state))  # type: ignore[assignment]
    return message


def _tell_rest(
    message: interaction_pb2.Interaction,
    engine: Engine,
    row: int,
    flags: int,
    excluded_count: int,
    ladder: int,
) -> None:
    """Flags, exclusions and own needs: what most interactions have none of."""
    names = engine.names
    if flags:
        message.flags.extend(wire for flag, wire in _FLAGS if flags & flag)
    if excluded_count:
        excluded = engine.floor.interactions.view(np.ndarray)["excluded"][row][
            : min(excluded_count, EXCLUDED_MAX)
        ]
        message.excluded_agents.extend(names.agents.texts[a] for a in excluded.tolist())
    own = _own_needs(names.ladders.texts[ladder])
    if own is not None:
        message.needs.CopyFrom(own)


def interaction_named(
    engine: Engine, row: int, interaction_id: str
) -> interaction_pb2.Interaction:
    """The interaction an order was about. Nothing but its id when it has ended and is
    forgotten already: its row may hold somebody else's by now.
    """
    if engine.names.interactions.texts.get(row) == interaction_id:
        return interaction(engine, row)
    return interaction_pb2.Interaction(interaction_id=interaction_id)


def open_offer(engine: Engine, row: int) -> offer_pb2.Offer:
    """The offer that an interaction is in, or was in when it was accepted, as a
    resource.
    """
    floor = engine.floor
    record = floor.interactions[row]
    whole = interaction(engine, row)
    offered = int(record.state) == State.OFFERED
    message = offer_pb2.Offer(
        offer_id=int(record.offer),
        interaction_id=whole.interaction_id,
        agent_id=whole.agent,
        queue=whole.queue,
        channel=whole.channel,
        state=offer_pb2.Offer.STATE_OPEN if offered else offer_pb2.Offer.STATE_ACCEPTED,
        issue_time=instant(int(record.state_at)),
        score=int(record.score),
        attempt=whole.attempts,
        interaction=whole,
        policy_version=whole.policy_version,
    )
    if offered:
        message.expire_time.CopyFrom(instant(int(record.deadline)))
    return message


def work_of(engine: Engine, a: int) -> list[int]:
    """The rows of everything an agent has, offers included, newest first."""
    rows = []
    floor = engine.floor
    row = int(floor.agents[a].first_work)
    while row != NOBODY:
        rows.append(row)
        row = int(floor.interactions[row].next_work)
    return rows


def agent(engine: Engine, a: int) -> agent_pb2.Agent:
    """An agent: what they can do, and what they are doing."""
    names, floor = engine.names, engine.floor
    roster, state = floor.roster[a], floor.agents[a]
    message = agent_pb2.Agent(
        agent_id=names.agents.texts[a],
        display_name=names.displays.get(a, ""),
        skills=(
            agent_pb2.AgentSkill(
                skill=names.skills.texts[s], level=int(roster.level[s])
            )
            for s in np.flatnonzero(roster.level).tolist()
        ),
        groups=(names.groups.texts[g] for g in roster.groups.tolist() if g != NOBODY),
        capacity=int(roster.capacity),
        channel_limits=(
            agent_pb2.ChannelLimit(channel=channel, limit=int(roster.limit[channel]))  # type: ignore[arg-type]
            for channel in np.flatnonzero(roster.limit).tolist()
        ),
        presence=PRESENCES[Presence(int(state.presence))],
        presence_reason=names.presence_reasons.texts.get(int(state.reason), ""),
        reachable=bool(state.reachable),
        load=int(state.load),
        open_offers=int(state.open_offers),
        interactions=(names.interactions.texts[row] for row in work_of(engine, a)),
        removed=not roster.defined,
        kind=int(roster.kind),  # type: ignore[arg-type]
    )
    preferred = roster.preference.argsort(kind="stable")[::-1].tolist()
    if roster.preference.max() > 500:
        message.preferred_channels.extend(
            c for c in preferred if roster.preference[c] > 0
        )
    if int(state.requested) >= 0:
        message.requested_presence = PRESENCES[Presence(int(state.requested))]
        message.requested_reason = names.presence_reasons.texts.get(
            int(state.requested_reason), ""
        )
    if state.signed_in:
        message.link = (
            agent_pb2.LINK_GATEWAY if int(state.link) == 2 else agent_pb2.LINK_STREAM
        )
        message.sign_in_time.CopyFrom(instant(int(state.signed_in_at)))
        message.occupancy_percent = (
            int(occupancy(floor, a, int(floor.house[0].now))) // 10
        )
        if int(state.load) == 0:
            message.idle_since.CopyFrom(instant(int(state.idle_since)))
    return message


def queue(engine: Engine, row: int) -> queue_pb2.Queue:
    """A queue and its figures right now."""
    floor, house = engine.floor, engine.floor.house[0]
    counts, rules = floor.queues[row], floor.queue_rules[row]
    message = queue_pb2.Queue(
        queue=engine.names.queues.texts[row],
        waiting=int(counts.waiting),
        offered=int(counts.offered),
        active=int(counts.active),
        service_level_threshold=span(int(rules.target_ms)),
        service_level_target_percent=int(rules.target_percent),
        limit=int(rules.limit),
    )
    lines = np.flatnonzero(
        (floor.lines["queue"] == row) & (floor.lines["defined"] != 0)
    ).tolist()
    oldest = [
        int(floor.interactions[int(floor.heads[line].first)].enqueued_at)
        for line in lines
        if int(floor.heads[line].length)
    ]
    if oldest:
        message.oldest_enqueue_time.CopyFrom(instant(min(oldest)))
    able, free = set(), set()
    for line in lines[:64]:
        a, f = reachable_agents(floor, line, int(house.now))
        able.add(int(a))
        free.add(int(f))
    message.eligible_agents = max(able, default=0)
    message.free_eligible_agents = max(free, default=0)
    return message


def standing(engine: Engine, rows: list[int]) -> list[tuple[int, str, int]]:
    """The short of it: each interaction's state, who holds it, and the offer it is in."""
    table, texts = _views(engine.floor).standing, engine.names.agents.texts
    found = [table[rows[0]].item()] if len(rows) == 1 else table[rows].tolist()
    return [
        (_STATES[state], texts[agent] if agent != NOBODY else "", offer)
        for state, agent, offer in found
    ]
