"""`santral-simulator backtest`: predict days that are known, and say how well.

Reads the options, lets `simulator.backtest` work, and shows what came of it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from router.policy.suggest import meant
from simulator.backtest import MODES, Backtest, backtest_scenario
from simulator.backtest import backtest as run_backtest
from simulator.backtest_figures import summary
from simulator.commands.fit import (
    From,
    JsonOut,
    Lenient,
    LogFile,
    MappingOption,
    NoGrowth,
    Until,
    day,
    read_between,
    refusals,
)
from simulator.commands.progress import bar_of
from simulator.fit.log import Log, day_of
from simulator.fit.mapping import read_mapping
from simulator.fit.problems import refusal
from simulator.scenario.load import read_scenario


def backtest(
    log: LogFile,
    mapping: MappingOption,
    split: Annotated[
        str | None, typer.Option(help="The first day held back, YYYY-MM-DD.")
    ] = None,
    last_days: Annotated[
        int, typer.Option(min=1, help="Without --split: so many days are held back.")
    ] = 7,
    scenario: Annotated[
        Path | None,
        typer.Option(help="Compare this scenario with the log, from its first day on."),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(help=f"Of {', '.join(MODES)}; may be repeated. All by default."),
    ] = None,
    replications: Annotated[
        int, typer.Option(min=2, help="Simulations of each day.")
    ] = 100,
    seed: Annotated[
        int, typer.Option(min=0, help="Which random numbers are drawn.")
    ] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one for each core by default.")
    ] = None,
    first: From = None,
    last: Until = None,
    lenient: Lenient = False,
    no_growth: NoGrowth = False,
    out: Annotated[
        Path | None, typer.Option("--out", "--csv", help="Write tables to a folder.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write an offline page.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write a workbook.")
    ] = None,
    json_out: JsonOut = False,
) -> None:
    """Fit the first days of a log, simulate the others, and compare: offered, answered,
    abandoned, waits and service level by interval, with 80 % bands.
    """
    modes = _modes(mode or list(MODES))
    with refusals():
        how = read_mapping(mapping)
        found = read_between(log, how, (first, last), lenient=lenient)
        if not isinstance(found, Log):
            raise refusal(str(log), "is a table of intervals: a back-test needs a log")
        try:
            with _bar() as progress:
                if scenario is not None:
                    result = backtest_scenario(
                        read_scenario(scenario),
                        found,
                        replications=replications,
                        seed=seed,
                        workers=workers,
                        progress=progress,
                    )
                else:
                    result = run_backtest(
                        found,
                        how,
                        held_back(found, split, last_days),
                        modes=modes,
                        replications=replications,
                        seed=seed,
                        workers=workers,
                        growth=not no_growth,
                        progress=progress,
                    )
        except ValueError as wrong:
            raise refusal(str(log), str(wrong)) from None
        if out or html or xlsx:
            from simulator.report.write import write_backtest

            write_backtest(result, html=html, csv=out, xlsx=xlsx)
    _tell(result, json_out=json_out)


def held_back(log: Log, split: str | None, last_days: int) -> list[int]:
    """The days from the split on, or so many at the end."""
    days = [int(one) for one in np.unique(log.day)]
    begins = day(split, "--split")
    if begins is None:
        return days[-last_days:]
    later = [one for one in days if one >= day_of(begins)]
    if not later:
        raise typer.BadParameter(
            f"the log has no row on or after {split}", param_hint="--split"
        )
    return later


def _modes(asked: list[str]) -> list[str]:
    for one in asked:
        if one not in MODES:
            guess = meant(one, MODES)
            hint = f'; did you mean "{guess}"?' if guess else ""
            raise typer.BadParameter(
                f'"{one}" is none of {", ".join(MODES)}{hint}', param_hint="--mode"
            )
    return asked


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar over simulated days."""
    with bar_of("simulated days") as shown:
        line = shown.add_task("back-test", total=None)

        def progress(done: int, total: int) -> None:
            shown.update(line, completed=done, total=total)

        yield progress


def _tell(result: Backtest, *, json_out: bool) -> None:
    if json_out:
        typer.echo(json.dumps(summary(result), ensure_ascii=False))
        return
    from simulator.report.terminal import print_backtest

    print_backtest(result)
