"""Random times as a scenario writes them: a family and its parameters.

`{exponential: 5m}`, `{lognormal: {mean: 4m, cv: 1.3}}`, or just `90s` for a time that
never varies. How they are drawn stands in `simulator.distributions`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from router.policy.fields import Span, wrong, wrong_at
from router.policy.needs import Part

LONGEST: Final = "365d"
COMPONENTS_MAX: Final = 64
"""Most parts of a mixture or a sum."""
SAMPLE_MAX: Final = 100_000
"""Most values of an empirical distribution."""

Time = Annotated[int, Span("0s", LONGEST)]
"""A duration, kept in milliseconds."""
SomeTime = Annotated[int, Span("1ms", LONGEST)]
"""A duration above zero, kept in milliseconds."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number; text that looks like one is refused."""
Share = Annotated[Number, Field(ge=0, le=1)]
"""A probability, or a part of a whole, from 0 to 1."""
Positive = Annotated[Number, Field(gt=0, le=1e6)]
"""A number above zero."""


def is_scalar(value: Any) -> bool:
    """Whether a value stands in short form: neither a mapping nor a list nor nothing."""
    return isinstance(value, str | int | float | bool)


class Exponential(Part):
    """No memory: the time left is always as long as at the beginning."""

    mean: SomeTime = Field(description="The mean.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """`{exponential: 90s}` has that mean."""
        return {"mean": value} if is_scalar(value) else value


class Lognormal(Part):
    """Long-tailed, as service times are."""

    mean: SomeTime = Field(description="The mean.")
    cv: Positive = Field(description="Standard deviation over mean.")


class Gamma(Part):
    """Shape 1 is exponential; a whole shape is Erlang; a large shape hardly varies."""

    mean: SomeTime = Field(description="The mean.")
    shape: Positive = Field(description="The shape.")


class Weibull(Part):
    """A shape below 1 means: whoever has waited long is ready to wait longer."""

    scale: SomeTime = Field(description="The scale, 63 % are below it.")
    shape: Positive = Field(description="The shape.")


class Uniform(Part):
    """Any time between two, equally likely."""

    low: Time = Field(description="The least.")
    high: SomeTime = Field(description="The most.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise wrong_at(("low",), "must not be above high")
        return self


class Empirical(Part):
    """What was seen: a value is drawn between neighbours of the sorted sample."""

    values: Annotated[list[Time], Field(min_length=1, max_length=SAMPLE_MAX)] = Field(
        description="The sample, in any order."
    )


class Component(Part):
    """One part of a mixture."""

    share: Share = Field(description="How likely it is.")
    time: "RandomTime" = Field(description="The time then.")


_FAMILIES: Final = (
    "constant", "exponential", "lognormal", "gamma", "weibull", "uniform", "empirical",
    "mixture", "sum",
)  # fmt: skip


class RandomTime(Part):
    """A random time: exactly one family. A bare duration is `constant`."""

    constant: Time | None = Field(default=None, description="Always the same.")
    exponential: Exponential | None = Field(default=None, description="Exponential.")
    lognormal: Lognormal | None = Field(default=None, description="Lognormal.")
    gamma: Gamma | None = Field(default=None, description="Gamma, Erlang included.")
    weibull: Weibull | None = Field(default=None, description="Weibull.")
    uniform: Uniform | None = Field(default=None, description="Uniform.")
    empirical: Empirical | None = Field(default=None, description="As seen.")
    mixture: (
        Annotated[list[Component], Field(min_length=1, max_length=COMPONENTS_MAX)]
        | None
    ) = Field(default=None, description="One of several, by chance.")
    sum: (
        Annotated[list["RandomTime"], Field(min_length=1, max_length=COMPONENTS_MAX)]
        | None
    ) = Field(default=None, description="Several, one after the other.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """`90s` is a constant."""
        return {"constant": value} if is_scalar(value) else value

    @model_validator(mode="after")
    def _one_family(self) -> Self:
        said = [name for name in _FAMILIES if getattr(self, name) is not None]
        if len(said) != 1:
            raise wrong(
                "must name exactly one family"
                + (f", not {', '.join(said)}" if said else ""),
                allowed=", ".join(_FAMILIES),
            )
        if self.mixture is not None:
            total = sum_of([part.share for part in self.mixture])
            if abs(total - 1) > 1e-6:
                message = f"must have shares that add up to 1, not {total:g}"
                raise wrong_at(("mixture",), message)
        nested = [*(part.time for part in self.mixture or ()), *(self.sum or ())]
        has_sums = self.sum is not None and any(one.sum is not None for one in nested)
        if has_sums or any(one.mixture is not None for one in nested):
            raise wrong(
                "a mixture may have sums in it, and nothing else may have parts of parts"
            )
        return self

    @property
    def family(self) -> str:
        """The name of its family."""
        return next(name for name in _FAMILIES if getattr(self, name) is not None)


def sum_of(values: Sequence[float]) -> float:
    """The sum; `sum` is a field's name above."""
    total = 0.0
    for value in values:
        total += value
    return total


Component.model_rebuild()
RandomTime.model_rebuild()
