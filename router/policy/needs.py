"""How needs and relaxation steps are written in a policy.

The forms mirror the YAML; what leaves this file are the values of `router.model`. The
forms must never reach the engine.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema
from pydantic_core import core_schema

from router.model.needs import NEEDS_MAX, Needs, SkillNeed
from router.model.relaxation import RelaxationStep
from router.model.time import format_duration
from router.policy.fields import Level, Name, Names, Span, wrong

Levels = dict[Name, Level]

GROUPS_MAX: Final = 255
"""Most agent groups of a policy."""


class Part(BaseModel):
    """What every section of a policy shares: no unknown keys, no later changes."""

    # Built on first use, for pydantic then looks for plugins: imports stay quiet.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class NeedsForm(Part):
    """What an interaction of the queue asks of an agent, as skill: least level."""

    all_of: Levels = Field(
        default={}, max_length=NEEDS_MAX, description="Skills an agent must all have."
    )
    any_of: list[Annotated[Levels, Field(min_length=1)]] = Field(
        default=[],
        max_length=NEEDS_MAX,
        description="Groups of skills; an agent must have one of each group.",
    )
    none_of: Levels = Field(
        default={},
        max_length=NEEDS_MAX,
        description="Skills an agent must not have at this level or above.",
    )


class StepForm(Part):
    """One step that loosens the queue's needs after a wait."""

    after_ms: Annotated[int, Span("1s", "30d")] = Field(
        alias="after", description="How long the interaction has waited by then."
    )
    drop: Names = Field(
        default=(), max_length=NEEDS_MAX, description="Skills no longer asked for."
    )
    lower: Levels = Field(
        default={}, max_length=NEEDS_MAX, description="Skills with a lower level now."
    )
    add: dict[Name, Annotated[Levels, Field(min_length=1)]] = Field(
        default={},
        max_length=NEEDS_MAX,
        description="For a skill asked for, others that will do instead.",
    )
    groups: Names = Field(
        default=(),
        max_length=GROUPS_MAX,
        description="Agent groups that may take it as well.",
    )
    queues: Names = Field(
        default=(),
        max_length=NEEDS_MAX,
        description="Queues whose agents may take it as well.",
    )


def skill_needs(levels: Levels) -> tuple[SkillNeed, ...]:
    """The needs a mapping of skill: level stands for."""
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()))


def _levels(needs: tuple[SkillNeed, ...]) -> dict[str, int]:
    return {need.skill: need.level for need in needs}


def _read_needs(form: NeedsForm) -> Needs:
    needs = Needs(
        all_of=skill_needs(form.all_of),
        any_of=tuple(skill_needs(group) for group in form.any_of),
        none_of=skill_needs(form.none_of),
    )
    if needs.count() > NEEDS_MAX:
        most = f"at most {NEEDS_MAX}"
        raise wrong(f"{most} needs are allowed, these are {needs.count()}")
    return needs


def _write_needs(needs: Needs) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "all_of": _levels(needs.all_of),
        "any_of": [_levels(group) for group in needs.any_of],
        "none_of": _levels(needs.none_of),
    }
    return {key: part for key, part in parts.items() if part}


def _read_step(form: StepForm) -> RelaxationStep:
    return RelaxationStep(
        after_ms=form.after_ms,
        drop=form.drop,
        lower=skill_needs(form.lower),
        add=tuple(
            (skill, other)
            for skill, others in sorted(form.add.items())
            for other in skill_needs(others)
        ),
        groups=form.groups,
        queues=form.queues,
    )


def _write_step(step: RelaxationStep) -> dict[str, Any]:
    add: dict[str, dict[str, int]] = {}
    for skill, other in step.add:
        add.setdefault(skill, {})[other.skill] = other.level
    parts: dict[str, Any] = {
        "after": format_duration(step.after_ms),
        "drop": list(step.drop),
        "lower": _levels(step.lower),
        "add": add,
        "groups": list(step.groups),
        "queues": list(step.queues),
    }
    return {key: part for key, part in parts.items() if part}


def _through(
    form: type[Part], read: Callable[[Any], Any], write: Callable[[Any], Any]
) -> GetPydanticSchema:
    """Validates as `form`, so that complaints name the place, then keeps the value."""

    def schema(source: Any, handler: Any) -> core_schema.CoreSchema:
        from_form = core_schema.no_info_after_validator_function(
            read, handler.generate_schema(form)
        )
        return core_schema.json_or_python_schema(
            json_schema=from_form,
            python_schema=core_schema.no_info_wrap_validator_function(
                # A value made in Python passes; the lambda keeps mappings on their way.
                lambda value, inner: (
                    value if isinstance(value, source) else inner(value)
                ),
                from_form,
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                write, when_used="json"
            ),
        )

    return GetPydanticSchema(schema)


NeedsField = Annotated[Needs, _through(NeedsForm, _read_needs, _write_needs)]
"""A queue's needs: `{all_of: {cards: 3}, any_of: [...], none_of: {...}}`."""

StepField = Annotated[RelaxationStep, _through(StepForm, _read_step, _write_step)]
"""A relaxation step: `{after: 30s, lower: {cards: 2}}`."""
