"""A host on a watched journal and a clock that is moved by hand."""

import json

import pytest

from router.engine.commands import PublishPolicy
from router.engine.engine import Engine
from router.host import Host
from tests.factories import a_policy, an_agent
from tests.host.journals import HandClock, WatchedJournal


def published(policy):
    """The order that publishes a policy, with a text that a replay can read again."""
    return PublishPolicy(policy, json.dumps(policy.written()))


class Home:
    """A host with everything around it that a test looks at."""

    def __init__(self, **more):
        self.journal = WatchedJournal()
        self.diary = self.journal.diary
        self.clock = HandClock()
        head = self.journal.open("home")
        self.host = Host(Engine(), self.journal, head, self.clock, **more)
        self.host.listeners.append(self._heard)
        self.batches = []

    def _heard(self, batch, engine):
        self.diary.note("publish")
        self.batches.append(batch)

    async def begin(self, policy=None, *agents):
        await self.host.start()
        await self.host.submit(published(policy or a_policy()))
        for agent in agents or (an_agent("ann"),):
            await self.host.submit(agent)
        self.diary.entries.clear()
        self.batches.clear()
        return self

    async def told(self, command):
        """Carry out an order, noting when it was answered."""
        done = await self.host.submit(command)
        self.diary.note("reply")
        return done


@pytest.fixture
async def home():
    homes = []

    async def make(policy=None, *agents, **more):
        made = Home(**more)
        homes.append(made)
        return await made.begin(policy, *agents)

    yield make
    for made in homes:
        await made.host.drain()
