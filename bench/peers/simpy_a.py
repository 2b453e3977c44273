"""Model A in SimPy: a Resource, and a request that races a timeout."""

import random
import time
from collections.abc import Generator
from typing import Any

import simpy

from bench.peers.models import AGENTS_A, PATIENCE_S, SERVICE_S, WARM_UP, A
from bench.peers.result import Result, Tally


def run(interactions: int, seed: int) -> Result:
    random.seed(seed)
    tally = Tally()
    began = time.perf_counter()
    env = simpy.Environment()
    agents = simpy.Resource(env, AGENTS_A)
    env.process(_arrivals(env, agents, interactions, tally))
    env.run()
    return tally.result(interactions, time.perf_counter() - began)


def _arrivals(
    env: simpy.Environment, agents: simpy.Resource, interactions: int, tally: Tally
) -> Generator[simpy.Event, Any, None]:
    warming = Tally()
    for number in range(interactions):
        yield env.timeout(random.expovariate(A.per_second))
        env.process(_interaction(env, agents, tally if number >= WARM_UP else warming))


def _interaction(
    env: simpy.Environment, agents: simpy.Resource, tally: Tally
) -> Generator[simpy.Event, Any, None]:
    arrived = env.now
    with agents.request() as request:
        if not request.triggered:
            yield request | env.timeout(random.expovariate(1 / PATIENCE_S))
        if not request.triggered:
            tally.abandon()
            return
        tally.serve(env.now - arrived)
        yield env.timeout(random.expovariate(1 / SERVICE_S))
