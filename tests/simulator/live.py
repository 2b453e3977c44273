"""Feeds the orders of a simulated run to the live router's host.

The same arrivals, answers and ends, as commands with names, at the same instants, each in
a batch of its own. Holds no test.
"""

from typing import Any

import numpy as np

from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.errors import Refused
from router.engine.kinds import Order
from router.engine.tables import NOBODY
from router.host import Host
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.conversation import Relation
from simulator.plan import Plan
from tests.host.journals import HandClock, WatchedJournal


def commands_before(plan: Plan, policy: Any, text: str) -> list[Any]:
    """What the router was told before the first interaction came."""
    before: list[Any] = [c.PublishPolicy(policy, text)]
    for name, staff in plan.scenario.staff.items():
        first = plan.first_agents[list(plan.scenario.staff).index(name)]
        if staff.roster is None:
            before += [
                c.DefineAgent(
                    plan.agent_ids[row], skills=dict(staff.skills), groups=staff.groups,
                    capacity=staff.capacity, limits=dict(staff.limits), prefers=staff.prefers,
                    kind=staff.kind,
                )
                for row in range(first, first + staff.agents)
            ]  # fmt: skip
    return before


class Interpreter:
    """Turns the orders of a run back into commands with names."""

    def __init__(self, engine: Any, plan: Plan) -> None:
        self.engine = engine
        self.plan = plan
        self.ids: dict[int, str] = {}
        self.customers: dict[int, str] = {}
        self.number = 0
        self.lines = {row: key for key, row in engine.writer.lines._lines.items()}

    def command(self, order: Any) -> Any:
        """The command, or None for one that has no name outside."""
        kind = Order(int(order["order"]))
        interaction = self.ids.get(int(order["interaction"]), "")
        agent = self.plan.agent_ids.get(int(order["agent"]), "")
        if kind == Order.ENQUEUE:
            return self._enqueue(order)
        if kind == Order.TICK:
            return c.Tick()
        if kind == Order.SIGN_IN:
            return c.SignIn(
                agent, Link(int(order["link"])), Presence(int(order["presence"]))
            )
        if kind == Order.SET_PRESENCE:
            presence = Presence(int(order["presence"]))
            return c.SetPresence(agent, presence, when_idle=bool(order["count"]))
        if kind == Order.CONNECT:
            return c.Connect(agent, int(order["session"]))
        if kind == Order.DISCONNECT:
            return c.Disconnect(agent, int(order["session"]))
        if kind == Order.ACCEPT_OFFER:
            return c.AcceptOffer(agent, int(order["offer"]))
        if kind == Order.DECLINE_OFFER:
            return c.DeclineOffer(agent, int(order["offer"]))
        if kind == Order.COMPLETE:
            until = int(order["until"])
            return c.Complete(interaction, None if until < 0 else until)
        if kind == Order.ABANDON:
            return c.Abandon(interaction)
        if kind == Order.CANCEL:
            return c.Cancel(interaction)
        queue, channel, _, needs = self.lines[int(order["line"])]
        if kind == Order.TRANSFER:
            return c.Transfer(interaction, queue, needs=needs)
        assert kind == Order.HAND_OFF, kind
        self.number += 1
        return c.HandOff(
            interaction, f"i-{self.number}", Channel(channel), queue, needs,
            relation=Relation(int(order["reason"])),
        )  # fmt: skip

    def _enqueue(self, order: Any) -> c.Enqueue:
        queue, channel, priority, needs = self.lines[int(order["line"])]
        self.number += 1
        customer = ""
        if order["link"]:
            row = int(order["customer"])
            customer = self.customers.get(row, f"c-{self.number}")
        owner = (
            self.plan.agent_ids[int(order["other"])] if order["other"] != NOBODY else ""
        )
        return c.Enqueue(
            f"i-{self.number}", queue, channel, priority, needs, owner=owner,
            hold_back_ms=int(order["until"]), waited_ms=int(order["since"]), customer=customer,
        )  # fmt: skip

    def note(self, command: Any, row: int) -> None:
        """Which row the router has given it."""
        if isinstance(command, c.HandOff):
            self.ids[row] = command.successor
        elif isinstance(command, c.Enqueue):
            self.ids[row] = command.interaction
            if command.customer:
                record = self.engine.floor.interactions.view(np.ndarray)[row]
                self.customers[int(record["customer"])] = command.customer


async def stood(
    plan: Plan, policy: Any, text: str, orders: Any, heard: Any = None
) -> Any:
    """A live engine after these orders, its host drained. `heard` is shown each batch of
    events that they cause.
    """
    clock = HandClock(plan.origin_ms)
    journal = WatchedJournal()
    host = Host(Engine(), journal, journal.open("lived"), clock)
    await host.start()
    host.engine.machine.stopwatch_us = int
    for command in commands_before(plan, policy, text):
        await host.submit(command)
    host.engine.begin(plan.origin_ms)
    for key in plan.line_keys:
        host.engine.writer.lines.line(*key)
    if heard is not None:
        host.listeners.append(lambda batch, engine: heard(batch.events.copy()))
    reader = Interpreter(host.engine, plan)
    for order in orders:
        clock.at = int(order["at"])
        command = reader.command(order)
        try:
            done = await host.submit(command)
        except Refused:
            continue
        reader.note(command, done.row)
    await host.drain()
    return host.engine


async def lived(plan: Plan, policy: Any, text: str, orders: Any) -> Any:
    """The events that the live host records for these orders, one array."""
    heard: list[Any] = []
    await stood(plan, policy, text, orders, heard.append)
    return np.concatenate(heard)
