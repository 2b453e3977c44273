"""An interaction arrives: is there anybody for it, is there room, and who was forgotten
to make some.
"""

from router.engine.compiled import compiled
from router.engine.eligibility import could_ever
from router.engine.emit import draft, emit, state
from router.engine.facts.interaction_rows import next_row
from router.engine.facts.kept import next_conversation, next_customer
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.orders.holding import weigh
from router.engine.ownership import carried, find_owner, may_carry
from router.engine.tables import NOBODY
from router.model.conversation import Source

_LAST_AGENT = int(Source.LAST_AGENT)
NEW = -2
"""In place of the row of a conversation or customer: it has none yet."""
NO_OWNER = 1
"""`offer` of an arrival: nobody is to have a claim on it."""
NO_CARRY_OVER = 1
"""`session` of an arrival: what was said before is not carried along."""
FORGOTTEN_AT_ONCE = 8
"""Most ended interactions one order forgets; at a steady load one would do."""


@compiled
def enqueue(floor, command, now):
    line, alarm, refusal = line_for(floor, command, NOBODY, now)
    if refusal != Refusal.OK:
        return refusal
    arrive(floor, command, line, alarm, now)
    weigh(floor, floor.scratch[0].row, now)
    return Refusal.OK


@compiled
def line_for(floor, command, leaving, now):
    """Where a newcomer can stand: (line, is it unroutable and let in with an alarm,
    refusal). `leaving` is the queue in which a place comes free for it.
    """
    line = command.line
    queue = floor.lines[line].queue
    alarm = False
    if not routable(floor, line, now) or (
        command.count > 0 and not routable_without(floor, line, command)
    ):
        if floor.queue_rules[queue].unroutable_alarm == 0:
            return line, alarm, Refusal.UNROUTABLE
        alarm = True
    # A full queue passes the newcomer on, as often as there is somewhere to go.
    hops = 0
    while is_full(floor, queue, leaving):
        line = floor.lines[line].limit_line
        hops += 1
        if line == NOBODY or hops > 16:
            return line, alarm, Refusal.QUEUE_FULL
        queue = floor.lines[line].queue
    return line, alarm, Refusal.OK


@compiled
def is_full(floor, queue, leaving):
    places = floor.queue_rules[queue].limit - floor.queues[queue].waiting
    return places + (1 if queue == leaving else 0) <= 0


@compiled
def arrive(floor, command, line, alarm, now):
    """Put a newcomer into `line`; its row is in `scratch.row` then."""
    forget_old(floor, now)
    queue = floor.lines[line].queue
    i = next_row(floor)
    event = draft(floor, Kind.INTERACTION_ENQUEUED, now, i, NOBODY)
    event.line = line
    event.queue = queue
    event.channel = floor.lines[line].channel
    event.weight = floor.channel_rules[event.channel].weight
    event.since = now - command.since
    event.step = step_at(floor, line, command.since)
    event.value = command.value
    event.score = floor.lines[line].priority
    if line != command.line:
        event.reason = Reason.QUEUE_FULL
    owner = command.other
    event.other = owner
    if owner != NOBODY:
        event.mode = Source.CALLER
        event.offer = now
    if command.link:
        _draft_ties(floor, command, event, now)
    if owner != NOBODY and floor.agents[owner].signed_in and command.until > 0:
        hold_ms = min(
            command.until,
            floor.queue_rules[floor.lines[command.line].queue].hold_back_max_ms,
        )
        event.until = max(now, event.not_before) + hold_ms
    emit(floor, event)
    floor.scratch[0].row = i
    for k in range(command.count):
        event = draft(floor, Kind.AGENT_EXCLUDED, now, i, NOBODY)
        event.other = command.excluded[k]
        emit(floor, event)
    if alarm:
        state(floor, Kind.INTERACTION_UNROUTABLE, now, i, NOBODY)
    forget_idle(floor, now)


