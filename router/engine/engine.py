"""The engine's face: commands in, a batch of facts out.

Everything revolves around three verbs. `perform` decides on one command and makes it
true (or raises `Refused`, having changed nothing); `take` hands over what the commands
since the last `take` have caused, to be made durable before anybody hears of it;
`replay` makes a recorded batch true again. It reads no clock and draws no random
number: the same floor, command and instant give the same facts, on the live service and
in the simulator.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter

from router.engine import commands as c
from router.engine.arrivals import Arrival
from router.engine.batch import Batch, Done
from router.engine.continuity import Continuity
from router.engine.errors import Refused, UnknownInteraction
from router.engine.joint import Draft, Round
from router.engine.kinds import Kind
from router.engine.machine import Machine
from router.engine.names import Directory
from router.engine.performers import Performers
from router.engine.requests import Answered, Requests
from router.engine.tables import Floor, shape
from router.engine.writer import Writer
from router.matching.solution import Solution
from router.model.needs import Needs
from router.policy.policy import Policy

HEADROOM = 2_048
"""Rows of interactions that are free at the start of every batch; no batch may enqueue
more."""


SHAPE = shape()


def _request_id(command: c.Enqueue) -> str:
    return command.request.request_id if command.request is not None else ""


_IDS: tuple[Callable[[c.Enqueue], str], ...] = (
    attrgetter("interaction"),
    attrgetter("conversation"),
    attrgetter("customer"),
    _request_id,
)


def _are_strangers(commands: Sequence[c.Enqueue]) -> bool:
    """Whether no id occurs twice, as is usual: then none can be about another's."""
    ids = [one for of in _IDS for one in map(of, commands) if one]
    return len(ids) == len(set(ids))


class TablesUnfit(Exception):
    """Rows in a journal have another layout than this engine's tables."""


