"""RouteInteractions: many orders on one stream, each message one batch, answered in the
same order.

Messages are taken in while earlier ones are still on their way to the disk: a gateway
that sends one order a message would otherwise wait a whole group commit for each. How
many may be under way on one stream is bounded; beyond that the stream is not read, and
HTTP/2 holds the gateway back. What is durable by the time of an answer is told in one
response, because a message costs gRPC more than the result in it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from router.engine.commands import AppendContext, Command, HandOff
from router.engine.errors import ContextConflict, InvalidField, Refused
from router.host import Answer, Host
from router.service import requests, resources
from router.service.calls import Context, must_be_read
from router.service.context_doors import ContextDoors
from router.service.contexts import read_append
from router.service.errors import ANSWERS, TooManyCommands, answer_no, code_and_reason
from router.service.feed import Feed, GatewayLine
from router.service.handing import hand_off
from router.v1 import routing_service_pb2 as pb
from router.v1.context_service_pb2 import AppendContextRequest

COMMANDS_MAX = 200
UNDER_WAY_MAX = 64
"""Messages of one stream that may wait for their commit."""
RESULTS_MAX = 1_000
"""Results in one response: a few hundred kilobytes at most, where clients take four
megabytes."""


class _Asked:
    """One message that has been submitted and not told of yet."""

    __slots__ = ("answers", "orders")

    def __init__(self) -> None:
        self.orders: list[tuple[int, Command | Refused]] = []
        """By tag: what goes to the host, or why it does not."""
        self.answers: asyncio.Future[list[Answer]] | None = None

    @property
    def is_answered(self) -> bool:
        """Whether nothing is to be waited for, and nothing went wrong."""
        answers = self.answers
        return answers is None or (
            answers.done() and not answers.cancelled() and answers.exception() is None
        )


class _UnderWay(asyncio.Queue[_Asked | Exception | None]):
    """The messages of one stream, in their order; then a problem, or `None` at the
    client's end.
    """

    def and_answered(self, first: _Asked) -> list[_Asked]:
        """A message and those after it, as far as they are answered and one response
        holds them.
        """
        found, room = [first], RESULTS_MAX - len(first.orders)
        waiting: deque[_Asked | Exception | None] = self._queue  # type: ignore[attr-defined]
        while waiting and isinstance(one := waiting[0], _Asked) and one.is_answered:
            room -= len(one.orders)
            if room < 0:
                break
            self.get_nowait()
            found.append(one)
        return found

    def forget(self) -> None:
        """The stream is gone: nobody will ask for these answers, nor mind that there are
        none.
        """
        with suppress(asyncio.QueueEmpty):
            while True:
                item = self.get_nowait()
                answers = item.answers if isinstance(item, _Asked) else None
                if answers is None or answers.cancel() or answers.cancelled():
                    continue
                # Seen, so that a failure is not logged as one that nobody has seen.
                answers.exception()


class FastDoor:
    """All streams of commands."""

    def __init__(self, host: Host, feed: Feed, doors: ContextDoors) -> None:
        self._host = host
        self._feed = feed
        self._desk = doors.desk
        self._readers: dict[str, Callable[[Any], Command]] = {
            **requests.ROUTE_COMMANDS,
            "enqueue": doors.arrivals.order,
            "append_context": self._append,
            "hand_off": hand_off,
        }

    def _append(self, m: AppendContextRequest) -> AppendContext:
        """An entry, sealed for the version it is going to have."""
        conversation, customer, entry, expected = read_append(m, self._host.now())
        command = self._desk.sealed(conversation, customer, entry, expected)
        command.request = requests.request_of(m, "AppendContext")
        self._desk.going(command)
        return command

    async def serve(
        self,
        stream: AsyncIterator[pb.RouteInteractionsRequest],
        context: Context[Any, Any],
    ) -> AsyncIterator[pb.RouteInteractionsResponse]:
        """One stream, to its end."""
        line = self._feed.join_gateway()
        asked = _UnderWay(UNDER_WAY_MAX)
        reader = asyncio.create_task(self._read(stream, asked))
        try:
            async for response in self._answers(asked, line):
                yield response
        except ANSWERS as no:
            await answer_no(context, no)
        except asyncio.CancelledError:
            if line.closed is None:
                raise
            await answer_no(context, line.closed)
        finally:
            self._feed.leave_gateway(line)
            reader.cancel()
            asked.forget()

    async def _read(
        self,
        stream: AsyncIterator[pb.RouteInteractionsRequest],
        asked: _UnderWay,
    ) -> None:
        try:
            async for message in stream:
                await asked.put(self._submitted(message))
            await asked.put(None)
        except Exception as problem:  # noqa: BLE001 - handed on: what was asked before is answered first
            await asked.put(problem)

    async def _answers(
        self, asked: _UnderWay, line: GatewayLine
    ) -> AsyncIterator[pb.RouteInteractionsResponse]:
        while True:
            if asked.empty():
                if line.closed is not None:
                    raise line.closed
                line.idle = True
            item = await asked.get()
            line.idle = False
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            if item.answers is not None:
                await item.answers
            yield self._told(asked.and_answered(item))

    def _submitted(self, message: pb.RouteInteractionsRequest) -> _Asked:
        """Read the orders of one message and hand them to the host together."""
        must_be_read(message)
        if len(message.commands) > COMMANDS_MAX:
            raise TooManyCommands(
                f"one message holds {len(message.commands)} commands, at most {COMMANDS_MAX} are allowed"
            )
        asked = _Asked()
        commands: list[Command] = []
        for routed in message.commands:
            which = routed.WhichOneof("command")
            try:
                if which is None:
                    raise InvalidField("the command is missing", field="command")
                command = self._readers[which](getattr(routed, which))
            except Refused as no:
                asked.orders.append((routed.tag, no))
            else:
                asked.orders.append((routed.tag, command))
                commands.append(command)
        if commands:
            appends = [c for c in commands if isinstance(c, AppendContext)]
            try:
                asked.answers = self._host.submit_all(commands)
            except Exception:
                self._gone(appends)
                raise
            if appends:
                # However it ends, also where the stream does not wait for the answer.
                asked.answers.add_done_callback(lambda _: self._gone(appends))
        return asked

    def _gone(self, appends: list[AppendContext]) -> None:
        for append in appends:
            self._desk.gone(append)

    def _told(self, asked: list[_Asked]) -> pb.RouteInteractionsResponse:
        engine = self._host.engine
        texts = engine.names.interactions.texts
        response = pb.RouteInteractionsResponse()
        add = response.results.add
        shown: list[pb.RouteResult] = []
        rows: list[int] = []
        for one in asked:
            answers = iter(one.answers.result() if one.answers is not None else ())
            for tag, order in one.orders:
                if isinstance(order, Refused):
                    _refuse(add(tag=tag), order)
                    continue
                answer = next(answers)
                if isinstance(answer, Refused):
                    _refuse(add(tag=tag), answer)
                    continue
                row, sequence = answer
                result = add(tag=tag, sequence=sequence)
                if isinstance(order, AppendContext):
                    result.context_version = row
                elif row >= 0 and _has_standing(order, texts.get(row)):
                    shown.append(result)
                    rows.append(row)
        for result, (state, agent, offer) in zip(
            shown, resources.standing(engine, rows), strict=True
        ):
            result.state = state  # type: ignore[assignment]
            if agent:
                result.agent = agent
            if offer:
                result.offer_id = offer
        return response


def _has_standing(command: Command, name: str | None) -> bool:
    """Whether the row that a command came to can be shown: it is an interaction's, and
    still has its `name`. One that has ended may be forgotten already.
    """
    if isinstance(command, requests.ABOUT_AGENTS):
        return False
    if isinstance(command, HandOff):
        return name == command.successor
    return name == getattr(command, "interaction", name)


def _refuse(result: pb.RouteResult, no: Refused) -> None:
    if isinstance(no, ContextConflict):
        result.context_version = no.version
    result.code, result.reason = code_and_reason(no)
    result.message = str(no)
    result.field = no.field
