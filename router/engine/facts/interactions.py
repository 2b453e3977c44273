"""What facts about interactions do to the floor. Part of `apply`; nothing else calls
it.
"""

from router.engine.compiled import compiled
from router.engine.kinds import Kind
from router.engine.lifecycle import NEXT_STATE, UNCHANGED
from router.engine.lists import join_ended, join_line, leave_ended, leave_line
from router.engine.shift import add_load, drop_load, let_go, refresh_freedom, take_on
from router.engine.tables import COOLING_MAX, EXCLUDED_MAX, NEVER, NOBODY
from router.engine.timers import set_timer
from router.model.interaction import Flag, State

_INTERRUPTED = int(Flag.INTERRUPTED)
_UNROUTABLE = int(Flag.UNROUTABLE)


@compiled
def apply_to_interaction(floor, event):
    kind = event.kind
    i = event.interaction
    at = event.at
    interaction = floor.interactions[i]
    if kind == Kind.INTERACTION_FORGOTTEN:
        _forget(floor, i)
        return
    interaction.sequence = floor.house[0].sequence
    if kind == Kind.INTERACTION_ENQUEUED:
        _take_row(floor, i)
    holder = interaction.agent
    if kind == Kind.INTERACTION_ENQUEUED:
        interaction.channel = event.channel
        interaction.weight = event.weight
        interaction.owner = event.other
        interaction.hold_until = event.until
        interaction.content = event.value
        interaction.arrived_at = at
        interaction.enqueued_at = event.since
        interaction.queued_at = at
        interaction.step = event.step
        interaction.serial = floor.house[0].next_serial
        floor.house[0].next_serial += 1
        interaction.line = event.line
        _enter(floor, i, kind, at, event.line)
    elif kind == Kind.OFFER_ISSUED:
        floor.house[0].next_offer = event.offer + 1
        _enter(floor, i, kind, at, interaction.line)
        interaction.offer = event.offer
        interaction.score = event.score
        interaction.attempts += 1
        interaction.decided = floor.house[0].sequence
        interaction.deadline = event.until
        take_on(floor, event.agent, i, at)
    elif kind == Kind.OFFER_ACCEPTED:
        agent = floor.agents[event.agent]
        agent.open_offers -= 1
        agent.live += 1
        if floor.channel_rules[interaction.channel].interruptible:
            agent.interruptible_load += interaction.weight
        interaction.answered_at = at
        interaction.deadline = event.until
        interaction.marks &= ~_UNROUTABLE
        _enter(floor, i, kind, at, interaction.line)
    elif (
        kind == Kind.OFFER_DECLINED
        or kind == Kind.OFFER_EXPIRED
        or kind == Kind.OFFER_REVOKED
    ):
        floor.agents[event.agent].open_offers -= 1
        let_go(floor, event.agent, i, at)
        interaction.offer = 0
        if event.until > at:
            _cool_down(interaction, event.agent, event.until)
        if kind == Kind.OFFER_DECLINED:
            interaction.declined[interaction.declined_count % EXCLUDED_MAX] = (
                event.agent
            )
            interaction.declined_count += 1
        _enter(floor, i, kind, at, interaction.line)
    elif kind == Kind.WRAP_UP_STARTED:
        if floor.channel_rules[interaction.channel].interruptible:
            floor.agents[holder].interruptible_load -= interaction.weight
        interaction.wrap_up_started_at = at
        interaction.deadline = event.until
        _count_handled(floor, interaction.queue, at - interaction.answered_at)
        _enter(floor, i, kind, at, interaction.line)
    elif kind == Kind.WRAP_UP_EXTENDED:
        interaction.deadline = event.until
    elif kind == Kind.INTERACTION_INTERRUPTED:
        interaction.marks |= _INTERRUPTED
        floor.agents[holder].interruptible_load -= interaction.weight
        drop_load(floor, holder, interaction.weight, at)
    elif kind == Kind.INTERACTION_RESUMED:
        interaction.marks &= ~_INTERRUPTED
        floor.agents[holder].interruptible_load += interaction.weight
        add_load(floor, holder, interaction.weight, at)
    elif kind == Kind.RELAXATION_STEPPED:
        interaction.step = event.step
    elif kind == Kind.HOLD_BACK_ENDED:
        interaction.hold_until = 0
    elif kind == Kind.COOL_DOWN_ENDED:
        _warm_up(interaction, at)
    elif kind == Kind.OWNER_SET:
        interaction.owner = event.other
        interaction.hold_until = event.until
    elif kind == Kind.AGENT_EXCLUDED:
        if event.other == NOBODY:
            interaction.excluded_count = 0
        else:
            interaction.excluded[interaction.excluded_count % EXCLUDED_MAX] = (
                event.other
            )
            interaction.excluded_count += 1
    elif kind == Kind.INTERACTION_FLAGGED:
        interaction.marks |= event.mode
        if event.until > 0:
            interaction.deadline = event.until
    elif kind == Kind.INTERACTION_UNROUTABLE:
        interaction.marks |= _UNROUTABLE
    elif kind == Kind.INTERACTION_TRANSFERRED or kind == Kind.INTERACTION_REQUEUED:
        if interaction.state == State.ACTIVE:
            _leave_agent(floor, holder, i, at)
        # Its age is what it has waited, not what it has talked.
        interaction.enqueued_at = event.since
        interaction.queued_at = at
        interaction.attempts = 0
        interaction.offer = 0
        interaction.cooling_count = 0
        interaction.marks = 0
        interaction.owner = event.other
        interaction.hold_until = event.until
        interaction.step = event.step
        _enter(floor, i, kind, at, event.line)
    elif kind == Kind.INTERACTION_OVERFLOWED:
        interaction.queued_at = at
        interaction.step = event.step
        _enter(floor, i, kind, at, event.line)
    elif kind == Kind.INTERACTION_UPDATED:
        interaction.step = event.step
        _enter(floor, i, kind, at, event.line)
    else:
        if interaction.state == State.ACTIVE or interaction.state == State.WRAPPING:
            if interaction.state == State.ACTIVE:
                _count_handled(floor, interaction.queue, at - interaction.answered_at)
            _leave_agent(floor, holder, i, at)
            # The record says who handled it, though nobody holds it any more.
            interaction.agent = holder
        interaction.reason = event.reason
        _enter(floor, i, kind, at, interaction.line)
    arm(floor, i)
    if holder != NOBODY:
        refresh_freedom(floor, holder)
    if event.agent != NOBODY and event.agent != holder:
        refresh_freedom(floor, event.agent)


