"""Joint rounds, the compiled half: who takes part, and which pairs are possible at what
worth.

A round is handed on as arcs (row, column, points). Small rounds are complete. In large
ones an interaction keeps only so many arcs (`arcs_per_interaction`): those who stand on
one rung of one ladder rank the agents alike, so the one that stands k-th keeps
the agents around rank k; keeping everybody's best would send all of them to the same
few. Points are the score, lifted so that every pair is worth more than none and more
pairs more than better ones, with ties settled in the low digits: longest idle, then
oldest.
"""

import numpy as np

from router.engine.choose import first_of_line
from router.engine.compiled import compiled
from router.engine.eligibility import (
    line_rule,
    pair_room_rule,
    pair_rule,
    room_rule,
    step_of,
)
from router.engine.kinds import Rule
from router.engine.score import score
from router.engine.tables import NOBODY, Floor

LIFT = 1 << 25
"""More than any score: the weights of the policy times the most that the terms can be."""
TIE = 1 << 14
RANK_MAX = (TIE >> 1) - 1


@compiled
def seekers(floor, rows):
    """Fill `rows` with waiting interactions, line by line and the oldest first, in fair
    shares when not all fit.
    """
    house = floor.house[0]
    taken = 0
    for position in range(house.open_lines):
        head = floor.heads[floor.open_lines[position]]
        share = head.length
        if house.waiting > rows.shape[0]:
            share = max(1, head.length * rows.shape[0] // house.waiting)
        i = head.first
        while i != NOBODY and share > 0 and taken < rows.shape[0]:
            rows[taken] = i
            taken += 1
            share -= 1
            i = floor.interactions[i].next
    return taken


@compiled
def by_ladder(floor, rows):
    """Bring those together who ask for the same, in each such class the most urgent first."""
    count = rows.shape[0]
    urgency = np.empty(count, np.int64)
    asked = np.empty(count, np.int64)
    for r in range(count):
        interaction = floor.interactions[rows[r]]
        line = floor.lines[interaction.line]
        urgency[r] = np.int64(100 - line.priority) * (1 << 50) + interaction.enqueued_at
        asked[r] = (np.int64(line.ladder) * 16 + line.channel) * 256 + interaction.step
    order = np.argsort(urgency, kind="mergesort")
    sorted_rows = rows[order]
    order = np.argsort(asked[order], kind="mergesort")
    rows[:] = sorted_rows[order]


@compiled
def takers(floor, columns):
    """Fill `columns` with free agents, those who have waited longest for work first."""
    count = floor.house[0].free_agents
    since = np.empty(count, np.int64)
    agents = np.empty(count, np.int64)
    for k in range(count):
        agents[k] = floor.free[k]
    agents = np.sort(agents)
    for k in range(count):
        agent = floor.agents[agents[k]]
        since[k] = agent.idle_since if agent.load == 0 else agent.idle_since + (1 << 60)
    by_idleness = np.argsort(since, kind="mergesort")
    taken = min(count, columns.shape[0])
    for k in range(taken):
        columns[k] = agents[by_idleness[k]]
    return taken


@compiled
def capacities(floor, rows, columns, capacity):
    """How many of these interactions each agent may be offered in one round.

    When they are all of one channel and weight, as many as fit. When they are not, what
    fits depends on which they are, and the solver could plan what nobody can hold; so
    one, and another round follows.
    """
    first = floor.interactions[rows[0]]
    alike = True
    for r in range(rows.shape[0]):
        other = floor.interactions[rows[r]]
        if (
            other.channel != first.channel
            or other.weight != first.weight
            or other.companion != NOBODY
        ):
            alike = False
    interruptible = floor.channel_rules[first.channel].interruptible
    for c in range(columns.shape[0]):
        a = columns[c]
        agent = floor.agents[a]
        roster = floor.roster[a]
        offers = floor.rules[0].open_per_agent - agent.open_offers
        capacity[c] = min(1, offers)
        if alike and offers > 1:
            taken = agent.load
            if interruptible == 0:
                taken -= agent.interruptible_load
            fit = (roster.capacity - taken) // max(1, first.weight)
            room = roster.limit[first.channel] - agent.channel_load[first.channel]
            capacity[c] = max(0, min(offers, fit, room))


@compiled
def arcs(floor, now, rows, columns, arcs_each, arc_row, arc_column, points):
    """Write the possible pairs of a round; returns how many. The arrays must have room
    for all of them.
    """
    worth = np.empty(columns.shape[0], np.int64)
    able = np.empty(columns.shape[0], np.int64)
    ranked = np.empty(columns.shape[0], np.int64)
    count = 0
    able_count = 0
    ladder = NOBODY
    step = NOBODY
    channel = NOBODY
    place = 0
    for r in range(rows.shape[0]):
        interaction = floor.interactions[rows[r]]
        if interaction.companion != NOBODY and interaction.opened == 0:
            # Only one agent comes into question.
            for c in range(columns.shape[0]):
                if columns[c] == interaction.companion and count < points.shape[0]:
                    count = _companion_arc(
                        floor, now, rows, columns, r, c, arc_row, arc_column, points, count
                    )  # fmt: skip
            continue
        row = floor.lines[interaction.line]
        alike = row.ladder == ladder and interaction.step == step
        if not alike or row.channel != channel:
            ladder = row.ladder
            step = interaction.step
            channel = row.channel
            place = 0
            able_count = _able(floor, now, rows[r], columns, able, worth)
            if able_count > arcs_each:
                order = np.argsort(-worth[:able_count], kind="mergesort")
                for k in range(able_count):
                    ranked[k] = able[order[k]]
            else:
                for k in range(able_count):
                    ranked[k] = able[k]
        first = max(0, min(place - arcs_each // 2, able_count - arcs_each))
        for k in range(first, min(able_count, first + arcs_each)):
            count = _arc(
                floor,
                now,
                rows,
                columns,
                r,
                ranked[k],
                arc_row,
                arc_column,
                points,
                count,
            )
        if interaction.owner != NOBODY and able_count > arcs_each:
            for k in range(able_count):
                outside = k < first or k >= first + arcs_each
                if outside and columns[ranked[k]] == interaction.owner:
                    count = _arc(
                        floor,
                        now,
                        rows,
                        columns,
                        r,
                        ranked[k],
                        arc_row,
                        arc_column,
                        points,
                        count,
                    )
        place += 1
    return count


@compiled
def _able(floor, now, i, columns, able, worth):
    """The columns that this line and rung admit, and what each is worth to it."""
    interaction = floor.interactions[i]
    step_row = step_of(floor, interaction)
    count = 0
    for c in range(columns.shape[0]):
        a = columns[c]
        if line_rule(floor, step_row, interaction.channel, a) != Rule.NONE:
            continue
        if room_rule(floor, interaction.channel, interaction.weight, a) != Rule.NONE:
            continue
        able[count] = c
        worth[count] = score(floor, i, a, now)
        count += 1
    return count


@compiled
def _arc(floor, now, rows, columns, r, c, arc_row, arc_column, points, count):
    if pair_rule(floor, rows[r], columns[c], now) != Rule.NONE:
        return count
    arc_row[count] = r
    arc_column[count] = c
    rank = max(0, RANK_MAX - c) + max(0, RANK_MAX - r)
    points[count] = (score(floor, rows[r], columns[c], now) + LIFT) * TIE + rank
    return count + 1


@compiled
def _companion_arc(floor, now, rows, columns, r, c, arc_row, arc_column, points, count):
    if pair_room_rule(floor, rows[r], columns[c]) != Rule.NONE:
        return count
    step_row = step_of(floor, floor.interactions[rows[r]])
    channel = floor.interactions[rows[r]].channel
    if line_rule(floor, step_row, channel, columns[c]) != Rule.NONE:
        return count
    return _arc(floor, now, rows, columns, r, c, arc_row, arc_column, points, count)


@compiled
def _first_waiting(floor, a, now, rows, scores):
    count = 0
    for position in range(floor.house[0].open_lines):
        i = first_of_line(floor, floor.open_lines[position], a, now)
        if i != NOBODY:
            rows[count] = i
            scores[count] = score(floor, i, a, now)
            count += 1
    return count


def waiting_scores(floor: Floor, a: int, now: int) -> list[tuple[int, int]]:
    """What the lines put forward for one agent: (interaction, score), best first."""
    rows = np.zeros(len(floor.open_lines), np.int64)
    scores = np.zeros(len(floor.open_lines), np.int64)
    count = int(_first_waiting(floor, a, now, rows, scores))
    found = list(zip(rows[:count].tolist(), scores[:count].tolist(), strict=True))
    return sorted(found, key=lambda pair: -pair[1])
