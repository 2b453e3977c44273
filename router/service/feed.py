"""From batches to streams: who is watching what, and what they are sent.

A listener of the host. Events are turned into messages once a batch and only when
somebody watches. Streams that resume from an old sequence are served from the journal
first, beside the loop, and then join the live ones.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np

from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.errors import InvalidField
from router.engine.kinds import Kind
from router.engine.tables import NOBODY
from router.journal.contract import JournalReader
from router.journal.replay import batch_of, recover
from router.service.errors import SequenceGone, SlowReader
from router.service.events import public_events
from router.service.mailbox import STUCK_S, Mailbox
from router.service.offers import offer_updates
from router.v1.agent_service_pb2 import WatchOffersResponse
from router.v1.event_pb2 import RoutingEvent
from router.v1.offer_pb2 import Offer

EVENTS_BOX_MAX = 50_000
OFFERS_BOX_MAX = 256
INTERACTION_BOX_MAX = 256
RECENT_MAX = 20_000
"""Updates of agents' streams that are kept for those who come back."""
CHUNK = 500
HEARTBEAT = 0
"""Instead of a sequence: nothing has happened."""
_OFFER_KINDS = frozenset(
    [k for k in Kind if k.name.startswith(("OFFER_", "WRAP_UP_"))]
    + [Kind.INTERACTION_COMPLETED, Kind.INTERACTION_FLAGGED, Kind.INTERACTION_INTERRUPTED,
       Kind.INTERACTION_RESUMED, Kind.INTERACTION_TRANSFERRED, Kind.INTERACTION_REQUEUED]
)  # fmt: skip
_OFFER_KIND_ROWS = np.array(sorted(_OFFER_KINDS))

Chunk = tuple[int, list[RoutingEvent]]


@dataclass(eq=False, slots=True)
class GatewayLine:
    """One stream of commands. One that waits for its client has to be woken to be told
    that it ends.
    """

    task: "asyncio.Task[object] | None"
    idle: bool = True
    closed: Exception | None = None

    def close(self, why: Exception) -> None:
        self.closed = why
        if self.idle and self.task is not None:
            self.task.cancel()


