"""A store in memory, for trials and as the plainest statement of the contract.

Lists and dicts under one lock; nothing is shared with the SQLite store but the rows, so
that each says what the other should do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from router.context.contract import (
    AuditRow,
    ConsentRow,
    ConversationRow,
    Expired,
    FieldRow,
    LinkRow,
    MergeRow,
    Removed,
    SealedEntry,
)
from router.context.errors import ForeignConversation, StoreRefused
from router.context.memory_reading import MemoryReading, locked
from router.model.context import DATA_CLASS, DataClass, Purpose

_R = TypeVar("_R")


class MemoryContextStore(MemoryReading):
    """The writer's handle; a reader is another one on the same contents."""

    def open(self, tenant: str, store_id: str) -> str:
        if not self._all.tenant:
            self._all.tenant, self._all.store_id = tenant, store_id
        if self._all.tenant != tenant:
            raise StoreRefused(f"{self.place}: it belongs to another tenant")
        return self._all.store_id

    def reader(self) -> MemoryReading:
        return MemoryReading(self._all)

    @locked
    def prepare(self, entries: Sequence[SealedEntry]) -> None:
        if not entries:
            return
        owners: dict[str, str] = {}
        for entry in entries:
            row = self._all.conversations.get(entry.conversation)
            owner = row.customer if row else entry.customer
            if owners.setdefault(entry.conversation, owner) != entry.customer:
                raise ForeignConversation(
                    f"conversation {entry.conversation}: it belongs to another customer",
                    field="conversation_id",
                )
        self._all.doubt_from = self._next_number()
        for entry in entries:
            self._all.customers.setdefault(entry.customer, None)
            row = self._all.conversations.get(
                entry.conversation
            ) or self._new_conversation(entry.customer, entry.conversation, entry.at)
            if entry.version <= row.version:
                self._drop(
                    number
                    for number, one in self._of(entry.conversation)
                    if one.version == entry.version
                )
                row = self._all.conversations[entry.conversation]
            self._all.entries[self._next_number()] = entry
            self._all.conversations[entry.conversation] = replace(
                row,
                last_at=max(row.last_at, entry.at),
                version=max(row.version, entry.version),
                entries=row.entries + 1,
                size=row.size + len(entry.sealed),
            )

    @locked
    def settle(self) -> None:
        self._all.doubt_from = max(self._all.entries, default=0) + 1

    @locked
    def discard_after(self, versions: Mapping[str, int]) -> int:
        doubt_from = self._all.doubt_from
        doubtful = {
            entry.conversation
            for number, entry in self._all.entries.items()
            if number >= doubt_from
        }
        discarded = 0
        for name, version in versions.items():
            row = self._all.conversations.get(name)
            if row and row.version > version:
                above = [n for n, one in self._of(name) if one.version > version]
                discarded += self._drop(above)
                self._set_version(name, version)
        for name in doubtful - versions.keys():
            discarded += self._drop([n for n, _ in self._of(name) if n >= doubt_from])
            left = [one.version for _, one in self._of(name)]
            self._set_version(name, max(left, default=0))
        return discarded

    @locked
    def pause(self, customer: str, conversation: str, at: int, *, paused: bool) -> None:
        row = self._all.conversations.get(conversation)
        row = row or self._new_conversation(customer, conversation, at)
        if row.customer != customer:
            raise ForeignConversation(
                f"conversation {conversation}: it belongs to another customer",
                field="conversation_id",
            )
        self._all.customers.setdefault(customer, None)
        self._all.conversations[conversation] = replace(row, paused=paused)

    @locked
    def link(self, link: LinkRow) -> None:
        self.unlink(link.index, link.linked_at)
        self._all.customers.setdefault(link.customer, None)
        self._all.links.append(link)

    @locked
    def unlink(self, index: bytes, at: int) -> bool:
        for position, link in enumerate(self._all.links):
            if link.index == index and link.unlinked_at is None:
                self._all.links[position] = replace(link, unlinked_at=at)
                return True
        return False

    @locked
    def merge(self, into: str, other: str, source: str, at: int) -> None:
        self._all.customers.setdefault(into, None)
        self._all.customers[other] = into
        self._all.merges.append(MergeRow(into, other, source, at, None))

    @locked
    def unmerge(self, into: str, other: str, at: int) -> None:
        self._all.customers[other] = None
        self._all.merges = [
            replace(row, undone_at=at)
            if (row.into, row.other, row.undone_at) == (into, other, None)
            else row
            for row in self._all.merges
        ]

    @locked
    def add_consent(
        self, customer: str, purpose: Purpose, at: int, sealed: bytes, *, granted: bool
    ) -> None:
        self._all.customers.setdefault(customer, None)
        number = 1 + max((row.number for row in self._all.consents), default=0)
        self._all.consents.append(
            ConsentRow(number, customer, purpose, granted, at, sealed)
        )

    @locked
    def put_field(self, field: FieldRow) -> None:
        self._all.customers.setdefault(field.customer, None)
        self._all.fields[field.customer, field.name] = field

    @locked
    def remove_field(self, customer: str, name: str) -> bool:
        return self._all.fields.pop((customer, name), None) is not None

    @locked
    def restrict(self, customer: str, *, restricted: bool) -> None:
        self._all.customers.setdefault(customer, None)
        change = (
            self._all.restricted.add if restricted else self._all.restricted.discard
        )
        change(customer)

    @locked
    def audit(self, reads: Sequence[AuditRow]) -> None:
        for read in reads:
            self._all.customers.setdefault(read.customer, None)
        self._all.audits.extend(reads)

    @locked
    def expire(self, before: Mapping[DataClass, int], limit: int) -> Expired:
        removed = {
            data_class: self._expire(data_class, instant, limit)
            for data_class, instant in before.items()
        }
        oldest = min(before.values(), default=0)
        empty = [
            name
            for name, row in self._all.conversations.items()
            if not (row.entries or row.paused) and row.last_at < oldest
        ][:limit]
        for name in empty:
            del self._all.conversations[name]
        removed_most = max(len(empty), *removed.values()) if removed else 0
        return Expired(removed, more=removed_most == limit)

    @locked
    def remove(self, customers: Iterable[str]) -> Removed:
        gone = set(customers) & self._all.customers.keys()
        contents = self._all
        before = (len(contents.conversations), len(contents.links))
        consents, fields = len(contents.consents), len(contents.fields)
        entries = self._drop(
            number for number, one in contents.entries.items() if one.customer in gone
        )
        contents.conversations = {
            name: row
            for name, row in contents.conversations.items()
            if row.customer not in gone
        }
        contents.links = [one for one in contents.links if one.customer not in gone]
        contents.consents = [r for r in contents.consents if r.customer not in gone]
        contents.fields = {
            key: row for key, row in contents.fields.items() if key[0] not in gone
        }
        contents.merges = [
            row for row in contents.merges if not gone & {row.into, row.other}
        ]
        audits = sum(row.customer in gone for row in contents.audits)
        contents.audits = [
            replace(row, customer="", what="") if row.customer in gone else row
            for row in contents.audits
        ]
        contents.customers = {
            one: None if parent in gone else parent
            for one, parent in contents.customers.items()
            if one not in gone
        }
        contents.restricted -= gone
        return Removed(
            entries,
            before[0] - len(contents.conversations),
            before[1] - len(contents.links),
            consents - len(contents.consents),
            fields - len(contents.fields),
            audits,
        )

    def scrub(self) -> bool:
        return True

    def _expire(self, data_class: DataClass, instant: int, limit: int) -> int:
        contents = self._all
        if data_class is DataClass.CONSENT:
            newest = {(row.customer, row.purpose): row for row in contents.consents}
            in_force = set(map(id, newest.values()))
            contents.consents, count = _without(
                contents.consents,
                lambda row: row.at < instant and id(row) not in in_force,
                limit,
            )
        elif data_class is DataClass.IDENTITY:
            contents.links, count = _without(
                contents.links,
                lambda link: (
                    link.unlinked_at is not None and link.unlinked_at < instant
                ),
                limit,
            )
        elif data_class is DataClass.AUDIT:
            contents.audits, count = _without(
                contents.audits, lambda row: row.at < instant, limit
            )
        else:
            old = sorted(
                (entry.at, number)
                for number, entry in contents.entries.items()
                if DATA_CLASS[entry.kind] is data_class and entry.at < instant
            )
            count = self._drop(number for _, number in old[:limit])
        return count

    def _next_number(self) -> int:
        """Numbers grow, and a dict keeps the order in which they were given."""
        return 1 + next(reversed(self._all.entries), 0)

    def _new_conversation(self, customer: str, name: str, at: int) -> ConversationRow:
        return ConversationRow(name, customer, at, at, 0, 0, 0, paused=False)

    def _drop(self, numbers: Iterable[int]) -> int:
        """Drops entries and takes them out of their conversations' sums."""
        gone = list(numbers)
        for number in gone:
            entry = self._all.entries.pop(number)
            row = self._all.conversations[entry.conversation]
            self._all.conversations[entry.conversation] = replace(
                row, entries=row.entries - 1, size=row.size - len(entry.sealed)
            )
        return len(gone)

    def _set_version(self, name: str, version: int) -> None:
        row = replace(self._all.conversations[name], version=version)
        self._all.conversations[name] = row
        if version == 0 and not row.paused:
            del self._all.conversations[name]


def _without(
    rows: list[_R], is_old: Callable[[_R], bool], limit: int
) -> tuple[list[_R], int]:
    """The rows without the first old ones, and how many those were."""
    gone = set(map(id, [row for row in rows if is_old(row)][:limit]))
    return [row for row in rows if id(row) not in gone], len(gone)
