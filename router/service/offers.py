"""What an agent's stream is told: offers as they come and end, and the work at hand as
it changes.
"""

from collections.abc import Iterator
from typing import Any

from router.engine.engine import Engine
from router.engine.kinds import Kind
from router.model.interaction import State
from router.service import resources
from router.service.times import instant
from router.v1.agent_service_pb2 import OffersSnapshot, WatchOffersResponse
from router.v1.interaction_pb2 import END_REASON_AGENT_DECLINED, END_REASON_MISSED_OFFER
from router.v1.offer_pb2 import Offer

_ENDS = {
    Kind.OFFER_ACCEPTED: Offer.STATE_ACCEPTED,
    Kind.OFFER_DECLINED: Offer.STATE_DECLINED,
    Kind.OFFER_EXPIRED: Offer.STATE_EXPIRED,
    Kind.OFFER_REVOKED: Offer.STATE_REVOKED,
}


def offer_updates(
    event: Any, sequence: int, engine: Engine
) -> Iterator[WatchOffersResponse]:
    """The messages that one event is worth to the stream of its agent."""
    kind = Kind(int(event["kind"]))
    row = int(event["interaction"])
    if not engine.floor.interactions[row].used:
        return
    if kind == Kind.OFFER_ISSUED:
        yield WatchOffersResponse(sequence=sequence, issued=issued(event, engine))
        return
    if kind in _ENDS:
        yield WatchOffersResponse(sequence=sequence, ended=ended(event, kind, engine))
        if kind != Kind.OFFER_ACCEPTED:
            return
    yield WatchOffersResponse(
        sequence=sequence, interaction=resources.interaction(engine, row)
    )


def issued(event: Any, engine: Engine) -> Offer:
    """The offer that an `OFFER_ISSUED` event put before an agent."""
    row = int(event["interaction"])
    whole = resources.interaction(engine, row)
    return Offer(
        offer_id=int(event["offer"]),
        interaction_id=whole.interaction_id,
        agent_id=engine.names.agents.texts[int(event["agent"])],
        queue=whole.queue,
        channel=whole.channel,
        state=Offer.STATE_OPEN,
        issue_time=instant(int(event["at"])),
        expire_time=instant(int(event["until"])),
        score=int(event["score"]),
        attempt=int(event["weight"]),
        interaction=whole,
        policy_version=whole.policy_version,
    )


def ended(event: Any, kind: Kind, engine: Engine) -> Offer:
    """How an offer ended."""
    names = engine.names
    offer = Offer(
        offer_id=int(event["offer"]),
        interaction_id=names.interactions.texts.get(int(event["interaction"]), ""),
        agent_id=names.agents.texts[int(event["agent"])],
        queue=names.queues.texts.get(int(event["queue"]), ""),
        channel=int(event["channel"]),  # type: ignore[arg-type]
        state=_ENDS[kind],
        issue_time=instant(
            int(event["value" if kind == Kind.OFFER_ACCEPTED else "since"])
        ),
    )
    if kind == Kind.OFFER_DECLINED:
        offer.reason = END_REASON_AGENT_DECLINED
    elif kind == Kind.OFFER_EXPIRED:
        offer.reason = END_REASON_MISSED_OFFER
    elif kind == Kind.OFFER_REVOKED:
        offer.reason = resources.reason_of(int(event["reason"]))  # type: ignore[assignment]
    return offer


def snapshot(engine: Engine, a: int) -> OffersSnapshot:
    """Everything an agent has right now: open offers, and interactions active or in
    wrap-up.
    """
    found = OffersSnapshot()
    for row in reversed(resources.work_of(engine, a)):
        if int(engine.floor.interactions[row].state) == State.OFFERED:
            found.open.append(resources.open_offer(engine, row))
        else:
            found.active.append(resources.interaction(engine, row))
    return found
