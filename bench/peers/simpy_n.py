"""Model N in SimPy: a FilterStore of free agents, each standing for its pool."""

import random
import time
from collections.abc import Generator
from typing import Any

import simpy

from bench.peers.models import PATIENCE_S, POOL_1, POOL_2, SERVICE_S, WARM_UP, N
from bench.peers.result import Result, Tally


def run(interactions: int, seed: int) -> Result:
    random.seed(seed)
    tally = Tally(N.types)
    began = time.perf_counter()
    env = simpy.Environment()
    agents = simpy.FilterStore(env)
    agents.items = [1] * POOL_1 + [2] * POOL_2
    env.process(_arrivals(env, agents, interactions, tally))
    env.run()
    return tally.result(interactions, time.perf_counter() - began)


def _pool_1(pool: int) -> bool:
    return pool == 1


def _pool_2(pool: int) -> bool:
    return pool == 2


def _either(pool: int) -> bool:
    return True


def _arrivals(
    env: simpy.Environment, agents: simpy.FilterStore, interactions: int, tally: Tally
) -> Generator[simpy.Event, Any, None]:
    warming = Tally(N.types)
    for number in range(interactions):
        yield env.timeout(random.expovariate(N.per_second))
        kind = random.getrandbits(1)
        counts = tally if number >= WARM_UP else warming
        env.process(_interaction(env, agents, kind, counts))


def _interaction(
    env: simpy.Environment, agents: simpy.FilterStore, kind: int, tally: Tally
) -> Generator[simpy.Event, Any, None]:
    arrived = env.now
    wanted = _pool_2 if kind == 1 else _pool_1 if 1 in agents.items else _either
    with agents.get(wanted) as request:
        if not request.triggered:
            yield request | env.timeout(random.expovariate(1 / PATIENCE_S))
        if not request.triggered:
            tally.abandon(kind)
            return
    tally.serve(env.now - arrived, kind)
    yield env.timeout(random.expovariate(1 / SERVICE_S))
    agents.put(request.value)
