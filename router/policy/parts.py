"""The smaller sections of a policy: channels, agents, score, rounds, offers, limits.

Each setting owns its default, its meaning and its bounds.
"""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue

from router.model.agent import AgentKind
from router.model.channel import Channel
from router.model.needs import LEVEL_MAX
from router.model.time import days, hours, minutes, seconds
from router.policy.fields import (
    AgentId,
    ChannelName,
    Level,
    Name,
    Names,
    Span,
    Whole,
    WhoTakesIt,
    YesNo,
)
from router.policy.needs import GROUPS_MAX, Part

SKILLS_MAX: Final = 127
"""Most skills of a policy, and so of an agent."""

CAPACITY_MAX: Final = 1000
"""Most capacity units of one agent."""

ChannelLimit = Annotated[int, Field(strict=True, ge=0, le=CAPACITY_MAX)]


def without_default(schema: JsonSchemaValue) -> None:
    """Keeps out of the JSON Schema a default that depends on something else."""
    schema.pop("default", None)


class ChannelPolicy(Part):
    """What one interaction of a channel takes from an agent.

    A channel named in a policy without details has those of `SHIPPED_CHANNELS`.
    """

    weight: Whole = Field(
        default=1,
        ge=1,
        le=CAPACITY_MAX,
        description="Capacity units one takes.",
        json_schema_extra=without_default,
    )
    limit: Whole = Field(
        default=1,
        ge=1,
        le=CAPACITY_MAX,
        description="Most at once for one agent.",
        json_schema_extra=without_default,
    )
    exclusive: YesNo = Field(
        default=False,
        description="While an agent is on it, no work of other channels is offered.",
        json_schema_extra=without_default,
    )
    interruptible: YesNo = Field(
        default=False,
        description="An agent may set it aside for work that cannot wait.",
        json_schema_extra=without_default,
    )
    companion_weight: Whole = Field(
        default=0,
        ge=0,
        le=100,
        description="Percent of its weight that one takes from an agent who serves the "
        "same customer on another channel already.",
    )


SHIPPED_CHANNELS: Final[dict[Channel, dict[str, int | bool]]] = {
    Channel.VOICE: {"weight": 3, "limit": 1, "exclusive": True},
    Channel.CHAT: {"weight": 1, "limit": 3},
    Channel.MESSAGING: {"weight": 1, "limit": 5, "interruptible": True},
    Channel.SMS: {"weight": 1, "limit": 5, "interruptible": True},
    Channel.WHATSAPP: {"weight": 1, "limit": 5, "interruptible": True},
    Channel.EMAIL: {"weight": 1, "limit": 5, "interruptible": True},
    Channel.VIDEO: {"weight": 3, "limit": 1, "exclusive": True},
    Channel.SOCIAL: {"weight": 1, "limit": 5, "interruptible": True},
}
"""What a channel's settings are where a policy says nothing of them."""


def shipped_channels() -> dict[Channel, ChannelPolicy]:
    """Every channel as shipped."""
    return {
        channel: ChannelPolicy.model_validate(settings)
        for channel, settings in SHIPPED_CHANNELS.items()
    }


class AgentPolicy(Part):
    """One agent of the roster."""

    id: AgentId = Field(description="What other systems call the agent; no spaces.")
    name: Name = Field(
        default="",
        description="What people call the agent; the id where nothing is said.",
        json_schema_extra=without_default,
    )
    skills: dict[Name, Level] = Field(
        default={},
        max_length=SKILLS_MAX,
        description=f"The agent's skills, each with a level from 1 to {LEVEL_MAX}.",
    )
    groups: Names = Field(
        default=(), max_length=GROUPS_MAX, description="Groups the agent belongs to."
    )
    # 0 never survives: Policy fills in its own capacity, which an agent cannot see.
    capacity: Whole = Field(
        default=0,
        ge=1,
        le=CAPACITY_MAX,
        description="Capacity units; the policy's capacity where nothing is said.",
        json_schema_extra=without_default,
    )
    limits: dict[ChannelName, ChannelLimit] = Field(
        default={}, description="Most at once by channel; 0 for never."
    )
    prefers: tuple[ChannelName, ...] = Field(
        default=(), max_length=8, description="Channels the agent likes best, in order."
    )
    kind: WhoTakesIt = Field(
        default=AgentKind.HUMAN,
        description="human, or bot: a program that owns no conversation.",
    )

    @model_validator(mode="after")
    def _goes_by_its_id(self) -> Self:
        if not self.name:
            self.__dict__["name"] = self.id  # frozen, but still being made
        return self


