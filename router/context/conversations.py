"""Entries of conversations: sealed on their way in, opened on their way out.

The host seals what the engine has given a version, prepares the entries of its batch,
and only then appends to the journal. Readers never see more than the version they name,
which is the one the journal knows. A handoff copies nothing: the successor names the
same conversation and a version of it.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from router.context.admission import admit
from router.context.codec import decode_entry
from router.context.contract import (
    ContextReader,
    ContextStore,
    ConversationRow,
    SealedEntry,
    StoredEntry,
)
from router.context.entries import Entry
from router.context.errors import (
    ContextTooLarge,
    EntryRefused,
    ForeignConversation,
    StoreDamaged,
    UnknownConversation,
)
from router.context.keyring import KeyReading, KeyRing
from router.context.people import People, check_reference, writing_sealer
from router.context.sealing import place
from router.model.context import EntryKind
from router.model.context_limits import ContextLimits

PAGE_MAX: Final = 1_000
PAGE_DEFAULT: Final = 100
_TAG_BYTES: Final = 8
_NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry that was opened, and where it stands."""

    conversation: str
    version: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries of a customer, newest first, and the token of the next page."""

    entries: tuple[ReadEntry, ...]
    next_page_token: str


class ConversationReader:
    """Reads; may stand in another thread with a store and keys of its own."""

    def __init__(self, store: ContextReader, keys: KeyReading) -> None:
        self._store = store
        self._keys = keys
        self._people = People(store, keys)

    def conversation(self, customer: str, conversation: str) -> ConversationRow:
        """What is known of a conversation without opening it.

        Raises `CustomerErased`, `UnknownConversation`, and `ForeignConversation` when
        it is another person's.
        """
        person = self._people.person(customer)
        row = self._store.conversation(conversation)
        if row is None:
            raise UnknownConversation(
                f"conversation {conversation}: no context is kept of it",
                field="conversation_id",
            )
        if row.customer not in person:
            raise foreign(conversation)
        return row

    def row(self, conversation: str) -> ConversationRow | None:
        """What is known of a conversation, whoever's it is; `None` if nothing is."""
        return self._store.conversation(conversation)

    def conversations(self, customer: str) -> list[ConversationRow]:
        """All conversations of a person, the last active first."""
        return self._store.conversations(self._people.person(customer))

    def entries(
        self,
        customer: str,
        conversation: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> list[ReadEntry]:
        """Entries above one version and up to another, oldest first."""
        row = self.conversation(customer, conversation)
        up_to = row.version if up_to_version is None else up_to_version
        stored = self._store.entries(
            conversation, after_version, up_to, _size(limit, "limit")
        )
        return [self._open(one) for one in stored]

    def newest(
        self,
        customer: str,
        conversation: str,
        *,
        up_to_version: int | None = None,
        limit: int = PAGE_DEFAULT,
        kind: EntryKind | None = None,
    ) -> list[ReadEntry]:
        """The newest entries (of one kind), newest first."""
        row = self.conversation(customer, conversation)
        up_to = row.version if up_to_version is None else up_to_version
        stored = self._store.newest(conversation, up_to, _size(limit, "limit"), kind)
        return [self._open(one) for one in stored]

    def timeline(
        self,
        customer: str,
        *,
        page_size: int = PAGE_DEFAULT,
        page_token: str = "",
        visible: Callable[[str], int | None] | None = None,
    ) -> TimelinePage:
        """Everything of a person over all channels and conversations, newest first.

        `visible` gives a conversation's version on the floor, or None where the floor
        has forgotten it. A token stays good while entries are added.
        """
        person = self._people.person(customer)
        size = _size(page_size, "page_size")
        before = self._read_token(customer, page_token) if page_token else None
        shown: list[StoredEntry] = []
        while len(shown) <= size:
            page = self._store.timeline(person, before, size + 1)
            shown += [one for one in page if _is_visible(one.entry, visible)]
            if len(page) <= size:
                break
            before = page[-1].number
        token = ""
        if len(shown) > size:
            token = self._write_token(customer, shown[size - 1].number)
        return TimelinePage(tuple(map(self._open, shown[:size])), token)

    def _open(self, stored: StoredEntry) -> ReadEntry:
        sealed = stored.entry
        opened = self._keys.sealer(sealed.customer).open(
            sealed.sealed, entry_place(self._keys.tenant, sealed)
        )
        entry = decode_entry(opened)
        if (entry.kind, entry.at) != (sealed.kind, sealed.at):
            raise StoreDamaged(
                f"the label of {sealed!r} is not what was sealed", "context store"
            )
        return ReadEntry(sealed.conversation, sealed.version, entry)

    def _write_token(self, customer: str, number: int) -> str:
        raw = number.to_bytes(_NUMBER_BYTES)
        tag = self._keys.index("page", customer, number)[:_TAG_BYTES]
        return base64.urlsafe_b64encode(raw + tag).decode("ascii").rstrip("=")

    def _read_token(self, customer: str, token: str) -> int:
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"==")
        except (binascii.Error, UnicodeEncodeError, ValueError):
            raw = b""
        number = int.from_bytes(raw[:_NUMBER_BYTES])
        if (
            raw[_NUMBER_BYTES:]
            != self._keys.index("page", customer, number)[:_TAG_BYTES]
        ):
            raise EntryRefused(
                "page_token is not one that was given for this customer",
                field="page_token",
            )
        return number


