"""The machine under the engine's face: orders as numbers in, events collected, joint
rounds solved.

Knows nothing of commands and names. `give` hands one order to the functions of `decide`
and says whether it was refused; events pile up in the floor's outbox and are moved
aside (`drain`) before it is full.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from router.engine import entry
from router.engine.floor import enlarged, joined, new_floor
from router.engine.joint import Draft, Round, offer_pairs, pairs_possible, prepare
from router.engine.kinds import Kind, Order, Refusal, Table
from router.engine.linking import link
from router.engine.settle import forget_changes
from router.engine.tables import COMMAND, NEVER, NOBODY, Floor, Record
from router.matching.solution import Solution

_GROWS_WITH = {
    Table.ROSTER: "agents",
    Table.QUEUE_RULES: "queues",
    Table.LINE: "lines",
    Table.LADDER: "ladders",
    Table.STEP: "steps",
    Table.CLAUSE: "clauses",
}


_BLANK = np.zeros(1, COMMAND)
for _name in ("interaction", "agent", "other", "line", "conversation", "customer"):
    _BLANK[_name] = NOBODY


class Machine:
    """A floor, the way orders are given to it, and the events they have caused."""

    def __init__(self) -> None:
        link()
        self.floor = new_floor()
        self.now = 0
        self.payload_used = 0
        self.on_large_round: Callable[[], None] | None = None
        """A round is due that is too large to be solved here: `draft` it."""
        self.stopwatch_us: Callable[[], int] = int
        self.round_is_out = False
        self._events: list[Record] = []

    @property
    def floor(self) -> Floor:
        """Everything true right now."""
        return self._floor

    @floor.setter
    def floor(self, floor: Floor) -> None:
        self._floor = floor
        # Plain views: reading them costs a twentieth of what a record array takes.
        house = floor.house.view(np.ndarray)
        self._sequence = house["sequence"]
        self._clock = house["now"]
        self._used = {
            what: (house[what], house[spare])
            for what, spare in (
                ("interactions", "spare"),
                ("conversations", "spare_conversations"),
                ("customers", "spare_customers"),
            )
        }
        self._scratch = floor.scratch.view(np.ndarray)
        self._stated = self._scratch["events"]
        self._outbox = floor.outbox.view(np.ndarray)
        self._inbox = floor.inbox.view(np.ndarray)

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return int(self._sequence[0])

    def give(self, order: Order, **fields: int) -> tuple[int, Refusal]:
        """Give an order; returns the interaction's row (`NOBODY` for none) and the
        refusal.
        """
        answer = entry.give(self._floor, int(order), self.now, **fields)
        row, code = divmod(answer, entry.ROW)
        if code >= entry.ROUND_DUE:
            if code & entry.ROUND_DUE:
                self.joint_round()
            if code & entry.FILLING:
                self.drain()
            code %= entry.ROUND_DUE
        return row - 1, Refusal(code) if code else Refusal.OK

    def give_all(
        self, order: Order, count: int, columns: Mapping[str, Sequence[Any] | int]
    ) -> list[tuple[int, int, int]]:
        """Give one order many times; of each, in the same sequence, the row it is about,
        the refusal and the last sequence it caused.

        `columns` are the fields of the orders, a value each or one for all; other fields
        are as `entry.order` has them by default.
        """
        # The first place of the inbox is for orders given singly, as a joint round does
        # in between.
        inbox = self._inbox[1 : count + 1]
        inbox.view(np.uint8).reshape(count, -1)[:] = _BLANK.view(np.uint8)
        inbox["order"] = order
        inbox["at"] = self.now
        for name, values in columns.items():
            inbox[name] = values
        scratch, done = self._scratch[0], 1
        while done <= count:
            scratch["next_order"], scratch["orders"] = done, count + 1
            entry.give_all(self._floor)
            done = int(scratch["next_order"])
            if scratch["round_due"]:
                self.joint_round()
                inbox["value"][done - 2] = self.sequence
            if done <= count:
                self.drain()
        # Field by field: NumPy takes longer to make a view of several.
        found = (inbox[name].tolist() for name in ("interaction", "reason", "value"))
        return list(zip(*found, strict=True))

    def next_wakeup(self) -> int | None:
        """The next instant at which time alone would cause something, or `None`."""
        due = entry.wakeup(self.floor)
        return None if due >= NEVER else due

    # ---------------------------------------------------------------- room and rows

    def begin(self, now: int, headroom: int) -> None:
        """Set the time, which never goes back, and keep so many interaction rows free."""
        self.now = max(now, self._clock.item(0))
        self.room("interactions", self.taken("interactions") + headroom)
        # An order may make a conversation and two customers known.
        for what in ("conversations", "customers"):
            self.room(what, self.taken(what) + 2 * headroom)

    def taken(self, what: str) -> int:
        """How many rows of interactions, conversations or customers hold one, and are not
        spare.
        """
        used, spare = self._used[what]
        return int(used.item(0) - spare.item(0))

    def room(self, what: str, rows: int) -> None:
        """Make sure that the floor has so many rows of a kind."""
        floor = enlarged(self._floor, what, rows)
        if floor is not self._floor:
            self.floor = floor

    def define(self, table: Table, row: int, record: Record) -> None:
        """State one row of a definition table."""
        size = record.dtype.itemsize
        if self.payload_used + size > len(self.floor.payload):
            payload = np.zeros(
                max(1 << 16, 2 * len(self.floor.payload) + size), np.uint8
            )
            payload[: self.payload_used] = self.floor.payload[: self.payload_used]
            self.floor = self.floor.replaced(payload=payload)
        start = self.payload_used
        self.floor.payload[start : start + size] = record.view(np.uint8)
        self.payload_used += size
        self.give(Order.DEFINE, reason=int(table), line=row, value=start)

    # ---------------------------------------------------------------- events

    def drain(self) -> None:
        """Move the outbox aside."""
        count = int(self._stated[0])
        if count:
            self._events.append(joined([self._outbox[:count]]))
            self._stated[0] = 0

    def take(self) -> tuple[Record | None, bytes]:
        """All events since the last `take`, and the bytes of the rows they define."""
        self.drain()
        if not self._events:
            return None, b""
        events = self._events[0] if len(self._events) == 1 else joined(self._events)
        payload = b""
        if self.payload_used:
            payload = self.floor.payload[: self.payload_used].tobytes()
        self._events, self.payload_used = [], 0
        return events, payload

    def replay(self, events: Record, payload: bytes) -> None:
        """Make recorded events true, in order."""
        self._make_room(events)
        if payload:
            rows = np.frombuffer(payload, np.uint8).copy()
            self.floor = self.floor.replaced(payload=rows)
        entry.replay(self.floor, events)
        self.now = int(self.floor.house["now"][0])

    def _make_room(self, events: Record) -> None:
        """Before replay: enlarge the floor to the highest rows that the events speak
        of.
        """
        interaction, agent, conversation, customer, defining = entry.highest(events)
        self.room("interactions", interaction + 1)
        self.room("agents", agent + 1)
        self.room("conversations", conversation + 1)
        self.room("customers", customer + 1)
        if not defining:
            return
        rows = events[events["kind"] == Kind.ROW_DEFINED]
        for table in np.unique(rows["mode"]).tolist():
            highest = int(rows["line"][rows["mode"] == table].max())
            if table in _GROWS_WITH:
                self.room(_GROWS_WITH[Table(table)], highest + 1)

    # ---------------------------------------------------------------- joint rounds

    def joint_round(self) -> None:
        """Solve the joint round that is due, here or (if it is large) wherever the
        driver likes.
        """
        scratch = self.floor.scratch[0]
        while scratch.round_due:
            if self.round_is_out:
                # What has changed since is looked at when it comes back.
                scratch.round_due = 0
                return
            forget_changes(self.floor)
            large = pairs_possible(self.floor) > int(
                self.floor.rules[0].inline_pairs_max
            )
            if large and self.on_large_round is not None:
                self.round_is_out = True
                self.on_large_round()
                return
            round_ = prepare(self.floor, self.now)
            if len(round_.points) == 0:
                return
            started = self.stopwatch_us()
            solution = round_.solved()
            took_us = self.stopwatch_us() - started
            offer_pairs(self.floor, round_, solution, self.now, took_us, self.drain)
            if not len(solution.pairs):
                return
            scratch.everything = 1
            entry.give(self.floor, int(Order.TICK), self.now)

    def draft(self) -> Draft:
        """Begin to write down the large round that is due."""
        forget_changes(self.floor)
        return Draft(self.floor, self.now)

    def conclude(
        self,
        round_: Round,
        solution: Solution,
        solver_us: int,
        start: int,
        most: int | None,
    ) -> int:
        """Bring back a round that was solved elsewhere, so many of its pairs at a time
        and each checked again; returns how far it came.
        """
        until = len(solution.pairs)
        if most is not None:
            until = min(start + most, until)
        offer_pairs(
            self.floor, round_, solution, self.now, solver_us, self.drain, start, until
        )
        if until == len(solution.pairs):
            self.round_is_out = False
            self.floor.scratch["everything"] = 1
            self.floor.scratch["round_due_at"] = self.now
            self.give(Order.TICK)
        return until

    def forgo_round(self) -> None:
        """The round that is out has no pairs. What has changed since it was drafted is
        looked at now.
        """
        self.round_is_out = False
        self.give(Order.TICK)

    def lose_round(self) -> None:
        """The round that is out was lost. Whoever was in it is looked at again with the
        next order, not at once: what was at fault may be so still.
        """
        self.round_is_out = False
        self.floor.scratch["everything"] = 1
