"""Reaching out: customer events become interactions that we begin, by the policy's rules.

What has to be remembered of a customer (counters, what is due, who answered where) is a
small value kept sealed beside them. An outreach is enqueued like any other interaction,
under an id that is the same when the same report comes again; when it falls due it is
asked once more whether it is still wanted.
"""

import asyncio
import json
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.errors import InvalidField, Refused
from router.engine.intakes import written_intake
from router.engine.kinds import Kind
from router.engine.tables import NOBODY
from router.host import Draining, JournalDown
from router.intake.counters import Counters, CountersWrong, counters_from_json
from router.intake.facts import TRIED_MAX, Customer, FactsWrong, Tried
from router.intake.proactive import CustomerEvent
from router.intake.proactive import Outreach as Wanted
from router.model.channel import Channel
from router.service import requests
from router.service.arrivals import Arrivals, attributes_of
from router.service.context_desk import ContextDesk
from router.service.people import kept_of, known_to_intake
from router.v1 import context_service_pb2 as pb

PREFIX = "out-"
"""What the ids of interactions begin with that we begin ourselves."""
PENDING_MAX = 32
_ENDS = {
    int(Kind.OFFER_ACCEPTED): True,
    int(Kind.INTERACTION_ABANDONED): False,
    int(Kind.INTERACTION_DEAD_LETTERED): False,
}
"""What says whether the customer was reached: an agent took it and spoke, or nobody."""
_LOOKED_FOR = frozenset([*_ENDS, int(Kind.INTERACTION_DUE)])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule."""

    rule: str
    interaction: str = ""
    suppressed: str = ""
    channel: Channel | None = None
    due_at: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """What is remembered of one customer."""

    counters: Counters = field(default_factory=Counters)
    tried: tuple[Tried, ...] = ()
    pending: tuple[Wanted, ...] = ()

    def written(self) -> str:
        return json.dumps(
            {
                "counters": self.counters.to_json(),
                "tried": [
                    [int(one.channel), one.at_ms, one.answered] for one in self.tried
                ],
                "pending": [
                    [
                        one.rule,
                        one.queue,
                        one.purpose,
                        int(one.channel),
                        one.due_ms,
                        one.dedup_id,
                    ]
                    for one in self.pending
                ],
            },
            separators=(",", ":"),
        )

    @classmethod
    def read(cls, text: str) -> "Notes":
        """What `written` wrote; nothing where that cannot be read."""
        if not text:
            return cls()
        try:
            values = json.loads(text)
            return cls(
                counters_from_json(values["counters"]),
                tuple(Tried(Channel(ch), at, ok) for ch, at, ok in values["tried"]),
                tuple(
                    Wanted(rule, queue, purpose, Channel(ch), due, name, ())
                    for rule, queue, purpose, ch, due, name in values["pending"]
                ),
            )
        except (ValueError, KeyError, TypeError, CountersWrong):
            return cls()


class Outreach:
    """Takes in what customers did, and begins what the rules ask for."""

    def __init__(self, desk: ContextDesk, arrivals: Arrivals) -> None:
        self._desk = desk
        self._arrivals = arrivals
        self._tasks: set[asyncio.Task[None]] = set()

    def _notes(self, customer: str) -> Notes:
        return Notes.read(self._desk.contexts.customers.notes(customer))

    def _keep(self, customer: str, notes: Notes) -> None:
        self._desk.contexts.customers.set_notes(
            customer, notes.written(), self._desk.host.now()
        )

    async def known(self, customer: str) -> Customer:
        """The customer as rules and rankings see them."""
        kept = await self._desk.read(lambda view: kept_of(view, customer))
        return known_to_intake(kept, self._notes(customer).tried)

    async def report(
        self, customer: str, request: pb.ReportCustomerEventRequest
    ) -> list[Outcome]:
        """Take in one event; begin what it completes."""
        whole, now = self._arrivals.whole(), self._desk.host.now()
        if whole is None:
            raise InvalidField("no policy is in force yet", field="kind")
        at = now
        if request.HasField("event_time"):
            at = requests.instant_of(request.event_time, "event_time")
            if at > now:
                raise InvalidField("event_time has not come yet", field="event_time")
        event = CustomerEvent(
            requests.identifier(request.kind, "kind"),
            attributes_of(request.attributes),
            requests.identifier(request.event_id, "event_id"),
        )
        known = await self.known(customer)
        # From here to the store nothing else runs: two reports never count from one.
        notes = self._notes(customer)
        try:
            observed = whole.watch.observe(
                notes.counters, event, known, at, customer_id=customer
            )
        except FactsWrong as wrong:
            raise InvalidField(str(wrong), field=wrong.field) from None
        pending = (*notes.pending, *observed.outreaches)[-PENDING_MAX:]
        self._keep(
            customer, replace(notes, counters=observed.counters, pending=pending)
        )
        outcomes = [
            await self._begin(customer, one, now) for one in observed.outreaches
        ]
        return outcomes + [
            Outcome(one.rule, suppressed=one.why) for one in observed.suppressed
        ]

    async def _begin(self, customer: str, wanted: Wanted, now: int) -> Outcome:
        due_at = wanted.due_ms if wanted.due_ms > now else 0
        reasons = tuple(reason.text for reason in wanted.reasons)
        order = c.Enqueue(
            wanted.dedup_id,
            wanted.queue,
            wanted.channel,
            customer=customer,
            due_at=due_at,
            intake=written_intake("", [(wanted.rule, reasons)]),
        )
        try:
            await self._desk.host.submit(order)
        except Refused as no:
            return Outcome(wanted.rule, suppressed=str(no))
        return Outcome(wanted.rule, wanted.dedup_id, "", wanted.channel, due_at)

    # ---------------------------------------------------------------- what becomes of them

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """Look for what we began: has it fallen due, was the customer reached?"""
        if batch.kinds.isdisjoint(_LOOKED_FOR):
            return
        kinds = batch.events["kind"].tolist()
        found = [k for k, kind in enumerate(kinds) if kind in _LOOKED_FOR]
        for k in found:
            event = batch.events[k]
            at, kind, row = (
                int(event["at"]),
                int(event["kind"]),
                int(event["interaction"]),
            )
            name = engine.names.interactions.texts.get(row, "")
            if not name.startswith(PREFIX):
                continue
            customer = int(engine.floor.interactions["customer"][row])
            channel = Channel(int(engine.floor.interactions["channel"][row]))
            if customer == NOBODY:
                continue
            who = engine.names.customers.texts.get(customer, "")
            self._do(self._follow(name, who, channel, at, kind))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(
        self, name: str, customer: str, channel: Channel, at: int, kind: int
    ) -> None:
        if not customer or self._desk.is_erased(customer):
            return
        if kind == Kind.INTERACTION_DUE:
            await self._ask_again(name, customer, at)
            return
        notes = self._notes(customer)
        tried = (*notes.tried, Tried(channel, at, _ENDS[kind]))[-TRIED_MAX:]
        pending = tuple(one for one in notes.pending if one.dedup_id != name)
        self._keep(customer, replace(notes, tried=tried, pending=pending))

    async def _ask_again(self, name: str, customer: str, at: int) -> None:
        """Due now: the customer may have withdrawn, or the matter be settled."""
        whole = self._arrivals.whole()
        known = await self.known(customer)
        notes = self._notes(customer)
        wanted = _named(notes.pending, name)
        if whole is None or wanted is None:
            return
        if whole.watch.still_wanted(wanted, notes.counters, known, at):
            with suppress(Refused, Draining, JournalDown):
                await self._desk.host.submit(c.Cancel(name))


def _named(pending: Iterable[Wanted], name: str) -> Wanted | None:
    return next((one for one in pending if one.dedup_id == name), None)
