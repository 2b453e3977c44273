"""Identities between the wire and their one normal form."""

from router.context.records import Identity
from router.engine.errors import InvalidField
from router.intake.identities import IdentityWrong, Kind, normalise
from router.model.channel import Channel
from router.model.context import IdentityKind
from router.service.times import instant
from router.v1 import customer_pb2 as pb

CONFIDENCE_DEFAULT = 100
SOURCE_DEFAULT = "api"
CHAT = "chat"
"""The network of a name in a web chat: our own."""

_KINDS = {int(kind): kind for kind in IdentityKind}
_PLAIN = {
    IdentityKind.PHONE: Kind.PHONE,
    IdentityKind.EMAIL: Kind.EMAIL,
    IdentityKind.DEVICE: Kind.DEVICE,
    IdentityKind.COOKIE: Kind.COOKIE,
    IdentityKind.CRM: Kind.CRM,
}
REACHES: dict[IdentityKind, tuple[Channel, ...]] = {
    IdentityKind.PHONE: (Channel.VOICE, Channel.SMS),
    IdentityKind.EMAIL: (Channel.EMAIL,),
    IdentityKind.CHAT_HANDLE: (Channel.CHAT,),
    IdentityKind.WHATSAPP: (Channel.WHATSAPP,),
    IdentityKind.SOCIAL_HANDLE: (Channel.SOCIAL, Channel.MESSAGING),
}
"""On which channels somebody can be reached who is known by an identity of a kind."""


def identity_of(m: pb.Identity, region: str, field: str = "identity") -> Identity:
    """The identity a client gave, in its normal form. An error never repeats it."""
    kind = _KINDS.get(m.kind)
    if kind is None:
        allowed = ", ".join(kind.name for kind in IdentityKind)
        raise InvalidField(
            f"{field}.kind must be one of {allowed}", field=f"{field}.kind"
        )
    if not 0 <= m.confidence <= CONFIDENCE_DEFAULT:
        raise InvalidField(
            f"{field}.confidence is {m.confidence}; it is from 0 to 100",
            field=f"{field}.confidence",
        )
    try:
        return Identity(kind, _normal(kind, m.value, region))
    except IdentityWrong as wrong:
        raise InvalidField(f"{field}: {wrong}", field=f"{field}.value") from None


def _normal(kind: IdentityKind, value: str, region: str) -> str:
    if kind is IdentityKind.CHAT_HANDLE:
        return normalise(Kind.HANDLE, value, network=CHAT).value
    if kind is IdentityKind.WHATSAPP:
        return normalise(Kind.HANDLE, value, region=region, network="whatsapp").value
    if kind is IdentityKind.SOCIAL_HANDLE:
        network, _, name = value.partition(":")
        found = normalise(Kind.HANDLE, name, network=network if name else "")
        return f"{found.network}:{found.value}"
    found = normalise(_PLAIN[kind], value, region=region)
    if not found.person:
        raise IdentityWrong(
            Kind.PHONE, "is a short code: many share it, so it says who nobody is"
        )
    return found.value


def confidence_of(m: pb.Identity) -> int:
    return m.confidence or CONFIDENCE_DEFAULT


def source_of(m: pb.Identity) -> str:
    return m.source or SOURCE_DEFAULT


def resource(
    identity: Identity, confidence: int, source: str, linked_at: int
) -> pb.Identity:
    """A linked identity as clients see it."""
    return pb.Identity(
        kind=int(identity.kind),  # type: ignore[arg-type]
        value=identity.value,
        confidence=confidence,
        source=source,
        link_time=instant(linked_at),
    )
