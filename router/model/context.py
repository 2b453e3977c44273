"""The nouns of the context: kinds of entries, identities, purposes, classes of data.

The numbers are stored in sealed entries, in the context store and in the journal: a
member must never change its number, and a new one takes the next.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class EntryKind(IntEnum):
    """What an entry of a conversation's context is."""

    MESSAGE = 1
    """What somebody wrote, as text."""
    MESSAGE_REFERENCE = 2
    """Where a message stands that is kept elsewhere."""
    TRANSCRIPT_REFERENCE = 3
    """Where what was spoken stands in writing."""
    SUMMARY = 4
    """What happened so far, in short."""
    FACT = 5
    """One thing that was found out: an order number, a plan, what it is about."""
    SENTIMENT = 6
    """How the customer felt, as a number."""
    DISPOSITION = 7
    """How the agent filed it."""
    NOTE = 8
    """What an agent wants the next one to know."""
    ATTACHMENT_REFERENCE = 9
    """Where a picture, a form or a recording stands."""
    SURVEY_ANSWER = 10
    """What the customer said when asked how it went."""
    OFFER_OUTCOME = 11
    """How an offer to an agent ended."""
    HANDOFF_OUTCOME = 12
    """How a handoff to another channel ended."""
    PROMISE = 13
    """What the customer was told would be done."""
    OPEN_QUESTION = 14
    """What is still to be answered."""


class AuthorRole(IntEnum):
    """Who wrote an entry."""

    CUSTOMER = 1
    AGENT = 2
    BOT = 3
    ROUTER = 4


class Purpose(IntEnum):
    """What customers may consent to."""

    CARRY_OVER = 1
    """Taking along what was said, to another channel or agent."""
    PROACTIVE = 2
    """Being written to or called without having asked."""
    LOCATION = 3
    """Using where they are."""


class ReadPurpose(IntEnum):
    """Why somebody reads a context; goes into the audit."""

    ROUTING = 1
    SERVING = 2
    SUPERVISION = 3
    SUBJECT_REQUEST = 4
    """The customer asked to see what is kept."""


class ConsentState(IntEnum):
    """What is known of a customer's consent to one purpose."""

    NEVER_ASKED = 0
    GRANTED = 1
    WITHDRAWN = 2


class IdentityKind(IntEnum):
    """By what a customer can be recognised."""

    PHONE = 1
    EMAIL = 2
    CHAT_HANDLE = 3
    WHATSAPP = 4
    SOCIAL_HANDLE = 5
    DEVICE = 6
    COOKIE = 7
    CRM = 8


class SurveyKind(IntEnum):
    """The scale of a survey's answer."""

    NPS = 1
    """0 to 10: how likely they are to recommend us."""
    CSAT = 2
    """1 to 5: how satisfied they are."""


class DataClass(IntEnum):
    """What is kept for the same time."""

    CONTENT = 1
    """What was said: messages, references, notes."""
    DERIVED = 2
    """What was made of it: summaries, facts, sentiment, promises, questions."""
    OUTCOME = 3
    """How things ended: dispositions, offers, handoffs."""
    SURVEY = 4
    """What customers answered when asked."""
    CONSENT = 5
    """Consent records that a later one has replaced; the one in force stays."""
    IDENTITY = 6
    """Links that were undone; those in force stay."""
    AUDIT = 7
    """Who read what, and why."""


DATA_CLASS: Final[Mapping[EntryKind, DataClass]] = {
    EntryKind.MESSAGE: DataClass.CONTENT,
    EntryKind.MESSAGE_REFERENCE: DataClass.CONTENT,
    EntryKind.TRANSCRIPT_REFERENCE: DataClass.CONTENT,
    EntryKind.SUMMARY: DataClass.DERIVED,
    EntryKind.FACT: DataClass.DERIVED,
    EntryKind.SENTIMENT: DataClass.DERIVED,
    EntryKind.DISPOSITION: DataClass.OUTCOME,
    EntryKind.NOTE: DataClass.CONTENT,
    EntryKind.ATTACHMENT_REFERENCE: DataClass.CONTENT,
    EntryKind.SURVEY_ANSWER: DataClass.SURVEY,
    EntryKind.OFFER_OUTCOME: DataClass.OUTCOME,
    EntryKind.HANDOFF_OUTCOME: DataClass.OUTCOME,
    EntryKind.PROMISE: DataClass.DERIVED,
    EntryKind.OPEN_QUESTION: DataClass.DERIVED,
}
"""For how long each kind of entry is kept follows from its class."""
