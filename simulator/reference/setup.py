"""A case as scenario and policy: the two texts, and which streams and staff its outputs
speak of.

The models in `models` fill in a `Setup`; `texts` writes it out for however long it is to
run. Keys and values below `demand` and `staff` are those of `simulator.scenario`.
"""

import math
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Final, Literal

from ruamel.yaml import YAML

from router.model.time import format_duration
from simulator.reference.times import written

DAY_MS: Final = 86_400_000
ALWAYS: Final = "30d"
PROBE: Final = "Probe"
"""A stream of a case's own customers but with no limit to their patience, and with nothing
to ask once they are answered: they measure the offered wait and disturb nobody."""

SCORE: Final = {"skill_fit": 1, "priority": 10, "waiting": 0, "ownership": 0, "idle": 0,
                "fairness": 0, "scarcity": 0, "channel_fit": 0}  # fmt: skip
"""The preference of one agent, or of one class, over the next is worth 100 points."""


@dataclass(slots=True)
class Setup:
    """One case, ready to be written as scenario and policy."""

    demand: dict[str, dict[str, Any]] = field(default_factory=dict)
    staff: dict[str, dict[str, Any]] = field(default_factory=dict)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    skills: list[str] = field(default_factory=list)
    channels: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"voice": {"weight": 1, "limit": 1}}
    )
    capacity: int = 1
    score: dict[str, int] = field(default_factory=lambda: dict(SCORE))
    further: dict[str, Any] = field(default_factory=dict)
    """Other keys of the scenario, such as `lines`."""

    classes: list[list[str]] = field(default_factory=list)
    """The streams of each class that outputs tell apart."""
    pools: list[list[str]] = field(default_factory=list)
    """The staff entries of each pool that outputs tell apart."""
    per_hour: float = 0.0
    """Interactions by the hour that come of themselves, probes left out."""

    kind: Literal["stationary", "days"] = "stationary"
    unit_days: int = 1
    """Of days: how many of them outputs are told for, such as a week's five."""
    per_unit: float = 0.0
    """Interactions in so many days."""
    begins_ms: int = 0
    ends_ms: int = 0
    """Of a day: when its arrivals begin and end."""
    period_ms: int = 0
    periods: int = 0
    every_ms: int = 0
    slowest_s: float = 0.0
    """The longest of the mean times in it: how long it takes to forget its beginning."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What single outputs need to know besides."""

    def queue(self, name: str, within_s: float | None = None, **rules: Any) -> None:
        """A queue where nothing happens but what the case says."""
        target = max(1.0, within_s if within_s is not None else 20.0)
        self.queues[name] = {
            "service_level": {"target": 80, "within": written(target)},
            "priority": 50,
            "wrap_up": 0,
            "max_handling": ALWAYS,
            "max_wait": ALWAYS,
            "limit": 1_000_000,
            **rules,
        }

    def pool(self, name: str, agents: int, **details: Any) -> None:
        """So many agents who are alike."""
        self.staff[name] = {"agents": agents, **details}
        self.pools.append([name])

    def settles_after(self, service_s: float, patience_s: float, agents: int) -> None:
        """Note how slow this system is. Where nobody gives up a long queue takes the time
        of a relaxation to go, which grows without end with the load (Cohen's formula for
        M/M/c: mean service / (agents (1 - sqrt(load))^2)); a third of it counts here.
        """
        slow_s = max(service_s, patience_s)
        load = self.per_hour * service_s / 3600 / agents
        if patience_s == 0 and "lines" not in self.further and 0 < load < 1:
            slow_s = max(slow_s, service_s / (agents * (1 - math.sqrt(load)) ** 2) / 3)
        self.slowest_s = max(self.slowest_s, slow_s)

    def end_arrivals(self, at_ms: int) -> None:
        """Nobody comes any more from this instant of the day on."""
        for stream in self.demand.values():
            if "arrivals" in stream and at_ms < DAY_MS:
                stream["arrivals"]["until"] = format_duration(at_ms)

    def policy_text(self) -> str:
        """The policy's YAML."""
        return _yaml(
            {
                "policy": "reference",
                "skills": self.skills,
                "channels": self.channels,
                "capacity": self.capacity,
                "queues": self.queues,
                "score": self.score,
                "retention": {"ended": 0, "ended_max": 1000},
            }
        )

    def scenario_text(self, days: int, every_ms: int, warm_up_ms: int = 0) -> str:
        """The scenario's YAML for so many days."""
        return _yaml(
            {
                "scenario": "reference",
                "policy": "policy.yaml",
                "days": days,
                "every": format_duration(every_ms),
                "warm_up": format_duration(warm_up_ms),
                **self.further,
                "demand": self.demand,
                "staff": self.staff,
            }
        )


def _yaml(values: dict[str, Any]) -> str:
    writer = YAML()
    writer.width = 4096
    writer.representer.ignore_aliases = lambda *_: True
    text = StringIO()
    writer.dump(values, text)
    return text.getvalue()
