"""Contexts held in memory, and every question a reader may ask about them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from router.context.contract import (
    AuditRow,
    ConsentRow,
    ConversationRow,
    FieldRow,
    LinkRow,
    MergeRow,
    SealedEntry,
    StoredEntry,
)
from router.model.context import EntryKind

_P = ParamSpec("_P")
_R = TypeVar("_R")
_S = TypeVar("_S", bound="MemoryReading")


@dataclass
class Contents:
    tenant: str = ""
    store_id: str = ""
    doubt_from: int = 1
    entries: dict[int, SealedEntry] = field(default_factory=dict)
    conversations: dict[str, ConversationRow] = field(default_factory=dict)
    customers: dict[str, str | None] = field(default_factory=dict)
    """Each customer with the one into which they were merged."""
    restricted: set[str] = field(default_factory=set)
    links: list[LinkRow] = field(default_factory=list)
    merges: list[MergeRow] = field(default_factory=list)
    consents: list[ConsentRow] = field(default_factory=list)
    fields: dict[tuple[str, str], FieldRow] = field(default_factory=dict)
    audits: list[AuditRow] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)


def locked(
    method: Callable[Concatenate[_S, _P], _R],
) -> Callable[Concatenate[_S, _P], _R]:
    """Nobody else looks at the contents while the method runs."""

    @wraps(method)
    def inside(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with self._all.lock:
            return method(self, *args, **kwargs)

    return inside


class MemoryReading:
    """The questions; whoever else holds the contents may answer them at once."""

    place = "context store memory"

    def __init__(self, contents: Contents | None = None) -> None:
        self._all = contents or Contents()

    def is_empty(self) -> bool:
        return not self._all.conversations

    def conversation(self, conversation: str) -> ConversationRow | None:
        return self._all.conversations.get(conversation)

    @locked
    def conversations(self, customers: Sequence[str]) -> list[ConversationRow]:
        rows = self._all.conversations.values()
        found = [row for row in rows if row.customer in customers]
        return sorted(found, key=lambda row: (-row.last_at, row.conversation))

    @locked
    def entries(
        self, conversation: str, after_version: int, up_to_version: int, limit: int
    ) -> list[StoredEntry]:
        found = [
            one
            for one in self._stored()
            if one.entry.conversation == conversation
            and after_version < one.entry.version <= up_to_version
        ]
        return sorted(found, key=lambda one: one.entry.version)[:limit]

    @locked
    def newest(
        self,
        conversation: str,
        up_to_version: int,
        limit: int,
        kind: EntryKind | None = None,
    ) -> list[StoredEntry]:
        found = [
            one
            for one in self._stored()
            if one.entry.conversation == conversation
            and one.entry.version <= up_to_version
            and kind in (None, one.entry.kind)
        ]
        return sorted(found, key=lambda one: -one.entry.version)[:limit]

    @locked
    def timeline(
        self, customers: Sequence[str], before_number: int | None, limit: int
    ) -> list[StoredEntry]:
        found = [
            one
            for one in self._stored()
            if one.entry.customer in customers
            and (before_number is None or one.number < before_number)
        ]
        return sorted(found, key=lambda one: -one.number)[:limit]

    def knows(self, customer: str) -> bool:
        return customer in self._all.customers

    def parent_of(self, customer: str) -> str | None:
        return self._all.customers.get(customer)

    @locked
    def children_of(self, customer: str) -> list[str]:
        everybody = self._all.customers.items()
        return sorted(one for one, parent in everybody if parent == customer)

    @locked
    def merges_of(self, customers: Sequence[str]) -> list[MergeRow]:
        merges = self._all.merges
        return [m for m in merges if m.into in customers or m.other in customers]

    @locked
    def link_of(self, index: bytes) -> LinkRow | None:
        for link in self._all.links:
            if link.index == index and link.unlinked_at is None:
                return link
        return None

    @locked
    def links_of(self, customers: Sequence[str]) -> list[LinkRow]:
        links = self._all.links
        return [link for one in customers for link in links if link.customer == one]

    @locked
    def consents(self, customers: Sequence[str]) -> list[ConsentRow]:
        return [row for row in self._all.consents if row.customer in customers]

    @locked
    def fields(self, customers: Sequence[str]) -> list[FieldRow]:
        found = [row for row in self._all.fields.values() if row.customer in customers]
        return sorted(found, key=lambda row: (row.name, row.customer))

    def is_restricted(self, customer: str) -> bool:
        return customer in self._all.restricted

    @locked
    def audits(self, customers: Sequence[str], limit: int) -> list[AuditRow]:
        newest_first = reversed(self._all.audits)
        return [row for row in newest_first if row.customer in customers][:limit]

    def close(self) -> None:
        """Nothing is held."""

    def _stored(self) -> list[StoredEntry]:
        return [StoredEntry(*item) for item in self._all.entries.items()]

    def _of(self, conversation: str) -> list[tuple[int, SealedEntry]]:
        every = self._all.entries.items()
        return [(n, one) for n, one in every if one.conversation == conversation]
