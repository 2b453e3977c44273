"""What whoever takes over needs on one screen, so that the customer repeats nothing.

`handoff_package` is a function of entries and facts: the same arguments give the same
package. It holds the newest of each thing and a cursor for the rest, and copies nothing
anywhere. Without consent to carry over, and for a restricted customer, it holds no
content and says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from router.context.conversations import ConversationReader, ReadEntry
from router.context.customers import CustomerReader
from router.context.entries import (
    Disposition,
    Fact,
    HandoffOutcome,
    OfferOutcome,
    OpenQuestion,
    Promise,
    Quiet,
    Sentiment,
    Summary,
    SurveyAnswer,
)
from router.context.errors import UnknownConversation
from router.context.tone import Tone, tone_of
from router.model.channel import Channel
from router.model.context import ConsentState, EntryKind, Purpose

LAST_ENTRIES: Final = 20
"""Entries shown in full; the cursor leads to those before them."""
EACH_KIND: Final = 50
"""Facts, outcomes, promises and questions that are looked through, newest first."""
SHOWN_KINDS: Final = (
    EntryKind.SUMMARY,
    EntryKind.FACT,
    EntryKind.SENTIMENT,
    EntryKind.DISPOSITION,
    EntryKind.SURVEY_ANSWER,
    EntryKind.OFFER_OUTCOME,
    EntryKind.HANDOFF_OUTCOME,
    EntryKind.PROMISE,
    EntryKind.OPEN_QUESTION,
)
"""The kinds that are looked for beside the last entries."""


class Withholding(IntEnum):
    """Why a package has no content."""

    NOTHING = 0
    """It has all of it."""
    CONSENT_WITHDRAWN = 1
    """The customer does not want what was said to be carried over."""
    CONSENT_MISSING = 2
    """Carrying over needs a consent here, and nobody has asked."""
    RESTRICTED = 3
    """The data is kept and must not be used."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is so about the conversation beside its entries."""

    customer: str
    conversation: str
    version: int
    """The version of the context that the successor carries."""
    consent: ConsentState = ConsentState.NEVER_ASKED
    restricted: bool = False
    needs_consent: bool = False
    """Whether carrying over needs a consent that was given, by the policy."""
    to_channel: Channel | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class HandoffPackage(Quiet):
    """Everything on one screen; lists are newest first unless they say otherwise."""

    customer: str
    conversation: str
    version: int
    consent: ConsentState
    withheld: Withholding
    tone: Tone
    who: Mapping[str, str] = field(default_factory=dict)
    """Attributes to be shown: display name, language, plan."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What was found out, the newest value of each name, in the order of names."""
    summary: str = ""
    tried: tuple[ReadEntry, ...] = ()
    """Dispositions, offers, handoffs and survey answers."""
    promises: tuple[Promise, ...] = ()
    """What was promised and not kept yet; the earliest due first, undated ones last."""
    open_questions: tuple[str, ...] = ()
    """The oldest first."""
    last_entries: tuple[ReadEntry, ...] = ()
    """In the order in which they were written."""
    before_version: int = 0
    """The cursor: earlier entries are those below this version; 0 when there are none."""


def handoff_package(
    standing: Standing,
    entries: Iterable[ReadEntry],
    *,
    last: int = LAST_ENTRIES,
) -> HandoffPackage:
    """Makes the package from whatever entries are given, in any order, repeats allowed.

    Entries above the standing's version are left out.
    """
    withheld = _withholding(standing)
    if withheld is not Withholding.NOTHING:
        return HandoffPackage(
            standing.customer,
            standing.conversation,
            standing.version,
            standing.consent,
            withheld,
            tone_of((), standing.to_channel),
        )
    known = {one.version: one for one in entries if one.version <= standing.version}
    ordered = [known[version] for version in sorted(known)]
    shown = ordered[-last:] if last else []
    values = [one.entry.value for one in ordered]
    scores = [value.score for value in values if isinstance(value, Sentiment)]
    summaries = [value.text for value in values if isinstance(value, Summary)]
    facts = {value.name: value.value for value in values if isinstance(value, Fact)}
    return HandoffPackage(
        standing.customer,
        standing.conversation,
        standing.version,
        standing.consent,
        withheld,
        tone_of(scores, standing.to_channel),
        who=dict(sorted(standing.attributes.items())),
        facts=dict(sorted(facts.items())),
        summary=summaries[-1] if summaries else "",
        tried=tuple(one for one in reversed(ordered) if _was_tried(one)),
        promises=_promises(values),
        open_questions=_questions(values),
        last_entries=tuple(shown),
        before_version=_before(shown),
    )


def gather(
    conversations: ConversationReader,
    customers: CustomerReader,
    customer: str,
    conversation: str,
    version: int,
    *,
    to_channel: Channel | None = None,
    needs_consent: bool = False,
    last: int = LAST_ENTRIES,
) -> HandoffPackage:
    """Reads what the package needs and makes it. A conversation of which nothing is
    kept yet has an empty one.

    Reads no content when none may be shown. Record the read in the audit before the
    answer leaves. Raises `CustomerErased` and `ForeignConversation`.
    """
    standing = Standing(
        customer,
        conversation,
        version,
        consent=customers.consent(customer, Purpose.CARRY_OVER),
        restricted=customers.is_restricted(customer),
        needs_consent=needs_consent,
        to_channel=to_channel,
    )
    if _withholding(standing) is not Withholding.NOTHING:
        return handoff_package(standing, ())
    standing = replace(standing, attributes=customers.attributes(customer))
    try:
        found = conversations.newest(
            customer, conversation, up_to_version=version, limit=last
        )
    except UnknownConversation:
        return handoff_package(standing, (), last=last)
    for kind in SHOWN_KINDS:
        limit = 1 if kind is EntryKind.SUMMARY else EACH_KIND
        found += conversations.newest(
            customer, conversation, up_to_version=version, limit=limit, kind=kind
        )
    return handoff_package(standing, found, last=last)


def _withholding(standing: Standing) -> Withholding:
    if standing.restricted:
        return Withholding.RESTRICTED
    if standing.consent is ConsentState.WITHDRAWN:
        return Withholding.CONSENT_WITHDRAWN
    if standing.needs_consent and standing.consent is not ConsentState.GRANTED:
        return Withholding.CONSENT_MISSING
    return Withholding.NOTHING


def _was_tried(one: ReadEntry) -> bool:
    return isinstance(
        one.entry.value, Disposition | OfferOutcome | HandoffOutcome | SurveyAnswer
    )


def _promises(values: Sequence[object]) -> tuple[Promise, ...]:
    """What is still owed: the last word on each promise counts."""
    newest = {value.text: value for value in values if isinstance(value, Promise)}
    owed = [value for value in newest.values() if not value.kept]
    return tuple(sorted(owed, key=lambda one: (not one.due_at, one.due_at)))


def _questions(values: Sequence[object]) -> tuple[str, ...]:
    """What is still open: the last word on each question counts."""
    newest = {value.text: value for value in values if isinstance(value, OpenQuestion)}
    return tuple(text for text, value in newest.items() if not value.answered)


def _before(shown: Sequence[ReadEntry]) -> int:
    """Where to read on: versions have no gaps at the start but by retention."""
    return shown[0].version if shown and shown[0].version > 1 else 0
