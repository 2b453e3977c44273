"""Erasure, retention, the audit of reads, and what outlives a restored backup.

Erasing is destroying the key and deleting the rows, in this order: after the first step
nothing opens any more, wherever a copy may lie, and the second can be done again as
often as it takes. What stays is the reference and the date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from router.context.contract import AuditRow, ContextStore, Expired, Removed
from router.context.errors import EntryRefused
from router.context.keyring import KeyRing
from router.context.people import People
from router.model.context import DataClass
from router.model.context_limits import ContextLimits

EXPIRE_ROWS: Final = 500
"""Rows of each class that one slice of retention deletes: a few milliseconds."""
AUDIT_LIMIT: Final = 10_000
_WHAT_BYTES_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt: which references, when, how much, and whether no byte is left.

    `scrubbed` is False while a reader holds an older view of a file; `scrub` again.
    """

    customers: tuple[str, ...]
    at: int
    removed: Removed
    scrubbed: bool


class Privacy:
    """What is owed to customers, over a store and its keys."""

    def __init__(
        self, store: ContextStore, keys: KeyRing, limits: ContextLimits
    ) -> None:
        self._store = store
        self._ring = keys
        self._people = People(store, keys)
        self.limits = limits

    def erase(self, customer: str, at: int) -> Erasure:
        """Destroys all that is kept under any reference of a person.

        The engine has blocked the person before. May be asked again: the answer has
        the first date's tombstone and no counts. Of somebody of whom nothing is kept
        the tombstone is left all the same.
        """
        if self._ring.is_erased(customer):
            person: tuple[str, ...] = (customer,)
        else:
            person = self._people.person(customer)
        self._ring.bury(person, at)
        removed = self._store.remove(person)
        return Erasure(person, at, removed, self.scrub())

    def scrub(self) -> bool:
        """Leaves no deleted byte in any file; False when a reader was in the way."""
        keys, content = self._ring.scrub(), self._store.scrub()
        return keys and content

    def erased_at(self, customer: str) -> int | None:
        """When the customer was erased, if so."""
        return self._ring.erased_at(customer)

    def tombstones(self) -> list[tuple[str, int]]:
        """Everybody who was erased, and when."""
        return self._ring.tombstones()

    def apply_tombstones(self, erased: Iterable[tuple[str, int]] = ()) -> int:
        """Erases again whoever was erased already, and says of how many data was found.

        `erased` are the floor's erased customers with their dates; the tombstones here
        are added. Comes before anything is served: the store, or the keys, may be an
        old copy.
        """
        known = dict(self._ring.tombstones())
        for customer, at in erased:
            if customer not in known:
                self._ring.bury([customer], at)
                known[customer] = at
        found = [one for one in known if self._store.knows(one)]
        if found:
            self._store.remove(found)
            self.scrub()
        return len(found)

    def audit(self, reads: Sequence[AuditRow]) -> None:
        """Records who read what of whom, and why; before the answer leaves.

        `what` is a name such as timeline or handoff_package, never content.
        """
        for read in reads:
            if not read.reader or len(read.reader) > _WHAT_BYTES_MAX:
                raise EntryRefused(
                    f"reader: it must have 1 to {_WHAT_BYTES_MAX} characters",
                    field="reader",
                )
            if not read.what or len(read.what) > _WHAT_BYTES_MAX:
                raise EntryRefused(
                    f"what: it must have 1 to {_WHAT_BYTES_MAX} characters",
                    field="what",
                )
        self._ring.must_not_be_erased({read.customer for read in reads})
        if reads:
            self._store.audit(reads)

    def reads_of(self, customer: str, limit: int = AUDIT_LIMIT) -> list[AuditRow]:
        """Who read what of a person and why, the newest first."""
        return self._store.audits(self._people.person(customer), limit)

    def expire(self, now: int, rows: int = EXPIRE_ROWS) -> Expired:
        """Deletes one slice of what is older than its class allows.

        Ask again while there is more; between two slices others may work.
        """
        before = {one: now - self.limits.kept_for_ms(one) for one in DataClass}
        return self._store.expire(before, rows)

    def rewrap(self) -> int:
        """Rotates the tenant key; how many customers' keys were wrapped anew."""
        return self._ring.rewrap()
