"""The journal checker: reads a journal once and says which promises it breaks.

Stands beside the stores: `santral-router replay --check` feeds it every group from the
first one on, and the tests feed it what the engine has just caused. It folds the events
into a second, naive floor (`second_floor`) that was written apart from the engine, and
judges each event against it before it believes it. It must never call the engine, for
then it would only repeat what the engine says of itself.

What it holds a journal to (numbers of the invariants in the reliability reference):

- I1 an interaction has at most one owner, and an offer one end, by whom it was made to;
- I2 sequences have no gap, time never falls;
- I3 no agent is given more than capacity, channel limits and exclusive channels allow;
- I4 among equals the older goes first, and who returns to a line keeps their age;
- I5 an interaction follows its lifecycle, and is in one place at a time;
- I6 whatever is not at its end has a deadline ahead;
- I7 nobody is offered what they may not have, and the live channels of one customer do
  not part in silence (that no possible pair is left waiting
  cannot be seen from events alone: the state machine of the tests holds that half);
- I8 numbers that events carry are the numbers one gets by counting;
- I9 a timer fires once, not early, and at most `late_ms` late;
- I10 the version of a context goes up by one, and carries no further than consent does;
- I11 nothing is added to the context of a customer whose erasure was asked for;
- I12 the engine's floor, once replayed, agrees with the second floor (`against`);
- I16 a conversation is one customer's, and a handoff stays within it;
- I17 decisions follow the policy that is in force at their sequence.
"""

from collections.abc import Iterable
from heapq import heappop
from typing import Any, Final, Protocol

from router.engine.kinds import Kind
from router.engine.tables import Floor
from router.journal import checker_interactions as interactions
from router.journal.checker_against import differing
from router.journal.checker_customers import ON_CUSTOMERS
from router.journal.checker_house import ON_AGENTS, judge_house
from router.journal.checker_offers import settle_round
from router.journal.second_floor import HELD, PRESENT, Fact, SecondFloor, Violation

__all__ = ["LATE_MS", "JournalChecker", "Violation", "check"]

LATE_MS: Final = 5_000
"""How late a busy router's timers may fire before the checker speaks up."""

_IN_A_ROUND: Final = (Kind.OFFER_ISSUED, Kind.INTERACTION_INTERRUPTED)
_ON_HOUSE: Final = (
    Kind.ROW_DEFINED,
    Kind.POLICY_PUBLISHED,
    Kind.MATCH_ROUND_SOLVED,
    Kind.ROUTER_STARTED,
)


class Told(Protocol):
    """What the checker reads: a batch of the engine as well as a group of a journal."""

    @property
    def first_sequence(self) -> int:
        """The sequence of the first event."""

    @property
    def events(self) -> Any:
        """Rows of `EVENT`."""

    @property
    def payload(self) -> bytes:
        """The rows that `ROW_DEFINED` events refer to by offset."""


def check(groups: Iterable[Told], *, late_ms: int = LATE_MS) -> list[Violation]:
    """Every broken promise of a whole journal, in the order in which they show."""
    checker = JournalChecker(late_ms=late_ms)
    for group in groups:
        checker.take(group)
    return checker.finish()


class JournalChecker:
    """Folds events, one group after the other from the first, and collects violations.

    It goes on after a violation and believes the event, so that a mistake is told where
    it happened; what follows from it may be told as well.
    """

    def __init__(self, *, late_ms: int = LATE_MS) -> None:
        self.floor = SecondFloor()
        self._late_ms = late_ms
        self._payload = b""

    @property
    def violations(self) -> list[Violation]:
        """All that was broken so far."""
        return self.floor.violations

    def take(self, group: Told) -> list[Violation]:
        """Judge and believe the events of the next group; returns what they broke."""
        floor = self.floor
        known = len(floor.violations)
        if group.first_sequence != floor.sequence + 1:
            was, floor.sequence = floor.sequence, group.first_sequence
            floor.say("I2", f"sequence {group.first_sequence} comes after {was}")
        floor.sequence = group.first_sequence - 1
        self._payload = group.payload
        for values in group.events.tolist():
            self._believe(Fact._make(values))
        return floor.violations[known:]

    def finish(self) -> list[Violation]:
        """Judge what can only be judged at the end; returns all violations."""
        floor = self.floor
        settle_round(floor)
        present = sum(x.state in PRESENT for x in floor.interactions.values())
        ended = sum(floor.ended.values())
        if floor.created != present + ended:
            what = f"{floor.created} came, {present} are present, {ended} have ended"
            floor.say("I5", what)
        return floor.violations

    def against(self, floor: Floor) -> list[Violation]:
        """Where the engine's floor, at the same sequence, differs from the second."""
        settle_round(self.floor)
        return [
            Violation(self.floor.sequence, "I12", what)
            for what in differing(self.floor, floor)
        ]

    # ------------------------------------------------------------------ one event

    def _believe(self, event: Fact) -> None:
        floor = self.floor
        floor.sequence += 1
        if event.at != floor.now:
            self._pass_time(event)
        if floor.round is not None and event.kind not in _IN_A_ROUND:
            settle_round(floor)
        if event.kind == Kind.INTERACTION_ENQUEUED:
            interactions.enqueued(floor, event)
        elif event.kind == Kind.INTERACTION_FORGOTTEN:
            interactions.forget(floor, event.interaction)
        elif event.kind in interactions.JUDGES:
            interactions.judge(floor, event)
        elif event.kind in ON_CUSTOMERS:
            ON_CUSTOMERS[event.kind](floor, event)
        elif event.kind in ON_AGENTS:
            ON_AGENTS[event.kind](floor, event)
        elif event.kind in _ON_HOUSE:
            judge_house(floor, self._payload, event)
        else:
            floor.say("I5", f"an event is of the unknown kind {event.kind}")

    def _pass_time(self, event: Fact) -> None:
        """Time goes on: was there a deadline that nobody has kept?"""
        floor = self.floor
        if event.at < floor.now:
            floor.say("I2", f"time falls from {floor.now} to {event.at}")
            return
        floor.now = event.at
        deadlines = floor.deadlines
        # A router that was down could not keep them; its start gives them fresh time.
        if event.kind == Kind.ROUTER_STARTED:
            return
        last = event.at - self._late_ms
        while deadlines and max(deadlines[0][0], floor.started_at) < last:
            deadline, row = heappop(deadlines)
            x = floor.interactions.get(row)
            if x is not None and x.state in HELD and x.deadline == deadline:
                late_ms = event.at - deadline
                floor.say(
                    "I9", f"the deadline of {x} passed {late_ms} ms ago, unnoticed"
                )
