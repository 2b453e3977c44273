"""Waiting lines and their ladders: made when they are first asked for, written again
when the policy changes.

Interactions of one queue, channel, priority and set of needs stand in one line. Lines
and ladders are definitions: whatever is written here goes through `ROW_DEFINED` events
and names, so replay writes it again.
"""

import numpy as np

from router.engine.definitions import ladder_name, ladder_rows, read_ladder_name
from router.engine.errors import InvalidField, LimitReached, UnknownQueue, UnknownSkill
from router.engine.floor import used_rows
from router.engine.given import Given
from router.engine.kinds import Table
from router.engine.machine import Machine
from router.engine.names import Directory
from router.engine.tables import LADDER, LINE, NOBODY
from router.model.channel import Channel
from router.model.needs import NEEDS_MAX, Needs
from router.policy.policy import Policy

LINES_MAX = 65_536
"""Most waiting lines: combinations of queue, channel, priority and needs that are told
apart."""

LineKey = tuple[str, Channel, int, Needs]


class Lines:
    """Which lines there are."""

    def __init__(self, machine: Machine, names: Directory, given: Given) -> None:
        self.policy: Policy | None = None
        self._machine = machine
        self._names = names
        self._given = given
        self._lines: dict[LineKey, int] = {}
        self._next_line = 0
        self._next_step = 0
        self._next_clause = 0

    def line(
        self, queue: str, channel: Channel, priority: int | None, own: Needs
    ) -> int:
        """The waiting line for these, made when it is asked for the first time. Raises
        for what cannot be.
        """
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
            raise InvalidField(
                f"channel {channel.name} is not in use; the policy has {allowed}",
                field="channel",
            )
        if not 0 <= priority <= 100:
            raise InvalidField(
                f"priority {priority} is not from 0 to 100", field="priority"
            )
        self.check_needs(own, policy.queues[queue].needs)
        return self._new_line((queue, channel, priority, own))

    def keys(self) -> list[LineKey]:
        """What the lines that there are stand for, in the order of their rows."""
        return sorted(self._lines, key=self._lines.__getitem__)

    def known_line(
        self, queue: str, channel: Channel, priority: int, own: Needs
    ) -> int | None:
        """The line for these if there is one already."""
        return self._lines.get((queue, channel, priority, own))

    def unknown_queue(self, queue: str) -> UnknownQueue:
        """What to answer to whoever names a queue that is not there."""
        known = self.policy.queues if self.policy is not None else ()
        return UnknownQueue(unknown("queue", queue, known), field="queue")

    def check_needs(self, own: Needs, queue_needs: Needs) -> None:
        """Refuse needs that name an unknown skill, contradict the queue's, or are too
        many.
        """
        known = self._names.skills.rows
        for skill in sorted(own.asked() | {need.skill for need in own.none_of}):
            if (
                self.policy is None
                or skill not in known
                or skill not in self.policy.skills
            ):
                raise UnknownSkill(unknown("skill", skill, self.policy.skills if self.policy else ()),
                                   field="needs")  # fmt: skip
        try:
            together = queue_needs.combined(own)
        except ValueError as problem:
            raise InvalidField(
                f"with the queue's own needs, {problem}", field="needs"
            ) from None
        if together.count() > NEEDS_MAX:
            raise InvalidField(
                f"{together.count()} single needs together with the queue's, at most {NEEDS_MAX} are allowed",
                field="needs",
            )

    def _new_line(self, key: LineKey) -> int:
        queue, _, _, own = key
        if self._next_line >= LINES_MAX:
            raise LimitReached(
                f"{LINES_MAX} different combinations of queue, channel, priority and needs are in use; "
                "use fewer distinct priorities or needs"
            )
        row = self._next_line
        self._next_line += 1
        self._machine.room("lines", self._next_line)
        self._lines[key] = row
        self._define_line(row, key, self._ladder(queue, own))
        return row

    def _define_line(self, row: int, key: LineKey, ladder: int) -> None:
        queue, channel, priority, _ = key
        assert self.policy is not None
        rules = self.policy.queues[queue]
        record = np.zeros(1, LINE)
        record["defined"] = 1
        record["channel"] = channel
        record["queue"] = self._names.queues.rows[queue]
        record["ladder"] = ladder
        record["priority"] = priority
        record["limit_line"] = self._onward(rules.overflow, key)
        record["wait_line"] = self._onward(rules.on_max_wait, key)
        self._machine.define(Table.LINE, row, record)

    def _onward(self, queue: str, key: LineKey) -> int:
        """The line in which an interaction of this line goes on in another queue.
        Policies have no circles.
        """
        assert self.policy is not None
        if queue not in self.policy.queues:
            return NOBODY
        _, channel, priority, own = key
        onward = (queue, channel, priority, own)
        row = self._lines.get(onward)
        return self._new_line(onward) if row is None else row

    def _ladder(self, queue: str, own: Needs) -> int:
        text = ladder_name(queue, own)
        row = self._names.ladders.rows.get(text)
        if row is None:
            row = self._names.ladders.next_row()
            self._given.name(Table.LADDER, row, text)
            self._machine.room("ladders", row + 1)
            self._define_ladder(row, queue, own)
        return row

    def _define_ladder(self, row: int, queue: str, own: Needs) -> None:
        assert self.policy is not None
        rungs = ladder_rows(self.policy, self._names, queue, own)
        self._machine.room("steps", self._next_step + len(rungs))
        self._machine.room(
            "clauses", self._next_clause + sum(len(clauses) for _, clauses in rungs)
        )
        ladder = np.zeros(1, LADDER)
        ladder["defined"] = 1
        ladder["first_step"] = self._next_step
        ladder["steps"] = len(rungs)
        for step, clauses in rungs:
            step["first_clause"] = self._next_clause
            for clause in clauses:
                self._machine.define(Table.CLAUSE, self._next_clause, clause)
                self._next_clause += 1
            self._machine.define(Table.STEP, self._next_step, step)
            self._next_step += 1
        self._machine.define(Table.LADDER, row, ladder)

    def rewrite(self, policy: Policy) -> None:
        """Those who wait follow the new policy at once: their ladders and lines are
        written again in place.
        """
        self._next_step = 0
        self._next_clause = 0
        for text, row in list(self._names.ladders.rows.items()):
            queue, own = read_ladder_name(text)
            if queue in policy.queues:
                try:
                    policy.queues[queue].needs.combined(own)
                except ValueError:
                    own = Needs.NOTHING
                own = self._still_known(own, policy)
                self._define_ladder(row, queue, own)
        for key, row in list(self._lines.items()):
            if key[0] in policy.queues:
                ladder = int(self._machine.floor.lines[row].ladder)
                self._define_line(row, key, ladder)

    def _still_known(self, own: Needs, policy: Policy) -> Needs:
        """An interaction's own needs without the skills that the new policy no longer
        has.
        """
        known = set(policy.skills)
        return Needs(
            all_of=tuple(need for need in own.all_of if need.skill in known),
            any_of=tuple(
                group
                for group in own.any_of
                if all(need.skill in known for need in group)
            ),
            none_of=tuple(need for need in own.none_of if need.skill in known),
        )

    def recall(self) -> None:
        """Find again which lines and rungs are in use, from the tables and names of a
        replayed floor.
        """
        used = used_rows(self._machine.floor)
        self._next_line, self._next_step, self._next_clause = (
            used["lines"],
            used["steps"],
            used["clauses"],
        )
        self._lines.clear()
        for row in range(self._next_line):
            line = self._machine.floor.lines[row]
            queue, own = read_ladder_name(self._names.ladders.texts[int(line.ladder)])
            self._lines[
                (queue, Channel(int(line.channel)), int(line.priority), own)
            ] = row


def unknown(what: str, name: str, known: object) -> str:
    """What to say of a name that the policy does not have."""
    names = ", ".join(sorted(map(str, known)))[:400] if known else "none"  # type: ignore[call-overload]
    return f"{what} {name!r} is not in the policy; it has {names}"
