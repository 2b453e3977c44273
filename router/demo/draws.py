"""Repeatable chance: every draw is named, so that none moves another.

The same seed and name give the same number in every run, whatever was drawn before.
"""

import math
from random import Random


class Draws:
    """Draws by name: `draws.exponential(mean, "patience", 17)`."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, *name: object) -> Random:
        """A generator of its own for what the name stands for."""
        return Random(f"{self._seed}/" + "/".join(map(str, name)))

    def chance(self, probability: float, *name: object) -> bool:
        return self.stream(*name).random() < probability

    def between(self, low: float, high: float, *name: object) -> float:
        return self.stream(*name).uniform(low, high)

    def exponential(self, mean: float, *name: object) -> float:
        return self.stream(*name).expovariate(1 / mean)

    def lognormal(self, mean: float, cv: float, *name: object) -> float:
        """A lognormal time with this mean and coefficient of variation.

        sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
        """
        variance = math.log1p(cv * cv)
        return self.stream(*name).lognormvariate(
            math.log(mean) - variance / 2, math.sqrt(variance)
        )
