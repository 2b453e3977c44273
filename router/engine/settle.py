"""Settling: after what has just happened, who can be brought together?

At the end of every step no interaction waits that a free agent could take. Only what
changed since the last step is looked at. One interaction or one agent on the changed
side: the best pair is chosen here, at once. Several of both: a joint round is due, and
the driver hands it to the solver. When the policy gathers arrivals (`round_window`),
changes are kept until the window ends.
"""

from router.engine.choose import best_agent, best_interaction
from router.engine.compiled import compiled
from router.engine.eligibility import rule_against, weight_with
from router.engine.emit import draft, emit, outbox_full, state
from router.engine.kinds import Kind, Rule
from router.engine.orders.holding import keep_together, look_again
from router.engine.score import score
from router.engine.tables import NEVER, NOBODY
from router.model.interaction import Flag, State

_INTERRUPTED = int(Flag.INTERRUPTED)
SINGLE_INTERACTION, SINGLE_AGENT, JOINT = 1, 2, 3
"""Who chose: the interaction among agents, the agent among interactions, or a joint
round."""


@compiled
def settle(floor, now):
    """Bring together who can be; leaves `round_due` set where a joint round has to
    decide.
    """
    scratch = floor.scratch[0]
    _prepare(floor, now)
    window_ms = floor.rules[0].round_window_ms
    gathered = window_ms == 0 or now >= scratch.round_due_at
    if gathered:
        scratch.round_due_at = NEVER
    if scratch.interactions == 0 and scratch.agents == 0 and scratch.everything == 0:
        return
    if not gathered:
        if scratch.round_due_at == NEVER:
            scratch.round_due_at = now + window_ms
        return
    house = floor.house[0]
    _keep_open(floor)
    if house.waiting == 0 or house.free_agents == 0:
        forget_changes(floor)
        return
    if scratch.everything == 0 and scratch.interactions <= 1 and scratch.agents <= 1:
        _meet(floor, now)
        forget_changes(floor)
    elif house.free_agents == 1:
        serve_agent(floor, floor.free[0], now)
        forget_changes(floor)
    elif house.waiting == 1:
        offer_to_best_agent(floor, floor.heads[floor.open_lines[0]].first, now)
        forget_changes(floor)
    else:
        scratch.round_due = 1


@compiled
def _prepare(floor, now):
    """Before anybody is paired: does whoever waits for one agent still do so?"""
    scratch = floor.scratch[0]
    for k in range(scratch.interactions):
        keep_together(floor, floor.changed_interactions[k], now)
    for k in range(scratch.agents):
        look_again(floor, floor.changed_agents[k], now)


@compiled
def _meet(floor, now):
    """At most one interaction and one agent have changed; nobody may overtake, and the best may win.

    The agent looks at all who wait first: whoever has just come stands behind its
    elders. But when the agent would take the very one that has changed, which may be
    the one it has just let go of, all free agents are looked at for it.
    """
    scratch = floor.scratch[0]
    i = NOBODY
    if scratch.interactions == 1:
        i = floor.changed_interactions[0]
    if scratch.agents == 1:
        a = floor.changed_agents[0]
        if i != NOBODY:
            best, _, _, _, _ = best_interaction(floor, a, now)
            if best == i:
                offer_to_best_agent(floor, i, now)
        serve_agent(floor, a, now)
    if i != NOBODY and floor.interactions[i].state == State.QUEUED:
        offer_to_best_agent(floor, i, now)


@compiled
def _keep_open(floor):
    """Of the changed, keep those that still wait and those that are still free."""
    scratch = floor.scratch[0]
    kept = 0
    for k in range(scratch.interactions):
        i = floor.changed_interactions[k]
        if floor.interactions[i].state == State.QUEUED:
            floor.changed_interactions[kept] = i
            kept += 1
    scratch.interactions = kept
    kept = 0
    for k in range(scratch.agents):
        a = floor.changed_agents[k]
        if floor.agents[a].free_position != NOBODY:
            floor.changed_agents[kept] = a
            kept += 1
    scratch.agents = kept


