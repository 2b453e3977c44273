"""Random traffic: a busy, disorderly floor, the same for the same seed.

Shared by the soak, the checker's tests and whoever needs a long stream of events. Every
draw comes from one generator seeded by the caller, so a failure is found again by its
seed. It knows what callers of the engine could know, and tries what they should not.
"""

import random
from collections.abc import Callable

from router.engine import commands as c
from router.engine.batch import Batch
from router.model.agent import AgentKind, Link, Presence
from router.model.channel import Channel
from router.model.conversation import Purpose, Relation
from router.model.interaction import State
from router.model.needs import Needs, SkillNeed
from tests.invariants.policies import AGENTS, QUEUES
from tests.invariants.world import World

CUSTOMERS = 12
CHANNELS = (Channel.VOICE, Channel.CHAT, Channel.EMAIL)
OWN_NEEDS = (
    c.NO_NEEDS,
    c.NO_NEEDS,
    Needs(all_of=(SkillNeed("english", 3),)),
    Needs(any_of=((SkillNeed("english", 2), SkillNeed("billing", 4)),)),
)
PRESENT = (State.QUEUED, State.OFFERED, State.ACTIVE, State.WRAPPING)


class Traffic:
    """Draws one thing after another that happens to a world."""

    def __init__(self, seed: int, policy: str = "steady", **world) -> None:
        self.draw = random.Random(seed)
        self.world = World(policy, **world)
        self.arrivals = 0
        for agent in AGENTS[:3]:
            self.world.give(self.definition(agent))
            self.sign_in(agent)
        self.happenings: tuple[tuple[int, Callable[[], object]], ...] = (
            (18, self.arrive),
            (45, self.answer),
            (30, self.finish),
            (6, self.leave),
            (4, self.move),
            (4, self.change),
            (25, self.turn),
            (6, self.hand_off),
            (9, self.talk),
            (5, self.know),
            (3, self.come_and_go),
            (2, self.administer),
            (1, self.redefine),
        )

    def go_on(self, steps: int, *, look_every: int = 0) -> None:
        """So many happenings, with time passing between them."""
        weights = [weight for weight, _ in self.happenings]
        acts = [act for _, act in self.happenings]
        for step in range(steps):
            self.draw.choices(acts, weights)[0]()
            if self.draw.random() < 0.7:
                self.world.advance(int(self.draw.expovariate(1 / 900)))
            elif self.draw.random() < 0.03:
                self.world.advance(70_000)  # long enough for work to be overdue
            if look_every and step % look_every == 0:
                self.world.look()

    # ---------------------------------------------------------------- happenings

    def arrive(self) -> None:
        self.world.give(
            *(self.arrival() for _ in range(self.draw.choice((1, 1, 1, 3))))
        )

    def a_talk(self, customer: str) -> str:
        return f"{customer}-need-{self.draw.randrange(2)}"

    def arrival(self) -> c.Enqueue:
        draw = self.draw
        self.arrivals += 1
        owner = draw.choice([*self.world.people, "", "", ""])
        known = draw.random() < 0.6
        customer = self.a_customer()
        return c.Enqueue(
            f"i{self.arrivals}",
            draw.choice(QUEUES),
            draw.choice(CHANNELS),
            priority=draw.choice((None, None, 80)),
            needs=draw.choice(OWN_NEEDS),
            excluded=(draw.choice(list(self.world.people)),)
            if draw.random() < 0.1
            else (),
            owner=owner,
            hold_back_ms=draw.choice((0, 8_000)) if owner else 0,
            waited_ms=draw.choice((0, 0, 0, 12_000)),
            conversation=self.a_talk(customer) if known and draw.random() < 0.8 else "",
            customer=customer if known else "",
            due_at=self.world.now + 15_000 if draw.random() < 0.05 else 0,
        )

    def hand_off(self) -> None:
        x = self.some(State.QUEUED, State.OFFERED, State.ACTIVE, State.ACTIVE)
        if x is None:
            return
        self.arrivals += 1
        draw = self.draw
        self.world.give(
            c.HandOff(
                self.world.name_of(x.row),
                f"i{self.arrivals}",
                draw.choice(CHANNELS),
                queue=draw.choice(("", *QUEUES)),
                needs=draw.choice((None, None, c.NO_NEEDS)),
                keep_open=draw.random() < 0.5,
                due_at=self.world.now + 20_000 if draw.random() < 0.2 else 0,
                consent=draw.random() < 0.8,
                relation=draw.choice(list(Relation)[1:]),
            )
        )

    def a_customer(self) -> str:
        return f"customer-{self.draw.randrange(CUSTOMERS)}"

    def talk(self) -> None:
        """Entries are added to contexts, and seen."""
        x = self.some(*PRESENT)
        if x is None or x.conversation < 0:
            return
        names, second = self.world.engine.names, self.world.second
        conversation = names.conversations.texts[x.conversation]
        if x.state != State.QUEUED and self.draw.random() < 0.5:
            version = second.book.conversations[x.conversation].version
            agent = self.world.agent_name(x.agent)
            name = self.world.name_of(x.row)
            self.world.give(c.AcknowledgeContext(name, agent, version))
            return
        expected = self.draw.choice((None, None, 1))
        customer = names.customers.texts.get(x.customer, "customer-0")
        self.world.give(c.AppendContext(conversation, customer, 1, 77, expected))

    def know(self) -> None:
        """What is learnt of customers, and what they wish."""
        draw, customer, other = self.draw, self.a_customer(), self.a_customer()
        people = list(self.world.people)
        kind = draw.randrange(14)
        if kind <= 2:
            self.world.give(c.MergeCustomers(customer, other))
        elif kind <= 4:
            merged = [
                (row, known.merged_into)
                for row, known in self.world.second.book.customers.items()
                if known.merged_into >= 0
            ]
            if merged:
                texts = self.world.engine.names.customers.texts
                row, into = draw.choice(merged)
                self.world.give(c.UnmergeCustomers(texts[into], texts[row]))
        elif kind <= 6:
            purpose, granted = draw.choice(list(Purpose)), draw.random() < 0.6
            self.world.give(c.SetConsent(customer, purpose, granted))
        elif kind == 7:
            self.world.give(c.SetRestricted(customer, draw.random() < 0.4))
        elif kind == 8:
            # Few who write are erased, or soon nobody would be left.
            gone = customer if draw.random() < 0.1 else f"{customer}-{draw.random()}"
            self.world.give(c.RequestErasure(gone))
            if draw.random() < 0.7:
                self.world.give(c.ConfirmErasure(gone))
        elif kind <= 11:
            agent, team = draw.choice(("", *people)), draw.choice(("", "front"))
            self.world.give(c.SetAccountOwner(customer, agent, team))
        else:
            owner, to = draw.choice(people), draw.choice(("", *people))
            self.world.give(c.HandOver(owner, to))

    def some(self, *states: State):
        there = self.world.those(*states)
        return self.draw.choice(there) if there else None

    def answer(self) -> None:
        x = self.some(State.OFFERED)
        if x is None:
            return
        agent, offer = self.world.agent_name(x.agent), x.offer
        if self.draw.random() < 0.05:
            offer = self.draw.randint(max(1, offer - 20), offer)
        if self.draw.random() < 0.7:
            self.world.give(c.AcceptOffer(agent, offer))
        elif self.draw.random() < 0.7:
            self.world.give(c.DeclineOffer(agent, offer))

    def finish(self) -> None:
        x = self.some(State.ACTIVE, State.WRAPPING)
        if x is None:
            return
        name = self.world.name_of(x.row)
        if x.state == State.ACTIVE:
            self.world.give(c.Complete(name, self.draw.choice((None, None, 0, 9_000))))
        elif self.draw.random() < 0.5:
            self.world.give(c.EndWrapUp(name))
        else:
            self.world.give(c.ExtendWrapUp(name, 3_000))

    def leave(self) -> None:
        x = self.some(*PRESENT)
        if x is None:
            return
        name = self.world.name_of(x.row)
        self.world.give(self.draw.choice((c.Abandon, c.Abandon, c.Cancel))(name))

    def move(self) -> None:
        x = self.some(State.ACTIVE)
        if x is None:
            return
        self.world.give(
            c.Transfer(
                self.world.name_of(x.row),
                queue=self.draw.choice(("", *QUEUES)),
                agent=self.draw.choice(("", "", *self.world.people)),
                needs=self.draw.choice((None, *OWN_NEEDS)),
            )
        )

    def change(self) -> None:
        x = self.some(State.QUEUED, State.OFFERED)
        if x is None:
            return
        name, draw = self.world.name_of(x.row), self.draw
        people = list(self.world.people)
        kind = draw.randrange(3)
        if kind == 0:
            priority = draw.choice((None, 10, 90))
            self.world.give(
                c.Update(name, priority=priority, needs=draw.choice(OWN_NEEDS))
            )
        elif kind == 1:
            excluded = tuple(draw.sample(people, draw.randrange(2)))
            self.world.give(c.Update(name, excluded=excluded))
        else:
            owner, until = draw.choice((*people, "")), self.world.now + 6_000
            self.world.give(c.Update(name, owner=owner, hold_until=until))

    def turn(self) -> None:
        agent = self.draw.choice(list(self.world.people))
        if self.draw.random() < 0.8:
            self.come_back(agent)
            return
        presence = self.draw.choice(
            (Presence.AVAILABLE,) * 4 + (Presence.AWAY, Presence.OFFLINE)
        )
        reason = "break" if presence == Presence.AWAY else ""
        when_idle = self.draw.random() < 0.3
        self.world.give(c.SetPresence(agent, presence, reason, when_idle))

    def come_back(self, name: str) -> None:
        """Most people who are not there for customers soon are again."""
        person = self.world.people[name]
        agent = self.world.second.agent(person.row)
        if not person.on_roster:
            self.world.give(self.definition(name))
        elif not agent.signed_in:
            self.sign_in(name)
        elif not agent.reachable:
            self.world.connect(name)
        elif agent.presence != Presence.AVAILABLE:
            self.world.give(c.SetPresence(name, Presence.AVAILABLE))

    def come_and_go(self) -> None:
        agent = self.draw.choice(list(self.world.people))
        if self.draw.random() < 0.5:
            session = self.world.second.agent(self.world.people[agent].row).session
            self.world.give(c.Disconnect(agent, max(session, 0)))
        elif self.draw.random() < 0.5:
            self.world.connect(agent)
        else:
            self.sign_in(agent)

    def sign_in(self, agent: str) -> None:
        link = self.draw.choice((Link.STREAM, Link.STREAM, Link.GATEWAY))
        if self.world.give(c.SignIn(agent, link)) is None and link == Link.STREAM:
            self.world.connect(agent)

    def administer(self) -> None:
        x = self.some(*PRESENT, State.DEAD_LETTERED, State.DEAD_LETTERED)
        if x is None:
            return
        force = self.draw.choice((c.ForceRequeue, c.ForceRequeue, c.ForceEnd))
        self.world.give(force(self.world.name_of(x.row), "at the desk"))

    def redefine(self) -> None:
        kind = self.draw.randrange(4)
        agent = self.draw.choice(AGENTS)
        if kind == 0:
            self.world.publish(self.draw.choice(("steady", "lean", "gathering")))
        elif kind == 1 and agent in self.world.people and len(self.world.people) > 2:
            self.world.give(c.RemoveAgent(agent))
        else:
            self.world.give(self.definition(agent))

    def definition(self, agent: str) -> c.DefineAgent:
        draw = self.draw
        return c.DefineAgent(
            agent,
            skills={"billing": draw.randint(0, 5), "english": draw.randint(0, 5)}
            | ({"trainee": 1} if draw.random() < 0.15 else {}),
            groups=tuple(g for g in ("front", "back") if draw.random() < 0.7),
            capacity=draw.choice((None, None, 2, 5)),
            limits={Channel.EMAIL: 1} if draw.random() < 0.3 else {},
            kind=AgentKind.BOT if draw.random() < 0.1 else AgentKind.HUMAN,
        )


def stream(seed: int, steps: int, policy: str = "steady", **world) -> list[Batch]:
    """The batches of a random day, checked on the way."""
    traffic = Traffic(seed, policy, **world)
    traffic.go_on(steps)
    return traffic.world.batches
