"""What came from what: predecessor, successors and siblings. Part of `apply`."""

from router.engine.company import await_whom, is_aside
from router.engine.compiled import compiled
from router.engine.facts.arming import arm
from router.engine.tables import NOBODY


@compiled
def link(floor, i, successor, relation):
    """`successor` comes from `i`; the first of several stands in front."""
    follower = floor.interactions[successor]
    follower.predecessor = i
    follower.relation = relation
    if is_aside(follower):
        follower.opened = 1
        await_whom(floor, successor)
        arm(floor, successor)
    interaction = floor.interactions[i]
    if interaction.successor == NOBODY:
        interaction.successor = successor
        return
    last = interaction.successor
    while floor.interactions[last].sibling != NOBODY:
        last = floor.interactions[last].sibling
    floor.interactions[last].sibling = successor


@compiled
def unlink(floor, i):
    """A row that is taken again is nobody's predecessor and nobody's successor."""
    interaction = floor.interactions[i]
    follower = interaction.successor
    while follower != NOBODY:
        following = floor.interactions[follower].sibling
        floor.interactions[follower].predecessor = NOBODY
        floor.interactions[follower].sibling = NOBODY
        follower = following
    interaction.successor = NOBODY
    if interaction.predecessor != NOBODY:
        before = floor.interactions[interaction.predecessor]
        if before.successor == i:
            before.successor = interaction.sibling
        else:
            last = before.successor
            while floor.interactions[last].sibling != i:
                last = floor.interactions[last].sibling
            floor.interactions[last].sibling = interaction.sibling
    interaction.predecessor = NOBODY
    interaction.sibling = NOBODY
