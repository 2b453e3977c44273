"""One agent's desk: signs in, hears of offers on a stream, answers, works, takes
breaks.

Speaks to the router as an agent's desktop would: unary calls, one `WatchOffers` stream
that is resumed where it broke off. Some offers are missed and some declined; an agent
who missed one is set away by the router and comes back after a while. Several chats run
side by side, as many as the router offers.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import grpc

from router.demo.client import PASSING, Router, reason_of, tolerating
from router.demo.day_clock import DayClock
from router.demo.day_plan import Break, Duty
from router.demo.draws import Draws
from router.demo.hall import CHANNELS, Hall
from router.demo.notebook import Notebook
from router.v1.agent_pb2 import (
    LINK_STREAM,
    PRESENCE_AVAILABLE,
    PRESENCE_AWAY,
    PRESENCE_OFFLINE,
    Presence,
)
from router.v1.agent_service_pb2 import (
    AcceptOfferRequest,
    DeclineOfferRequest,
    EndWrapUpRequest,
    GetAgentRequest,
    SetPresenceRequest,
    SignInRequest,
    WatchOffersRequest,
    WatchOffersResponse,
)
from router.v1.interaction_pb2 import CHANNEL_EMAIL, Interaction
from router.v1.offer_pb2 import Offer
from router.v1.routing_service_pb2 import CompleteInteractionRequest

# At 900 times real time a round trip takes a few seconds of the day, and an offer is
# open for ten at the least; so hands are quick here.
_ANSWER_MS_MIN = 500
_ANSWER_MS_MEAN = 1_200
_ANSWER_MS_MAX = 4_000
_MISSES = 0.015
_DECLINES = 0.015
_BACK_MS = (5_000, 60_000)
_ENDS_WRAP_UP_EARLY = 0.4
_EARLY_WRAP_UP_MS = (2_000, 9_000)
_ASKS_TO_BE_FORGOTTEN = 0.05
_LOOK_S = 0.03
_STRANGER_SERVICE_MS = 60_000


class Desk:
    """An agent through one duty."""

    def __init__(
        self,
        router: Router,
        clock: DayClock,
        duty: Duty,
        draws: Draws,
        hall: Hall,
        notebook: Notebook,
    ) -> None:
        self.agent_id = duty.agent_id
        self._router = router
        self._clock = clock
        self._duty = duty
        self._draws = draws
        self._hall = hall
        self._notebook = notebook
        self._sequence = 0
        self._seen: set[int] = set()
        self._working = 0
        self._on_break = False
        self._leaving = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def work(self, go_home: asyncio.Event) -> None:
        """The whole duty. An agent on the last shift stays until `go_home` is set."""
        await self._clock.until(self._duty.from_ms)
        await self._router.call(
            self._router.agents.SignIn,
            SignInRequest(
                agent_id=self.agent_id, link=LINK_STREAM, presence=PRESENCE_AVAILABLE
            ),
        )
        watch = asyncio.create_task(self._watch())
        day = asyncio.create_task(self._day(go_home))
        try:
            done, _ = await asyncio.wait(
                {watch, day, self._failed}, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                one.result()
        finally:
            for task in (watch, day, *self._tasks):
                task.cancel()
            await asyncio.gather(watch, day, *self._tasks, return_exceptions=True)

    async def _day(self, go_home: asyncio.Event) -> None:
        for pause in self._duty.breaks:
            if pause.at_ms + pause.length_ms < self._duty.until_ms:
                await self._clock.until(pause.at_ms)
                await self._take(pause)
        await self._clock.until(self._duty.until_ms)
        if self._duty.stays:
            await go_home.wait()
        self._leaving = True
        await self._say(PRESENCE_OFFLINE, "", late=True)
        await self._gone()

    async def _gone(self) -> None:
        """Wait until the router has signed the agent out.

        There may still be an open offer, a call, or a wrap-up that the router is timing;
        a desk that is left before would leave its customer alone.
        """
        request = GetAgentRequest(agent_id=self.agent_id)
        while True:
            await self._idle.wait()
            found = await self._router.call(self._router.agents.GetAgent, request)
            if found.agent.presence == PRESENCE_OFFLINE:
                return
            await asyncio.sleep(_LOOK_S)

    async def _take(self, pause: Break) -> None:
        self._on_break = True
        await self._say(PRESENCE_AWAY, pause.reason, late=True)
        await self._idle.wait()
        await self._clock.pause(pause.length_ms)
        self._on_break = False
        await self._say(PRESENCE_AVAILABLE, "")

    async def _say(
        self, presence: Presence.ValueType, reason: str, late: bool = False
    ) -> None:
        """Set the presence: now, or `late`, as soon as the work in hand is done."""
        request = SetPresenceRequest(
            agent_id=self.agent_id,
            presence=presence,
            reason=reason,
            when=SetPresenceRequest.WHEN_IDLE if late else SetPresenceRequest.WHEN_NOW,
        )
        await tolerating(
            self._router.call(self._router.agents.SetPresence, request), "NOT_SIGNED_IN"
        )

    # ------------------------------------------------------------------ the stream

    async def _watch(self) -> None:
        patience = self._router.patience()
        while True:
            request = WatchOffersRequest(
                agent_id=self.agent_id, after_sequence=self._sequence
            )
            try:
                async for update in self._router.agents.WatchOffers(request):
                    patience.calm()
                    self._hear(update)
            except grpc.aio.AioRpcError as failure:
                if reason_of(failure) == "SEQUENCE_GONE":
                    self._sequence = 0
                elif failure.code() not in PASSING:
                    if self._leaving and reason_of(failure) == "NOT_SIGNED_IN":
                        return
                    raise
                await patience.wait(failure)
            else:
                if self._leaving:
                    await self._idle.wait()
                    return
                await asyncio.sleep(0.05)
            self._router.troubles.reconnects += 1

    def _hear(self, update: WatchOffersResponse) -> None:
        self._sequence = max(self._sequence, update.sequence)
        told = update.WhichOneof("update")
        if told == "issued":
            self._clock.heard(update.issued.issue_time.ToMilliseconds())
            self._begin(update.issued)
        elif told == "snapshot":
            for offer in update.snapshot.open:
                self._begin(offer)
        elif told == "ended" and update.ended.state == Offer.STATE_EXPIRED:
            self._do(self._come_back())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() and not self._failed.done():
            self._failed.set_exception(task.exception() or RuntimeError())

    # ------------------------------------------------------------------ offers and work

    def _begin(self, offer: Offer) -> None:
        if offer.offer_id not in self._seen:
            self._seen.add(offer.offer_id)
            self._do(self._answer(offer))

    async def _answer(self, offer: Offer) -> None:
        name = (self.agent_id, offer.interaction_id, offer.attempt)
        if self._draws.chance(_MISSES, "misses", *name):
            return
        drawn = self._draws.exponential(_ANSWER_MS_MEAN, "answers", *name)
        delay_ms = min(_ANSWER_MS_MAX, _ANSWER_MS_MIN + drawn)
        issued_at_ms = self._clock.of_router(offer.issue_time.ToMilliseconds())
        await self._clock.until(issued_at_ms + delay_ms)
        agents = self._router.agents
        if self._draws.chance(_DECLINES, "declines", *name):
            decline = DeclineOfferRequest(
                agent_id=self.agent_id, offer_id=offer.offer_id, reason="other work"
            )
            await tolerating(
                self._router.call(agents.DeclineOffer, decline), "OFFER_GONE"
            )
            return
        accept = AcceptOfferRequest(agent_id=self.agent_id, offer_id=offer.offer_id)
        answer = await tolerating(
            self._router.call(agents.AcceptOffer, accept), "OFFER_GONE"
        )
        if answer is not None:
            await self._handle(answer.offer)

    async def _handle(self, offer: Offer) -> None:
        self._working += 1
        self._idle.clear()
        try:
            service_ms = self._hall.answered(offer.interaction_id)
            await self._notebook.read(offer, self.agent_id)
            await self._clock.pause(
                _STRANGER_SERVICE_MS if service_ms is None else service_ms
            )
            channel = self._hall.next_move(offer.interaction_id)
            if channel is not None:
                successor = self._hall.goes_on(offer.interaction_id)
                went = await self._notebook.hand_off(
                    offer, self.agent_id, successor, CHANNELS[channel]
                )
                if not went:
                    self._hall.stays(successor)
                return
            request = CompleteInteractionRequest(interaction_id=offer.interaction_id)
            answer = await tolerating(
                self._router.call(self._router.routing.CompleteInteraction, request),
                "WRONG_STATE",
                "UNKNOWN_INTERACTION",
            )
            if (
                answer is not None
                and answer.interaction.state == Interaction.STATE_WRAPPING
                and offer.channel != CHANNEL_EMAIL
            ):
                await self._wrap_up(offer.interaction_id)
            if self._draws.chance(_ASKS_TO_BE_FORGOTTEN, "erase", offer.interaction_id):
                await self._notebook.erase(offer.interaction.conversation_id)
        finally:
            self._working -= 1
            if not self._working:
                self._idle.set()

    async def _wrap_up(self, interaction_id: str) -> None:
        """Some finish early; for the others the router's timer ends the wrap-up."""
        if not self._draws.chance(_ENDS_WRAP_UP_EARLY, "wraps up", interaction_id):
            return
        await self._clock.pause(
            self._draws.between(*_EARLY_WRAP_UP_MS, "wrap-up", interaction_id)
        )
        request = EndWrapUpRequest(interaction_id=interaction_id)
        await tolerating(
            self._router.call(self._router.agents.EndWrapUp, request),
            "WRONG_STATE",
            "UNKNOWN_INTERACTION",
        )

    async def _come_back(self) -> None:
        """After a missed offer: the agent notices, and is ready again."""
        await self._clock.pause(
            self._draws.between(*_BACK_MS, "back", self.agent_id, len(self._seen))
        )
        if not self._on_break and not self._leaving:
            await self._say(PRESENCE_AVAILABLE, "")