@compiled
def forget_changes(floor):
    scratch = floor.scratch[0]
    scratch.interactions = 0
    scratch.agents = 0
    scratch.everything = 0
    scratch.round_due = 0


@compiled
def offer_to_best_agent(floor, i, now):
    """One interaction looks at all free agents; the best is offered it."""
    interaction = floor.interactions[i]
    if interaction.companion != NOBODY and interaction.opened == 0:
        _offer_to_companion(floor, i, interaction.companion, now)
        return
    considered = floor.house[0].free_agents
    best, points, second, second_points, eligible = best_agent(floor, i, now)
    if best != NOBODY:
        issue_offer(
            floor, i, best, points, second, second_points, considered, eligible,
            SINGLE_INTERACTION, 0, now,
        )  # fmt: skip


@compiled
def _offer_to_companion(floor, i, a, now):
    """Only the agent at the customer's other channel comes into question."""
    if rule_against(floor, i, a, now) == Rule.NONE:
        points = score(floor, i, a, now)
        issue_offer(
            floor, i, a, points, NOBODY, 0, 1, 1, SINGLE_INTERACTION, 0, now
        )  # fmt: skip


@compiled
def serve_agent(floor, a, now):
    """One agent looks at all waiting lines, again and again while there is room."""
    while floor.agents[a].free_position != NOBODY and not outbox_full(floor):
        considered = floor.house[0].open_lines
        best, points, second, second_points, eligible = best_interaction(floor, a, now)
        if best == NOBODY:
            return
        issue_offer(
            floor,
            best,
            a,
            points,
            second,
            second_points,
            considered,
            eligible,
            SINGLE_AGENT,
            0,
            now,
        )


@compiled
def issue_offer(
    floor,
    i,
    a,
    points,
    second,
    second_points,
    considered,
    eligible,
    mode,
    match_round,
    now,
):
    """Put the pairing before the agent; interruptible work gives way first where room
    is needed.
    """
    make_room(floor, i, a, now)
    interaction = floor.interactions[i]
    event = draft(floor, Kind.OFFER_ISSUED, now, i, a)
    event.offer = max(1, floor.house[0].next_offer)
    event.until = now + floor.queue_rules[interaction.queue].offer_timeout_ms
    event.score = points
    event.other = second
    event.value = second_points
    event.count = considered
    event.eligible = eligible
    event.mode = mode
    event.match_round = match_round
    event.weight = interaction.attempts + 1
    event.since = interaction.queued_at
    emit(floor, event)


@compiled
def make_room(floor, i, a, now):
    """Set aside the agent's newest interruptible work until the interaction fits."""
    interaction = floor.interactions[i]
    agent = floor.agents[a]
    if floor.channel_rules[interaction.channel].interruptible:
        return
    weight = weight_with(floor, i, a)
    work = agent.first_work
    while work != NOBODY and agent.load + weight > floor.roster[a].capacity:
        candidate = floor.interactions[work]
        following = candidate.next_work
        if (
            candidate.state == State.ACTIVE
            and candidate.marks & _INTERRUPTED == 0
            and floor.channel_rules[candidate.channel].interruptible
        ):
            state(floor, Kind.INTERACTION_INTERRUPTED, now, work, a)
        work = following


@compiled
def resume_work(floor, a, now):
    """Interrupted work goes on as soon as there is room for it again, the oldest first."""
    agent = floor.agents[a]
    while True:
        resumable = NOBODY
        work = agent.first_work
        while work != NOBODY:
            candidate = floor.interactions[work]
            if (
                candidate.marks & _INTERRUPTED
                and agent.load + candidate.weight <= floor.roster[a].capacity
            ):
                resumable = work
            work = candidate.next_work
        if resumable == NOBODY:
            return
        state(floor, Kind.INTERACTION_RESUMED, now, resumable, a)
