"""`santral-simulator fit`: a scenario from the log of a telephone system.

Reads the options and lets `simulator.fit` do the rest: `source` reads, `fitting` and
`table_fit` estimate, `scenario_writer` writes.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from router.policy.load import read_policy
from simulator.commands import experimenting
from simulator.fit.fitting import Fitted, described, fit_log
from simulator.fit.log import DAY_MS, IntervalTable, Log, day_of
from simulator.fit.mapping import Mapping, read_mapping
from simulator.fit.problems import LogInvalid, refusal
from simulator.fit.routing import Routing, RoutingWrong, given_routing, own_routing
from simulator.fit.scenario_writer import (
    policy_file,
    policy_text,
    scenario_text,
    scenario_values,
)
from simulator.fit.source import between, read_log
from simulator.fit.table_fit import (
    TableFit,
    described_table,
    fit_table,
    remarks_on_table,
    table_scenario,
)
from simulator.fit.yaml_writer import yaml_text
from simulator.scenario.load import read_scenario

LogFile = Annotated[
    Path, typer.Argument(help="The log (CSV, or Asterisk's queue_log).")
]
MappingOption = Annotated[
    str,
    typer.Option(
        "--mapping",
        help="Which column is what: bank, asterisk, intervals, or a YAML file.",
    ),
]
From = Annotated[
    str | None, typer.Option("--from", help="The first day that counts, YYYY-MM-DD.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="The last day that counts, YYYY-MM-DD.")
]
Lenient = Annotated[
    bool, typer.Option("--lenient", help="Leave bad rows out and count them.")
]
NoGrowth = Annotated[
    bool, typer.Option("--no-growth", help="Expect no trend, whatever the log shows.")
]
JsonOut = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def fit(
    log: LogFile,
    mapping: MappingOption,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the scenario here; a policy goes beside it unless one is given."
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Route by this policy instead of one of its own."),
    ] = None,
    queue: Annotated[
        list[str] | None,
        typer.Option(help="TYPE=QUEUE: the queue of --policy for a type of the log."),
    ] = None,
    first: From = None,
    last: Until = None,
    days: Annotated[
        int, typer.Option(min=1, max=3_660, help="Days that the scenario runs.")
    ] = 7,
    lenient: Lenient = False,
    no_growth: NoGrowth = False,
    json_out: JsonOut = False,
) -> None:
    """Make a scenario of a log: arrival curves with their noise, handle times, patience,
    head starts, retries, and the staff that was seen at work.
    """
    with refusals():
        fitted = _fitted(
            log, mapping, (first, last), lenient=lenient, growth=not no_growth
        )
        if out is not None:
            _write(fitted, out, policy, queue or [], days)
    told = (
        described_table(fitted) if isinstance(fitted, TableFit) else described(fitted)
    )
    if json_out:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    _show(told)
    if out is not None:
        typer.echo(f"written: {out}")


def _fitted(
    path: Path,
    mapping: str,
    dates: tuple[str | None, str | None],
    *,
    lenient: bool,
    growth: bool,
) -> Fitted | TableFit:
    how = read_mapping(mapping)
    found = read_between(path, how, dates, lenient=lenient)
    with Console(stderr=True).status(f"fitting {len(found)} rows"):
        try:
            if isinstance(found, IntervalTable):
                return fit_table(found, growth=growth)
            return fit_log(found, how, growth=growth)
        except ValueError as wrong:
            raise refusal(str(path), str(wrong)) from None


def read_between(
    path: Path, mapping: Mapping, dates: tuple[str | None, str | None], *, lenient: bool
) -> Log | IntervalTable:
    """The rows of a file between two dates, both included."""
    first, last = (
        day(text, name) for text, name in zip(dates, ("--from", "--until"), strict=True)
    )
    with Console(stderr=True).status(f"reading {path}"):
        found = read_log(path, mapping, lenient=lenient)
    if isinstance(found, Log):
        return between(found, first, last)
    chosen = np.ones(len(found), dtype=bool)
    if first is not None:
        chosen &= found.begins_ms // DAY_MS >= day_of(first)
    if last is not None:
        chosen &= found.begins_ms // DAY_MS <= day_of(last)
    if not chosen.any():
        raise refusal(str(path), "has no row between the dates")
    arrays: dict[str, Any] = {
        name: value[chosen]
        for name in found.__slots__
        if isinstance(value := getattr(found, name), np.ndarray)
    }
    return replace(found, **arrays)


def day(text: str | None, option: str) -> date | None:
    """The date that an option says."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        raise typer.BadParameter(
            f'"{text}" is no date such as 1999-08-16', param_hint=option
        ) from None


