"""`santral-simulator compare`: two scenarios, the same customers, and what differs."""

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
from simulator.experiment import compare as compared


def compare(
    scenario: Annotated[Path, typer.Argument(help="The scenario file (YAML).")],
    other: Annotated[Path, typer.Argument(help="The one to compare it with.")],
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
    """Simulate two scenarios under common random numbers: what the second changes,
    figure by figure, with the confidence interval of the difference.
    """
    wanted = None if precision is None else share("--precision", precision)
    sure = share("--confidence", confidence)
    with refusals():
        first, second = planned(scenario), planned(other)
        abouts = first.about, second.about
        with bar(" and ".join(about.scenario for about in abouts)) as progress:
            comparison = compared(
                first.plan,
                second.plan,
                replications=replications_of(replications, wanted),
                seed=seed,
                workers=workers,
                precision=wanted,
                confidence=sure,
                progress=progress,
                cluster=cluster,
                about=abouts,
            )
        if json_out:
            typer.echo(json.dumps(comparison.summary(), ensure_ascii=False))
            say(dict.fromkeys((*first.about.warnings, *second.about.warnings)))
        else:
            from simulator.report.terminal import print_comparison

            print_comparison(comparison)
        if html or csv or xlsx:
            from simulator.report.write import write_comparison

            say_written(
                write_comparison(comparison, html, csv, xlsx, first_day=first.first_day)
            )
    if comparison.partial:
        raise typer.Exit(INTERRUPTED)
