"""The journal checker's judgement of facts about agents, definitions and the router.

Part of `checker`. It must never ask the engine.
"""

from collections.abc import Callable
from typing import Final

from router.engine.kinds import Kind, Reason, Table
from router.engine.tables import NEVER, NOBODY
from router.journal.second_floor import SHAPES, Fact, SecondAgent, SecondFloor
from router.model.agent import Link, Presence
from router.model.interaction import State

FRESH_OFFER_MS: Final = 5_000
"""After a restart an open offer lasts at least so long."""


def judge_agent(floor: SecondFloor, event: Fact) -> None:
    """Judge and believe a fact about an agent."""
    agent = floor.agent(event.agent)
    match event.kind:
        case Kind.AGENT_SIGNED_IN:
            if floor.rules.roster(event.agent) is None:
                floor.say("I7", f"agent {event.agent} signs in, is not on the roster")
            agent.signed_in = True
            agent.link = event.mode
            agent.presence = event.presence
            agent.reachable = event.mode == Link.GATEWAY or agent.session > 0
            agent.requested = NOBODY
        case Kind.AGENT_PRESENCE_CHANGED:
            _presence_changed(floor, agent, event)
        case Kind.AGENT_PRESENCE_REQUESTED:
            agent.requested = event.presence
        case Kind.AGENT_LOST:
            _lost(floor, agent, event)
        case Kind.AGENT_RECONNECTED:
            agent.reachable = True
            agent.session = event.count
        case Kind.AGENT_REMOVED:
            roster = floor.rules.tables[Table.ROSTER].get(event.agent)
            if roster is not None:
                roster["defined"] = 0


def _presence_changed(floor: SecondFloor, agent: SecondAgent, event: Fact) -> None:
    who = f"agent {event.agent}"
    if event.mode == Reason.AGENT_LOST and agent.reachable:
        floor.say("I9", f"{who} is signed out as lost and can be reached")
    if event.presence != Presence.AVAILABLE and agent.open_offers():
        floor.say("I5", f"{who} is not available and still has open offers")
    if event.presence == Presence.OFFLINE:
        if agent.live():
            floor.say("I5", f"{who} is signed out with live work in their hands")
        agent.signed_in = False
    agent.presence = event.presence
    agent.requested = NOBODY


def _lost(floor: SecondFloor, agent: SecondAgent, event: Fact) -> None:
    who = f"agent {event.agent}"
    if agent.link == Link.GATEWAY and agent.signed_in:
        floor.say("I9", f"{who} is lost, and a gateway speaks for them")
    if event.count != agent.live():
        floor.say("I8", f"{who} has {agent.live()} live, their loss says {event.count}")
    if agent.signed_in and not event.at < event.until < NEVER:
        floor.say("I6", f"{who} is lost, and nothing will ever sign them out")
    agent.reachable = False
    agent.session = -1


def judge_house(floor: SecondFloor, payload: bytes, event: Fact) -> None:
    """Judge and believe a fact about the rules or the router itself."""
    match event.kind:
        case Kind.ROW_DEFINED:
            _row_defined(floor, payload, event)
        case Kind.POLICY_PUBLISHED:
            _published(floor, event)
        case Kind.MATCH_ROUND_SOLVED:
            if event.match_round <= floor.last_round:
                what = f"round {event.match_round} comes after round {floor.last_round}"
                floor.say("I8", what)
            if floor.policy_pending:
                floor.say("I17", "a round is solved while half of a policy is written")
            floor.last_round = max(floor.last_round, event.match_round)
            floor.round = event
            floor.round_sequence = floor.sequence
        case Kind.ROUTER_STARTED:
            _started(floor, event)


def _row_defined(floor: SecondFloor, payload: bytes, event: Fact) -> None:
    if event.mode not in SHAPES:
        floor.say("I17", f"a row of the unknown table {event.mode} is defined")
        return
    table = Table(event.mode)
    try:
        floor.rules.define(table, event.line, payload, event.value)
    except ValueError:
        floor.say("I17", f"row {event.line} of {table.name} is not in the payload")
        return
    if table == Table.RULES:
        floor.policy_pending = True
        version = floor.rules.get(Table.RULES, 0, "policy_version")
        if version != floor.policy_version + 1:
            was = floor.policy_version
            floor.say("I17", f"rules of version {version} are written after {was}")


def _published(floor: SecondFloor, event: Fact) -> None:
    written = floor.rules.get(Table.RULES, 0, "policy_version")
    if not floor.policy_pending:
        floor.say("I17", f"policy {event.value} is published, and no rules are written")
    if event.value != floor.policy_version + 1 or event.value != written:
        what = f"policy {event.value} is published after {floor.policy_version}, "
        floor.say("I17", what + f"the rules written are of version {written}")
    floor.policy_pending = False
    floor.policy_version = event.value
    for x in floor.interactions.values():
        if x.state == State.QUEUED:
            # Who waits follows the new policy at once: its weight, the last rung of a
            # ladder that has become shorter, and what it says of holding back.
            x.weight = floor.rules.get(Table.CHANNEL_RULES, x.channel, "weight")
            x.step = min(x.step, max(0, floor.rules.steps(x.line) - 1))
            if x.weighed_until:
                x.weighed_until = event.at
            if floor.rules.queue(x.queue) is None:
                floor.say("I6", f"{x} waits in queue {x.queue}, which has gone")


def _started(floor: SecondFloor, event: Fact) -> None:
    floor.started_at = event.at
    fresh = event.at + FRESH_OFFER_MS
    for x in floor.interactions.values():
        if x.state == State.OFFERED and x.deadline < fresh:
            floor.arm(x, fresh)
    for agent in floor.agents.values():
        if agent.signed_in and agent.link == Link.STREAM:
            agent.reachable = False
            agent.session = 0


def _nothing(floor: SecondFloor, event: Fact) -> None:
    """A fact that the second floor has no use for."""


ON_AGENTS: Final[dict[int, Callable[[SecondFloor, Fact], None]]] = {
    **dict.fromkeys(
        (
            Kind.AGENT_SIGNED_IN,
            Kind.AGENT_PRESENCE_CHANGED,
            Kind.AGENT_PRESENCE_REQUESTED,
            Kind.AGENT_LOST,
            Kind.AGENT_RECONNECTED,
            Kind.AGENT_REMOVED,
        ),
        judge_agent,
    ),
    Kind.AGENT_DEFINED: _nothing,
    Kind.REQUEST_ANSWERED: _nothing,
}
