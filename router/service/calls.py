"""What every method has in common: errors become statuses, and answers carry the
sequence that holds them.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.message import DecodeError

from router.engine.engine import Engine
from router.engine.errors import InvalidField
from router.host import Host
from router.service import resources
from router.service.errors import ANSWERS, answer_no

_Response = TypeVar("_Response")

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a request whose bytes are not the message that they should be."""

    why: str


def forgiving(handlers: Mapping[str, Any]) -> dict[str, Any]:
    """The same methods; bytes that cannot be read reach them as `Unreadable` and are
    answered like any other mistake.

    Left alone, gRPC answers UNKNOWN and logs a traceback for each.
    """
    return {
        name: handler._replace(
            request_deserializer=_reading(handler.request_deserializer)
        )
        for name, handler in handlers.items()
    }


def _reading(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def reading(raw: bytes) -> Any:
        try:
            return read(raw)
        except DecodeError as problem:
            return Unreadable(str(problem))

    return reading


def must_be_read(request: Any) -> None:
    """Refuse a request that could not be read."""
    if isinstance(request, Unreadable):
        raise InvalidField(f"the request cannot be read: {request.why}")


class Backed:
    """A servicer with a host behind it."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def engine(self) -> Engine:
        return self.host.engine

    async def answer_interaction(
        self, command: Any, response: Callable[..., _Response]
    ) -> _Response:
        """Carry out a command about an interaction, and answer with it as it then is."""
        done = await self.host.submit(command)
        whole = resources.interaction_named(self.engine, done.row, command.interaction)
        return response(interaction=whole, sequence=done.sequence)

    async def answer_agent(
        self, command: Any, response: Callable[..., _Response]
    ) -> _Response:
        """Carry out a command about an agent, and answer with them as they then are."""
        done = await self.host.submit(command)
        a = self.engine.agent_row(command.agent)
        return response(agent=resources.agent(self.engine, a), sequence=done.sequence)


def unary(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A method with one answer: a refusal ends the call with its status."""

    @functools.wraps(method)
    async def answered(self: Any, request: Any, context: Any) -> Any:
        try:
            must_be_read(request)
            return await method(self, request)
        except ANSWERS as no:
            await answer_no(context, no)

    return answered


def streaming(
    method: Callable[..., AsyncIterator[Any]],
) -> Callable[..., AsyncIterator[Any]]:
    """A method with a stream of answers: a refusal ends the stream with its status."""

    @functools.wraps(method)
    async def streamed(self: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            must_be_read(request)
            async for message in method(self, request):
                yield message
        except ANSWERS as no:
            await answer_no(context, no)
        except asyncio.CancelledError as cancelled:
            why = cancelled.args[0] if cancelled.args else None
            if not isinstance(why, ANSWERS):
                raise
            await answer_no(context, why)

    return streamed
