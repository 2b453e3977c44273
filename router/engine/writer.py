"""Stating definitions: names, roster, lines, ladders and policies, as events in the batch at hand.

The engine's Python half. Whatever is written here goes through `ROW_DEFINED` events and names, so replay writes
it again; nothing touches a definition table directly.
"""

from collections.abc import Callable

import numpy as np

from router.engine import entry
from router.engine.commands import DefineAgent
from router.engine.definitions import (
    Row,
    channel_row,
    ladder_name,
    ladder_rows,
    queue_row,
    read_ladder_name,
    roster_row,
    rules_row,
)
from router.engine.errors import InvalidField, LimitReached, QueueInUse, UnknownGroup, UnknownQueue, UnknownSkill
from router.engine.floor import OUTBOX_MAX, enlarged, used_rows
from router.engine.kinds import Order, Table
from router.engine.names import Directory, Names
from router.engine.tables import (
    AGENT_GROUPS_MAX,
    CHANNELS,
    GROUPS_MAX,
    LADDER,
    LINE,
    NOBODY,
    QUEUE_RULES,
    SKILLS_MAX,
    Floor,
)
from router.model.channel import Channel
from router.model.needs import LEVEL_MAX, NEEDS_MAX, Needs
from router.policy.parts import ChannelPolicy
from router.policy.policy import Policy

LINES_MAX = 65_536
"""Most waiting lines: combinations of queue, channel, priority and needs that are told apart."""

LineKey = tuple[str, Channel, int, Needs]


