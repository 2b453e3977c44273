"""What is to be expected: how long until the owner has room, how long without them.

Integers, from what was seen: mean handle and wrap-up times of the queues against the
time that work at hand has taken so far. Rough on purpose, and the same on replay: a
decision shows its sum, and looks again when the estimate says so. Only looks.
"""

from router.engine.compiled import compiled
from router.engine.eligibility import (
    agent_rule,
    line_rule,
    pair_room_rule,
    pair_rule,
    reachable_agents,
    step_of,
)  # fmt: skip
from router.engine.kinds import Rule
from router.engine.tables import NEVER, NOBODY
from router.model.interaction import Flag, State

HANDLE_MS = 180_000
"""How long work is thought to take before any was seen in its queue."""
_INTERRUPTED = int(Flag.INTERRUPTED)


@compiled
def mean_handle(floor, queue):
    """Mean time from the answer to the end of the talk."""
    sums = floor.queues[queue]
    if sums.handled < 1_000:
        return HANDLE_MS + 0
    return sums.handled_ms * 1_000 // sums.handled


@compiled
def mean_wrap_up(floor, queue):
    sums = floor.queues[queue]
    if sums.wrapped < 1_000:
        return 0 + floor.queue_rules[queue].wrap_up_ms
    return sums.wrapped_ms * 1_000 // sums.wrapped


@compiled
def remaining(floor, i, now):
    """How much longer an agent will have `i` in their hands. Who has outlasted the mean
    is thought to need a quarter of what they have taken yet.
    """
    interaction = floor.interactions[i]
    handle_ms = mean_handle(floor, interaction.queue)
    wrap_up_ms = mean_wrap_up(floor, interaction.queue)
    if interaction.state == State.WRAPPING:
        left_ms = wrap_up_ms - (now - interaction.wrap_up_started_at)
        return min(max(left_ms, wrap_up_ms >> 2), max(0, interaction.deadline - now))
    if interaction.state == State.ACTIVE:
        taken_ms = now - interaction.answered_at
        left_ms = handle_ms - taken_ms
        return max(left_ms, max(handle_ms, taken_ms) >> 2) + wrap_up_ms
    return handle_ms + wrap_up_ms


@compiled
def until_room(floor, i, a, now):
    """How long until agent `a` will have room for `i`: their work ends, the soonest
    first, until it fits.
    """
    interaction = floor.interactions[i]
    if pair_room_rule(floor, i, a) == Rule.NONE:
        return 0
    agent = floor.agents[a]
    roster = floor.roster[a]
    channel = interaction.channel
    taken = 0 + agent.load
    if floor.channel_rules[channel].interruptible == 0:
        taken -= agent.interruptible_load
    on_channel = 0 + agent.channel_load[channel]
    exclusive = 0 + agent.exclusive
    if floor.channel_rules[channel].exclusive:
        exclusive -= on_channel
    passed_ms = -1
    passed = NOBODY
    while True:
        # The next to end: the smallest (time, row) beyond the last one.
        soonest_ms = NEVER
        soonest = NOBODY
        work = agent.first_work
        while work != NOBODY:
            left_ms = remaining(floor, work, now)
            later = left_ms > passed_ms or (left_ms == passed_ms and work > passed)
            sooner = left_ms < soonest_ms or (left_ms == soonest_ms and work < soonest)
            if later and sooner:
                soonest_ms = left_ms
                soonest = work
            work = floor.interactions[work].next_work
        if soonest == NOBODY:
            return NEVER
        passed_ms = soonest_ms
        passed = soonest
        ended = floor.interactions[soonest]
        rules = floor.channel_rules[ended.channel]
        gives_way = (
            rules.interruptible != 0
            and ended.state == State.ACTIVE
            and floor.channel_rules[channel].interruptible == 0
        )
        if ended.marks & _INTERRUPTED == 0 and not gives_way:
            taken -= ended.weight
        if ended.channel == channel:
            on_channel -= 1
        elif rules.exclusive:
            exclusive -= 1
        if (
            taken + interaction.weight <= roster.capacity
            and on_channel < roster.limit[channel]
            and exclusive <= 0
        ):
            return passed_ms


@compiled
def with_owner(floor, i, a, now):
    """How long until agent `a`, its owner, is expected to be offered `i`; `NEVER` when
    they cannot take it as things are.
    """
    interaction = floor.interactions[i]
    rule = line_rule(floor, step_of(floor, interaction), interaction.channel, a)
    if rule != Rule.NONE:
        return NEVER
    wait_ms = until_room(floor, i, a, now)
    if wait_ms >= NEVER:
        return NEVER
    rings_ms = 0
    work = floor.agents[a].first_work
    while work != NOBODY:
        if floor.interactions[work].state == State.OFFERED:
            rings_ms = max(rings_ms, floor.interactions[work].deadline - now)
        work = floor.interactions[work].next_work
    if agent_rule(floor, a) == Rule.OPEN_OFFER:
        wait_ms = max(wait_ms, rings_ms)
    # Those who wait for the same agent and came before it go first.
    other = floor.agents[a].first_awaited
    while other != NOBODY:
        before = floor.interactions[other]
        if other != i and before.serial < interaction.serial:
            share_ms = remaining(floor, other, now) * before.weight
            wait_ms += share_ms // max(1, floor.roster[a].capacity)
        other = before.next_awaited
    return wait_ms


@compiled
def without_owner(floor, i, owner, now):
    """How long `i` is expected to wait for anybody else: not at all while one has room,
    else its turn in the queue.
    """
    interaction = floor.interactions[i]
    step_row = step_of(floor, interaction)
    channel = interaction.channel
    for position in range(floor.house[0].free_agents):
        a = floor.free[position]
        if a == owner or line_rule(floor, step_row, channel, a) != Rule.NONE:
            continue
        rule = pair_rule(floor, i, a, now)
        if rule != Rule.NONE and rule != Rule.HELD_FOR_OWNER:
            continue
        if pair_room_rule(floor, i, a) == Rule.NONE:
            return 0
    able, _ = reachable_agents(floor, interaction.line, now)
    if floor.agents[owner].signed_in:
        able -= 1
    if able <= 0:
        return NEVER
    queue = interaction.queue
    each_ms = mean_handle(floor, queue) + mean_wrap_up(floor, queue)
    return each_ms * max(1, floor.queues[queue].waiting) // able