@compiled
def _draft_ties(floor, command, event, now):
    """What an arrival brings along besides itself: conversation, customer, owner by the
    ladder, version of the context, and the hour before which it is not to be offered.
    """
    v = command.conversation
    c = command.customer
    known = v >= 0
    if c == NEW:
        c = next_customer(floor)
    if v == NEW:
        v = next_conversation(floor)
    elif known and c == NOBODY:
        c = floor.conversations[v].customer
    known_customer = c != NOBODY and floor.customers[c].used != 0
    event.conversation = v
    event.customer = c
    event.count = command.context
    if event.other == NOBODY and command.offer != NO_OWNER:
        source, owner, since = find_owner(
            floor, v if known else NOBODY, c if known_customer else NOBODY, now
        )
        if owner == NOBODY and command.agent != NOBODY:
            # A handoff without a conversation: who held it knows it best.
            source, owner, since = _LAST_AGENT, int(command.agent), int(now)
        event.mode = source
        event.other = owner
        event.offer = since
    if command.session == NO_CARRY_OVER:
        event.context = 0
    elif known:
        event.context = carried(floor, v, c)
    elif v != NOBODY and (not known_customer or may_carry(floor, c)):
        event.context = command.context
    if command.not_before > now:
        event.not_before = command.not_before
        # It keeps its place: when it is due it is as old as it is now.
        event.since = command.not_before - command.since


@compiled
def routable(floor, line, now):
    """Whether anybody on the roster could take this line under any rung; remembered
    until the roster changes.
    """
    version = floor.house[0].roster_version + 1
    known = floor.routable[line]
    if known == version:
        return True
    if known == -version:
        return False
    for a in range(floor.roster.shape[0]):
        if could_ever(floor, line, a):
            floor.routable[line] = version
            return True
    floor.routable[line] = -version
    return False


@compiled
def routable_without(floor, line, command):
    """The same with the agents left out whom this order excludes."""
    for a in range(floor.roster.shape[0]):
        excluded = False
        for k in range(command.count):
            if command.excluded[k] == a:
                excluded = True
        if not excluded and could_ever(floor, line, a):
            return True
    return False


@compiled
def step_at(floor, line, age_ms):
    """The rung on which an interaction of that age stands."""
    ladder = floor.ladders[floor.lines[line].ladder]
    step = 0
    while (
        step + 1 < ladder.steps
        and floor.steps[ladder.first_step + step + 1].after_ms <= age_ms
    ):
        step += 1
    return step


@compiled
def forget_old(floor, now):
    """Ended interactions are kept for a while, so that late questions are answered;
    then their rows are reused.
    """
    house = floor.house[0]
    rules = floor.rules[0]
    for _ in range(FORGOTTEN_AT_ONCE):
        i = house.first_ended
        if i == NOBODY:
            return
        if (
            house.ended <= rules.ended_max
            and floor.interactions[i].state_at + rules.ended_ms > now
        ):
            return
        state(floor, Kind.INTERACTION_FORGOTTEN, now, i, NOBODY)


@compiled
def forget_idle(floor, now):
    """The same for conversations and customers that nothing refers to any more."""
    house = floor.house[0]
    rules = floor.rules[0]
    for _ in range(FORGOTTEN_AT_ONCE):
        v = house.first_idle_conversation
        if v == NOBODY or (
            house.idle_conversations <= rules.conversations_max
            and floor.conversations[v].idle_since + rules.conversations_ms > now
        ):
            break
        event = draft(floor, Kind.CONVERSATION_FORGOTTEN, now, NOBODY, NOBODY)
        event.conversation = v
        emit(floor, event)
    for _ in range(FORGOTTEN_AT_ONCE):
        c = house.first_idle_customer
        if c == NOBODY or (
            house.idle_customers <= rules.conversations_max
            and floor.customers[c].idle_since + rules.conversations_ms > now
        ):
            break
        event = draft(floor, Kind.CUSTOMER_FORGOTTEN, now, NOBODY, NOBODY)
        event.customer = c
        emit(floor, event)
