"""The one home of DuckDB: the rows of a file, and questions put to them in SQL.

Knows cells and lines, not what they mean: `rows`, `queue_log` and `intervals` ask.
"""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import numpy as np

from router.policy.suggest import listed, meant
from simulator.fit.problems import PROBLEMS_SHOWN, LogInvalid, RowProblem, refusal
from simulator.fit.text import LINE_COLUMN, number_lines

Cells = dict[str, np.ndarray[Any, Any]]

LINE: Final = f'"{LINE_COLUMN}"'
CELLS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Check:
    """Rows for which `wrong` holds are bad in `column`."""

    column: str
    wrong: str
    """A condition in SQL."""
    message: str


class Rows:
    """The rows of one file, as the table `raw` of texts, each with its line.

    Used as a context: the temporary files are gone when it ends.
    """

    def __init__(
        self,
        path: Path,
        *,
        encoding: str,
        separator: str,
        names: Sequence[str] = (),
        quoted: bool = True,
    ) -> None:
        """Load `path`. Without `names` the first row is the header; with them rows may
        be shorter. Raises LogInvalid.
        """
        self.file = str(path)
        self._folder = tempfile.TemporaryDirectory(prefix="santral-fit-")
        self._connection = duckdb.connect()
        self._bad: list[RowProblem] = []
        self._bad_lines: set[int] = set()
        self._count = 0
        try:
            self._load(path, encoding, separator, names, quoted)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        self._folder.cleanup()

    def ask(self, question: str, *values: Any) -> Cells:
        """The answer as arrays by column; NULL is NaN in a column of numbers."""
        found = self._connection.execute(question, values).fetchnumpy()
        return {
            name: cells.filled(np.nan)
            if isinstance(cells, np.ma.MaskedArray) and cells.dtype.kind == "f"
            else np.asarray(cells)
            for name, cells in found.items()
        }

    def do(self, statement: str, *values: Any) -> None:
        """Carry out a statement."""
        self._connection.execute(statement, values)

    def number(self, question: str, *values: Any) -> int:
        """The one number that is the answer."""
        found = self._connection.execute(question, values).fetchone()
        return int(found[0]) if found and found[0] is not None else 0

    def need(self, columns: Sequence[str]) -> None:
        """Raises LogInvalid where the file lacks one of `columns`."""
        problems = []
        for name in columns:
            if name not in self.names:
                guess = meant(name, self.names)
                hint = f'; did you mean "{guess}"?' if guess else ""
                text = f'lacks the column "{name}" (it has: {listed(self.names)}){hint}'
                problems.append(RowProblem(1, "", "", text))
        if problems:
            raise LogInvalid(self.file, problems)

    def check(self, checks: Sequence[Check]) -> None:
        """Remember the rows of `raw` that are wrong."""
        for check in checks:
            column = name_of(check.column)
            self._count += self.number(f"select count(*) from raw where {check.wrong}")  # noqa: S608
            found = self._connection.execute(
                f"select {LINE}, coalesce({column}, '') from raw where {check.wrong} "  # noqa: S608
                f"order by 1"
            ).fetchall()
            self._bad += [
                RowProblem(int(line), check.column, value, check.message)
                for line, value in found[:PROBLEMS_SHOWN]
            ]
            self._bad_lines.update(int(line) for line, _ in found)

    def settle(self, *, lenient: bool) -> int:
        """Drop the bad rows and say how many; raises LogInvalid unless `lenient`."""
        if self._bad and not lenient:
            first = sorted(self._bad)
            raise LogInvalid(self.file, first, self._count, len(self._bad_lines))
        if self._bad_lines:
            lines = sorted(self._bad_lines)
            self.do(f"delete from raw where {LINE} in (select unnest(?))", lines)  # noqa: S608
        if not self.number("select count(*) from raw"):
            raise refusal(self.file, "has no usable row")
        return len(self._bad_lines)

    def _load(
        self,
        path: Path,
        encoding: str,
        separator: str,
        names: Sequence[str],
        quoted: bool,
    ) -> None:
        clean = Path(self._folder.name) / "rows.csv"
        header = not names
        number_lines(
            path,
            clean,
            encoding=encoding,
            separator=separator,
            header=header,
            quoted=quoted,
        )
        self.names = list(names) or _header(clean, separator, self.file)
        every = {LINE_COLUMN: "BIGINT", **dict.fromkeys(self.names, "VARCHAR")}
        reader = self._connection.read_csv(
            str(clean),
            header=header,
            columns=every,
            auto_detect=False,
            sep=separator,
            quotechar='"' if quoted else "",
            escapechar='"' if quoted else "",
            null_padding=not header,
            ignore_errors=True,
            store_rejects=True,
            parallel=False,
        )
        reader.create("raw")
        rejected = self._connection.execute(
            "select distinct csv_line, error_message from reject_errors order by 1"
        ).fetchall()
        for text, reason in rejected:
            number = text.split(separator, 1)[0]
            line = int(number) if number.isdigit() else 0
            if line not in self._bad_lines:
                self._bad.append(
                    RowProblem(
                        line, "", "", _plain(text, reason, separator, len(self.names))
                    )
                )
                self._bad_lines.add(line)
                self._count += 1
        self.total = self.number("select count(*) from raw") + len(self._bad_lines)


