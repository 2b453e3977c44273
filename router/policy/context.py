"""How much context is kept and for how long, as a policy says it.

The bounds stand in `router.model.context_limits`; a policy lowers them and never raises
them. What leaves this file is a `ContextLimits`.
"""

from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from router.model.context import DataClass, EntryKind
from router.model.context_limits import (
    CONVERSATION_BYTES_MAX,
    CONVERSATION_ENTRIES_MAX,
    ENTRY_BYTES_MAX,
    KEPT_MS,
    ContextLimits,
)
from router.policy.fields import Span, Whole, YesNo, wrong
from router.policy.needs import Part

KEPT: Final = Span("1d", "3660d")

_CLASS_WORDS: Final = {
    DataClass.CONTENT: "messages, references and notes",
    DataClass.DERIVED: "summaries, facts, sentiment, promises and questions",
    DataClass.OUTCOME: "dispositions and outcomes of offers and handoffs",
    DataClass.SURVEY: "survey answers",
    DataClass.CONSENT: "consent records that a later one has replaced",
    DataClass.IDENTITY: "links that were undone",
    DataClass.AUDIT: "records of who read what",
}


def _size(kind: EntryKind) -> Any:
    most = ENTRY_BYTES_MAX[kind]
    words = kind.name.lower().replace("_", " ")
    return Field(default=most, ge=1, le=most, description=f"Most bytes of one {words}.")


def _kept(data_class: DataClass) -> Any:
    words = _CLASS_WORDS[data_class]
    return Field(default=KEPT_MS[data_class], description=f"How long {words} stay.")


class EntryBytesPolicy(Part):
    """The largest entry of each kind, in bytes as it is stored before sealing."""

    message: Whole = _size(EntryKind.MESSAGE)
    message_reference: Whole = _size(EntryKind.MESSAGE_REFERENCE)
    transcript_reference: Whole = _size(EntryKind.TRANSCRIPT_REFERENCE)
    summary: Whole = _size(EntryKind.SUMMARY)
    fact: Whole = _size(EntryKind.FACT)
    sentiment: Whole = _size(EntryKind.SENTIMENT)
    disposition: Whole = _size(EntryKind.DISPOSITION)
    note: Whole = _size(EntryKind.NOTE)
    attachment_reference: Whole = _size(EntryKind.ATTACHMENT_REFERENCE)
    survey_answer: Whole = _size(EntryKind.SURVEY_ANSWER)
    offer_outcome: Whole = _size(EntryKind.OFFER_OUTCOME)
    handoff_outcome: Whole = _size(EntryKind.HANDOFF_OUTCOME)
    promise: Whole = _size(EntryKind.PROMISE)
    open_question: Whole = _size(EntryKind.OPEN_QUESTION)


class KeepPolicy(Part):
    """For how long each class of data is kept."""

    content: Annotated[int, KEPT] = _kept(DataClass.CONTENT)
    derived: Annotated[int, KEPT] = _kept(DataClass.DERIVED)
    outcome: Annotated[int, KEPT] = _kept(DataClass.OUTCOME)
    survey: Annotated[int, KEPT] = _kept(DataClass.SURVEY)
    consent: Annotated[int, KEPT] = _kept(DataClass.CONSENT)
    identity: Annotated[int, KEPT] = _kept(DataClass.IDENTITY)
    audit: Annotated[int, KEPT] = _kept(DataClass.AUDIT)


class ContextPolicy(Part):
    """What is kept of conversations, and whether it may be carried over unasked."""

    conversation_entries: Whole = Field(
        default=CONVERSATION_ENTRIES_MAX,
        ge=1,
        le=CONVERSATION_ENTRIES_MAX,
        description="Most entries of one conversation.",
    )
    conversation_bytes: Whole = Field(
        default=CONVERSATION_BYTES_MAX,
        ge=1,
        le=CONVERSATION_BYTES_MAX,
        description="Most bytes of one conversation, sealed.",
    )
    entry_bytes: EntryBytesPolicy = Field(
        default_factory=EntryBytesPolicy, description="Most bytes of an entry, by kind."
    )
    keep: KeepPolicy = Field(
        default_factory=KeepPolicy, description="For how long, by class of data."
    )
    carry_over_needs_consent: YesNo = Field(
        default=False,
        description="Whether a handoff package has content only where consent to carry "
        "over was given; otherwise it has, unless consent was withdrawn.",
    )

    @model_validator(mode="after")
    def _one_entry_fits(self) -> Self:
        largest = max(dict(self.entry_bytes).values())
        if largest > self.conversation_bytes:
            raise wrong(
                f"conversation_bytes is {self.conversation_bytes}, and one entry may "
                f"have {largest}: no conversation could hold it"
            )
        return self

    def limits(self) -> ContextLimits:
        """The same as the context store takes it."""
        return ContextLimits(
            self.conversation_entries,
            self.conversation_bytes,
            {EntryKind[name.upper()]: size for name, size in self.entry_bytes},
            {DataClass[name.upper()]: kept_ms for name, kept_ms in self.keep},
        )
