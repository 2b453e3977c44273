"""What an interaction shows of conversations: owner, hold-back, company, lineage, and what
intake made of it.

Beside `resources`, which shows the rest; most interactions have none of this.
"""

import numpy as np

from router.engine.engine import Engine
from router.engine.floor import interactions_used
from router.engine.intakes import read_intake
from router.engine.ownership import strength
from router.engine.tables import NOBODY, Floor
from router.model.interaction import State
from router.service.times import instant, span
from router.v1 import interaction_pb2

_QUEUED = interaction_pb2.Interaction.STATE_QUEUED
_OFFERED = interaction_pb2.Interaction.STATE_OFFERED
FIELDS = [
    "relation", "context", "acknowledged", "owned_since", "worth_ms", "with_owner_ms", "without_owner_ms",
    "weighed_until", "opened", "companion",
]  # fmt: skip
"""Columns of an interaction that are shown here."""


def tell_intake(message: interaction_pb2.Interaction, intake: str) -> None:
    if intake:
        message.language, rules = read_intake(intake)
        message.intake_rules.extend(rule for rule, _ in rules)


def tell_continuity(
    message: interaction_pb2.Interaction,
    engine: Engine,
    ties: tuple[int, int, int, int],
    more: tuple[int, ...],
) -> None:
    """Owner, hold-back, company and context: what most interactions have none of.

    `more` are its `FIELDS`.
    """
    names, floor = engine.names, engine.floor
    conversation, customer, source, not_before = ties
    if conversation != NOBODY:
        message.conversation_id = names.conversations.texts.get(conversation, "")
    if customer != NOBODY:
        message.customer_id = names.customers.texts.get(customer, "")
    if not_before:
        message.due_time.CopyFrom(instant(not_before))
    (
        relation, context, acknowledged, owned_since, worth_ms, with_owner_ms, without_owner_ms, weighed_until,
        opened, companion,
    ) = more  # fmt: skip
    message.relation = relation  # type: ignore[assignment]
    message.context_version = context
    message.acknowledged_version = acknowledged
    if message.owner:
        message.owner_source = source  # type: ignore[assignment]
        now = int(floor.house["now"][0])
        message.owner_strength = int(
            strength(floor, message.owner_source, owned_since, now)
        )
    if worth_ms or weighed_until:
        queue = names.queues.rows[message.queue]
        value_ms = int(floor.queue_rules["continuity_value_ms"][queue])
        message.hold_back.CopyFrom(
            hold_back(value_ms, worth_ms, with_owner_ms, without_owner_ms)
        )
        if message.HasField("hold_until"):
            message.hold_back.limit_time.CopyFrom(message.hold_until)
    waits = message.state in (_QUEUED, _OFFERED)
    message.companion = bool(waits and not opened and companion != NOBODY)


def hold_back(
    value_ms: int, worth_ms: int, with_owner_ms: int, without_owner_ms: int
) -> interaction_pb2.HoldBack:
    """The sum by which an interaction waits for its owner, or does not."""
    return interaction_pb2.HoldBack(
        continuity_value=span(value_ms),
        strength=worth_ms * 1000 // value_ms if value_ms else 0,
        worth=span(worth_ms),
        with_owner=span(with_owner_ms),
        without_owner=span(without_owner_ms),
    )


def tell_lineage(
    message: interaction_pb2.Interaction,
    engine: Engine,
    row: int,
    predecessor: int,
    successor: int,
) -> None:
    known = engine.names.interactions.texts
    message.initial_interaction_id = known.get(
        first_of(engine.floor, row), message.interaction_id
    )
    if predecessor != NOBODY:
        message.previous_interaction_id = known.get(predecessor, "")
    if successor != NOBODY:
        message.successor_interaction_id = known.get(successor, "")


def first_of(floor: Floor, row: int) -> int:
    """Where a lineage begins, as far as the floor remembers."""
    before = int(floor.interactions["predecessor"][row])
    while before != NOBODY:
        row, before = before, int(floor.interactions["predecessor"][before])
    return row


def lineage_of(floor: Floor, row: int) -> list[int]:
    """The rows of a whole lineage, in the order of arrival."""
    table = floor.interactions
    found, todo = [], [first_of(floor, row)]
    while todo:
        one = todo.pop()
        found.append(one)
        after = int(table["successor"][one])
        while after != NOBODY:
            todo.append(after)
            after = int(table["sibling"][after])
    return sorted(found, key=lambda one: int(table["serial"][one]))


def live_in(engine: Engine, conversation: int) -> tuple[list[str], int]:
    """The interactions of a conversation that have not ended, and the newest version of
    its context that an agent has acknowledged.
    """
    table = interactions_used(engine.floor)
    rows = np.flatnonzero(
        (table["used"] != 0) & (table["conversation"] == conversation)
    )
    names = engine.names.interactions.texts
    live = [
        names[row] for row in rows.tolist() if table["state"][row] < State.COMPLETED
    ]
    return live, int(table["acknowledged"][rows].max(initial=0))