class ScorePolicy(Part):
    """The weight of each score term; 0 leaves the term out."""

    skill_fit: Whole = Field(
        default=10, ge=0, le=1000, description="Levels that fit the needs closely."
    )
    waiting: Whole = Field(
        default=5, ge=0, le=1000, description="Waiting time against the target."
    )
    priority: Whole = Field(default=20, ge=0, le=1000, description="The priority.")
    ownership: Whole = Field(
        default=40, ge=0, le=1000, description="The agent knows the conversation."
    )
    idle: Whole = Field(default=3, ge=0, le=1000, description="The agent's idle time.")
    fairness: Whole = Field(
        default=2, ge=0, le=1000, description="Occupancy shared out evenly."
    )
    scarcity: Whole = Field(
        default=8, ge=0, le=1000, description="Rare skills spared for rare work."
    )
    channel_fit: Whole = Field(
        default=2, ge=0, le=1000, description="The agent prefers the channel."
    )


class RoundsPolicy(Part):
    """How match rounds are gathered and bounded: by size, never by seconds."""

    window_ms: Annotated[int, Span("0s", "5s")] = Field(
        default=0,
        alias="window",
        description="How long arrivals may be gathered for one round; 0 for at once.",
    )
    interactions_max: Whole = Field(
        default=5000, ge=1, le=50_000, description="Most interactions in one round."
    )
    agents_max: Whole = Field(
        default=5000, ge=1, le=50_000, description="Most agents in one round."
    )
    arcs_per_interaction: Whole = Field(
        default=50, ge=1, le=1000, description="Best agents kept for an interaction."
    )
    inline_pairs_max: Whole = Field(
        default=20_000,
        ge=0,
        le=1_000_000,
        description="Rounds with more pairs are solved beside the router's loop.",
    )


class OffersPolicy(Part):
    """How offers are put before agents."""

    open_per_agent: Whole = Field(
        default=1, ge=1, le=10, description="Most open offers of one agent."
    )


class LivenessPolicy(Part):
    """When silence means that an agent has gone."""

    sign_out_after_ms: Annotated[int, Span("10s", "24h")] = Field(
        default=minutes(5),
        alias="sign_out_after",
        description="An agent lost for this long is signed out.",
    )
    restart_grace_ms: Annotated[int, Span("0s", "10m")] = Field(
        default=seconds(30),
        alias="restart_grace",
        description="After a restart, how long agents may take to come back.",
    )


class RetentionPolicy(Part):
    """How long ended interactions stay in memory for questions."""

    ended_ms: Annotated[int, Span("0s", "30d")] = Field(
        default=hours(1), alias="ended", description="How long after the end."
    )
    ended_max: Whole = Field(
        default=100_000, ge=0, le=10_000_000, description="Most kept at once."
    )
    conversations_ms: Annotated[int, Span("0s", "365d")] = Field(
        default=days(7),
        alias="conversations",
        description="How long a conversation or customer is kept that nothing refers to; "
        "at least as long as ownership of it lasts.",
    )
    conversations_max: Whole = Field(
        default=100_000,
        ge=0,
        le=10_000_000,
        description="Most such conversations, and most such customers, kept at once.",
    )
