"""What people do: how long they wait, whether they come back, where they go on.

Chances are drawn once for each interaction and purpose, so two plans meet the same
customers.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from router.policy.fields import Name, Whole, wrong_at
from router.policy.needs import Part
from simulator.scenario.times import RandomTime, Share, Time

Most = Annotated[Whole, Field(ge=1, le=100)]


class Balking(Part):
    """Who does not even begin to wait. Both chances may be given."""

    when_all_busy: Share = Field(
        default=0.0,
        description="How many leave at once when no agent is free for them.",
    )
    expected_wait: RandomTime | None = Field(
        default=None,
        description="The longest announced wait that they put up with; whoever is told "
        "more leaves at once.",
    )


class Retry(Part):
    """Coming back after an attempt that failed."""

    after: list[Literal["abandoned", "refused", "balked"]] = Field(
        default=["abandoned", "refused", "balked"],
        description="After which ends; refused: no room, or the channel was down.",
    )
    probability: Share = Field(description="How likely, after each failed attempt.")
    delay: RandomTime = Field(description="How much later.")
    stream: Name | None = Field(
        default=None, alias="as", description="As another stream; the same by default."
    )
    patience: Literal["redraw", "keep"] = Field(
        default="redraw", description="Whether patience is drawn anew or kept."
    )
    handle: Literal["redraw", "keep"] = Field(
        default="keep", description="Whether the handle time is drawn anew or kept."
    )
    attempts_max: Most = Field(default=100, description="Most attempts in all.")


class Follow(Part):
    """What comes after service, by chance; at most one of a list happens.

    `transfer`: the same interaction goes to the other stream's queue. `handoff`: the
    conversation goes on as an interaction of the other stream, with its context and
    owner. `repeat`: the customer comes again later.
    """

    kind: Literal["transfer", "handoff", "repeat"] = Field(
        description="Which of these."
    )
    stream: Name = Field(alias="to", description="The stream as which it goes on.")
    probability: Share = Field(description="How likely.")
    delay: RandomTime | None = Field(
        default=None, description="How much later a repeat comes; at once by default."
    )
    by: Name | None = Field(
        default=None, description="Only when this staff served it, such as bots."
    )

    @model_validator(mode="after")
    def _only_repeats_come_later(self) -> Self:
        if self.delay is not None and self.kind != "repeat":
            message = f"belongs to a repeat: a {self.kind} happens at once"
            raise wrong_at(("delay",), message)
        return self


class Ownership(Part):
    """Who has an owner already when they arrive."""

    share: Share = Field(description="How many of the arrivals.")
    hold: Time = Field(
        default=0, description="How long each is held back for its owner, at most."
    )
    by: Name | None = Field(
        default=None, description="Owners are among this staff; all staff by default."
    )


class Behaviour(Part):
    """One stream's people."""

    patience: RandomTime | None = Field(
        default=None, description="How long they wait; never giving up by default."
    )
    balking: Balking | None = Field(default=None, description="Who leaves at once.")
    retry: Retry | None = Field(
        default=None, description="Coming back after a failure."
    )
    then: Annotated[list[Follow], Field(max_length=16)] = Field(
        default=[], description="What comes after service."
    )
    ownership: Ownership | None = Field(default=None, description="Owners at arrival.")
    customers: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="So many people stand behind the arrivals, each as likely as the other; "
        "without it everybody is new.",
    )

    @model_validator(mode="after")
    def _chances_add_up(self) -> Self:
        by_staff: dict[str | None, float] = {}
        for follow in self.then:
            by_staff[follow.by] = by_staff.get(follow.by, 0) + follow.probability
        common = by_staff.pop(None, 0.0)
        if max([common, *(common + part for part in by_staff.values())]) > 1 + 1e-9:
            message = "must have probabilities that add up to 1 at most"
            raise wrong_at(("then",), message)
        return self
