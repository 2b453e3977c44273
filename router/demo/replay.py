"""Replays calls through a running router on a virtual clock, in lockstep with it.

The agenda holds what is due next. Each step becomes a command on the lane, or a
sign-in; what the router makes of it comes back on the event feed and puts new steps on
the agenda: an offer is answered a few virtual seconds later, an answered call ends
after its service time. `Horizon` says how far the clock may run ahead. While the router
is down the clock stands.

The router itself runs on its own clock, which hardly moves meanwhile: its timers do not
fire, and its waits are not those of the account. Wrap-up is not in the log, so a call
is completed without.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date

import grpc

from router.demo.account import Account
from router.demo.agenda import Agenda, Due, Step
from router.demo.call_log import DAY_MS, Shift
from router.demo.callers import Behaviour, Caller
from router.demo.client import Router, name_request, plainly
from router.demo.errors import RouterRefused
from router.demo.feed import Feed
from router.demo.horizon import Horizon
from router.demo.lane import Lane
from router.demo.switchboard import Planned, Steps, Switchboard
from router.v1.agent_pb2 import (
    LINK_GATEWAY,
    PRESENCE_AVAILABLE,
    PRESENCE_AWAY,
    PRESENCE_OFFLINE,
)
from router.v1.agent_service_pb2 import SetPresenceRequest, SignInRequest
from router.v1.event_pb2 import RoutingEvent
from router.v1.routing_service_pb2 import RouteCommand, RouteResult

_BATCH_MAX = 100


class Replay:
    """One run of all callers and shifts through a router."""

    def __init__(
        self,
        router: Router,
        callers: Sequence[Caller],
        shifts: Sequence[Shift],
        behaviour: Behaviour,
        account: Account,
        *,
        speed: float | None,
    ) -> None:
        """`speed` is virtual seconds a second; None goes as fast as the router does."""
        self._on_shift: Counter[str] = Counter()
        self._agenda = Agenda()
        self._horizon = Horizon()
        self.board = Switchboard(
            callers, behaviour, account, self._agenda, self._horizon, self._on_shift
        )
        self.feed = Feed(
            router, self._hear, moved=self._feed_moved, resumed=self._feed_resumed
        )
        self.lane = Lane(router, self._settle, resumed=self._reattach)
        self._steps: Steps = self.board.steps() | {
            Step.RETURN: self._return,
            Step.SHIFT_ENDS: self._shift_ends,
        }
        self._router = router
        self._speed = speed
        self._began = (0.0, 0)
        self._news = asyncio.Event()
        self._attach_again = False
        for shift in shifts:
            self._agenda.plan(shift.from_ms, Step.SHIFT_BEGINS, shift.agent)
            self._agenda.plan(shift.until_ms, Step.SHIFT_ENDS, shift.agent)

    # ------------------------------------------------------------------ the clock

    async def drive(self) -> None:
        """Live through the agenda to its end, until every consequence has been seen."""
        first = self._agenda.next
        self._began = (time.monotonic(), first.at_ms if first else 0)
        while self._agenda or self._horizon:
            if self._attach_again:
                await self._sign_in_again()
            self._news.clear()
            batch = self._due_commands()
            if batch:
                self._send(batch)
            elif self._may_begin_shift():
                await self._shift_begins(self._take())
            elif self._agenda or self._horizon:
                await self._hear_news()
        self.board.close()

    def _due_commands(self) -> list[Planned]:
        """Everything that may be sent without waiting for anything."""
        batch: list[Planned] = []
        limit_ms = self._horizon.limit_ms
        while (
            (due := self._agenda.next)
            and due.step is not Step.SHIFT_BEGINS
            and due.at_ms < limit_ms
            and len(batch) < _BATCH_MAX
            and self._ahead_s(due.at_ms) <= 0
        ):
            planned = self._steps[due.step](self._take())
            if planned is not None:
                batch.append(planned)
                limit_ms = min(limit_ms, planned[1])
        return batch

    def _may_begin_shift(self) -> bool:
        due = self._agenda.next
        return (
            due is not None
            and due.step is Step.SHIFT_BEGINS
            and not self._horizon
            and self._ahead_s(due.at_ms) <= 0
        )

    def _take(self) -> Due:
        """What is due next, with the clock turned to it."""
        before_ms = self._agenda.now_ms
        due = self._agenda.pop()
        if before_ms and before_ms // DAY_MS != self._agenda.now_ms // DAY_MS:
            self._report(before_ms // DAY_MS)
        return due

    def _ahead_s(self, at_ms: int) -> float:
        """How long until the wall clock has come to this virtual instant."""
        if self._speed is None:
            return 0.0
        began, began_at_ms = self._began
        return began + (at_ms - began_at_ms) / 1000 / self._speed - time.monotonic()

    async def _hear_news(self) -> None:
        due = self._agenda.next
        timeout = None
        if due is not None and due.at_ms < self._horizon.limit_ms:
            ahead_s = self._ahead_s(due.at_ms)
            if ahead_s > 0 or due.step is not Step.SHIFT_BEGINS:
                timeout = max(0.0, ahead_s)
        try:
            await asyncio.wait_for(self._news.wait(), timeout)
        except TimeoutError:
            return

    def _report(self, day: int) -> None:
        told = self.board.account.counts()
        took = time.monotonic() - self._began[0]
        print(
            f"{date.fromordinal(day)}  offered {told['offered']:6}  "
            f"answered {told['answered']:6}  abandoned {told['abandoned']:6}  "
            f"{told['offered'] / max(took, 1e-9):6.0f} calls/s",
            file=sys.stderr,
            flush=True,
        )

    # ------------------------------------------------------------------ what is sent

    def _send(self, batch: list[Planned]) -> None:
        commands = [command for command, _ in batch]
        for command in commands:
            name_request(getattr(command, command.WhichOneof("command") or ""))
        self.lane.send(commands)
        for command, horizon_ms in batch:
            self._horizon.add(command.tag, self._agenda.now_ms, horizon_ms)

    def _return(self, due: Due) -> Planned | None:
        if not self._on_shift[due.subject]:
            return None
        request = SetPresenceRequest(agent_id=due.subject, presence=PRESENCE_AVAILABLE)
        return RouteCommand(set_presence=request), self.board.soon()

    def _shift_ends(self, due: Due) -> Planned | None:
        self._on_shift[due.subject] -= 1
        if self._on_shift[due.subject]:
            return None
        request = SetPresenceRequest(
            agent_id=due.subject,
            presence=PRESENCE_OFFLINE,
            when=SetPresenceRequest.WHEN_IDLE,
        )
        return RouteCommand(set_presence=request), self.board.soon()

    async def _shift_begins(self, due: Due) -> None:
        self._on_shift[due.subject] += 1
        if self._on_shift[due.subject] == 1:
            await self._sign_in(due.subject)

    async def _sign_in(self, agent: str) -> None:
        request = SignInRequest(
            agent_id=agent, link=LINK_GATEWAY, presence=PRESENCE_AVAILABLE
        )
        try:
            answer = await self._router.call(self._router.agents.SignIn, request)
        except grpc.aio.AioRpcError as failure:
            raise RouterRefused(f"sign-in of {agent}: {plainly(failure)}") from failure
        await self.feed.passed(answer.sequence)

    async def _sign_in_again(self) -> None:
        """After a break: the gateway speaks again for every agent on shift."""
        self._attach_again = False
        for agent in sorted(+self._on_shift):
            await self._sign_in(agent)

    # ------------------------------------------------------------------ what is heard

    def _settle(self, command: RouteCommand, result: RouteResult) -> None:
        self._horizon.answered(command.tag, result.sequence, self.feed.sequence)
        self.board.settle(command, result)
        self._news.set()

    def _feed_moved(self) -> None:
        self._horizon.passed(self.feed.sequence)
        self._news.set()

    def _feed_resumed(self, whole: bool) -> None:
        if not whole:
            self.board.feed_count.complete = False
        self._reattach()

    def _reattach(self) -> None:
        self._attach_again = True
        self._news.set()

    def _hear(self, event: RoutingEvent) -> None:
        ours = event.agent_id in self._on_shift
        if event.interaction_id:
            if ours or event.kind != RoutingEvent.KIND_OFFER_ISSUED:
                self.board.hear(event)
        elif ours and self._on_shift[event.agent_id]:
            self._hear_of_agent(event)

    def _hear_of_agent(self, event: RoutingEvent) -> None:
        if event.kind == RoutingEvent.KIND_AGENT_LOST:
            self._reattach()
        elif (
            event.kind == RoutingEvent.KIND_AGENT_PRESENCE_CHANGED
            and event.presence == PRESENCE_AWAY
        ):
            self._agenda.plan(self._agenda.now_ms, Step.RETURN, event.agent_id)
