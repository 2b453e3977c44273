"""What commands about customers mean to the machine: merges, erasure, consent, accounts.

The half of `continuity` that speaks of people. What holds of a person holds of everybody
who was merged with them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from router.engine import commands as c
from router.engine.decide import MORE_FOLLOWS
from router.engine.errors import (
    AlreadyMerged,
    InvalidField,
    NotMerged,
    UnknownGroup,
    WrongState,
)
from router.engine.kinds import Kind, Table
from router.engine.lines import unknown
from router.engine.tables import NOBODY
from router.model.conversation import Mark, Purpose

BLOCKED = Mark.ERASURE_REQUESTED | Mark.ERASED


class CustomerCommands:
    """Carries out commands about customers; `Continuity` gives it rows and orders."""

    see: Any
    names: Any
    customer_row: Callable[[str], int]
    root: Callable[[int], int]
    marks: Callable[[int], Mark]
    bind: Any
    writable: Any
    next_row: Callable[..., int]
    state: Any
    known_customer: Callable[[str], int]
    taken: Callable[[str], int]
    performers: Any

    def merge(self, x: c.MergeCustomers) -> int:
        into, other = self.customer_row(x.into), self.customer_row(x.other)
        if x.into == x.other or not x.into or not x.other:
            raise InvalidField("two different customers are merged", field="other_id")
        for row, name in ((into, x.into), (other, x.other)):
            if self.marks(row) & BLOCKED:
                self.writable(row, name)
        new = [row == NOBODY for row in (into, other)]
        if new[0]:
            into = self.next_row("customers")
        if new[1]:
            other = self.next_row("customers", int(new[0]))
        if not new[1]:
            parent = int(self.see("customers", "merged_into")[other])
            if parent == into:
                return into
            if parent != NOBODY:
                raise AlreadyMerged(
                    f"customer {x.other!r} was merged into another already; unmerge them "
                    "first",
                    field="other_id",
                )
            if not new[0] and self.root(into) == other:
                raise AlreadyMerged(
                    f"customer {x.into!r} was merged into {x.other!r} already",
                    field="into_id",
                )
        self.state(Kind.CUSTOMERS_MERGED, customer=into, other=other)
        self.bind(self.names.customers, Table.CUSTOMER, into, x.into)
        self.bind(self.names.customers, Table.CUSTOMER, other, x.other)
        return into

    def unmerge(self, x: c.UnmergeCustomers) -> int:
        into, other = self.known_customer(x.into), self.known_customer(x.other)
        if int(self.see("customers", "merged_into")[other]) != into:
            raise NotMerged(
                f"customer {x.other!r} is not merged into {x.into!r}", field="other_id"
            )
        self.state(Kind.CUSTOMERS_UNMERGED, customer=into, other=other)
        return into

    def request_erasure(self, x: c.RequestErasure) -> int:
        row: int = self.taken(x.customer)
        family = self.family(row)
        waiting = [r for r in family if not self.marks(r) & BLOCKED]
        self._of_each(Kind.ERASURE_REQUESTED, waiting, x.customer)
        return row

    def confirm_erasure(self, x: c.ConfirmErasure) -> int:
        row: int = self.known_customer(x.customer)
        if not self.marks(row) & BLOCKED:
            raise WrongState(
                f"the erasure of customer {x.customer!r} was not requested",
                field="customer_id",
            )
        marks = self.see("customers", "marks")
        waiting = [r for r in self.family(row) if not int(marks[r]) & Mark.ERASED]
        self._of_each(Kind.CUSTOMER_ERASED, waiting, x.customer)
        return row

    def family(self, customer: int) -> list[int]:
        """Everybody who is the same person as far as is known, in order of rows."""
        rows = self.see("customers", "used")[: int(self.see("house", "customers")[0])]
        if not len(rows) > customer:
            return [customer]
        root = self.root(customer)
        merged = self.see("customers", "merged_into")[: len(rows)] != NOBODY
        found = {root, customer}
        for row in np.flatnonzero((rows != 0) & merged).tolist():
            if self.root(row) == root:
                found.add(row)
        return sorted(found)

    def _of_each(self, kind: Kind, rows: list[int], customer: str) -> None:
        for left, row in zip(range(len(rows))[::-1], rows, strict=True):
            more = {"count": MORE_FOLLOWS} if left else {}
            self.state(kind, customer=row, **more)
            if row not in self.names.customers.texts:
                self.bind(self.names.customers, Table.CUSTOMER, row, customer)

    def set_restricted(self, x: c.SetRestricted) -> int:
        row: int = self.taken(x.customer)
        if bool(self.marks(row) & Mark.RESTRICTED) != x.restricted:
            self.state(
                Kind.CUSTOMER_RESTRICTED, customer=row, presence=int(x.restricted)
            )
            self.bind(self.names.customers, Table.CUSTOMER, row, x.customer)
        return row

    def set_consent(self, x: c.SetConsent) -> int:
        row: int = self.taken(x.customer)
        if self.marks(row) & BLOCKED:
            self.writable(row, x.customer)
        bit = 1 << int(Purpose(x.purpose))
        kept = "granted" if x.granted else "withdrawn"
        known = self.see("customers", "used")[row]
        if not known or not int(self.see("customers", kept)[row]) & bit:
            self.state(
                Kind.CONSENT_SET, customer=row, presence=int(x.purpose),
                session=int(x.granted),
            )  # fmt: skip
            self.bind(self.names.customers, Table.CUSTOMER, row, x.customer)
        return row

    def set_account_owner(self, x: c.SetAccountOwner) -> int:
        row: int = self.taken(x.customer)
        if self.marks(row) & BLOCKED:
            self.writable(row, x.customer)
        agent = self.performers.agent_row(x.agent) if x.agent else NOBODY
        team = NOBODY
        if x.team:
            policy = self.performers.policy
            if policy is None or x.team not in policy.groups:
                known = policy.groups if policy is not None else ()
                raise UnknownGroup(unknown("group", x.team, known), field="team")
            team = self.names.groups.rows[x.team]
        self.state(Kind.ACCOUNT_OWNER_SET, customer=row, agent=agent, other=team)
        self.bind(self.names.customers, Table.CUSTOMER, row, x.customer)
        return row
