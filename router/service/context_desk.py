"""Where contexts are kept, as the services use it: sealed on the way in, read beside the
loop, erased for good.

The one writer lives on the host's loop, where nothing runs between deciding a batch and
its commit; what a batch has sealed is made durable just before the journal's append
(`before_append`). Whatever may be long is read in a thread with connections of its own.
That thread could see what is prepared and not yet in the journal, so while there is such
a thing it is told up to which version it may look (`bound`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from router.context.contexts import Contexts, ContextView
from router.context.contract import AuditRow, ConversationRow, Removed, SealedEntry
from router.context.entries import Entry
from router.context.errors import CustomerErased
from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.errors import (
    ContextConflict,
    CustomerRestricted,
    InvalidField,
)
from router.engine.tables import NOBODY
from router.host import Done, Host
from router.model.context import ReadPurpose
from router.model.conversation import Mark

TRIES = 8
"""How often an append that names no version is sealed anew because others came between."""
AUDIT_GATHER_S = 0.002
"""Reads are recorded before they are answered, those of so long in one commit."""

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry is durable: the version it has, and the journal sequence that says so."""

    version: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A person is erased: under which references, when, at which sequence, how much."""

    customers: tuple[str, ...]
    at: int
    sequence: int
    removed: Removed


class ContextDesk:
    """The store of contexts behind the services."""

    def __init__(self, host: Host, contexts: Contexts) -> None:
        self.host = host
        self.contexts = contexts
        self.appends = 0
        self.erasures = 0
        self._under_way: Counter[str] = Counter()
        self._doubtful: dict[str, int] = {}
        self._reading = ThreadPoolExecutor(1, "contexts")
        self._view: ContextView | None = None
        self._audits: list[AuditRow] = []
        self._audited: asyncio.Future[None] | None = None

    @property
    def engine(self) -> Engine:
        return self.host.engine

    # ---------------------------------------------------------------- beside the host

    def before_append(self, batch: Batch) -> None:
        """Make durable what a batch has sealed, before the journal says that it is."""
        if not batch.sealed:
            return
        doubtful: dict[str, int] = {}
        for one in batch.sealed:
            doubtful.setdefault(one.conversation, one.version - 1)
        self._doubtful = doubtful
        self.contexts.conversations.prepare([one.content for one in batch.sealed])

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """The batch is durable, so nothing that is prepared is in doubt any more."""
        self._doubtful = {}
        self.appends += len(batch.sealed)

    def bound(self, conversation: str) -> int | None:
        """Up to which version a conversation may be shown; `None` for all there is."""
        return self._doubtful.get(conversation)

    # ---------------------------------------------------------------- what the floor knows

    def customer_of(self, conversation: str) -> str:
        """Whose conversation it is; empty if nobody knows."""
        names, floor = self.engine.names, self.engine.floor
        row = names.conversations.rows.get(conversation, NOBODY)
        if row != NOBODY:
            customer = int(floor.conversations["customer"][row])
            if customer != NOBODY:
                return names.customers.texts.get(customer, "")
        stored = self.stored(conversation)
        return stored.customer if stored is not None else ""

    def version_of(self, conversation: str) -> int:
        """How far the context is: what the floor says, else what is kept."""
        row = self.engine.names.conversations.rows.get(conversation, NOBODY)
        if row != NOBODY:
            return int(self.engine.floor.conversations["version"][row])
        return self.stored_version(conversation)

    def stored_version(self, conversation: str) -> int:
        """What is kept of a conversation that the floor has forgotten."""
        stored = self.stored(conversation)
        return stored.version if stored is not None else 0

    def stored(self, conversation: str) -> ConversationRow | None:
        """What the store knows of a conversation without opening anything."""
        return self.contexts.conversations.row(conversation)

    def marks(self, customer: str) -> Mark:
        """What holds of a customer by the floor."""
        continuity = self.engine.continuity
        return Mark(continuity.marks(continuity.customer_row(customer)))

    def must_be_open(self, customer: str, purpose: ReadPurpose) -> None:
        """Refuse to read about who was erased, or has had reading restricted."""
        marks = self.marks(customer)
        if marks & (Mark.ERASURE_REQUESTED | Mark.ERASED):
            raise CustomerErased(
                f"customer {customer}: ERASED; only the reference and the date are kept",
                field="customer_id",
            )
        restricted = marks & Mark.RESTRICTED or self.contexts.customers.is_restricted(
            customer
        )
        if restricted and purpose is not ReadPurpose.SUBJECT_REQUEST:
            raise CustomerRestricted(
                f"customer {customer!r} is restricted: nothing may be read but at their own request",
                field="customer_id",
            )

    # ---------------------------------------------------------------- appending

    def sealed(
        self, conversation: str, customer: str, entry: Entry, expected: int | None
    ) -> c.AppendContext:
        """The order that appends an entry, sealed for the version it is going to have.

        Without `expected` that is the one after all that is under way; whoever gives
        the order must say so by `going` before, and `gone` after.
        """
        if not conversation:
            raise InvalidField("conversation_id is missing", field="conversation_id")
        customer = customer or self.customer_of(conversation)
        if not customer:
            raise InvalidField(
                "customer_id is missing: nobody knows yet whose conversation this is",
                field="customer_id",
            )
        version = expected
        if version is None:
            version = self.version_of(conversation) + self._under_way[conversation]
        sealed: SealedEntry = self.contexts.conversations.seal(
            customer, conversation, version + 1, entry
        )
        return c.AppendContext(
            conversation,
            customer,
            int(sealed.kind),
            sealed.digest,
            version,
            sealed,
            self.stored_version(conversation),
        )

    def going(self, command: c.AppendContext) -> None:
        """The order is on its way: the next one is sealed for the version after it."""
        self._under_way[command.conversation] += 1

    def gone(self, command: c.AppendContext) -> None:
        """The order was answered."""
        self._under_way[command.conversation] -= 1
        if self._under_way[command.conversation] <= 0:
            del self._under_way[command.conversation]

    async def append(
        self,
        conversation: str,
        customer: str,
        entry: Entry,
        expected: int | None,
        request: c.Request | None,
    ) -> Appended:
        """Add an entry; returns when it is durable."""
        for tried in range(1, TRIES + 1):
            command = self.sealed(conversation, customer, entry, expected)
            command.request = request
            self.going(command)
            try:
                done = await self.host.submit(command)
            except ContextConflict:
                if expected is not None or tried == TRIES:
                    raise
            else:
                return Appended(done.row, done.sequence)
            finally:
                self.gone(command)
        raise AssertionError("the last try answers or raises")

    # ---------------------------------------------------------------- reading

    async def read(self, look: Callable[[ContextView], _Found]) -> _Found:
        """Look into the store beside the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, self._looked, look)

    def _looked(self, look: Callable[[ContextView], _Found]) -> _Found:
        if self._view is None:
            self._view = self.contexts.reader()
        return look(self._view)

    async def audit(
        self, customer: str, reader: str, purpose: ReadPurpose, what: str
    ) -> None:
        """Record that somebody reads; returns when that is durable."""
        self._audits.append(
            AuditRow(customer, reader, purpose, what, self.host.now())
        )
        if self._audited is None:
            loop = asyncio.get_running_loop()
            self._audited = loop.create_future()
            loop.call_later(AUDIT_GATHER_S, self._record_reads)
        await asyncio.shield(self._audited)

    def _record_reads(self) -> None:
        audits, audited = self._audits, self._audited
        self._audits, self._audited = [], None
        assert audited is not None
        try:
            self.contexts.privacy.audit(audits)
        except Exception as failure:  # noqa: BLE001 - whoever reads must hear of it
            audited.set_exception(failure)
        else:
            audited.set_result(None)

    # ---------------------------------------------------------------- erasing

    async def erase(self, customer: str, request: c.Request | None) -> Receipt:
        """Block, destroy, confirm, in this order; whatever breaks off in between is
        finished at the next start.
        """
        await self.host.submit(c.RequestErasure(customer))
        erasure = self.contexts.privacy.erase(customer, self.host.now())
        if not erasure.scrubbed:
            await self.read(lambda view: None)  # nobody is in the way now
            self.contexts.privacy.scrub()
        done: Done = await self.host.submit(c.ConfirmErasure(customer, request))
        self.erasures += 1
        at = self.contexts.privacy.erased_at(customer)
        return Receipt(
            erasure.customers, at or erasure.at, done.sequence, erasure.removed
        )

    def close(self) -> None:
        """Let go of the store, readers first. Again does no harm."""

        def close_view() -> None:
            if self._view is not None:
                self._view.close()
                self._view = None

        self._reading.submit(close_view)
        self._reading.shutdown()
        self.contexts.close()
