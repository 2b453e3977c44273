"""Explain over the wire: a decision of the past, told from the floor as it was then.

The engine is deterministic and every fact is kept, so nothing is recorded for
explaining: the floor is made again as it was just before the offer, from the newest
early snapshot and the journal, in a thread, and asked what it sees. A joint round is
asked at the instant at which it was prepared.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from router.engine import explain
from router.engine.engine import Engine
from router.engine.errors import InvalidField, UnknownOffer
from router.engine.floor import interactions_used
from router.engine.intakes import NO_INTAKE, read_intake
from router.engine.kinds import Kind, Rule
from router.engine.rounds import waiting_scores
from router.engine.settle import JOINT, SINGLE_AGENT
from router.engine.tables import NOBODY
from router.host import Host
from router.journal.contract import JournalReader
from router.journal.replay import batch_of, recover
from router.model.interaction import State
from router.service.errors import DecisionGone
from router.service.resources import interaction
from router.service.times import instant, span
from router.v1 import explain_pb2 as pb
from router.v1 import routing_service_pb2 as routing

CANDIDATES_MAX = 100
RIVALS_MAX = 100
_GREEDY_FALLBACK_FROM = 2


@dataclass(frozen=True, slots=True)
class _Past:
    """The floor just before an event, the event itself, and what was decided for a
    round it belongs to.
    """

    engine: Engine
    event: Any
    sequence: int
    now: int
    round: Any | None


class Explainer:
    """Answers why, and why not."""

    def __init__(self, host: Host, reader: Callable[[], JournalReader]) -> None:
        self._host = host
        self._reader = reader
        self._one_at_a_time = asyncio.Semaphore(1)

    async def decision(self, request: routing.ExplainDecisionRequest) -> pb.Decision:
        """Why this agent got this interaction."""
        subject = request.WhichOneof("subject")
        if subject is None:
            raise InvalidField(
                "the subject is missing: give offer_id or interaction_id",
                field="offer_id",
            )
        if subject == "offer_id":
            find = self._sequence_of_offer(request.offer_id)
        else:
            find = self._last_decision(request.interaction_id)
        async with self._one_at_a_time:
            return await asyncio.to_thread(lambda: self._decision(find()))

    async def exclusion(
        self, request: routing.ExplainExclusionRequest
    ) -> routing.ExplainExclusionResponse:
        """Why this agent did not get it: the first rule against them, or by how much
        they were beaten.
        """
        engine = self._host.engine
        row = engine.interaction_row(request.interaction_id)
        engine.agent_row(request.agent_id)
        interaction = engine.floor.interactions[row]
        if request.HasField("sequence"):
            at = request.sequence
        elif int(interaction.state) == State.QUEUED:
            at = 0
        else:
            at = int(interaction.decided)
        if at < 0:
            raise InvalidField(
                f"sequence is {at}; it must not be negative", field="sequence"
            )
        if at > engine.sequence:
            raise DecisionGone(
                f"sequence {at} has not come yet; the last one is {engine.sequence}"
            )
        if at == 0:
            now = max(self._host.now(), int(engine.floor.house["now"][0]))
            return _exclusion(engine, request, now, engine.sequence, None)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._past_exclusion, request, at)

    # ---------------------------------------------------------------- the past

    def _last_decision(self, interaction_id: str) -> Callable[[], int]:
        engine = self._host.engine
        row = engine.interaction_row(interaction_id)
        decided = int(engine.floor.interactions["decided"][row])
        if not decided:
            raise DecisionGone(
                f"interaction {interaction_id!r} has not been offered to anybody yet"
            )
        return lambda: decided

    def _sequence_of_offer(self, offer: int) -> Callable[[], int]:
        if not 0 < offer < int(self._host.engine.floor.house["next_offer"][0]):
            raise UnknownOffer(f"offer {offer} was never made", field="offer_id")
        held = np.flatnonzero(
            interactions_used(self._host.engine.floor)["offer"] == offer
        )
        if len(held):
            decided = int(self._host.engine.floor.interactions["decided"][int(held[0])])
            return lambda: decided

        def search() -> int:
            reader = self._reader()
            try:
                for stored in reader.read(0):
                    events = batch_of(stored.blob).events
                    found = np.flatnonzero(
                        (events["kind"] == Kind.OFFER_ISSUED)
                        & (events["offer"] == offer)
                    )
                    if len(found):
                        return stored.first_sequence + int(found[0])
            finally:
                reader.close()
            raise DecisionGone(f"offer {offer} was never made, or is no longer kept")

        return search

    def _before(self, sequence: int) -> _Past:
        """The floor as it was when the event with this sequence was decided."""
        reader = self._reader()
        try:
            (stored,) = reader.read(sequence - 1, limit=1)
            batch = batch_of(stored.blob)
            event = batch.events[sequence - batch.first_sequence]
            match_round = None
            asked_at, now = sequence - 1, int(event["at"])
            if int(event["mode"]) == JOINT and int(event["kind"]) == Kind.OFFER_ISSUED:
                match_round = self._round_of(reader, batch.events, event, sequence)
                asked_at, now = int(match_round["offer"]), int(match_round["since"])
            return _Past(
                recover(reader, until=asked_at).engine,
                event,
                sequence,
                now,
                match_round,
            )
        finally:
            reader.close()

    @staticmethod
    def _round_of(reader: JournalReader, events: Any, event: Any, sequence: int) -> Any:
        rounds = events[
            (events["kind"] == Kind.MATCH_ROUND_SOLVED)
            & (events["match_round"] == event["match_round"])
        ]
        after = sequence
        while not len(rounds):
            # A round of thousands of pairs may have begun in an earlier group.
            after = max(0, after - 20_000)
            for stored in reader.read(after):
                if stored.first_sequence > sequence:
                    break
                older = batch_of(stored.blob).events
                rounds = older[
                    (older["kind"] == Kind.MATCH_ROUND_SOLVED)
                    & (older["match_round"] == event["match_round"])
                ]
                if len(rounds):
                    break
            if after == 0 and not len(rounds):
                raise DecisionGone("the round of this decision is no longer kept")
        return rounds[0]

    def _past_exclusion(
        self, request: routing.ExplainExclusionRequest, at: int
    ) -> routing.ExplainExclusionResponse:
        past = self._before(at)
        decided = int(past.event["kind"]) == Kind.OFFER_ISSUED
        winner = int(past.event["agent"]) if decided else NOBODY
        return _exclusion(past.engine, request, past.now, at, winner)

    def _decision(self, sequence: int) -> pb.Decision:
        past = self._before(sequence)
        engine, event = past.engine, past.event
        names, floor = engine.names, engine.floor
        i, winner = int(event["interaction"]), int(event["agent"])
        mode = int(event["mode"])
        weights = explain.weights(floor)
        decision = pb.Decision(
            offer_id=int(event["offer"]),
            interaction_id=names.interactions.texts[i],
            agent_id=names.agents.texts[winner],
            decide_time=instant(int(event["at"])),
            sequence=sequence,
            policy_version=int(floor.house["policy_version"][0]),
            policy_digest=engine.policy.digest if engine.policy is not None else "",
            weights=(
                pb.Weight(term=term, weight=weight) for term, weight in weights.items()
            ),
            agents_considered=int(floor.house["free_agents"][0]),
        )
        found, kept_out = explain.candidates(floor, i, past.now)
        decision.eligible = len(found)
        for candidate in found[:CANDIDATES_MAX]:
            decision.candidates.append(_candidate(engine, candidate, weights))
        chosen = next(
            (c.score for c in found if c.agent == winner), int(event["score"])
        )
        others = [c.score for c in found if c.agent != winner]
        decision.margin = chosen - max(others) if others else 0
        decision.exclusions.extend(
            pb.ExclusionCount(rule=int(rule), count=count)  # type: ignore[arg-type]
            for rule, count in kept_out.items()
        )
        decision.round.CopyFrom(_round(past, mode))
        _tell_continuity(decision, engine, i)
        if mode == SINGLE_AGENT:
            for row, points in waiting_scores(floor, winner, past.now)[:RIVALS_MAX]:
                if row != i:
                    decision.rivals.append(
                        pb.Rival(
                            interaction_id=names.interactions.texts[row], score=points
                        )
                    )
            decision.margin = (
                int(event["score"]) - int(event["value"])
                if int(event["other"]) != NOBODY
                else 0
            )
        return decision


def _tell_continuity(decision: pb.Decision, engine: Engine, i: int) -> None:
    """What intake made of it, whose it was, and whether it waited for them."""
    whole = interaction(engine, i)
    _, fired = read_intake(engine.names.intakes.get(i, NO_INTAKE))
    decision.intake.extend(
        pb.FiredRule(rule=rule, changes=changes) for rule, changes in fired
    )
    decision.owner = whole.owner
    decision.owner_source = whole.owner_source
    decision.owner_strength = whole.owner_strength
    if whole.HasField("hold_back"):
        decision.hold_back.CopyFrom(whole.hold_back)


def _candidate(
    engine: Engine, candidate: explain.Candidate, weights: dict[str, int]
) -> pb.Candidate:
    return pb.Candidate(
        agent_id=engine.names.agents.texts[candidate.agent],
        score=candidate.score,
        terms=(
            pb.Term(name=term, value=value, weight=weight, points=value * weight)
            for (term, weight), value in zip(
                weights.items(), candidate.values, strict=True
            )
        ),
    )


def _round(past: _Past, mode: int) -> pb.Round:
    if past.round is None:
        event = past.event
        interactions = int(event["count"]) if mode == SINGLE_AGENT else 1
        agents = 1 if mode == SINGLE_AGENT else int(event["count"])
        return pb.Round(
            kind=mode,  # type: ignore[arg-type]
            interactions=interactions,
            agents=agents,
            arcs=int(event["eligible"]),
        )
    solved = past.round
    fallback = int(solved["mode"]) >= _GREEDY_FALLBACK_FROM
    return pb.Round(
        kind=pb.Round.KIND_GREEDY_FALLBACK if fallback else pb.Round.KIND_JOINT,
        interactions=int(solved["count"]),
        agents=int(solved["eligible"]),
        arcs=int(solved["weight"]),
        objective=int(solved["score"]),
        greedy_objective=int(solved["value"]),
        solve_time=span(int(solved["until"]) // 1000),
    )


def _exclusion(
    engine: Engine,
    request: routing.ExplainExclusionRequest,
    now: int,
    sequence: int,
    winner: int | None,
) -> routing.ExplainExclusionResponse:
    i, a = (
        engine.interaction_row(request.interaction_id),
        engine.agent_row(request.agent_id),
    )
    verdict = explain.verdict(engine.floor, engine.names, i, a, now)
    answer = routing.ExplainExclusionResponse(
        eligible=verdict.rule == Rule.NONE,
        rule=int(verdict.rule),  # type: ignore[arg-type]
        detail=verdict.detail,
        score=verdict.score,
        sequence=sequence,
        time=instant(now),
    )
    if winner is not None and winner != NOBODY:
        answer.winner_agent_id = engine.names.agents.texts[winner]
        answer.winner_score = explain.points(engine.floor, i, winner, now)
        answer.gap = answer.winner_score - verdict.score
        if verdict.rule == Rule.NONE and winner != a:
            answer.detail = f"eligible, and beaten by {answer.gap} points"
    return answer
