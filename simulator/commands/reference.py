"""`santral-simulator reference`: systems with known answers, simulated and compared.

Reads the file, lets `simulator.reference` run the cases in as many processes as there are
cores, and shows what came of each.
"""

import json
import math
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from simulator.commands.progress import bar_of
from simulator.reference.estimates import Estimate, flat, worst
from simulator.reference.reading import Case, CasesInvalid, read_cases
from simulator.reference.running import Verdict, as_values, verdict_of

FAR: Final = 4.0
"""A |z| from here on says that something is wrong."""
WIDTH: Final = 160
"""Of the table where it does not go to a terminal."""
FEW: Final = 50_000
SHOWN_OF_A_LIST: Final = 4


def reference(
    file: Annotated[Path, typer.Argument(help="Cases with known answers (JSON).")],
    ids: Annotated[
        list[str] | None, typer.Argument(help="Only these cases; all by default.")
    ] = None,
    interactions: Annotated[
        int,
        typer.Option(
            "--contacts", min=1_000, help="About how many interactions in each case."
        ),
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the random numbers.")] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="A case by its id; may be repeated.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one a core by default.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help=f"Exit with 1 where |z| reaches {FAR:g}.")
    ] = False,
    json_out: Annotated[
        bool, typer.Option("--json", help="Print JSON for machines.")
    ] = False,
) -> None:
    """Simulate every case of a file and say how far each output is from what is known.

    The cases are written as scenarios and policies from their parameters. z is the
    difference in standard errors, those of a published estimate included.
    """
    try:
        cases = read_cases(file, (*(ids or ()), *(only or ())))
    except CasesInvalid as invalid:
        typer.echo(str(invalid), err=True)
        raise typer.Exit(2) from None
    if interactions < FEW:
        typer.echo(
            f"fewer than {FEW:,} interactions: errors are estimated from batches that are "
            "too short, and z may be far for no reason",
            err=True,
        )
    count = min(len(cases), workers or os.cpu_count() or 1)
    verdicts = []
    with bar_of("cases", width=36) as bar:
        row = bar.add_task("cases", total=len(cases))
        for verdict in _verdicts(cases, interactions, seed, count):
            verdicts.append(verdict)
            bar.update(row, advance=1, description=verdict.id)
    if json_out:
        values = {
            "file": file.name,
            "interactions": interactions,
            "seed": seed,
            "cases": [as_values(verdict) for verdict in verdicts],
        }
        typer.echo(json.dumps(values, ensure_ascii=False, allow_nan=False))
    else:
        _show(verdicts)
    if strict and any(_is_far(verdict) for verdict in verdicts):
        raise typer.Exit(1)


def _verdicts(
    cases: tuple[Case, ...], interactions: int, seed: int, workers: int
) -> Iterator[Verdict]:
    """In the order of the file, whoever is done first."""
    if workers == 1:
        for case in cases:
            yield verdict_of(case, interactions, seed)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(verdict_of, case, interactions, seed) for case in cases]
        try:
            for one in waiting:
                yield one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _is_far(verdict: Verdict) -> bool:
    return any(
        not abs(part.z) < FAR
        for estimate in (verdict.outputs or {}).values()
        if estimate.compared is not None
        for part in flat(estimate.compared)
    )


# ------------------------------------------------------------------ for people


def _show(verdicts: list[Verdict]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("case", overflow="fold")
    table.add_column("output", overflow="fold")
    for name in ("exact", "simulated", "z, or the worst"):
        table.add_column(name, justify="right")
    for verdict in verdicts:
        if not verdict.expressed:
            table.add_row(verdict.id, f"not expressed: {verdict.reason}", "", "", "")
            continue
        first = verdict.id
        for name, estimate in (verdict.outputs or {}).items():
            table.add_row(first, *_row(name, estimate))
            first = ""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)
    console.print(_summary(verdicts))


def _row(name: str, estimate: Estimate) -> tuple[str, str, str, str]:
    if estimate.compared is None:
        return name, f"{_short(estimate.exact)} {estimate.reason}", "", ""
    parts = flat(estimate.compared)
    exact = " ".join(f"{part.exact:.6g}" for part in parts[:SHOWN_OF_A_LIST])
    simulated = " ".join(f"{part.simulated:.6g}" for part in parts[:SHOWN_OF_A_LIST])
    more = len(parts) - SHOWN_OF_A_LIST
    if more > 0:
        exact, simulated = f"{exact} …", f"{simulated} …"
        name = f"{name} ({len(parts)})"
    z = worst(estimate.compared)
    text = f"{z:.2f}"
    return name, exact, simulated, text if abs(z) < FAR else f"[bold red]{text}[/]"


def _short(value: Any) -> str:
    return json.dumps(value)[:40]


def _summary(verdicts: list[Verdict]) -> str:
    expressed = [verdict for verdict in verdicts if verdict.expressed]
    zs = [
        part.z
        for verdict in expressed
        for estimate in (verdict.outputs or {}).values()
        if estimate.compared is not None
        for part in flat(estimate.compared)
    ]
    far = sum(1 for z in zs if not abs(z) < FAR)
    known = [abs(z) for z in zs if not math.isnan(z)]
    return (
        f"{len(expressed)} of {len(verdicts)} cases expressed, {len(zs)} numbers "
        f"compared: {far} with |z| from {FAR:g} on, the largest {max(known, default=0):.2f}"
    )
