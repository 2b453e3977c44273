"""RoutingService: interactions arrive, are looked at, and end."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from router.engine.floor import interactions_used
from router.host import Host
from router.model.interaction import State
from router.service import continuity, handing, requests, resources
from router.service.calls import Backed, Context, streaming, unary
from router.service.context_doors import ContextDoors
from router.service.estimate import estimate
from router.service.explaining import Explainer
from router.service.fast_door import FastDoor
from router.service.feed import HEARTBEAT, Feed
from router.service.paging import page
from router.v1 import routing_service_pb2 as pb
from router.v1.routing_service_pb2_grpc import RoutingServiceServicer

_ENDED = {
    wire for wire, state in resources.STATE_OF.items() if state >= State.COMPLETED
}


class Routing(Backed, RoutingServiceServicer):
    """Convert, submit, convert back."""

    def __init__(
        self, host: Host, feed: Feed, explainer: Explainer, doors: ContextDoors
    ) -> None:
        super().__init__(host)
        self.feed = feed
        self.explainer = explainer
        self.arrivals = doors.arrivals
        self._fast_door = FastDoor(host, feed, doors)

    @unary
    async def EnqueueInteraction(
        self, request: pb.EnqueueInteractionRequest
    ) -> pb.EnqueueInteractionResponse:
        return await self.answer_interaction(
            self.arrivals.order(request), pb.EnqueueInteractionResponse
        )

    @unary
    async def UpdateInteraction(
        self, request: pb.UpdateInteractionRequest
    ) -> pb.UpdateInteractionResponse:
        return await self.answer_interaction(
            requests.update(request), pb.UpdateInteractionResponse
        )

    @unary
    async def AbandonInteraction(
        self, request: pb.AbandonInteractionRequest
    ) -> pb.AbandonInteractionResponse:
        return await self.answer_interaction(
            requests.abandon(request), pb.AbandonInteractionResponse
        )

    @unary
    async def CancelInteraction(
        self, request: pb.CancelInteractionRequest
    ) -> pb.CancelInteractionResponse:
        return await self.answer_interaction(
            requests.cancel(request), pb.CancelInteractionResponse
        )

    @unary
    async def CompleteInteraction(
        self, request: pb.CompleteInteractionRequest
    ) -> pb.CompleteInteractionResponse:
        return await self.answer_interaction(
            requests.complete(request), pb.CompleteInteractionResponse
        )

    @unary
    async def TransferInteraction(
        self, request: pb.TransferInteractionRequest
    ) -> pb.TransferInteractionResponse:
        return await self.answer_interaction(
            requests.transfer(request), pb.TransferInteractionResponse
        )

    @unary
    async def HandOffInteraction(
        self, request: pb.HandOffInteractionRequest
    ) -> pb.HandOffInteractionResponse:
        command = handing.hand_off(request)
        done = await self.host.submit(command)
        response = pb.HandOffInteractionResponse(
            successor=resources.interaction_named(
                self.engine, done.row, command.successor
            ),
            sequence=done.sequence,
        )
        before = self.engine.names.interactions.rows.get(command.interaction)
        if before is not None:
            response.interaction.CopyFrom(
                resources.interaction_named(self.engine, before, command.interaction)
            )
        return response

    @unary
    async def ListLineage(
        self, request: pb.ListLineageRequest
    ) -> pb.ListLineageResponse:
        row = self.engine.interaction_row(
            requests.identifier(request.interaction_id, "interaction_id")
        )
        serial = self.engine.floor.interactions["serial"]
        found, token = page(
            continuity.lineage_of(self.engine.floor, row),
            request.page_size,
            request.page_token,
            lambda one: [int(serial[one])],
        )
        return pb.ListLineageResponse(
            interactions=(resources.interaction(self.engine, one) for one in found),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @unary
    async def GetInteraction(
        self, request: pb.GetInteractionRequest
    ) -> pb.GetInteractionResponse:
        row = self.engine.interaction_row(
            requests.identifier(request.interaction_id, "interaction_id")
        )
        return pb.GetInteractionResponse(
            interaction=resources.interaction(self.engine, row),
            sequence=self.engine.sequence,
        )

    @unary
    async def ListInteractions(
        self, request: pb.ListInteractionsRequest
    ) -> pb.ListInteractionsResponse:
        names, table = self.engine.names, interactions_used(self.engine.floor)
        wanted = table["used"] != 0
        if request.queue:
            if request.queue not in names.queues.rows:
                raise self.engine.writer.lines.unknown_queue(request.queue)
            wanted &= table["queue"] == names.queues.rows[request.queue]
        if request.agent:
            wanted &= table["agent"] == self.engine.agent_row(request.agent, "agent")
        if request.states:
            states = [
                int(resources.STATE_OF[s])
                for s in request.states
                if s in resources.STATE_OF
            ]
            wanted &= np.isin(table["state"], states)
        rows = np.flatnonzero(wanted)
        ages = table["enqueued_at"]
        in_order = rows[np.argsort(ages[rows], kind="stable")].tolist()
        found, token = page(
            in_order,
            request.page_size,
            request.page_token,
            lambda row: [int(ages[row]), row],
        )
        return pb.ListInteractionsResponse(
            interactions=(resources.interaction(self.engine, row) for row in found),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @streaming
    async def WatchInteraction(
        self, request: pb.WatchInteractionRequest
    ) -> AsyncIterator[pb.WatchInteractionResponse]:
        interaction_id = requests.identifier(request.interaction_id, "interaction_id")
        row = self.engine.interaction_row(interaction_id)
        self.feed.must_have_come(request.after_sequence)
        # Joined before the first look: nothing that happens while that is being sent
        # may be missed.
        box = self.feed.join_interaction(row)
        try:
            whole = resources.interaction(self.engine, row)
            told = request.after_sequence
            if whole.sequence > told:
                told = whole.sequence
                yield pb.WatchInteractionResponse(sequence=told, interaction=whole)
            while whole.state not in _ENDED:
                sequence = await box.take()
                if sequence == HEARTBEAT:
                    yield pb.WatchInteractionResponse(sequence=self.engine.sequence)
                    continue
                whole = resources.interaction_named(self.engine, row, interaction_id)
                if not whole.sequence:
                    return
                if whole.sequence > told:
                    # Shows it as it stands, which may be further on than what woke us.
                    told = whole.sequence
                    yield pb.WatchInteractionResponse(sequence=told, interaction=whole)
        finally:
            self.feed.leave_interaction(row, box)

    @unary
    async def EstimateWait(
        self, request: pb.EstimateWaitRequest
    ) -> pb.EstimateWaitResponse:
        return estimate(self.engine, request)

    @unary
    async def ExplainDecision(
        self, request: pb.ExplainDecisionRequest
    ) -> pb.ExplainDecisionResponse:
        return pb.ExplainDecisionResponse(
            decision=await self.explainer.decision(request)
        )

    @unary
    async def ExplainExclusion(
        self, request: pb.ExplainExclusionRequest
    ) -> pb.ExplainExclusionResponse:
        return await self.explainer.exclusion(request)

    async def RouteInteractions(
        self,
        stream: AsyncIterator[pb.RouteInteractionsRequest],
        context: Context[Any, Any],
    ) -> AsyncIterator[pb.RouteInteractionsResponse]:
        """The fast door: every message is one batch of orders, answered by one message
        in the same order.
        """
        async for response in self._fast_door.serve(stream, context):
            yield response
