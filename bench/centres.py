"""Large floors for the simulator, as plain numbers: types, groups of agents, rates.

Both are drawn once from a fixed seed. Service and patience are exponential. An
interaction goes to the longest idle agent who has its skill; an agent who is free takes
the longest waiting whom they can serve.
"""

import random
from dataclasses import dataclass

SERVICE_S = 300.0
PATIENCE_S = 300.0
OCCUPANCY = 0.95
"""Offered load over agents."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many agents who all serve the same types."""

    agents: int
    types: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Centre:
    """Types are numbers from 0; `per_hour` has the arrivals of each."""

    per_hour: tuple[float, ...]
    groups: tuple[Group, ...]

    @property
    def agents(self) -> int:
        return sum(group.agents for group in self.groups)

    @property
    def name(self) -> str:
        return f"{len(self.per_hour)} types x {len(self.groups)} groups x {self.agents}"


def largest() -> Centre:
    """The size of the largest published case (Cezik and L'Ecuyer 2008): 1,780 agents.

    The case's own table of skills is not public: here a group has 3 to 10 types.
    """
    return _centre(types=65, groups=89, agents=1_780, skills=(3, 10))


def scaled(agents: int) -> Centre:
    """The same 10 types and 15 groups at every size; a group has 3 types."""
    return _centre(types=10, groups=15, agents=agents, skills=(3, 3))


def _centre(types: int, groups: int, agents: int, skills: tuple[int, int]) -> Centre:
    """Every type has a group; types get arrivals as their groups have time for them."""
    draw = random.Random(types * groups)
    share = [0.0] * types
    made = []
    for number in range(groups):
        own = number % types
        others = [kind for kind in range(types) if kind != own]
        held = [own, *draw.sample(others, draw.randint(*skills) - 1)]
        count = agents * (number + 1) // groups - agents * number // groups
        made.append(Group(count, tuple(sorted(held))))
        for kind in held:
            share[kind] += count / len(held)
    hourly = OCCUPANCY * 3600 / SERVICE_S
    return Centre(tuple(hourly * some for some in share), tuple(made))
