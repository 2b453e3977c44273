"""Ownership as the business wants it: whose claim counts, how much and for how long.

Each setting owns its default, its meaning and its bounds. What a claim is worth to a
queue, in seconds of wait, is the queue's `continuity_value`.
"""

from functools import partial
from typing import Annotated, Final, Literal

from pydantic import Field

from router.model.conversation import Source
from router.model.time import days
from router.policy.fields import Span, Whole
from router.policy.needs import Part

STRENGTH_MAX: Final = 1000
_Lasts = Annotated[int, Span("0s", "3650d")]


class ClaimPolicy(Part):
    """One rung of the ladder: how strong a claim is, and how it ends."""

    strength: Whole = Field(
        default=1000,
        ge=0,
        le=STRENGTH_MAX,
        description="What the claim is worth at first; 0 leaves the rung out.",
    )
    lasts_ms: _Lasts = Field(
        default=days(7), alias="lasts", description="How long the claim holds."
    )
    decay: Literal["linear", "none"] = Field(
        default="linear",
        description="Whether the strength fades to nothing on the way.",
    )


class TeamPolicy(Part):
    """The rung below all others: the group that looks after the customer."""

    strength: Whole = Field(
        default=300,
        ge=0,
        le=STRENGTH_MAX,
        description="What being of the team is worth.",
    )


class OwnershipPolicy(Part):
    """The ladder of ownership, and what becomes of it when work or people move."""

    conversation: ClaimPolicy = Field(
        default_factory=ClaimPolicy,
        description="The agent who accepted the conversation last.",
    )
    last_agent: ClaimPolicy = Field(
        default_factory=partial(ClaimPolicy, strength=700, lasts="3d"),
        description="The agent who handled the customer last, in any conversation.",
    )
    account_owner: ClaimPolicy = Field(
        default_factory=partial(ClaimPolicy, strength=600, lasts="3650d", decay="none"),
        description="The agent who looks after the customer's account.",
    )
    team: TeamPolicy = Field(
        default_factory=TeamPolicy, description="The customer's team."
    )
    moves_on_transfer: Literal["yes", "no", "if_accepted"] = Field(
        default="if_accepted",
        description="Whether a transfer takes ownership along: at once, never, or when "
        "the other agent accepts.",
    )
    on_sign_out: Literal["lapse", "wait"] = Field(
        default="lapse",
        description="What becomes of ownership when the owner's shift ends.",
    )
    when_away: Literal["pass_on", "wait"] = Field(
        default="pass_on",
        description="Whether an owner who is away or out of reach is waited for.",
    )

    def claims(self) -> dict[Source, ClaimPolicy]:
        """The rungs that fade or end, by source."""
        return {
            Source.CONVERSATION: self.conversation,
            Source.LAST_AGENT: self.last_agent,
            Source.ACCOUNT: self.account_owner,
        }
