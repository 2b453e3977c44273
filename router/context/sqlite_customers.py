"""What is known of customers beside their conversations, written into a SQLite file.

The half of the writer that `sqlite_store` builds on: links, merges, consent, fields and
the audit, each change one transaction.
"""

from collections.abc import Sequence

from router.context.contract import AuditRow, FieldRow, LinkRow
from router.context.sqlite_reading import SqliteReading
from router.model.context import Purpose


class SqliteCustomers(SqliteReading):
    """Writes of customers."""

    def link(self, link: LinkRow) -> None:
        with self.file.transaction("link an identity"):
            self._end_link(link.index, link.linked_at)
            self.file.run(
                "INSERT INTO link (identity, customer, kind, confidence, source,"
                " linked_at, unlinked_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    link.index,
                    self._number(link.customer),
                    int(link.kind),
                    link.confidence,
                    link.source,
                    link.linked_at,
                    link.unlinked_at,
                    link.sealed,
                ),
            )

    def unlink(self, index: bytes, at: int) -> bool:
        with self.file.transaction("unlink an identity"):
            return self._end_link(index, at)

    def _end_link(self, index: bytes, at: int) -> bool:
        ended = self.file.run(
            "UPDATE link SET unlinked_at = ? WHERE identity = ? AND unlinked_at IS NULL",
            (at, index),
        )
        return ended == 1

    def merge(self, into: str, other: str, source: str, at: int) -> None:
        with self.file.transaction("merge customers"):
            parent, child = self._number(into), self._number(other)
            self.file.run(
                "UPDATE customer SET parent = ? WHERE number = ?", (parent, child)
            )
            self.file.run(
                "INSERT INTO merge (into_customer, other_customer, source, at)"
                " VALUES (?, ?, ?, ?)",
                (parent, child, source, at),
            )

    def unmerge(self, into: str, other: str, at: int) -> None:
        with self.file.transaction("unmerge customers"):
            parent, child = self._number(into), self._number(other)
            self.file.run(
                "UPDATE customer SET parent = NULL WHERE number = ?", (child,)
            )
            self.file.run(
                "UPDATE merge SET undone_at = ? WHERE into_customer = ? AND"
                " other_customer = ? AND undone_at IS NULL",
                (at, parent, child),
            )

    def add_consent(
        self, customer: str, purpose: Purpose, at: int, sealed: bytes, *, granted: bool
    ) -> None:
        with self.file.transaction("record consent"):
            self.file.run(
                "INSERT INTO consent (customer, purpose, granted, at, sealed)"
                " VALUES (?, ?, ?, ?, ?)",
                (self._number(customer), int(purpose), int(granted), at, sealed),
            )

    def put_field(self, field: FieldRow) -> None:
        with self.file.transaction("set a field"):
            self.file.run(
                "INSERT INTO field VALUES (?, ?, ?, ?) ON CONFLICT (customer, name)"
                " DO UPDATE SET at = excluded.at, sealed = excluded.sealed",
                (self._number(field.customer), field.name, field.at, field.sealed),
            )

    def remove_field(self, customer: str, name: str) -> bool:
        with self.file.transaction("remove a field"):
            removed = self.file.run(
                "DELETE FROM field WHERE name = ? AND customer ="
                " (SELECT number FROM customer WHERE ref = ?)",
                (name, customer),
            )
        return removed == 1

    def restrict(self, customer: str, *, restricted: bool) -> None:
        with self.file.transaction("restrict a customer"):
            self.file.run(
                "UPDATE customer SET restricted = ? WHERE number = ?",
                (int(restricted), self._number(customer)),
            )

    def audit(self, reads: Sequence[AuditRow]) -> None:
        with self.file.transaction("add to the audit"):
            self.file.run_many(
                "INSERT INTO audit (customer, reader, purpose, what, at)"
                " VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        self._number(read.customer),
                        read.reader,
                        int(read.purpose),
                        read.what,
                        read.at,
                    )
                    for read in reads
                ],
            )

    def _number(self, customer: str) -> int:
        """The customer's number, given now if there is none yet."""
        row = self.file.one("SELECT number FROM customer WHERE ref = ?", (customer,))
        if row is None:
            self.file.run("INSERT INTO customer (ref) VALUES (?)", (customer,))
            row = self.file.one("SELECT last_insert_rowid()")
        number: int = row[0]
        return number
