"""A long shift drawn from a seed: the same seed gives the same commands, always.

Run as a program it writes every event of the shift to the file it is given, so that two
processes (the machine compiled, the machine in plain Python) can be compared byte for
byte. What is drawn depends on the floor only through what the engine has answered.
"""

import random
import sys
from pathlib import Path

from router.engine import commands as c
from router.engine.engine import Engine
from router.engine.errors import Refused
from router.engine.kinds import Kind
from router.model.agent import Link, Presence
from router.model.channel import Channel
from router.model.conversation import Purpose, Relation
from router.model.needs import Needs, SkillNeed
from tests.factories import NINE, SKILLS, a_policy

AGENTS = [f"agent-{number}" for number in range(14)]
ASKED = SKILLS[:3]
QUEUES = {
    "support": {
        "needs": {"all_of": {"billing": 3}},
        "relaxation": [
            {"after": "20s", "lower": {"billing": 1}},
            {"after": "45s", "groups": ["back"], "add": {"billing": {"english": 4}}},
            {"after": "80s", "drop": ["billing"]},
        ],
        "groups": ["front"],
        "wrap_up": "10s",
        "continuity_value": "40s",
        "companion_wait_max": "20s",
        "limit": 12,
        "overflow": "general",
        "max_wait": "90s",
        "on_max_wait": "general",
    },
    "french": {
        "needs": {"any_of": [{"french": 3, "english": 4}], "none_of": {"trainee": 2}},
        "exclude_decliner": True,
        "attempts_max": 3,
        "unroutable": "alarm",
        "priority": 70,
    },
    "general": {
        "missed_offer": "keep",
        "cool_down": "5s",
        "wrap_up": 0,
        "max_wait": "3m",
    },
}
CHANNELS = {
    "voice": {"weight": 3, "limit": 1, "exclusive": True},
    "chat": {"weight": 1, "limit": 3},
    "email": {"weight": 1, "limit": 2, "interruptible": True},
}
SETTINGS = {
    "channels": CHANNELS,
    "offers": {"open_per_agent": 2},
    "retention": {"ended": "2m", "ended_max": 30, "conversations": "1m"},
    "ownership": {"conversation": {"lasts": "90s"}, "last_agent": {"lasts": "1m"}},
    "liveness": {"sign_out_after": "40s", "restart_grace": "10s"},
}
POLICIES = [
    a_policy(settings=SETTINGS, **QUEUES),
    a_policy(settings={**SETTINGS, "rounds": {"window": "700ms"}}, **QUEUES),
    a_policy(
        settings={**SETTINGS, "score": {"scarcity": 40, "waiting": 1}},
        **{**QUEUES, "support": {**QUEUES["support"], "relaxation": [], "limit": 40}},
    ),
]


