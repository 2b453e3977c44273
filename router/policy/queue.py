"""A queue as the business wants it: its target, its needs, and what happens when.

Each setting owns its default, its meaning and its bounds. What one queue says of other
parts of the policy is for `checks` to verify, not for this file.
"""

from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from router.model.agent import Presence
from router.model.needs import NEEDS_MAX, Needs
from router.model.relaxation import RelaxationStep, relax
from router.model.service_level import Definition
from router.model.time import days, format_duration, hours, minutes, seconds
from router.policy.fields import (
    LanguageTag,
    Name,
    Names,
    NotReady,
    OneOrMore,
    OwnCountry,
    OwnLanguage,
    Span,
    Whole,
    YesNo,
    wrong,
)
from router.policy.needs import GROUPS_MAX, NeedsField, Part, StepField
from router.policy.problem import ABSENT, Finding, as_context

STEPS_MAX: Final = 8
"""Most steps of one relaxation ladder."""

MISSED_OFFER_REASON: Final = "missed offer"
"""The presence reason of an agent who let an offer expire."""


class ServiceLevelPolicy(Part):
    """How many interactions are to be answered how soon."""

    target: Whole = Field(
        default=80, ge=1, le=100, description="Percent to be answered in time."
    )
    within_ms: Annotated[int, Span("1s", "30d")] = Field(
        default=seconds(20), alias="within", description="What counts as in time."
    )
    definition: Definition = Field(
        default=Definition.WITHIN_OF_ANSWERED_AND_ABANDONED,
        description="Which formula reports use.",
    )


class MissedOffer(Part):
    """What becomes of an agent who lets an offer expire."""

    presence: NotReady = Field(
        default=Presence.AWAY, description="The presence the agent is set to."
    )
    reason: Name = Field(
        default=MISSED_OFFER_REASON, description="The reason shown with it."
    )


def _or_keep(value: Any) -> Any:
    if value is None:
        raise wrong('must be a presence and a reason, or "keep"', allowed="keep")
    return None if value == "keep" else value


def _written_keep(missed: MissedOffer | None) -> Any:
    return "keep" if missed is None else missed.model_dump(mode="json")


def _keep_for_null(schema: JsonSchemaValue) -> None:
    choices = schema["anyOf"]
    schema["anyOf"] = [
        {"const": "keep"} if choice == {"type": "null"} else choice
        for choice in choices
    ]


MissedOfferOrKeep = Annotated[
    MissedOffer | None,
    BeforeValidator(_or_keep),
    PlainSerializer(_written_keep, when_used="json"),
]
"""None stands for `keep`: the agent stays as it is."""