class Conversations(ConversationReader):
    """The writer's: seals, prepares, discards."""

    def __init__(
        self, store: ContextStore, keys: KeyRing, limits: ContextLimits
    ) -> None:
        super().__init__(store, keys)
        self._writer = store
        self._ring = keys
        self.limits = limits
        self.keeps_any = not store.is_empty()
        """Whether it is worth looking for a conversation; many routers never keep one."""
        self._sealed_since: dict[str, tuple[int, int]] = {}

    def seal(
        self, customer: str, conversation: str, version: int, entry: Entry
    ) -> SealedEntry:
        """Checks, cleans and seals an entry; nothing is stored yet.

        Raises `EntryRefused`, `ContextTooLarge`, `CustomerErased` and
        `ForeignConversation`. `customer` may be any reference of the person: a
        conversation stays under the one for which it was opened.
        """
        if version < 1:
            raise EntryRefused("version: the first one is 1", field="version")
        row = self._store.conversation(conversation)
        customer = self._owner(customer, conversation, row)
        sealer = writing_sealer(self._store, self._ring, customer)
        paused = row is not None and row.paused
        kept, data = admit(entry, paused=paused, limits=self.limits)
        unsealed = SealedEntry(customer, conversation, version, kept.kind, kept.at, b"")
        sealed = sealer.seal(data, entry_place(self._ring.tenant, unsealed))
        self._must_fit(conversation, row, len(sealed))
        return SealedEntry(customer, conversation, version, kept.kind, kept.at, sealed)

    def prepare(self, entries: Sequence[SealedEntry]) -> None:
        """Makes the entries of a batch durable, and with them new customers' keys.

        Once a batch, before the journal's append. Entries of somebody who was erased
        since they were sealed are left out.
        """
        customers = {entry.customer for entry in entries}
        gone = {one for one in customers if self._ring.is_erased(one)}
        self._ring.keep_new()
        self.keeps_any = True
        self._writer.prepare([one for one in entries if one.customer not in gone])
        self._sealed_since.clear()

    def settle(self) -> None:
        """Before the floor forgets a conversation: the journal knows all there is."""
        self._writer.settle()

    def discard_after(self, versions: Mapping[str, int]) -> int:
        """At the start: drops what was prepared and never reached the journal.

        `versions` are the floor's, by conversation.
        """
        self._sealed_since.clear()
        return self._writer.discard_after(versions)

    def pause_capture(self, customer: str, conversation: str, at: int) -> None:
        """From now on only kind and time of this conversation's entries are kept."""
        self._pause(customer, conversation, at, paused=True)

    def resume_capture(self, customer: str, conversation: str, at: int) -> None:
        """Keeps entries of this conversation again."""
        self._pause(customer, conversation, at, paused=False)

    def _pause(
        self, customer: str, conversation: str, at: int, *, paused: bool
    ) -> None:
        row = self._store.conversation(conversation)
        customer = self._owner(customer, conversation, row)
        self._ring.must_not_be_erased([customer])
        self._writer.pause(customer, conversation, at, paused=paused)

    def _owner(
        self, customer: str, conversation: str, row: ConversationRow | None
    ) -> str:
        """The reference for which the conversation is sealed."""
        if row is None or row.customer == customer:
            check_reference(customer)
            return customer
        if row.customer not in self._people.person(customer):
            raise foreign(conversation)
        return row.customer

    def _must_fit(
        self, conversation: str, row: ConversationRow | None, size: int
    ) -> None:
        """Counts what was sealed since the last commit, too."""
        new_entries, new_size = self._sealed_since.get(conversation, (0, 0))
        entries = (row.entries if row else 0) + new_entries + 1
        total = (row.size if row else 0) + new_size + size
        if entries > self.limits.conversation_entries:
            raise ContextTooLarge(
                f"conversation {conversation}: it would have {entries} entries, and the "
                f"limit is {self.limits.conversation_entries}; begin another",
                field="entry",
            )
        if total > self.limits.conversation_bytes:
            raise ContextTooLarge(
                f"conversation {conversation}: it would have {total} bytes, and the "
                f"limit is {self.limits.conversation_bytes}; begin another, or keep "
                "content elsewhere and add references",
                field="entry",
            )
        self._sealed_since[conversation] = (new_entries + 1, new_size + size)


def entry_place(tenant: str, entry: SealedEntry) -> bytes:
    """What an entry is sealed for: it opens nowhere else."""
    return place(tenant, entry.customer, "entry", entry.conversation, entry.version)


def foreign(conversation: str) -> ForeignConversation:
    return ForeignConversation(
        f"conversation {conversation}: it belongs to another customer",
        field="conversation_id",
    )


def _is_visible(
    entry: SealedEntry, visible: Callable[[str], int | None] | None
) -> bool:
    version = visible(entry.conversation) if visible else None
    return version is None or entry.version <= version


def _size(size: int, name: str) -> int:
    if size < 0:
        raise EntryRefused(f"{name} is {size}; it must not be negative", field=name)
    return min(size or PAGE_DEFAULT, PAGE_MAX)
