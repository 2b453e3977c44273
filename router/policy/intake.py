"""Intake rules and languages: what turns a request into a queue, needs and a priority.

Here is how rules are written. Expressions are kept as text; compiling them, and every
decision, is up to `router.intake`, which the policy must never know.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    GetPydanticSchema,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from router.model.needs import Needs
from router.policy.conditions import Conditions, Settings, source
from router.policy.fields import (
    ChannelName,
    Country,
    LanguageTag,
    Level,
    Name,
    Names,
    OneOrMore,
    OwnAgentId,
    OwnLanguage,
    OwnName,
    Whole,
    YesNo,
    wrong,
)
from router.policy.needs import NeedsField, Part

RULES_MAX: Final = 200
"""Most intake rules."""

EXPRESSION_MAX: Final = 1000
"""Most characters of one expression."""

LANGUAGES_MAX: Final = 60
"""Most languages accepted."""

PRIORITY_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class PriorityChange:
    """A priority, or so much more or less than there is."""

    value: int
    relative: bool = False

    def __str__(self) -> str:
        """As it is written in a policy."""
        return f"{self.value:+d}" if self.relative else str(self.value)


def _priority(value: Any) -> PriorityChange:
    if isinstance(value, PriorityChange):
        return value
    change: PriorityChange | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        change = PriorityChange(value, relative=value < 0)
    elif isinstance(value, str) and value[:1] in ("+", "-"):
        digits = value[1:]
        if digits.isascii() and digits.isdigit() and len(digits) <= len("100"):
            change = PriorityChange(int(value), relative=True)
    if change is None or abs(change.value) > PRIORITY_MAX:
        allowed = "0 to 100, or +1 to +100, or -1 to -100"
        raise wrong("must be a priority or a change of it", allowed=allowed)
    return change


PriorityField = Annotated[
    PriorityChange,
    GetPydanticSchema(
        lambda source, handler: core_schema.no_info_plain_validator_function(
            _priority,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda change: str(change) if change.relative else change.value,
                when_used="json",
            ),
        )
    ),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": -PRIORITY_MAX, "maximum": PRIORITY_MAX},
                {"type": "string", "pattern": "^[+-][0-9]{1,3}$"},
            ]
        }
    ),
]
"""A priority from 0 to 100, or a change of it such as +20 or -10."""


def _expression(text: str) -> str:
    text = text.strip()
    if len(text) > EXPRESSION_MAX:
        most = f"at most {EXPRESSION_MAX} characters"
        raise wrong(f"has {len(text)} characters", allowed=most)
    return text


Expression = Annotated[
    str,
    AfterValidator(_expression),
    WithJsonSchema({"type": "string", "maxLength": EXPRESSION_MAX}),
]
"""Text in the Common Expression Language."""

Channels = Annotated[tuple[ChannelName, ...], Field(max_length=8), OneOrMore()]
QueueNames = Annotated[tuple[Name, ...], Field(max_length=500), OneOrMore()]
Tags = Annotated[tuple[LanguageTag, ...], Field(max_length=LANGUAGES_MAX), OneOrMore()]
Countries = Annotated[tuple[Country, ...], Field(max_length=250), OneOrMore()]


class MatchPolicy(Part):
    """When a rule applies; everything that is given must hold."""

    channel: Channels = Field(default=(), description="The channel is one of these.")
    queue: QueueNames = Field(
        default=(), description="The queue asked for is one of these."
    )
    language: Tags = Field(
        default=(),
        description="The language is one of these, or near enough to one.",
    )
    country: Countries = Field(
        default=(), description="The customer's country is one of these."
    )
    attributes: Conditions = Field(
        default={}, description="What is asked of the request's attributes."
    )
    customer: Conditions = Field(
        default={}, description="What is asked of the customer's attributes."
    )
    conversation: Conditions = Field(
        default={}, description="What is asked of the facts of the conversation."
    )
    hours: OwnName = Field(
        default="", description="The opening hours within which the rule applies."
    )
    outside_hours: OwnName = Field(
        default="", description="The opening hours outside which the rule applies."
    )


class ThenPolicy(Part):
    """What a rule changes."""

    queue: OwnName = Field(default="", description="The queue it goes to.")
    priority: PriorityField | None = Field(
        default=None,
        description="The priority, or a change of it such as +20.",
    )
    needs: NeedsField = Field(
        default=Needs.NOTHING, description="Needs added to those of the queue."
    )
    language: OwnLanguage = Field(
        default="", description="The language it is answered in."
    )
    owner: OwnAgentId = Field(default="", description="The agent who owns it, by id.")
    owner_from: Annotated[str, AfterValidator(source)] = Field(
        default="",
        description="Where the owner's id stands, such as customer.account_owner.",
    )
    set_: Settings = Field(
        default={}, alias="set", description="Attributes given to the request."
    )
    stop: YesNo = Field(default=False, description="No later rule is looked at.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.owner and self.owner_from:
            raise _said("gives both owner and owner_from: keep one")
        if not self.model_fields_set:
            raise _said("does nothing: give it queue, priority, needs or more")
        return self


class RulePolicy(Part):
    """One intake rule."""

    name: Name = Field(description="What explanations call it.")
    match: MatchPolicy = Field(
        default_factory=MatchPolicy, description="When it applies; {} for always."
    )
    when: Expression = Field(
        default="",
        description="When it applies, as an expression of CEL over request, customer, "
        "conversation and site; beside match, both must hold.",
    )
    then: ThenPolicy = Field(description="What it changes.")


class DeclaredPolicy(Part):
    """The named values that there are; a rule that asks for another is refused."""

    request: Names = Field(default=(), max_length=200, description="Of requests.")
    customer: Names = Field(default=(), max_length=200, description="Of customers.")
    conversation: Names = Field(
        default=(), max_length=200, description="Facts of conversations."
    )


class IntakePolicy(Part):
    """How a request becomes a queue, needs, a priority and an owner."""

    mode: Literal["first_match", "accumulate"] = Field(
        default="first_match",
        description="Whether the first rule that applies decides alone, or all do.",
    )
    default_queue: OwnName = Field(
        default="", description="The queue of a request that names none."
    )
    budget: Whole = Field(
        default=20_000,
        ge=100,
        le=1_000_000,
        description="Most steps of rules looked at for one request: a condition is one "
        "step, an expression as many as it has parts.",
    )
    declared: DeclaredPolicy = Field(
        default_factory=DeclaredPolicy,
        description="Names that rules may ask for; any where nothing is said.",
    )
    rules: tuple[RulePolicy, ...] = Field(
        default=(), max_length=RULES_MAX, description="The rules, first to last."
    )


class LanguagesPolicy(Part):
    """Which languages are spoken, and what speaking one takes."""

    accepted: Tags = Field(default=(), description="Languages spoken; best first.")
    default: OwnLanguage = Field(
        default="", description="Taken for a language that is unknown."
    )
    max_distance: Whole = Field(
        default=10,
        ge=0,
        le=100,
        description="How far apart (CLDR) two languages may be to count as one.",
    )
    unmatched: Literal["default", "keep"] = Field(
        default="default",
        description="A language nobody speaks: the default, or kept without a need.",
    )
    skills: Annotated[
        dict[LanguageTag, Annotated[dict[Name, Level], Field(min_length=1)]],
        Field(max_length=LANGUAGES_MAX),
    ] = Field(default={}, description="The skills an agent needs, by language.")


def _said(message: str) -> PydanticCustomError:
    context = {"message": message, "allowed": "", "suggestion": ""}
    return PydanticCustomError("wrong", "{message}", context)