def _header(clean: Path, separator: str, file: str) -> list[str]:
    """The names in the first row."""
    with clean.open(encoding="utf-8", newline="") as source:
        names = [
            name.strip() for name in next(csv.reader(source, delimiter=separator))
        ][1:]
    if len(names) > CELLS_MAX:
        raise refusal(
            file, f"has {len(names)} columns, at most {CELLS_MAX} are allowed", 1
        )
    for position, name in enumerate(names):
        if not name:
            raise refusal(file, f"column {position + 1} has no name", 1)
        if name in names[:position]:
            raise refusal(file, f'two columns are called "{name}"', 1)
    if len(names) == 1:
        raise refusal(
            file, f'has one column only: is the separator really "{separator}"?', 1
        )
    return names


def _plain(text: str, reason: str, separator: str, width: int) -> str:
    """What is wrong with a row that DuckDB could not take, in one line."""
    cells = len(next(csv.reader([text], delimiter=separator), [])) - 1
    if cells != width:
        return f"has {cells} cells, the header has {width}"
    first = reason.splitlines()[0] if reason else "cannot be read"
    return "is no row of cells: " + first


def name_of(column: str) -> str:
    """A column's name as SQL has it."""
    return '"' + column.replace('"', '""') + '"'


def text_of(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"


def texts_of(values: Sequence[str]) -> str:
    """A list of texts as SQL has it."""
    return "(" + ", ".join(text_of(value) for value in values) + ")"


def seconds_of(column: str, decimal: str) -> str:
    """An expression: seconds in a cell such as `12`, `1.234,5` or `0:03:25`; NULL when
    it is none.
    """
    cell = f"trim({name_of(column)})"
    plain = number_of(column, decimal)
    parts = f"list_reverse(string_split({cell}, ':'))"
    clock = (
        f"try_cast({parts}[1] as double) + 60 * try_cast({parts}[2] as double)"
        f" + 3600 * coalesce(try_cast({parts}[3] as double), 0)"
    )
    return f"case when contains({cell}, ':') then {clock} else {plain} end"


def number_of(column: str, decimal: str) -> str:
    """An expression: the number in a cell, thousands set off or not; NULL when none."""
    cell = f"trim({name_of(column)})"
    if decimal == ",":
        cell = f"replace(replace({cell}, '.', ''), ',', '.')"
    else:
        cell = f"replace({cell}, ',', '')"
    return f"try_cast(replace({cell}, ' ', '') as double)"


def instant_of(column: str, formats: Sequence[str]) -> str:
    """An expression: milliseconds since 1970 of a date or instant; NULL when none."""
    choices = "[" + ", ".join(text_of(form) for form in formats) + "]"
    return f"epoch_ms(try_strptime(trim({name_of(column)}), {choices}))"


def time_of(column: str, formats: Sequence[str]) -> str:
    """An expression: milliseconds since midnight; NULL when it is no time."""
    choices = "[" + ", ".join(text_of(form) for form in formats) + "]"
    moment = f"try_strptime(trim({name_of(column)}), {choices})"
    return f"(epoch_ms({moment}) - epoch_ms(date_trunc('day', {moment})))"


def blank(column: str) -> str:
    """A condition: the cell is empty."""
    return f"coalesce(trim({name_of(column)}), '') = ''"
