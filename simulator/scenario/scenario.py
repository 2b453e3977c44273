"""The whole scenario: policy, demand, staff, and how long it runs.

    scenario: an ordinary Monday
    policy: ../policies/bank.yaml
    demand:
      Retail:
        queue: Retail banking
        channel: voice
        arrivals: {per_hour: 120, from: 8h, until: 18h}
        handle: {lognormal: {mean: 4m, cv: 1.3}}
        patience: {exponential: 5m}
    staff:
      Front line: {agents: 12, skills: {retail: 3}, shifts: [{from: 8h, until: 18h}]}

The policy is the very file that routes live. A demand is a stream of interactions that
are alike: one queue, one channel, one kind of customer.
"""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from router.model.time import format_duration
from router.policy.fields import ChannelName, Name, Span, Whole, YesNo, wrong_at
from router.policy.needs import NeedsForm, Part
from router.policy.problem import as_context
from simulator.scenario.behaviour import Behaviour
from simulator.scenario.checks import findings_in
from simulator.scenario.demand import DAY_MS, Arrivals, Calendar, Callback
from simulator.scenario.staff import Outage, Staff
from simulator.scenario.times import Positive, RandomTime, Time

STREAMS_MAX: Final = 1_000
STAFF_MAX: Final = 5_000


class Stream(Behaviour):
    """A stream of interactions that are alike."""

    queue: Name = Field(description="The queue of the policy.")
    channel: ChannelName = Field(description="The channel.")
    priority: Annotated[Whole, Field(ge=0, le=100)] | None = Field(
        default=None, description="The queue's by default."
    )
    needs: NeedsForm | None = Field(
        default=None, description="Needs beyond those of the queue."
    )
    waited: Time = Field(
        default=0, description="Head start: counts as having waited so long already."
    )
    arrivals: Arrivals | None = Field(
        default=None,
        description="When they arrive; none for a stream that only follows others.",
    )
    handle: RandomTime = Field(description="Time with an agent, wrap-up not included.")
    handle_by: dict[Name, RandomTime] = Field(
        default={}, description="Other handle times with these staff."
    )
    wrap_up: RandomTime | None = Field(
        default=None,
        description="Wrap-up; as the policy's queue says by default. Never longer than the "
        "policy allows.",
    )
    callback: Callback | None = Field(
        default=None, description="The offer to be called back."
    )


class SlowDown(Part):
    """How much slower an agent is at each of several at once.

    `factors` multiply the handle time of each while one, two, three ... are at hand; the
    last stands for more. `[1, 1.25, 1.5]`: with three at once each takes half as long again.
    """

    channels: list[ChannelName] = Field(
        min_length=1, description="The channels that are counted together and slowed."
    )
    factors: Annotated[list[Positive], Field(min_length=1, max_length=32)] = Field(
        description="Factor with one, two, three ... at once."
    )


class Scenario(Part):
    """What is simulated."""

    scenario: Name = Field(description="What the scenario is called.")
    policy: str = Field(description="The policy file, as seen from this file.")
    calendar: Calendar = Field(default=Calendar(), description="Which day is which.")
    days: Annotated[Whole, Field(ge=1, le=3_660)] = Field(
        default=1, description="Days in one run; what waits at midnight waits on."
    )
    ends: Literal["when_empty", "at_midnight"] = Field(
        default="when_empty",
        description="Whether the last day goes on until everybody has been dealt with.",
    )
    warm_up: Time = Field(
        default=0, description="So much of the beginning is not counted."
    )
    every: Annotated[int, Span("1m", "24h")] = Field(
        default=1_800_000, description="Interval of the report; divides a day evenly."
    )
    lines: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="Trunks: most interactions of voice in the house at once, waiting or served; "
        "whoever comes then is refused.",
    )
    sent_away_at_close: YesNo = Field(
        default=False,
        description="Whether whoever still waits is sent away when nobody works any more.",
    )
    demand: dict[Name, Stream] = Field(
        min_length=1, max_length=STREAMS_MAX, description="Streams of interactions."
    )
    staff: dict[Name, Staff] = Field(
        default={}, max_length=STAFF_MAX, description="Who serves them."
    )
    slow_down: list[SlowDown] = Field(
        default=[], max_length=8, description="Slower with several at once."
    )
    outages: list[Outage] = Field(default=[], max_length=100, description="Outages.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if DAY_MS % self.every:
            message = "must divide a day evenly, as 5m, 15m, 30m and 1h do"
            raise wrong_at(("every",), message, value=format_duration(self.every))
        if self.warm_up >= self.days * DAY_MS:
            message = f"leaves nothing to count of a run of {self.days} days"
            value = format_duration(self.warm_up)
            raise wrong_at(("warm_up",), message, value=value)
        findings = findings_in(self.written())
        if findings:
            raise PydanticCustomError("document", "{text}", as_context(findings))
        return self

    @cached_property
    def digest(self) -> str:
        """16 hex digits of the SHA-256 over what the scenario says, its files aside.

        Comments, spelling out a default and short forms leave it as it is.
        """
        said = json.dumps(self.written(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def written(self) -> dict[str, Any]:
        """The scenario as plain values in the shape of its file, defaults included."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
