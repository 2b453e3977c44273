"""Facts as the messages that expressions are checked against."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from router.intake.facts import Conversation, Customer, NamedValue
from router.intake.v1 import facts_pb2


def put(values: Mapping[str, NamedValue], into: Any) -> None:
    """Write named values into a map of `google.protobuf.Value`."""
    for name, value in values.items():
        if isinstance(value, str):
            into[name].string_value = value
        elif isinstance(value, bool):
            into[name].bool_value = value
        else:
            into[name].number_value = value


def request_message(
    channel: str, queue: str, language: str, attributes: Mapping[str, NamedValue]
) -> facts_pb2.Request:
    """What came in, as it stands when a rule looks at it."""
    message = facts_pb2.Request(channel=channel, queue=queue, language=language)
    put(attributes, message.attributes)
    return message


def customer_message(customer: Customer) -> facts_pb2.Customer:
    """What is known of a customer."""
    message = facts_pb2.Customer(known=customer.known, country=customer.country)
    put(customer.attributes, message.attributes)
    return message


def conversation_message(conversation: Conversation) -> facts_pb2.Conversation:
    """What is known of a conversation."""
    message = facts_pb2.Conversation(
        known=conversation.known,
        channels=[channel.name.lower() for channel in conversation.channels],
        interactions=conversation.interactions,
    )
    put(conversation.facts, message.facts)
    return message


def site_message(local: datetime) -> facts_pb2.Site:
    """The site's wall clock."""
    return facts_pb2.Site(
        hour=local.hour,
        minute=local.minute,
        weekday=local.isoweekday(),
        date=local.date().isoformat(),
    )


def event_message(kind: str, attributes: Mapping[str, NamedValue]) -> facts_pb2.Event:
    """What happened to a customer."""
    message = facts_pb2.Event(kind=kind)
    put(attributes, message.attributes)
    return message
