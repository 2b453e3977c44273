"""`santral-simulator run`: simulate a scenario and report its figures.

The experiment is `simulator.experiment`'s, the tables and pages are
`simulator.report`'s; this file reads the options and puts both together.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.commands.experimenting import (
    INTERRUPTED,
    ClusterAt,
    Confidence,
    Csv,
    Html,
    JsonOut,
    Precision,
    Replications,
    Seed,
    Workers,
    Xlsx,
    bar,
    planned,
    refusals,
    replications_of,
    say,
    say_written,
    share,
)
from simulator.experiment import run_experiment


def run(
    scenario: Annotated[Path, typer.Argument(help="The scenario file (YAML).")],
    replications: Replications = None,
    seed: Seed = 1,
    workers: Workers = None,
    precision: Precision = None,
    confidence: Confidence = "95%",
    cluster: ClusterAt = None,
    html: Html = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    json_out: JsonOut = False,
) -> None:
    """Simulate a scenario: figures by queue, channel, stream and staff, each with its
    confidence interval. Ctrl-C ends early with what is complete.
    """
    wanted = None if precision is None else share("--precision", precision)
    sure = share("--confidence", confidence)
    with refusals():
        ready = planned(scenario)
        with bar(ready.about.scenario) as progress:
            result = run_experiment(
                ready.plan,
                replications=replications_of(replications, wanted),
                seed=seed,
                workers=workers,
                precision=wanted,
                confidence=sure,
                progress=progress,
                cluster=cluster,
                about=ready.about,
            )
        if json_out:
            typer.echo(json.dumps(result.summary(), ensure_ascii=False))
            say(result.warnings)
        else:
            from simulator.report.terminal import print_result

            print_result(result)
        if html or csv or xlsx:
            from simulator.report.write import write_reports

            say_written(
                write_reports(result, html, csv, xlsx, first_day=ready.first_day)
            )
    if result.partial:
        raise typer.Exit(INTERRUPTED)