class QueuePolicy(Part):
    """A waiting line and its rules."""

    service_level: ServiceLevelPolicy = Field(
        default_factory=ServiceLevelPolicy, description="The queue's target."
    )
    priority: Whole = Field(
        default=50, ge=0, le=100, description="Higher goes first, other things equal."
    )
    needs: NeedsField = Field(
        default=Needs.NOTHING, description="What the queue asks of an agent."
    )
    groups: Names = Field(
        default=(),
        max_length=GROUPS_MAX,
        description="Agent groups that serve the queue; empty means everyone.",
    )
    relaxation: tuple[StepField, ...] = Field(
        default=(),
        max_length=STEPS_MAX,
        description="Steps that loosen the needs after a wait, earliest first.",
    )
    offer_timeout_ms: Annotated[int, Span("1s", "5m")] = Field(
        default=seconds(20),
        alias="offer_timeout",
        description="How long an agent may take to answer an offer.",
    )
    missed_offer: MissedOfferOrKeep = Field(
        default_factory=MissedOffer,
        description="What an agent who misses an offer is set to; keep for nothing.",
        json_schema_extra=_keep_for_null,
    )
    cool_down_ms: Annotated[int, Span("0s", "1h")] = Field(
        default=seconds(30),
        alias="cool_down",
        description="How long a pair rests after a declined or expired offer.",
    )
    exclude_decliner: YesNo = Field(
        default=False, description="Never offer it again to an agent who declined."
    )
    attempts_max: Whole = Field(
        default=5, ge=1, le=100, description="Offers before it is dead-lettered."
    )
    wrap_up_ms: Annotated[int, Span("0s", "1h")] = Field(
        default=seconds(30),
        alias="wrap_up",
        description="Time for work after the customer has gone; 0 for none.",
    )
    wrap_up_max_ms: Annotated[int, Span("0s", "8h")] = Field(
        default=minutes(5),
        alias="wrap_up_max",
        description="Longest wrap-up with all extensions.",
    )
    hold_back_max_ms: Annotated[int, Span("0s", "7d")] = Field(
        default=seconds(60),
        alias="hold_back_max",
        description="Longest wait for the owner before others may have it.",
    )
    continuity_value_ms: Annotated[int, Span("0s", "1d")] = Field(
        default=0,
        alias="continuity_value",
        description="The wait the business would trade for the agent who knows the "
        "matter; 0 for none.",
    )
    companion_wait_max_ms: Annotated[int, Span("0s", "1d")] = Field(
        default=minutes(2),
        alias="companion_wait_max",
        description="Longest wait for the agent who serves the same customer on another "
        "channel.",
    )
    limit: Whole = Field(
        default=10_000, ge=1, le=1_000_000, description="Most waiting at once."
    )
    overflow: Name = Field(
        default="refuse",
        description="A full queue's arrivals: refuse, or the queue that takes them.",
    )
    max_wait_ms: Annotated[int, Span("1s", "30d")] = Field(
        default=days(1), alias="max_wait", description="Longest wait in the queue."
    )
    on_max_wait: Name = Field(
        default="dead_letter",
        description="After the longest wait: dead_letter, or the queue it moves to.",
    )
    max_handling_ms: Annotated[int, Span("1m", "30d")] = Field(
        default=hours(4),
        alias="max_handling",
        description="Live work that takes longer is flagged as overdue.",
    )
    short_abandon_ms: Annotated[int, Span("0s", "5m")] = Field(
        default=seconds(5),
        alias="short_abandon",
        description="Who leaves sooner counts as a short abandon.",
    )
    unroutable: Literal["refuse", "alarm"] = Field(
        default="refuse",
        description="An arrival nobody on the roster could ever take.",
    )
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=60), OneOrMore()] = (
        Field(
            default=(),
            description="Languages answered here; all that are accepted where nothing is "
            "said.",
        )
    )
    default_language: OwnLanguage = Field(
        default="",
        description="Taken for a language that is unknown; the policy's default where "
        "nothing is said.",
    )
    default_region: OwnCountry = Field(
        default="",
        description="Whose telephone numbers come without a country: two capital "
        "letters.",
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "QueuePolicy":
        findings = _ladder_findings(self.needs, self.relaxation)
        if self.wrap_up_max_ms < self.wrap_up_ms:
            written = format_duration(self.wrap_up_max_ms)
            least = format_duration(self.wrap_up_ms)
            message = f"must not be shorter than wrap_up, which is {least}"
            findings.append(Finding(("wrap_up_max",), written, message))
        if findings:
            raise PydanticCustomError("findings", "{text}", as_context(findings))
        return self


def _ladder_findings(needs: Needs, ladder: tuple[RelaxationStep, ...]) -> list[Finding]:
    """Steps that come too early, tighten, or ask for more than the tables hold."""
    findings = []
    for i, (earlier, step) in enumerate(pairwise(ladder), start=1):
        if step.after_ms <= earlier.after_ms:
            least = format_duration(earlier.after_ms)
            message = f"must be later than the step before it, which is after {least}"
            where = ("relaxation", i, "after")
            findings.append(Finding(where, format_duration(step.after_ms), message))
    for i, step in enumerate(ladder):
        try:
            needs = relax(needs, step)
        except ValueError as problem:
            findings.append(Finding(("relaxation", i), ABSENT, str(problem)))
            break
        if needs.count() > NEEDS_MAX:
            message = (
                f"leaves {needs.count()} single needs, at most {NEEDS_MAX} are allowed"
            )
            findings.append(Finding(("relaxation", i), ABSENT, message))
            break
    return findings
