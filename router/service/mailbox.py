"""A bounded box between the host, which never waits, and a stream, which may be slow.

Whatever does not fit closes the box with a reason; the stream then ends with
`SLOW_READER`, and a reader who comes back resumes from the last sequence it saw. One
bad reader hurts itself only.
"""

import asyncio
from collections import deque
from typing import Generic, TypeVar

_Message = TypeVar("_Message")
STUCK_S = 5.0
"""A reader who takes nothing at all for so long, with a full box, is cut in the middle
of a write."""


class Mailbox(Generic[_Message]):
    """Messages for one stream, oldest first. `size_max` bounds the sum of the sizes
    given to `put`.
    """

    def __init__(self, size_max: int) -> None:
        self.closed: Exception | None = None
        self.last_taken = 0.0
        self._messages: deque[tuple[_Message, int]] = deque()
        self._size = 0
        self._size_max = size_max
        self._waiter: asyncio.Future[None] | None = None
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()

    def put(self, message: _Message, size: int = 1) -> bool:
        """Add a message; False (and closed) when there is no room."""
        if self.closed is not None:
            return False
        if self._size + size > self._size_max:
            return False
        self._messages.append((message, size))
        self._size += size
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        return True

    def close(self, why: Exception) -> None:
        """End the stream with this reason, even if its task is stuck in a write."""
        if self.closed is None:
            self.closed = why
            self._messages.clear()
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)
            elif self._task is not None:
                # Its reader has stopped in the middle of a write; the reason travels
                # with the cancellation.
                self._loop.call_later(STUCK_S, self._task.cancel, why)

    async def take(self) -> _Message:
        """The next message; raises the reason once the box is closed."""
        while not self._messages:
            if self.closed is not None:
                raise self.closed
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        message, size = self._messages.popleft()
        self._size -= size
        return message
