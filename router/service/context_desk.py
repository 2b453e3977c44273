"""Where contexts are kept, as the services use it: sealed on the way in, read beside the
loop, erased for good.

The one writer lives on the host's loop, where nothing runs between deciding a batch and
its commit; what a batch has sealed is made durable just before the journal's append
(`before_append`). Whatever may be long is read in a thread with connections of its own.
That thread could see what is prepared and not yet in the journal, so while there is such
a thing it is told up to which version it may look (`bound`).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from router.context.contexts import Contexts, ContextView
from router.context.contract import ConversationRow, Removed, SealedEntry
from router.context.entries import Entry
from router.context.errors import ContextStoreError, CustomerErased
from router.engine import commands as c
from router.engine.batch import Batch, Done
from router.engine.engine import Engine
from router.engine.errors import (
    ContextConflict,
    CustomerRestricted,
    InvalidField,
    UnknownCustomer,
)
from router.engine.kinds import Kind
from router.engine.tables import NOBODY
from router.host import Host
from router.model.context import ReadPurpose
from router.model.conversation import Mark
from router.policy.policy import Policy
from router.service.audits import Audits
from router.service.packages import OFFER_BYTES_MAX, package_of
from router.service.requests import channel_of
from router.service.start_up import customers_marked
from router.v1.offer_pb2 import Offer

_log = logging.getLogger(__name__)

OFFERED = 20
"""Entries that go with an offer in full."""
TRIES = 8
"""How often an append that names no version is sealed anew because others came between."""
SLICE_PAUSE_S = 0.05

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
        self.needs_consent = False
        """Whether carrying over needs a consent that was given, by the policy."""
        self.appends = 0
        self.erasures = 0
        self._under_way: dict[str, set[int]] = {}
        """By conversation, the entries that are sealed and not decided on yet."""
        self._doubtful: dict[str, int] = {}
        self._reading = ThreadPoolExecutor(1, "contexts")
        self._view: ContextView | None = None
        self.audits = Audits(contexts.privacy, self.is_erased, host.now)

    @property
    def engine(self) -> Engine:
        return self.host.engine

    # ---------------------------------------------------------------- beside the host

    def before_append(self, batch: Batch) -> None:
        """Make durable what a batch has sealed, before the journal says that it is."""
        if not batch.sealed:
            if Kind.CONVERSATION_FORGOTTEN in batch.kinds:
                # Every batch before is in the journal. At the next start nobody could
                # say so of a conversation that the floor does not know any more.
                self.contexts.conversations.settle()
            return
        doubtful: dict[str, int] = {}
        for one in batch.sealed:
            doubtful.setdefault(one.conversation, one.version - 1)
            # Now, and not when whoever gave it is told: the next one may be sealed before.
            self._decided(one.conversation, one.content)
        self._doubtful = doubtful
        self.contexts.conversations.prepare([one.content for one in batch.sealed])

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """The batch is durable, so nothing that is prepared is in doubt any more."""
        self._doubtful = {}
        self.appends += len(batch.sealed)
        self.audits.record()

    def bound(self, conversation: str) -> int | None:
        """Up to which version a conversation may be shown; `None` for all there is."""
        return self._doubtful.get(conversation)

    def use(self, policy: Policy) -> None:
        """Keep what a policy says, and as long; what is kept already is as it is."""
        self.contexts.use(policy.context.limits())
        self.needs_consent = policy.context.carry_over_needs_consent

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
        if not self.contexts.conversations.keeps_any:
            return 0
        stored = self.stored(conversation)
        return stored.version if stored is not None else 0

    def stored(self, conversation: str) -> ConversationRow | None:
        """What the store knows of a conversation without opening anything."""
        return self.contexts.conversations.row(conversation)

    def is_known(self, conversation: str) -> bool:
        """Whether anything is known of a conversation."""
        rows = self.engine.names.conversations.rows
        return conversation in rows or self.stored(conversation) is not None

    def is_kept(self, customer: str) -> bool:
        """Whether anything is kept of a customer."""
        return self.contexts.customers.knows(customer)

    def is_erased(self, customer: str) -> bool:
        """Whether a customer was erased, or is about to be."""
        if self.marks(customer) & (Mark.ERASURE_REQUESTED | Mark.ERASED):
            return True
        return self.contexts.privacy.is_erased(customer)

    def must_be_known(self, customer: str) -> None:
        """Refuse a customer of whom nobody has ever heard."""
        if self.is_erased(customer):
            return  # said more plainly by whoever goes on
        row = self.engine.customer_row(customer)
        if row == NOBODY and not self.is_kept(customer):
            raise UnknownCustomer(
                f"nobody is known as customer {customer!r}", field="customer_id"
            )

    @property
    def here(self) -> ContextView:
        """The writer's own view, for short looks on the loop."""
        contexts = self.contexts
        return ContextView(contexts.conversations, contexts.customers, lambda: None)

    def marks(self, customer: str) -> Mark:
        """What holds of a customer by the floor."""
        return Mark(self.engine.continuity.marks(self.engine.customer_row(customer)))

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
            version = self.version_of(conversation)
            version += len(self._under_way.get(conversation, ()))
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
        under_way = self._under_way.setdefault(command.conversation, set())
        under_way.add(id(command.sealed))

    def gone(self, command: c.AppendContext) -> None:
        """The order was answered, however."""
        self._decided(command.conversation, command.sealed)

    def _decided(self, conversation: str, sealed: object) -> None:
        under_way = self._under_way.get(conversation)
        if under_way is not None:
            under_way.discard(id(sealed))
            if not under_way:
                del self._under_way[conversation]

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

    def offered(self, offer: Offer) -> Offer:
        """Put the context into an offer that an agent is about to be shown, and note
        the read; `audits.record` makes that durable before it is sent.
        """
        conversation = offer.interaction.conversation_id
        if not conversation:
            return offer
        carried = offer.context
        carried.conversation_id = conversation
        customer = self.customer_of(conversation)
        version = self.version_of(conversation)
        if not customer or not version:
            return offer
        try:
            self.must_be_open(customer, ReadPurpose.SERVING)
            package = package_of(
                self.here,
                customer,
                conversation,
                version,
                channel_of(offer.channel),
                OFFERED,
                self.needs_consent,
            )
        except CustomerErased:
            carried.package.withheld = "ERASED"
            return offer
        except CustomerRestricted:
            carried.package.withheld = "RESTRICTED"
            return offer
        except ContextStoreError:
            _log.exception("the context of an offer cannot be read")
            return offer
        if package.withheld:
            carried.package.CopyFrom(package)
            return offer
        carried.context_version = version
        if package.ByteSize() <= OFFER_BYTES_MAX:
            carried.package.CopyFrom(package)
        self.audits.note(customer, offer.agent_id, ReadPurpose.SERVING, "offer")
        return offer

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

    async def finish_erasures(self) -> None:
        """Erasures that a crash broke off after the order: the rest of each."""
        for customer in customers_marked(self.engine, Mark.ERASURE_REQUESTED):
            await self.erase(customer, None)

    async def forget(self, every_s: float) -> None:
        """Delete what has been kept long enough, in thin slices, for ever."""
        while True:
            more = self.contexts.privacy.expire(self.host.now()).more
            await asyncio.sleep(SLICE_PAUSE_S if more else every_s)

    def close(self) -> None:
        """Let go of the store, readers first. Again does no harm."""

        def close_view() -> None:
            if self._view is not None:
                self._view.close()
                self._view = None

        self._reading.submit(close_view)
        self._reading.shutdown()
        self.contexts.close()
