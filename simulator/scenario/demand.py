"""Who reaches out, and when: the arrivals of one stream of interactions.

A rate is given by the hour or as mean counts by interval; factors by day, weekday and
chance multiply it. How instants are drawn from it stands in `simulator.demand`.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from router.model.time import format_duration
from router.policy.fields import Country, Name, Span, Whole, YesNo, wrong, wrong_at
from router.policy.hours import Date
from router.policy.needs import Part
from simulator.scenario.times import (
    Number,
    Positive,
    RandomTime,
    Share,
    Time,
    is_scalar,
)

Rate = Annotated[Number, Field(ge=0, le=1e8)]
"""Interactions an hour, or in an interval."""
TimeOfDay = Annotated[int, Span("0s", "24h")]
"""Since midnight."""
INTERVALS_MAX: Final = 1_440
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DayOfRun = Annotated[int, Field(strict=True, ge=1, le=100_000)]
"""A day of the simulated run, counted from 1."""


DAY_MS: Final = 86_400_000
_MOMENT: Final = Span("0s", "24h")


def _moment(written: str) -> str:
    _MOMENT.read(written)
    return written


Moment = Annotated[str, AfterValidator(_moment)]
"""An instant of the day as a key, kept as it is written: 9h30m."""


def _apart(curve: dict[str, float]) -> dict[str, float]:
    if len({_MOMENT.read(at) for at in curve}) < len(curve):
        raise wrong("names an instant twice")
    return curve


class Profile(Part):
    """How the rate runs over a day: exactly one of `per_hour`, `counts` and `curve`."""

    per_hour: Rate | None = Field(default=None, description="A constant rate.")
    begins: TimeOfDay = Field(
        default=0, alias="from", description="When the first interval begins."
    )
    until: TimeOfDay = Field(
        default=86_400_000, description="When a constant rate ends."
    )
    every: Annotated[int, Span("1m", "24h")] = Field(
        default=1_800_000, description="Length of an interval."
    )
    counts: (
        Annotated[list[Rate], Field(min_length=1, max_length=INTERVALS_MAX)] | None
    ) = Field(default=None, description="Mean number of arrivals in each interval.")
    curve: Annotated[dict[Moment, Rate], AfterValidator(_apart)] | None = Field(
        default=None,
        min_length=2,
        max_length=INTERVALS_MAX,
        description="Rate by the hour at instants of the day, such as 9h30m: 120; between "
        "them a smooth monotone curve.",
    )

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """A number is a constant rate."""
        return {"per_hour": value} if is_scalar(value) else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [
            name
            for name in ("per_hour", "counts", "curve")
            if getattr(self, name) is not None
        ]
        if len(ways) != 1:
            raise wrong(
                "must say the rate in exactly one way",
                allowed="per_hour, counts, curve",
            )
        if self.counts is not None:
            ends = self.begins + len(self.counts) * self.every
            if ends > DAY_MS:
                message = (
                    f"has {len(self.counts)} intervals of {format_duration(self.every)} "
                    f"from {format_duration(self.begins)} on: they end after midnight"
                )
                raise wrong_at(("counts",), message)
            if self.until not in (ends, DAY_MS):
                message = f"counts end by themselves, at {format_duration(ends)}"
                raise wrong_at(("until",), message)
        elif self.per_hour is not None and self.begins >= self.until:
            least = format_duration(self.begins)
            raise wrong_at(("until",), f"must be later than from, which is {least}")
        return self

    def knots(self) -> list[tuple[int, float]]:
        """The curve's instants (ms since midnight) and rates by the hour, in order."""
        return sorted(
            (_MOMENT.read(at), rate) for at, rate in (self.curve or {}).items()
        )


PROFILE_KEYS: Final = ("per_hour", "from", "until", "every", "counts", "curve")
"""What may stand in `arrivals` itself instead of in its `profile`."""


class Factor(Part):
    """A random factor of mean 1 on the day's arrivals, or on each interval's.

    `gamma_shape` draws from a gamma distribution of that shape (variance 1 / shape);
    `sd` from a lognormal one.
    """

    gamma_shape: Positive | None = Field(default=None, description="Gamma shape.")
    sd: Share | None = Field(default=None, description="Standard deviation.")
    correlation: Share = Field(
        default=0.0,
        description="Of neighbouring intervals; of a day's factor: with the other streams.",
    )
    every: Annotated[int, Span("1m", "24h")] = Field(
        default=1_800_000, description="Length of an interval."
    )
    shared: YesNo = Field(
        default=True, description="One factor for all streams that say so."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.gamma_shape is None) == (self.sd is None):
            raise wrong("must have exactly one of gamma_shape and sd")
        return self


