"""The agents of a replay: who was there when, and how the router gets to know them.

One agent for each name in the log, or a given number who are always there. Their ids
stay the same from run to run, so that a later run takes over from one that broke off.
"""

from collections.abc import Sequence

import grpc

from router.demo.call_log import LoggedCall, Shift, shifts
from router.demo.callers import Caller
from router.demo.client import Router, plainly, tolerating
from router.demo.errors import InputWrong, RouterRefused
from router.v1.admin_service_pb2 import ForceEndRequest, UpsertAgentRequest
from router.v1.agent_pb2 import PRESENCE_OFFLINE, Agent, AgentSkill
from router.v1.agent_service_pb2 import SetPresenceRequest

AGENT_PREFIX = "calls."
SKILLS = ("turkish", "english", "banking", "stocks", "onboarding", "internet")
GROUPS = ("front", "expert", "digital", "outbound")
_AGENTS_MAX = 5_000
_EARLY_MS = 60_000
_LATE_MS = 3_600_000


def staffing(
    log: Sequence[LoggedCall], callers: Sequence[Caller], agents: int | None
) -> list[Shift]:
    """Who is there when: as in the log, or so many agents from the first call to the
    last.

    Agents keep their ids from run to run, so a later run takes over from one that broke
    off. Raises `InputWrong` for an impossible number.
    """
    if agents is None:
        return [
            Shift(AGENT_PREFIX + shift.agent.lower(), shift.from_ms, shift.until_ms)
            for shift in shifts(log)
        ]
    if not 1 <= agents <= _AGENTS_MAX:
        raise InputWrong(
            f"--agents is {agents}; it must be a number from 1 to {_AGENTS_MAX}"
        )
    arrivals = [caller.arrives_at_ms for caller in callers] or [0]
    return [
        Shift(
            f"{AGENT_PREFIX}agent-{number:04}",
            min(arrivals) - _EARLY_MS,
            max(arrivals) + _LATE_MS,
        )
        for number in range(1, agents + 1)
    ]


async def define_agents(router: Router, agents: Sequence[str]) -> None:
    """Define the agents, and free them of what a broken-off run has left to them."""
    for agent_id in agents:
        definition = Agent(
            agent_id=agent_id,
            display_name=agent_id.removeprefix(AGENT_PREFIX).title(),
            skills=[AgentSkill(skill=skill, level=5) for skill in SKILLS],
            groups=GROUPS,
        )
        try:
            answer = await router.call(
                router.admin.UpsertAgent, UpsertAgentRequest(agent=definition)
            )
        except grpc.aio.AioRpcError as failure:
            raise RouterRefused(
                f"agent {agent_id} cannot be defined: {plainly(failure)}; "
                "start the router with --policy examples/policies/bank.yaml"
            ) from failure
        for interaction_id in answer.agent.interactions:
            request = ForceEndRequest(
                interaction_id=interaction_id, reason="left over from an earlier run"
            )
            await tolerating(
                router.call(router.admin.ForceEnd, request), "UNKNOWN_INTERACTION"
            )
        offline = SetPresenceRequest(agent_id=agent_id, presence=PRESENCE_OFFLINE)
        await tolerating(
            router.call(router.agents.SetPresence, offline), "NOT_SIGNED_IN"
        )