@compiled
def _take_row(floor, i):
    """Take row `i` for a new interaction: the one that was freed last, else the next
    never used.
    """
    house = floor.house[0]
    if house.spare > 0:
        house.spare -= 1
        floor.spare[house.spare] = 0
    else:
        house.interactions += 1
    interaction = floor.interactions[i]
    interaction.used = 1
    interaction.state = State.NONE
    interaction.agent = NOBODY
    interaction.next = NOBODY
    interaction.previous = NOBODY
    interaction.next_work = NOBODY
    interaction.previous_work = NOBODY
    interaction.timer_position = NOBODY
    interaction.due_at = NEVER


@compiled
def next_row(floor):
    """The row that the next interaction will take."""
    house = floor.house[0]
    if house.spare > 0:
        return floor.spare[house.spare - 1]
    return house.interactions


@compiled
def _forget(floor, i):
    """Blank the row of an ended interaction, so that equal histories leave equal bytes."""
    house = floor.house[0]
    leave_ended(floor, i)
    interaction = floor.interactions[i]
    interaction.used = 0
    interaction.state = 0
    interaction.channel = 0
    interaction.marks = 0
    interaction.reason = 0
    interaction.step = 0
    interaction.excluded_count = 0
    interaction.cooling_count = 0
    interaction.declined_count = 0
    interaction.line = NOBODY
    interaction.queue = NOBODY
    interaction.weight = 0
    interaction.attempts = 0
    interaction.agent = NOBODY
    interaction.owner = NOBODY
    interaction.next = NOBODY
    interaction.previous = NOBODY
    interaction.serial = 0
    interaction.content = 0
    interaction.arrived_at = 0
    interaction.enqueued_at = 0
    interaction.queued_at = 0
    interaction.state_at = 0
    interaction.answered_at = 0
    interaction.offer = 0
    interaction.hold_until = 0
    interaction.wrap_up_started_at = 0
    interaction.deadline = 0
    interaction.score = 0
    interaction.sequence = 0
    interaction.decided = 0
    for k in range(EXCLUDED_MAX):
        interaction.excluded[k] = 0
        interaction.declined[k] = 0
    for k in range(COOLING_MAX):
        interaction.cooling[k] = 0
        interaction.cooling_until[k] = 0
    floor.spare[house.spare] = i
    house.spare += 1


