"""A story: what happened on a shift, written as commands and the facts they caused.

    # Nobody answers: the offer goes on to the next agent.
    policy
        queues: {support: {offer_timeout: 20s}}
    roster ann billing:4
    09:00:00 sign-in ann
        AgentSignedIn ann available gateway
    09:00:05 enqueue call-1 support voice
        InteractionEnqueued call-1 in support priority 50
        OfferIssued call-1 -> ann until 09:00:25 attempt 1

The beginning says what there is: `policy` with the file's own lines under it (what every
policy needs is filled in), or with the path of an example; `policy NAME` for one that
`publish NAME` brings later; `roster` for each agent. Then each line is an instant and a
command, and under it stand the facts. A refusal is `! OfferGone: ...`. Where time alone
causes something, a `tick` is told; `sharp` before a verb gives the command at an instant
whose tick has not come yet. `restart` starts the router again from what was recorded,
`look` shows an agent or an interaction as the floor has them.
After every command the floor must hold (`tests/engine/invariants.py`), and at the end a
floor made from the batches must be the same, byte for byte, and the journal checker must
find no broken promise and count the same floor.
"""

import difflib
import re
from pathlib import Path

from router.engine import commands as c
from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.errors import Refused
from router.engine.kinds import Kind
from router.journal.checker import JournalChecker
from router.policy.load import load_policy
from tests.engine.invariants import faults, faults_of_replay
from tests.factories import GROUPS, MIDNIGHT, NINE, SKILLS
from tests.stories.orders import Unreadable, read_order, words_of
from tests.stories.speech import Speech, clock, sight

ROOT = Path(__file__).parent.parent
TICKS_MAX = 500
_AT = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))? ")
_BASIS = {
    "policy": "policy: story",
    "skills": f"skills: [{', '.join(SKILLS)}]",
    "groups": f"groups: [{', '.join(GROUPS)}]",
    "presence_reasons": "presence_reasons: [break, lunch]",
}


class Told(Exception):
    """The story cannot be told: it is unreadable, or the floor broke under it."""


