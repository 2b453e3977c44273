"""An engine under virtual time with everybody who doubts it standing around it.

Shared by the state machine and by random traffic. Every order goes through `give`,
every instant through `advance`; after each the batch goes to the journal checker and to
a follower that replays it. `look` compares all of them. It must never help the engine:
what is asked of a driver (time first, then orders) is all it does.
"""

from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.errors import Refused
from router.engine.floor import differences
from router.engine.kinds import Kind
from router.engine.snapshot import capture
from router.engine.tables import NEVER
from router.journal.checker import JournalChecker
from router.journal.second_floor import SecondInteraction
from router.model.agent import Presence
from router.model.interaction import State
from router.model.needs import Needs
from tests.invariants.naive import Person, why_not
from tests.invariants.policies import POLICIES, TEXTS, read

NOON = 1_772_452_800_000
TICKS_MAX = 1_000


class World:
    def __init__(
        self, policy: str = "steady", *, follow: bool = True, keep: bool = True
    ):
        self.engine = Engine()
        self.checker = JournalChecker(late_ms=0)
        self.follower = Engine() if follow else None
        self.keep = keep
        self.batches: list[Batch] = []
        self.now = NOON
        self.people: dict[str, Person] = {}
        self.own: dict[int, Needs] = {}
        self.sessions = 0
        self.refusals: dict[str, int] = {}
        self.publish(policy)

    # ---------------------------------------------------------------- driving

    @property
    def second(self):
        return self.checker.floor

    def give(self, *commands: c.Command) -> Refused | None:
        """One batch with these orders at this instant; the last refusal, if any."""
        refused = None
        self.tick()
        self.engine.begin(self.now)
        for command in commands:
            before = self.engine.sequence
            try:
                row = self.engine.perform(command)
            except Refused as no:
                refused = no
                name = type(no).__name__
                self.refusals[name] = self.refusals.get(name, 0) + 1
                self.changed_nothing(before, command, no)
            else:
                self.note(command, row)
        self.hand_over()
        self.tick()
        return refused

    def changed_nothing(
        self, before: int, command: c.Command, refused: Refused
    ) -> None:
        """A refused order may leave behind the definition of a line, and no more."""
        count = self.engine.sequence - before
        batch = self.engine.take()
        if batch is not None:
            kinds = {
                Kind(k).name for k in batch.events["kind"][-count or None :].tolist()
            }
            changed = kinds - {"ROW_DEFINED"} if count else set()
            assert not changed, f"{command} was refused ({refused}), yet {changed}"
            self.spread(batch)

    def note(self, command: c.Command, row: int) -> None:
        """What the naive side has to know of an order that was taken."""
        match command:
            case c.Enqueue():
                self.own.setdefault(row, command.needs)
                self.own[row] = command.needs
            case c.HandOff():
                known = self.own.get(
                    self.engine.names.interactions.rows[command.interaction],
                    c.NO_NEEDS,
                )
                if row not in self.own or command.needs is not None:
                    self.own[row] = command.needs or c.NO_NEEDS
                if command.needs is None:
                    self.own[row] = known
            case c.Transfer():
                self.own[row] = command.needs or c.NO_NEEDS
            case c.Update() if command.needs is not None:
                self.own[row] = command.needs
            case c.DefineAgent():
                self.people[command.agent] = Person(
                    row,
                    dict(command.skills),
                    command.groups,
                    command.capacity,
                    dict(command.limits),
                )
            case c.RemoveAgent():
                self.people[command.agent].on_roster = False

    def tick(self) -> None:
        """Let happen what is due now, as a driver does before and after orders."""
        for _ in range(TICKS_MAX):
            wakeup = self.engine.next_wakeup()
            if wakeup is None or wakeup > self.now:
                return
            self.engine.begin(self.now)
            self.engine.perform(c.Tick())
            self.hand_over()
        raise AssertionError(
            f"time stands still at {self.now}: a timer is due for ever"
        )

    def advance(self, duration_ms: int) -> None:
        """Let time pass; whatever falls due on the way happens when it does."""
        until = self.now + duration_ms
        while (wakeup := self.engine.next_wakeup()) is not None and wakeup <= until:
            self.now = max(self.now, wakeup)
            self.tick()
        self.now = until

    def hand_over(self) -> None:
        batch = self.engine.take()
        if batch is not None:
            self.spread(batch)

    def spread(self, batch: Batch) -> None:
        if self.keep:
            self.batches.append(batch)
        broken = self.checker.take(batch)
        none_of(broken)
        if self.follower is not None:
            self.follower.replay(batch)

    def publish(self, name: str) -> Refused | None:
        old = getattr(self, "policy", None)
        self.policy = POLICIES[name]
        refused = self.give(c.PublishPolicy(self.policy, TEXTS[name]))
        if refused is not None:
            self.policy = old
        return refused

    def restart(self, down_ms: int) -> None:
        """The process dies; another one replays the journal and starts."""
        heir = Engine()
        for batch in self.batches:
            heir.replay(batch)
        heir.recall(read)
        none_of(differences(self.engine.floor, heir.floor))
        self.engine = heir
        self.now += down_ms
        self.engine.begin(self.now)
        self.engine.perform(c.Start())
        self.hand_over()
        self.tick()

    def connect(self, agent: str) -> Refused | None:
        self.sessions += 1
        return self.give(c.Connect(agent, self.sessions))

    # ---------------------------------------------------------------- asking

    def name_of(self, row: int) -> str:
        return self.engine.names.interactions.texts.get(row, "")

    def agent_name(self, row: int) -> str:
        return self.engine.names.agents.texts[row]

    def queue_of(self, x: SecondInteraction) -> str:
        return self.engine.names.queues.texts[x.queue]

    def those(self, *states: State) -> list[SecondInteraction]:
        return [x for x in self.second.interactions.values() if x.state in states]

    def left_waiting(self) -> list[str]:
        """Pairs that could have been brought together and were not."""
        if int(self.engine.floor.scratch[0].round_due_at) != NEVER:
            return []  # arrivals are being gathered, as the policy wants
        found = []
        for x in self.those(State.QUEUED):
            queue = self.queue_of(x)
            for name, person in self.people.items():
                agent = self.second.agent(person.row)
                own = self.own.get(x.row, c.NO_NEEDS)
                if not why_not(person, agent, self.policy, queue, own, x, self.now):
                    found.append(f"{self.name_of(x.row)} and {name}")
        return found

    def stuck(self) -> list[str]:
        """Whatever time alone would never move again, and claims of those who left."""
        found = []
        timed = {
            int(t)
            for t in self.engine.floor.timers[: self.engine.floor.house[0].timers]
        }
        for x in self.those(State.QUEUED, State.OFFERED, State.ACTIVE, State.WRAPPING):
            if x.row not in timed:
                found.append(f"{x} has no timer")
            if int(self.engine.floor.interactions[x.row].due_at) <= self.now:
                found.append(f"{x} was due and nothing happened")
        for x in self.those(State.QUEUED):
            gone = x.owner >= 0 and not self.second.agent(x.owner).signed_in
            waits = self.policy.ownership.on_sign_out == "wait" and x.weighed_until
            if gone and x.hold_until > self.now and not waits:
                found.append(f"{x} is held back for agent {x.owner}, who has gone home")
        for agent in self.second.agents.values():
            if agent.open_offers() and agent.presence != Presence.AVAILABLE:
                found.append(f"agent {agent.row} is not available and has open offers")
            idle = not agent.work
            if agent.requested >= 0 and idle and agent.signed_in:
                found.append(f"agent {agent.row} asked for presence {agent.requested}")
        return found

    def look(self, *, pairs: bool = True) -> None:
        """Compare everybody's floor, and look for anything left undone."""
        none_of(self.checker.against(self.engine.floor))
        if self.follower is not None:
            none_of(differences(self.engine.floor, self.follower.floor))
            mine, theirs = self.engine.names.entries(), self.follower.names.entries()
            none_of(sorted(set(mine) ^ set(theirs)))
            assert capture(self.engine).state_hash == capture(self.follower).state_hash
        none_of(self.stuck())
        if pairs:
            none_of(self.left_waiting())


def none_of(found: list) -> None:
    """Fails with what was found, one a line."""
    assert not found, "\n".join(map(str, found[:8]))
