"""`santral-simulator check`: is a scenario sound, and can its staff bear what is offered?

Prints every problem with file, line and key, or the offered loads and what to know
before a run.
"""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from router.policy.problem import Problem
from simulator.scenario.load import Loaded, ScenarioInvalid, read_scenario
from simulator.scenario.load_offered import Offered, offered_load
from simulator.scenario.warnings import warnings

WHOLE = "everything"
"""What the line of all queues together is called."""


def check(
    scenario: Annotated[Path, typer.Argument(help="The scenario file (YAML).")],
    json_out: Annotated[
        bool, typer.Option("--json", help="Print JSON for machines.")
    ] = False,
) -> None:
    """Check a scenario and its policy: every problem with its file, line and key, or
    the offered loads and what to know before a run.
    """
    try:
        loaded = read_scenario(scenario)
    except ScenarioInvalid as invalid:
        if json_out:
            typer.echo(json.dumps(_refused(invalid), ensure_ascii=False))
        else:
            typer.echo(str(invalid), err=True)
        raise typer.Exit(1) from None
    rows, told = offered_load(loaded), warnings(loaded)
    if json_out:
        typer.echo(json.dumps(as_values(loaded, rows, told), ensure_ascii=False))
    else:
        show(loaded, rows, told, Console(highlight=False))


def as_values(loaded: Loaded, rows: list[Offered], told: list[str]) -> dict[str, Any]:
    """A sound scenario as plain values; an occupancy without bound is null."""
    queues = [_values(row) for row in rows]
    return {
        "file": str(loaded.path),
        "valid": True,
        "scenario": loaded.scenario.scenario,
        "policy": loaded.policy.name,
        "digests": loaded.digests,
        "queues": [row for row in queues if row["queue"]],
        "whole": next((row for row in queues if not row["queue"]), None),
        "warnings": told,
    }


def show(
    loaded: Loaded, rows: list[Offered], told: list[str], console: Console
) -> None:
    """Print a table of the loads, then the warnings."""
    scenario = loaded.scenario
    console.print(
        f"{loaded.path}: sound; scenario {scenario.scenario}, policy "
        f"{loaded.policy.name}, days {scenario.days}",
        markup=False,
    )
    one_day = scenario.days == 1
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("queue")
    for heading in ("an hour", "busiest", "when", "handle", "Erlang", "agents", "busy"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.name or WHOLE,
            f"{row.per_hour:,.0f}",
            f"{row.per_hour_busiest:,.0f}",
            row.busiest.begins if one_day else str(row.busiest)[5:16],
            f"{row.handle_ms / 1000:,.0f} s",
            f"{row.erlang_busiest:,.1f}",
            f"{row.agents:,.1f}",
            f"{row.occupancy:.0%}" if math.isfinite(row.occupancy) else "-",
        )
    console.print(table)
    for line in told:
        console.print(f"warning: {line}", markup=False, soft_wrap=True)


def _values(row: Offered) -> dict[str, Any]:
    return {
        "queue": row.name,
        "per_hour": row.per_hour,
        "per_hour_busiest": row.per_hour_busiest,
        "busiest": str(row.busiest),
        "handle_s": row.handle_ms / 1000,
        "erlang": row.erlang,
        "erlang_busiest": row.erlang_busiest,
        "agents": row.agents,
        "occupancy": row.occupancy if math.isfinite(row.occupancy) else None,
    }


def _refused(invalid: ScenarioInvalid) -> dict[str, Any]:
    problems = [_problem(invalid.file, problem) for problem in invalid.problems]
    if invalid.policy is not None:
        file = invalid.policy.file
        problems += [_problem(file, problem) for problem in invalid.policy.problems]
    return {"file": invalid.file, "valid": False, "problems": problems}


def _problem(file: str, problem: Problem) -> dict[str, Any]:
    return {
        "file": file,
        "line": problem.line,
        "column": problem.column,
        "key": problem.key,
        "value": problem.value,
        "message": problem.message,
        "allowed": problem.allowed,
        "suggestion": problem.suggestion,
    }
