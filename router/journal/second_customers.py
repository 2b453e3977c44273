"""What the journal checker believes of conversations, customers and their company.

Part of `second_floor`, and as naive: plain objects in dicts, lists where the engine
threads rows. It must never import the engine's `apply`, `facts` or `orders`.
"""

from typing import Any

from router.engine.kinds import Table
from router.engine.tables import NOBODY
from router.model.conversation import ASIDE, Mark, Purpose, Source
from router.model.interaction import State

LIVE = (State.QUEUED, State.OFFERED, State.ACTIVE, State.WRAPPING)
NO_READS = Mark.RESTRICTED | Mark.ERASURE_REQUESTED | Mark.ERASED
BLOCKED = Mark.ERASURE_REQUESTED | Mark.ERASED


class SecondConversation:
    """One conversation as the events tell it."""

    __slots__ = ("customer", "interactions", "owned_since", "owner", "version")

    def __init__(self, customer: int, version: int) -> None:
        self.customer = customer
        self.version = version
        self.owner = NOBODY
        self.owned_since = 0
        self.interactions: set[int] = set()
        """Rows that refer to it, live or at their end."""


class SecondCustomer:
    """One customer as the events tell it."""

    __slots__ = (
        "account_owner", "account_since", "company", "granted", "interactions", "last_agent",
        "last_agent_at", "marks", "merged_into", "team", "withdrawn",
    )  # fmt: skip

    def __init__(self) -> None:
        self.marks = Mark(0)
        self.granted: set[int] = set()
        self.withdrawn: set[int] = set()
        self.merged_into = NOBODY
        self.last_agent = NOBODY
        self.last_agent_at = 0
        self.account_owner = NOBODY
        self.account_since = 0
        self.team = NOBODY
        self.interactions: set[int] = set()
        self.company: list[int] = []
        """Live interactions, in order of arrival; kept at the root of merged ones."""


class SecondCustomers:
    """All of them, and who keeps company with whom."""

    def __init__(self, floor: Any) -> None:
        self._floor = floor
        self.conversations: dict[int, SecondConversation] = {}
        self.customers: dict[int, SecondCustomer] = {}

    def customer(self, row: int) -> SecondCustomer:
        """A customer, who is known from the first fact about them on."""
        return self.customers.setdefault(row, SecondCustomer())

    def conversation(self, row: int, customer: int, version: int) -> SecondConversation:
        """A conversation; the first fact about it says whose it is."""
        found = self.conversations.get(row)
        if found is None:
            found = self.conversations[row] = SecondConversation(customer, version)
        elif found.customer == NOBODY:
            found.customer = customer
        return found

    def root(self, customer: int) -> int:
        """Who the customer is, after all merges."""
        return (self.chain(customer) or [NOBODY])[-1]

    def team(self, customer: int) -> int:
        """The group that has the customer's account, or that of whom they merged into."""
        teams = (self.customers[one].team for one in self.chain(customer))
        return next((team for team in teams if team != NOBODY), NOBODY)

    def chain(self, customer: int) -> list[int]:
        """The customer and everybody they were merged into."""
        found: list[int] = []
        # A broken journal may merge in a circle.
        while customer in self.customers and customer not in found:
            found.append(customer)
            customer = self.customers[customer].merged_into
        return found

    def marks(self, customer: int) -> Mark:
        marks = Mark(0)
        for row in self.chain(customer):
            marks |= self.customers[row].marks
        return marks

    def may_carry(self, customer: int) -> bool:
        """Whether context may be carried along to another channel."""
        return not self.marks(customer) & NO_READS and not any(
            Purpose.CARRY_OVER in self.customers[row].withdrawn
            for row in self.chain(customer)
        )

    def refers(self, customer: int) -> bool:
        """Whether anything still names the customer."""
        there = self.customers[customer]
        return bool(there.interactions) or any(
            v.customer == customer for v in self.conversations.values()
        )

    def is_kept(self, customer: int) -> bool:
        """Whether something was said of the customer for good."""
        there = self.customers[customer]
        return bool(
            there.marks
            or there.withdrawn
            or there.merged_into != NOBODY
            or there.account_owner != NOBODY
            or there.team != NOBODY
            or any(c.merged_into == customer for c in self.customers.values())
        )

    def owned_by(self, agent: int) -> list[SecondConversation]:
        return [v for v in self.conversations.values() if v.owner == agent]

    def strength(self, source: int, since: int, now: int) -> int:
        """What a claim is worth, from the words of the policy."""
        if source in (Source.NONE, Source.CALLER):
            return 1000 if source == Source.CALLER else 0
        rules = self._floor.rules.tables[Table.RULES].get(0)
        if rules is None:
            return 0
        lasts_ms, whole = rules["lasts_ms"][source], rules["strength"][source]
        left_ms = lasts_ms - (now - since)
        if left_ms <= 0:
            return 0
        if not rules["decays"][source]:
            return int(whole)
        return int(whole * min(left_ms, lasts_ms) // lasts_ms)

    # ------------------------------------------------------------------ company

    def keep_company(self, x: Any, at: int) -> None:
        """After anything that happened to `x`: who is the companion of those who wait?"""
        if x.customer not in self.customers:
            return
        company = self.customers[self.root(x.customer)].company
        if x.state in LIVE and x.row not in company:
            company.append(x.row)
        elif x.state not in LIVE and x.row in company:
            company.remove(x.row)
            x.companion, x.opened = NOBODY, False
        self.review(self.root(x.customer), at)

    def review(self, root: int, at: int) -> None:
        live = [self._floor.interactions[row] for row in self.customers[root].company]
        holders = [x.agent for x in live if x.state == State.ACTIVE]
        holders += [x.agent for x in live if x.state == State.OFFERED]
        for x in live:
            x.root = root
            waits = x.state == State.QUEUED
            companion = holders[0] if holders and waits else NOBODY
            if companion != x.companion:
                x.companion = companion
                x.companion_since = at if companion != NOBODY else 0
                if waits and companion == NOBODY:
                    x.opened = x.relation in ASIDE

    def merge(self, into: int, other: int, at: int) -> None:
        there = self.customer(other)
        there.merged_into = into
        self.customers[self.root(into)].company += there.company
        there.company = []
        self.review(self.root(into), at)

    def unmerge(self, into: int, other: int, at: int) -> None:
        root = self.root(into)
        company = self.customers[root].company
        theirs = [
            row
            for row in company
            if other in self.chain(self._floor.interactions[row].customer)
        ]
        self.customers[root].company = [row for row in company if row not in theirs]
        self.customers[other].merged_into = NOBODY
        self.customers[other].company = theirs
        self.review(root, at)
        self.review(other, at)
