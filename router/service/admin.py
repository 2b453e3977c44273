"""AdminService: the roster, the queues, the policy, the ways out, and the feed of all
events.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np

from router.engine.commands import PublishPolicy
from router.engine.errors import InvalidField
from router.engine.tables import NOBODY
from router.host import Host
from router.intake.checks import findings_in
from router.policy.load import PolicyInvalid, load_policy
from router.policy.policy import Policy
from router.service import handing, requests, resources
from router.service.calls import Backed, streaming, unary
from router.service.context_desk import ContextDesk
from router.service.contexts import conversation_of
from router.service.feed import CHUNK, Feed
from router.service.paging import page
from router.service.times import instant
from router.v1 import admin_service_pb2 as pb
from router.v1.admin_service_pb2_grpc import AdminServiceServicer
from router.v1.policy_pb2 import PolicyProblem, PolicyVersion

PublishedPolicy = tuple[int, int, str]
"""Version, when it was published (engine time, ms), and its text."""


class Admin(Backed, AdminServiceServicer):
    """Convert, submit, convert back."""

    def __init__(
        self,
        host: Host,
        feed: Feed,
        old_policy: Callable[[int], PublishedPolicy | None],
        desk: ContextDesk,
    ) -> None:
        super().__init__(host)
        self.feed = feed
        self.desk = desk
        self._old_policy = old_policy

    @unary
    async def UpsertAgent(
        self, request: pb.UpsertAgentRequest
    ) -> pb.UpsertAgentResponse:
        return await self.answer_agent(
            requests.define_agent(request), pb.UpsertAgentResponse
        )

    @unary
    async def RemoveAgent(
        self, request: pb.RemoveAgentRequest
    ) -> pb.RemoveAgentResponse:
        command = requests.remove_agent(request)
        a = self.engine.names.agents.rows.get(command.agent, NOBODY)
        floor = self.engine.floor
        if (
            a != NOBODY
            and not floor.roster["defined"][a]
            and not floor.agents["signed_in"][a]
        ):
            # Removed before: the same answer.
            sequence = self.engine.sequence
        else:
            done = await self.host.submit(command)
            a, sequence = self.engine.names.agents.rows[command.agent], done.sequence
        return pb.RemoveAgentResponse(
            agent=resources.agent(self.engine, a), sequence=sequence
        )

    @unary
    async def GetQueue(self, request: pb.GetQueueRequest) -> pb.GetQueueResponse:
        policy = self.engine.policy
        if policy is None or request.queue not in policy.queues:
            raise self.engine.writer.lines.unknown_queue(request.queue)
        row = self.engine.names.queues.rows[request.queue]
        return pb.GetQueueResponse(
            queue=resources.queue(self.engine, row), sequence=self.engine.sequence
        )

    @unary
    async def ListQueues(self, request: pb.ListQueuesRequest) -> pb.ListQueuesResponse:
        policy, known = self.engine.policy, self.engine.names.queues
        # A policy's queues stand in the order of their names.
        queues = (
            [known.rows[name] for name in sorted(policy.queues)]
            if policy is not None
            else []
        )
        rows, token = page(
            queues, request.page_size, request.page_token, known.texts.__getitem__
        )
        return pb.ListQueuesResponse(
            queues=(resources.queue(self.engine, row) for row in rows),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @unary
    async def PublishPolicy(
        self, request: pb.PublishPolicyRequest
    ) -> pb.PublishPolicyResponse:
        try:
            # A large policy takes long to read; the loop goes on meanwhile.
            policy = await asyncio.to_thread(
                load_policy, request.yaml, also=findings_in
            )
        except PolicyInvalid as invalid:
            if not request.validate_only:
                raise
            return pb.PublishPolicyResponse(
                problems=(_problem(problem) for problem in invalid.problems)
            )
        if request.validate_only:
            return pb.PublishPolicyResponse(
                policy=PolicyVersion(digest=policy.digest),
                sequence=self.engine.sequence,
            )
        request_of = requests.request_of(request, "PublishPolicy")
        if self.engine.policy is not None and request.yaml == self.engine.policy_text:
            return pb.PublishPolicyResponse(
                policy=self._version_in_force(self.engine.policy),
                sequence=self.engine.sequence,
            )
        done = await self.host.submit(PublishPolicy(policy, request.yaml, request_of))
        return pb.PublishPolicyResponse(
            policy=self._version_in_force(policy), sequence=done.sequence
        )

    @unary
    async def GetPolicy(self, request: pb.GetPolicyRequest) -> pb.GetPolicyResponse:
        policy = self.engine.policy
        version = int(self.engine.floor.house["policy_version"][0])
        wanted = request.version if request.HasField("version") else version
        if wanted == version and policy is not None:
            found = self._version_in_force(policy)
        else:
            old = await asyncio.to_thread(self._old_policy, wanted)
            if old is None:
                raise InvalidField(
                    f"no policy has version {wanted}; the one in force is {version}",
                    field="version",
                )
            _, at, text = old
            digest = load_policy(text).digest
            found = PolicyVersion(
                version=wanted,
                digest=digest,
                publish_time=instant(at),
                yaml=text,
            )
        return pb.GetPolicyResponse(policy=found, sequence=self.engine.sequence)

    def _version_in_force(self, policy: Policy) -> PolicyVersion:
        return PolicyVersion(
            version=int(self.engine.floor.house["policy_version"][0]),
            digest=policy.digest,
            publish_time=instant(int(self.engine.floor.house["policy_at"][0])),
            yaml=self.engine.policy_text,
        )

    @unary
    async def ForceRequeue(
        self, request: pb.ForceRequeueRequest
    ) -> pb.ForceRequeueResponse:
        return await self.answer_interaction(
            requests.force_requeue(request), pb.ForceRequeueResponse
        )

    @unary
    async def ForceEnd(self, request: pb.ForceEndRequest) -> pb.ForceEndResponse:
        return await self.answer_interaction(
            requests.force_end(request), pb.ForceEndResponse
        )

    @unary
    async def SetAccountOwner(
        self, request: pb.SetAccountOwnerRequest
    ) -> pb.SetAccountOwnerResponse:
        done = await self.host.submit(handing.account_owner(request))
        return pb.SetAccountOwnerResponse(sequence=done.sequence)

    @unary
    async def ListOwned(self, request: pb.ListOwnedRequest) -> pb.ListOwnedResponse:
        a = self.engine.agent_row(requests.identifier(request.agent_id, "agent_id"))
        table, names = self.engine.floor.conversations, self.engine.names
        owned = np.flatnonzero((table["used"] != 0) & (table["owner"] == a)).tolist()
        in_order = sorted(owned, key=names.conversations.texts.__getitem__)
        rows, token = page(
            in_order,
            request.page_size,
            request.page_token,
            names.conversations.texts.__getitem__,
        )
        known = [names.conversations.texts[row] for row in rows]
        return pb.ListOwnedResponse(
            conversations=(
                conversation_of(self.desk, one, self.desk.customer_of(one))
                for one in known
            ),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @unary
    async def HandOver(self, request: pb.HandOverRequest) -> pb.HandOverResponse:
        command = handing.hand_over(request)
        moved = len(command.conversations) or self._owned_by(command.agent)
        done = await self.host.submit(command)
        return pb.HandOverResponse(moved=moved, sequence=done.sequence)

    def _owned_by(self, agent: str) -> int:
        table = self.engine.floor.conversations
        a = self.engine.agent_row(agent)
        return int(((table["used"] != 0) & (table["owner"] == a)).sum())

    @streaming
    async def WatchEvents(
        self, request: pb.WatchEventsRequest
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        after = request.after_sequence if request.HasField("after_sequence") else None
        kinds, queues = set(request.kinds), set(request.queues)
        for queue in sorted(queues):
            if queue not in self.engine.names.queues.rows:
                raise self.engine.writer.lines.unknown_queue(queue)
        async for reached, events in self.feed.events(after):
            if kinds or queues:
                events = [
                    event
                    for event in events
                    if (not kinds or event.kind in kinds)
                    and (not queues or event.queue in queues)
                ]
            for start in range(0, max(1, len(events)), CHUNK):
                part = events[start : start + CHUNK]
                last = start + CHUNK >= len(events)
                yield pb.WatchEventsResponse(
                    events=part, sequence=reached if last else part[-1].sequence
                )


def _problem(problem: Any) -> PolicyProblem:
    return PolicyProblem(
        line=problem.line,
        column=problem.column,
        key=problem.key,
        message=problem.message,
        suggestion=problem.suggestion or "",
    )
