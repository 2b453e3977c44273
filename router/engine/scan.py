"""The best agent by looking at each who is free: short, and right for any interaction."""

from router.engine.compiled import compiled
from router.engine.eligibility import has_particulars, pair_rule
from router.engine.fits import able_agents, fits_for
from router.engine.kinds import Rule
from router.engine.room import room_rule
from router.engine.score import claim_score, moving_score, own_score
from router.engine.tables import NOBODY, Floor


@compiled
def idler(floor: Floor, one: int, other: int) -> bool:
    """Whether agent `one` goes before `other` when their scores are equal."""
    mine = floor.agents[one]
    theirs = floor.agents[other]
    if (mine.load == 0) != (theirs.load == 0):
        return bool(mine.load == 0)
    return bool(
        mine.idle_since < theirs.idle_since
        or (mine.idle_since == theirs.idle_since and one < other)
    )


@compiled
def best_of_all(floor: Floor, i: int, now: int) -> tuple[int, int, int, int, int]:
    """Choose by looking at everybody who is free: (agent, score, runner-up, its score,
    how many were eligible).
    """
    interaction = floor.interactions[i]
    fits = fits_for(floor, i)
    channel = interaction.channel
    particular = has_particulars(floor, i, now)
    claimed = interaction.owner != NOBODY or interaction.team != NOBODY
    best = NOBODY
    second = NOBODY
    best_score = 0
    second_score = 0
    eligible = 0
    own = own_score(floor, i, now)
    for k in range(able_agents(floor, fits)):
        a = floor.shortlist[k]
        # Whoever has nothing to do has room for whatever they are able to take.
        agent = floor.agents[a]
        busy = agent.load > 0 or agent.exclusive > 0 or agent.channel_load[channel] > 0
        if busy and room_rule(floor, channel, interaction.weight, a) != Rule.NONE:
            continue
        if particular and pair_rule(floor, i, a, now) != Rule.NONE:
            continue
        eligible += 1
        points = own + floor.fits[fits + a] + moving_score(floor, i, a, now)
        if claimed:
            points += claim_score(floor, i, a, now)
        if (
            best == NOBODY
            or points > best_score
            or (points == best_score and idler(floor, a, best))
        ):
            second, second_score = best, best_score
            best, best_score = a, points
        elif (
            second == NOBODY
            or points > second_score
            or (points == second_score and idler(floor, a, second))
        ):
            second, second_score = a, points
    return best, best_score, second, second_score, eligible
