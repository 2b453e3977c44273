"""The callers of a replay: what is said to the router about them, and what it answers.

Makes a command of each step of a caller's way, keeps the clients' side of the account
from the answers, and learns from the event feed which agent a caller is offered to.
Sends nothing itself, and knows no shifts: that is the replay's part.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from google.protobuf.duration_pb2 import Duration

from router.demo.account import Account, FeedCount
from router.demo.agenda import Agenda, Due, Step
from router.demo.callers import (
    ANSWER_MS_MIN,
    STRANGER_SERVICE_MS,
    Behaviour,
    Caller,
    Fate,
)
from router.demo.errors import RouterRefused
from router.demo.horizon import FAR_MS, Horizon
from router.v1.agent_service_pb2 import AcceptOfferRequest, DeclineOfferRequest
from router.v1.event_pb2 import RoutingEvent
from router.v1.interaction_pb2 import Interaction
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    CompleteInteractionRequest,
    RouteCommand,
    RouteResult,
)

Planned = tuple[RouteCommand, int]
"""A command and its horizon."""
Steps = dict[Step, Callable[[Due], Planned | None]]


class Switchboard:
    """Everybody who calls, and what has become of them."""

    def __init__(
        self,
        callers: Sequence[Caller],
        behaviour: Behaviour,
        account: Account,
        agenda: Agenda,
        horizon: Horizon,
        on_shift: "Counter[str]",
    ) -> None:
        """`on_shift` counts each agent's present shifts; the replay keeps it."""
        self.account = account
        self.feed_count = FeedCount()
        self.surprises: Counter[str] = Counter()
        """Refusals nobody should have met, by command and reason."""
        self.strangers = 0
        """Interactions of others that our agents answered."""
        self._behaviour = behaviour
        self._agenda = agenda
        self._horizon = horizon
        self._callers = {caller.interaction_id: caller for caller in callers}
        self._by_offer: dict[int, Caller] = {}
        self._on_shift = on_shift
        self._engaged: dict[str, str] = {}
        """Which interaction each agent is offered or handles, as far as is known."""
        self._unplaced: set[str] = set()
        """Callers who wait and have no open offer, as far as is known."""
        for caller in callers:
            agenda.plan(caller.arrives_at_ms, Step.ARRIVE, caller.interaction_id)

    def steps(self) -> Steps:
        """What makes a command of each step of a caller's way."""
        return {
            Step.ARRIVE: self._arrive,
            Step.GIVE_UP: self._give_up,
            Step.ANSWER: self._answer,
            Step.DECLINE: self._decline,
            Step.FINISH: self._finish,
        }

    def close(self) -> None:
        """Count who still waits."""
        self.account.waiting = sum(
            caller.fate in (Fate.WAITING, Fate.LEAVING) and not caller.stranger
            for caller in self._callers.values()
        )

    # ------------------------------------------------------------------ what is sent

    def soon(self) -> int:
        """The horizon of a command that may bring an agent an offer."""
        return self._agenda.now_ms + ANSWER_MS_MIN

    def soon_if_any_wait(self) -> int:
        return self.soon() if self._unplaced else FAR_MS

    def _arrive(self, due: Due) -> Planned:
        caller = self._callers[due.subject]
        caller.fate = Fate.WAITING
        self._unplaced.add(caller.interaction_id)
        self._agenda.plan(caller.gives_up_at_ms, Step.GIVE_UP, caller.interaction_id)
        # Nothing else may be said of a call before the router has it; and where nobody
        # is free, that is all there is to wait for. Else it may be offered at once.
        horizon_ms = caller.gives_up_at_ms
        if any(agent not in self._engaged for agent in +self._on_shift):
            answer_ms = self._behaviour.answer_ms(caller.interaction_id, attempt=1)
            horizon_ms = min(horizon_ms, self._agenda.now_ms + answer_ms)
        return RouteCommand(enqueue=caller.enqueue()), horizon_ms

    def _give_up(self, due: Due) -> Planned | None:
        caller = self._callers[due.subject]
        if caller.fate is not Fate.WAITING:
            return None
        caller.fate = Fate.LEAVING
        self._unplaced.discard(caller.interaction_id)
        horizon_ms = self.soon_if_any_wait() if caller.offer_id else FAR_MS
        self._release(caller)
        request = AbandonInteractionRequest(interaction_id=caller.interaction_id)
        return RouteCommand(abandon=request), horizon_ms

    def _answer(self, due: Due) -> Planned | None:
        caller = self._callers[due.subject]
        if caller.fate is not Fate.WAITING or caller.offer_id != due.offer_id:
            return None
        caller.fate = Fate.ANSWERED
        caller.answered_at_ms = self._agenda.now_ms
        ends_at_ms = self._agenda.now_ms + caller.service_ms
        self._agenda.plan(ends_at_ms, Step.FINISH, due.subject, due.offer_id)
        request = AcceptOfferRequest(agent_id=caller.agent, offer_id=due.offer_id)
        return RouteCommand(accept=request), ends_at_ms

    def _decline(self, due: Due) -> Planned | None:
        caller = self._callers[due.subject]
        if caller.fate is not Fate.WAITING or caller.offer_id != due.offer_id:
            return None
        request = DeclineOfferRequest(
            agent_id=caller.agent, offer_id=due.offer_id, reason="busy with something"
        )
        return RouteCommand(decline=request), self.soon()

    def _finish(self, due: Due) -> Planned | None:
        caller = self._callers[due.subject]
        if caller.fate is not Fate.ANSWERED or caller.offer_id != due.offer_id:
            return None
        self._release(caller)
        request = CompleteInteractionRequest(
            interaction_id=caller.interaction_id, wrap_up=Duration()
        )
        return RouteCommand(complete=request), self.soon_if_any_wait()

    # ------------------------------------------------------------------ what comes back

    def settle(self, command: RouteCommand, result: RouteResult) -> None:
        """Take the router's answer to a command."""
        kind = command.WhichOneof("command") or ""
        if kind == "enqueue":
            self._settle_enqueue(command.enqueue.interaction_id, result)
        elif kind == "accept":
            self._settle_accept(command.accept.offer_id, result)
        elif kind == "abandon":
            self._settle_abandon(command.abandon.interaction_id, result)
        elif result.code and result.reason not in ("OFFER_GONE", "NOT_SIGNED_IN"):
            self.surprises[f"{kind}: {result.reason or result.code}"] += 1

    def _settle_enqueue(self, interaction_id: str, result: RouteResult) -> None:
        caller = self._callers[interaction_id]
        if result.code:
            raise RouterRefused(
                f"the router refuses {interaction_id} in {caller.queue}: "
                f"{result.reason}: {result.message}"
            )
        self.account.queues[caller.queue].offered += 1

    def _settle_accept(self, offer_id: int, result: RouteResult) -> None:
        caller = self._by_offer[offer_id]
        if not result.code:
            if caller.stranger:
                self.strangers += 1
            else:
                wait_ms = caller.answered_at_ms - caller.arrives_at_ms
                self.account.queues[caller.queue].answer(wait_ms)
            return
        # The offer was gone: the caller still waits, and may still give up.
        caller.fate = Fate.WAITING
        if caller.offer_id == offer_id:
            caller.offer_id = 0
            self._unplaced.add(caller.interaction_id)
        if not caller.stranger:
            self._agenda.plan(
                max(self._agenda.now_ms, caller.gives_up_at_ms),
                Step.GIVE_UP,
                caller.interaction_id,
            )

    def _settle_abandon(self, interaction_id: str, result: RouteResult) -> None:
        caller = self._callers[interaction_id]
        queue = self.account.queues[caller.queue]
        if result.state == Interaction.STATE_ABANDONED:
            caller.fate = Fate.ABANDONED
            queue.abandoned += 1
        elif result.state == Interaction.STATE_DEAD_LETTERED:
            return  # the feed tells it, and counts it
        elif not result.code:
            caller.fate = Fate.ANSWERED
            queue.answer(self._agenda.now_ms - caller.arrives_at_ms)
        else:
            self.surprises[f"abandon: {result.reason or result.code}"] += 1

    # ------------------------------------------------------------------ what is heard

    def hear(self, event: RoutingEvent) -> None:
        """Take an event about an interaction."""
        if event.kind == RoutingEvent.KIND_OFFER_ISSUED:
            self._hear_offer(event)
            return
        caller = self._callers.get(event.interaction_id)
        if caller is None:
            return
        if not caller.stranger:
            self._count(event)
        if event.kind in _OFFER_ENDED and caller.offer_id == event.offer_id:
            caller.offer_id = 0
            self._release(caller)
            if caller.fate is Fate.WAITING:
                self._unplaced.add(caller.interaction_id)
        elif event.kind == RoutingEvent.KIND_INTERACTION_DEAD_LETTERED:
            self._unplaced.discard(caller.interaction_id)
            if caller.fate in (Fate.WAITING, Fate.LEAVING) and not caller.stranger:
                caller.fate = Fate.DEAD_LETTERED
                self.account.queues[caller.queue].dead_lettered += 1

    def _hear_offer(self, event: RoutingEvent) -> None:
        caller = self._callers.get(event.interaction_id)
        if caller is None:
            caller = self._stranger(event)
        # An answered caller is offered again only if the answer came too late, of which
        # the feed may tell first.
        if caller.fate not in (Fate.WAITING, Fate.ANSWERED):
            return
        caller.offer_id, caller.agent = event.offer_id, event.agent_id
        self._by_offer[event.offer_id] = caller
        self._engaged[event.agent_id] = caller.interaction_id
        self._unplaced.discard(caller.interaction_id)
        name, attempt = caller.interaction_id, event.attempt
        declines = self._behaviour.declines(name, attempt, len(+self._on_shift))
        self._agenda.plan(
            max(caller.arrives_at_ms, self._horizon.cause_ms(self._agenda.now_ms))
            + self._behaviour.answer_ms(name, attempt),
            Step.DECLINE if declines and not caller.stranger else Step.ANSWER,
            name,
            event.offer_id,
        )

    def _release(self, caller: Caller) -> None:
        if self._engaged.get(caller.agent) == caller.interaction_id:
            del self._engaged[caller.agent]

    def _stranger(self, event: RoutingEvent) -> Caller:
        """Somebody else's interaction: it is served like any other, and not counted."""
        caller = Caller(
            interaction_id=event.interaction_id,
            queue=event.queue,
            arrives_at_ms=self._agenda.now_ms,
            patience_ms=FAR_MS,
            service_ms=STRANGER_SERVICE_MS,
            stranger=True,
            fate=Fate.WAITING,
        )
        self._callers[event.interaction_id] = caller
        return caller

    def _count(self, event: RoutingEvent) -> None:
        told = self.feed_count
        heard = {
            RoutingEvent.KIND_INTERACTION_ENQUEUED: told.offered,
            RoutingEvent.KIND_OFFER_ACCEPTED: told.answered,
            RoutingEvent.KIND_INTERACTION_ABANDONED: told.abandoned,
            RoutingEvent.KIND_INTERACTION_DEAD_LETTERED: told.dead_lettered,
        }.get(event.kind)
        if heard is not None:
            heard.add(event.interaction_id)


_OFFER_ENDED = frozenset(
    {
        RoutingEvent.KIND_OFFER_DECLINED,
        RoutingEvent.KIND_OFFER_EXPIRED,
        RoutingEvent.KIND_OFFER_REVOKED,
    }
)
