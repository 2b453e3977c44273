"""The event feed, read without a gap: where it breaks off, it is resumed.

Whoever has sent a mutation and waits until the feed has passed its `sequence` has seen
everything the mutation caused. That is what makes a virtual clock beside a real router
possible. Must never drop an event silently: a feed that is no longer kept is reported.
"""

import asyncio
from collections.abc import Callable, Sequence

import grpc

from router.demo.client import PASSING, Router, reason_of
from router.v1.admin_service_pb2 import ListQueuesRequest, WatchEventsRequest
from router.v1.event_pb2 import RoutingEvent
from router.v1.queue_pb2 import Queue


class Feed:
    """Hands every event to `listen`, in order, from the moment it was started."""

    def __init__(
        self,
        router: Router,
        listen: Callable[[RoutingEvent], None],
        *,
        moved: Callable[[], None] = lambda: None,
        resumed: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`moved` is called whenever the feed has come further; `resumed` after a
        break, with False if events were lost because the router no longer keeps them.
        """
        self._router = router
        self._listen = listen
        self._moved = moved
        self._resumed = resumed
        self._advance = asyncio.Event()
        self.sequence = 0
        """Everything up to here has been heard."""

    async def begin(self) -> Sequence[Queue]:
        """Fix the place from which events count; what comes before is history.

        Answers with the router's queues, which are read at that place.
        """
        request = ListQueuesRequest(page_size=1000)
        answer = await self._router.call(self._router.admin.ListQueues, request)
        self.sequence = answer.sequence
        return answer.queues

    async def catch_up(self) -> None:
        """Wait until everything that has happened up to now has been heard."""
        request = ListQueuesRequest(page_size=1)
        answer = await self._router.call(self._router.admin.ListQueues, request)
        await self.passed(answer.sequence)

    async def run(self) -> None:
        """Read until cancelled. Raises `RouterGone` if the router stays away."""
        patience = self._router.patience()
        after: int | None = self.sequence
        whole = True
        while True:
            request = WatchEventsRequest(after_sequence=after)
            stream = self._router.admin.WatchEvents(request)
            opened = False
            try:
                async for update in stream:
                    if not opened:
                        opened = True
                        patience.calm()
                    for event in update.events:
                        self._listen(event)
                    self._pass(update.sequence)
                failure = None
            except grpc.aio.AioRpcError as error:
                failure = error
            if failure is not None:
                if reason_of(failure) == "SEQUENCE_GONE":
                    after, whole = None, False
                elif failure.code() in PASSING:
                    await patience.wait(failure)
                    after = self.sequence
                else:
                    raise failure
            self._router.troubles.reconnects += 1
            self._resumed(whole)
            whole = True

    def _pass(self, sequence: int) -> None:
        self.sequence = max(self.sequence, sequence)
        self._moved()
        self._advance.set()
        self._advance = asyncio.Event()

    async def passed(self, sequence: int) -> None:
        """Wait until everything up to this sequence has been heard."""
        while self.sequence < sequence:
            await self._advance.wait()
