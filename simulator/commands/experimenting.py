"""What `run` and `compare` share: options, plans, the progress bar, and plain refusals."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from router.policy.problem import DocumentInvalid
from simulator.commands.progress import bar_of
from simulator.crew import ExperimentFailed, Plan
from simulator.experiment import About
from simulator.scenario.load import read_scenario
from simulator.scenario.warnings import warnings
from simulator.sweep import Listener, Progress

REPLICATIONS: Final = 30
REPLICATIONS_FOR_PRECISION: Final = 10_000
INTERRUPTED: Final = 130
"""The exit status of a run that was stopped; its result is printed all the same."""

Replications = Annotated[
    int | None,
    typer.Option(
        min=1,
        help=f"So many runs; {REPLICATIONS} by default, and with --precision at most "
        f"{REPLICATIONS_FOR_PRECISION:,}.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Which random numbers are drawn.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes; one for each core by default."),
]
Precision = Annotated[
    str | None,
    typer.Option(
        help="Go on until service levels are known so well, such as 1%: half the width "
        "of their confidence intervals."
    ),
]
Confidence = Annotated[
    str, typer.Option(help="Of the confidence intervals, such as 95%.")
]
ClusterAt = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="A Dask scheduler instead of this machine's cores, such as "
        "tcp://10.0.0.1:8786.",
    ),
]
Html = Annotated[Path | None, typer.Option("--html", help="Write an offline page.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write tables to a folder.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook.")]
JsonOut = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?(%?)")


def replications_of(count: int | None, precision: float | None) -> int:
    """How many there are at most."""
    default = REPLICATIONS if precision is None else REPLICATIONS_FOR_PRECISION
    return count or default


def share(option: str, text: str) -> float:
    """A share above 0 and below 1, as 5% or 0.05; fails as an option that is wrong."""
    match = _PERCENT.fullmatch(text.strip())
    value = -1.0
    if match:
        value = float(match[1]) / (100 if match[2] else 1)
    if not 0 < value < 1:
        raise typer.BadParameter(
            f'"{text}" is no share between 0% and 100%, such as 1% or 0.01',
            param_hint=option,
        )
    return value


@dataclass(frozen=True, slots=True)
class Planned:
    """A scenario that is ready to run."""

    plan: Plan
    about: About
    """What its result says of it."""
    first_day: date
    """The date on which its days begin, by which reports name them."""


def planned(path: Path) -> Planned:
    """Read a scenario's file and make a plan of it."""
    loaded = read_scenario(path)
    from simulator.plan import plan_of

    about = About(
        scenario=loaded.scenario.scenario,
        digests=tuple(loaded.digests.items()),
        warnings=tuple(warnings(loaded)),
    )
    first_day = date.fromisoformat(loaded.scenario.calendar.starts)
    return Planned(plan_of(loaded), about, first_day)


@contextmanager
def refusals(*invalid: type[Exception]) -> Iterator[None]:
    """Whatever a person can put right is told plainly and with a status, no traceback.

    `invalid` are further refusals, beside those of documents.
    """
    told: tuple[type[Exception], ...] = (DocumentInvalid, *invalid)
    try:
        yield
    except told as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    except ExperimentFailed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(2) from None
    except OSError as wrong:
        named = f"{wrong.filename}: " if wrong.filename else ""
        typer.echo(f"{named}{wrong.strerror or wrong}", err=True)
        raise typer.Exit(2) from None


@contextmanager
def bar(what: str) -> Iterator[Listener]:
    """A progress bar over replications."""
    with bar_of("replications") as shown:
        line = shown.add_task(what, total=None)

        def progress(now: Progress) -> None:
            shown.update(line, completed=now.done, total=now.total)

        yield progress


def say(lines: Iterable[str]) -> None:
    """Warnings, on standard error: standard output belongs to results."""
    for line in lines:
        typer.echo(f"warning: {line}", err=True)


def say_written(files: Iterable[Path]) -> None:
    """Where reports are, on standard error."""
    for file in files:
        typer.echo(f"written: {file}", err=True)
