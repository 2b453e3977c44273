"""What every store of contexts does, whatever it is stored in.

A store keeps sealed values under opaque references and keyed digests; it holds no key,
opens nothing and knows no person. One writer at a time; every call is synchronous, is
whole or has not happened, and is durable when it returns. Another store passes the
suite in tests/context and keeps all that is promised here.

**Doubt.** A host prepares the entries of a batch, appends the batch to the journal, and
only then prepares again. So whatever was prepared last may be unknown to the journal,
and everything before it is not: `discard_after` needs no more to know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from router.context.sealing import digest64
from router.model.context import (
    DataClass,
    EntryKind,
    IdentityKind,
    Purpose,
    ReadPurpose,
)


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry as it is stored. `customer` is the one for whom it was sealed."""

    customer: str
    conversation: str
    version: int
    kind: EntryKind
    at: int
    sealed: bytes

    @property
    def digest(self) -> int:
        """The signed 64-bit digest of the ciphertext, for the journal."""
        return digest64(self.sealed)

    def __repr__(self) -> str:
        return f"<SealedEntry {self.conversation}@{self.version} {self.kind.name}>"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A sealed entry and its number; numbers grow in the order of becoming known."""

    number: int
    entry: SealedEntry


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What a store knows of a conversation without opening anything."""

    conversation: str
    customer: str
    opened_at: int
    last_at: int
    version: int
    entries: int
    size: int
    paused: bool


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Who was recognised by what, since when, and who said so; `index` is keyed."""

    index: bytes
    customer: str
    kind: IdentityKind
    confidence: int
    source: str
    linked_at: int
    unlinked_at: int | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class MergeRow:
    """One customer was taken into another, and perhaps out again."""

    into: str
    other: str
    source: str
    at: int
    undone_at: int | None


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One statement of consent; the last of a purpose is in force."""

    number: int
    customer: str
    purpose: Purpose
    granted: bool
    at: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One sealed field of a customer."""

    customer: str
    name: str
    at: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Somebody read something of a customer."""

    customer: str
    reader: str
    purpose: ReadPurpose
    what: str
    at: int


@dataclass(frozen=True, slots=True)
class Removed:
    """How much of customers was deleted."""

    entries: int = 0
    conversations: int = 0
    links: int = 0
    consents: int = 0
    fields: int = 0
    audits: int = 0
    """Audit rows that no longer say whom they were about."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What one slice of retention deleted, and whether there is more to do."""

    removed: Mapping[DataClass, int]
    more: bool


class ContextReader(Protocol):
    """Reads beside the writer, from another thread, and sees whole commits only."""

    def is_empty(self) -> bool:
        """Whether no conversation is kept at all."""

    def conversation(self, conversation: str) -> ConversationRow | None:
        """One conversation, if anything is kept of it."""

    def conversations(self, customers: Sequence[str]) -> list[ConversationRow]:
        """All conversations of these customers, the last active first."""

    def entries(
        self, conversation: str, after_version: int, up_to_version: int, limit: int
    ) -> list[StoredEntry]:
        """Entries above one version and up to another, in the order of versions."""

    def newest(
        self,
        conversation: str,
        up_to_version: int,
        limit: int,
        kind: EntryKind | None = None,
    ) -> list[StoredEntry]:
        """The newest entries up to a version (of one kind), the newest first."""

    def timeline(
        self, customers: Sequence[str], before_number: int | None, limit: int
    ) -> list[StoredEntry]:
        """Entries of these customers over all their conversations, newest first."""

    def knows(self, customer: str) -> bool:
        """Whether anything at all stands under this reference."""

    def parent_of(self, customer: str) -> str | None:
        """The customer into which this one was merged."""

    def children_of(self, customer: str) -> list[str]:
        """The customers that were merged into this one, in the order of references."""

    def merges_of(self, customers: Sequence[str]) -> list[MergeRow]:
        """Merges in which one of these took part, the undone included, oldest first."""

    def link_of(self, index: bytes) -> LinkRow | None:
        """The link in force under a keyed index."""

    def links_of(self, customers: Sequence[str]) -> list[LinkRow]:
        """Links of these customers, the undone included, oldest first."""

    def consents(self, customers: Sequence[str]) -> list[ConsentRow]:
        """Every consent record of these customers, oldest first."""

    def fields(self, customers: Sequence[str]) -> list[FieldRow]:
        """Every sealed field of these customers, in the order of names."""

    def is_restricted(self, customer: str) -> bool:
        """Whether the customer's data is kept and must not be used."""

    def audits(self, customers: Sequence[str], limit: int) -> list[AuditRow]:
        """Who read what of these customers, the newest first."""

    def close(self) -> None:
        """Lets go of the store."""


class ContextStore(ContextReader, Protocol):
    """The writer's handle."""

    def open(self, tenant: str, store_id: str) -> str:
        """Opens the store, or creates it for a tenant; gives the id it carries.

        Raises `StoreRefused` when it is another's, and `StoreDamaged`.
        """

    def reader(self) -> ContextReader:
        """A reader of its own for another thread."""

    def prepare(self, entries: Sequence[SealedEntry]) -> None:
        """Stores the entries of a batch in one commit.

        An entry of a version that is there already takes its place: that one was never
        acknowledged. Raises `ForeignConversation` when a conversation is another
        customer's; then nothing was stored.
        """

    def settle(self) -> None:
        """Says that the journal knows everything that was prepared: none of it is in
        doubt any more.
        """

    def discard_after(self, versions: Mapping[str, int]) -> int:
        """Deletes what the journal does not know, and says how many entries.

        Of a conversation that is named: whatever is above its version. Of any other:
        whatever was prepared last.
        """

    def pause(self, customer: str, conversation: str, at: int, *, paused: bool) -> None:
        """Sets whether content of a conversation is left out from now on."""

    def link(self, link: LinkRow) -> None:
        """Adds a link; the one in force under its index, if any, ends at that instant."""

    def unlink(self, index: bytes, at: int) -> bool:
        """Ends the link in force under an index; whether there was one."""

    def merge(self, into: str, other: str, source: str, at: int) -> None:
        """Takes a customer that has no parent into another."""

    def unmerge(self, into: str, other: str, at: int) -> None:
        """Takes it out again."""

    def add_consent(
        self, customer: str, purpose: Purpose, at: int, sealed: bytes, *, granted: bool
    ) -> None:
        """Adds a consent record; earlier ones stay as evidence."""

    def put_field(self, field: FieldRow) -> None:
        """Sets a sealed field."""

    def remove_field(self, customer: str, name: str) -> bool:
        """Deletes a field; whether there was one."""

    def restrict(self, customer: str, *, restricted: bool) -> None:
        """Sets whether the customer's data must not be used."""

    def audit(self, reads: Sequence[AuditRow]) -> None:
        """Adds to the audit, which is never changed but by retention and erasure."""

    def expire(self, before: Mapping[DataClass, int], limit: int) -> Expired:
        """Deletes at most `limit` rows of each class that are older than its instant.

        A conversation of which nothing is left goes too, once it is older than all of
        them.
        """

    def remove(self, customers: Iterable[str]) -> Removed:
        """Deletes everything of these customers, in one commit."""

    def scrub(self) -> bool:
        """Leaves no deleted byte in any file; False when a reader was in the way."""
