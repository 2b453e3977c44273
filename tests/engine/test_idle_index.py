"""Choosing by blocks and looking at everybody come to the same, whatever has happened.

A crowd works through a long shift of everything that can happen; after each step some
interactions, whatever has become of them, ask both ways who would be the best.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numba
import numpy as np
import pytest

from router.engine import commands as c
from router.engine.choose import best_agent
from router.engine.engine import Engine
from router.engine.errors import NotSignedIn
from router.engine.scan import best_of_all
from router.engine.seating import FEW
from router.model.agent import Link, Presence
from router.model.channel import Channel
from tests.engine.invariants import faults_of_replay
from tests.engine.long_shift import QUEUES, SETTINGS, Shift
from tests.factories import SKILLS, a_policy

ROOT = Path(__file__).parent.parent.parent
SCORES = (
    {},
    {"fairness": 0},
    {"idle": 0},
    {"idle": 0, "fairness": 0, "skill_fit": 1},
    {"fairness": 90, "scarcity": 30, "channel_fit": 0},
    {"idle": 200, "skill_fit": 0},
)


class Crowd(Shift):
    """So many agents that most of them are free, of as many kinds as are asked for."""

    def __init__(self, seed, *, agents, kinds, score):
        super().__init__(seed)
        self.agents = [f"agent-{number}" for number in range(agents)]
        self.sessions = dict.fromkeys(self.agents, 0)
        self.kinds = [self._a_kind() for _ in range(kinds)]
        settings = {**SETTINGS, "score": score}
        settings["channels"] = {
            **SETTINGS["channels"],
            "chat": {
                "weight": 1,
                "limit": 3,
                "companion_weight": self.draw.choice((0, 50)),
            },
        }
        self.policy = a_policy(settings=settings, **QUEUES)

    def run(self, commands, after_each=lambda crowd: None):
        self.engine.begin(self.now)
        self.engine.perform(c.PublishPolicy(self.policy, "crowd"))
        for agent in self.agents:
            self.engine.perform(self._defined(agent))
        for agent in self.draw.sample(self.agents, len(self.agents)):
            self.now += self.draw.choice((0, 0, 0, 1, 900))
            self.engine.begin(self.now)
            self.engine.perform(c.SignIn(agent, Link.GATEWAY, Presence.AVAILABLE))
        self._take()
        for number in range(commands):
            if self.draw.random() < 0.02:
                self.now += self.draw.choice((60_000, 700_000))
            self._pass_time()
            self._one(number)
            after_each(self)
            if number % 7 == 0:
                self._take()
        self._take()
        return self

    def _shares(self):
        for share, command in super()._shares():
            # No other policy: the crowd keeps its own.
            yield share, (lambda _: c.Tick()) if share == 0.002 else command

    def _an_agent(self):
        return self.draw.choice(self.agents)

    def _a_kind(self):
        held = {skill: self.draw.randint(1, 5) for skill in self.draw.sample(SKILLS, 3)}
        groups = (self.draw.choice(("front", "back")),)
        capacity = self.draw.choice((1, 3, 3, 4))
        likes = self.draw.choice(((), (Channel.CHAT,), (Channel.VOICE, Channel.EMAIL)))
        return held, groups, capacity, {}, likes

    def _defined(self, agent):
        return c.DefineAgent(agent, "", *self.draw.choice(self.kinds))


def a_crowd(seed):
    return Crowd(
        seed,
        agents=(70, 130, 300)[seed % 3],
        kinds=(1, 4, 40, 300)[seed % 4],
        score=SCORES[seed % len(SCORES)],
    )


class Comparison:
    """Asks both ways, and counts how often there was much to choose from."""

    def __init__(self):
        self.by_blocks = 0
        self.loaded = 0
        self.named = 0

    def __call__(self, crowd):
        engine = crowd.engine
        floor, now = engine.floor, int(engine.now)
        rows = np.flatnonzero(floor.interactions["used"][:200])
        for row in crowd.draw.sample(rows.tolist(), min(len(rows), 4)):
            expected = tuple(map(int, best_of_all(floor, row, now)))
            assert expected == tuple(map(int, best_agent(floor, row, now)))
            self.by_blocks += int(floor.house[0].free_agents) > FEW
            blocks = floor.blocks[: int(floor.seating[0].blocks)]
            self.loaded += bool(floor.seating[0].live and np.any(blocks["loaded"]))
            self.named += bool(floor.interactions[row].excluded_count)


@pytest.mark.parametrize("seed", range(12))
def test_the_best_by_blocks_is_the_best_of_all(seed):
    comparison = Comparison()

    a_crowd(seed).run(700, comparison)

    assert comparison.by_blocks > 200
    assert comparison.loaded > 20
    assert comparison.named > 10


def test_few_who_are_free_are_followed_again_when_they_are_many():
    """The blocks are given up and taken up again, and nobody is lost on the way."""
    crowd = Crowd(5, agents=90, kinds=3, score={})
    comparison = Comparison()

    def come_and_go(crowd):
        number = len(crowd.calls)
        away = number // 40 % 2 == 0
        for agent in crowd.draw.sample(crowd.agents, 12):
            presence = Presence.AWAY if away else Presence.AVAILABLE
            with suppress(NotSignedIn):
                crowd.engine.perform(
                    c.SetPresence(agent, presence, "break" if away else "")
                )
        comparison(crowd)

    free = set()
    crowd.run(500, lambda crowd: (come_and_go(crowd), free.add(_how_free(crowd))))

    assert {"few", "many"} <= free


def _how_free(crowd):
    return "many" if crowd.engine.floor.house[0].free_agents > FEW else "few"


def test_what_is_remembered_leaves_no_trace_in_the_record():
    crowd = a_crowd(7).run(400)
    fresh = Engine()
    for batch in crowd.batches:
        fresh.replay(batch)

    assert [] == faults_of_replay(crowd.engine, fresh)
    row = int(np.flatnonzero(fresh.floor.interactions["used"])[0])
    now = int(crowd.engine.now)
    expected = best_agent(crowd.engine.floor, row, now)
    assert tuple(expected) == tuple(best_agent(fresh.floor, row, now))


@pytest.mark.slow
@pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="this is the plain one already"
)
def test_plain_python_chooses_the_same(tmp_path):
    target = tmp_path / "events"
    subprocess.run(
        [sys.executable, "-m", "tests.engine.test_idle_index", str(target)],
        cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True, timeout=110,
    )  # fmt: skip

    assert target.read_bytes() == a_crowd(6).run(250).events()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(a_crowd(6).run(250).events())
