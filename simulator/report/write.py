"""Reports into place: the functions that write files.

`html` and `xlsx` are files, `csv` is a folder. Each returns the files it wrote and
raises `Unwritable` for a place that cannot be written to; no half-written file is left
anywhere.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.comparison import Comparison
from simulator.report.csv import write_csv
from simulator.report.files import Sheet, sheets_of, sheets_of_comparison
from simulator.report.place import Unwritable, placed
from simulator.result import Result

if TYPE_CHECKING:
    from simulator.backtest import Backtest
    from simulator.report.html import Page

__all__ = ["Unwritable", "write_backtest", "write_comparison", "write_reports"]

# Vega and XlsxWriter are loaded only for the report that needs them.


def write_reports(
    result: Result,
    html: Path | None = None,
    csv: Path | None = None,
    xlsx: Path | None = None,
    *,
    first_day: date | None = None,
) -> list[Path]:
    """Write the reports of a run. `first_day` is the date on which it begins: the days
    are named by it.
    """

    def page() -> "Page":
        from simulator.report.pages import result_page

        return result_page(result, first_day)

    sheets = sheets_of(result, first_day)
    return _write(result.scenario, page, sheets, html, csv, xlsx, result)


def write_comparison(
    comparison: Comparison,
    html: Path | None = None,
    csv: Path | None = None,
    xlsx: Path | None = None,
    *,
    first_day: date | None = None,
) -> list[Path]:
    """Write what differs between two plans, and the figures of the second."""

    def page() -> "Page":
        from simulator.report.pages import comparison_page

        return comparison_page(comparison, first_day)

    second = comparison.second
    sheets = sheets_of_comparison(comparison, first_day)
    return _write(second.scenario, page, sheets, html, csv, xlsx, second)


def write_backtest(
    backtest: "Backtest",
    html: Path | None = None,
    csv: Path | None = None,
    xlsx: Path | None = None,
) -> list[Path]:
    """Write how a prediction fared."""
    from simulator.report.held_back import backtest_page, sheets_of_backtest

    sheets = sheets_of_backtest(backtest)
    return _write(
        "Back-test", lambda: backtest_page(backtest), sheets, html, csv, xlsx, None
    )


def _write(
    title: str,
    page: "Callable[[], Page]",
    sheets: list[Sheet],
    html: Path | None,
    csv: Path | None,
    xlsx: Path | None,
    result: Result | None,
) -> list[Path]:
    files = []
    if html is not None:
        from simulator.report.html import written

        text = written(page())
        with placed(html) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
        files.append(html)
    if csv is not None:
        files += write_csv(sheets, csv)
    if xlsx is not None:
        from simulator.report.xlsx import workbook_of

        book = workbook_of(title, sheets, result)
        with placed(xlsx) as temporary:
            temporary.write_bytes(book)
        files.append(xlsx)
    return files
