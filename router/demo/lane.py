"""The fast door, kept open: commands go out in order, every one of them is answered.

One `RouteInteractions` stream. When it breaks, it is opened again and everything
without an answer is sent once more, in the same order and with the same request ids;
the router answers a repeated command as it did before. Knows nothing of what the
commands mean.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import grpc

from router.demo.client import PASSING, PASSING_NUMBERS, Router
from router.v1.routing_service_pb2 import (
    RouteCommand,
    RouteInteractionsRequest,
    RouteInteractionsResponse,
    RouteResult,
)

COMMANDS_MAX = 100
"""The most commands in one message; the router takes up to 200."""
_PAUSE_S = 0.1

Stream = grpc.aio.StreamStreamCall[RouteInteractionsRequest, RouteInteractionsResponse]


class Lane:
    """Sends commands, and gives every result to `settle` with its command."""

    def __init__(
        self,
        router: Router,
        settle: Callable[[RouteCommand, RouteResult], None],
        resumed: Callable[[], None] = lambda: None,
    ) -> None:
        self._router = router
        self._settle = settle
        self._resumed = resumed
        self._tag = 0
        self._unanswered: dict[int, RouteCommand] = {}
        self._outbox: list[RouteCommand] = []
        self._work = asyncio.Event()

    def send(self, commands: Sequence[RouteCommand]) -> None:
        """Put commands on their way, in this order. Each gets its tag here."""
        for command in commands:
            self._tag += 1
            command.tag = self._tag
            self._unanswered[command.tag] = command
        self._outbox.extend(commands)
        self._work.set()

    async def run(self) -> None:
        """Keep the lane open until cancelled. Raises `RouterGone` after a minute."""
        patience = self._router.patience()
        while True:
            stream = self._router.routing.RouteInteractions()
            self._outbox = list(self._unanswered.values())
            self._work.set()
            writer = asyncio.create_task(self._write(stream))
            failure = None
            try:
                async for response in stream:
                    patience.calm()
                    self._take(response.results)
            except grpc.aio.AioRpcError as error:
                failure = error
            finally:
                writer.cancel()
                stream.cancel()
            if failure is not None:
                if failure.code() not in PASSING:
                    raise failure
                await patience.wait(failure)
            self._router.troubles.reconnects += 1
            self._router.troubles.retries += len(self._unanswered)
            self._resumed()

    async def _write(self, stream: Stream) -> None:
        async for batch in self._batches():
            try:
                await stream.write(RouteInteractionsRequest(commands=batch))
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return  # the reader hears of it, and knows why

    async def _batches(self) -> AsyncIterator[list[RouteCommand]]:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._outbox:
                batch = self._outbox[:COMMANDS_MAX]
                del self._outbox[:COMMANDS_MAX]
                yield batch

    def _take(self, results: Sequence[RouteResult]) -> None:
        again = []
        for result in results:
            command = self._unanswered.get(result.tag)
            if command is None:
                continue  # answered before the stream broke, and once more after it
            if result.code in PASSING_NUMBERS:
                again.append(command)
                continue
            del self._unanswered[result.tag]
            self._settle(command, result)
        if again:
            self._router.troubles.retries += len(again)
            asyncio.get_running_loop().call_later(_PAUSE_S, self._again, again)

    def _again(self, commands: list[RouteCommand]) -> None:
        self._outbox.extend(c for c in commands if c.tag in self._unanswered)
        self._work.set()