class Writer:
    """Writes definitions to a floor and remembers which lines there are."""

    def __init__(self, floor: Floor, names: Directory, drain: Callable[[], None]) -> None:
        self.floor = floor
        self.names = names
        self.policy: Policy | None = None
        self.payload_used = 0
        self.given: list[tuple[int, int, str]] = []
        self._drain = drain
        self._lines: dict[LineKey, int] = {}
        self._next_line = 0
        self._next_step = 0
        self._next_clause = 0

    # ---------------------------------------------------------------- names and rows

    def name(self, table: Table, row: int, text: str) -> None:
        """Give a row its name, here and in the batch."""
        self.names.bind(table, row, text)
        self.given.append((int(table), row, text))

    def _interned(self, table: Table, names: Names, text: str, room: int) -> int:
        row = names.rows.get(text)
        if row is None:
            row = names.next_row()
            if row >= room:
                raise LimitReached(f"more than {room} names of kind {table.name.lower()} have been in use")
            self.name(table, row, text)
        return row

    def room(self, what: str, rows: int) -> None:
        """Make sure that the floor has so many rows of a kind."""
        larger = enlarged(self.floor, what, rows)
        if larger is not self.floor:
            self.floor = larger

    def define(self, table: Table, row: int, record: Row, now: int) -> None:
        """State one row of a definition table."""
        size = record.dtype.itemsize
        if self.payload_used + size > len(self.floor.payload):
            payload = np.zeros(max(1 << 16, 2 * len(self.floor.payload) + size), np.uint8)
            payload[: self.payload_used] = self.floor.payload[: self.payload_used]
            self.floor = self.floor.replaced(payload=payload)
        start = self.payload_used
        self.floor.payload[start : start + size] = record.view(np.uint8)
        self.payload_used += size
        entry.give(self.floor, Order.DEFINE, now, reason=int(table), line=row, value=start)
        if int(self.floor.scratch[0].events) > OUTBOX_MAX // 2:
            self._drain()

    # ---------------------------------------------------------------- lines

    def line(self, queue: str, channel: Channel, priority: int | None, own: Needs, now: int) -> int:
        """The waiting line for these, made when it is asked for the first time. Raises for what cannot be."""
        policy = self.policy
        if policy is None or queue not in policy.queues:
            raise self.unknown_queue(queue)
        if priority is None:
            priority = policy.queues[queue].priority
        row = self._lines.get((queue, channel, priority, own))
        if row is not None:
            return row
        if channel not in policy.channels:
            allowed = ", ".join(known.name for known in policy.channels)
            raise InvalidField(f"channel {channel.name} is not in use; the policy has {allowed}", field="channel")
        if not 0 <= priority <= 100:
            raise InvalidField(f"priority {priority} is not from 0 to 100", field="priority")
        self.check_needs(own, policy.queues[queue].needs)
        return self._new_line((queue, channel, priority, own), now)

    def known_line(self, queue: str, channel: Channel, priority: int, own: Needs) -> int | None:
        """The line for these if there is one already."""
        return self._lines.get((queue, channel, priority, own))

    def unknown_queue(self, queue: str) -> UnknownQueue:
        """What to answer to whoever names a queue that is not there."""
        known = self.policy.queues if self.policy is not None else ()
        return UnknownQueue(self._unknown("queue", queue, known), field="queue")

    def check_needs(self, own: Needs, queue_needs: Needs) -> None:
        """Refuse needs that name an unknown skill, contradict the queue's, or are too many."""
        known = self.names.skills.rows
        for skill in sorted(own.asked() | {need.skill for need in own.none_of}):
            if self.policy is None or skill not in known or skill not in self.policy.skills:
                raise UnknownSkill(self._unknown("skill", skill, self.policy.skills if self.policy else ()),
                                   field="needs")  # fmt: skip
        try:
            together = queue_needs.combined(own)
        except ValueError as problem:
            raise InvalidField(f"with the queue's own needs, {problem}", field="needs") from None
        if together.count() > NEEDS_MAX:
            raise InvalidField(
                f"{together.count()} single needs together with the queue's, at most {NEEDS_MAX} are allowed",
                field="needs",
            )

    @staticmethod
    def _unknown(what: str, name: str, known: object) -> str:
        names = ", ".join(sorted(map(str, known)))[:400] if known else "none"  # type: ignore[call-overload]
        return f"{what} {name!r} is not in the policy; it has {names}"

    def _new_line(self, key: LineKey, now: int) -> int:
        queue, channel, priority, own = key
        if self._next_line >= LINES_MAX:
            raise LimitReached(
                f"{LINES_MAX} different combinations of queue, channel, priority and needs are in use; "
                "use fewer distinct priorities or needs"
            )
        row = self._next_line
        self._next_line += 1
        self.room("lines", self._next_line)
        self._lines[key] = row
        self._define_line(row, key, self._ladder(queue, own, now), now)
        return row

    def _define_line(self, row: int, key: LineKey, ladder: int, now: int) -> None:
        queue, channel, priority, own = key
        assert self.policy is not None
        rules = self.policy.queues[queue]
        record = np.zeros(1, LINE)
        record["defined"] = 1
        record["channel"] = channel
        record["queue"] = self.names.queues.rows[queue]
        record["ladder"] = ladder
        record["priority"] = priority
        record["limit_line"] = self._onward(rules.overflow, key, now)
        record["wait_line"] = self._onward(rules.on_max_wait, key, now)
        self.define(Table.LINE, row, record, now)

    def _onward(self, queue: str, key: LineKey, now: int) -> int:
        """The line in which an interaction of this line goes on in another queue. Policies have no circles."""
        assert self.policy is not None
        if queue not in self.policy.queues:
            return NOBODY
        _, channel, priority, own = key
        onward = (queue, channel, priority, own)
        row = self._lines.get(onward)
        return self._new_line(onward, now) if row is None else row

    def _ladder(self, queue: str, own: Needs, now: int) -> int:
        text = ladder_name(queue, own)
        row = self.names.ladders.rows.get(text)
        if row is None:
            row = self.names.ladders.next_row()
            self.name(Table.LADDER, row, text)
            self.room("ladders", row + 1)
            self._define_ladder(row, queue, own, now)
        return row

    def _define_ladder(self, row: int, queue: str, own: Needs, now: int) -> None:
        assert self.policy is not None
        rungs = ladder_rows(self.policy, self.names, queue, own)
        self.room("steps", self._next_step + len(rungs))
        self.room("clauses", self._next_clause + sum(len(clauses) for _, clauses in rungs))
        ladder = np.zeros(1, LADDER)
        ladder["defined"] = 1
        ladder["first_step"] = self._next_step
        ladder["steps"] = len(rungs)
        for step, clauses in rungs:
            step["first_clause"] = self._next_clause
            for clause in clauses:
                self.define(Table.CLAUSE, self._next_clause, clause, now)
                self._next_clause += 1
            self.define(Table.STEP, self._next_step, step, now)
            self._next_step += 1
        self.define(Table.LADDER, row, ladder, now)

    # ---------------------------------------------------------------- policy and roster

    def publish(self, policy: Policy, version: int, now: int) -> None:
        """Write every row that a policy governs. The order that makes it count comes after."""
        self._check_queues_in_use(policy)
        self.policy = policy
        for skill in policy.skills:
            self._interned(Table.SKILL, self.names.skills, skill, SKILLS_MAX)
        for group in policy.groups:
            self._interned(Table.GROUP, self.names.groups, group, GROUPS_MAX)
        for reason in ("", *policy.reasons):
            self._interned(Table.PRESENCE_REASON, self.names.presence_reasons, reason, 30_000)
        self.define(Table.RULES, 0, self._rules_after_queues(policy, version, now), now)
        for number in range(1, CHANNELS):
            channel = policy.channels.get(Channel(number))
            record = channel_row(channel or ChannelPolicy())
            record["defined"] = channel is not None
            self.define(Table.CHANNEL_RULES, number, record, now)
        self._rewrite_ladders(policy, now)
        for agent in policy.agents:
            self.define_agent(
                DefineAgent(
                    agent.id, agent.name, agent.skills, agent.groups, agent.capacity, agent.limits, agent.prefers
                ),
                now,
            )

    def _rules_after_queues(self, policy: Policy, version: int, now: int) -> Row:
        for queue, rules in policy.queues.items():
            row = self._interned(Table.QUEUE, self.names.queues, queue, 1 << 16)
            self.room("queues", row + 1)
            self.define(Table.QUEUE_RULES, row, queue_row(rules, self.names), now)
        for queue, row in self.names.queues.rows.items():
            if queue not in policy.queues:
                self.define(Table.QUEUE_RULES, row, np.zeros(1, QUEUE_RULES), now)
        return rules_row(policy, version, self.names)

    def _check_queues_in_use(self, policy: Policy) -> None:
        for queue, row in self.names.queues.rows.items():
            counts = self.floor.queues[row]
            present = int(counts.waiting) + int(counts.offered) + int(counts.active)
            if queue not in policy.queues and present:
                raise QueueInUse(
                    f"queue {queue!r} still has {present} interactions; keep it in the policy until they "
                    "have ended, or move them first",
                    field="yaml",
                )

    def _rewrite_ladders(self, policy: Policy, now: int) -> None:
        """Those who wait follow the new policy at once: their ladders and lines are written again in place."""
        self._next_step = 0
        self._next_clause = 0
        for text, row in list(self.names.ladders.rows.items()):
            queue, own = read_ladder_name(text)
            if queue in policy.queues:
                try:
                    policy.queues[queue].needs.combined(own)
                except ValueError:
                    own = Needs.NOTHING
                own = self._still_known(own, policy)
                self._define_ladder(row, queue, own, now)
        for key, row in list(self._lines.items()):
            if key[0] in policy.queues:
                ladder = int(self.floor.lines[row].ladder)
                self._define_line(row, key, ladder, now)

    def _still_known(self, own: Needs, policy: Policy) -> Needs:
        """An interaction's own needs without the skills that the new policy no longer has."""
        known = set(policy.skills)
        return Needs(
            all_of=tuple(need for need in own.all_of if need.skill in known),
            any_of=tuple(group for group in own.any_of if all(need.skill in known for need in group)),
            none_of=tuple(need for need in own.none_of if need.skill in known),
        )

    def define_agent(self, agent: DefineAgent, now: int) -> int:
        """Put an agent on the roster or change them; returns their row. Writes nothing that is there already."""
        policy = self.policy
        if policy is None:
            raise InvalidField("no policy has been published yet; publish one first", field="agent")
        for skill, level in agent.skills.items():
            if skill not in policy.skills:
                raise UnknownSkill(self._unknown("skill", skill, policy.skills), field="agent.skills")
            if not 0 <= level <= LEVEL_MAX:
                raise InvalidField(f"level {level} of skill {skill} is not from 0 to 5", field="agent.skills")
        for group in agent.groups:
            if group not in policy.groups:
                raise UnknownGroup(self._unknown("group", group, policy.groups), field="agent.groups")
        if len(agent.groups) > AGENT_GROUPS_MAX:
            raise InvalidField(f"an agent belongs to at most {AGENT_GROUPS_MAX} groups", field="agent.groups")
        capacity = policy.capacity if agent.capacity is None else agent.capacity
        if not 1 <= capacity <= 1000:
            raise InvalidField(f"capacity {capacity} is not from 1 to 1000", field="agent.capacity")
        row = self.names.agents.rows.get(agent.agent)
        if row is None:
            row = self.names.agents.next_row()
            self.room("agents", row + 1)
            self.name(Table.AGENT, row, agent.agent)
        if self.names.displays.get(row, "") != agent.name:
            self.name(Table.DISPLAY, row, agent.name)
        record = roster_row(
            policy, self.names, skills=agent.skills, groups=agent.groups, capacity=capacity,
            limits=agent.limits, prefers=agent.prefers,
        )  # fmt: skip
        if self.floor.roster[row : row + 1].tobytes() != record.tobytes():
            self.define(Table.ROSTER, row, record, now)
        return row

    # ---------------------------------------------------------------- after replay

    def recall(self) -> None:
        """Find again which lines and rungs are in use, from the tables and names of a replayed floor."""
        used = used_rows(self.floor)
        self._next_line, self._next_step, self._next_clause = used["lines"], used["steps"], used["clauses"]
        self._lines.clear()
        for row in range(self._next_line):
            line = self.floor.lines[row]
            queue, own = read_ladder_name(self.names.ladders.texts[int(line.ladder)])
            self._lines[(queue, Channel(int(line.channel)), int(line.priority), own)] = row
