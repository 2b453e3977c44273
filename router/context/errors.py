"""What the context answers with instead of doing it, and what can go wrong with its files.

Refusals are answers and have changed nothing; they are kinds of the engine's own, so
that the service needs one table. Failures of the store are not: they end the batch. No
message ever holds content, an identity or a key.
"""

from router.engine.errors import InvalidField, LimitReached, Refused, WrongState


class EntryRefused(InvalidField):
    """An entry has a value that cannot be, or that must never be kept."""


class ContextTooLarge(LimitReached):
    """An entry, or the conversation with it, would be larger than is allowed."""


class CustomerErased(Refused):
    """ERASED: the customer's data was destroyed; only the reference and the date are
    left.
    """


class UnknownConversation(Refused):
    """No context is kept of a conversation of this id."""


class ForeignConversation(InvalidField):
    """The conversation belongs to another customer."""


class IdentityTaken(WrongState):
    """The identity is linked to another customer; merge the two, or unlink it first."""


class MergeRefused(WrongState):
    """These two customers cannot be merged, or unmerged, as things stand."""


class ContextStoreError(Exception):
    """Everything a store or its keys complain about."""


class StoreRefused(ContextStoreError):
    """There is no store to be opened at the place that was named."""


class StoreTooNew(StoreRefused):
    """The file was written by a newer release, in a format this one cannot read."""


class StoreDamaged(ContextStoreError):
    """What is stored is not what was written."""

    def __init__(self, what: str, place: str) -> None:
        super().__init__(
            f"{place}: damaged: {what}; restore it from a copy, and the erasures made "
            "since are applied again when it is opened"
        )
        self.what = what
        self.place = place


class StoreFailed(ContextStoreError):
    """The store failed in the middle of something; what became of it is unknown."""


class SealBroken(ContextStoreError):
    """A sealed value does not open: changed, moved from elsewhere, or another key."""


class KeyMissing(ContextStoreError):
    """The customer's data is here and the key that opens it is not."""
