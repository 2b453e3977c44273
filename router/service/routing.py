"""RoutingService: interactions arrive, are looked at, and end."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np

from router.engine.commands import Command
from router.engine.errors import Refused
from router.host import Answer, Draining, Host, JournalDown, Overload
from router.model.interaction import State
from router.service import requests, resources
from router.service.calls import Backed, Context, streaming, unary
from router.service.errors import TooManyCommands, answer_no, code_and_reason
from router.service.estimate import estimate
from router.service.explaining import Explainer
from router.service.feed import HEARTBEAT, Feed
from router.service.paging import page
from router.v1 import routing_service_pb2 as pb
from router.v1.routing_service_pb2_grpc import RoutingServiceServicer

COMMANDS_MAX = 200


class Routing(Backed, RoutingServiceServicer):
    """Convert, submit, convert back."""

    def __init__(self, host: Host, feed: Feed, explainer: Explainer) -> None:
        super().__init__(host)
        self.feed = feed
        self.explainer = explainer

    @unary
    async def EnqueueInteraction(self, request: pb.EnqueueInteractionRequest) -> pb.EnqueueInteractionResponse:
        return await self._carry_out(requests.enqueue(request), pb.EnqueueInteractionResponse)

    @unary
    async def UpdateInteraction(self, request: pb.UpdateInteractionRequest) -> pb.UpdateInteractionResponse:
        return await self._carry_out(requests.update(request), pb.UpdateInteractionResponse)

    @unary
    async def AbandonInteraction(self, request: pb.AbandonInteractionRequest) -> pb.AbandonInteractionResponse:
        return await self._carry_out(requests.abandon(request), pb.AbandonInteractionResponse)

    @unary
    async def CancelInteraction(self, request: pb.CancelInteractionRequest) -> pb.CancelInteractionResponse:
        return await self._carry_out(requests.cancel(request), pb.CancelInteractionResponse)

    @unary
    async def CompleteInteraction(self, request: pb.CompleteInteractionRequest) -> pb.CompleteInteractionResponse:
        return await self._carry_out(requests.complete(request), pb.CompleteInteractionResponse)

    @unary
    async def TransferInteraction(self, request: pb.TransferInteractionRequest) -> pb.TransferInteractionResponse:
        return await self._carry_out(requests.transfer(request), pb.TransferInteractionResponse)

    async def _carry_out(self, command: Command, response: Any) -> Any:
        done = await self.host.submit(command)
        return response(
            interaction=resources.interaction(self.engine, done.row), sequence=done.sequence
        )

    @unary
    async def GetInteraction(self, request: pb.GetInteractionRequest) -> pb.GetInteractionResponse:
        row = self.engine.interaction_row(request.interaction_id)
        return pb.GetInteractionResponse(
            interaction=resources.interaction(self.engine, row), sequence=self.engine.sequence
        )

    @unary
    async def ListInteractions(self, request: pb.ListInteractionsRequest) -> pb.ListInteractionsResponse:
        names, table = self.engine.names, self.engine.floor.interactions.view(np.ndarray)
        wanted = table["used"] != 0
        if request.queue:
            wanted &= table["queue"] == names.queues.rows.get(request.queue, -2)
        if request.agent:
            wanted &= table["agent"] == names.agents.rows.get(request.agent, -2)
        if request.states:
            states = [int(resources.STATE_OF[s]) for s in request.states if s in resources.STATE_OF]
            wanted &= np.isin(table["state"], states)
        rows, token = page(np.flatnonzero(wanted).tolist(), request.page_size, request.page_token)
        return pb.ListInteractionsResponse(
            interactions=(resources.interaction(self.engine, row) for row in rows),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @streaming
    async def WatchInteraction(self, request: pb.WatchInteractionRequest) -> AsyncIterator[pb.WatchInteractionResponse]:
        row = self.engine.interaction_row(request.interaction_id)
        whole = resources.interaction(self.engine, row)
        if whole.sequence > request.after_sequence:
            yield pb.WatchInteractionResponse(sequence=whole.sequence, interaction=whole)
        if resources.STATE_OF[whole.state] >= State.COMPLETED:
            return
        async for sequence in self.feed.interaction(row):
            if sequence == HEARTBEAT:
                yield pb.WatchInteractionResponse(sequence=self.engine.sequence)
                continue
            whole = resources.interaction(self.engine, row)
            if whole.interaction_id != request.interaction_id:
                return
            yield pb.WatchInteractionResponse(sequence=sequence, interaction=whole)
            if resources.STATE_OF[whole.state] >= State.COMPLETED and whole.sequence <= sequence:
                return

    @unary
    async def EstimateWait(self, request: pb.EstimateWaitRequest) -> pb.EstimateWaitResponse:
        return estimate(self.engine, request)

    @unary
    async def ExplainDecision(self, request: pb.ExplainDecisionRequest) -> pb.ExplainDecisionResponse:
        return pb.ExplainDecisionResponse(decision=await self.explainer.decision(request))

    @unary
    async def ExplainExclusion(self, request: pb.ExplainExclusionRequest) -> pb.ExplainExclusionResponse:
        return await self.explainer.exclusion(request)

    async def RouteInteractions(
        self, stream: AsyncIterator[pb.RouteInteractionsRequest], context: Context[Any, Any]
    ) -> AsyncIterator[pb.RouteInteractionsResponse]:
        """The fast door: every message is one batch of orders, answered by one message in the same order."""
        async for message in stream:
            if len(message.commands) > COMMANDS_MAX:
                await answer_no(
                    context,
                    TooManyCommands(
                        f"one message holds {len(message.commands)} commands, at most {COMMANDS_MAX} are allowed"
                    ),
                )
            try:
                yield await self._route(message)
            except (Overload, Draining, JournalDown) as no:
                await answer_no(context, no)

    async def _route(self, message: pb.RouteInteractionsRequest) -> pb.RouteInteractionsResponse:
        commands: list[Command] = []
        places: list[int] = []
        results = [pb.RouteResult(tag=routed.tag) for routed in message.commands]
        for place, routed in enumerate(message.commands):
            which = routed.WhichOneof("command")
            try:
                if which is None:
                    raise requests.InvalidField("the command is missing", field="command")
                commands.append(requests.ROUTE_COMMANDS[which](getattr(routed, which)))
                places.append(place)
            except Refused as no:
                self._refuse(results[place], no)
        if commands:
            for place, answer in zip(places, await self.host.submit_all(commands), strict=True):
                self._tell(results[place], message.commands[place], answer)
        return pb.RouteInteractionsResponse(results=results)

    def _tell(self, result: pb.RouteResult, routed: pb.RouteCommand, answer: Answer) -> None:
        if isinstance(answer, Refused):
            self._refuse(result, answer)
            return
        result.sequence = answer.sequence
        if answer.row >= 0 and not routed.HasField("set_presence"):
            state, agent, offer = resources.standing(self.engine, answer.row)
            result.state = state  # type: ignore[assignment]
            if agent:
                result.agent = agent
            if offer:
                result.offer_id = offer

    @staticmethod
    def _refuse(result: pb.RouteResult, no: Refused) -> None:
        result.code, result.reason = code_and_reason(no)
        result.message = str(no)
        result.field = no.field


