"""Model A in salabim: components as generators, a request that fails after a while."""

import random
import time
from collections.abc import Iterator
from typing import Any

import salabim

from bench.peers.models import AGENTS_A, PATIENCE_S, SERVICE_S, WARM_UP, A
from bench.peers.result import Result, Tally


def run(interactions: int, seed: int) -> Result:
    """The resource keeps no statistics of its own: that is as fast as it goes."""
    tally = Tally()
    began = time.perf_counter()
    salabim.yieldless(False)
    env = salabim.Environment(random_seed=seed)
    agents = salabim.Resource(capacity=AGENTS_A, monitor=False)
    _Arrivals(agents=agents, interactions=interactions, tally=tally)
    env.run()
    return tally.result(interactions, time.perf_counter() - began)


class _Arrivals(salabim.Component):
    def process(self, agents: Any, interactions: int, tally: Tally) -> Iterator[None]:
        warming = Tally()
        for number in range(interactions):
            yield self.hold(random.expovariate(A.per_second))
            _Interaction(agents=agents, tally=tally if number >= WARM_UP else warming)


class _Interaction(salabim.Component):
    def process(self, agents: Any, tally: Tally) -> Iterator[None]:
        arrived = self.env.now()
        yield self.request(agents, fail_delay=random.expovariate(1 / PATIENCE_S))
        if self.failed():
            tally.abandon()
            return
        tally.serve(self.env.now() - arrived)
        yield self.hold(random.expovariate(1 / SERVICE_S))
        self.release(agents)
