"""Entries of a conversation's context as values: one small frozen class a kind.

A reference says where something stands and never holds its bytes. No repr shows
content, because reprs end up in logs; what may be shown is the kind and the place.
Whether a value may be stored is asked in `admission`.
"""

from dataclasses import dataclass
from typing import Final

from router.model.channel import Channel
from router.model.context import AuthorRole, EntryKind, SurveyKind


class Quiet:
    """A value whose repr says what it is and not what is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@dataclass(frozen=True, slots=True, repr=False)
class Message(Quiet):
    """What somebody wrote."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Reference(Quiet):
    """Where something stands: address, SHA-256 digest and size in bytes."""

    uri: str
    digest: bytes
    size: int
    title: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class MessageReference(Reference):
    """A message that is kept elsewhere."""


@dataclass(frozen=True, slots=True, repr=False)
class TranscriptReference(Reference):
    """A transcript that is kept elsewhere."""


@dataclass(frozen=True, slots=True, repr=False)
class AttachmentReference(Reference):
    """A file that is kept elsewhere."""


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Quiet):
    """What happened so far."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Quiet):
    """One thing that was found out, under a name such as `order_number`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Sentiment(Quiet):
    """How the customer felt, from -100 to 100."""

    score: int


@dataclass(frozen=True, slots=True, repr=False)
class Disposition(Quiet):
    """How the agent filed it."""

    code: str
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Note(Quiet):
    """What the next agent should know."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class SurveyAnswer(Quiet):
    """What the customer said when asked how it went."""

    question: str
    scale: SurveyKind
    score: int
    remark: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class OfferOutcome(Quiet):
    """How an offer to an agent ended."""

    agent_id: str
    outcome: str


@dataclass(frozen=True, slots=True, repr=False)
class HandoffOutcome(Quiet):
    """How a handoff ended, and which interaction goes on."""

    to_channel: Channel
    outcome: str
    successor_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Promise(Quiet):
    """What the customer was told would be done. A later one of the same text replaces
    it, which is how a promise is kept.
    """

    text: str
    due_at: int = 0
    kept: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class OpenQuestion(Quiet):
    """What is still to be answered; a later one of the same text replaces it."""

    text: str
    answered: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Withheld(Quiet):
    """Stands where an entry of this kind was not kept on purpose."""

    kind: EntryKind
    reason: str


Value = (
    Message
    | MessageReference
    | TranscriptReference
    | AttachmentReference
    | Summary
    | Fact
    | Sentiment
    | Disposition
    | Note
    | SurveyAnswer
    | OfferOutcome
    | HandoffOutcome
    | Promise
    | OpenQuestion
    | Withheld
)

KIND_OF: Final[dict[type, EntryKind]] = {
    Message: EntryKind.MESSAGE,
    MessageReference: EntryKind.MESSAGE_REFERENCE,
    TranscriptReference: EntryKind.TRANSCRIPT_REFERENCE,
    Summary: EntryKind.SUMMARY,
    Fact: EntryKind.FACT,
    Sentiment: EntryKind.SENTIMENT,
    Disposition: EntryKind.DISPOSITION,
    Note: EntryKind.NOTE,
    AttachmentReference: EntryKind.ATTACHMENT_REFERENCE,
    SurveyAnswer: EntryKind.SURVEY_ANSWER,
    OfferOutcome: EntryKind.OFFER_OUTCOME,
    HandoffOutcome: EntryKind.HANDOFF_OUTCOME,
    Promise: EntryKind.PROMISE,
    OpenQuestion: EntryKind.OPEN_QUESTION,
}
"""The kind of each value; `Withheld` carries its own."""

CAPTURE_PAUSED: Final = "capture_paused"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an entry; `name` is the id of an agent or bot."""

    role: AuthorRole
    name: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Quiet):
    """One thing that was added to a conversation's context.

    `channel` and `interaction_id` are absent when it was written in none.
    """

    value: Value
    author: Author
    at: int
    channel: Channel | None = None
    interaction_id: str = ""

    @property
    def kind(self) -> EntryKind:
        if isinstance(self.value, Withheld):
            return self.value.kind
        return KIND_OF[type(self.value)]
