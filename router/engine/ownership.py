"""Ownership: who has a claim on an interaction, why, and how strong it still is.

The ladder: who owns the conversation, else who handled the customer last, else who looks
after the account; the customer's team stands below all of them. Each rung has a
strength, lasts for a while, and may fade on the way. Only looks; never changes the
floor.
"""

from router.engine.compiled import compiled
from router.engine.tables import AGENT_GROUPS_MAX, NOBODY
from router.model.conversation import Mark, Purpose, Source

CALLERS_STRENGTH = 1000
_CONVERSATION = int(Source.CONVERSATION)
_LAST_AGENT = int(Source.LAST_AGENT)
_ACCOUNT = int(Source.ACCOUNT)
_CARRY_OVER = 1 << int(Purpose.CARRY_OVER)
_NO_READS = int(Mark.RESTRICTED | Mark.ERASURE_REQUESTED | Mark.ERASED)


@compiled
def strength(floor, source, since, now):
    """How much a claim of this source, which began at `since`, is worth now: 0 to 1000."""
    if source == Source.NONE:
        return 0
    if source == Source.CALLER:
        return CALLERS_STRENGTH
    rules = floor.rules[0]
    lasts_ms = rules.lasts_ms[source]
    left_ms = lasts_ms - (now - since)
    if left_ms <= 0:
        return 0
    whole = 0 + rules.strength[source]
    if rules.decays[source]:
        return whole * min(left_ms, lasts_ms) // lasts_ms
    return whole


@compiled
def counts(floor, a):
    """Whether agent `a` is somebody to wait for at all: on the roster, and not at home
    where the policy lets ownership lapse with that.
    """
    if floor.roster[a].defined == 0:
        return False
    return floor.agents[a].signed_in != 0 or floor.rules[0].lapse_on_sign_out == 0


@compiled
def find_owner(floor, v, c, now):
    """The first claim that holds, down the ladder: (source, agent, since when)."""
    if v != NOBODY:
        conversation = floor.conversations[v]
        a = conversation.owner
        if a != NOBODY and counts(floor, a):
            since = conversation.owned_since
            if strength(floor, Source.CONVERSATION, since, now) > 0:
                return _CONVERSATION, int(a), int(since)
    best = NOBODY
    latest = 0
    above = c
    while above != NOBODY:
        customer = floor.customers[above]
        a = customer.last_agent
        if a != NOBODY and customer.last_agent_at > latest and counts(floor, a):
            since = customer.last_agent_at
            if strength(floor, Source.LAST_AGENT, since, now) > 0:
                best = int(a)
                latest = int(since)
        above = customer.merged_into
    if best != NOBODY:
        return _LAST_AGENT, best, latest
    while c != NOBODY:
        customer = floor.customers[c]
        a = customer.account_owner
        if a != NOBODY and counts(floor, a):
            since = customer.account_since
            if strength(floor, Source.ACCOUNT, since, now) > 0:
                return _ACCOUNT, int(a), int(since)
        c = customer.merged_into
    return 0, NOBODY, 0


@compiled
def claim(floor, i, a, now):
    """What agent `a` may claim of interaction `i`, as owner or as one of the team."""
    interaction = floor.interactions[i]
    if interaction.owner == a:
        return strength(floor, interaction.source, interaction.owned_since, now)
    if interaction.team != NOBODY:
        groups = floor.roster[a].groups
        for k in range(AGENT_GROUPS_MAX):
            if groups[k] == interaction.team:
                return 0 + floor.rules[0].strength[Source.TEAM]
    return 0


@compiled
def may_carry(floor, c):
    """Whether what was said before may be carried along to another channel."""
    while c != NOBODY:
        customer = floor.customers[c]
        if customer.marks & _NO_READS or customer.withdrawn & _CARRY_OVER:
            return False
        c = customer.merged_into
    return True


@compiled
def carried(floor, v, c):
    """The version of the context that an interaction of this conversation carries."""
    if v == NOBODY or not may_carry(floor, c):
        return 0
    return 0 + floor.conversations[v].version
