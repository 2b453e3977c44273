"""Questions about conversations, answered from the tables: where an interaction comes
from, what an agent owns, what is known of a customer.

Only reads, in plain Python; for the service, reports and tests.
"""

from dataclasses import dataclass

import numpy as np

from router.engine.engine import Engine
from router.engine.ownership import find_owner, strength
from router.engine.tables import NOBODY
from router.model.conversation import Mark, Purpose, Relation, Source


@dataclass(frozen=True, slots=True)
class Lineage:
    """The interactions around one, by their names. What the floor has forgotten is left
    out.
    """

    initial: str
    previous: str
    relation: Relation
    successors: tuple[str, ...]
    related: tuple[str, ...]
    """All others of the same conversation."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A conversation that an agent owns, for the list at the end of a shift."""

    conversation: str
    customer: str
    since: int
    strength: int
    live: int
    version: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Who would be waited for if this conversation went on now, and why."""

    agent: str
    source: Source
    since: int
    strength: int
    team: str


@dataclass(frozen=True, slots=True)
class CustomerState:
    """What the floor knows of a customer."""

    customer: str
    root: str
    merged: tuple[str, ...]
    marks: Mark
    granted: frozenset[Purpose]
    withdrawn: frozenset[Purpose]
    live: tuple[str, ...]
    """Live interactions of everybody who is the same person."""


def lineage(engine: Engine, interaction: str) -> Lineage:
    """Where an interaction comes from and what came of it. Raises `UnknownInteraction`."""
    row = engine.interaction_row(interaction)
    table, texts = engine.floor.interactions, engine.names.interactions.texts
    initial = row
    while int(table[initial].predecessor) != NOBODY:
        initial = int(table[initial].predecessor)
    successors, follower = [], int(table[row].successor)
    while follower != NOBODY:
        successors.append(texts[follower])
        follower = int(table[follower].sibling)
    related: list[str] = []
    v = int(table[row].conversation)
    if v != NOBODY:
        used = int(engine.floor.house["interactions"][0])
        same = (table["conversation"][:used] == v) & (table["used"][:used] != 0)
        related = [texts[r] for r in np.flatnonzero(same).tolist() if r != row]
    previous = int(table[row].predecessor)
    return Lineage(
        initial=texts[initial],
        previous=texts[previous] if previous != NOBODY else "",
        relation=Relation(int(table[row].relation)),
        successors=tuple(successors),
        related=tuple(related),
    )


def owned_by(engine: Engine, agent: str, now: int) -> list[Owned]:
    """What an agent owns that has not lapsed, live work first, then the longest owned.
    Raises `UnknownAgent`.
    """
    a = engine.agent_row(agent)
    floor, names = engine.floor, engine.names
    found = []
    v = int(floor.agents[a].first_owned)
    while v != NOBODY:
        row = floor.conversations[v]
        since = int(row.owned_since)
        claim = int(strength(floor, int(Source.CONVERSATION), since, now))
        if claim > 0:
            found.append(
                Owned(
                    names.conversations.texts[v],
                    names.customers.texts.get(int(row.customer), ""),
                    since,
                    claim,
                    int(row.live),
                    int(row.version),
                )
            )
        v = int(row.next_owned)
    return sorted(found, key=lambda o: (o.live == 0, o.since, o.conversation))


def owner_of(
    engine: Engine, conversation: str, customer: str, now: int
) -> Owner | None:
    """Down the ladder: whose the conversation (or the customer) is now, if anybody's."""
    floor, names = engine.floor, engine.names
    v = engine.conversation_row(conversation)
    c = engine.customer_row(customer)
    if c == NOBODY and v != NOBODY:
        c = int(floor.conversations[v].customer)
    source, a, since = find_owner(floor, v, c, now)
    team, above = NOBODY, c
    while above != NOBODY and team == NOBODY:
        team = int(floor.customers[above].team)
        above = int(floor.customers[above].merged_into)
    if a == NOBODY and team == NOBODY:
        return None
    claim = int(strength(floor, int(source), int(since), now))
    if a == NOBODY:
        source, claim = Source.TEAM, int(floor.rules[0].strength[Source.TEAM])
    return Owner(
        names.agents.texts.get(int(a), ""),
        Source(int(source)),
        int(since),
        claim,
        names.groups.texts.get(team, ""),
    )


def customer_state(engine: Engine, customer: str) -> CustomerState | None:
    """What the floor knows of a customer; `None` while it knows nothing."""
    floor, names = engine.floor, engine.names
    c = engine.customer_row(customer)
    if c == NOBODY:
        return None
    continuity = engine.continuity
    root = continuity.root(c)
    family = continuity.family(c)
    live, i = [], int(floor.customers[root].first_live)
    while i != NOBODY:
        live.append(names.interactions.texts[i])
        i = int(floor.interactions[i].next_in_company)
    granted, withdrawn = (
        frozenset(
            purpose
            for purpose in Purpose
            if any(int(floor.customers[r][kept]) & 1 << purpose for r in family)
        )
        for kept in ("granted", "withdrawn")
    )
    return CustomerState(
        customer=customer,
        root=names.customers.texts.get(root, ""),
        merged=tuple(names.customers.texts.get(r, "") for r in family if r != c),
        marks=continuity.marks(c),
        granted=granted - withdrawn,
        withdrawn=withdrawn,
        live=tuple(live),
    )
