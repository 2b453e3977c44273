"""The mapping: which column of a log is what. A YAML file, or one of three presets.

    like: bank                  # begin with a preset, and say what differs
    separator: ";"
    encoding: cp1254
    decimal: ","
    columns: {queued: queue_in, wait_s: waited, outcome: result}
    outcomes: {answered: [Y], abandoned: [N]}
    ignore: [{outcome: TEST}]

`rows` logs have one row an interaction, `queue_log` is what Asterisk writes, and
`intervals` are report tables with counts.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, model_validator

from router.policy.fields import Span, wrong
from router.policy.json_schema import SchemaOf
from router.policy.needs import Part
from router.policy.problem import DocumentInvalid, Problem
from router.policy.reading import Kind, bytes_of, sheet_of, validated
from router.policy.suggest import listed, meant
from simulator.fit.presets import PRESETS
from simulator.fit.text import known_encoding

Text = Annotated[str, Field(min_length=1, max_length=200)]
Formats = Annotated[list[Text], Field(min_length=1, max_length=8)]
Delay = Annotated[int, Span("0s", "1d")]


class Columns(Part):
    """Names of columns. Which are needed depends on `format`."""

    date: str = Field(default="", description="The day; instants are times of it.")
    arrived: str = Field(default="", description="Reached the house.")
    queued: str = Field(default="", description="Got in line.")
    began: str = Field(default="", description="Was answered.")
    ended: str = Field(default="", description="Left: served, or gone.")
    wait_s: str = Field(default="", description="Wait in seconds, or h:mm:ss.")
    service_s: str = Field(default="", description="With an agent, in seconds.")
    outcome: str = Field(default="", description="How it ended.")
    type: str = Field(default="", description="Kind of interaction, or queue.")
    priority: str = Field(default="", description="A whole number.")
    customer: str = Field(default="", description="Who it was.")
    agent: str = Field(default="", description="Who answered.")
    begins: str = Field(default="", description="When the interval begins.")
    offered: str = Field(default="", description="Arrivals in the interval.")
    answered: str = Field(default="", description="Answered in the interval.")
    abandoned: str = Field(default="", description="Abandoned in the interval.")
    aht_s: str = Field(default="", description="Mean time with an agent.")
    asa_s: str = Field(default="", description="Mean wait of the answered.")
    agents: str = Field(default="", description="Agents at work.")

    def said(self) -> dict[str, str]:
        """The columns that have a name."""
        return {key: name for key, name in self.model_dump().items() if name}


class Outcomes(Part):
    """What the values of the outcome column mean."""

    answered: list[str] = Field(default=[], description="An agent answered.")
    abandoned: list[str] = Field(default=[], description="The customer left.")
    taken_out: list[str] = Field(default=[], description="The queue gave up.")


class Nobody(Part):
    """Values that name nobody."""

    customer: list[str] = Field(default=["", "0"], description="Not identified.")
    agent: list[str] = Field(default=[""], description="No agent.")


class Mapping(Part):
    """Which column is what."""

    like: Literal["asterisk", "bank", "intervals"] | None = Field(
        default=None, description="The preset it begins with."
    )
    format: Literal["rows", "queue_log", "intervals"] = Field(
        default="rows", description="What kind of log."
    )
    encoding: Text = Field(default="utf-8", description="A byte-order mark goes first.")
    separator: Annotated[str, Field(min_length=1, max_length=1)] = Field(
        default=",", description="Between cells."
    )
    decimal: Literal[".", ","] = Field(default=".", description="Decimal mark.")
    dates: Formats = Field(default=["%Y-%m-%d"], description="As strptime has them.")
    times: Formats = Field(
        default=["%H:%M:%S", "%H:%M"],
        description="Times of day, where there is a date.",
    )
    instants: Formats = Field(
        default=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"],
        description="Instants, where there is no column of the date.",
    )
    timezone: str = Field(
        default="UTC", description="Where the clock hangs, for instants since 1970."
    )
    columns: Columns = Field(default=Columns(), description="Names of columns.")
    outcomes: Outcomes = Field(default=Outcomes(), description="Values of outcome.")
    nobody: Nobody = Field(default=Nobody(), description="Values that name nobody.")
    ignore: list[dict[str, str | int]] = Field(
        default=[],
        max_length=32,
        description="Rows with all of these values are left out, by column.",
    )
    head_starts: dict[str, Delay] = Field(
        default={},
        description="Priorities that count as having waited so long when they get in line.",
    )
    every: Annotated[int, Span("5m", "1h")] = Field(
        default=1_800_000, description="Length of an interval of an interval table."
    )

    @model_validator(mode="before")
    @classmethod
    def _over_a_preset(cls, values: Any) -> Any:
        """What the file says over the preset; of columns, one by one."""
        if not isinstance(values, dict) or values.get("like") not in PRESETS:
            return values
        preset = PRESETS[values["like"]]
        both = {**preset, **values}
        if isinstance(values.get("columns"), dict):
            both["columns"] = {**preset.get("columns", {}), **values["columns"]}
        return both

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if not known_encoding(self.encoding):
            raise wrong(
                f'there is no encoding "{self.encoding}"',
                allowed="utf-8, cp1254, cp1253",
            )
        if self.timezone not in available_timezones():
            raise wrong(
                f'"{self.timezone}" is not a time zone of the IANA list',
                suggestion=meant(self.timezone, available_timezones()),
            )
        for key in self.head_starts:
            if not key.lstrip("-").isdigit():
                raise wrong("head_starts are by priority, a whole number")
        needed = _NEEDED[self.format]
        missing = [key for key in needed if not getattr(self.columns, key)]
        if missing:
            raise wrong(
                f"{self.format} logs need the columns {', '.join(missing)}",
                allowed=listed(Columns.model_fields),
            )
        said = self.columns.said()
        if self.format == "rows" and not {"wait_s", "began", "ended"} & said.keys():
            raise wrong("name wait_s, or began and ended, for waits to be known")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "rows": ("queued", "outcome"),
    "queue_log": (),
    "intervals": ("begins", "offered"),
}


class MappingInvalid(DocumentInvalid):
    """The file is no mapping; `problems` has every reason."""


MAPPING: Final = Kind(
    called="mapping",
    model=Mapping,
    schema=SchemaOf(Mapping, "Santral log mapping"),
    refusal=MappingInvalid,
    least="say which preset it is like",
    begins="like: bank",
    checks=lambda values: (),
)


def read_mapping(source: str) -> Mapping:
    """The preset called `source`, or the mapping in the file of that name.

    Raises MappingInvalid.
    """
    if source in PRESETS:
        return Mapping.model_validate(PRESETS[source])
    if not Path(source).exists():
        message = "is neither a preset nor a file"
        problem = Problem(
            0, 0, "", "", message, listed(PRESETS), meant(source, PRESETS)
        )
        raise MappingInvalid([problem], source)
    return load_mapping(bytes_of(source, MAPPING), file=source)


def load_mapping(text: str | bytes, *, file: str = "mapping") -> Mapping:
    """The mapping in a YAML text. Raises MappingInvalid."""
    return validated(sheet_of(text, MAPPING, file), MAPPING, file)
