"""Reads the published statistics of a working day: `examples/data/bank_day.yaml`.

What both demonstrations know about customers comes from here: which queue a kind of
call goes to, how long service takes, how long people wait. Reads one file and checks
it; draws nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from router.demo.errors import InputWrong

BANK_DAY = Path(__file__).resolve().parents[2] / "examples" / "data" / "bank_day.yaml"
"""Where the statistics lie in a checkout."""
HALF_HOURS = 34
"""From 07:00 to midnight."""

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class _Part(BaseModel):
    # Built on first use, for pydantic then looks for plugins: imports stay quiet.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Spread(_Part):
    """A lognormal time: its mean, and its standard deviation over the mean."""

    mean_s: Seconds
    cv: Annotated[float, Field(ge=0, le=10)]


class Mean(_Part):
    """An exponential time."""

    mean_s: Seconds


class _Kind(_Part):
    queue: str
    channel: Literal["voice", "chat", "email"]
    service: Spread
    patience: Mean | Literal["never"]


class Measured(_Kind):
    """A kind of call as the log has it."""

    calls_per_half_hour: Annotated[
        tuple[Annotated[float, Field(ge=0)], ...],
        Field(min_length=HALF_HOURS, max_length=HALF_HOURS),
    ]


class Assumed(_Kind):
    """A kind of interaction the log has not: the shape of another kind, at a share."""

    like: str
    share: Annotated[float, Field(gt=0, le=10)]


class Kind(_Part):
    """One kind of interaction with everything a day needs to know of it."""

    name: str
    queue: str
    channel: str
    per_half_hour: tuple[float, ...]
    service: Spread
    patience_mean_s: float | None
    """None: such a customer never gives up."""


class Statistics(_Part):
    """The whole file."""

    opens: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    half_hour_sd: Annotated[float, Field(ge=0, le=1)]
    half_hour_correlation: Annotated[float, Field(ge=0, lt=1)]
    measured: Mapping[str, Measured]
    assumed: Mapping[str, Assumed]

    @property
    def opens_at_ms(self) -> int:
        hours, minutes = self.opens.split(":")
        return (60 * int(hours) + int(minutes)) * 60_000

    def kinds(self) -> list[Kind]:
        """Every kind, measured ones first, each with its arrivals by half hour."""
        shapes = {
            name: one.calls_per_half_hour for name, one in self.measured.items()
        } | {
            name: tuple(
                one.share * count
                for count in self.measured[one.like].calls_per_half_hour
            )
            for name, one in self.assumed.items()
        }
        parts: dict[str, _Kind] = {**self.measured, **self.assumed}
        return [
            Kind(
                name=name,
                queue=one.queue,
                channel=one.channel,
                per_half_hour=shapes[name],
                service=one.service,
                patience_mean_s=(
                    None if one.patience == "never" else one.patience.mean_s
                ),
            )
            for name, one in parts.items()
        ]


def load_statistics(path: Path = BANK_DAY) -> Statistics:
    """The statistics, or `InputWrong` with the file and the place in it."""
    try:
        found = Statistics.model_validate(YAML(typ="safe", pure=True).load(path))
    except OSError as error:
        raise InputWrong(f"{path}: cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise InputWrong(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise InputWrong(f"{path}: {place}: {first['msg']}") from error
    for name, one in found.assumed.items():
        if one.like not in found.measured:
            raise InputWrong(
                f"{path}: assumed.{name}.like is {one.like!r}; "
                f"it must be one of {', '.join(found.measured)}"
            )
    return found
