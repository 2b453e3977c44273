"""What each command means to the machine: names looked up, fields filled in, refusals
put into words.

One method a command. Whatever may be refused is found out before the first order is
given, so a command is carried out whole or not at all.
"""

from collections.abc import Callable
from typing import Any

from router.engine import commands as c
from router.engine.arrivals import Arrivals
from router.engine.continuity import Continuity
from router.engine.decide import MORE_FOLLOWS
from router.engine.definitions import read_ladder_name
from router.engine.errors import (
    BY_CODE,
    InvalidField,
    NotSignedIn,
    Refused,
    UnknownAgent,
    UnknownInteraction,
    UnknownOffer,
)
from router.engine.kinds import Order, Refusal
from router.engine.machine import Machine
from router.engine.names import Directory
from router.engine.sight import Sight
from router.engine.tables import EXCLUDED_MAX, NOBODY, Floor, Record
from router.engine.writer import Writer
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.interaction import State
from router.model.needs import Needs
from router.policy.policy import Policy


class Performers:
    """Carries out commands on a machine."""

    def __init__(self, machine: Machine, names: Directory, writer: Writer) -> None:
        self.names = names
        self.writer = writer
        self.published: list[tuple[str, str, str]] = []
        """Policies published since they were last taken, as documents of the batch."""
        self.machine = machine
        self.see = Sight(machine)
        self.continuity = Continuity(self)
        self.arrivals = Arrivals(self, machine, writer, self.continuity)
        self._by_command: dict[type, Callable[..., int]] = {
            c.Enqueue: self.arrivals.enqueue,
            c.Abandon: lambda x: self._on_interaction(
                Order.ABANDON, x.interaction, "abandon", until=-1
            ),
            c.Cancel: lambda x: self._on_interaction(
                Order.CANCEL, x.interaction, "cancel"
            ),
            c.Complete: self._complete,
            c.AcceptOffer: lambda x: self._answer_offer(
                Order.ACCEPT_OFFER, x.agent, x.offer
            ),
            c.DeclineOffer: self._decline,
            c.EndWrapUp: lambda x: self._on_interaction(
                Order.END_WRAP_UP, x.interaction, "end the wrap-up of"
            ),
            c.ExtendWrapUp: self._extend_wrap_up,
            c.Transfer: self._transfer,
            c.Update: self._update,
            c.SignIn: self._sign_in,
            c.SetPresence: self._set_presence,
            c.Connect: lambda x: self._on_agent(
                Order.CONNECT, x.agent, session=x.session, count=x.session
            ),
            c.Disconnect: lambda x: self._on_agent(
                Order.DISCONNECT, x.agent, session=x.session
            ),
            c.DefineAgent: self._define_agent,
            c.RemoveAgent: lambda x: self._on_agent(Order.REMOVE_AGENT, x.agent),
            c.ForceRequeue: lambda x: self._force(
                Order.FORCE_REQUEUE, x.interaction, x.note, "requeue"
            ),
            c.ForceEnd: lambda x: self._force(
                Order.FORCE_END, x.interaction, x.note, "end"
            ),
            c.PublishPolicy: self._publish,
            c.Tick: lambda x: self.give(Order.TICK),
            c.Start: lambda x: self.give(Order.START),
            c.HandOff: self.continuity.hand_off,
            c.HandOver: self.continuity.hand_over,
            c.AppendContext: self.continuity.append_context,
            c.AcknowledgeContext: self.continuity.acknowledge_context,
            c.MergeCustomers: self.continuity.merge,
            c.UnmergeCustomers: self.continuity.unmerge,
            c.RequestErasure: self.continuity.request_erasure,
            c.ConfirmErasure: self.continuity.confirm_erasure,
            c.SetRestricted: self.continuity.set_restricted,
            c.SetConsent: self.continuity.set_consent,
            c.SetAccountOwner: self.continuity.set_account_owner,
        }

    def __call__(self, command: c.Command) -> int:
        """Carry out one command; returns the row it is about, or `NOBODY`. Raises
        `Refused`.
        """
        return self._by_command[type(command)](command)

    @property
    def floor(self) -> Floor:
        return self.machine.floor

    @property
    def policy(self) -> Policy | None:
        return self.writer.policy

    def give(
        self, order: Order, *, subject: str = "", doing: str = "", **fields: int
    ) -> int:
        row, refusal = self.machine.give(order, **fields)
        if refusal is not Refusal.OK:
            raise self.refusal(refusal, subject, doing, fields)
        return row

    def refusal(
        self, refusal: Refusal, subject: str, doing: str, fields: dict[str, int]
    ) -> Refused:
        """What the machine's no means, in words."""
        kind = BY_CODE[refusal]
        row = fields.get("interaction", NOBODY)
        if refusal == Refusal.WRONG_STATE and row >= 0:
            state = State(int(self.floor.interactions[row].state)).name
            return kind(
                f"cannot {doing} interaction {subject!r}: it is {state}",
                field="interaction_id",
            )
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
        return kind(
            words.get(refusal, refusal.name.lower()),
            retry_after_ms=1000 if refusal == Refusal.QUEUE_FULL else 0,
        )

    # ---------------------------------------------------------------- interactions

    def excluded_rows(self, agents: tuple[str, ...]) -> list[int]:
        """The rows of agents who must not get an interaction."""
        if len(agents) > EXCLUDED_MAX:
            raise InvalidField(
                f"{len(agents)} agents are excluded, at most {EXCLUDED_MAX} can be",
                field="excluded_agents",
            )
        return [self.agent_row(agent, "excluded_agents") for agent in agents]

    def interaction_row(self, interaction: str) -> int:
        """The row of an interaction. Raises `UnknownInteraction`."""
        row = self.names.interactions.rows.get(interaction)
        if row is None or not self.see("interactions", "used")[row]:
            raise UnknownInteraction(
                f"interaction {interaction!r} is not known; it was never enqueued, or ended so long ago that it "
                "was forgotten",
                field="interaction_id",
            )
        return row

    def agent_row(self, agent: str, field: str = "agent_id") -> int:
        """The row of an agent on the roster. Raises `UnknownAgent`."""
        row = self.names.agents.rows.get(agent)
        if row is None or not (
            self.floor.roster[row].defined or self.floor.agents[row].signed_in
        ):
            raise UnknownAgent(
                f"agent {agent!r} is not on the roster; add them with UpsertAgent or in the policy",
                field=field,
            )
        return row

    def _on_interaction(
        self, order: Order, interaction: str, doing: str, **fields: int
    ) -> int:
        row = self.interaction_row(interaction)
        self.give(order, interaction=row, subject=interaction, doing=doing, **fields)
        return row

    def _complete(self, x: c.Complete) -> int:
        wrap_up_ms = -1 if x.wrap_up_ms is None else x.wrap_up_ms
        return self._on_interaction(
            Order.COMPLETE, x.interaction, "complete", until=wrap_up_ms
        )

    def _extend_wrap_up(self, x: c.ExtendWrapUp) -> int:
        if x.extension_ms <= 0:
            raise InvalidField(
                "the extension must be longer than nothing", field="extension"
            )
        return self._on_interaction(
            Order.EXTEND_WRAP_UP,
            x.interaction,
            "extend the wrap-up of",
            until=x.extension_ms,
        )

    def _transfer(self, x: c.Transfer) -> int:
        row = self.interaction_row(x.interaction)
        record = self.floor.interactions[row]
        self.require(
            row, x.interaction, "transfer", State.QUEUED, State.OFFERED, State.ACTIVE
        )
        old = self.floor.lines[int(record.line)]
        queue = x.queue or self.names.queues.texts[int(record.queue)]
        needs = c.NO_NEEDS if x.needs is None else x.needs
        priority = int(old.priority) if not x.queue else None
        line = self.writer.lines.line(queue, _channel_of(old), priority, needs)
        owner, hold_ms = NOBODY, 0
        if x.agent:
            owner = self.agent_row(x.agent, "to_agent")
            if not self.floor.agents[owner].signed_in:
                raise NotSignedIn(
                    f"agent {x.agent!r} is not signed in; transfer to a queue",
                    field="to_agent",
                )
            hold_ms = int(
                self.floor.queue_rules[
                    int(self.floor.lines[line].queue)
                ].hold_back_max_ms
            )
        self.give(Order.TRANSFER, interaction=row, line=line, other=owner, until=hold_ms,
                   subject=x.interaction, doing="transfer")  # fmt: skip
        return row

    def _update(self, x: c.Update) -> int:
        row = self.interaction_row(x.interaction)
        self.require(row, x.interaction, "update", State.QUEUED, State.OFFERED)
        # Everything that may be refused is looked up first: an update is done whole or
        # not at all.
        excluded = None if x.excluded is None else self.excluded_rows(x.excluded)
        owner = self.agent_row(x.owner, "owner") if x.owner else NOBODY
        parts: list[tuple[Order, dict[str, Any]]] = []
        if x.priority is not None or x.needs is not None:
            old = self.floor.lines[int(self.floor.interactions[row].line)]
            queue, own = self.needs_of(row)
            priority = int(old.priority) if x.priority is None else x.priority
            needs = own if x.needs is None else x.needs
            line = self.writer.lines.line(queue, _channel_of(old), priority, needs)
            parts.append((Order.UPDATE, {"line": line}))
        if excluded is not None:
            parts += [
                (Order.EXCLUDE, {"other": agent}) for agent in (NOBODY, *excluded)
            ]
        if x.owner is not None:
            parts.append(
                (
                    Order.SET_OWNER,
                    {"other": owner, "until": max(0, x.hold_until - self.machine.now)},
                )
            )
        for left, (order, fields) in zip(range(len(parts))[::-1], parts, strict=True):
            count = MORE_FOLLOWS if left else 0
            self.give(
                order,
                subject=x.interaction,
                doing="update",
                interaction=row,
                count=count,
                **fields,
            )
        return row

    def require(self, row: int, interaction: str, doing: str, *states: State) -> None:
        """Refuse early what the machine would refuse after a new line has been made for it."""
        if self.see("interactions", "state").item(row) not in states:
            raise self.refusal(
                Refusal.WRONG_STATE, interaction, doing, {"interaction": row}
            )

    def needs_of(self, row: int) -> tuple[str, Needs]:
        """The queue of an interaction, and the needs it brought along."""
        line = self.see("interactions", "line").item(row)
        ladder = self.see("lines", "ladder").item(line)
        return read_ladder_name(self.names.ladders.texts[ladder])

    def _force(self, order: Order, interaction: str, note: str, doing: str) -> int:
        queue = self.names.queues.texts[
            int(self.floor.interactions[self.interaction_row(interaction)].queue)
        ]
        if order == Order.FORCE_REQUEUE and (
            self.policy is None or queue not in self.policy.queues
        ):
            raise self.writer.lines.unknown_queue(queue)
        row = self._on_interaction(order, interaction, doing)
        if note:
            self.writer.given.note(row, note)
        return row

    # ---------------------------------------------------------------- offers

    def _answer_offer(self, order: Order, agent: str, offer: int) -> int:
        a = self.agent_row(agent)
        if not 0 < offer < max(1, int(self.floor.house[0].next_offer)):
            raise UnknownOffer(f"offer {offer} was never made", field="offer_id")
        return self.give(order, agent=a, offer=offer, subject=f"offer {offer}")

    def _decline(self, x: c.DeclineOffer) -> int:
        row = self._answer_offer(Order.DECLINE_OFFER, x.agent, x.offer)
        if x.note:
            self.writer.given.note(row, x.note)
        return row

    # ---------------------------------------------------------------- agents

    def _on_agent(self, order: Order, agent: str, **fields: Any) -> int:
        row = self.agent_row(agent)
        self.give(order, agent=row, subject=agent, **fields)
        return row

    def _sign_in(self, x: c.SignIn) -> int:
        presence = Presence.AWAY if x.presence == Presence.OFFLINE else x.presence
        return self._on_agent(
            Order.SIGN_IN,
            x.agent,
            link=int(x.link or Link.STREAM),
            presence=int(presence),
        )

    def _set_presence(self, x: c.SetPresence) -> int:
        reasons = self.names.presence_reasons.rows
        if x.reason not in reasons or (
            self.policy and x.reason and x.reason not in self.policy.reasons
        ):
            allowed = ", ".join(self.policy.reasons) if self.policy else "none"
            raise InvalidField(
                f"reason {x.reason!r} is not in the policy; it has {allowed}",
                field="reason",
            )
        return self._on_agent(
            Order.SET_PRESENCE,
            x.agent,
            presence=int(x.presence),
            reason=reasons[x.reason],
            count=int(x.when_idle),
        )

    def _define_agent(self, x: c.DefineAgent) -> int:
        before = self.machine.sequence
        row = self.writer.define_agent(x)
        if self.machine.sequence > before:
            self.give(Order.ROSTER_CHANGED, agent=row)
        return row

    def _publish(self, x: c.PublishPolicy) -> int:
        version = int(self.floor.house[0].policy_version) + 1
        self.writer.publish(x.policy, version)
        self.published.append(("policy", str(version), x.text))
        self.give(Order.PUBLISH, value=version)
        return NOBODY


def _channel_of(line: Record) -> Channel:
    return Channel(int(line["channel"]))
