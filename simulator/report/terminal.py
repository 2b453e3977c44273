"""A result on the terminal: the tables of the page, in rich."""

from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.comparison import Comparison
from simulator.report.differences import compared
from simulator.report.overview import Told, overview, worst
from simulator.report.tables import origin
from simulator.report.words import length_of
from simulator.result import Result

if TYPE_CHECKING:
    from simulator.backtest import Backtest

GAP: Final = 1
EDGES: Final = 3
NAME_MOST: Final = 24
"""Names longer than this are folded; figures never are."""


def print_result(result: Result, console: Console | None = None) -> None:
    """Print the figures by queue, channel and staff, the worst intervals, the
    warnings, and where they come from.
    """
    console = console or Console()
    console.print(
        f"[bold]{escape(result.scenario)}[/bold]: {result.replications} replications "
        f"of {length_of(result)}; means ± half widths at {result.confidence:.0%} confidence"
    )
    _alarm(result, console)
    for told in (*overview(result), *worst(result)):
        _show(told, console)
    _warnings(result, console)
    _origin(result, console)


def print_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print both plans side by side, and the second less the first."""
    console = console or Console()
    first, second = comparison.first, comparison.second
    console.print(
        f"[bold]{escape(second.scenario)}[/bold] against "
        f"[bold]{escape(first.scenario)}[/bold]: {comparison.replications} replications "
        f"in which both met the same customers; ± at {comparison.confidence:.0%} "
        "confidence"
    )
    _alarm(first, console)
    for told in compared(comparison):
        _show(told, console)
    for result in (first, second):
        _warnings(result, console)
    _origin(second, console)


def print_backtest(backtest: "Backtest", console: Console | None = None) -> None:
    """Print how far off each mode was, and how often its bands held what happened."""
    from simulator.report.held_back import errors_told

    console = console or Console()
    days = {run.day for run in backtest.runs}
    console.print(
        f"[bold]Back-test[/bold]: {backtest.fitted_days} days fitted, {len(days)} held "
        f"back, {backtest.replications} replications of each; bands from 10% to 90%"
    )
    for mode in backtest.modes:
        _show(errors_told(backtest, mode), console)
    console.print(f"[dim]seed {backtest.seed}[/dim]")


def _alarm(result: Result, console: Console) -> None:
    if result.partial:
        console.print(
            f"[bold white on red] PARTIAL [/] [bold]stopped after {result.replications} "
            f"of {result.asked} replications[/bold]: valid, and less sure than asked for"
        )


def _warnings(result: Result, console: Console) -> None:
    for warning in result.warnings:
        console.print(f"[bold yellow]warning:[/] {escape(warning)}")


def _origin(result: Result, console: Console) -> None:
    facts = [
        f"{what} {value}"
        for what, value in origin(result).items()
        if what not in ("scenario", "partial", "confidence")
    ]
    console.print(f"[dim]{escape(', '.join(facts))}[/dim]")


def _show(told: Told, console: Console) -> None:
    """A table, in as many pieces as the terminal's width asks for; names in each."""
    widths = [
        max([cell_len(head), *(cell_len(row[at]) for row in told.rows)]) + GAP
        for at, head in enumerate(told.heads)
    ]
    names = [min(width, NAME_MOST) for width in widths[: told.names]]
    room = console.width - sum(names) - EDGES
    pieces: list[list[int]] = [[]]
    used = 0
    for at in range(told.names, len(told.heads)):
        if pieces[-1] and used + widths[at] > room:
            pieces.append([])
            used = 0
        pieces[-1].append(at)
        used += widths[at]
    for number, piece in enumerate(pieces):
        caption = told.caption if number == 0 else None
        console.print(_table(told, [*range(told.names), *piece], caption))


def _table(told: Told, columns: list[int], caption: str | None) -> Table:
    table = Table(
        title=caption and escape(caption),
        title_justify="left",
        title_style="italic",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for at in columns:
        text = at < told.names
        table.add_column(
            escape(told.heads[at]),
            justify="left" if text else "right",
            overflow="fold",
            no_wrap=not text,
        )
    for number, row in enumerate(told.rows):
        table.add_row(
            *(
                f"[bold red]{escape(row[at])}[/]"
                if (number, at) in told.missed
                else escape(row[at])
                for at in columns
            )
        )
    return table