def _write(
    fitted: Fitted | TableFit,
    out: Path,
    policy: Path | None,
    queues: list[str],
    days: int,
) -> None:
    """The scenario, and a policy beside it unless one is given; both are then read as
    anybody would, so what is written is sound.
    """
    types = fitted.table.types if isinstance(fitted, TableFit) else fitted.log.types
    routing = _routing(types, out, policy, queues)
    if policy is None:
        beside = out.parent / routing.file
        if isinstance(fitted, TableFit):
            text = policy_file(types, 0, fitted.table.file, "as the table shows")
        else:
            text = policy_text(fitted)
        beside.write_text(text, encoding="utf-8")
    if isinstance(fitted, TableFit):
        first_day = fitted.arrivals.reference_day
        values = table_scenario(fitted, routing, first_day, days)
        text = yaml_text(values, remarks_on_table(fitted))
    else:
        values = scenario_values(
            fitted, policy=routing, first_day=fitted.arrivals.reference_day, days=days
        )
        text = scenario_text(fitted, values)
    out.write_text(text, encoding="utf-8")
    for doubt in read_scenario(out).doubts:
        typer.echo(f"{out}:{doubt}", err=True)


def _routing(
    types: tuple[str, ...], out: Path, policy: Path | None, queues: list[str]
) -> Routing:
    if policy is None and queues:
        raise typer.BadParameter("goes with --policy", param_hint="--queue")
    if policy is None:
        return own_routing(types, f"{out.stem}.policy.yaml")
    chosen = {}
    for pair in queues:
        kind, equals, name = pair.partition("=")
        if not equals or kind not in types:
            raise typer.BadParameter(
                f'"{pair}" must be TYPE=QUEUE with a type of the log: {", ".join(types)}',
                param_hint="--queue",
            )
        chosen[kind] = name
    file = policy.resolve()
    folder = out.resolve().parent
    named = _seen_from(file, folder)
    return given_routing(types, named, read_policy(policy), chosen)


def _seen_from(file: Path, folder: Path) -> str:
    """A path as it is written in a file of `folder`."""
    ups = 0
    while not file.is_relative_to(folder):
        folder = folder.parent
        ups += 1
    return "../" * ups + file.relative_to(folder).as_posix()


def refusals() -> AbstractContextManager[None]:
    """The refusals of every command, and those of logs."""
    return experimenting.refusals(LogInvalid, RoutingWrong)


def _show(told: dict[str, Any]) -> None:
    """The streams and the noise, for people."""
    console = Console()
    console.print(f"{told['used']} rows of {told['rows']} used, {told['bad_rows']} bad")
    table = Table(
        "stream", "rows", "head start", "handle", "mean", "patience", "gave up"
    )
    for name, one in told["streams"].items():
        if "service" not in one:
            handle, patience = one["handle_mean_s"], one["patience_mean_s"]
            rows = f"{one['offered']:.0f}"
            table.add_row(
                name,
                rows,
                "",
                "exponential",
                f"{handle:.0f} s",
                f"exponential, {patience:.0f} s",
                "",
            )
            continue
        service, patience = one["service"], one["patience"]
        table.add_row(
            name,
            str(one["rows"]),
            f"{one['head_start_s']:.0f} s",
            service["chosen"],
            f"{service['mean_s']:.0f} s",
            patience["chosen"] if patience else "without end",
            f"{patience['abandoned']} of {patience['waited']}" if patience else "",
        )
    console.print(table)
    noise = told["arrivals"]
    shape = noise["day_gamma_shape"]
    console.print(
        f"day factor: {f'gamma of shape {shape:.0f}' if shape else 'none'}; within the day: "
        f"sd {noise['within_day_sd']:.2f}, correlation {noise['within_day_correlation']:.2f}; "
        f"growth a day {noise['growth_a_day']:+.2%}"
    )
