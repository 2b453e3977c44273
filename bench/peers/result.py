"""What a simulated stretch comes to, and whether that is the model's own answer."""

import math
from dataclasses import dataclass
from operator import add

from bench.peers.models import RELAXATION, Model

SPREADS_MAX = 4.0
SD_OF_MEAN = 1.5


@dataclass(frozen=True, slots=True)
class Result:
    """Counts by type, without the warm-up; adding joins independent stretches."""

    interactions: int
    """All that arrived, warm-up included: what `seconds` were spent on."""
    seconds: float
    served: tuple[int, ...]
    abandoned: tuple[int, ...]
    waited: tuple[int, ...]
    """Served or not, who was not answered at once."""
    wait_served_s: tuple[float, ...]
    """Summed over the served."""

    def __add__(self, other: "Result") -> "Result":
        return Result(
            self.interactions + other.interactions,
            self.seconds + other.seconds,
            tuple(map(add, self.served, other.served)),
            tuple(map(add, self.abandoned, other.abandoned)),
            tuple(map(add, self.waited, other.waited)),
            tuple(map(add, self.wait_served_s, other.wait_served_s)),
        )

    @property
    def per_second(self) -> float:
        return self.interactions / self.seconds

    @property
    def offered(self) -> tuple[int, ...]:
        return tuple(map(add, self.served, self.abandoned))

    @property
    def waited_share(self) -> float:
        return sum(self.waited) / sum(self.offered)

    @property
    def abandoned_share(self) -> tuple[float, ...]:
        pairs = zip(self.abandoned, self.offered, strict=True)
        return tuple(some / of for some, of in pairs)

    @property
    def asa_s(self) -> tuple[float, ...]:
        pairs = zip(self.wait_served_s, self.served, strict=True)
        return tuple(some / of for some, of in pairs)


class Tally:
    """Counts while a Python peer runs."""

    __slots__ = ("abandoned", "served", "wait_served_s", "waited")

    def __init__(self, types: int = 1) -> None:
        self.served, self.abandoned, self.waited = ([0] * types for _ in range(3))
        self.wait_served_s = [0.0] * types

    def serve(self, wait_s: float, kind: int = 0) -> None:
        self.served[kind] += 1
        if wait_s > 0:
            self.waited[kind] += 1
            self.wait_served_s[kind] += wait_s

    def abandon(self, kind: int = 0) -> None:
        self.abandoned[kind] += 1
        self.waited[kind] += 1

    def result(self, interactions: int, seconds: float) -> Result:
        return Result(
            interactions,
            seconds,
            tuple(self.served),
            tuple(self.abandoned),
            tuple(self.waited),
            tuple(self.wait_served_s),
        )


def astray(result: Result, model: Model) -> list[str]:
    """What lies further from the model's answers than chance takes it.

    A mean over n interactions, of which `RELAXATION` in a row tell much the same, has
    the standard error sd * sqrt(2 RELAXATION / n). Over 24 long runs in C, sd came to
    0.8 to 1.5 times the mean, of waits and of abandonment alike.
    """
    found = []
    for kind, (exact_share, exact_asa) in enumerate(
        zip(model.abandoned_share, model.asa_s, strict=True)
    ):
        spread = SPREADS_MAX * math.sqrt(2 * RELAXATION / result.offered[kind])
        share, asa = result.abandoned_share[kind], result.asa_s[kind]
        if abs(share - exact_share) > spread * SD_OF_MEAN * exact_share:
            found.append(f"type {kind + 1}: abandoned {share:.4f}, not {exact_share}")
        if abs(asa - exact_asa) > spread * SD_OF_MEAN * exact_asa:
            found.append(f"type {kind + 1}: ASA {asa:.2f} s, not {exact_asa} s")
    if (exact := model.waited_share) is not None:
        spread = SPREADS_MAX * math.sqrt(2 * RELAXATION / sum(result.offered))
        if abs(result.waited_share - exact) > spread * math.sqrt(exact * (1 - exact)):
            found.append(f"waited {result.waited_share:.4f}, not {exact}")
    return found
