"""The tables as one workbook: numbers are numbers, heads stay in sight, and a name is
never a formula.

The first sheets are for reading: service levels by interval as a heat map, and the
figures by queue and by staff side by side. The others are the tables as they are. The
same result gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import numpy as np
import xlsxwriter

from simulator.figures import Kind
from simulator.report.files import Sheet
from simulator.report.words import pair_name, said
from simulator.result import Result

FORMATS: Final[Mapping[str, str]] = {
    "share": "0.0%", "s": "0.0", "count": "#,##0.0", "h": "#,##0.0", "mean": "0.00",
    "money": "#,##0",
}  # fmt: skip
ROWS_MOST: Final = 1_048_575
"""As many as a sheet of Excel holds, below its heads."""
COLUMNS_MOST: Final = 200
WIDE: Final = 26
MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A workbook must say when it was made; the same result says the same."""
MEANS: Final = ("mean", "half_width", "first_mean", "first_half_width", "second_mean",
                "second_half_width", "difference", "difference_half_width")  # fmt: skip


def workbook_of(
    title: str, sheets: Sequence[Sheet], result: Result | None = None
) -> bytes:
    """The whole workbook; with a `result`, its sheets for reading come first."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"title": title, "created": MADE})
    pen = _Pen(book)
    if result is not None:
        _side_by_side(pen, result, "Queues", "pair")
        if result.layout.staff:
            _side_by_side(pen, result, "Staff", "staff")
        _heat_map(pen, result)
    for sheet in sheets:
        _table(pen, sheet)
    book.close()
    return buffer.getvalue()


class _Pen:
    """The workbook and its formats, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.alarm = book.add_format({"bold": True, "font_color": "#8a1f00"})
        self.units = {
            unit: book.add_format({"num_format": text})
            for unit, text in FORMATS.items()
        }

    def sheet(self, name: str, heads: Sequence[str], names: int) -> Any:
        """A sheet whose heads, and as many of its first columns, stay in sight."""
        sheet = self.book.add_worksheet(name)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.head)
        sheet.freeze_panes(1, names)
        sheet.set_column(0, max(names - 1, 0), WIDE)
        return sheet


def _side_by_side(pen: _Pen, result: Result, name: str, kind: Kind) -> None:
    """One row for each thing: every figure, and its half width beside it."""
    figures = result.figures(kind)
    firsts = ["Queue", "Channel"] if kind == "pair" else ["Staff"]
    heads = [*firsts]
    for figure in figures:
        heads += [said(figure).title, "±"]
    sheet = pen.sheet(name, heads, len(firsts))
    for number, thing in enumerate(result.names(kind)):
        row = number + 1
        named = result.layout.pairs[number] if kind == "pair" else (thing,)
        for column, text in enumerate(named):
            sheet.write_string(row, column, text)
        for at, figure in enumerate(figures):
            estimate = result.estimate(kind, number, figure)
            pen_format = pen.units[said(figure).unit]
            for side, value in enumerate((estimate.mean, estimate.half_width)):
                if value is not None:
                    column = len(firsts) + 2 * at + side
                    sheet.write_number(row, column, value, pen_format)
    if result.partial:
        sheet.write_string(
            len(result.names(kind)) + 2,
            0,
            f"PARTIAL: stopped after {result.replications} of {result.asked} "
            "replications",
            pen.alarm,
        )


def _heat_map(pen: _Pen, result: Result) -> None:
    """Service level by interval and queue, coloured from orange to blue."""
    layout = result.layout
    pairs = layout.pairs[:COLUMNS_MOST]
    sheet = pen.sheet(
        "Service level by interval", ["Interval", *map(pair_name, pairs)], 1
    )
    found = result.by_interval("pair", "service_level").mean
    row = 0
    for time in range(min(result.times, ROWS_MOST)):
        known = np.isfinite(found[time, : len(pairs)])
        if not known.any():
            continue
        row += 1
        sheet.write_string(row, 0, result.time_label(time))
        for pair in np.flatnonzero(known).tolist():
            value = float(found[time, pair])
            sheet.write_number(row, pair + 1, value, pen.units["share"])
    for column in range(len(pairs) if row else 0):
        sheet.conditional_format(
            1,
            column + 1,
            row,
            column + 1,
            {
                "type": "3_color_scale",
                "min_type": "num",
                "mid_type": "num",
                "max_type": "num",
                "min_value": 0,
                "mid_value": layout.pair_target_percent[column] / 100,
                "max_value": 1,
                "min_color": "#E0843F",
                "mid_color": "#FFFFFF",
                "max_color": "#5BA3D0",
            },
        )


def _table(pen: _Pen, table: Sheet) -> None:
    """A table as it is, with a filter on its heads; what does not fit is said."""
    columns = table.columns
    sheet = pen.sheet(table.name, columns, 0)
    sheet.set_column(0, len(columns) - 1, 16)
    number = 0
    for row in table.rows():
        if number == ROWS_MOST:
            sheet.write_string(0, len(columns) + 1, "CUT: CSV has all rows", pen.alarm)
            break
        number += 1
        unit = said(str(row.get("measure", ""))).unit
        for at, column in enumerate(columns):
            cell = row[column]
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(number, at, cell)
            elif cell is not None:
                shown = pen.units[unit] if column in MEANS else None
                sheet.write_number(number, at, cell, shown)
    sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