class Shift:
    """Draws commands and remembers what came of them."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.engine = Engine()
        self.now = NINE
        self.calls = []
        self.answered = []
        self.offers = []
        self.merged = []
        self.sessions = dict.fromkeys(AGENTS, 0)
        self.refusals = 0
        self.batches = []

    def run(self, commands):
        self.engine.begin(self.now)
        self.engine.perform(c.PublishPolicy(POLICIES[0], "0"))
        for number, agent in enumerate(AGENTS):
            self.engine.perform(self._defined(agent))
            link = Link.STREAM if number % 3 else Link.GATEWAY
            self.engine.perform(c.SignIn(agent, link))
            self.engine.perform(self._connect(agent))
        self._take()
        for number in range(commands):
            self._pass_time()
            self._one(number)
            if number % 7 == 0:
                self._take()
        self._take()
        return self

    def events(self):
        return b"".join(batch.events.tobytes() for batch in self.batches)

    def _pass_time(self):
        self.now += self.draw.choice((0, 0, 5, 200, 900, 2_500))
        for _ in range(50):
            due = self.engine.next_wakeup()
            if due is None or due > self.now:
                break
            self.engine.begin(due)
            self.engine.perform(c.Tick())
        self.engine.begin(self.now)

    def _one(self, number):
        command = self._drawn(number)
        try:
            row = self.engine.perform(command)
        except Refused:
            self.refusals += 1
            return
        if isinstance(command, c.AcceptOffer):
            self.answered.append(self.engine.names.interactions.texts[row])

    def _take(self):
        batch = self.engine.take()
        if batch is None:
            return
        self.batches.append(batch)
        agents, issued = self.engine.names.agents.texts, Kind.OFFER_ISSUED
        for event in batch.events[batch.events["kind"] == issued]:
            self.offers.append((agents[int(event["agent"])], int(event["offer"])))

    def _drawn(self, number):
        draw = self.draw.random()
        for share, command in self._shares():
            if draw < share:
                return command(number)
            draw -= share
        return c.Tick()

    def _shares(self):
        return (
            (0.22, self._enqueue),
            (0.23, self._accept),
            (0.03, self._decline),
            (
                0.13,
                lambda _: c.Complete(
                    self._a_live_one(), self.draw.choice((None, 0, 4_000))
                ),
            ),
            (0.06, lambda _: c.Abandon(self._a_call())),
            (0.02, lambda _: c.Cancel(self._a_call())),
            (0.03, self._transfer),
            (0.04, self._update),
            (0.04, self._presence),
            (0.03, lambda _: self._connect(self._an_agent())),
            (0.03, self._sign_in),
            (0.01, self._disconnect),
            (0.01, lambda _: c.EndWrapUp(self._a_live_one())),
            (0.02, lambda _: c.ExtendWrapUp(self._a_live_one(), 3_000)),
            (0.01, lambda _: c.ForceRequeue(self._a_call())),
            (0.01, lambda _: c.ForceEnd(self._a_call())),
            (0.01, lambda _: self._defined(self._an_agent())),
            (0.002, lambda _: c.RemoveAgent(self._an_agent())),
            (
                0.002,
                lambda number: c.PublishPolicy(self.draw.choice(POLICIES), str(number)),
            ),
            (0.001, lambda _: c.Start()),
            (0.02, self._hand_off),
            (0.01, self._append),
            (0.006, self._know),
            (0.004, self._hand_over),
        )

    def _a_call(self):
        return self.draw.choice(self.calls[-25:] or ["nobody"])

    def _a_live_one(self):
        return self.draw.choice(self.answered[-10:] or ["nobody"])

    def _an_agent(self):
        return self.draw.choice(AGENTS)

    def _needs(self):
        if self.draw.random() < 0.6:
            return Needs()
        skills = self.draw.sample(ASKED, 2)
        need = SkillNeed(skills[0], self.draw.randint(1, 4))
        if self.draw.random() < 0.5:
            return Needs(all_of=(need,))
        return Needs(any_of=((need, SkillNeed(skills[1], self.draw.randint(1, 4))),))

    def _enqueue(self, number):
        self.calls.append(f"call-{number}")
        owned = self.draw.random() < 0.1
        known = self.draw.random() < 0.4
        customer = self._a_customer()
        return c.Enqueue(
            self.calls[-1],
            self.draw.choice(list(QUEUES)),
            self.draw.choice((Channel.VOICE, Channel.CHAT, Channel.EMAIL)),
            priority=self.draw.choice((None, None, 20, 90)),
            needs=self._needs(),
            excluded=(self._an_agent(),) if self.draw.random() < 0.1 else (),
            owner=self._an_agent() if owned else "",
            hold_back_ms=15_000 if owned else 0,
            waited_ms=self.draw.choice((0, 0, 0, 30_000)),
            conversation=f"{customer}-{self.draw.randrange(2)}" if known else "",
            customer=customer if known else "",
            due_at=self.now + 20_000 if self.draw.random() < 0.03 else 0,
        )

    def _a_customer(self):
        return f"cus-{self.draw.randrange(25)}"

    def _hand_off(self, number):
        source = self.draw.choice((self._a_call, self._a_live_one, self._a_live_one))()
        self.calls.append(f"call-{number}")
        return c.HandOff(
            source,
            self.calls[-1],
            self.draw.choice((Channel.VOICE, Channel.CHAT, Channel.EMAIL)),
            queue=self.draw.choice(("", *QUEUES)),
            keep_open=self.draw.random() < 0.5,
            due_at=self.now + 15_000 if self.draw.random() < 0.2 else 0,
            consent=self.draw.random() < 0.8,
            relation=self.draw.choice(list(Relation)[1:]),
        )

    def _hand_over(self, _):
        to = self.draw.choice(("", self._an_agent()))
        return c.HandOver(self._an_agent(), to)

    def _append(self, _):
        customer = self._a_customer()
        if self.draw.random() < 0.3:
            live = self._a_live_one()
            return c.AcknowledgeContext(live, self._an_agent(), 1)
        return c.AppendContext(f"{customer}-0", customer, 1, 77)

    def _know(self, _):
        customer, kind = self._a_customer(), self.draw.randrange(10)
        if kind < 3:
            self.merged.append((customer, self._a_customer()))
            return c.MergeCustomers(*self.merged[-1])
        if kind < 5:
            pair = self.draw.choice(self.merged[-4:] or [(customer, customer)])
            return c.UnmergeCustomers(*pair)
        if kind < 7:
            granted = self.draw.random() < 0.7
            return c.SetConsent(customer, self.draw.choice(list(Purpose)), granted)
        if kind == 7:
            return c.SetRestricted(customer, self.draw.random() < 0.3)
        if kind == 8:
            return c.SetAccountOwner(customer, self._an_agent(), "front")
        if self.draw.random() < 0.2:
            return c.RequestErasure(customer)
        return c.ConfirmErasure(customer)

    def _accept(self, _):
        return c.AcceptOffer(*self.draw.choice(self.offers[-6:] or [("agent-0", 1)]))

    def _decline(self, _):
        return c.DeclineOffer(*self.draw.choice(self.offers[-4:] or [("agent-0", 1)]))

    def _transfer(self, _):
        queue = self.draw.choice(("", *QUEUES))
        agent = "" if queue else self._an_agent()
        return c.Transfer(self._a_live_one(), queue=queue, agent=agent)

    def _update(self, _):
        kind = self.draw.randrange(4)
        return c.Update(
            self._a_call(),
            priority=self.draw.choice((10, 95)) if kind == 0 else None,
            needs=self._needs() if kind == 1 else None,
            excluded=(self._an_agent(),) if kind == 2 else None,
            owner=self._an_agent() if kind == 3 else None,
        )

    def _presence(self, _):
        presence = self.draw.choice(
            (Presence.AVAILABLE, Presence.AVAILABLE, Presence.AWAY)
        )
        reason = (
            self.draw.choice(("break", "lunch")) if presence == Presence.AWAY else ""
        )
        when_idle = self.draw.random() < 0.3
        return c.SetPresence(self._an_agent(), presence, reason, when_idle=when_idle)

    def _sign_in(self, _):
        agent = self._an_agent()
        return c.SignIn(agent, self.draw.choice((Link.STREAM, Link.GATEWAY)))

    def _connect(self, agent):
        self.sessions[agent] += 1
        return c.Connect(agent, self.sessions[agent])

    def _disconnect(self, _):
        agent = self._an_agent()
        return c.Disconnect(agent, self.sessions[agent])

    def _defined(self, agent):
        held = {skill: self.draw.randint(1, 5) for skill in self.draw.sample(SKILLS, 3)}
        groups = (self.draw.choice(("front", "back")),)
        return c.DefineAgent(
            agent, "", held, groups, self.draw.choice((None, 3, 4)), {}, (Channel.CHAT,)
        )


if __name__ == "__main__":
    seed, commands, target = sys.argv[1:]
    Path(target).write_bytes(Shift(int(seed)).run(int(commands)).events())
