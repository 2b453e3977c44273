"""The rows of interactions: taken by an arrival, blanked when forgotten. Part of `apply`."""

from router.engine.compiled import compiled
from router.engine.facts.kept import let_belong
from router.engine.facts.lineage import unlink
from router.engine.lists import leave_ended
from router.engine.tables import COOLING_MAX, EXCLUDED_MAX, NEVER, NOBODY
from router.model.interaction import State


@compiled
def take_row(floor, i):
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
    interaction.team = NOBODY
    interaction.conversation = NOBODY
    interaction.customer = NOBODY
    interaction.predecessor = NOBODY
    interaction.successor = NOBODY
    interaction.sibling = NOBODY
    interaction.companion = NOBODY
    interaction.next_in_company = NOBODY
    interaction.previous_in_company = NOBODY
    interaction.awaits = NOBODY
    interaction.next_awaited = NOBODY
    interaction.previous_awaited = NOBODY


@compiled
def next_row(floor):
    """The row that the next interaction will take."""
    house = floor.house[0]
    if house.spare > 0:
        return floor.spare[house.spare - 1]
    return house.interactions


@compiled
def forget(floor, i, at):
    """Blank the row of an ended interaction, so that equal histories leave equal bytes."""
    house = floor.house[0]
    leave_ended(floor, i)
    interaction = floor.interactions[i]
    unlink(floor, i)
    if interaction.conversation != NOBODY or interaction.customer != NOBODY:
        let_belong(floor, i, at)
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
    interaction.source = 0
    interaction.relation = 0
    interaction.opened = 0
    interaction.moved = 0
    interaction.hold_over = 0
    interaction.team = NOBODY
    interaction.conversation = NOBODY
    interaction.customer = NOBODY
    interaction.owned_since = 0
    interaction.weighed_until = 0
    interaction.worth_ms = 0
    interaction.with_owner_ms = 0
    interaction.without_owner_ms = 0
    interaction.companion_since = 0
    interaction.not_before = 0
    interaction.context = 0
    interaction.acknowledged = 0
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
