"""Events as clients see them: names instead of rows, and only what is meant for the
outside.
"""

from collections.abc import Callable, Iterator

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
_PLACES = {name: position for position, name in enumerate(EVENT.names or ())}
_KIND, _INTERACTION = _PLACES["kind"], _PLACES["interaction"]
_ABOUT: tuple[tuple[int, str, Callable[[Directory], Names]], ...] = (
    (_PLACES["interaction"], "interaction_id", lambda names: names.interactions),
    (_PLACES["agent"], "agent_id", lambda names: names.agents),
    (_PLACES["queue"], "queue", lambda names: names.queues),
    (_PLACES["conversation"], "conversation_id", lambda names: names.conversations),
    (_PLACES["customer"], "customer_id", lambda names: names.customers),
)


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
        at, kind, reason, step, presence, channel, mode, _, _, other, _, _, count, _, _, weight,
        _, _, offer, until, since, score, value, _, context,
    ) = record  # fmt: skip
    event = RoutingEvent(
        sequence=sequence,
        time=instant(at),
        kind=public,  # type: ignore[arg-type]
        channel=channel,  # type: ignore[arg-type]
        relaxation_step=step,
        policy_version=value if kind == Kind.POLICY_PUBLISHED else version,
        context_version=context,
    )
    if kind in _WITH_OFFER:
        event.offer_id = offer
    _name(event, record, names)
    if kind in _WITH_PRESENCE:
        event.presence = PRESENCES[Presence(presence)]
        event.reason = names.presence_reasons.texts.get(reason, "")
    elif reason:
        event.reason = Reason(reason).name
    if kind in _WITH_PRIORITY:
        event.priority = score
    elif kind in _WITH_SCORE:
        event.score = score
    if kind in _WITH_ATTEMPT:
        event.attempt = weight
    if kind in _WITH_DEADLINE and until:
        event.deadline.CopyFrom(instant(until))
    if kind in _WITH_WAIT:
        event.wait.CopyFrom(span(max(0, at - since)))
    more = _MORE.get(kind)
    if more is not None:
        more(event, mode, count, other, names)
    return event


def _name(event: RoutingEvent, record: tuple[int, ...], names: Directory) -> None:
    """What the fact is about, by name."""
    for position, field, known in _ABOUT:
        row = record[position]
        if row != NOBODY:
            setattr(event, field, _named(known(names), row))
    if record[_KIND] == Kind.INTERACTION_FORGOTTEN:
        # Its row may be somebody else's by now.
        forgotten = names.interactions.forgotten
        event.interaction_id = forgotten.get(record[_INTERACTION], "")


def _named(names: Names, row: int) -> str:
    """A row's name, also where the batch itself has forgotten it."""
    text = names.texts.get(row)
    return text if text is not None else names.forgotten.get(row, "")


def _handed_on(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.successor_interaction_id = _named(names.interactions, other)


def _owned(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.owner_source = mode  # type: ignore[assignment]


def _appended(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.entry_kind = mode  # type: ignore[assignment]


def _merged(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.other_customer_id = _named(names.customers, other)


def _consented(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.reason = f"{Purpose(mode).name}_{'GRANTED' if count else 'WITHDRAWN'}"


def _restricted(
    event: RoutingEvent, mode: int, count: int, other: int, names: Directory
) -> None:
    event.reason = "RESTRICTED" if mode else "RESTRICTION_LIFTED"


_MORE: dict[int, Callable[[RoutingEvent, int, int, int, Directory], None]] = {
    int(Kind.INTERACTION_HANDED_OFF): _handed_on,
    int(Kind.INTERACTION_LINKED): _handed_on,
    int(Kind.INTERACTION_ENQUEUED): _owned,
    int(Kind.OWNER_SET): _owned,
    int(Kind.CONTEXT_APPENDED): _appended,
    int(Kind.CUSTOMERS_MERGED): _merged,
    int(Kind.CUSTOMERS_UNMERGED): _merged,
    int(Kind.CONSENT_SET): _consented,
    int(Kind.CUSTOMER_RESTRICTED): _restricted,
}
"""What else a kind tells, beside what every event may."""
