"""Whom an interaction waits for: its owner while that pays, the agent at the customer's
other channel while they can.

The economy of holding back: an interaction waits for its owner only while what the
policy says continuity is worth (`continuity_value`, in seconds of wait, times the
strength of the claim) exceeds the wait it is expected to cost on top. It is weighed when
it comes into a line, and again when the estimate says so or the owner's work changes.
"""

from router.engine.compiled import compiled
from router.engine.compiled_floor import floor_at
from router.engine.eligibility import could_ever
from router.engine.emit import draft, emit, outbox_full
from router.engine.expect import with_owner, without_owner
from router.engine.facts.agents import LOST
from router.engine.kinds import Kind, Reason
from router.engine.linking import linked
from router.engine.ownership import strength
from router.engine.tables import EXCLUDED_MAX, NEVER, NOBODY
from router.model.agent import Presence
from router.model.interaction import State

LOOK_AGAIN_LEAST_MS = 5_000
LOOK_AGAIN_MOST_MS = 15_000
GONE, THERE, WAITED_FOR = 0, 1, 2


@compiled
def standing(floor, a):
    """Whether an owner is there, has gone, or is to be waited for though they are away."""
    rules = floor.rules[0]
    agent = floor.agents[a]
    if floor.roster[a].defined == 0:
        return GONE
    if agent.signed_in == 0:
        return GONE if rules.lapse_on_sign_out else WAITED_FOR
    # After a start streams have time to return.
    if agent.reachable == 0 and agent.session != LOST and agent.due_at < NEVER:
        return WAITED_FOR
    if (
        agent.reachable == 0
        or agent.presence != Presence.AVAILABLE
        or (agent.requested >= 0 and agent.requested != Presence.AVAILABLE)
    ):
        return WAITED_FOR if rules.wait_when_away else GONE
    return THERE


@compiled
def _sum(floor, i, there, now):
    """The sum: (does it pay, strength, expected wait with the owner, without them)."""
    interaction = floor.interactions[i]
    claim = strength(floor, interaction.source, interaction.owned_since, now)
    value_ms = floor.queue_rules[interaction.queue].continuity_value_ms
    worth_ms = value_ms * claim // 1000
    if there == WAITED_FOR:
        # Nobody can say when they come back; the policy wants it so, up to its limit.
        return worth_ms > 0, claim, 0, 0
    with_ms = with_owner(floor, i, interaction.owner, now)
    if with_ms >= NEVER:
        return False, claim, with_ms, 0
    without_ms = without_owner(floor, i, interaction.owner, now)
    return worth_ms > with_ms - without_ms, claim, with_ms, without_ms


@compiled
def weigh_subject(floor):
    """The whole of `weigh`."""
    i = 0 + floor.scratch[0].subject
    now = 0 + floor.scratch[0].subject_at
    interaction = floor.interactions[i]
    rules = floor.queue_rules[interaction.queue]
    held = interaction.weighed_until > 0
    if (
        (rules.continuity_value_ms == 0 and not held)
        or interaction.hold_over
        or interaction.not_before > now
        or interaction.state != State.QUEUED
        or (interaction.companion != NOBODY and interaction.opened == 0)
    ):
        return
    if interaction.hold_until > 0 and not held:
        return  # the caller has said for how long
    there = standing(floor, interaction.owner)
    if there == GONE:
        if held:
            end_hold(floor, i, Reason.OWNER_GONE, now)
        return
    pays, claim, with_ms, without_ms = _sum(floor, i, there, now)
    cap = now + rules.hold_back_max_ms
    if held:
        # A new policy may have a lower limit.
        cap = min(cap, interaction.hold_until)
    if held and (not pays or cap <= now):
        event = draft(floor, Kind.HOLD_BACK_ENDED, now, i, NOBODY)
        event.reason = Reason.NOT_WORTH_IT
    else:
        event = draft(floor, Kind.HOLD_BACK_WEIGHED, now, i, NOBODY)
        if pays and cap > now:
            event.until = cap
            event.not_before = cap
            if there == THERE:
                pause_ms = min(with_ms >> 1, LOOK_AGAIN_MOST_MS)
                pause_ms = max(pause_ms, LOOK_AGAIN_LEAST_MS)
                event.not_before = min(cap, now + pause_ms)
    event.other = interaction.owner
    event.count = claim
    event.value = rules.continuity_value_ms
    event.score = with_ms
    event.since = without_ms
    emit(floor, event)


