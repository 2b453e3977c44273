"""An interaction arrives: is there anybody for it, is there room, and who was forgotten
to make some.
"""

from router.engine.compiled import compiled
from router.engine.eligibility import could_ever
from router.engine.emit import draft, emit, state
from router.engine.facts.interactions import next_row
from router.engine.kinds import Kind, Reason, Refusal
from router.engine.tables import NOBODY

FORGOTTEN_AT_ONCE = 8
"""Most ended interactions one order forgets; at a steady load one would do."""


@compiled
def enqueue(floor, command, now):
    line = command.line
    queue = floor.lines[line].queue
    rules = floor.queue_rules[queue]
    alarm = False
    if not routable(floor, line, now) or (
        command.count > 0 and not routable_without(floor, line, command)
    ):
        if rules.unroutable_alarm == 0:
            return Refusal.UNROUTABLE
        alarm = True
    # A full queue passes the newcomer on, as often as there is somewhere to go.
    hops = 0
    while floor.queues[queue].waiting >= floor.queue_rules[queue].limit:
        line = floor.lines[line].limit_line
        hops += 1
        if line == NOBODY or hops > 16:
            return Refusal.QUEUE_FULL
        queue = floor.lines[line].queue
    forget_old(floor, now)
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
    event.reason = Reason.QUEUE_FULL if hops > 0 else Reason.NONE
    owner = command.other
    event.other = owner
    if owner != NOBODY and floor.agents[owner].signed_in and command.until > 0:
        event.until = now + min(command.until, rules.hold_back_max_ms)
    emit(floor, event)
    floor.scratch[0].row = i
    for k in range(command.count):
        event = draft(floor, Kind.AGENT_EXCLUDED, now, i, NOBODY)
        event.other = command.excluded[k]
        emit(floor, event)
    if alarm:
        state(floor, Kind.INTERACTION_UNROUTABLE, now, i, NOBODY)
    return Refusal.OK


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
