"""Reading contexts from a SQLite file: every question a reader may ask.

Through a connection of its own for readers, through the writer's for the writer.
"""

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Any, Final

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
from router.context.sqlite import Form, SqliteFile
from router.model.context import EntryKind, IdentityKind, Purpose, ReadPurpose

FORM: Final = Form(
    "context store", int.from_bytes(b"SntC"), version=1, schema="sqlite.sql"
)

_ENTRY: Final = (
    "SELECT e.number, u.ref, c.ref, e.version, e.kind, e.at, e.sealed FROM entry e"
    " JOIN conversation c ON c.number = e.conversation"
    " JOIN customer u ON u.number = e.customer"
)
_CONVERSATION: Final = (
    "SELECT c.ref, u.ref, c.opened_at, c.last_at, c.version, c.entries, c.size,"
    " c.paused FROM conversation c JOIN customer u ON u.number = c.customer"
)
_LINK: Final = (
    "SELECT l.identity, u.ref, l.kind, l.confidence, l.source, l.linked_at,"
    " l.unlinked_at, l.sealed FROM link l JOIN customer u ON u.number = l.customer"
)


def _stored(row: Any) -> StoredEntry:
    number, customer, conversation, version, kind, at, sealed = row
    entry = SealedEntry(customer, conversation, version, EntryKind(kind), at, sealed)
    return StoredEntry(number, entry)


def _conversation(row: Any) -> ConversationRow:
    name, customer, opened_at, last_at, version, entries, size, paused = row
    return ConversationRow(
        name, customer, opened_at, last_at, version, entries, size, bool(paused)
    )


def _link(row: Any) -> LinkRow:
    return LinkRow(row[0], row[1], IdentityKind(row[2]), *row[3:])


