"""Follows the event feed and hands facts on, in order, at least once each.

The journal is the outbox: nothing is queued in memory beyond what the feed keeps for
any reader, and a follower that falls behind is cut and resumes from the last fact that
was taken. The place is kept in a small file, so a restart loses nothing; what was taken
just before a crash is handed over once more, under the same key.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from google.protobuf.json_format import MessageToDict

from router.adapters.recipient import Fact, NotEver, NotNow, Recipient
from router.v1.event_pb2 import RoutingEvent

_log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
NOTED_EVERY = 5_000
"""Where nothing is to be handed on, the place is noted after so many facts."""

KINDS = frozenset(
    {
        RoutingEvent.KIND_INTERACTION_COMPLETED,
        RoutingEvent.KIND_INTERACTION_ABANDONED,
        RoutingEvent.KIND_INTERACTION_HANDED_OFF,
        RoutingEvent.KIND_CUSTOMERS_MERGED,
        RoutingEvent.KIND_CUSTOMERS_UNMERGED,
        RoutingEvent.KIND_CONSENT_SET,
        RoutingEvent.KIND_CUSTOMER_RESTRICTED,
        RoutingEvent.KIND_CUSTOMER_ERASED,
    }
)
"""What a business's own records want to hear of: how interactions ended, and
what customers have decided. Whoever was told of a person is told of the erasure."""

Source = Callable[[int | None], AsyncIterator[tuple[int, Sequence[RoutingEvent]]]]


class Follower:
    """One recipient and its place in the journal."""

    def __init__(
        self,
        source: Source,
        recipient: Recipient,
        place: Path,
        journal_id: str,
        cut: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> None:
        """`cut` is what the source raises where a reader should simply come again."""
        self._source = source
        self._recipient = recipient
        self._place = place
        self._journal_id = journal_id
        self._cut = cut
        self.taken = 0
        self.refused = 0
        self.retries = 0
        self.sequence = self._read_place()

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                try:
                    async for reached, events in self._source(self.sequence):
                        for event in events:
                            if event.kind in KINDS:
                                await self._hand_over(event)
                        if reached - self.sequence >= NOTED_EVERY:
                            self._move(reached)
                except self._cut as why:
                    _log.info("the recipient of facts fell behind and resumes: %s", why)
                    await asyncio.sleep(FIRST_PAUSE_S)
        finally:
            self._recipient.close()

    async def _hand_over(self, event: RoutingEvent) -> None:
        fact = Fact(
            f"{self._journal_id}-{event.sequence}",
            event.sequence,
            MessageToDict(event, preserving_proto_field_name=True),
        )
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await asyncio.to_thread(self._recipient.take, fact)
            except NotNow as why:
                self.retries += 1
                _log.warning("fact %d is not taken yet: %s", fact.sequence, why)
                await asyncio.sleep(pause_s)
                pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
                continue
            except NotEver as why:
                self.refused += 1
                _log.warning("fact %d will not be taken: %s", fact.sequence, why)
            else:
                self.taken += 1
            self._move(event.sequence)
            return

    def _move(self, sequence: int) -> None:
        self.sequence = sequence
        new = self._place.with_name(self._place.name + ".new")
        new.write_text(f"{self._journal_id} {sequence}\n", encoding="ascii")
        new.replace(self._place)

    def _read_place(self) -> int:
        """Where it was; a file of another journal, or none, means from the beginning."""
        try:
            journal_id, sequence = self._place.read_text(encoding="ascii").split()
            return int(sequence) if journal_id == self._journal_id else 0
        except (OSError, ValueError):
            return 0
