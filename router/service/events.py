"""Events as clients see them: names instead of rows, and only what is meant for the
outside.
"""

from collections.abc import Iterator

from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.kinds import Kind, Reason
from router.engine.names import Directory, Names
from router.engine.tables import EVENT, NOBODY
from router.model.agent import Presence
from router.model.conversation import Purpose
from router.service.resources import PRESENCES, instant, span
from router.v1.event_pb2 import RoutingEvent

_ALIASES = {
    Kind.AGENT_EXCLUDED: "INTERACTION_UPDATED",
    Kind.OWNER_SET: "INTERACTION_UPDATED",
}
KINDS: dict[int, int] = {
    int(kind): RoutingEvent.Kind.Value("KIND_" + _ALIASES.get(kind, kind.name))
    for kind in Kind
    if "KIND_" + _ALIASES.get(kind, kind.name) in RoutingEvent.Kind.keys()  # noqa: SIM118 - an enum, not a dict
}
"""The engine's kinds that are public, as their public kind."""

_WITH_PRIORITY = {int(Kind.INTERACTION_ENQUEUED), int(Kind.INTERACTION_UPDATED)}
_WITH_ATTEMPT = {int(Kind.OFFER_ISSUED), int(Kind.OFFER_ACCEPTED)}
_WITH_DEADLINE = {
    int(Kind.OFFER_ISSUED),
    int(Kind.WRAP_UP_STARTED),
    int(Kind.WRAP_UP_EXTENDED),
    int(Kind.HOLD_BACK_WEIGHED),
}
_WITH_PRESENCE = {
    int(Kind.AGENT_SIGNED_IN), int(Kind.AGENT_PRESENCE_CHANGED), int(Kind.AGENT_PRESENCE_REQUESTED),
}  # fmt: skip
_WITH_WAIT = {int(Kind.OFFER_ACCEPTED), int(Kind.INTERACTION_ABANDONED)}
_WITH_SCORE = {int(Kind.OFFER_ISSUED), int(Kind.MATCH_ROUND_SOLVED)}
_WITH_OFFER = {int(kind) for kind in Kind} - {
    int(Kind.INTERACTION_ENQUEUED), int(Kind.MATCH_ROUND_SOLVED),
}  # fmt: skip
_HANDED_ON = {int(Kind.INTERACTION_HANDED_OFF), int(Kind.INTERACTION_LINKED)}
_COUNT = EVENT.names.index("count") if EVENT.names else 0


def public_events(batch: Batch, engine: Engine) -> Iterator[RoutingEvent]:
    """The public events of a batch, in order. `engine` must be as it was after the
    batch.
    """
    names = engine.names
    version = int(engine.floor.house["policy_version"][0])
    sequence = batch.first_sequence - 1
    for record in batch.events.tolist():
        sequence += 1
        public = KINDS.get(record[1])
        if public is not None:
            yield _public(record, public, sequence, names, version)


def _public(
    record: tuple[int, ...], public: int, sequence: int, names: Directory, version: int
) -> RoutingEvent:
    (
        at, kind, reason, step, presence, channel, mode, interaction, agent, other, queue, _, _, _, _, weight,
        conversation, customer, offer, until, since, score, value, _, context,
    ) = record  # fmt: skip
    event = RoutingEvent(
        sequence=sequence,
        time=instant(at),
        kind=public,  # type: ignore[arg-type]
        channel=channel,  # type: ignore[arg-type]
        relaxation_step=step,
        policy_version=value if kind == Kind.POLICY_PUBLISHED else version,
    )
    if kind in _WITH_OFFER:
        event.offer_id = offer
    if interaction != NOBODY:
        event.interaction_id = _named(
            names.interactions, interaction, kind == Kind.INTERACTION_FORGOTTEN
        )
    if agent != NOBODY:
        event.agent_id = names.agents.texts.get(agent, "")
    if queue != NOBODY:
        event.queue = names.queues.texts.get(queue, "")
    if conversation != NOBODY:
        event.conversation_id = _named(names.conversations, conversation)
    if customer != NOBODY:
        event.customer_id = _named(names.customers, customer)
    if kind in _WITH_PRESENCE:
        event.presence = PRESENCES[Presence(presence)]
        event.reason = names.presence_reasons.texts.get(reason, "")
    elif reason:
        event.reason = Reason(reason).name
    if kind in _WITH_PRIORITY:
        event.priority = score
    elif score and kind in _WITH_SCORE:
        event.score = score
    if kind in _WITH_ATTEMPT:
        event.attempt = weight
    if kind in _WITH_DEADLINE and until:
        event.deadline.CopyFrom(instant(until))
    if kind in _WITH_WAIT:
        event.wait.CopyFrom(span(max(0, at - since)))
    event.context_version = context
    if kind in _HANDED_ON:
        event.successor_interaction_id = _named(names.interactions, other)
    elif kind in (Kind.INTERACTION_ENQUEUED, Kind.OWNER_SET):
        event.owner_source = mode  # type: ignore[assignment]
    elif kind == Kind.CONTEXT_APPENDED:
        event.entry_kind = mode  # type: ignore[assignment]
    elif kind in (Kind.CUSTOMERS_MERGED, Kind.CUSTOMERS_UNMERGED):
        event.other_customer_id = _named(names.customers, other)
    elif kind == Kind.CONSENT_SET:
        event.reason = (
            f"{Purpose(mode).name}_{'GRANTED' if record[_COUNT] else 'WITHDRAWN'}"
        )
    elif kind == Kind.CUSTOMER_RESTRICTED:
        event.reason = "RESTRICTED" if mode else "RESTRICTION_LIFTED"
    return event


def _named(names: Names, row: int, forgotten: bool = False) -> str:
    """A row's name, also where the batch itself has forgotten it."""
    if not forgotten and row in names.texts:
        return names.texts[row]
    return names.forgotten.get(row, "")