class Story:
    """Runs the commands of one story and writes down what they caused."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.engine = Engine()
        self.speech = Speech()
        self.batches: list[Batch] = []
        self.policies: dict[str, str] = {}
        self.told: list[str] = []
        self._offers: dict[tuple[str, str], int] = {}
        self._ended_offers: dict[int, Kind] = {}
        self._shrank = False

    def retold(self) -> str:
        """The story as it happens now."""
        begun = False
        for line in self._after_policies():
            at = _AT.match(line)
            if line.startswith("    "):
                continue
            if at is None:
                self.told.append(line)
                if line.startswith("roster "):
                    self._begin(begun)
                    begun = True
                    self._perform(read_order(["agent", *words_of(line)[1:]], self))
                    self._take()
                continue
            self._begin(begun)
            begun = True
            self._command(line, _instant(at), words_of(line[at.end() :]))
        self._check_replay()
        self._check_promises()
        return "\n".join(self.told) + "\n"

    # ------------------------------------------------------------ the beginning

    def _after_policies(self):
        """Read the policies, repeat them as they stand, and go on with the rest."""
        name = None
        for line in self.lines:
            if line == "policy" or line.startswith("policy "):
                name = line.partition(" ")[2]
                self.policies[name] = ""
                if "/" in name:
                    self.policies[""] = (ROOT / name).read_text(encoding="utf-8")
                self.told.append(line)
            elif name is not None and line.startswith("    "):
                self.policies[name] += line[4:] + "\n"
                self.told.append(line)
            else:
                name = None
                yield line

    def policy_named(self, name):
        text = self.policies[name]
        keys = re.findall(r"^(\w+):", text, re.MULTILINE)
        basis = "".join(f"{line}\n" for key, line in _BASIS.items() if key not in keys)
        return load_policy(basis + text, file=name or "policy"), basis + text

    def _begin(self, begun):
        if not begun:
            self.engine.begin(NINE)
            self._perform(c.PublishPolicy(*self.policy_named("")))
            self._take()

    # ------------------------------------------------------------ commands

    def last_offer(self, interaction, agent):
        offer = self._offers.get((interaction, agent))
        if offer is None:
            raise Unreadable(f"{interaction} was never offered to {agent}")
        return offer

    def _command(self, line, at, words):
        if words[0] == "sharp":
            words = words[1:]
        else:
            self._let_time_pass(at, words)
        self.told.append(line)
        if at < self.engine.now:
            raise Told(f"{line}: time goes back")
        self.engine.begin(at)
        if words[0] == "look":
            self.told += [f"    ({sight(self.engine, name)})" for name in words[1:]]
            return
        if words[0] == "restart":
            self._restart()
        else:
            self._perform(read_order(words, self))
        self._say()

    def _let_time_pass(self, at, words):
        for _ in range(TICKS_MAX):
            due = self.engine.next_wakeup()
            if due is None or due > at:
                return
            due = max(due, self.engine.now)
            if due == at and words == ["tick"]:
                return
            self.told.append(f"{clock(due)} tick")
            self.engine.begin(due)
            self._perform(c.Tick())
            self._say()
        raise Told(f"time stands still at {clock(self.engine.now)}")

    def _perform(self, command):
        before = self.engine.sequence
        self._shrank |= isinstance(command, c.DefineAgent | c.PublishPolicy)
        try:
            self.engine.perform(command)
        except Refused as refusal:
            self._refused = f"    ! {type(refusal).__name__}: {refusal}"
            # Definitions of lines may be written on the way to a refusal; no facts may.
            batch = self._take()
            kinds = (
                {Kind(int(event["kind"])) for event in batch.events} if batch else set()
            )
            if kinds - {Kind.ROW_DEFINED}:
                raise Told(f"{refusal} was refused and caused {kinds}") from refusal
            return
        self._refused = ""
        if command.request is not None and self.engine.sequence == before:
            self._refused = "    (answered as before)"

    def _say(self):
        batch = self._take()
        for event in batch.events if batch else ():
            line = self.speech.line(event, self.engine.names)
            if line:
                self.told.append(f"    {line}")
        if self._refused:
            self.told.append(self._refused)
            self._refused = ""
        wrong = faults(self.engine, capacity_shrank=self._shrank)
        if wrong:
            raise Told("after this the floor does not hold:\n  " + "\n  ".join(wrong))

    def _take(self):
        batch = self.engine.take()
        if batch is None:
            return None
        expected = self.batches[-1].last_sequence + 1 if self.batches else 1
        if (
            batch.first_sequence != expected
            or batch.last_sequence != self.engine.sequence
        ):
            raise Told(f"sequence {batch.first_sequence} came, {expected} was expected")
        self.batches.append(batch)
        self.speech.learn(batch.names)
        for event in batch.events:
            self._count_offer(event)
        return batch

    def _count_offer(self, event):
        kind, offer = Kind(int(event["kind"])), int(event["offer"])
        if kind == Kind.OFFER_ISSUED:
            call = self.speech.calls[int(event["interaction"])]
            agent = self.engine.names.agents.texts[int(event["agent"])]
            self._offers[call, agent] = offer
        elif kind.name.startswith("OFFER_"):
            if offer in self._ended_offers:
                raise Told(
                    f"offer {offer} ended twice: {self._ended_offers[offer]}, {kind}"
                )
            self._ended_offers[offer] = kind

    # ------------------------------------------------------------ from the record

    def _replayed(self):
        fresh = Engine()
        for batch in self.batches:
            fresh.replay(batch)
        fresh.recall(lambda text: load_policy(text, file="recorded"))
        return fresh

    def _restart(self):
        """The router goes down and comes up again from what was recorded."""
        self._check_replay()
        now = self.engine.now
        self.engine = self._replayed()
        self.engine.begin(now)
        self._perform(c.Start())

    def _check_promises(self):
        """The journal checker, which was written apart from the engine, agrees."""
        checker = JournalChecker()
        for batch in self.batches:
            checker.take(batch)
        broken = checker.finish() + checker.against(self.engine.floor)
        if broken:
            raise Told("a promise is broken:\n  " + "\n  ".join(map(str, broken)))

    def _check_replay(self):
        wrong = faults_of_replay(self.engine, self._replayed())
        if wrong:
            raise Told(
                "the record does not tell the whole story:\n  " + "\n  ".join(wrong)
            )


def _instant(at):
    hour, minute, second, ms = (int(part or 0) for part in at.groups())
    return MIDNIGHT + ((hour * 60 + minute) * 60 + second) * 1_000 + ms


def check(path: Path, *, rewrite: bool) -> None:
    """Tell the story again and compare; with `rewrite`, write down what happened."""
    written = path.read_text(encoding="utf-8")
    story = Story(written)
    try:
        retold = story.retold()
    except (Told, Unreadable, Refused) as problem:
        so_far = "\n".join(story.told[-12:])
        raise AssertionError(
            f"{path.name}: {problem}\n\nIt went so far:\n{so_far}"
        ) from problem
    if retold == written:
        return
    if rewrite:
        path.write_text(retold, encoding="utf-8")
        return
    difference = difflib.unified_diff(
        written.splitlines(),
        retold.splitlines(),
        "as written",
        "as it happens",
        lineterm="",
        n=4,
    )
    raise AssertionError(f"{path.name} happens otherwise:\n" + "\n".join(difference))
