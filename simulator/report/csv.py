"""The tables as CSV files in a folder: one table a file, numbers with a decimal point.

UTF-8 with a byte order mark, without which Excel reads Turkish and Greek letters as
something else. A name that a spreadsheet would take for a formula (it begins with `=`,
`+`, `-` or `@`) gets an apostrophe in front.
"""

import csv
from pathlib import Path
from typing import Final

from simulator.report.files import Sheet
from simulator.report.place import placed
from simulator.report.tables import Cell

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(sheets: list[Sheet], folder: Path) -> list[Path]:
    """Write each table to `folder`, which is made if need be; returns the files."""
    written = []
    for sheet in sheets:
        path = folder / f"{sheet.name}.csv"
        with (
            placed(path) as temporary,
            temporary.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(sheet.columns)
            for row in sheet.rows():
                writer.writerow([_written(row[column]) for column in sheet.columns])
        written.append(path)
    return written


def _written(cell: Cell) -> str:
    """Twelve digits are more than a simulation knows, and the same on every machine."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    text = str(cell)
    return (
        f"'{text}"
        if isinstance(cell, str) and text.startswith(FORMULA_STARTS)
        else text
    )
