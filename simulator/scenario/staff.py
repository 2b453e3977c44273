"""Who is there to serve: agents, their shifts, and what a plan does not see.

An entry is so many agents who are alike, or one agent of the policy's own roster by id.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from router.model.agent import AgentKind
from router.model.time import format_duration
from router.policy.fields import (
    AgentId,
    ChannelName,
    Name,
    Names,
    Span,
    Whole,
    WhoTakesIt,
    YesNo,
    wrong,
    wrong_at,
)
from router.policy.needs import Levels, Part
from router.policy.parts import CAPACITY_MAX, ChannelLimit
from simulator.scenario.demand import DAY_MS, WEEKDAYS, TimeOfDay, Weekday
from simulator.scenario.times import Number, Positive, RandomTime, Share, Time

HeadCount = Annotated[int, Field(strict=True, ge=0, le=200_000)]


class Break(Part):
    """Time off inside a shift. A conversation at hand is finished first."""

    after: Time = Field(description="How long after the shift has begun.")
    lasts: Annotated[int, Span("1s", "12h")] = Field(description="How long.")
    spread: Time = Field(
        default=0,
        description="The agents of an entry go at different times within this.",
    )


class Shift(Part):
    """When agents work. Whoever is talking when it ends finishes first."""

    begins: TimeOfDay = Field(alias="from", description="When it begins.")
    until: TimeOfDay = Field(description="When it ends; up to 24h.")
    agents: HeadCount | None = Field(
        default=None, description="How many of the entry work it; all by default."
    )
    days: list[Weekday] = Field(
        default=[], description="On these weekdays; all if empty."
    )
    breaks: Annotated[list[Break], Field(max_length=16)] = Field(
        default=[], description="Breaks in it."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins >= self.until:
            message = "must be later than from; split a shift over midnight in two"
            raise wrong_at(("until",), message)
        length = self.until - self.begins
        for i, pause in enumerate(self.breaks):
            if pause.after + pause.lasts > length:
                message = (
                    f"ends after the shift does, which lasts {format_duration(length)}"
                )
                raise wrong_at(("breaks", i), message)
        return self


class Levelled(Part):
    """How many are at work, by interval: a staffing curve instead of shifts."""

    begins: TimeOfDay = Field(
        default=0, alias="from", description="When the first interval begins."
    )
    every: Annotated[int, Span("1m", "24h")] = Field(
        default=1_800_000, description="Length of an interval."
    )
    counts: Annotated[list[HeadCount], Field(min_length=1, max_length=1_440)] = Field(
        description="How many in each; nobody before and after."
    )
    stay_until_empty: YesNo = Field(
        default=False,
        description="Those of the last interval stay until nobody waits any more.",
    )

    @model_validator(mode="after")
    def _ends_by_midnight(self) -> Self:
        if self.begins + len(self.counts) * self.every > DAY_MS:
            message = (
                f"has {len(self.counts)} intervals of {format_duration(self.every)} "
                f"from {format_duration(self.begins)} on: they end after midnight"
            )
            raise wrong_at(("counts",), message)
        return self


class Missing(Part):
    """Offers that nobody answers."""

    share: Share = Field(description="How many of the offers.")
    back_after: RandomTime | None = Field(
        default=None,
        description="How long until an agent who was set away for it is back; a minute by default.",
    )


class NotReady(Part):
    """Going not-ready after an interaction."""

    probability: Share = Field(description="How likely after each.")
    lasts: RandomTime = Field(description="How long.")


class Learning(Part):
    """Newcomers are slower at first: handle times are multiplied by `start`, which fades
    to 1 with this half-life in days at work.
    """

    start: Positive = Field(description="Factor on handle times on the first day.")
    half_life_days: Positive = Field(description="Days until half of it is gone.")
    days_before: Annotated[Number, Field(ge=0, le=10_000)] = Field(
        default=0.0, description="Days at work before the run begins."
    )


class Staff(Part):
    """One entry of the staff."""

    agents: HeadCount = Field(
        default=1, description="How many; the most of at_work where that is said."
    )
    roster: AgentId | None = Field(
        default=None, description="An agent of the policy's roster, as defined there."
    )
    skills: Levels = Field(default={}, description="Skills and levels.")
    groups: Names = Field(default=(), description="Groups of the policy.")
    capacity: Annotated[Whole, Field(ge=1, le=CAPACITY_MAX)] | None = Field(
        default=None, description="Capacity units; the policy's by default."
    )
    limits: dict[ChannelName, ChannelLimit] = Field(
        default={}, description="Most at once by channel; 0 for never."
    )
    prefers: tuple[ChannelName, ...] = Field(
        default=(), max_length=8, description="Channels liked best, in order."
    )
    kind: WhoTakesIt = Field(default=AgentKind.HUMAN, description="human or bot.")
    handle_factor: Positive = Field(
        default=1.0, description="Factor on handle times: above 1 is slower."
    )
    answer_delay: RandomTime | None = Field(
        default=None, description="From offer to acceptance; at once by default."
    )
    misses: Missing | None = Field(default=None, description="Offers not answered.")
    declines: Share = Field(default=0.0, description="How many offers are declined.")
    not_ready: NotReady | None = Field(default=None, description="After interactions.")
    shifts: Annotated[list[Shift], Field(max_length=64)] = Field(
        default=[], description="When they work; around the clock by default."
    )
    at_work: Levelled | None = Field(
        default=None, description="Or how many at work by interval."
    )
    shrinkage: Share = Field(
        default=0.0,
        description="Share of the scheduled agents who are away for training, meetings and "
        "the like; taken from every shift evenly, never by chance.",
    )
    absent: Share = Field(
        default=0.0, description="How likely an agent is absent on a day, by chance."
    )
    learning: Learning | None = Field(default=None, description="Learning curve.")
    cost_per_hour: Annotated[Number, Field(ge=0, le=1e6)] = Field(
        default=0.0, description="Cost of an agent's hour at work, for reports."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.shifts and self.at_work is not None:
            raise wrong_at(
                ("at_work",), "must not stand beside shifts: keep one of them"
            )
        if self.at_work is not None:
            most = max(self.at_work.counts)
            if "agents" not in self.model_fields_set:
                self.__dict__["agents"] = most  # frozen, but still being made
            elif most > self.agents:
                message = f"must not be above the agents of the entry, {self.agents}"
                raise wrong_at(("at_work", "counts"), message, value=most)
        if self.roster is not None:
            if self.agents != 1:
                raise wrong_at(("agents",), "must be 1: an agent of the roster is one")
            for key in ("skills", "groups", "capacity", "limits", "prefers"):
                if getattr(self, key):
                    message = "must not stand beside roster: the policy says it"
                    raise wrong_at((key,), message)
        for i, shift in enumerate(self.shifts):
            if (shift.agents or 0) > self.agents:
                message = f"must not be above the agents of the entry, {self.agents}"
                raise wrong_at(("shifts", i, "agents"), message)
            together = self._together_with(shift)
            if together > self.agents:
                message = (
                    f"makes {together} at {format_duration(shift.begins)} with the shifts "
                    f"before it: the entry has {self.agents}"
                )
                raise wrong_at(("shifts", i), message)
        return self

    def _together_with(self, shift: Shift) -> int:
        """How many work when a shift begins, on the days on which it does."""
        days = shift.days or WEEKDAYS
        return max(
            sum(
                self.agents if other.agents is None else other.agents
                for other in self.shifts
                if other.begins <= shift.begins < other.until
                and day in (other.days or WEEKDAYS)
            )
            for day in days
        )


class Outage(Part):
    """What breaks, and for how long."""

    kind: Literal["channel", "agents", "router"] = Field(
        description="channel: arrivals are refused. agents: some vanish in mid-work. router: "
        "nothing is decided until it is over."
    )
    at: TimeOfDay = Field(description="When.")
    lasts: Annotated[int, Span("1s", "24h")] = Field(description="How long.")
    days: list[Annotated[int, Field(strict=True, ge=1)]] = Field(
        default=[], description="On these days of the run; empty: on all."
    )
    channel: ChannelName | None = Field(default=None, description="Which channel.")
    staff: Name | None = Field(default=None, description="Which staff; all by default.")
    share: Share = Field(default=1.0, description="How many of them.")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """A channel outage has to name its channel."""
        if (
            isinstance(value, dict)
            and value.get("kind") == "channel"
            and "channel" not in value
        ):
            raise wrong("an outage of a channel must name the channel")
        return value

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.channel is not None and self.kind != "channel":
            raise wrong_at(("channel",), "belongs to an outage of kind channel")
        if self.staff is not None and self.kind != "agents":
            raise wrong_at(("staff",), "belongs to an outage of kind agents")
        return self
