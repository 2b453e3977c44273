"""What facts about the house do to the floor: definitions, policies, restarts. Part of
`apply`.
"""

from router.engine.compiled import compiled
from router.engine.compiled_floor import write_row
from router.engine.facts.arming import arm
from router.engine.kinds import Kind, Table
from router.engine.shift import count_holder, recount_holders, refresh_freedom
from router.engine.tables import NOBODY
from router.engine.timers import agent_subject, set_timer
from router.model.agent import Link
from router.model.interaction import Flag, State

_INTERRUPTED = int(Flag.INTERRUPTED)
FRESH_OFFER_MS = 5_000
"""After a restart an open offer lasts at least so long: the agent's screen has to come
back first."""


@compiled
def apply_to_house(floor, event):
    kind = event.kind
    if kind == Kind.ROW_DEFINED:
        _define_row(floor, event)
    elif kind == Kind.POLICY_PUBLISHED:
        floor.house[0].policy_version = event.value
        floor.house[0].policy_at = event.at
        floor.house[0].roster_version += 1
        recount_holders(floor)
        for a in range(floor.agents.shape[0]):
            _recount_work(floor, a)
            refresh_freedom(floor, a)
        for i in range(floor.house[0].interactions):
            interaction = floor.interactions[i]
            if interaction.state == State.QUEUED:
                interaction.weight = floor.channel_rules[interaction.channel].weight
                if interaction.weighed_until > 0:
                    # Held back by the old rules: due to be weighed by the new ones.
                    interaction.weighed_until = event.at
                _fit_ladder(floor, i)
                arm(floor, i)
    elif kind == Kind.MATCH_ROUND_SOLVED:
        floor.house[0].next_round = event.match_round + 1
    elif kind == Kind.ROUTER_STARTED:
        for i in range(floor.house[0].interactions):
            interaction = floor.interactions[i]
            if (
                interaction.state == State.OFFERED
                and interaction.deadline < event.at + FRESH_OFFER_MS
            ):
                interaction.deadline = event.at + FRESH_OFFER_MS
                arm(floor, i)
        for a in range(floor.agents.shape[0]):
            agent = floor.agents[a]
            if agent.signed_in and agent.link == Link.STREAM:
                agent.reachable = 0
                agent.session = 0
                set_timer(floor, agent_subject(a), event.until)
                refresh_freedom(floor, a)


@compiled
def _recount_work(floor, a):
    """What is exclusive and what is interruptible may have changed under work that goes
    on.
    """
    agent = floor.agents[a]
    agent.exclusive = 0
    agent.interruptible_load = 0
    i = agent.first_work
    while i != NOBODY:
        interaction = floor.interactions[i]
        rules = floor.channel_rules[interaction.channel]
        if rules.exclusive:
            agent.exclusive += 1
        if (
            rules.interruptible
            and interaction.state == State.ACTIVE
            and interaction.marks & _INTERRUPTED == 0
        ):
            agent.interruptible_load += interaction.weight
        i = interaction.next_work


@compiled
def _fit_ladder(floor, i):
    """A new policy may have a shorter ladder; the interaction stays on its last rung
    then.
    """
    interaction = floor.interactions[i]
    ladder = floor.ladders[floor.lines[interaction.line].ladder]
    if interaction.step >= ladder.steps:
        interaction.step = max(0, ladder.steps - 1)


@compiled
def _define_row(floor, event):
    """Write one row of a definition table; a signed-in agent's skills are counted anew."""
    row = event.line
    which = event.mode - Table.ROSTER
    recount = which == 0 and floor.agents[row].signed_in != 0
    if recount:
        count_holder(floor, row, -1)
    write_row(floor, which, row, event.value)
    if recount:
        count_holder(floor, row, 1)
    if which == 0:
        floor.house[0].roster_version += 1
        refresh_freedom(floor, row)
