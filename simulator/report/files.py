"""Which tables a report has, and what their files and sheets are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from simulator.comparison import Comparison
from simulator.report import compared, tables
from simulator.report.tables import Rows
from simulator.result import Result


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its columns, and how its rows are made."""

    name: str
    columns: Sequence[str]
    rows: Rows


def sheets_of(result: Result, first_day: date | None = None) -> list[Sheet]:
    """Every table of a result."""
    return [
        Sheet("figures", tables.FIGURE_COLUMNS, partial(tables.figure_rows, result)),
        Sheet("waits", tables.WAIT_COLUMNS, partial(tables.wait_rows, result)),
        Sheet("worst", tables.WORST_COLUMNS, partial(tables.worst_rows, result)),
        Sheet(
            "intervals",
            tables.INTERVAL_COLUMNS,
            partial(tables.interval_rows, result, first_day),
        ),
        Sheet("about", tables.ABOUT_COLUMNS, partial(tables.about_rows, result)),
    ]


def sheets_of_comparison(
    comparison: Comparison, first_day: date | None = None
) -> list[Sheet]:
    """What differs, and every table of the second plan."""
    rows = partial(compared.comparison_rows, comparison)
    return [
        Sheet("comparison", compared.COMPARISON_COLUMNS, rows),
        *sheets_of(comparison.second, first_day),
    ]
