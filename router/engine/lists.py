"""The linked lists of the floor: waiting lines in order of age, an agent's work, the
ended ones.

Links are fields of the interaction, so joining and leaving costs the same however long
a list is. Only `apply` calls these.
"""

from router.engine.compiled import compiled
from router.engine.tables import NOBODY


@compiled
def older(floor, one, other):
    """Whether interaction `one` stands before `other` in a line: by age, then by order
    of arrival.
    """
    mine = floor.interactions[one]
    theirs = floor.interactions[other]
    return mine.enqueued_at < theirs.enqueued_at or (
        mine.enqueued_at == theirs.enqueued_at and mine.serial < theirs.serial
    )


@compiled
def join_line(floor, i):
    """Put the interaction into its line at the place its age gives it."""
    interaction = floor.interactions[i]
    line = interaction.line
    head = floor.heads[line]
    if head.length == 0:
        house = floor.house[0]
        head.position = house.open_lines
        floor.open_lines[house.open_lines] = line
        house.open_lines += 1
        before = NOBODY
    elif older(floor, i, head.first):
        before = NOBODY
    else:
        before = head.last
        while older(floor, i, before):
            before = floor.interactions[before].previous
    after = head.first if before == NOBODY else floor.interactions[before].next
    interaction.previous = before
    interaction.next = after
    if before == NOBODY:
        head.first = i
    else:
        floor.interactions[before].next = i
    if after == NOBODY:
        head.last = i
    else:
        floor.interactions[after].previous = i
    head.length += 1


@compiled
def leave_line(floor, i):
    interaction = floor.interactions[i]
    head = floor.heads[interaction.line]
    if interaction.previous == NOBODY:
        head.first = interaction.next
    else:
        floor.interactions[interaction.previous].next = interaction.next
    if interaction.next == NOBODY:
        head.last = interaction.previous
    else:
        floor.interactions[interaction.next].previous = interaction.previous
    interaction.next = NOBODY
    interaction.previous = NOBODY
    head.length -= 1
    if head.length == 0:
        house = floor.house[0]
        house.open_lines -= 1
        moved = floor.open_lines[house.open_lines]
        floor.open_lines[house.open_lines] = 0
        if moved != interaction.line:
            floor.open_lines[head.position] = moved
            floor.heads[moved].position = head.position
        head.position = NOBODY


@compiled
def join_work(floor, a, i):
    """Put the interaction first among the agent's work: the newest stands in front."""
    agent = floor.agents[a]
    interaction = floor.interactions[i]
    interaction.previous_work = NOBODY
    interaction.next_work = agent.first_work
    if agent.first_work != NOBODY:
        floor.interactions[agent.first_work].previous_work = i
    agent.first_work = i


@compiled
def leave_work(floor, a, i):
    agent = floor.agents[a]
    interaction = floor.interactions[i]
    if interaction.previous_work == NOBODY:
        agent.first_work = interaction.next_work
    else:
        floor.interactions[interaction.previous_work].next_work = interaction.next_work
    if interaction.next_work != NOBODY:
        floor.interactions[
            interaction.next_work
        ].previous_work = interaction.previous_work
    interaction.next_work = NOBODY
    interaction.previous_work = NOBODY


@compiled
def join_ended(floor, i):
    house = floor.house[0]
    interaction = floor.interactions[i]
    interaction.previous = house.last_ended
    interaction.next = NOBODY
    if house.last_ended == NOBODY:
        house.first_ended = i
    else:
        floor.interactions[house.last_ended].next = i
    house.last_ended = i
    house.ended += 1


@compiled
def leave_ended(floor, i):
    house = floor.house[0]
    interaction = floor.interactions[i]
    if interaction.previous == NOBODY:
        house.first_ended = interaction.next
    else:
        floor.interactions[interaction.previous].next = interaction.next
    if interaction.next == NOBODY:
        house.last_ended = interaction.previous
    else:
        floor.interactions[interaction.next].previous = interaction.previous
    house.ended -= 1
