"""What is known of a customer, gathered for the wire and for intake's rules.

Reads of the store happen beside the loop; what the floor knows is added on it.
"""

from dataclasses import dataclass

from router.context.contexts import ContextView
from router.context.customers import Consent, Link
from router.context.records import Preferences
from router.engine.engine import Engine
from router.engine.ownership import find_owner
from router.engine.tables import NOBODY
from router.intake.facts import Customer as Known
from router.intake.facts import Tried
from router.model.context import ConsentState, Purpose
from router.model.interaction import State
from router.service import identities
from router.service.context_desk import ContextDesk
from router.service.resources import instant
from router.v1 import customer_pb2 as pb

CONVERSATIONS_MAX = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store keeps of a person, entries aside."""

    person: tuple[str, ...]
    links: list[Link]
    attributes: dict[str, str]
    preferences: Preferences
    consents: list[Consent]
    carries_over: ConsentState
    restricted: bool
    conversations: list[str]


def kept_of(view: ContextView, customer: str) -> Kept:
    """Read it."""
    people = view.customers
    return Kept(
        people.person_of(customer),
        people.identities_of(customer),
        people.attributes(customer),
        people.preferences(customer),
        people.consents(customer),
        people.consent(customer, Purpose.CARRY_OVER),
        people.is_restricted(customer),
        [
            row.conversation
            for row in view.conversations.conversations(customer)[:CONVERSATIONS_MAX]
        ],
    )


def resource(desk: ContextDesk, kept: Kept) -> pb.Customer:
    """A customer as clients see it."""
    customer = kept.person[0]
    message = pb.Customer(
        customer_id=customer,
        identities=(
            identities.resource(
                link.identity, link.confidence, link.source, link.linked_at
            )
            for link in kept.links
        ),
        attributes=kept.attributes,
        preferences=pb.ChannelPreferences(
            preferred=map(int, kept.preferences.channels),  # type: ignore[arg-type]
            unwanted=map(int, kept.preferences.unwanted),  # type: ignore[arg-type]
        ),
        restricted=kept.restricted,
        merged=kept.person[1:],
        conversations=kept.conversations,
    )
    newest = {consent.purpose: consent for consent in kept.consents}
    message.consents.extend(map(consent_resource, newest.values()))
    _tell_of_the_floor(message, desk.engine, customer)
    return message


def consent_resource(consent: Consent) -> pb.ConsentRecord:
    return pb.ConsentRecord(
        purpose=int(consent.purpose),  # type: ignore[arg-type]
        granted=consent.granted,
        basis=consent.terms.basis,
        text_version=consent.terms.text_version,
        channel=int(consent.terms.channel or 0),  # type: ignore[arg-type]
        record_time=instant(consent.at),
    )


def _tell_of_the_floor(message: pb.Customer, engine: Engine, customer: str) -> None:
    """Open work and owner."""
    floor, names = engine.floor, engine.names
    row = engine.customer_row(customer)
    if row == NOBODY:
        return
    table = floor.interactions
    for member in engine.continuity.family(row):
        live = int(floor.customers["first_live"][member])
        while live != NOBODY:
            if table["state"][live] < State.COMPLETED:
                message.open_interactions.append(names.interactions.texts[live])
            live = int(table["next_in_company"][live])
    source, agent, _ = find_owner(floor, NOBODY, row, int(floor.house["now"][0]))
    if agent != NOBODY:
        message.owner = names.agents.texts[int(agent)]
        message.owner_source = int(source)  # type: ignore[assignment]


def known_to_intake(kept: Kept, tried: tuple[Tried, ...] = ()) -> Known:
    """The same as the rules of the policy see it; nothing that identifies."""
    granted: dict[Purpose, bool] = {}
    for consent in kept.consents:
        granted[consent.purpose] = consent.granted
    reachable = dict.fromkeys(
        channel
        for link in kept.links
        for channel in identities.REACHES.get(link.identity.kind, ())
    )
    attributes = kept.attributes
    return Known(
        known=True,
        country=attributes.get("country", ""),
        language=attributes.get("language", ""),
        timezone=attributes.get("timezone", ""),
        attributes={} if kept.restricted else dict(attributes),
        reachable=tuple(reachable),
        stated=kept.preferences.channels,
        refused=kept.preferences.unwanted,
        consents=frozenset(
            purpose.name.lower() for purpose, given in granted.items() if given
        ),
        restricted=kept.restricted,
        tried=tried,
    )
