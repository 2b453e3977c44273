"""The engine's face: commands in, a batch of facts out.

Everything revolves around three verbs. `perform` decides on one command and makes it true (or raises `Refused`,
having changed nothing); `take` hands over what the commands since the last `take` have caused, to be made durable
before anybody hears of it; `replay` makes a recorded batch true again. It reads no clock and draws no random number:
the same floor, command and instant give the same facts, on the live service and in the simulator.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from router.engine import commands as c
from router.engine import entry
from router.engine.batch import Batch
from router.engine.definitions import read_ladder_name
from router.engine.errors import (
    BY_CODE,
    AlreadyEnqueued,
    InvalidField,
    NotSignedIn,
    UnknownAgent,
    UnknownInteraction,
    UnknownOffer,
)
from router.engine.floor import OUTBOX_MAX, enlarged, new_floor
from router.engine.joint import Round, offer_pairs, pairs_possible, prepare
from router.engine.kinds import Kind, Order, Refusal, Table
from router.engine.linking import link
from router.engine.names import Directory
from router.engine.requests import Answered, Requests
from router.engine.settle import forget_changes
from router.engine.tables import EXCLUDED_MAX, NEVER, NOBODY, Floor, Record
from router.engine.writer import Writer
from router.matching.solution import Solution
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.interaction import State
from router.model.needs import Needs
from router.policy.policy import Policy

HEADROOM = 2_048
"""Rows of interactions that are free at the start of every batch; no batch may enqueue more."""


class Engine:
    """Routes interactions to agents."""

    def __init__(self) -> None:
        link()
        self.names = Directory()
        self.requests = Requests()
        self.policy_text = ""
        self.writer = Writer(new_floor(), self.names, self._drain)
        self._events: list[Record] = []
        self._answers: list[Answered] = []
        self._documents: list[tuple[str, str, str]] = []
        self.now = 0
        self.round_out: Round | None = None
        self.send_round: Callable[[Round], None] | None = None
        """Given by a driver that solves large rounds beside its loop; it answers with `conclude`."""
        self.stopwatch_us: Callable[[], int] = int
        """Given by a driver that wants to know how long the solver took."""
        self._performers: dict[type, Callable[..., int]] = {
            c.Enqueue: self._enqueue,
            c.Abandon: lambda x: self._on_interaction(Order.ABANDON, x.interaction, "abandon"),
            c.Cancel: lambda x: self._on_interaction(Order.CANCEL, x.interaction, "cancel"),
            c.Complete: self._complete,
            c.AcceptOffer: lambda x: self._answer_offer(Order.ACCEPT_OFFER, x.agent, x.offer),
            c.DeclineOffer: self._decline,
            c.EndWrapUp: lambda x: self._on_interaction(Order.END_WRAP_UP, x.interaction, "end the wrap-up of"),
            c.ExtendWrapUp: self._extend_wrap_up,
            c.Transfer: self._transfer,
            c.Update: self._update,
            c.SignIn: self._sign_in,
            c.SetPresence: self._set_presence,
            c.Connect: lambda x: self._on_agent(Order.CONNECT, x.agent, session=x.session, count=x.session),
            c.Disconnect: lambda x: self._on_agent(Order.DISCONNECT, x.agent, session=x.session),
            c.DefineAgent: self._define_agent,
            c.RemoveAgent: lambda x: self._on_agent(Order.REMOVE_AGENT, x.agent),
            c.ForceRequeue: lambda x: self._force(Order.FORCE_REQUEUE, x.interaction, x.note, "requeue"),
            c.ForceEnd: lambda x: self._force(Order.FORCE_END, x.interaction, x.note, "end"),
            c.PublishPolicy: self._publish,
            c.Tick: lambda x: self._give(Order.TICK),
            c.Start: lambda x: self._give(Order.START),
        }

    # ---------------------------------------------------------------- what drivers call

    @property
    def floor(self) -> Floor:
        """Everything true right now. It may be another object after a batch that needed more room."""
        return self.writer.floor

    @property
    def policy(self) -> Policy | None:
        """The policy in force."""
        return self.writer.policy

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return int(self.floor.house[0].sequence)

    def begin(self, now: int) -> None:
        """Start a batch at engine time `now` (ms); time never goes back."""
        self.now = max(now, int(self.floor.house[0].now))
        house = self.floor.house[0]
        self.writer.room("interactions", int(house.interactions) - int(house.spare) + HEADROOM)

    def perform(self, command: c.Command) -> int:
        """Decide on one command; returns the row it is about (interaction or agent), or `NOBODY`.

        Raises `Refused`; nothing has changed then. A repeated request is answered as it was the first time.
        """
        request = command.request
        if request is not None:
            answered = self.requests.find(request, self.now)
            if answered is not None:
                return answered.result
        before = int(self.floor.house[0].sequence) if request is not None else 0
        row = self._performers[type(command)](command)
        if request is not None and int(self.floor.house[0].sequence) > before:
            record = Answered(
                request.principal, request.method, request.request_id, request.digest, row,
                self.sequence, self.now,
            )  # fmt: skip
            self.requests.add(record)
            self._answers.append(record)
        return row

    def next_wakeup(self) -> int | None:
        """The next instant at which time alone would cause something, or `None`."""
        due = entry.wakeup(self.floor)
        return None if due >= NEVER else due

    def take(self) -> Batch | None:
        """What has been caused since the last `take`; `None` when that is nothing."""
        self._drain()
        if not self._events:
            return None
        events = self._events[0] if len(self._events) == 1 else np.concatenate(self._events)
        writer = self.writer
        batch = Batch(
            first_sequence=self.sequence - len(events) + 1,
            events=events,
            names=writer.given,
            answers=self._answers,
            payload=writer.floor.payload[: writer.payload_used].tobytes(),
            documents=self._documents,
        )
        self._events, writer.given, self._answers, self._documents = [], [], [], []
        writer.payload_used = 0
        self._forget(events)
        return batch

    def replay(self, batch: Batch) -> None:
        """Make a recorded batch true. No rule is asked: facts are facts."""
        events = batch.events
        if len(events) == 0:
            return
        self._make_room(events)
        if batch.payload:
            self.writer.floor = self.floor.replaced(payload=np.frombuffer(batch.payload, np.uint8).copy())
        entry.replay(self.floor, events)
        self._forget(events)
        for table, row, text in batch.names:
            self.names.bind(table, row, text)
        for answer in batch.answers:
            self.requests.add(answer)
        for kind, _, text in batch.documents:
            if kind == "policy":
                self.policy_text = text
        self.now = int(self.floor.house[0].now)

    def recall(self, read_policy: Callable[[str], Policy]) -> None:
        """After replay: read the policy in force again, and find the lines there are."""
        if self.policy_text:
            self.writer.policy = read_policy(self.policy_text)
        self.writer.recall()

    def conclude(self, round_: Round, solution: Solution, solver_us: int) -> None:
        """Bring back a round that was solved elsewhere; every pair is checked again."""
        self.round_out = None
        offer_pairs(self.floor, round_, solution, self.now, solver_us, self._drain)
        self.floor.scratch[0].everything = 1
        self._give(Order.TICK)

    # ---------------------------------------------------------------- interactions

    def _enqueue(self, x: c.Enqueue) -> int:
        writer = self.writer
        content = _digest_of(x)
        row = self.names.interactions.rows.get(x.interaction)
        if row is not None and self.floor.interactions[row].used:
            if int(self.floor.interactions[row].content) == content:
                return row
            raise AlreadyEnqueued(
                f"interaction {x.interaction!r} is here already, with other content; choose another id, or "
                "change it with UpdateInteraction",
                field="interaction_id",
            )
        line = writer.line(x.queue, x.channel, x.priority, x.needs, self.now)
        owner = NOBODY
        if x.owner:
            owner = self.agent_row(x.owner, "owner")
        if x.excluded:
            excluded = self._excluded(x.excluded)
            self.floor.inbox["excluded"][0, : len(excluded)] = excluded
        row = self._give(
            Order.ENQUEUE, line=line, other=owner, until=x.hold_back_ms, since=x.waited_ms, value=content,
            count=len(x.excluded), subject=x.interaction,
        )  # fmt: skip
        writer.name(Table.INTERACTION, row, x.interaction)
        if x.conversation:
            writer.name(Table.CONVERSATION, row, x.conversation)
        if x.customer:
            writer.name(Table.CUSTOMER, row, x.customer)
        return row

    def _excluded(self, agents: tuple[str, ...]) -> list[int]:
        if len(agents) > EXCLUDED_MAX:
            raise InvalidField(
                f"{len(agents)} agents are excluded, at most {EXCLUDED_MAX} can be", field="excluded_agents"
            )
        return [self.agent_row(agent, "excluded_agents") for agent in agents]

    def interaction_row(self, interaction: str) -> int:
        """The row of an interaction. Raises `UnknownInteraction`."""
        row = self.names.interactions.rows.get(interaction)
        if row is None or not self.floor.interactions[row].used:
            raise UnknownInteraction(
                f"interaction {interaction!r} is not known; it was never enqueued, or ended so long ago that it "
                "was forgotten",
                field="interaction_id",
            )
        return row

    def agent_row(self, agent: str, field: str = "agent_id") -> int:
        """The row of an agent on the roster. Raises `UnknownAgent`."""
        row = self.names.agents.rows.get(agent)
        if row is None or not (self.floor.roster[row].defined or self.floor.agents[row].signed_in):
            raise UnknownAgent(
                f"agent {agent!r} is not on the roster; add them with UpsertAgent or in the policy", field=field
            )
        return row

    def _on_interaction(self, order: Order, interaction: str, doing: str, **fields: int) -> int:
        row = self.interaction_row(interaction)
        self._give(order, interaction=row, subject=interaction, doing=doing, **fields)
        return row

    def _complete(self, x: c.Complete) -> int:
        wrap_up_ms = -1 if x.wrap_up_ms is None else x.wrap_up_ms
        return self._on_interaction(Order.COMPLETE, x.interaction, "complete", until=wrap_up_ms)

    def _extend_wrap_up(self, x: c.ExtendWrapUp) -> int:
        if x.extension_ms <= 0:
            raise InvalidField("the extension must be longer than nothing", field="extension")
        return self._on_interaction(
            Order.EXTEND_WRAP_UP, x.interaction, "extend the wrap-up of", until=x.extension_ms
        )

    def _transfer(self, x: c.Transfer) -> int:
        row = self.interaction_row(x.interaction)
        record = self.floor.interactions[row]
        old = self.floor.lines[int(record.line)]
        queue = x.queue or self.names.queues.texts[int(record.queue)]
        needs = c.NO_NEEDS if x.needs is None else x.needs
        priority = int(old.priority) if not x.queue else None
        line = self.writer.line(queue, _channel_of(old), priority, needs, self.now)
        owner, hold_ms = NOBODY, 0
        if x.agent:
            owner = self.agent_row(x.agent, "to_agent")
            if not self.floor.agents[owner].signed_in:
                raise NotSignedIn(f"agent {x.agent!r} is not signed in; transfer to a queue", field="to_agent")
            hold_ms = int(self.floor.queue_rules[int(self.floor.lines[line].queue)].hold_back_max_ms)
        self._give(Order.TRANSFER, interaction=row, line=line, other=owner, until=hold_ms,
                   subject=x.interaction, doing="transfer")  # fmt: skip
        return row

    def _update(self, x: c.Update) -> int:
        row = self.interaction_row(x.interaction)
        # Everything that may be refused is looked up first: an update is done whole or not at all.
        excluded = None if x.excluded is None else self._excluded(x.excluded)
        owner = self.agent_row(x.owner, "owner") if x.owner else NOBODY
        about = {"subject": x.interaction, "doing": "update"}
        if x.priority is not None or x.needs is not None:
            old = self.floor.lines[int(self.floor.interactions[row].line)]
            queue, own = self.needs_of(row)
            priority = int(old.priority) if x.priority is None else x.priority
            needs = own if x.needs is None else x.needs
            line = self.writer.line(queue, _channel_of(old), priority, needs, self.now)
            self._give(Order.UPDATE, interaction=row, line=line, **about)
        for agent in () if excluded is None else (NOBODY, *excluded):
            self._give(Order.EXCLUDE, interaction=row, other=agent, **about)
        if x.owner is not None:
            self._give(Order.SET_OWNER, interaction=row, other=owner, until=max(0, x.hold_until - self.now), **about)
        return row

    def needs_of(self, row: int) -> tuple[str, Needs]:
        """The queue of an interaction, and the needs it brought along."""
        ladder = int(self.floor.lines[int(self.floor.interactions[row].line)].ladder)
        return read_ladder_name(self.names.ladders.texts[ladder])

    def _force(self, order: Order, interaction: str, note: str, doing: str) -> int:
        row = self._on_interaction(order, interaction, doing)
        if note:
            self.writer.given.append((int(Table.NOTE), row, note))
        return row

    # ---------------------------------------------------------------- offers

    def _answer_offer(self, order: Order, agent: str, offer: int) -> int:
        a = self.agent_row(agent)
        if not 0 < offer < max(1, int(self.floor.house[0].next_offer)):
            raise UnknownOffer(f"offer {offer} was never made", field="offer_id")
        return self._give(order, agent=a, offer=offer, subject=f"offer {offer}")

    def _decline(self, x: c.DeclineOffer) -> int:
        row = self._answer_offer(Order.DECLINE_OFFER, x.agent, x.offer)
        if x.note:
            self.writer.given.append((int(Table.NOTE), row, x.note))
        return row

    # ---------------------------------------------------------------- agents

    def _on_agent(self, order: Order, agent: str, **fields: int) -> int:
        row = self.agent_row(agent)
        self._give(order, agent=row, subject=agent, **fields)
        return row

    def _sign_in(self, x: c.SignIn) -> int:
        presence = Presence.AWAY if x.presence == Presence.OFFLINE else x.presence
        return self._on_agent(Order.SIGN_IN, x.agent, link=int(x.link or Link.STREAM), presence=int(presence))

    def _set_presence(self, x: c.SetPresence) -> int:
        reasons = self.names.presence_reasons.rows
        if x.reason not in reasons or (self.policy and x.reason and x.reason not in self.policy.reasons):
            allowed = ", ".join(self.policy.reasons) if self.policy else "none"
            raise InvalidField(f"reason {x.reason!r} is not in the policy; it has {allowed}", field="reason")
        return self._on_agent(
            Order.SET_PRESENCE, x.agent, presence=int(x.presence), reason=reasons[x.reason], count=int(x.when_idle)
        )

    def _define_agent(self, x: c.DefineAgent) -> int:
        before = self.sequence
        row = self.writer.define_agent(x, self.now)
        if self.sequence > before:
            self._give(Order.ROSTER_CHANGED, agent=row)
        return row

    def _publish(self, x: c.PublishPolicy) -> int:
        version = int(self.floor.house[0].policy_version) + 1
        self.writer.publish(x.policy, version, self.now)
        self._documents.append(("policy", str(version), x.text))
        self.policy_text = x.text
        self._give(Order.PUBLISH, value=version)
        return NOBODY

    # ---------------------------------------------------------------- the machine

    def _give(self, order: Order, *, subject: str = "", doing: str = "", **fields: int) -> int:
        """Hand an order to the machine; returns the interaction's row (`NOBODY` for none)."""
        row, code = divmod(entry.give(self.floor, int(order), self.now, **fields), entry.ROW)
        if code:
            if code >= entry.ROUND_DUE:
                code -= entry.ROUND_DUE
                self._joint_round()
            if code:
                raise self._refusal(Refusal(code), subject, doing, fields)
        if int(self.floor.scratch[0].events) > OUTBOX_MAX // 2:
            self._drain()
        return row - 1

    def _refusal(self, refusal: Refusal, subject: str, doing: str, fields: dict[str, int]) -> Exception:
        kind = BY_CODE[refusal]
        row = fields.get("interaction", NOBODY)
        if refusal == Refusal.WRONG_STATE and row >= 0:
            state = State(int(self.floor.interactions[row].state)).name
            return kind(f"cannot {doing} interaction {subject!r}: it is {state}", field="interaction_id")
        words = {
            Refusal.OFFER_GONE: f"{subject} is no longer open: answered, expired or taken back",
            Refusal.QUEUE_FULL: "the queue is full: as many interactions wait as its limit allows",
            Refusal.UNROUTABLE: f"nobody on the roster could ever take interaction {subject!r}, under any "
            "relaxation step; change its needs, or add an agent",
            Refusal.NOT_SIGNED_IN: f"agent {subject!r} is not signed in; call SignIn first",
            Refusal.AGENT_BUSY: f"agent {subject!r} still has live work; complete or transfer it, or ask for the "
            "presence WHEN_IDLE",
            Refusal.UNKNOWN_AGENT: f"agent {subject!r} is not on the roster",
            Refusal.LIMIT_REACHED: f"cannot {doing} interaction {subject!r}: the policy's limit is reached",
        }
        return kind(words.get(refusal, refusal.name.lower()), retry_after_ms=1000 if refusal == Refusal.QUEUE_FULL else 0)

    def _joint_round(self) -> None:
        """Solve the joint round that is due, here or (if it is large) wherever the driver likes."""
        while self.floor.scratch[0].round_due:
            if self.round_out is not None:
                # One large round is out already; what has changed since is looked at when it comes back.
                self.floor.scratch[0].round_due = 0
                return
            forget_changes(self.floor)
            round_ = prepare(self.floor, self.now)
            if len(round_.points) == 0:
                return
            large = pairs_possible(self.floor) > int(self.floor.rules[0].inline_pairs_max)
            if large and self.send_round is not None:
                self.round_out = round_
                self.send_round(round_)
                return
            started = self.stopwatch_us()
            solution = round_.solved()
            offer_pairs(
                self.floor, round_, solution, self.now, self.stopwatch_us() - started, self._drain
            )
            if not len(solution.pairs):
                return
            self.floor.scratch[0].everything = 1
            entry.give(self.floor, int(Order.TICK), self.now)

    def _drain(self) -> None:
        """Move the outbox to the batch."""
        scratch = self.floor.scratch[0]
        count = int(scratch.events)
        if count:
            self._events.append(self.floor.outbox[:count].copy())
            scratch.events = 0

    def _forget(self, events: Record) -> None:
        forgotten = events["interaction"][events["kind"] == Kind.INTERACTION_FORGOTTEN]
        for row in forgotten.tolist():
            if not self.floor.interactions[row].used:
                self.names.forget_interaction(row)

    def _make_room(self, events: Record) -> None:
        """Before replay: enlarge the floor to the highest rows that the events speak of."""
        floor = self.floor
        floor = enlarged(floor, "interactions", int(events["interaction"].max()) + 1)
        agents = max(int(events["agent"].max()), int(events["other"].max()))
        rows = events[events["kind"] == Kind.ROW_DEFINED]
        defined = {
            Table(table): int(rows["line"][rows["mode"] == table].max()) + 1
            for table in np.unique(rows["mode"]).tolist()
        }
        floor = enlarged(floor, "agents", max(agents + 1, defined.get(Table.ROSTER, 0)))
        for table, what in (
            (Table.QUEUE_RULES, "queues"), (Table.LINE, "lines"), (Table.LADDER, "ladders"),
            (Table.STEP, "steps"), (Table.CLAUSE, "clauses"),
        ):  # fmt: skip
            floor = enlarged(floor, what, defined.get(table, 0))
        self.writer.floor = floor


def _channel_of(line: Record) -> Channel:
    return Channel(int(line.channel))


def _digest_of(x: c.Enqueue) -> int:
    """64 bits over what the caller asked for, to tell a repeated order from another with the same id."""
    said = repr((x.queue, int(x.channel), x.priority, x.needs, x.excluded, x.owner, x.conversation, x.customer))
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little", signed=True)

