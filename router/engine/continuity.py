"""What commands about conversations and customers mean to the machine.

Stands beside `performers`, which sends them here. As there, whatever may be refused is
found out before the first order is given. Content never comes here: an append is a kind,
a digest and a version, and what is sealed passes through untouched to the batch.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from router.engine import commands as c
from router.engine.customers import BLOCKED, CustomerCommands
from router.engine.decide import MORE_FOLLOWS
from router.engine.digests import digest_of_handoff
from router.engine.errors import (
    AlreadyEnqueued,
    ContextConflict,
    CustomerErased,
    CustomerRestricted,
    ForeignConversation,
    InvalidField,
    UnknownConversation,
    UnknownCustomer,
    WrongState,
)  # fmt: skip
from router.engine.kinds import Kind, Order, Table
from router.engine.names import Names
from router.engine.orders.arriving import NEW, NO_CARRY_OVER
from router.engine.tables import NOBODY, Floor
from router.model.conversation import ASIDE, Mark, Relation
from router.model.interaction import State

# Looking up a member of an enum costs more than comparing it.
_GOES_ON = (State.QUEUED, State.OFFERED, State.ACTIVE)
_NO_RELATION = Relation.NONE
_HAND_OFF = Order.HAND_OFF
_INTERACTION = Table.INTERACTION


class Sealed(NamedTuple):
    """An entry of a context on its way to the store, with the version it was given."""

    conversation: str
    customer: str
    version: int
    kind: int
    digest: int
    content: Any


class Continuity(CustomerCommands):
    """Carries out commands about conversations and customers."""

    def __init__(self, performers: Any) -> None:
        self.performers = performers
        self.names = performers.names
        self._machine = performers.machine
        self.see = performers.see
        self.sealed: list[Sealed] = []
        """Entries appended since they were last taken, for the batch."""

    @property
    def floor(self) -> Floor:
        return self._machine.floor  # type: ignore[no-any-return]

    # ---------------------------------------------------------------- rows

    def conversation_row(self, conversation: str) -> int:
        """The row of a conversation, or `NOBODY` while the floor does not know it."""
        row = self.names.conversations.rows.get(conversation, NOBODY)
        if row != NOBODY and not self.see("conversations", "used")[row]:
            return NOBODY
        return int(row)

    def customer_row(self, customer: str) -> int:
        """The row of a customer, or `NOBODY` while the floor does not know them."""
        row = self.names.customers.rows.get(customer, NOBODY)
        if row != NOBODY and not self.see("customers", "used")[row]:
            return NOBODY
        return int(row)

    def ties(self, conversation: str, customer: str) -> tuple[int, int]:
        """Rows for an arrival or an append; a conversation that is new is `NEW`.

        Raises `ForeignConversation` when it is another customer's.
        """
        v = c_row = NOBODY
        if customer:
            c_row = self.customer_row(customer)
            if c_row == NOBODY:
                c_row = self.next_row("customers")
        if conversation:
            v = self.conversation_row(conversation)
            if v == NOBODY:
                v = NEW
            elif customer:
                self._same_customer(v, c_row, conversation)
        return v, c_row

    def arrival_ties(self, conversation: str, customer: str) -> tuple[int, int]:
        """The same for an arrival, where a customer that is new is `NEW` as well."""
        v = c_row = NOBODY
        if customer:
            c_row = self.customer_row(customer)
            if c_row == NOBODY:
                c_row = NEW
        if conversation:
            v = self.conversation_row(conversation)
            if v == NOBODY:
                v = NEW
            elif customer:
                self._same_customer(v, c_row, conversation)
        return v, c_row

    def stays(self, v: int, c_row: int) -> bool:
        """Whether these rows will be theirs until a later order is carried out: those of
        nobody who is live may be forgotten in between, and taken by others.
        """
        return (v < 0 or self.see("conversations", "live")[v] > 0) and (
            c_row < 0 or self.see("customers", "live")[c_row] > 0
        )

    def _same_customer(self, v: int, c_row: int, conversation: str) -> None:
        theirs = int(self.see("conversations", "customer")[v])
        if theirs in (NOBODY, c_row):
            return
        known = c_row >= 0 and self.see("customers", "used")[c_row]
        if not known or self.root(theirs) != self.root(c_row):
            raise ForeignConversation(
                f"conversation {conversation!r} belongs to another customer; start one of "
                "its own, or merge the customers first",
                field="conversation_id",
            )

    def root(self, customer: int) -> int:
        """The customer that this one was merged into, however often."""
        above = self.see("customers", "merged_into")
        while above[customer] != NOBODY:
            customer = int(above[customer])
        return customer

    def next_row(self, table: str, beyond: int = 0) -> int:
        """The row that a new name will take, `beyond` further ones being taken first."""
        spare = f"spare_{table}"
        free = int(self.see("house", spare)[0])
        if free > beyond:
            return int(getattr(self.floor, spare)[free - 1 - beyond])
        return int(self.see("house", table)[0]) + beyond - free

    def bind(self, names: Names, table: Table, row: int, text: str) -> None:
        """Give the row its name where it has not got it."""
        if row != NOBODY and names.texts.get(row) != text:
            self.performers.writer.given.name(table, row, text)

    def bind_all(
        self, names: Names, table: Table, rows: Sequence[int], texts: Sequence[str]
    ) -> None:
        """The same for several; an empty text names nothing."""
        new = {
            row: text
            for row, text in zip(rows, texts, strict=True)
            if text and row != NOBODY and names.texts.get(row) != text
        }
        self.performers.writer.given.name_all(table, list(new), list(new.values()))

    def name_ties(self, v: int, c_row: int, conversation: str, customer: str) -> None:
        """The names that go with the rows of an arrival."""
        if conversation:
            self.bind(self.names.conversations, Table.CONVERSATION, v, conversation)
        if customer:
            self.bind(self.names.customers, Table.CUSTOMER, c_row, customer)

    def write(self, **fields: int) -> None:
        """Fields of the order to come that few orders have."""
        for name, value in fields.items():
            self.see("inbox", name)[0] = value

    # ---------------------------------------------------------------- handoff

    def hand_off(self, x: c.HandOff) -> int:
        performers, see = self.performers, self.see
        content = digest_of_handoff(x)
        known = self.names.interactions.rows.get(x.successor)
        if known is not None and see("interactions", "used")[known]:
            if see("interactions", "content").item(known) == content:
                return int(known)
            raise AlreadyEnqueued(
                f"interaction {x.successor!r} is here already, with other content; choose "
                "another id for the successor",
                field="successor_interaction_id",
            )
        row = performers.interaction_row(x.interaction)
        performers.require(row, x.interaction, "hand off", *_GOES_ON)
        if not x.successor:
            raise InvalidField(
                "the successor needs an id", field="successor_interaction_id"
            )
        if x.relation == _NO_RELATION:
            raise InvalidField("say what the successor is", field="relation")
        if not x.keep_open and x.relation in ASIDE:
            raise InvalidField(
                "a colleague is asked beside the interaction: keep it open",
                field="keep_open",
            )
        priority = see("lines", "priority").item(see("interactions", "line").item(row))
        queue, own = performers.needs_of(row)
        needs = own if x.needs is None else x.needs
        line = performers.writer.lines.line(
            x.queue or queue, x.channel, priority, needs
        )
        see("inbox", "not_before")[0] = x.due_at
        successor, refusal = self._machine.give(
            _HAND_OFF, interaction=row, line=line, value=content, link=1,
            presence=int(x.keep_open), reason=int(x.relation),
            session=0 if x.consent else NO_CARRY_OVER,
        )  # fmt: skip
        if refusal:
            raise performers.refusal(
                refusal, x.interaction, "hand off", {"interaction": row}
            )
        performers.writer.given.name(_INTERACTION, successor, x.successor)
        return int(successor)

    def hand_over(self, x: c.HandOver) -> int:
        performers = self.performers
        owner = performers.agent_row(x.agent)
        to = performers.agent_row(x.to, "to_agent") if x.to else NOBODY
        if to == owner:
            raise InvalidField("an agent hands over to another", field="to_agent")
        owned = np.flatnonzero(
            (self.see("conversations", "used") != 0)
            & (self.see("conversations", "owner") == owner)
        ).tolist()
        if x.conversations:
            listed = [self._known(conversation) for conversation in x.conversations]
            for v, conversation in zip(listed, x.conversations, strict=True):
                if v not in owned:
                    raise WrongState(
                        f"conversation {conversation!r} is not owned by agent {x.agent!r}",
                        field="conversation_ids",
                    )
            owned = sorted(set(listed))
        for left, v in zip(range(len(owned))[::-1], owned, strict=True):
            self.write(conversation=v)
            performers.give(
                Order.HAND_OVER,
                agent=owner,
                other=to,
                count=MORE_FOLLOWS if left else 0,
            )
        return int(owner)

    # ---------------------------------------------------------------- context

    def append_context(self, x: c.AppendContext) -> int:
        """Returns the version that the entry was given."""
        if not x.conversation or not x.customer:
            missing = "customer" if x.conversation else "conversation"
            raise InvalidField(f"an append names its {missing}", field=f"{missing}_id")
        v, c_row = self.ties(x.conversation, x.customer)
        self.writable(c_row, x.customer)
        version = x.stored_version
        if v != NEW:
            version = int(self.see("conversations", "version")[v])
        if x.expected_version is not None and x.expected_version != version:
            raise ContextConflict(
                f"the context of conversation {x.conversation!r} is at version {version}, "
                f"not at {x.expected_version}; read what was added, then append again",
                version=version,
                field="expected_version",
            )
        if v == NEW:
            v = self.next_row("conversations")
        self.state(
            Kind.CONTEXT_APPENDED, conversation=v, customer=c_row, context=version + 1,
            presence=x.kind, value=x.digest,
        )  # fmt: skip
        self.name_ties(v, c_row, x.conversation, x.customer)
        self.sealed.append(
            Sealed(x.conversation, x.customer, version + 1, x.kind, x.digest, x.sealed)
        )
        return version + 1

    def writable(self, customer: int, name: str) -> None:
        marks = self.marks(customer)
        if marks & BLOCKED:
            raise CustomerErased(
                f"customer {name!r} has been erased, or is about to be; nothing is kept of "
                "them any more",
                field="customer_id",
            )
        if marks & Mark.RESTRICTED:
            raise CustomerRestricted(
                f"customer {name!r} is restricted: nothing may be added or read until that "
                "is lifted",
                field="customer_id",
            )

    def marks(self, customer: int) -> Mark:
        """What holds of a customer or of anybody they were merged into."""
        marks = Mark(0)
        while customer != NOBODY and self.see("customers", "used")[customer]:
            marks |= Mark(int(self.see("customers", "marks")[customer]))
            customer = int(self.see("customers", "merged_into")[customer])
        return marks

    def acknowledge_context(self, x: c.AcknowledgeContext) -> int:
        performers = self.performers
        row: int = performers.interaction_row(x.interaction)
        v = int(self.see("interactions", "conversation")[row])
        version = int(self.see("conversations", "version")[v]) if v != NOBODY else 0
        if not 0 < x.version <= version:
            raise InvalidField(
                f"version {x.version} is not from 1 to {version}, which the context of the "
                "conversation has now",
                field="version",
            )
        agent = performers.agent_row(x.agent)
        self.write(context=x.version)
        performers.give(
            Order.ACKNOWLEDGE_CONTEXT, interaction=row, agent=agent,
            subject=x.interaction, doing="acknowledge the context of",
        )  # fmt: skip
        return row

    # ---------------------------------------------------------------- shared

    def known_customer(self, customer: str) -> int:
        row = self.customer_row(customer)
        if row == NOBODY:
            raise UnknownCustomer(
                f"customer {customer!r} is not known to the floor", field="customer_id"
            )
        return row

    def _known(self, conversation: str) -> int:
        row = self.conversation_row(conversation)
        if row == NOBODY:
            raise UnknownConversation(
                f"conversation {conversation!r} is not known to the floor",
                field="conversation_id",
            )
        return row

    def taken(self, customer: str) -> int:
        """The row of a customer, or the one that a fact about a new one will take."""
        if not customer:
            raise InvalidField("a customer is named by an id", field="customer_id")
        row = self.customer_row(customer)
        if row == NOBODY:
            row = self.next_row("customers")
        return row

    def state(self, kind: Kind, *, count: int = 0, **fields: int) -> None:
        rest = {
            "conversation": NOBODY, "customer": NOBODY, "context": 0, "not_before": 0,
        }  # fmt: skip
        rest |= {name: fields.pop(name) for name in tuple(rest) if name in fields}
        self.write(**rest)
        self.performers.give(
            Order.STATE_OF_CUSTOMER, reason=int(kind), count=count, **fields
        )
