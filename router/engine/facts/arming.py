"""The one timer of an interaction: what comes first in the state it is in. Part of
`apply`.
"""

from router.engine.compiled import compiled
from router.engine.tables import NEVER, NOBODY
from router.engine.timers import set_timer
from router.model.interaction import State


@compiled
def arm(floor, i):
    """Arm the one timer of an interaction for whatever comes first in the state it is
    in.
    """
    interaction = floor.interactions[i]
    due_at = NEVER
    if interaction.state == State.QUEUED and interaction.not_before > 0:
        # Scheduled: nothing else counts before it may be offered at all.
        due_at = interaction.not_before
    elif interaction.state == State.QUEUED:
        rules = floor.queue_rules[interaction.queue]
        due_at = interaction.queued_at + rules.max_wait_ms
        ladder = floor.ladders[floor.lines[interaction.line].ladder]
        if interaction.step + 1 < ladder.steps:
            step = floor.steps[ladder.first_step + interaction.step + 1]
            due_at = min(due_at, interaction.enqueued_at + step.after_ms)
        company = interaction.companion != NOBODY and interaction.opened == 0
        if company:
            due_at = min(
                due_at, interaction.companion_since + rules.companion_wait_max_ms
            )
        elif interaction.owner != NOBODY and interaction.hold_until > 0:
            due_at = min(due_at, interaction.hold_until)
            if interaction.weighed_until > 0:
                due_at = min(due_at, interaction.weighed_until)
        for k in range(interaction.cooling_count):
            due_at = min(due_at, interaction.cooling_until[k])
    elif (
        interaction.state == State.OFFERED
        or interaction.state == State.ACTIVE
        or interaction.state == State.WRAPPING
    ):
        due_at = interaction.deadline
    set_timer(floor, i, due_at)
