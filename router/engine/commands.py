"""Every order the engine takes; reads as its table of contents.

Names are the callers' own (ids of interactions, agents, queues, skills); the engine
turns them into rows. All durations are milliseconds. Every order has a natural key (an
id the caller chose, an offer's number), so giving it twice does no harm; `request` adds
the caller's request id where a client wants its very answer back.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from router.model.agent import AgentKind, Link, Presence
from router.model.channel import Channel
from router.model.conversation import Purpose, Relation
from router.model.needs import Needs
from router.policy.policy import Policy

NO_NEEDS = Needs()


class Request(NamedTuple):
    """Who asks, what, and under which id; `digest` tells two requests with one id
    apart.
    """

    principal: str
    method: str
    request_id: str
    digest: bytes


@dataclass(slots=True)
class Enqueue:
    """Put an interaction in line. The same id with the same content again is answered
    with what is there. `intake` is what `engine.intakes` writes, for Explain.
    """

    interaction: str
    queue: str
    channel: Channel
    priority: int | None = None
    needs: Needs = NO_NEEDS
    excluded: tuple[str, ...] = ()
    owner: str = ""
    hold_back_ms: int = 0
    conversation: str = ""
    customer: str = ""
    waited_ms: int = 0
    request: Request | None = None
    due_at: int = 0
    """Not to be offered before (engine time in ms); 0 for at once."""
    stored_version: int = 0
    """What the store holds of a conversation that the floor has forgotten."""
    intake: str = ""


@dataclass(slots=True)
class Abandon:
    """The customer has left: while waiting, while an offer rings, or (then it is
    completed) while being served.
    """

    interaction: str
    request: Request | None = None


@dataclass(slots=True)
class Cancel:
    """Whoever sent the interaction takes it back before anybody has accepted it."""

    interaction: str
    request: Request | None = None


@dataclass(slots=True)
class Complete:
    """The customer has been served. `wrap_up_ms` overrides the queue's wrap-up (0:
    none).
    """

    interaction: str
    wrap_up_ms: int | None = None
    request: Request | None = None


@dataclass(slots=True)
class AcceptOffer:
    """The agent takes the interaction. Refused with `OfferGone` from the offer's
    deadline on.
    """

    agent: str
    offer: int
    request: Request | None = None


@dataclass(slots=True)
class DeclineOffer:
    """The agent does not take it; the pair rests for a while."""

    agent: str
    offer: int
    note: str = ""
    request: Request | None = None


@dataclass(slots=True)
class EndWrapUp:
    """The agent is done before the wrap-up timer."""

    interaction: str
    request: Request | None = None


@dataclass(slots=True)
class ExtendWrapUp:
    """The agent needs longer, up to the queue's longest wrap-up."""

    interaction: str
    extension_ms: int
    request: Request | None = None


@dataclass(slots=True)
class Transfer:
    """On the same channel to another queue, or to an agent first (and, if they do not
    come free, to the queue).
    """

    interaction: str
    queue: str = ""
    agent: str = ""
    needs: Needs | None = None
    request: Request | None = None


@dataclass(slots=True)
class HandOff:
    """The conversation goes on as `successor` on another channel: one decision. The same
    handoff again is answered with the successor that is there.

    `queue` and `needs` stay as they are where nothing is said; `keep_open` leaves the
    old interaction live beside the successor; without `consent` the successor carries
    nothing of what was said before.
    """

    interaction: str
    successor: str
    channel: Channel
    queue: str = ""
    needs: Needs | None = None
    keep_open: bool = False
    due_at: int = 0
    consent: bool = True
    relation: Relation = Relation.CONTINUATION
    request: Request | None = None


@dataclass(slots=True)
class HandOver:
    """What an agent owns goes to another agent, or (`to` empty) to nobody: all of it, or
    the conversations that are named.
    """

    agent: str
    to: str = ""
    conversations: tuple[str, ...] = ()
    request: Request | None = None


@dataclass(slots=True)
class AppendContext:
    """Add an entry to a conversation's context. Its content never comes here: `digest`
    is of what was sealed, `sealed` passes through to whoever makes it durable.
    `stored_version` is what the store holds of a conversation that the floor has
    forgotten. Answers with the entry's version.
    """

    conversation: str
    customer: str
    kind: int
    digest: int
    expected_version: int | None = None
    sealed: object = None
    stored_version: int = 0
    request: Request | None = None


@dataclass(slots=True)
class AcknowledgeContext:
    """The agent who has it has seen the context up to `version`."""

    interaction: str
    agent: str
    version: int
    request: Request | None = None


