"""What a rule asks of a named value: `plan: premium`, `amount: {at_least: 1000}`.

The short forms are spelt out when they are read, and written short again. Whether a
value meets a condition is decided in `router.intake.match`, never here.
"""

import math
from typing import Annotated, Any, Final, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from router.policy.fields import Name, YesNo, clean_name, wrong
from router.policy.needs import Part

CHOICES_MAX: Final = 200
"""Most values one condition may list."""

NAMED_MAX: Final = 32
"""Most named values one rule may ask about, or set."""

TEXT_MAX: Final = 256
"""Most characters of a text in a condition."""


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > TEXT_MAX:
            raise wrong(f"has {len(value)} characters", allowed=f"at most {TEXT_MAX}")
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise wrong("must be text, a number, true or false")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("must be a number")
    if not math.isfinite(value):
        raise wrong("must be a number that ends")
    return value


Scalar = Annotated[
    str | bool | int | float,
    PlainValidator(_scalar),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""Text, a number, true or false."""

Bound = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A number to compare with."""


class ConditionPolicy(Part):
    """What is asked of one value; of several conditions all must hold."""

    among: tuple[Scalar, ...] = Field(
        default=(),
        max_length=CHOICES_MAX,
        alias="in",
        description="The value is one of these.",
    )
    at_least: Bound | None = Field(default=None, description="A number not below this.")
    at_most: Bound | None = Field(default=None, description="A number not above this.")
    prefix: str = Field(
        default="", max_length=TEXT_MAX, description="Text that begins like this."
    )
    exists: YesNo | None = Field(
        default=None, description="true: there is a value; false: there is none."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError(
                "wrong",
                "{message}",
                {
                    "message": "asks nothing: give it a value, in, at_least, at_most, "
                    "prefix or exists",
                    "allowed": "",
                    "suggestion": "",
                },
            )
        return self


def _spelt_out(value: Any) -> Any:
    if isinstance(value, dict | ConditionPolicy):
        return value
    if value is None:
        raise wrong("must be a value or a condition", allowed="{exists: false}")
    return {"in": value if isinstance(value, list | tuple) else [value]}


def _short(condition: ConditionPolicy) -> Any:
    written: dict[str, Any] = {
        "in": list(condition.among),
        "at_least": condition.at_least,
        "at_most": condition.at_most,
        "prefix": condition.prefix,
        "exists": condition.exists,
    }
    said = {key: part for key, part in written.items() if part not in ([], None, "")}
    if list(said) == ["in"]:
        choices = said["in"]
        return choices[0] if len(choices) == 1 else choices
    return said


def _three_forms(schema: JsonSchemaValue) -> None:
    form = dict(schema)
    schema.clear()
    scalar: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
    schema["anyOf"] = [form, scalar, {"type": "array", "items": scalar}]


ConditionField = Annotated[
    ConditionPolicy,
    BeforeValidator(_spelt_out),
    PlainSerializer(_short, when_used="json"),
    Field(json_schema_extra=_three_forms),
]
"""One value, a list of values, or a mapping of conditions."""

Conditions = Annotated[dict[Name, ConditionField], Field(max_length=NAMED_MAX)]
"""Conditions by the name of the value they are about."""

Settings = Annotated[dict[Name, Scalar], Field(max_length=NAMED_MAX)]
"""Values by name."""

SOURCES: Final = ("request", "customer", "conversation")
"""Whose named values a rule may refer to."""


def source(text: str) -> str:
    if not text:
        return text
    whose, dot, name = text.partition(".")
    if whose not in SOURCES or not dot:
        raise wrong(
            "must say whose value it is",
            allowed="request.NAME, customer.NAME or conversation.NAME",
            suggestion="" if dot else f"customer.{text}",
        )
    clean_name(name)
    return text
