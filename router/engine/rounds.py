"""Joint rounds, the compiled half: who takes part, and which pairs are possible at what
worth.

A round is handed on as arcs (row, column, points). Small rounds are complete. In large
ones an interaction keeps only so many arcs (`arcs_per_interaction`): those who stand on
one rung of one ladder rank the agents alike, so the one that stands k-th keeps
the agents around rank k; keeping everybody's best would send all of them to the same
few. Points are the score, lifted so that every pair is worth more than none and more
pairs more than better ones, with ties settled in the low digits: longest idle, then
oldest. That says who takes part; who of several that are equal gets whom is the solver's
choice, and always the same one.
"""

import numpy as np

from router.engine.choose import first_of_line
from router.engine.compiled import compiled
from router.engine.eligibility import (
    has_particulars,
    pair_rule,
    rule_against,
)
from router.engine.fits import NOT_ABLE, fits_for
from router.engine.kinds import Rule
from router.engine.room import room_rule
from router.engine.score import claim_score, moving_score, own_score, score
from router.engine.tables import NOBODY, Floor
from router.model.interaction import State

PEN = np.dtype(
    [
        ("row", np.int64),
        ("count", np.int64),
        ("ladder", np.int64),
        ("step", np.int64),
        ("channel", np.int64),
        ("place", np.int64),
        ("able", np.int64),
    ]
)
"""Where the writing of a round's pairs stands: the next row and how many pairs there
are, then what the rows at hand ask for, how far along them it is, and how many columns
they admit."""
LOOKS_MAX = 2
"""How often one slice may look at all columns for rows that ask for something new."""
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
    if rows.shape[0] == 0:
        return
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
def arcs(
    floor, now, rows, columns, arcs_each, ranked, worth, arc_row, arc_column, points, pen,
    until,
):  # fmt: skip
    """Write the possible pairs of the rows from where the pen stands up to `until`, or
    less far where many rows ask for something new. The arrays must have room for all.

    Rows that ask for the same follow each other, so what a column is worth to all of
    them (`ranked` and `worth`) is worked out once. Rows that have left since they were
    found have no pairs.
    """
    at = pen[0]
    count = at.count
    able_count = at.able
    ladder = at.ladder
    step = at.step
    channel = at.channel
    place = at.place
    looks = 0
    row = until
    for r in range(at.row, until):
        interaction = floor.interactions[rows[r]]
        if interaction.state != State.QUEUED:
            continue
        if interaction.companion != NOBODY and interaction.opened == 0:
            # Only one agent comes into question.
            for c in range(columns.shape[0]):
                if (
                    columns[c] == interaction.companion
                    and rule_against(floor, rows[r], columns[c], now) == Rule.NONE
                ):
                    total = score(floor, rows[r], columns[c], now)
                    arc_row[count] = r
                    arc_column[count] = c
                    points[count] = _points(total, r, c)
                    count += 1
            continue
        line = floor.lines[interaction.line]
        alike = line.ladder == ladder and interaction.step == step
        if not alike or line.channel != channel:
            if looks == LOOKS_MAX:
                row = r
                break
            looks += 1
            ladder = line.ladder
            step = interaction.step
            channel = line.channel
            place = 0
            able_count = _able(floor, now, rows[r], columns, ranked, worth)
            if able_count > arcs_each:
                by_worth = np.argsort(-worth[:able_count], kind="mergesort")
                ranked[:able_count] = ranked[:able_count][by_worth]
                worth[:able_count] = worth[:able_count][by_worth]
        own = own_score(floor, rows[r], now)
        particular = has_particulars(floor, rows[r], now)
        claimed = interaction.owner != NOBODY or interaction.team != NOBODY
        first = max(0, min(place - arcs_each // 2, able_count - arcs_each))
        kept = min(able_count, arcs_each)
        outsider = NOBODY
        if interaction.owner != NOBODY:
            # The owner is always among those to whom it might go.
            for k in range(able_count):
                if columns[ranked[k]] == interaction.owner:
                    if k < first or k >= first + kept:
                        outsider = k
        for n in range(kept + (outsider != NOBODY)):
            k = first + n if n < kept else outsider
            c = ranked[k]
            if particular:
                if pair_rule(floor, rows[r], columns[c], now) != Rule.NONE:
                    continue
            total = own + worth[k]
            if claimed:
                total += claim_score(floor, rows[r], columns[c], now)
            arc_row[count] = r
            arc_column[count] = c
            points[count] = _points(total, r, c)
            count += 1
        place += 1
    at.row = row
    at.count = count
    at.able = able_count
    at.ladder = ladder
    at.step = step
    at.channel = channel
    at.place = place


@compiled
def _points(worth, r, c):
    """Every pair is worth more than none, and no two are worth the same."""
    rank = max(0, RANK_MAX - c) + max(0, RANK_MAX - r)
    return (worth + LIFT) * TIE + rank


@compiled
def _able(floor, now, i, columns, able, worth):
    """The columns that this line and rung admit, and what each is worth to anybody in
    the line.
    """
    interaction = floor.interactions[i]
    fits = fits_for(floor, i)
    count = 0
    for c in range(columns.shape[0]):
        a = columns[c]
        if floor.fits[fits + a] == NOT_ABLE:
            continue
        if room_rule(floor, interaction.channel, interaction.weight, a) != Rule.NONE:
            continue
        able[count] = c
        worth[count] = floor.fits[fits + a] + moving_score(floor, i, a, now)
        count += 1
    return count


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