def _weigh_subject_at(address: int) -> None:
    weigh_subject(floor_at(address))


_weigh_linked = linked("santral_weigh", weigh_subject, _weigh_subject_at)


@compiled
def weigh(floor, i, now):
    """Decide whether `i` waits for its owner, and state the sum."""
    if floor.interactions[i].owner != NOBODY:
        floor.scratch[0].subject = i
        floor.scratch[0].subject_at = now
        _weigh_linked(floor)


@compiled
def end_hold(floor, i, reason, now):
    """Others may have it from here on."""
    event = draft(floor, Kind.HOLD_BACK_ENDED, now, i, NOBODY)
    event.reason = reason
    emit(floor, event)


@compiled
def look_again_at_subject(floor):
    """The whole of `look_again`."""
    a = 0 + floor.scratch[0].subject
    now = 0 + floor.scratch[0].subject_at
    i = floor.agents[a].first_awaited
    # Those for whom there is no room wait on until they are weighed again, at their limit
    # at the latest.
    while i != NOBODY and not outbox_full(floor):
        interaction = floor.interactions[i]
        following = interaction.next_awaited
        if interaction.owner == a and interaction.weighed_until > 0:
            there = standing(floor, a)
            if there == GONE:
                end_hold(floor, i, Reason.OWNER_GONE, now)
            elif there == THERE:
                pays, _, _, _ = _sum(floor, i, there, now)
                if not pays:
                    weigh(floor, i, now)
        i = following


def _look_again_at_subject_at(address: int) -> None:
    look_again_at_subject(floor_at(address))


_look_again_linked = linked(
    "santral_look_again", look_again_at_subject, _look_again_at_subject_at
)


@compiled
def look_again(floor, a, now):
    """Agent `a`'s work or presence has changed: does it still pay to wait for them?"""
    if floor.agents[a].first_awaited != NOBODY:
        floor.scratch[0].subject = a
        floor.scratch[0].subject_at = now
        _look_again_linked(floor)


@compiled
def turned_down(floor, i, a, reason, now):
    """An agent has let the offer go: whoever waited for them alone does not any more."""
    interaction = floor.interactions[i]
    if interaction.owner == a and interaction.weighed_until > 0:
        end_hold(floor, i, Reason.OWNER_DECLINED, now)
    if interaction.companion == a and interaction.opened == 0:
        open_to_others(floor, i, reason, now)


# ------------------------------------------------------------------ companions


@compiled
def open_to_others(floor, i, reason, now):
    """The customer's channels may part: never in silence."""
    interaction = floor.interactions[i]
    event = draft(floor, Kind.COMPANION_OPENED, now, i, NOBODY)
    event.other = interaction.companion
    event.since = interaction.companion_since
    event.reason = reason
    emit(floor, event)
    weigh(floor, i, now)


@compiled
def is_fit(floor, i, a):
    """Whether the agent at the customer's other channel could ever take this one too."""
    interaction = floor.interactions[i]
    agent = floor.agents[a]
    if agent.signed_in == 0 or agent.session == LOST:
        return False
    for k in range(min(interaction.excluded_count, EXCLUDED_MAX)):
        if interaction.excluded[k] == a:
            return False
    if floor.queue_rules[interaction.queue].exclude_decliner:
        for k in range(min(interaction.declined_count, EXCLUDED_MAX)):
            if interaction.declined[k] == a:
                return False
    return could_ever(floor, interaction.line, a)


@compiled
def keep_together(floor, i, now):
    """One that has just come into a line, or whose companion has just been found."""
    interaction = floor.interactions[i]
    if (
        interaction.companion != NOBODY
        and interaction.opened == 0
        and interaction.state == State.QUEUED
        and not is_fit(floor, i, interaction.companion)
    ):
        open_to_others(floor, i, Reason.COMPANION_UNFIT, now)


@compiled
def part_company(floor, a, reason, now):
    """Agent `a` is lost: whoever waited for them as companion is open to others, as far as
    there is room; the rest when their wait is over.
    """
    i = floor.agents[a].first_awaited
    while i != NOBODY and not outbox_full(floor):
        interaction = floor.interactions[i]
        following = interaction.next_awaited
        if interaction.companion == a and interaction.opened == 0:
            open_to_others(floor, i, reason, now)
        i = following
