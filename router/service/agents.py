"""AgentService: agents sign in, say how they are, and answer offers on their stream."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import suppress

import numpy as np

from router.engine.commands import Connect, Disconnect
from router.engine.errors import UnknownGroup, UnknownSkill
from router.host import Draining, Host, JournalDown
from router.service import offers, requests, resources
from router.service.calls import Backed, streaming, unary
from router.service.context_desk import ContextDesk
from router.service.feed import Feed
from router.service.paging import page
from router.service.times import instant
from router.v1 import agent_service_pb2 as pb
from router.v1.agent_service_pb2_grpc import AgentServiceServicer
from router.v1.offer_pb2 import Offer


class Agents(Backed, AgentServiceServicer):
    """Convert, submit, convert back; and one stream an agent."""

    def __init__(self, host: Host, feed: Feed, desk: ContextDesk) -> None:
        super().__init__(host)
        self.feed = feed
        self.desk = desk
        self._sessions = itertools.count(1)

    @unary
    async def SignIn(self, request: pb.SignInRequest) -> pb.SignInResponse:
        return await self.answer_agent(requests.sign_in(request), pb.SignInResponse)

    @unary
    async def SetPresence(
        self, request: pb.SetPresenceRequest
    ) -> pb.SetPresenceResponse:
        command = requests.set_presence(request)
        await self.host.submit(command)
        a = self.engine.agent_row(command.agent)
        return pb.SetPresenceResponse(
            agent=resources.agent(self.engine, a), sequence=self.engine.sequence
        )

    @streaming
    async def WatchOffers(
        self, request: pb.WatchOffersRequest
    ) -> AsyncIterator[pb.WatchOffersResponse]:
        """The agent's stream. While it is open the agent is reachable; when it ends
        they are lost.
        """
        agent_id = requests.identifier(request.agent_id, "agent_id")
        a = self.engine.agent_row(agent_id)
        self.feed.must_have_come(request.after_sequence)
        session = next(self._sessions)
        box, resumed = self.feed.join_offers(a, request.after_sequence)
        told = request.after_sequence
        try:
            await self.host.submit(Connect(agent_id, session))
            if not resumed:
                told = self.engine.sequence
                snapshot = offers.snapshot(self.engine, a)
                for offer in snapshot.open:
                    self.desk.offered(offer)
                self.desk.audits.record()
                yield pb.WatchOffersResponse(sequence=told, snapshot=snapshot)
            while True:
                message = await box.take()
                # What connecting itself has caused is in the snapshot already.
                if message.sequence > told or message.HasField("heartbeat"):
                    yield message
        finally:
            self.feed.leave_offers(a, box)
            # Not awaited: this also runs when the stream's task is being cancelled.
            with suppress(Draining, JournalDown):
                self.host.submit_all((Disconnect(agent_id, session),))

    @unary
    async def AcceptOffer(
        self, request: pb.AcceptOfferRequest
    ) -> pb.AcceptOfferResponse:
        done = await self.host.submit(requests.accept(request))
        offer = self.desk.offered(resources.open_offer(self.engine, done.row))
        self.desk.audits.record()
        return pb.AcceptOfferResponse(offer=offer, sequence=done.sequence)

    @unary
    async def DeclineOffer(
        self, request: pb.DeclineOfferRequest
    ) -> pb.DeclineOfferResponse:
        done = await self.host.submit(requests.decline(request))
        whole = resources.interaction(self.engine, done.row)
        offer = Offer(
            offer_id=request.offer_id,
            interaction_id=whole.interaction_id,
            agent_id=request.agent_id,
            queue=whole.queue,
            channel=whole.channel,
            state=Offer.STATE_DECLINED,
            interaction=whole,
        )
        return pb.DeclineOfferResponse(offer=offer, sequence=done.sequence)

    @unary
    async def EndWrapUp(self, request: pb.EndWrapUpRequest) -> pb.EndWrapUpResponse:
        return await self.answer_interaction(
            requests.end_wrap_up(request), pb.EndWrapUpResponse
        )

    @unary
    async def ExtendWrapUp(
        self, request: pb.ExtendWrapUpRequest
    ) -> pb.ExtendWrapUpResponse:
        return await self.answer_interaction(
            requests.extend_wrap_up(request), pb.ExtendWrapUpResponse
        )

    @unary
    async def GetAgent(self, request: pb.GetAgentRequest) -> pb.GetAgentResponse:
        a = self.engine.agent_row(requests.identifier(request.agent_id, "agent_id"))
        return pb.GetAgentResponse(
            agent=resources.agent(self.engine, a), sequence=self.engine.sequence
        )

    @unary
    async def ListAgents(self, request: pb.ListAgentsRequest) -> pb.ListAgentsResponse:
        names, floor = self.engine.names, self.engine.floor
        roster, state = floor.roster.view(np.ndarray), floor.agents.view(np.ndarray)
        wanted = (roster["defined"] != 0) | (state["signed_in"] != 0)
        if request.presence:
            wanted &= state["presence"] == requests.presence_of(request.presence)
        if request.skill:
            if request.skill not in names.skills.rows:
                raise UnknownSkill(
                    f"no skill is named {request.skill!r}", field="skill"
                )
            wanted &= roster["level"][:, names.skills.rows[request.skill]] > 0
        if request.group:
            if request.group not in names.groups.rows:
                raise UnknownGroup(
                    f"no group is named {request.group!r}", field="group"
                )
            wanted &= np.any(
                roster["groups"] == names.groups.rows[request.group], axis=1
            )
        name = names.agents.texts.__getitem__
        in_order = sorted(np.flatnonzero(wanted).tolist(), key=name)
        rows, token = page(in_order, request.page_size, request.page_token, name)
        return pb.ListAgentsResponse(
            agents=(resources.agent(self.engine, a) for a in rows),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    async def beat(self, every_s: float) -> None:
        """Give open streams a sign of life, for ever."""
        while True:
            await asyncio.sleep(every_s)
            self.feed.heartbeat(self._heartbeat)

    def _heartbeat(self) -> pb.WatchOffersResponse:
        now = instant(int(self.engine.floor.house["now"][0]))
        return pb.WatchOffersResponse(
            sequence=self.engine.sequence, heartbeat=pb.Heartbeat(time=now)
        )
