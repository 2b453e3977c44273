"""Who reaches out today: the arrivals of every stream, drawn for one day of one
replication.

A day's arrivals depend on the seed, the replication, the day and the stream, and on
nothing that happens in the house: two plans meet the same customers. Given its rates a
stream is a Poisson process (or has exact counts); random factors by day and interval make
the rates themselves vary, as real ones do: counts that are overdispersed, and
neighbouring intervals that vary together (Avramidis, Deslauriers & L'Ecuyer 2004).
"""

import math
from datetime import date, timedelta
from typing import Any

import holidays
import numpy as np
import numpy.typing as npt

from simulator.scenario.demand import WEEKDAYS, Arrivals, Calendar, Factor, Profile
from simulator.scene import ARRIVAL

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
CURVE_MS = 60_000
"""A smooth curve is laid out minute by minute."""
Edges = npt.NDArray[np.float64]
Generator = np.random.Generator
_COMMON = 1 << 20
"""In place of a stream: what streams have in common."""


class Days:
    """Which day of the run is which."""

    def __init__(self, calendar: Calendar) -> None:
        self._first = date.fromisoformat(calendar.starts)
        self._named = {
            date.fromisoformat(day): kind for day, kind in calendar.day_types.items()
        }
        self._off = {date.fromisoformat(day) for day in calendar.holidays}
        self._public: Any = ()
        if calendar.holidays_of is not None:
            self._public = holidays.country_holidays(calendar.holidays_of)

    @property
    def origin_ms(self) -> int:
        """The first midnight as milliseconds since 1970, as if local time were UTC."""
        return (self._first - date(1970, 1, 1)).days * DAY_MS

    def date(self, day: int) -> date:
        """The date of a day of the run, counted from 0."""
        return self._first + timedelta(days=day)

    def weekday(self, day: int) -> str:
        """Mon to sun."""
        return WEEKDAYS[self.date(day).weekday()]

    def kind(self, day: int) -> str:
        """The type the calendar gives the day, or ""."""
        return self._named.get(self.date(day), "")

    def holiday(self, day: int) -> bool:
        """Whether it is a holiday."""
        today = self.date(day)
        return today in self._off or today in self._public


def countries_known() -> list[str]:
    """Countries whose public holidays are known, as two capital letters."""
    return sorted(holidays.list_supported_countries())


def profile_of(arrivals: Arrivals, days: Days, day: int) -> Profile | None:
    """The profile that holds on a day: of its type, of holidays, of its weekday, or the
    ordinary one.
    """
    kind = days.kind(day)
    if kind in arrivals.day_types:
        return arrivals.day_types[kind]
    if arrivals.holidays is not None and days.holiday(day):
        return arrivals.holidays
    by_weekday: dict[str, Profile] = dict(arrivals.weekdays)  # type: ignore[arg-type]
    return by_weekday.get(days.weekday(day), arrivals.profile)


def segments(profile: Profile) -> tuple[Edges, Edges]:
    """Edges (ms since midnight) and, between them, the mean number of arrivals."""
    if profile.per_hour is not None:
        edges = np.array([profile.begins, profile.until], np.float64)
        return edges, np.array([profile.per_hour * (edges[1] - edges[0]) / HOUR_MS])
    if profile.counts is not None:
        edges = profile.begins + profile.every * np.arange(len(profile.counts) + 1.0)
        return edges, np.array(profile.counts, np.float64)
    knots = profile.knots()
    at, rate = np.array(knots, np.float64).T
    edges = np.unique(np.append(np.arange(at[0], at[-1], CURVE_MS), at[-1]))
    middle = (edges[:-1] + edges[1:]) / 2
    return edges, smooth(at, rate, middle) * np.diff(edges) / HOUR_MS


def smooth(x: Edges, y: Edges, at: Edges) -> Edges:
    """The monotone cubic through points (Fritsch & Carlson 1980): it overshoots nowhere."""
    step, slope = np.diff(x), np.diff(y) / np.diff(x)
    tangent = np.zeros_like(y)
    tangent[0], tangent[-1] = slope[0], slope[-1]
    left, right = slope[:-1], slope[1:]
    same = left * right > 0
    one, two = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (one + two) / (one / left + two / right)
    tangent[1:-1] = np.where(same, mean, 0.0)
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(step) - 1)
    t = (at - x[k]) / step[k]
    found: Edges = (
        (1 + 2 * t) * (1 - t) ** 2 * y[k]
        + t * (1 - t) ** 2 * step[k] * tangent[k]
        + t * t * (3 - 2 * t) * y[k + 1]
        + t * t * (t - 1) * step[k] * tangent[k + 1]
    )
    return np.maximum(found, 0.0)


def generator(seed: int, *names: int) -> Generator:
    """The generator of what the numbers name."""
    return np.random.default_rng([seed & (2**64 - 1), *names])