class Engine:
    """Routes interactions to agents."""

    def __init__(self) -> None:
        self.names = Directory()
        self.requests = Requests()
        self.policy_text = ""
        self.machine = Machine()
        self.writer = Writer(self.machine, self.names)
        self._performers = Performers(self.machine, self.names, self.writer)
        self._answers: list[Answered] = []

    @property
    def floor(self) -> Floor:
        """Everything true right now. It may be another object after a batch that needed
        more room.
        """
        return self.machine.floor

    @property
    def policy(self) -> Policy | None:
        """The policy in force."""
        return self.writer.policy

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return self.machine.sequence

    @property
    def now(self) -> int:
        """The engine time of the batch at hand, in milliseconds."""
        return self.machine.now

    @property
    def interactions_known(self) -> int:
        """How many interactions the floor holds, those among them that have ended and
        are not forgotten yet.
        """
        return self.machine.taken("interactions")

    def next_wakeup(self) -> int | None:
        """The next instant at which time alone would cause something, or `None`."""
        return self.machine.next_wakeup()

    # ---------------------------------------------------------------- deciding

    def begin(self, now: int) -> None:
        """Start a batch at engine time `now` (ms); time never goes back."""
        self.machine.begin(now, HEADROOM)

    def perform(self, command: c.Command) -> int:
        """Decide on one command; returns the row it is about (interaction or agent), or
        `NOBODY`.

        Raises `Refused`; nothing has changed then. A repeated request is answered as it
        was the first time.
        """
        request = command.request
        if request is None:
            return self._performers(command)
        known = self.requests.find(request, self.now)
        if known is not None:
            return known.result
        before = self.sequence
        row = self._performers(command)
        if self.sequence > before:
            self._remember([Answered(*request, row, self.sequence, self.now)])
        return row

    def enqueue_all(self, commands: Sequence[c.Enqueue]) -> list[Done | Refused]:
        """The same for many arrivals at once, at most `INBOX_MAX - 1` of them."""
        arrivals = self._performers.arrivals
        answers: list[Done | Refused | None] = [None] * len(commands)
        together: list[tuple[int, Arrival]] = []
        ids: set[str] = set()
        mine: set[str] = set()
        are_strangers = _are_strangers(commands)
        find, now = self.requests.find, self.now
        for k, command in enumerate(commands):
            if not are_strangers:
                mine = {one(command) for one in _IDS}
                mine.discard("")
                if not ids.isdisjoint(mine):
                    # One of them decides what becomes of the other.
                    self._enqueue_together(together, answers)
                    together, ids = [], set()
            try:
                request = command.request
                known = find(request, now) if request is not None else None
                arrival = arrivals.asked(command) if known is None else known.result
                if (
                    together
                    and not isinstance(arrival, int)
                    and not arrivals.stays(arrival)
                ):
                    self._enqueue_together(together, answers)
                    together, ids = [], set()
                    arrival = arrivals.asked(command)
            except Refused as no:
                answers[k] = no
                continue
            if isinstance(arrival, int):
                answers[k] = Done(arrival, self.sequence)
                continue
            together.append((k, arrival))
            if not are_strangers:
                ids |= mine
        self._enqueue_together(together, answers)
        return answers  # type: ignore[return-value]

    def _enqueue_together(
        self,
        together: list[tuple[int, Arrival]],
        answers: list[Done | Refused | None],
    ) -> None:
        if not together:
            return
        before, records = self.sequence, []
        done = self._performers.arrivals.enqueue_all([x for _, x in together])
        for (k, arrival), answer in zip(together, done, strict=True):
            answers[k] = answer
            if isinstance(answer, Done):
                row, sequence = answer
                request = arrival.command.request
                if request is not None and sequence > before:
                    records.append(Answered(*request, row, sequence, self.now))
                before = sequence
        self._remember(records)

    def _remember(self, answered: list[Answered]) -> None:
        self.requests.add_all(answered)
        self._answers += answered

    def take(self) -> Batch | None:
        """What has been caused since the last `take`; `None` when that is nothing."""
        events, payload = self.machine.take()
        if events is None:
            return None
        writer, published = self.writer, self._performers.published
        if payload:
            published = [("tables", SHAPE, ""), *published]
        batch = Batch(
            first_sequence=self.sequence - len(events) + 1,
            events=events,
            names=writer.given.take(),
            answers=self._answers,
            payload=payload,
            documents=published,
            sealed=self._performers.continuity.sealed,
        )
        self._answers, self._performers.published = [], []
        self._performers.continuity.sealed = []
        self._note(published)
        self._forget(batch)
        return batch

    def draft(self) -> Draft:
        """Begin to write down the large round that is due (`machine.on_large_round`)."""
        return self.machine.draft()

    def conclude(
        self,
        round_: Round,
        solution: Solution,
        solver_us: int,
        start: int = 0,
        most: int | None = None,
    ) -> int:
        """Bring back a round that was solved elsewhere; every pair is checked again.

        With `most` only so many pairs from `start` on; returns how far it came, and the
        round is out until that is all of them.
        """
        return self.machine.conclude(round_, solution, solver_us, start, most)

    def forgo_round(self) -> None:
        """The round that is out has no pairs."""
        self.machine.forgo_round()

    def lose_round(self) -> None:
        """The round that is out was lost; whoever was in it is looked at again."""
        self.machine.lose_round()

    # ---------------------------------------------------------------- replaying

    def replay(self, batch: Batch) -> None:
        """Make a recorded batch true. No rule is asked: facts are facts."""
        if len(batch.events) == 0:
            return
        for kind, name, _ in batch.documents:
            if kind == "tables" and name != SHAPE:
                raise TablesUnfit(
                    f"the rows defined at sequence {batch.first_sequence} were written by an engine with other "
                    f"tables ({name}, ours are {SHAPE}); read this journal with the release that wrote it"
                )
        self.machine.replay(batch.events, batch.payload)
        self._forget(batch)
        for table, row, text in batch.names:
            self.names.bind(table, row, text)
        self.requests.add_all(batch.answers)
        self._note(batch.documents)

    def recall(self, read_policy: Callable[[str], Policy]) -> None:
        """After replay: read the policy in force again, and find the lines there are."""
        if self.policy_text:
            self.writer.policy = read_policy(self.policy_text)
        self.writer.lines.recall()

    def _note(self, documents: list[tuple[str, str, str]]) -> None:
        for kind, _, text in documents:
            if kind == "policy":
                self.policy_text = text

    def _forget(self, batch: Batch) -> None:
        for kind, table, names in (
            (Kind.CONVERSATION_FORGOTTEN, "conversation", self.names.conversations),
            (Kind.CUSTOMER_FORGOTTEN, "customer", self.names.customers),
        ):
            if kind in batch.kinds:
                for row in self._gone(batch, kind, table):
                    names.release(row)
        if Kind.INTERACTION_FORGOTTEN in batch.kinds:
            for row in self._gone(batch, Kind.INTERACTION_FORGOTTEN, "interaction"):
                self.names.forget_interaction(row)

    def _gone(self, batch: Batch, kind: Kind, table: str) -> list[int]:
        """Rows that were forgotten and have not been taken again since."""
        rows = batch.events[table][batch.events["kind"] == kind]
        used = getattr(self.floor, f"{table}s")["used"]
        return [row for row in rows.tolist() if not used[row]]

    # ---------------------------------------------------------------- looking up

    def interaction_row(self, interaction: str) -> int:
        """The row of an interaction. Raises `UnknownInteraction`."""
        return self._performers.interaction_row(interaction)

    def agent_row(self, agent: str, field: str = "agent_id") -> int:
        """The row of an agent on the roster. Raises `UnknownAgent`."""
        return self._performers.agent_row(agent, field)

    def unknown_interaction(self, interaction: str, field: str) -> UnknownInteraction:
        """The refusal that names an interaction which the floor does not know."""
        return UnknownInteraction(
            f"no interaction has the id {interaction!r}", field=field
        )

    @property
    def continuity(self) -> Continuity:
        """Rows of conversations and customers, and what holds of them."""
        return self._performers.continuity

    def conversation_row(self, conversation: str) -> int:
        """The row of a conversation, or `NOBODY` while the floor does not know it."""
        return self._performers.continuity.conversation_row(conversation)

    def customer_row(self, customer: str) -> int:
        """The row of a customer, or `NOBODY` while the floor does not know them."""
        return self._performers.continuity.customer_row(customer)

    def context_version(self, conversation: str) -> int | None:
        """The version of a conversation's context, by which readers are bounded; `None`
        while the floor does not know it.
        """
        row = self.conversation_row(conversation)
        return int(self.floor.conversations["version"][row]) if row >= 0 else None

    def needs_of(self, row: int) -> tuple[str, Needs]:
        """The queue of an interaction, and the needs it brought along."""
        return self._performers.needs_of(row)