class Burst(Part):
    """Many at once: a mailing, an outage, a television show."""

    at: TimeOfDay = Field(description="When it begins.")
    count: Rate = Field(description="Mean number of further arrivals.")
    over: Time = Field(default=0, description="How long it lasts, evenly.")
    days: list[DayOfRun] = Field(
        default=[], description="On these days; empty: on all."
    )
    probability: Share = Field(default=1.0, description="How likely on each such day.")


class Trace(Part):
    """Recorded arrivals, replayed instant by instant, and nothing else."""

    file: str = Field(description="CSV beside the scenario, one row an arrival.")
    at: str = Field(default="at", description="Column of the instant: ISO 8601.")
    where: dict[str, str] = Field(
        default={}, max_length=8, description="Only rows with these values."
    )
    handle_s: str = Field(
        default="", description="Column of the handle time in seconds, if recorded."
    )
    patience_s: str = Field(
        default="", description="Column of the patience in seconds, if known."
    )


class Arrivals(Part):
    """When interactions of a stream arrive."""

    profile: Profile | None = Field(default=None, description="The ordinary day.")
    weekdays: dict[Weekday, Profile] = Field(
        default={}, description="Other profiles on these weekdays."
    )
    weekday_factors: dict[Weekday, Rate] = Field(
        default={}, description="Factors by weekday, on whatever profile the day has."
    )
    holidays: Profile | None = Field(
        default=None, description="The profile on holidays; the ordinary one if absent."
    )
    day_types: dict[Name, Profile] = Field(
        default={}, description="Profiles of days with a type of their own."
    )
    exactly: YesNo = Field(
        default=False,
        description="As many as the profile says each day, at random instants, instead of a "
        "random number.",
    )
    day_factor: Factor | None = Field(
        default=None, description="Random busyness of the whole day."
    )
    within_day: Factor | None = Field(
        default=None, description="Random busyness of each interval."
    )
    bursts: Annotated[list[Burst], Field(max_length=100)] = Field(
        default=[], description="Many at once."
    )
    trace: Trace | None = Field(default=None, description="Recorded arrivals instead.")
    growth_a_day: Annotated[Number, Field(ge=-0.5, le=0.5)] = Field(
        default=0.0, description="Share by which each day has more than the day before."
    )

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """`arrivals: 120` and `arrivals: {per_hour: 120}` are a profile alone."""
        if is_scalar(value):
            return {"profile": value}
        if isinstance(value, dict) and "profile" not in value:
            own = {key: part for key, part in value.items() if key in PROFILE_KEYS}
            rest = {key: part for key, part in value.items() if key not in own}
            return {"profile": own, **rest} if own else value
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.profile is None and self.trace is None and not self.weekdays:
            raise wrong(
                "must have a rate (per_hour, counts, curve), weekdays or a trace"
            )
        if self.trace is not None and (self.profile is not None or self.weekdays):
            raise wrong_at(("trace",), "stands alone: leave out the rates beside it")
        beside = self.model_fields_set - {"trace"}
        if self.trace is not None and beside:
            raise wrong_at(
                ("trace",), f"stands alone: leave out {', '.join(sorted(beside))}"
            )
        return self


class Calendar(Part):
    """Which day is which."""

    starts: Date = Field(
        default="2026-03-02", description="Date of the first day, a Monday by default."
    )
    holidays_of: Country | None = Field(
        default=None, description="Country whose public holidays count."
    )
    holidays: list[Date] = Field(
        default=[], max_length=1_000, description="Further dates."
    )
    day_types: dict[Date, Name] = Field(
        default={}, description="Dates that are of a type of their own."
    )


Most = Annotated[Whole, Field(ge=1, le=100)]


class Callback(Part):
    """The offer to be called back instead of waiting."""

    queue_at_least: Annotated[Whole, Field(ge=0, le=1_000_000)] = Field(
        description="Offered when so many wait in the queue and no agent is free for it."
    )
    accept: Share = Field(description="How many take it.")
    stream: Name = Field(
        alias="as", description="The stream as which it is called back."
    )
    delay: RandomTime | None = Field(
        default=None,
        description="How much later it is put in line; at once by default.",
    )
