"""The policy as a whole: everything the business decides about routing.

A `Policy` is complete and consistent: it cannot be made with an unknown name, a circle
of overflows or a value out of bounds. Parts whose order means nothing are kept in one
order, so two files that say the same make equal policies with equal digests, and equal
tables in the engine. It must never hold what changes while routing: that is the
floor's.
"""

import hashlib
import json
from functools import cached_property
from typing import Any, Final, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from router.policy.checks import RESERVED_REASONS, findings_in
from router.policy.context import ContextPolicy
from router.policy.customers import IdentitiesPolicy, PreferencePolicy
from router.policy.fields import (
    CHANNEL_BY_NAME,
    ChannelName,
    Name,
    Names,
    TimeZone,
    Whole,
)
from router.policy.hours import HoursPolicy
from router.policy.intake import IntakePolicy, LanguagesPolicy
from router.policy.needs import GROUPS_MAX, Part
from router.policy.ownership import OwnershipPolicy
from router.policy.parts import (
    CAPACITY_MAX,
    SHIPPED_CHANNELS,
    SKILLS_MAX,
    AgentPolicy,
    ChannelPolicy,
    LivenessPolicy,
    OffersPolicy,
    RetentionPolicy,
    RoundsPolicy,
    ScorePolicy,
    shipped_channels,
)
from router.policy.proactive import ProactivePolicy
from router.policy.problem import as_context
from router.policy.queue import QueuePolicy

QUEUES_MAX: Final = 500
AGENTS_MAX: Final = 20_000
REASONS_MAX: Final = 60
HOURS_MAX: Final = 100


class Policy(Part):
    """How interactions are routed. Read it from a file with `router.policy.load`."""

    policy: Name = Field(description="The policy's name.")
    timezone: TimeZone = Field(
        default="UTC", description="The site's time zone, by its IANA name."
    )
    skills: Names = Field(
        default=(), max_length=SKILLS_MAX, description="Every skill there is."
    )
    groups: Names = Field(
        default=(), max_length=GROUPS_MAX, description="Every group of agents."
    )
    presence_reasons: Names = Field(
        default=(),
        max_length=REASONS_MAX,
        description="Why an agent may be away. The router's own reasons "
        f"({', '.join(RESERVED_REASONS)}) are always there and not to be listed.",
    )
    channels: dict[ChannelName, ChannelPolicy] = Field(
        default_factory=shipped_channels,
        min_length=1,
        description="Channels in use; all of them where nothing is said. "
        "What a channel leaves out is as shipped for that channel.",
    )
    capacity: Whole = Field(
        default=3, ge=1, le=CAPACITY_MAX, description="An agent's capacity units."
    )
    agents: tuple[AgentPolicy, ...] = Field(
        default=(), max_length=AGENTS_MAX, description="The roster, if it is known."
    )
    queues: dict[Name, QueuePolicy] = Field(
        min_length=1, max_length=QUEUES_MAX, description="The queues by name."
    )
    score: ScorePolicy = Field(
        default_factory=ScorePolicy,
        description="What makes one pairing better than another.",
    )
    ownership: OwnershipPolicy = Field(
        default_factory=OwnershipPolicy,
        description="Who owns a conversation or customer, and until when.",
    )
    rounds: RoundsPolicy = Field(
        default_factory=RoundsPolicy,
        description="How match rounds are gathered and bounded.",
    )
    offers: OffersPolicy = Field(
        default_factory=OffersPolicy,
        description="What an agent may be offered at once.",
    )
    liveness: LivenessPolicy = Field(
        default_factory=LivenessPolicy,
        description="When silence means an agent has gone.",
    )
    context: ContextPolicy = Field(
        default_factory=ContextPolicy,
        description="How much context is kept, and for how long.",
    )
    retention: RetentionPolicy = Field(
        default_factory=RetentionPolicy,
        description="How long ended interactions are kept.",
    )
    hours: dict[Name, HoursPolicy] = Field(
        default={}, max_length=HOURS_MAX, description="Opening hours by name."
    )
    languages: LanguagesPolicy = Field(
        default_factory=LanguagesPolicy,
        description="Which languages are spoken, and what speaking one takes.",
    )
    intake: IntakePolicy = Field(
        default_factory=IntakePolicy,
        description="How a request becomes a queue, needs, a priority and an owner.",
    )
    identities: IdentitiesPolicy = Field(
        default_factory=IdentitiesPolicy,
        description="When two customers are one.",
    )
    preference: PreferencePolicy = Field(
        default_factory=PreferencePolicy,
        description="How channels are ranked for a customer.",
    )
    proactive: ProactivePolicy = Field(
        default_factory=ProactivePolicy,
        description="When we reach out without being asked.",
    )

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.policy

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every presence reason: those of the file, then the router's own."""
        return self.presence_reasons + RESERVED_REASONS

    @cached_property
    def digest(self) -> str:
        """16 hex digits of the SHA-256 over what the policy says.

        Comments, spelling out a default and the order of keys leave it as it is.
        """
        said = json.dumps(self.written(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def written(self) -> dict[str, Any]:
        """The policy as plain values in the shape of its file, defaults included."""
        return self.model_dump(mode="json", by_alias=True)

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """As pydantic's, and without the digest of the original."""
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("digest", None)
        return copy

    @field_validator("channels", mode="before")
    @classmethod
    def _fill_in_shipped(cls, channels: Any) -> Any:
        if not isinstance(channels, dict):
            return channels
        return {name: _filled(name, given) for name, given in channels.items()}

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        findings = findings_in(self.written())
        if findings:
            raise PydanticCustomError("document", "{text}", as_context(findings))
        # Pydantic's frozen models refuse assignment; this is still the making of one.
        self.__dict__.update(
            channels=dict(sorted(self.channels.items())),
            queues=dict(sorted(self.queues.items())),
            agents=tuple(
                agent
                if agent.capacity
                else agent.model_copy(update={"capacity": self.capacity})
                for agent in sorted(self.agents, key=lambda agent: agent.id)
            ),
        )
        return self


def _filled(name: Any, given: Any) -> Any:
    channel = CHANNEL_BY_NAME.get(name)
    if channel is None or not isinstance(given, dict):
        return given
    return {**SHIPPED_CHANNELS[channel], **given}