class Demand:
    """Draws the arrivals of a run's days."""

    def __init__(
        self,
        streams: list[Arrivals | None],
        traces: dict[int, npt.NDArray[Any]],
        calendar: Calendar,
        seed: int,
        replication: int,
    ) -> None:
        """`traces` are recorded arrivals (`ARRIVAL`, from the first midnight) by stream."""
        self.days = Days(calendar)
        self._streams = streams
        self._traces = traces
        self._seed = seed
        self._replication = replication

    def day(self, day: int) -> npt.NDArray[Any]:
        """The arrivals of a day in order, instants in engine time."""
        drawn = [self._stream(s, day) for s in range(len(self._streams))]
        drawn = [stream for stream in drawn if len(stream)] or [np.zeros(0, ARRIVAL)]
        arrivals = np.concatenate(drawn)
        if len(drawn) > 1:
            at = np.ascontiguousarray(arrivals["at"])
            arrivals = arrivals.take(np.argsort(at, kind="stable"))
        arrivals["at"] += self.days.origin_ms + day * DAY_MS
        return arrivals

    def _stream(self, s: int, day: int) -> npt.NDArray[Any]:
        if s in self._traces:
            recorded = self._traces[s]
            today: npt.NDArray[Any] = recorded[recorded["at"] // DAY_MS == day].copy()
            today["at"] -= day * DAY_MS
            return today
        arrivals = self._streams[s]
        if arrivals is None:
            return np.zeros(0, ARRIVAL)
        chance = generator(self._seed, self._replication, day, s)
        at = np.sort(self._instants(arrivals, day, chance))
        drawn = np.zeros(len(at), ARRIVAL)
        drawn["at"] = at
        drawn["stream"] = s
        drawn["number"] = (day << 32) + np.arange(len(at))
        drawn["content"] = drawn["number"]
        drawn["handle_ms"] = drawn["patience_ms"] = -1
        return drawn

    def _instants(
        self, arrivals: Arrivals, day: int, chance: Generator
    ) -> npt.NDArray[np.int64]:
        bursts = self._bursts(arrivals, day, chance)
        profile = profile_of(arrivals, self.days, day)
        if profile is None:
            return np.concatenate([np.zeros(0, np.int64), *bursts])
        edges, means = segments(profile)
        if arrivals.within_day is not None:
            edges, means = self._varied(edges, means, arrivals.within_day, day, chance)
        means = means * self._day_factor(arrivals, day, chance)
        if arrivals.exactly:
            counts = _exact_counts(means, chance)
        else:
            counts = chance.poisson(means)
        lengths = np.repeat(np.diff(edges), counts)
        at = np.repeat(edges[:-1], counts) + chance.random(int(counts.sum())) * lengths
        ordinary = np.minimum(at, DAY_MS - 1).astype(np.int64)
        return np.concatenate([ordinary, *bursts])

    def _day_factor(self, arrivals: Arrivals, day: int, chance: Generator) -> float:
        weekday: dict[str, float] = dict(arrivals.weekday_factors)  # type: ignore[arg-type]
        factor: float = weekday.get(self.days.weekday(day), 1.0)
        factor *= (1 + arrivals.growth_a_day) ** day
        random = arrivals.day_factor
        if random is None:
            return factor
        common = generator(self._seed, self._replication, day, _COMMON)
        share = _common_share(random)
        if random.gamma_shape is not None:
            # Gamma numbers add up, so a common part keeps the marginal gamma.
            shape, parts = random.gamma_shape, 0.0
            if share > 0:
                parts += common.gamma(share * shape)
            if share < 1:
                parts += chance.gamma((1 - share) * shape)
            return factor * parts / shape
        z = math.sqrt(share) * common.standard_normal()
        z += math.sqrt(1 - share) * chance.standard_normal()
        return factor * float(_lognormal(np.array([z]), random.sd or 0.0)[0])

    def _varied(
        self, edges: Edges, means: Edges, factor: Factor, day: int, chance: Generator
    ) -> tuple[Edges, Edges]:
        """Cut the segments at the factor's intervals and multiply each by its factor."""
        count = math.ceil(DAY_MS / factor.every)
        source = chance
        if factor.shared:
            source = generator(
                self._seed, self._replication, day, _COMMON + 1, factor.every
            )
        sd = (
            factor.sd
            if factor.sd is not None
            else 1 / math.sqrt(factor.gamma_shape or 1.0)
        )
        if factor.gamma_shape is not None and factor.correlation == 0:
            factors = source.gamma(factor.gamma_shape, 1 / factor.gamma_shape, count)
        else:
            noise, rho = source.standard_normal(count), factor.correlation
            level = np.empty(count)
            level[0] = noise[0]
            for k in range(1, count):
                level[k] = rho * level[k - 1] + math.sqrt(1 - rho * rho) * noise[k]
            factors = _lognormal(level, sd)
        cuts = factor.every * np.arange(1.0, count)
        cuts = cuts[(cuts > edges[0]) & (cuts < edges[-1])]
        finer = np.unique(np.concatenate([edges, cuts]))
        middle = (finer[:-1] + finer[1:]) / 2
        inside = np.searchsorted(edges, middle, side="right") - 1
        shares = np.diff(finer) / np.diff(edges)[inside]
        return finer, means[inside] * shares * factors[
            (middle // factor.every).astype(np.int64)
        ]

    def _bursts(
        self, arrivals: Arrivals, day: int, chance: Generator
    ) -> list[npt.NDArray[np.int64]]:
        found = []
        for burst in arrivals.bursts:
            happens = chance.random() < burst.probability
            if happens and (not burst.days or day + 1 in burst.days):
                count = int(chance.poisson(burst.count))
                at = burst.at + chance.random(count) * burst.over
                found.append(np.minimum(at, DAY_MS - 1).astype(np.int64))
        return found


def _common_share(factor: Factor) -> float:
    """How much of a day's factor is common to the streams that share it."""
    if not factor.shared:
        return 0.0
    return factor.correlation if factor.correlation > 0 else 1.0


def _lognormal(z: Edges, sd: float) -> Edges:
    """Factors of mean 1 and this standard deviation from standard normal numbers."""
    variance = math.log1p(sd * sd)
    factors: Edges = np.exp(math.sqrt(variance) * z - variance / 2)
    return factors


def _exact_counts(means: Edges, chance: Generator) -> npt.NDArray[np.int64]:
    """As many in all as the means add up to, spread over the segments by chance."""
    total = float(means.sum())
    count = math.floor(total) + int(chance.random() < total % 1)
    if count == 0:
        return np.zeros(len(means), np.int64)
    spread: npt.NDArray[np.int64] = chance.multinomial(count, means / total)
    return spread
