"""Model N in salabim: a resource for each pool, and a request for one of them."""

import random
import time
from collections.abc import Iterator
from typing import Any

import salabim

from bench.peers.models import PATIENCE_S, POOL_1, POOL_2, SERVICE_S, WARM_UP, N
from bench.peers.result import Result, Tally


def run(interactions: int, seed: int) -> Result:
    """The resources keep no statistics of their own: that is as fast as it goes."""
    tally = Tally(N.types)
    began = time.perf_counter()
    salabim.yieldless(False)
    env = salabim.Environment(random_seed=seed)
    pools = [salabim.Resource(capacity=n, monitor=False) for n in (POOL_1, POOL_2)]
    _Arrivals(pools=pools, interactions=interactions, tally=tally)
    env.run()
    return tally.result(interactions, time.perf_counter() - began)


class _Arrivals(salabim.Component):
    def process(
        self, pools: list[Any], interactions: int, tally: Tally
    ) -> Iterator[None]:
        warming = Tally(N.types)
        for number in range(interactions):
            yield self.hold(random.expovariate(N.per_second))
            kind = random.getrandbits(1)
            counts = tally if number >= WARM_UP else warming
            _Interaction(pools=pools[kind:], kind=kind, tally=counts)


class _Interaction(salabim.Component):
    def process(self, pools: list[Any], kind: int, tally: Tally) -> Iterator[None]:
        arrived = self.env.now()
        patience = random.expovariate(1 / PATIENCE_S)
        yield self.request(*pools, oneof=True, fail_delay=patience)
        if self.failed():
            tally.abandon(kind)
            return
        tally.serve(self.env.now() - arrived, kind)
        yield self.hold(random.expovariate(1 / SERVICE_S))
        self.release()