@compiled
def _enter(floor, i, kind, at, line):
    """Move the interaction to the state that the lifecycle gives, and into and out of
    the lists that go with it.
    """
    interaction = floor.interactions[i]
    state = interaction.state
    following = NEXT_STATE[state, kind]
    if following == UNCHANGED:
        return
    if state == State.QUEUED:
        leave_line(floor, i)
        floor.queues[interaction.queue].waiting -= 1
        floor.house[0].waiting -= 1
    elif state == State.OFFERED:
        floor.queues[interaction.queue].offered -= 1
    elif state == State.ACTIVE or state == State.WRAPPING:
        floor.queues[interaction.queue].active -= 1
    elif state != State.NONE:
        leave_ended(floor, i)
    interaction.line = line
    interaction.queue = floor.lines[line].queue
    interaction.state = following
    interaction.state_at = at
    if following == State.QUEUED:
        # Whoever waits weighs what the policy in force says.
        interaction.weight = floor.channel_rules[interaction.channel].weight
        join_line(floor, i)
        floor.queues[interaction.queue].waiting += 1
        floor.house[0].waiting += 1
    elif following == State.OFFERED:
        floor.queues[interaction.queue].offered += 1
    elif following == State.ACTIVE or following == State.WRAPPING:
        floor.queues[interaction.queue].active += 1
    else:
        join_ended(floor, i)


@compiled
def _leave_agent(floor, a, i, at):
    """Live work ends at the agent: load, lists, and a presence that was waiting for
    this moment.
    """
    agent = floor.agents[a]
    interaction = floor.interactions[i]
    if (
        interaction.state == State.ACTIVE
        and interaction.marks & _INTERRUPTED == 0
        and floor.channel_rules[interaction.channel].interruptible
    ):
        agent.interruptible_load -= interaction.weight
    agent.live -= 1
    let_go(floor, a, i, at)


@compiled
def _cool_down(interaction, a, until):
    """Remember that this pair rests; when there is no room, the pair that would rest
    least gives way.
    """
    slot = interaction.cooling_count
    if slot == COOLING_MAX:
        slot = 0
        for k in range(COOLING_MAX):
            if interaction.cooling_until[k] < interaction.cooling_until[slot]:
                slot = k
    else:
        interaction.cooling_count += 1
    interaction.cooling[slot] = a
    interaction.cooling_until[slot] = until


@compiled
def _warm_up(interaction, at):
    """Forget the pairs that have rested long enough."""
    kept = 0
    for k in range(interaction.cooling_count):
        if interaction.cooling_until[k] > at:
            interaction.cooling[kept] = interaction.cooling[k]
            interaction.cooling_until[kept] = interaction.cooling_until[k]
            kept += 1
    interaction.cooling_count = kept


@compiled
def arm(floor, i):
    """Arm the one timer of an interaction for whatever comes first in the state it is
    in.
    """
    interaction = floor.interactions[i]
    due_at = NEVER
    if interaction.state == State.QUEUED:
        rules = floor.queue_rules[interaction.queue]
        due_at = interaction.queued_at + rules.max_wait_ms
        ladder = floor.ladders[floor.lines[interaction.line].ladder]
        if interaction.step + 1 < ladder.steps:
            step = floor.steps[ladder.first_step + interaction.step + 1]
            due_at = min(due_at, interaction.enqueued_at + step.after_ms)
        if interaction.owner != NOBODY and interaction.hold_until > 0:
            due_at = min(due_at, interaction.hold_until)
        for k in range(interaction.cooling_count):
            due_at = min(due_at, interaction.cooling_until[k])
    elif (
        interaction.state == State.OFFERED
        or interaction.state == State.ACTIVE
        or interaction.state == State.WRAPPING
    ):
        due_at = interaction.deadline
    set_timer(floor, i, due_at)


@compiled
def _count_handled(floor, queue, handled_ms):
    """Keep the sums from which waits are estimated; older work fades (each new one
    weighs 1/64 of the whole).
    """
    sums = floor.queues[queue]
    if sums.handled >= 64_000:
        sums.handled_ms -= sums.handled_ms // 64
        sums.handled -= 1_000
    sums.handled += 1_000
    sums.handled_ms += handled_ms
