"""The two models that everybody simulates, and what comes out when it is done right.

Both offer 105 Erlang or thereabouts to 100 agents, service and patience exponential
with one mean. So the number present is that of M/M/inf, which forgets its past at the
rate of service: within `RELAXATION` arrivals of model A.
"""

from dataclasses import dataclass

SERVICE_S = 300.0
PATIENCE_S = 300.0
WARM_UP = 1_000
"""So many first interactions are simulated and not counted: ten times the floor."""
RELAXATION = 105


@dataclass(frozen=True, slots=True)
class Model:
    """One model's name, arrivals and answers; by type where there are several."""

    name: str
    per_hour: float
    types: int
    abandoned_share: tuple[float, ...]
    asa_s: tuple[float, ...]
    """Mean wait of the served."""
    waited_share: float | None = None

    @property
    def per_second(self) -> float:
        return self.per_hour / 3600


A = Model("model A", 1260, 1, (0.066982,), (19.9632,), 0.700245)
"""M/M/100+M; the answers are exact (Erlang A)."""
N = Model("model N", 1200, 2, (0.029906, 0.055658), (8.7075, 16.3857))
"""Half of the arrivals each of two types. `POOL_1` agents have skill 1, `POOL_2` both.

Type 1 goes to pool 1, else to pool 2; type 2 to pool 2; who is free of pool 2 takes
the longest waiting of either. The answers are a high-precision estimate of a C program
(24 runs of 6 million interactions), standard error 0.0001 and 0.03 s.
"""
AGENTS_A = 100
POOL_1, POOL_2 = 40, 60
