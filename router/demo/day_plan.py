"""Draws a working day: who reaches out when, and who sits at which desk.

The same statistics, seed and roster give the same day. Arrivals follow the published
counts of each half hour, times a common factor that varies from half hour to half hour
as the log's do; service is lognormal and patience exponential, as published. Pure: no
clock, no router.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from router.demo.draws import Draws
from router.demo.statistics import HALF_HOURS, Kind, Statistics

HALF_HOUR_MS = 1_800_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
_SERVICE_MS_MIN = 5_000
_SERVICE_MS_MAX = 2 * HOUR_MS
_CUSTOMERS = 900
"""So many people reach out in a day; some of them twice or more."""
_LEAVES = 0.5
_PHONES = 0.6

# Where shifts begin and end, in hours, in the order in which a team fills them.
_SHIFTS = ((8.5, 17.0), (15.5, 24.0), (6.75, 15.25), (11.0, 19.5))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One customer who reaches out."""

    number: int
    at_ms: int
    kind: str
    queue: str
    channel: str
    service_ms: int
    patience_ms: int | None
    """None: the customer does not give up."""
    customer_id: str
    moves: tuple[str, ...] = ()
    """Channels on which the customer goes on with the same matter, one after the
    other."""

    @property
    def leg_ms(self) -> int:
        """How long service takes on each channel."""
        return max(_SERVICE_MS_MIN, self.service_ms // (1 + len(self.moves)))


@dataclass(frozen=True, slots=True)
class Break:
    at_ms: int
    length_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One agent's day."""

    agent_id: str
    from_ms: int
    until_ms: int
    breaks: tuple[Break, ...]
    stays: bool
    """On the last shift: stays until everybody has been served."""


def arrivals(statistics: Statistics, seed: int, until_ms: int) -> list[Arrival]:
    """Everybody who reaches out between opening time and `until_ms`, in order."""
    draws = Draws(seed)
    factors = _factors(statistics, draws)
    found = [
        (at_ms, kind, index)
        for kind in statistics.kinds()
        for index, at_ms in enumerate(
            _instants(statistics.opens_at_ms, kind, factors, draws)
        )
        if at_ms < until_ms
    ]
    found.sort(key=lambda one: (one[0], one[1].name, one[2]))
    return [
        Arrival(
            number=number,
            at_ms=at_ms,
            kind=kind.name,
            queue=kind.queue,
            channel=kind.channel,
            service_ms=_service_ms(kind, index, draws),
            patience_ms=_patience_ms(kind, index, draws),
            customer_id=f"c-{draws.stream('customer', number).randrange(_CUSTOMERS)}",
            moves=_moves(kind, index, draws),
        )
        for number, (at_ms, kind, index) in enumerate(found, 1)
    ]


def _factors(statistics: Statistics, draws: Draws) -> list[float]:
    """A lognormal factor of mean 1 for each half hour, close to its neighbour's."""
    sd, rho = statistics.half_hour_sd, statistics.half_hour_correlation
    stream = draws.stream("half hours")
    level = stream.gauss(0, 1)
    factors = []
    for _ in range(HALF_HOURS):
        factors.append(math.exp(sd * level - sd * sd / 2))
        level = rho * level + math.sqrt(1 - rho * rho) * stream.gauss(0, 1)
    return factors


def _instants(
    opens_at_ms: int, kind: Kind, factors: Sequence[float], draws: Draws
) -> list[int]:
    """A Poisson process whose rate is constant within each half hour."""
    found = []
    for half, (mean, factor) in enumerate(
        zip(kind.per_half_hour, factors, strict=True)
    ):
        rate = mean * factor / HALF_HOUR_MS
        stream = draws.stream("arrivals", kind.name, half)
        at = stream.expovariate(rate) if rate else math.inf
        while at < HALF_HOUR_MS:
            found.append(opens_at_ms + half * HALF_HOUR_MS + int(at))
            at += stream.expovariate(rate)
    return found


def _service_ms(kind: Kind, index: int, draws: Draws) -> int:
    drawn = 1000 * draws.lognormal(
        kind.service.mean_s, kind.service.cv, "service", kind.name, index
    )
    return int(min(_SERVICE_MS_MAX, max(_SERVICE_MS_MIN, drawn)))


def _moves(kind: Kind, index: int, draws: Draws) -> tuple[str, ...]:
    """Some leave the house in the middle of a chat and go on by SMS; some of them phone
    in the end.
    """
    name = (kind.name, index)
    if kind.channel != "chat" or not draws.chance(_LEAVES, "leaves", *name):
        return ()
    return ("sms", "voice") if draws.chance(_PHONES, "phones", *name) else ("sms",)


def _patience_ms(kind: Kind, index: int, draws: Draws) -> int | None:
    if kind.patience_mean_s is None:
        return None
    mean_ms = 1000 * kind.patience_mean_s
    return 1000 + int(draws.exponential(mean_ms, "patience", kind.name, index))


def duties(
    teams: Mapping[str, str], seed: int, opens_at_ms: int, until_ms: int
) -> list[Duty]:
    """A shift and its breaks for every agent. `teams` names each agent's team.

    Each team fills the shifts in turn, so every team is there all day.
    """
    members: defaultdict[str, list[str]] = defaultdict(list)
    for agent_id, team in sorted(teams.items()):
        members[team].append(agent_id)
    draws = Draws(seed)
    found = []
    for agents in members.values():
        for index, agent_id in enumerate(agents):
            first, last = _SHIFTS[index % len(_SHIFTS)]
            begin = max(opens_at_ms, int(first * HOUR_MS))
            end = min(until_ms, int(last * HOUR_MS))
            if begin < end:
                breaks = _breaks(agent_id, begin, draws)
                found.append(Duty(agent_id, begin, end, breaks, end == until_ms))
    return found


def _breaks(agent_id: str, begin_ms: int, draws: Draws) -> tuple[Break, ...]:
    """Half an hour for lunch about the middle of a shift, and two short breaks."""

    def about(hours: float, name: str) -> int:
        return begin_ms + int(
            HOUR_MS * (hours + draws.between(-0.5, 0.5, name, agent_id))
        )

    return (
        Break(about(1.75, "first break"), 12 * MINUTE_MS, "break"),
        Break(about(4.0, "lunch"), 30 * MINUTE_MS, "lunch"),
        Break(about(6.5, "second break"), 12 * MINUTE_MS, "break"),
    )
