"""What facts about interactions do to the floor. Part of `apply`; nothing else calls
it.
"""

from router.engine.company import await_whom, is_aside, keep_company
from router.engine.compiled import compiled
from router.engine.eligibility import weight_with
from router.engine.facts.arming import arm
from router.engine.facts.interaction_rows import forget, take_row
from router.engine.facts.kept import belong
from router.engine.facts.lineage import link
from router.engine.facts.owned import note_last_agent
from router.engine.kinds import Kind
from router.engine.lifecycle import NEXT_STATE, UNCHANGED
from router.engine.lists import join_ended, join_line, leave_ended, leave_line
from router.engine.shift import add_load, drop_load, let_go, refresh_freedom, take_on
from router.engine.tables import COOLING_MAX, EXCLUDED_MAX, NOBODY
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
        forget(floor, i, at)
        return
    interaction.sequence = floor.house[0].sequence
    if kind == Kind.INTERACTION_ENQUEUED:
        take_row(floor, i)
    holder = interaction.agent
    if kind == Kind.INTERACTION_ENQUEUED:
        interaction.channel = event.channel
        interaction.weight = event.weight
        interaction.owner = event.other
        interaction.source = event.mode
        interaction.owned_since = event.offer
        interaction.hold_until = event.until
        interaction.content = event.value
        interaction.not_before = event.not_before
        interaction.arrived_at = at
        interaction.enqueued_at = event.since
        interaction.queued_at = at
        interaction.step = event.step
        interaction.serial = floor.house[0].next_serial
        floor.house[0].next_serial += 1
        interaction.line = event.line
        if event.conversation != NOBODY or event.customer != NOBODY:
            belong(floor, i, event)
        _enter(floor, i, kind, at, event.line)
    elif kind == Kind.OFFER_ISSUED:
        floor.house[0].next_offer = event.offer + 1
        _enter(floor, i, kind, at, interaction.line)
        interaction.offer = event.offer
        interaction.score = event.score
        interaction.attempts += 1
        interaction.decided = floor.house[0].sequence
        interaction.deadline = event.until
        interaction.weight = weight_with(floor, i, event.agent)
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
        interaction.moved = 0
        if interaction.customer != NOBODY and not is_aside(interaction):
            note_last_agent(floor, interaction.customer, event.agent, at)
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
        interaction.weighed_until = 0
        interaction.hold_over = 1
    elif kind == Kind.HOLD_BACK_WEIGHED:
        interaction.hold_until = event.until
        interaction.weighed_until = event.not_before
        interaction.hold_over = 0 if event.until > 0 else 1
        interaction.worth_ms = event.value * event.count // 1000
        interaction.with_owner_ms = event.score
        interaction.without_owner_ms = event.since
    elif kind == Kind.COMPANION_OPENED:
        interaction.opened = 1
    elif kind == Kind.INTERACTION_DUE:
        # What it waits for from here on is an agent: the longest wait counts from now.
        interaction.not_before = 0
        interaction.queued_at = at
    elif kind == Kind.INTERACTION_LINKED:
        link(floor, i, event.other, event.mode)
    elif kind == Kind.CONTEXT_ACKNOWLEDGED:
        interaction.acknowledged = event.context
    elif kind == Kind.COOL_DOWN_ENDED:
        _warm_up(interaction, at)
    elif kind == Kind.OWNER_SET:
        _claim(interaction, event, at)
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
        interaction.opened = 1 if is_aside(interaction) else 0
        interaction.moved = 1 if kind == Kind.INTERACTION_TRANSFERRED else 0
        _claim(interaction, event, at)
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
            else:
                _count_wrapped(
                    floor, interaction.queue, at - interaction.wrap_up_started_at
                )
            _leave_agent(floor, holder, i, at)
            # The record says who handled it, though nobody holds it any more.
            interaction.agent = holder
        interaction.reason = event.reason
        if kind == Kind.INTERACTION_HANDED_OFF:
            link(floor, i, event.other, event.mode)
        _enter(floor, i, kind, at, interaction.line)
    if interaction.conversation != NOBODY or interaction.customer != NOBODY:
        keep_company(floor, i, at)
    else:
        await_whom(floor, i)
    arm(floor, i)
    if holder != NOBODY:
        refresh_freedom(floor, holder)
    if event.agent != NOBODY and event.agent != holder:
        refresh_freedom(floor, event.agent)


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
def _claim(interaction, event, at):
    """A new claim on it: what was weighed for the last owner counts no more."""
    interaction.owner = event.other
    interaction.source = event.mode
    interaction.owned_since = at
    interaction.hold_until = event.until
    interaction.weighed_until = 0
    interaction.hold_over = 0


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


@compiled
def _count_wrapped(floor, queue, wrapped_ms):
    """The same for wrap-ups."""
    sums = floor.queues[queue]
    if sums.wrapped >= 64_000:
        sums.wrapped_ms -= sums.wrapped_ms // 64
        sums.wrapped -= 1_000
    sums.wrapped += 1_000
    sums.wrapped_ms += wrapped_ms
