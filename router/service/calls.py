"""What every method has in common: errors become statuses, and answers carry the sequence that holds them."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc.aio

from router.engine.engine import Engine
from router.host import Host
from router.service.errors import ANSWERS, answer_no

Context = grpc.aio.ServicerContext


class Backed:
    """A servicer with a host behind it."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def engine(self) -> Engine:
        return self.host.engine


def unary(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A method with one answer: a refusal ends the call with its status."""

    @functools.wraps(method)
    async def answered(self: Any, request: Any, context: Any) -> Any:
        try:
            return await method(self, request)
        except ANSWERS as no:
            await answer_no(context, no)

    return answered


def streaming(method: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    """A method with a stream of answers: a refusal ends the stream with its status."""

    @functools.wraps(method)
    async def streamed(self: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async for message in method(self, request):
                yield message
        except ANSWERS as no:
            await answer_no(context, no)

    return streamed
