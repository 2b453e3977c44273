"""Stating facts: write an event to the outbox, make it true, and note whom it may
concern.

What is noted (`scratch`) is not state: it only says where the next pass of `settle` has
to look, so that a step costs what it changed and not the size of the floor.
"""

from router.engine.apply import apply
from router.engine.company import root_of
from router.engine.compiled import compiled
from router.engine.compiled_floor import floor_at
from router.engine.floor import CHANGED_MAX, OUTBOX_MAX, OUTBOX_RESERVE
from router.engine.kinds import Kind
from router.engine.linking import linked
from router.engine.tables import NOBODY
from router.model.interaction import State


@compiled
def outbox_full(floor):
    """Whether deciding has to pause: what may cause any number of events asks before
    each, and the rest comes with the next batch.
    """
    return floor.scratch[0].events > OUTBOX_MAX - OUTBOX_RESERVE


@compiled
def draft(floor, kind, at, i, a):
    """Begin an event about interaction `i` and agent `a`; set what else it carries,
    then `emit` it.
    """
    event = floor.outbox[floor.scratch[0].events]
    event.at = at
    event.kind = kind
    event.reason = 0
    event.step = 0
    event.presence = 0
    event.channel = 0
    event.mode = 0
    event.interaction = i
    event.agent = a
    event.other = NOBODY
    event.queue = NOBODY
    event.line = NOBODY
    event.count = 0
    event.eligible = 0
    event.match_round = 0
    event.weight = 0
    event.conversation = NOBODY
    event.customer = NOBODY
    event.offer = 0
    event.until = 0
    event.since = 0
    event.score = 0
    event.value = 0
    event.not_before = 0
    event.context = 0
    if i != NOBODY and kind != Kind.INTERACTION_ENQUEUED:
        interaction = floor.interactions[i]
        event.channel = interaction.channel
        event.queue = interaction.queue
        event.line = interaction.line
        event.step = interaction.step
        event.offer = interaction.offer
    return event


@compiled
def emit_drafted(floor):
    """The whole of `emit`, for the drafted event at the end of the outbox."""
    event = floor.outbox[floor.scratch[0].events]
    floor.scratch[0].events += 1
    i = event.interaction
    holder = NOBODY
    if i != NOBODY and floor.interactions[i].state <= State.WRAPPING:
        # Whose it was when it ended is remembered, and concerns that agent no more.
        if event.kind != Kind.INTERACTION_ENQUEUED:
            holder = floor.interactions[i].agent
    apply(floor, event)
    if i != NOBODY and floor.interactions[i].state == State.QUEUED:
        note_interaction(floor, i)
    note_company(floor, event)
    if holder != NOBODY:
        note_agent(floor, holder)
    if event.agent != NOBODY and event.agent != holder:
        note_agent(floor, event.agent)
    if event.kind == Kind.POLICY_PUBLISHED or event.kind == Kind.ROUTER_STARTED:
        floor.scratch[0].everything = 1


def _emit_drafted_at(address: int) -> None:
    emit_drafted(floor_at(address))


_emit_linked = linked("santral_emit", emit_drafted, _emit_drafted_at)


@compiled
def emit(floor, event):
    """State the drafted fact: it is in the outbox and true on the floor."""
    _emit_linked(floor)


@compiled
def state(floor, kind, at, i, a):
    """Emit a fact that carries nothing beyond whom it is about."""
    emit(floor, draft(floor, kind, at, i, a))


@compiled
def note_company(floor, event):
    """What happens to one of a customer's interactions concerns all that wait."""
    c = event.customer
    if event.interaction != NOBODY:
        c = floor.interactions[event.interaction].customer
    if c == NOBODY or floor.customers[c].used == 0:
        return
    note_waiting_of(floor, root_of(floor, c))
    if event.kind == Kind.CUSTOMERS_UNMERGED:
        note_waiting_of(floor, event.other)


@compiled
def note_waiting_of(floor, root):
    i = floor.customers[root].first_live
    while i != NOBODY:
        if floor.interactions[i].state == State.QUEUED:
            note_interaction(floor, i)
        i = floor.interactions[i].next_in_company


@compiled
def note_interaction(floor, i):
    scratch = floor.scratch[0]
    if (
        scratch.interactions > 0
        and floor.changed_interactions[scratch.interactions - 1] == i
    ):
        return
    if scratch.interactions == CHANGED_MAX:
        scratch.everything = 1
        return
    floor.changed_interactions[scratch.interactions] = i
    scratch.interactions += 1


@compiled
def note_agent(floor, a):
    scratch = floor.scratch[0]
    if floor.agents[a].free_position == NOBODY:
        return
    if scratch.agents > 0 and floor.changed_agents[scratch.agents - 1] == a:
        return
    if scratch.agents == CHANGED_MAX:
        scratch.everything = 1
        return
    floor.changed_agents[scratch.agents] = a
    scratch.agents += 1
