"""The handoff package on the wire: what whoever takes over needs on one screen."""

from router.context.contexts import ContextView
from router.context.conversations import ReadEntry
from router.context.handoff_package import HandoffPackage, Withholding, gather
from router.context.tone import Tone
from router.model.channel import Channel
from router.model.context import ConsentState
from router.service import entries
from router.v1 import conversation_pb2 as pb

OFFER_BYTES_MAX = 16 * 1024
"""A package that is larger does not go with an offer; it is asked for instead."""


def package_of(
    view: ContextView,
    customer: str,
    conversation: str,
    version: int,
    channel: Channel | None,
    last: int,
    needs_consent: bool,
) -> pb.HandoffPackage:
    """Read and make the package of a version of a conversation."""
    return resource(
        gather(
            view.conversations,
            view.customers,
            customer,
            conversation,
            version,
            to_channel=channel,
            needs_consent=needs_consent,
            last=last,
        )
    )


def resource(package: HandoffPackage) -> pb.HandoffPackage:
    """A package as clients see it."""
    withheld = package.withheld
    message = pb.HandoffPackage(
        context_version=package.version,
        withheld="" if withheld is Withholding.NOTHING else withheld.name,
        customer=package.who,
        facts=(
            pb.FactContent(name=name, value=value)
            for name, value in package.facts.items()
        ),
        summary=package.summary,
        tried=map(shown, package.tried),
        promises=map(entries.promise, package.promises),
        open_questions=package.open_questions,
        tone=_tone(package.tone),
        entries=map(shown, package.last_entries),
        consent_granted=package.consent is ConsentState.GRANTED,
    )
    if package.before_version:
        message.earlier_page_token = str(package.before_version)
    return message


def shown(read: ReadEntry) -> pb.ContextEntry:
    """An entry as clients see it."""
    return entries.resource(read.version, read.conversation, read.entry)


def _tone(tone: Tone) -> pb.ToneHint:
    message = pb.ToneHint(
        mood=int(tone.mood),  # type: ignore[arg-type]
        falling=tone.is_falling,
        manner=tone.manner,
        advice=tone.advice,
    )
    if tone.score is not None:
        message.score = tone.score
    return message