class SqliteReading:
    """The questions; `file` is whichever connection answers them."""

    def __init__(self, file: SqliteFile) -> None:
        self.file = file
        self.place = file.place

    def is_empty(self) -> bool:
        return self.file.one("SELECT 1 FROM conversation LIMIT 1") is None

    def conversation(self, conversation: str) -> ConversationRow | None:
        row = self.file.one(f"{_CONVERSATION} WHERE c.ref = ?", (conversation,))
        return None if row is None else _conversation(row)

    def conversations(self, customers: Sequence[str]) -> list[ConversationRow]:
        found = [
            _conversation(row)
            for number in self._numbers(customers)
            for row in self.file.all(f"{_CONVERSATION} WHERE c.customer = ?", (number,))
        ]
        return sorted(found, key=lambda row: (-row.last_at, row.conversation))

    def entries(
        self, conversation: str, after_version: int, up_to_version: int, limit: int
    ) -> list[StoredEntry]:
        rows = self.file.all(
            f"{_ENTRY} WHERE e.conversation = (SELECT number FROM conversation WHERE"
            " ref = ?) AND e.version > ? AND e.version <= ? ORDER BY e.version LIMIT ?",
            (conversation, after_version, up_to_version, limit),
        )
        return [_stored(row) for row in rows]

    def newest(
        self,
        conversation: str,
        up_to_version: int,
        limit: int,
        kind: EntryKind | None = None,
    ) -> list[StoredEntry]:
        where: str = ""
        values: tuple[int, ...] = ()
        if kind is not None:
            # The index over kinds is used where the statement itself says kind > 2.
            rare = "e.kind > 2 AND" if kind > EntryKind.MESSAGE_REFERENCE else ""
            where, values = f"{rare} e.kind = ? AND", (int(kind),)
        rows = self.file.all(
            f"{_ENTRY} WHERE {where} e.conversation = (SELECT number FROM conversation"
            " WHERE ref = ?) AND e.version <= ? ORDER BY e.version DESC LIMIT ?",
            (*values, conversation, up_to_version, limit),
        )
        return [_stored(row) for row in rows]

    def timeline(
        self, customers: Sequence[str], before_number: int | None, limit: int
    ) -> list[StoredEntry]:
        before = (1 << 63) - 1 if before_number is None else before_number
        pages = [
            self.file.all(
                f"{_ENTRY} WHERE e.customer = ? AND e.number < ?"
                " ORDER BY e.number DESC LIMIT ?",
                (number, before, limit),
            )
            for number in self._numbers(customers)
        ]
        newest_first = merge(*pages, key=lambda row: -row[0])
        return [_stored(row) for row in islice(newest_first, limit)]

    def knows(self, customer: str) -> bool:
        return bool(self._numbers([customer]))

    def parent_of(self, customer: str) -> str | None:
        row = self.file.one(
            "SELECT p.ref FROM customer u JOIN customer p ON p.number = u.parent"
            " WHERE u.ref = ?",
            (customer,),
        )
        return None if row is None else row[0]

    def children_of(self, customer: str) -> list[str]:
        rows = self.file.all(
            "SELECT ref FROM customer WHERE parent ="
            " (SELECT number FROM customer WHERE ref = ?)",
            (customer,),
        )
        return sorted(ref for (ref,) in rows)

    def merges_of(self, customers: Sequence[str]) -> list[MergeRow]:
        found = {}
        for number in self._numbers(customers):
            for row in self.file.all(
                "SELECT m.number, i.ref, o.ref, m.source, m.at, m.undone_at FROM merge m"
                " JOIN customer i ON i.number = m.into_customer"
                " JOIN customer o ON o.number = m.other_customer"
                " WHERE m.into_customer = ? OR m.other_customer = ?",
                (number, number),
            ):
                found[row[0]] = MergeRow(*row[1:])
        return [found[number] for number in sorted(found)]

    def link_of(self, index: bytes) -> LinkRow | None:
        row = self.file.one(
            f"{_LINK} WHERE l.identity = ? AND l.unlinked_at IS NULL", (index,)
        )
        return None if row is None else _link(row)

    def links_of(self, customers: Sequence[str]) -> list[LinkRow]:
        return [
            _link(row)
            for number in self._numbers(customers)
            for row in self.file.all(
                f"{_LINK} WHERE l.customer = ? ORDER BY l.number", (number,)
            )
        ]

    def consents(self, customers: Sequence[str]) -> list[ConsentRow]:
        rows = [
            row
            for number in self._numbers(customers)
            for row in self.file.all(
                "SELECT s.number, u.ref, s.purpose, s.granted, s.at, s.sealed"
                " FROM consent s JOIN customer u ON u.number = s.customer"
                " WHERE s.customer = ?",
                (number,),
            )
        ]
        return [
            ConsentRow(row[0], row[1], Purpose(row[2]), bool(row[3]), row[4], row[5])
            for row in sorted(rows)
        ]

    def fields(self, customers: Sequence[str]) -> list[FieldRow]:
        found = [
            FieldRow(*row)
            for number in self._numbers(customers)
            for row in self.file.all(
                "SELECT u.ref, f.name, f.at, f.sealed FROM field f"
                " JOIN customer u ON u.number = f.customer WHERE f.customer = ?",
                (number,),
            )
        ]
        return sorted(found, key=lambda field: (field.name, field.customer))

    def is_restricted(self, customer: str) -> bool:
        row = self.file.one(
            "SELECT restricted FROM customer WHERE ref = ?", (customer,)
        )
        return row is not None and row[0] == 1

    def audits(self, customers: Sequence[str], limit: int) -> list[AuditRow]:
        rows = [
            row
            for number in self._numbers(customers)
            for row in self.file.all(
                "SELECT a.number, u.ref, a.reader, a.purpose, a.what, a.at FROM audit a"
                " JOIN customer u ON u.number = a.customer WHERE a.customer = ?"
                " ORDER BY a.number DESC LIMIT ?",
                (number, limit),
            )
        ]
        rows.sort(reverse=True)
        return [
            AuditRow(row[1], row[2], ReadPurpose(row[3]), row[4], row[5])
            for row in rows[:limit]
        ]

    def close(self) -> None:
        self.file.close()

    def _numbers(self, customers: Sequence[str]) -> list[int]:
        """The numbers of the customers there are."""
        found = []
        for customer in customers:
            row = self.file.one(
                "SELECT number FROM customer WHERE ref = ?", (customer,)
            )
            if row is not None:
                found.append(row[0])
        return found
