"""Interactions come in, one or many at once: checked, turned into numbers, handed over.

The commonest order there is, and the one that gateways send by the hundred. Whatever
may be refused is found out before anything is handed over; several are laid out in the
machine's inbox together, which costs Python a third of what it costs to hand them over
singly, and what comes of them is the same.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from router.engine import commands as c
from router.engine.batch import Done
from router.engine.continuity import Continuity
from router.engine.digests import digest_of
from router.engine.errors import AlreadyEnqueued, Refused
from router.engine.kinds import Order, Refusal, Table
from router.engine.machine import Machine
from router.engine.tables import EXCLUDED_MAX, NOBODY
from router.engine.writer import Writer


class Arrival(NamedTuple):
    """An interaction as the machine will take it: names already turned into rows."""

    command: c.Enqueue
    line: int
    owner: int
    excluded: list[int]
    content: int
    conversation: int
    customer: int

    @property
    def tied(self) -> bool:
        """Whether it brings along more than itself."""
        return (
            self.conversation != NOBODY
            or self.customer != NOBODY
            or self.command.due_at > 0
        )


class Rows(Protocol):
    """What is asked of the other performers here."""

    def agent_row(self, agent: str, field: str = "agent_id") -> int: ...

    def excluded_rows(self, agents: tuple[str, ...]) -> list[int]: ...

    def refusal(
        self, refusal: Refusal, subject: str, doing: str, fields: dict[str, int]
    ) -> Refused: ...


class Arrivals:
    """Puts interactions in line."""

    def __init__(
        self, rows: Rows, machine: Machine, writer: Writer, continuity: Continuity
    ) -> None:
        self._rows = rows
        self._machine = machine
        self._writer = writer
        self._continuity = continuity

    def enqueue(self, x: c.Enqueue) -> int:
        """Put one interaction in line; returns its row. Raises `Refused`."""
        found = self.asked(x)
        if isinstance(found, int):
            return found
        if found.excluded:
            inbox = self._machine.floor.inbox
            inbox["excluded"][0, : len(found.excluded)] = found.excluded
        if found.tied:
            self._continuity.write(
                conversation=found.conversation, customer=found.customer,
                not_before=x.due_at, context=x.stored_version,
            )  # fmt: skip
        row, refusal = self._machine.give(
            Order.ENQUEUE, line=found.line, other=found.owner, until=x.hold_back_ms,
            since=x.waited_ms, value=found.content, count=len(found.excluded),
            link=int(found.tied),
        )  # fmt: skip
        if refusal:
            raise self._refusal(x, refusal)
        self._name(x, row)
        return row

    def stays(self, arrival: Arrival) -> bool:
        """Whether other arrivals may be carried out before this one: what it is tied to
        will be the same then.
        """
        return self._continuity.stays(arrival.conversation, arrival.customer)

    def enqueue_all(self, arrivals: Sequence[Arrival]) -> list[Done | Refused]:
        """Put several in line. No two of them may have one id, or belong to one
        conversation or customer, and all but the first must `stay`.
        """
        commands, lines, owners, excluded, contents, conversations, customers = zip(
            *arrivals, strict=True
        )
        columns: dict[str, Sequence[Any] | int] = {
            "line": lines,
            "other": owners,
            "until": [x.hold_back_ms for x in commands],
            "since": [x.waited_ms for x in commands],
            "value": contents,
            "conversation": conversations,
            "customer": customers,
            "not_before": [x.due_at for x in commands],
            "context": [x.stored_version if x.conversation else 0 for x in commands],
            # A blank place ties to nobody, so every order may say that it is tied.
            "link": 1,
        }
        if any(excluded):
            columns["count"] = [len(some) for some in excluded]
            columns["excluded"] = [
                (*some, *[0] * (EXCLUDED_MAX - len(some))) for some in excluded
            ]
        done = self._machine.give_all(Order.ENQUEUE, len(arrivals), columns)
        answers: list[Done | Refused] = []
        came: list[tuple[c.Enqueue, int]] = []
        for x, (row, refusal, sequence) in zip(commands, done, strict=True):
            if refusal:
                answers.append(self._refusal(x, refusal))
            else:
                answers.append(Done(row, sequence))
                came.append((x, row))
        self._name_all(came)
        return answers

    def asked(self, x: c.Enqueue) -> Arrival | int:
        """What is asked for, in rows; or the row of the same interaction, if it is here
        already. Raises `Refused`.
        """
        content = digest_of(x)
        writer = self._writer
        row = writer.names.interactions.rows.get(x.interaction)
        if row is not None and self._machine.floor.interactions[row].used:
            if int(self._machine.floor.interactions[row].content) == content:
                return row
            raise AlreadyEnqueued(
                f"interaction {x.interaction!r} is here already, with other content; choose another id, or "
                "change it with UpdateInteraction",
                field="interaction_id",
            )
        line = writer.lines.line(x.queue, x.channel, x.priority, x.needs)
        owner = self._rows.agent_row(x.owner, "owner") if x.owner else NOBODY
        excluded = self._rows.excluded_rows(x.excluded) if x.excluded else []
        v = customer = NOBODY
        if x.conversation or x.customer:
            v, customer = self._continuity.arrival_ties(x.conversation, x.customer)
        return Arrival(x, line, owner, excluded, content, v, customer)

    def _refusal(self, x: c.Enqueue, refusal: int) -> Refused:
        return self._rows.refusal(Refusal(refusal), x.interaction, "enqueue", {})

    def _name(self, x: c.Enqueue, row: int) -> None:
        name = self._writer.given.name
        name(Table.INTERACTION, row, x.interaction)
        if x.intake:
            name(Table.INTAKE, row, x.intake)
        if x.conversation or x.customer:
            see = self._continuity.see
            self._continuity.name_ties(
                see("interactions", "conversation").item(row),
                see("interactions", "customer").item(row),
                x.conversation,
                x.customer,
            )

    def _name_all(self, came: Sequence[tuple[c.Enqueue, int]]) -> None:
        """The names of several that came together, table by table."""
        if any(x.intake for x, _ in came):
            # An intake goes with the name before it.
            for x, row in came:
                self._name(x, row)
            return
        names = self._writer.names
        rows = [row for _, row in came]
        self._writer.given.name_all(
            Table.INTERACTION, rows, [x.interaction for x, _ in came]
        )
        for table, known, of in (
            (Table.CONVERSATION, names.conversations, "conversation"),
            (Table.CUSTOMER, names.customers, "customer"),
        ):
            tied = self._continuity.see("interactions", of)[rows].tolist()
            texts = [getattr(x, of) for x, _ in came]
            self._continuity.bind_all(known, table, tied, texts)
