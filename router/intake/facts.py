"""What is known of a request when it is decided where it goes.

Values of the caller, brought into one normal form and held within bounds by `cleaned`;
none of them appears in a repr, for any of them may be personal. A named value is text,
a number, or true or false. Nothing here must decide anything.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from router.model.channel import Channel
from router.model.needs import Needs

NamedValue = str | int | float | bool

VALUES_MAX: Final = 64
"""Most named values of a request, a customer or a conversation."""

NAME_MAX: Final = 64
"""Most characters of a value's name."""

TEXT_MAX: Final = 1024
"""Most characters of a text value."""

NUMBER_MAX: Final = 2**53
"""Largest number, so that it means the same in every language a client is written in."""

TRIED_MAX: Final = 200
"""Most attempts to reach a customer that are looked at, the latest first."""

NOTHING: Final[Mapping[str, NamedValue]] = MappingProxyType({})


class FactsWrong(ValueError):
    """A value of the request cannot be taken. Names the field, never what is in it."""

    def __init__(self, field_name: str, message: str) -> None:
        """Refuse `field_name` because of `message`."""
        super().__init__(f"{field_name} {message}")
        self.field = field_name
        self.message = message


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt to reach the customer on a channel, and whether they answered."""

    channel: Channel
    at_ms: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """What is known of a customer; never who they are."""

    known: bool = False
    country: str = ""
    """Two capital letters, or empty."""
    language: str = ""
    timezone: str = ""
    """An IANA name; where it is not known, the site's is taken."""
    attributes: Mapping[str, NamedValue] = field(
        default_factory=lambda: NOTHING, repr=False
    )
    reachable: tuple[Channel, ...] = ()
    """Channels on which there is an identity to reach the customer by."""
    stated: tuple[Channel, ...] = ()
    """Channels the customer asked for, best first."""
    refused: tuple[Channel, ...] = ()
    """Channels the customer asked not to be reached by."""
    consents: frozenset[str] = frozenset()
    """Purposes the customer has agreed to, and not withdrawn."""
    restricted: bool = False
    """Nothing may be done with the customer's data but to keep it."""
    tried: tuple[Tried, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known of the conversation that a request belongs to."""

    known: bool = False
    facts: Mapping[str, NamedValue] = field(default_factory=lambda: NOTHING, repr=False)
    """What a bot or an agent has collected: urgency, order_number, plan."""
    channels: tuple[Channel, ...] = ()
    interactions: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that intake decides by."""

    channel: Channel
    queue: str = ""
    """The queue asked for, if any."""
    language: str = ""
    """As the caller wrote it; empty if not known."""
    priority: int | None = None
    """The priority asked for; None for the queue's own."""
    needs: Needs = Needs.NOTHING
    owner: str = ""
    attributes: Mapping[str, NamedValue] = field(
        default_factory=lambda: NOTHING, repr=False
    )
    customer: Customer = Customer()
    conversation: Conversation = Conversation()


def cleaned(facts: Facts) -> Facts:
    """The facts with every text in NFC. Raises FactsWrong for what is out of bounds."""
    customer, conversation = facts.customer, facts.conversation
    if customer.attributes:
        values = named_values("customer", customer.attributes)
        customer = replace(customer, attributes=values)
    if customer.country:
        customer = replace(customer, country=_country(customer.country))
    if conversation.facts:
        values = named_values("conversation", conversation.facts)
        conversation = replace(conversation, facts=values)
    return replace(
        facts,
        queue=unicodedata.normalize("NFC", facts.queue),
        attributes=named_values("attributes", facts.attributes),
        customer=customer,
        conversation=conversation,
    )


def _country(code: str) -> str:
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise FactsWrong("customer.country", "must be two letters, such as TR")
    return code.upper()


def named_values(
    where: str, values: Mapping[str, NamedValue]
) -> Mapping[str, NamedValue]:
    """The values with names and texts in NFC. Raises FactsWrong."""
    if not values:
        return NOTHING
    if len(values) > VALUES_MAX:
        message = f"has {len(values)} values, at most {VALUES_MAX} are allowed"
        raise FactsWrong(where, message)
    found: dict[str, NamedValue] = {}
    for number, (given, value) in enumerate(values.items(), start=1):
        name = unicodedata.normalize("NFC", given)
        if not 0 < len(name) <= NAME_MAX:
            message = f"names value {number} with {len(name)} characters: 1 to {NAME_MAX} are allowed"
            raise FactsWrong(where, message)
        if name in found:
            raise FactsWrong(where, f"names value {number} as an earlier one")
        found[name] = _value(f"{where} (value {number})", value)
    return found


def _value(where: str, value: NamedValue) -> NamedValue:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        if len(text) > TEXT_MAX:
            message = f"has {len(text)} characters, at most {TEXT_MAX} are allowed"
            raise FactsWrong(where, message)
        if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
            raise FactsWrong(where, "holds half a character: it is no Unicode text")
        return text
    if isinstance(value, bool):
        return value
    if not isinstance(value, int | float):
        raise FactsWrong(where, "must be text, a number, or true or false")
    if not math.isfinite(value) or abs(value) > NUMBER_MAX:
        raise FactsWrong(where, "must be a number up to 2^53")
    return value
