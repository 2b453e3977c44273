"""The catalogue of refusals: everything the engine may answer with instead of doing it.

A refusal is an answer, not a fault: it has changed nothing. Each class is one reason;
its docstring says what to do about it. `router.service.errors` gives each its gRPC
code.
"""

from router.engine.kinds import Refusal


class Refused(Exception):
    """An order was answered with no. `field` names the part of the order that is wrong,
    where there is one.
    """

    def __init__(
        self, message: str, *, field: str = "", retry_after_ms: int = 0
    ) -> None:
        super().__init__(message)
        self.field = field
        self.retry_after_ms = retry_after_ms


class UnknownInteraction(Refused):
    """No interaction has this id, or it ended so long ago that it was forgotten."""


class UnknownAgent(Refused):
    """No agent has this id on the roster; add them with UpsertAgent or in the policy."""


class UnknownQueue(Refused):
    """The policy has no queue of this name."""


class UnknownSkill(Refused):
    """The policy has no skill of this name."""


class UnknownGroup(Refused):
    """The policy has no agent group of this name."""


class UnknownOffer(Refused):
    """No offer with this number was ever made to this agent."""


class WrongState(Refused):
    """The interaction is not in a state in which this can be done."""


class OfferGone(Refused):
    """The offer is no longer open: answered, expired or revoked. The agent's stream has
    been told; drop it.
    """


class AlreadyEnqueued(Refused):
    """An interaction with this id is here already, with other content. Choose another
    id, or update it.
    """


class Unroutable(Refused):
    """Nobody on the roster could ever take it, under any relaxation step. Change its
    needs, or the roster.
    """


class QueueFull(Refused):
    """As many interactions wait in this queue as its limit allows, and it overflows
    nowhere.
    """


class NotSignedIn(Refused):
    """The agent is not signed in; call SignIn first."""


class AgentBusy(Refused):
    """The agent still has live work; complete or transfer it, or ask for the presence
    WHEN_IDLE.
    """


class LimitReached(Refused):
    """A limit of the policy or of the floor does not allow more."""


class InvalidField(Refused):
    """A field has a value that cannot be."""


class RequestIdReused(Refused):
    """This request id was used for another request; every new request needs a new id."""


class RequestIdExpired(Refused):
    """This request id is older than the window in which repeats are recognised; make
    the request anew.
    """


class QueueInUse(Refused):
    """The new policy drops a queue in which interactions still live."""


class UnknownConversation(Refused):
    """The floor knows no conversation of this id; nothing of it is live or owned."""


class UnknownCustomer(Refused):
    """The floor knows no customer of this id."""


class ForeignConversation(Refused):
    """The conversation belongs to another customer. Start one of its own, or merge the
    customers.
    """


class ContextConflict(Refused):
    """Something was added to the context in the meantime; `version` is where it stands.
    Read on from there and append again.
    """

    def __init__(self, message: str, *, version: int, field: str = "") -> None:
        super().__init__(message, field=field)
        self.version = version


class CustomerErased(Refused):
    """The customer has been erased, or is about to be: no reads, no appends."""


class CustomerRestricted(Refused):
    """The customer is restricted: nothing may be added or read until that is lifted."""


class AlreadyMerged(Refused):
    """The customer was merged into another already; unmerge them first."""


class NotMerged(Refused):
    """These customers are not merged in this way."""


class Fault(Refused):
    """The router itself failed on this order; it has been logged, and nothing else was
    harmed.
    """


BY_CODE: dict[Refusal, type[Refused]] = {
    Refusal.UNKNOWN_INTERACTION: UnknownInteraction,
    Refusal.UNKNOWN_AGENT: UnknownAgent,
    Refusal.WRONG_STATE: WrongState,
    Refusal.OFFER_GONE: OfferGone,
    Refusal.QUEUE_FULL: QueueFull,
    Refusal.UNROUTABLE: Unroutable,
    Refusal.NOT_SIGNED_IN: NotSignedIn,
    Refusal.AGENT_BUSY: AgentBusy,
    Refusal.LIMIT_REACHED: LimitReached,
    Refusal.NOT_HOLDER: WrongState,
}