class Feed:
    """All streams that follow the host."""

    def __init__(
        self, engine: Callable[[], Engine], reader: Callable[[], JournalReader]
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._events: set[Mailbox[Chunk]] = set()
        self._offers: dict[int, Mailbox[WatchOffersResponse]] = {}
        self._interactions: dict[int, set[Mailbox[int]]] = defaultdict(set)
        self._streamed: dict[int, int] = {}
        self._gateways: set[GatewayLine] = set()
        self._recent: deque[tuple[int, int, WatchOffersResponse]] = deque(
            maxlen=RECENT_MAX
        )
        self._recent_from = engine().sequence
        self._old = asyncio.Semaphore(2)
        self.with_context: Callable[[Offer], Offer] = lambda offer: offer
        """Puts the context into an offer before an agent is shown it."""
        self.cut = 0
        """Streams that were ended because their reader was too slow."""

    def counts(self) -> dict[str, int]:
        """Open streams by what they watch."""
        return {
            "events": len(self._events),
            "offers": len(self._offers),
            "interaction": sum(map(len, self._interactions.values())),
        }

    # ---------------------------------------------------------------- from the host

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """A batch is durable: tell whoever watches."""
        if self._events:
            chunk = list(public_events(batch, engine))
            for box in list(self._events):
                if not box.put((batch.last_sequence, chunk), max(1, len(chunk))):
                    self._cut(box)
        if self._streamed:
            self._tell_agents(batch, engine)
        if self._interactions:
            self._tell_watchers(batch)

    def _cut(
        self, box: Mailbox[Chunk] | Mailbox[WatchOffersResponse] | Mailbox[int]
    ) -> None:
        self.cut += 1
        box.close(
            SlowReader(
                "the stream's reader fell too far behind; resume with the last sequence it has seen"
            )
        )

    def _tell_agents(self, batch: Batch, engine: Engine) -> None:
        if batch.kinds.isdisjoint(_OFFER_KINDS):
            return
        events = batch.events
        relevant = np.flatnonzero(
            np.isin(events["kind"], _OFFER_KIND_ROWS) & (events["agent"] != NOBODY)
        )
        for k in relevant.tolist():
            event = events[k]
            a = int(event["agent"])
            if a not in self._streamed:
                continue
            sequence = batch.first_sequence + k
            for update in offer_updates(event, sequence, engine):
                if update.HasField("issued"):
                    self.with_context(update.issued)
                self._recent.append((sequence, a, update))
                box = self._offers.get(a)
                if box is not None and not box.put(update):
                    self._cut(box)

    def _tell_watchers(self, batch: Batch) -> None:
        rows = batch.events["interaction"].tolist()
        for k, row in enumerate(rows):
            for box in list(self._interactions.get(row, ())):
                if not box.put(batch.first_sequence + k):
                    self._cut(box)

    # ---------------------------------------------------------------- to the streams

    async def events(self, after: int | None) -> AsyncIterator[Chunk]:
        """Chunks of public events after a sequence (`None`: from now on), each with the
        sequence it reaches.
        """
        box: Mailbox[Chunk] = Mailbox(EVENTS_BOX_MAX)
        self._events.add(box)
        try:
            joined = self._engine().sequence
            if after is not None:
                self.must_have_come(after)
            yield joined if after is None else after, []
            if after is not None and after < joined:
                async for chunk in self._from_journal(after, joined, box):
                    yield chunk
            while True:
                yield await box.take()
        finally:
            self._events.discard(box)

    async def _from_journal(
        self, after: int, until: int, box: Mailbox[Chunk]
    ) -> AsyncIterator[Chunk]:
        """Old events, read beside the loop. Names are those that held then.

        Whoever asks for the past and does not take it is cut as well: only two pasts
        are read at a time.
        """
        async with self._old:
            queue: asyncio.Queue[Chunk | Exception | None] = asyncio.Queue(maxsize=16)
            loop = asyncio.get_running_loop()
            stopped = False

            def read() -> None:
                try:
                    reader = self._reader()
                    try:
                        shadow = recover(reader, until=after).engine
                        for stored in reader.read(after):
                            if stored.first_sequence > until or stopped:
                                break
                            batch = batch_of(stored.blob)
                            if stored.first_sequence <= after:
                                batch.events = batch.events[
                                    after - stored.first_sequence + 1 :
                                ]
                                batch.first_sequence = after + 1
                            shadow.replay(batch)
                            put(
                                (
                                    batch.last_sequence,
                                    list(public_events(batch, shadow)),
                                )
                            )
                    finally:
                        reader.close()
                    put(None)
                except TimeoutError:
                    pass  # the stream was cut
                except Exception as error:  # noqa: BLE001 - handed to the stream, which answers with it
                    put(error)

            def put(item: Chunk | Exception | None) -> None:
                putting = asyncio.run_coroutine_threadsafe(queue.put(item), loop)
                try:
                    putting.result(timeout=STUCK_S)
                except TimeoutError:
                    putting.cancel()
                    loop.call_soon_threadsafe(self._cut, box)
                    raise

            thread = asyncio.create_task(asyncio.to_thread(read))
            try:
                while (item := await queue.get()) is not None:
                    if isinstance(item, Exception):
                        raise item
                    yield item
            finally:
                stopped = True
                while not queue.empty():
                    queue.get_nowait()
                thread.cancel()

    def join_offers(
        self, a: int, after: int
    ) -> tuple[Mailbox[WatchOffersResponse], bool]:
        """Open the one stream of an agent; an older one ends. Says whether what was
        missed is in the box already.
        """
        old = self._offers.get(a)
        if old is not None:
            old.close(
                SlowReader(
                    "another stream was opened for this agent, which replaces this one"
                )
            )
        box: Mailbox[WatchOffersResponse] = Mailbox(OFFERS_BOX_MAX)
        self._offers[a] = box
        since = self._streamed.setdefault(a, self._engine().sequence)
        # Updates are kept from the agent's first stream on; whoever comes with an older
        # place gets a snapshot.
        known = after > 0 and since <= after
        oldest = (
            self._recent[0][0] if len(self._recent) == RECENT_MAX else self._recent_from
        )
        if not known or after < oldest - 1:
            return box, False
        missed = [
            update
            for sequence, agent, update in self._recent
            if agent == a and sequence > after
        ]
        if len(missed) >= OFFERS_BOX_MAX:
            return box, False
        for update in missed:
            box.put(update)
        return box, True

    def leave_offers(self, a: int, box: Mailbox[WatchOffersResponse]) -> None:
        if self._offers.get(a) is box:
            del self._offers[a]

    def heartbeat(self, make: Callable[[], WatchOffersResponse]) -> None:
        """Give every stream a sign of life."""
        message = make()
        for offers in self._offers.values():
            offers.put(message)
        for events in self._events:
            events.put((message.sequence, []))
        for boxes in self._interactions.values():
            for box in boxes:
                box.put(HEARTBEAT)

    def join_interaction(self, row: int) -> Mailbox[int]:
        """A box for the sequences of all that happens to one interaction, and
        `HEARTBEAT` now and then.
        """
        box: Mailbox[int] = Mailbox(INTERACTION_BOX_MAX)
        self._interactions[row].add(box)
        return box

    def leave_interaction(self, row: int, box: Mailbox[int]) -> None:
        self._interactions[row].discard(box)
        if not self._interactions[row]:
            del self._interactions[row]

    def join_gateway(self) -> "GatewayLine":
        """Sign on a stream of commands, so that a planned stop can tell it."""
        line = GatewayLine(asyncio.current_task())
        self._gateways.add(line)
        return line

    def leave_gateway(self, line: "GatewayLine") -> None:
        self._gateways.discard(line)

    def must_have_come(self, sequence: int) -> None:
        """Refuse a place to resume from that lies before the beginning or after the
        end.
        """
        if sequence < 0:
            raise InvalidField(
                "after_sequence must not be negative", field="after_sequence"
            )
        last = self._engine().sequence
        if sequence > last:
            raise SequenceGone(
                f"sequence {sequence} has not come yet; the last one is {last}"
            )

    def close(self, why: Exception) -> None:
        """End all streams, as a planned stop does."""
        for line in list(self._gateways):
            line.close(why)
        for events in list(self._events):
            events.close(why)
        for offers in list(self._offers.values()):
            offers.close(why)
        for boxes in list(self._interactions.values()):
            for box in list(boxes):
                box.close(why)
