"""What is sealed about a customer beside the conversations: values, and to bytes and back.

In the format of proto/router/context/v1/customer.proto.
"""

from dataclasses import dataclass

from router.context.codec import FORMAT_VERSION, parse_record
from router.context.entries import Quiet
from router.context.v1 import customer_pb2
from router.model.channel import Channel
from router.model.context import IdentityKind


@dataclass(frozen=True, slots=True, repr=False)
class Identity(Quiet):
    """By what a customer is recognised, in its one normalised form."""

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """On what terms consent was given or withdrawn."""

    basis: str
    text_version: str
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """By which channels the customer wants to be reached, and by which not."""

    channels: tuple[Channel, ...] = ()
    unwanted: tuple[Channel, ...] = ()


def encode_identity(identity: Identity) -> bytes:
    return customer_pb2.Identity(
        format_version=FORMAT_VERSION, kind=identity.kind, value=identity.value
    ).SerializeToString()


def decode_identity(data: bytes) -> Identity:
    message = customer_pb2.Identity()
    parse_record(message, data)
    return Identity(IdentityKind(message.kind), message.value)


def encode_terms(terms: ConsentTerms) -> bytes:
    return customer_pb2.ConsentTerms(
        format_version=FORMAT_VERSION,
        basis=terms.basis,
        text_version=terms.text_version,
        channel=terms.channel or 0,
    ).SerializeToString()


def decode_terms(data: bytes) -> ConsentTerms:
    message = customer_pb2.ConsentTerms()
    parse_record(message, data)
    channel = Channel(message.channel) if message.channel else None
    return ConsentTerms(message.basis, message.text_version, channel)


def encode_attribute(value: str) -> bytes:
    return customer_pb2.Attribute(
        format_version=FORMAT_VERSION, value=value
    ).SerializeToString()


def decode_attribute(data: bytes) -> str:
    message = customer_pb2.Attribute()
    parse_record(message, data)
    return message.value


def encode_preferences(preferences: Preferences) -> bytes:
    return customer_pb2.Preferences(
        format_version=FORMAT_VERSION,
        channels=preferences.channels,
        unwanted=preferences.unwanted,
    ).SerializeToString()


def decode_preferences(data: bytes) -> Preferences:
    message = customer_pb2.Preferences()
    parse_record(message, data)
    return Preferences(
        tuple(map(Channel, message.channels)), tuple(map(Channel, message.unwanted))
    )
