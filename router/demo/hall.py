"""The customers of the day, and the clients' side of its account.

Each customer reaches out, waits, and gives up when patience ends unless somebody
answers first. The desks report here what they have answered. What the hall knows comes
from the answers to its own calls alone, never from the event feed: the account is to be
looked at from two sides.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import grpc

from router.demo.account import Account, QueueTally
from router.demo.client import Router, plainly, tolerating
from router.demo.day_clock import DayClock
from router.demo.day_plan import Arrival
from router.demo.errors import RouterRefused
from router.demo.notebook import Notebook
from router.v1.interaction_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_EMAIL,
    CHANNEL_SMS,
    CHANNEL_VOICE,
    Interaction,
)
from router.v1.routing_service_pb2 import (
    AbandonInteractionRequest,
    EnqueueInteractionRequest,
    GetInteractionRequest,
)

CHANNELS = {
    "voice": CHANNEL_VOICE, "chat": CHANNEL_CHAT, "email": CHANNEL_EMAIL, "sms": CHANNEL_SMS,
}  # fmt: skip


_LOOKS_EVERY_MS = 20 * 60_000
"""Well within the hour for which the bank's router remembers what has ended."""


@dataclass(slots=True)
class Customer:
    """One customer who has reached out."""

    arrival: Arrival
    arrived_at_ms: int
    moves: tuple[str, ...] = ()
    """Where the customer will go on from here."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class Hall:
    """Everybody who has reached out so far."""

    def __init__(
        self,
        router: Router,
        clock: DayClock,
        prefix: str,
        tallies: dict[str, QueueTally],
        notebook: Notebook,
    ) -> None:
        self.account = Account(tallies)
        self._router = router
        self._clock = clock
        self._prefix = prefix
        self._notebook = notebook
        self.all_served = asyncio.Event()
        """Set while nobody is known to wait."""
        self._customers: dict[str, Customer] = {}
        self._unanswered = 0
        self._looking: set[asyncio.Task[None]] = set()

    async def open(self, arrivals: Sequence[Arrival]) -> None:
        """Let everybody in at their time; ends when nobody holds the line any more."""
        async with asyncio.TaskGroup() as visits:
            for arrival in arrivals:
                await self._clock.until(arrival.at_ms)
                visits.create_task(self._visit(arrival))

    async def _visit(self, arrival: Arrival) -> None:
        name = f"{self._prefix}{arrival.number}"
        customer_id, conversation_id = arrival.customer_id, ""
        if arrival.moves:
            customer_id, conversation_id = await self._notebook.ask_first(
                name, arrival.number
            )
        customer = Customer(arrival, self._clock.now_ms, arrival.moves)
        self._customers[name] = customer
        self._unanswered += 1
        self.all_served.clear()
        request = EnqueueInteractionRequest(
            interaction_id=name,
            queue=arrival.queue,
            channel=CHANNELS[arrival.channel],
            customer_id=customer_id,
            conversation_id=conversation_id,
        )
        try:
            await self._router.call(self._router.routing.EnqueueInteraction, request)
        except grpc.aio.AioRpcError as failure:
            raise RouterRefused(
                f"{name} is refused in {arrival.queue}: {plainly(failure)}"
            ) from failure
        self.account.queues[arrival.queue].offered += 1
        if arrival.patience_ms is None:
            return
        left_ms = customer.arrived_at_ms + arrival.patience_ms - self._clock.now_ms
        try:
            await asyncio.wait_for(
                customer.answered.wait(), max(0.0, self._clock.real_s(left_ms))
            )
        except TimeoutError:
            await self._give_up(name, customer)

    async def _give_up(self, name: str, customer: Customer) -> None:
        answer = await self._router.call(
            self._router.routing.AbandonInteraction,
            AbandonInteractionRequest(interaction_id=name),
        )
        self._end(customer, answer.interaction.state)

    def _end(self, customer: Customer, state: int) -> None:
        if customer.ended:
            return
        queue = self.account.queues[customer.arrival.queue]
        if state == Interaction.STATE_ABANDONED:
            queue.abandoned += 1
            self._gone(customer)
        elif state == Interaction.STATE_DEAD_LETTERED:
            queue.dead_lettered += 1
            self._gone(customer)

    def _gone(self, customer: Customer) -> None:
        customer.ended = True
        self._settled()

    def _settled(self) -> None:
        self._unanswered -= 1
        if not self._unanswered:
            self.all_served.set()

    def answered(self, name: str) -> int | None:
        """An agent has answered: how long the service takes; None for a stranger."""
        customer = self._customers.get(name)
        if customer is None:
            return None
        if not customer.ended:
            customer.ended = True
            if not customer.moves:
                self._settled()
            wait_ms = self._clock.now_ms - customer.arrived_at_ms
            self.account.queues[customer.arrival.queue].answer(wait_ms)
        customer.answered.set()
        return customer.arrival.leg_ms

    def next_move(self, name: str) -> str | None:
        """The channel on which this customer will go on; None for who stays."""
        customer = self._customers.get(name)
        return customer.moves[0] if customer is not None and customer.moves else None

    def goes_on(self, name: str) -> str:
        """The customer goes on elsewhere: the name under which, known before the router
        is told, for an answer may come at once.
        """
        before = self._customers[name]
        successor = f"{name}-{before.moves[0]}"
        self._customers[successor] = Customer(
            before.arrival, self._clock.now_ms, before.moves[1:]
        )
        self.account.queues[before.arrival.queue].offered += 1
        self._look_after(successor)
        # One settled and one more to be served: still the same number.
        return successor

    def stays(self, successor: str) -> None:
        """Nothing came of it: the customer had hung up before."""
        gone = self._customers.pop(successor)
        gone.ended = True
        self.account.queues[gone.arrival.queue].offered -= 1
        self._settled()

    def _look_after(self, name: str) -> None:
        """Who goes on elsewhere holds no line, and looks now and then whether the router
        still has them: an interaction that has ended is forgotten after a while.
        """
        task = asyncio.create_task(self._looks(name, self._customers[name]))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _looks(self, name: str, customer: Customer) -> None:
        while not customer.ended:
            try:
                await asyncio.wait_for(
                    customer.answered.wait(), self._clock.real_s(_LOOKS_EVERY_MS)
                )
            except TimeoutError:
                await self._look(name, customer)

    async def _look(self, name: str, customer: Customer) -> None:
        if customer.ended:
            return
        found = await tolerating(
            self._router.call(
                self._router.routing.GetInteraction,
                GetInteractionRequest(interaction_id=name),
            ),
            "UNKNOWN_INTERACTION",
        )
        if found is not None:
            self._end(customer, found.interaction.state)

    async def close(self) -> None:
        """Ask the router what became of those nobody has heard of again."""
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        for name, customer in self._customers.items():
            await self._look(name, customer)
            if not customer.ended:
                self.account.waiting += 1
