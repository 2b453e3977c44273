"""What the business wants of customers' identities and of the channels they prefer.

Each setting owns its default, its meaning and its bounds. Nothing here may know a
customer: these are the rules, and `router.intake` and the context apply them.
"""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from router.model.channel import Channel
from router.model.hours import Spell
from router.model.time import days
from router.policy.fields import (
    ChannelName,
    Country,
    Name,
    OwnCountry,
    Span,
    Whole,
    YesNo,
)
from router.policy.hours import OneOrMoreSpells
from router.policy.intake import Channels
from router.policy.needs import Part
from router.policy.parts import without_default

PURPOSES_MAX: Final = 32
COUNTRIES_MAX: Final = 250

Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Shares = Annotated[dict[ChannelName, Percent], Field(max_length=8)]


class IdentitiesPolicy(Part):
    """How many identities a customer may have, and when two customers are one."""

    default_region: OwnCountry = Field(
        default="",
        description="Whose telephone numbers come without a country, where the queue "
        "says nothing: two capital letters.",
    )
    per_customer_max: Whole = Field(
        default=50, ge=1, le=1000, description="Most identities of one customer."
    )
    merge_confidence: Percent = Field(
        default=90,
        description="From this confidence, in percent, a shared identity makes two "
        "customers one; below it, the link is kept and nobody is merged.",
    )


class PurposePolicy(Part):
    """What holds when customers are reached for one purpose."""

    consent: YesNo = Field(
        default=True, description="Only customers who agreed to the purpose."
    )
    channels: Channels = Field(
        default=(),
        description="Channels it may use; all of them where nothing is said.",
    )
    quiet_hours: OneOrMoreSpells = Field(
        default=(),
        description="When nobody is disturbed, in the customer's local time.",
    )
    silent_channels: Channels = Field(
        default=(Channel.EMAIL,),
        description="Channels that disturb nobody and so need no quiet hours: e-mail "
        "where nothing is said.",
        json_schema_extra=without_default,
    )


PROACTIVE: Final = "proactive"
"""The purpose of proactive contact, where a rule names no other."""

CALLBACK: Final = "callback"


def shipped_purposes() -> dict[str, PurposePolicy]:
    """A callback was asked for, so it needs no consent; proactive contact does."""
    night = Spell(21 * 60, 9 * 60)
    return {
        CALLBACK: PurposePolicy(consent=False, quiet_hours=(Spell(22 * 60, 8 * 60),)),
        PROACTIVE: PurposePolicy(consent=True, quiet_hours=(night,)),
    }


class WeightsPolicy(Part):
    """How much each reason counts when channels are ranked; 0 leaves it out."""

    stated: Whole = Field(
        default=100, ge=0, le=1000, description="The customer said so."
    )
    worked: Whole = Field(
        default=60, ge=0, le=1000, description="The customer answered there before."
    )
    country: Whole = Field(
        default=40, ge=0, le=1000, description="What people of the country prefer."
    )
    time: Whole = Field(
        default=20, ge=0, le=1000, description="The hour suits the channel."
    )


class PreferencePolicy(Part):
    """How channels are ranked for a customer."""

    weights: WeightsPolicy = Field(
        default_factory=WeightsPolicy, description="How much each reason counts."
    )
    half_life_ms: Annotated[int, Span("1d", "730d")] = Field(
        default=days(90),
        alias="half_life",
        description="After this long an answer, or none, counts half.",
    )
    countries: Annotated[dict[Country, Shares], Field(max_length=COUNTRIES_MAX)] = (
        Field(
            default={},
            description="By country, the percentage of people who prefer a channel.",
        )
    )
    good_hours: dict[ChannelName, OneOrMoreSpells] = Field(
        default={},
        description="By channel, when people answer there, in their local time.",
    )
    purposes: Annotated[dict[Name, PurposePolicy], Field(max_length=PURPOSES_MAX)] = (
        Field(
            default_factory=shipped_purposes,
            description="Why customers are reached; callback and proactive are there "
            "also where nothing is said of them.",
            json_schema_extra=without_default,
        )
    )

    @model_validator(mode="after")
    def _has_shipped_purposes(self) -> Self:
        merged = {**shipped_purposes(), **self.purposes}
        self.__dict__["purposes"] = dict(sorted(merged.items()))
        return self
