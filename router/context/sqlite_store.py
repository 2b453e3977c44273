"""Contexts in one SQLite file: the writer. A batch is one transaction.

Entries are appended under growing numbers and never moved; what was deleted is
overwritten. What the tables mean stands in `sqlite.sql`.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from router.context.contract import (
    Expired,
    Removed,
    SealedEntry,
)
from router.context.errors import ForeignConversation, StoreDamaged, StoreRefused
from router.context.sqlite import SqliteFile
from router.context.sqlite_customers import SqliteCustomers
from router.context.sqlite_reading import FORM, SqliteReading
from router.model.context import DATA_CLASS, DataClass

# How a class of data that is no entry is looked through: table, and the rows to delete.
_EXPIRY: Final = {
    DataClass.CONSENT: (
        "consent",
        (
            "at < ? AND EXISTS (SELECT 1 FROM consent later WHERE later.customer ="
            " consent.customer AND later.purpose = consent.purpose AND later.number >"
            " consent.number)"
        ),
    ),
    DataClass.IDENTITY: ("link", "unlinked_at IS NOT NULL AND unlinked_at < ?"),
    DataClass.AUDIT: ("audit", "at < ?"),
}


class SqliteContextStore(SqliteCustomers):
    """The writer's handle on a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteFile(path, FORM))

    def open(self, tenant: str, store_id: str) -> str:
        self.file.open_to_write()
        row = self.file.one("SELECT tenant, store_id FROM about")
        if row is None:
            # New, or its maker was gone before it could name it.
            if self.file.one("SELECT 1 FROM customer LIMIT 1") is not None:
                raise StoreDamaged("it does not say whose it is", self.place)
            with self.file.transaction("name it"):
                self.file.run(
                    "INSERT INTO about VALUES (1, ?, ?, 1)", (tenant, store_id)
                )
            row = (tenant, store_id)
        if row[0] != tenant:
            self.file.close()
            raise StoreRefused(f"{self.place}: it belongs to another tenant")
        found: str = row[1]
        return found

    def reader(self) -> SqliteReading:
        file = SqliteFile(self.file.path, FORM)
        file.open_to_read()
        return SqliteReading(file)

    def prepare(self, entries: Sequence[SealedEntry]) -> None:
        if not entries:
            return
        with self.file.transaction("prepare entries"):
            (first,) = self.file.one("SELECT coalesce(max(number), 0) + 1 FROM entry")
            by_conversation: dict[str, list[SealedEntry]] = {}
            for entry in entries:
                by_conversation.setdefault(entry.conversation, []).append(entry)
            places = {
                conversation: self._take_in(group)
                for conversation, group in by_conversation.items()
            }
            self.file.run_many(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        first + offset,
                        places[entry.conversation][0],
                        entry.version,
                        places[entry.conversation][1],
                        int(entry.kind),
                        int(DATA_CLASS[entry.kind]),
                        entry.at,
                        entry.sealed,
                    )
                    for offset, entry in enumerate(entries)
                ),
            )
            self.file.run("UPDATE about SET doubt_from = ?", (first,))

    def _take_in(self, entries: list[SealedEntry]) -> tuple[int, int]:
        """Makes room for the entries of one conversation: its number, its customer's."""
        name, customer = entries[0].conversation, entries[0].customer
        number, owner, known_version = self._conversation_of(entries[0])
        if any(entry.customer != customer for entry in entries) or owner != customer:
            raise ForeignConversation(
                f"conversation {name}: it belongs to another customer",
                field="conversation_id",
            )
        for entry in entries:
            if entry.version <= known_version:
                self._delete_entries(
                    "conversation = ? AND version = ?", (number, entry.version)
                )
        self.file.run(
            "UPDATE conversation SET entries = entries + ?, size = size + ?,"
            " version = max(version, ?), last_at = max(last_at, ?) WHERE number = ?",
            (
                len(entries),
                sum(len(entry.sealed) for entry in entries),
                max(entry.version for entry in entries),
                max(entry.at for entry in entries),
                number,
            ),
        )
        return number, self._number(customer)

    def _conversation_of(self, entry: SealedEntry) -> tuple[int, str, int]:
        """Number, customer and version of the entry's conversation, made if new."""
        question = (
            "SELECT c.number, u.ref, c.version FROM conversation c"
            " JOIN customer u ON u.number = c.customer WHERE c.ref = ?"
        )
        row = self.file.one(question, (entry.conversation,))
        if row is None:
            self._open_conversation(entry.customer, entry.conversation, entry.at)
            row = self.file.one(question, (entry.conversation,))
        number, owner, version = row
        return number, owner, version

    def _open_conversation(self, customer: str, conversation: str, at: int) -> None:
        self.file.run(
            "INSERT INTO conversation (ref, customer, opened_at, last_at, version,"
            " entries, size, paused) VALUES (?, ?, ?, ?, 0, 0, 0, 0)",
            (conversation, self._number(customer), at, at),
        )

    def _delete_entries(self, where: str, values: tuple[int, ...]) -> int:
        """Deletes entries and takes them out of their conversations' sums."""
        sums = self.file.all(
            "SELECT conversation, count(*), sum(length(sealed)) FROM entry"
            f" WHERE {where} GROUP BY conversation",
            values,
        )
        if not sums:
            return 0
        deleted = self.file.run(f"DELETE FROM entry WHERE {where}", values)
        for number, count, size in sums:
            self.file.run(
                "UPDATE conversation SET entries = entries - ?, size = size - ?"
                " WHERE number = ?",
                (count, size, number),
            )
        return deleted

    def settle(self) -> None:
        with self.file.transaction("settle what was prepared"):
            self.file.run(
                "UPDATE about SET doubt_from ="
                " (SELECT coalesce(max(number), 0) + 1 FROM entry)"
            )

    def discard_after(self, versions: Mapping[str, int]) -> int:
        discarded = 0
        with self.file.transaction("discard entries"):
            (doubt_from,) = self.file.one("SELECT doubt_from FROM about")
            doubtful = self.file.all(
                "SELECT DISTINCT c.ref FROM entry e JOIN conversation c"
                " ON c.number = e.conversation WHERE e.number >= ?",
                (doubt_from,),
            )
            above = [
                (name, version)
                for name, version in versions.items()
                if self.file.one(
                    "SELECT 1 FROM conversation WHERE ref = ? AND version > ?",
                    (name, version),
                )
            ]
            for name, version in above:
                (number,) = self.file.one(
                    "SELECT number FROM conversation WHERE ref = ?", (name,)
                )
                discarded += self._delete_entries(
                    "conversation = ? AND version > ?", (number, version)
                )
                self._set_version(number, version)
            for (name,) in doubtful:
                if name in versions:
                    continue
                (number,) = self.file.one(
                    "SELECT number FROM conversation WHERE ref = ?", (name,)
                )
                discarded += self._delete_entries(
                    "conversation = ? AND number >= ?", (number, doubt_from)
                )
                (last,) = self.file.one(
                    "SELECT coalesce(max(version), 0) FROM entry WHERE conversation = ?",
                    (number,),
                )
                self._set_version(number, last)
        return discarded

    def _set_version(self, number: int, version: int) -> None:
        """Sets the version; a conversation of which nothing is left is forgotten."""
        self.file.run(
            "UPDATE conversation SET version = ? WHERE number = ?", (version, number)
        )
        if version == 0:
            self.file.run(
                "DELETE FROM conversation WHERE number = ? AND NOT paused", (number,)
            )

    def pause(self, customer: str, conversation: str, at: int, *, paused: bool) -> None:
        with self.file.transaction("pause the capture"):
            row = self.conversation(conversation)
            if row is None:
                self._open_conversation(customer, conversation, at)
            elif row.customer != customer:
                raise ForeignConversation(
                    f"conversation {conversation}: it belongs to another customer",
                    field="conversation_id",
                )
            self.file.run(
                "UPDATE conversation SET paused = ? WHERE ref = ?",
                (int(paused), conversation),
            )

    def expire(self, before: Mapping[DataClass, int], limit: int) -> Expired:
        removed = {}
        with self.file.transaction("expire what is old"):
            for data_class, instant in sorted(before.items()):
                if data_class in _EXPIRY:
                    table, where = _EXPIRY[data_class]
                    count = self.file.run(
                        f"DELETE FROM {table} WHERE number IN"
                        f" (SELECT number FROM {table} WHERE {where} LIMIT ?)",
                        (instant, limit),
                    )
                else:
                    count = self._delete_entries(
                        "number IN (SELECT number FROM entry WHERE data_class = ? AND"
                        " at < ? ORDER BY at LIMIT ?)",
                        (int(data_class), instant, limit),
                    )
                removed[data_class] = count
            emptied = self.file.run(
                "DELETE FROM conversation WHERE number IN (SELECT number FROM"
                " conversation WHERE entries = 0 AND NOT paused AND last_at < ? LIMIT ?)",
                (min(before.values(), default=0), limit),
            )
        removed_most = max(emptied, *removed.values()) if removed else 0
        return Expired(removed, more=removed_most == limit)

    def remove(self, customers: Iterable[str]) -> Removed:
        counts = dict.fromkeys(Removed.__slots__, 0)
        with self.file.transaction("remove customers"):
            for number in self._numbers(list(customers)):
                for name, table in _REMOVED.items():
                    counts[name] += self.file.run(
                        f"DELETE FROM {table} WHERE customer = ?",
                        (number,),
                    )
                counts["audits"] += self.file.run(
                    "UPDATE audit SET customer = NULL, what = '' WHERE customer = ?",
                    (number,),
                )
                self.file.run(
                    "DELETE FROM merge WHERE into_customer = ? OR other_customer = ?",
                    (number, number),
                )
                self.file.run(
                    "UPDATE customer SET parent = NULL WHERE parent = ?", (number,)
                )
                self.file.run("DELETE FROM customer WHERE number = ?", (number,))
        return Removed(**counts)

    def scrub(self) -> bool:
        return self.file.scrub()


_REMOVED: Final = {
    "entries": "entry",
    "conversations": "conversation",
    "links": "link",
    "consents": "consent",
    "fields": "field",
}
"""What a customer has, and in which table; the order does not matter."""
