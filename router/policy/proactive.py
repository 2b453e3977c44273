"""Proactive contact: which customer events make us reach out, and how often at most.

Here is how it is written; `router.intake.proactive` counts and decides.
"""

from typing import Annotated, Final

from pydantic import Field

from router.model.time import days
from router.policy.conditions import Conditions
from router.policy.customers import PROACTIVE
from router.policy.fields import Name, OwnName, Span, Whole
from router.policy.intake import Channels, Expression
from router.policy.needs import Part

PROACTIVE_RULES_MAX: Final = 50
COUNT_MAX: Final = 50
CAPS_MAX: Final = 8


class CapPolicy(Part):
    """Most contacts of one customer within a span."""

    count: Whole = Field(ge=1, le=COUNT_MAX, description="Most contacts.")
    within_ms: Annotated[int, Span("1h", "365d")] = Field(
        alias="within", description="Within how long."
    )


def one_a_day() -> CapPolicy:
    """The cap where a policy names none."""
    return CapPolicy.model_validate({"count": 1, "within": "1d"})


class EventRulePolicy(Part):
    """One rule: so many events of a kind within a window, and we reach out."""

    name: Name = Field(description="What explanations call it.")
    event: Name = Field(
        description="The kind of event, such as PAGE_VIEWED, PAYMENT_FAILED, "
        "SURVEY_ANSWERED or one of your own."
    )
    match: Conditions = Field(
        default={}, description="What is asked of the event's attributes."
    )
    customer: Conditions = Field(
        default={}, description="What is asked of the customer's attributes."
    )
    when: Expression = Field(
        default="",
        description="What is asked beside, as an expression of CEL over event, "
        "customer and site.",
    )
    count: Whole = Field(
        default=1, ge=1, le=COUNT_MAX, description="How many such events it takes."
    )
    within_ms: Annotated[int, Span("1m", "365d")] = Field(
        default=days(7), alias="within", description="Within how long."
    )
    unless: Annotated[tuple[Name, ...], Field(max_length=8)] = Field(
        default=(),
        description="Kinds of event that speak against it, within the same time.",
    )
    purpose: Name = Field(
        default=PROACTIVE, description="The purpose; what holds for it, holds here."
    )
    queue: Name = Field(description="The queue of those who reach out.")
    channels: Channels = Field(
        default=(),
        description="The channels to choose from; the recommended one is taken.",
    )
    key: OwnName = Field(
        default="",
        description="The attribute of the event that tells one cause from another, "
        "such as order_id; without it, the rule has one cause.",
    )
    again_after_ms: Annotated[int, Span("1h", "365d")] = Field(
        default=days(30),
        alias="again_after",
        description="How long the same cause is not taken up again.",
    )


class ProactivePolicy(Part):
    """When we reach out without being asked."""

    caps: Annotated[tuple[CapPolicy, ...], Field(max_length=CAPS_MAX)] = Field(
        default_factory=lambda: (one_a_day(),),
        description="Most contacts of one customer, over all rules; one a day where "
        "nothing is said.",
    )
    rules: Annotated[
        tuple[EventRulePolicy, ...], Field(max_length=PROACTIVE_RULES_MAX)
    ] = Field(default=(), description="The rules; each decides for itself.")