@dataclass(slots=True)
class MergeCustomers:
    """`other` is the same person as `into`."""

    into: str
    other: str
    request: Request | None = None


@dataclass(slots=True)
class UnmergeCustomers:
    """They are not, after all."""

    into: str
    other: str
    request: Request | None = None


@dataclass(slots=True)
class RequestErasure:
    """From here on nothing is read or kept of the customer, under whatever id."""

    customer: str
    request: Request | None = None


@dataclass(slots=True)
class ConfirmErasure:
    """Key and records are gone; what the floor knew of the person goes too."""

    customer: str
    request: Request | None = None


@dataclass(slots=True)
class SetRestricted:
    """Nothing may be added to the customer's context, or read of it, until it is lifted."""

    customer: str
    restricted: bool
    request: Request | None = None


@dataclass(slots=True)
class SetConsent:
    """The customer grants or withdraws consent for a purpose; withdrawal acts at once."""

    customer: str
    purpose: Purpose
    granted: bool
    request: Request | None = None


@dataclass(slots=True)
class SetAccountOwner:
    """Who looks after the customer's account, and which team (a group); "" for nobody."""

    customer: str
    agent: str = ""
    team: str = ""
    request: Request | None = None


@dataclass(slots=True)
class Update:
    """Change what a waiting interaction asks for; `None` leaves a thing as it is."""

    interaction: str
    priority: int | None = None
    needs: Needs | None = None
    excluded: tuple[str, ...] | None = None
    owner: str | None = None
    hold_until: int = 0
    request: Request | None = None


@dataclass(slots=True)
class SignIn:
    """The agent's shift begins. Signing in again keeps the work at hand."""

    agent: str
    link: Link = Link.STREAM
    presence: Presence = Presence.AVAILABLE
    request: Request | None = None


@dataclass(slots=True)
class SetPresence:
    """What the agent says of themselves, now or (`when_idle`) as soon as the work at
    hand is done.
    """

    agent: str
    presence: Presence
    reason: str = ""
    when_idle: bool = False
    request: Request | None = None


@dataclass(slots=True)
class Connect:
    """The agent's stream is open, under a session number that grows."""

    agent: str
    session: int
    request: None = None


@dataclass(slots=True)
class Disconnect:
    """The agent's stream of that session has gone."""

    agent: str
    session: int
    request: None = None


@dataclass(slots=True)
class DefineAgent:
    """Put an agent on the roster, or change what they can do."""

    agent: str
    name: str = ""
    skills: dict[str, int] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    capacity: int | None = None
    limits: dict[Channel, int] = field(default_factory=dict)
    prefers: tuple[Channel, ...] = ()
    request: Request | None = None
    kind: AgentKind = AgentKind.HUMAN


@dataclass(slots=True)
class RemoveAgent:
    """Take an agent off the roster: no new work; the work at hand ends as usual."""

    agent: str
    request: Request | None = None


@dataclass(slots=True)
class ForceRequeue:
    """An administrator puts an interaction back in line from wherever it is stuck; also
    revives a dead letter.
    """

    interaction: str
    note: str = ""
    request: Request | None = None


@dataclass(slots=True)
class ForceEnd:
    """An administrator ends an interaction from wherever it is stuck."""

    interaction: str
    note: str = ""
    request: Request | None = None


@dataclass(slots=True)
class PublishPolicy:
    """Route by this policy from here on. It has been read and validated; `text` is what
    was read.
    """

    policy: Policy
    text: str
    request: Request | None = None


@dataclass(slots=True)
class Tick:
    """Let time cause what is due."""

    request: None = None


@dataclass(slots=True)
class Start:
    """The router has started (again): agents have to come back, open offers get fresh
    time.
    """

    request: None = None


Command: TypeAlias = (
    Enqueue | Abandon | Cancel | Complete | AcceptOffer | DeclineOffer | EndWrapUp | ExtendWrapUp
    | Transfer | Update | SignIn | SetPresence | Connect | Disconnect | DefineAgent | RemoveAgent
    | ForceRequeue | ForceEnd | PublishPolicy | Tick | Start | HandOff | HandOver | AppendContext
    | AcknowledgeContext | MergeCustomers | UnmergeCustomers | RequestErasure | ConfirmErasure
    | SetRestricted | SetConsent | SetAccountOwner
)  # fmt: skip

RELEASES: tuple[type, ...] = (
    Abandon, Cancel, Complete, AcceptOffer, DeclineOffer, EndWrapUp, Disconnect, Connect, ForceEnd, Tick, Start,
    RequestErasure, ConfirmErasure,
)  # fmt: skip
"""Orders that free capacity or answer an offer: however busy the router is, they are
never shed."""
