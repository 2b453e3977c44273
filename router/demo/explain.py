"""`santral-router explain`: a decision, or why not this agent, asked of a running
router and put into words.
"""

from collections.abc import Callable

import grpc
import grpc.aio
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from router.v1 import routing_service_pb2 as pb
from router.v1.explain_pb2 import Decision, ExclusionRule, Round
from router.v1.routing_service_pb2_grpc import RoutingServiceStub

DEADLINE_S = 60.0
_CANDIDATES_SHOWN = 4
_RIVALS_SHOWN = 10


async def explain(
    target: str,
    interaction: str,
    agent: str,
    offer: int,
    json_out: bool,
    say: Callable[[str], None],
) -> int:
    """Ask and tell; returns the exit status."""
    async with grpc.aio.insecure_channel(target) as channel:
        stub = RoutingServiceStub(channel)
        try:
            if agent:
                request = pb.ExplainExclusionRequest(
                    interaction_id=interaction, agent_id=agent
                )
                answer = await stub.ExplainExclusion(request, timeout=DEADLINE_S)
                return _out(
                    answer,
                    json_out,
                    lambda: _tell_exclusion(answer, interaction, agent),
                )
            asked = pb.ExplainDecisionRequest(interaction_id=interaction)
            if offer:
                asked = pb.ExplainDecisionRequest(offer_id=offer)
            decided = await stub.ExplainDecision(asked, timeout=DEADLINE_S)
            return _out(
                decided.decision, json_out, lambda: _tell_decision(decided.decision)
            )
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                say(
                    f"no router answers at {target}; start one with santral-router serve, or name another --target"
                )
            else:
                say(error.details() or str(error.code()))
            return 1


def _out(answer: Message, json_out: bool, tell: Callable[[], None]) -> int:
    if json_out:
        print(
            MessageToJson(
                answer,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
        )
    else:
        tell()
    return 0


def _tell_exclusion(
    answer: pb.ExplainExclusionResponse, interaction: str, agent: str
) -> None:
    if answer.eligible:
        print(f"{agent} could have taken {interaction}: {answer.detail}.")
    else:
        rule = ExclusionRule.Name(answer.rule).removeprefix("EXCLUSION_RULE_")
        print(f"{agent} could not take {interaction}: {answer.detail} ({rule}).")
    if answer.winner_agent_id and answer.winner_agent_id != agent:
        print(
            f"It was offered to {answer.winner_agent_id} with {answer.winner_score:,} points; "
            f"{agent} would have had {answer.score:,}."
        )
    print(
        f"As of sequence {answer.sequence}, {answer.time.ToDatetime():%Y-%m-%d %H:%M:%S} UTC."
    )


def _tell_decision(decision: Decision) -> None:
    console = Console()
    kind = (
        Round.Kind.Name(decision.round.kind)
        .removeprefix("KIND_")
        .replace("_", " ")
        .lower()
    )
    console.print(
        f"[bold]{decision.interaction_id}[/bold] was offered to [bold]{decision.agent_id}[/bold] "
        f"(offer {decision.offer_id}) at {decision.decide_time.ToDatetime():%Y-%m-%d %H:%M:%S} UTC, "
        f"sequence {decision.sequence}, under policy {decision.policy_version} ({decision.policy_digest}).",
        highlight=False,
    )
    shown = decision.candidates[:_CANDIDATES_SHOWN]
    table = Table("points for", *(candidate.agent_id for candidate in shown))
    for place, weight in enumerate(decision.weights):
        points = (f"{candidate.terms[place].points:,}" for candidate in shown)
        table.add_row(weight.term.replace("_", " "), *points)
    table.add_row("together", *(f"{c.score:,}" for c in shown), style="bold")
    console.print(table)
    console.print(
        f"Chosen by {kind}; {decision.agents_considered} agents were free, {decision.eligible} eligible, "
        f"margin {decision.margin:,} points.",
        highlight=False,
    )
    if decision.round.objective:
        console.print(
            f"The round paired {decision.round.interactions} interactions with {decision.round.agents} agents "
            f"({decision.round.arcs} possible pairs): {decision.round.objective:,} points, "
            f"greedily {decision.round.greedy_objective:,}.",
            highlight=False,
        )
    for rival in decision.rivals[:_RIVALS_SHOWN]:
        console.print(
            f"Also waiting for this agent: {rival.interaction_id}, {rival.score:,} points.",
            highlight=False,
        )
    kept_out = ", ".join(
        f"{entry.count} {ExclusionRule.Name(entry.rule).removeprefix('EXCLUSION_RULE_').replace('_', ' ').lower()}"
        for entry in decision.exclusions
    )
    if kept_out:
        console.print(f"Kept out: {kept_out}.", highlight=False)
