"""The files of recorded arrivals that a scenario names: there, complete and readable.

What a row means to the run is `simulator.plan`'s to say; here every row is read once, so
that no run ends at a slip in the middle of a file.
"""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path as FilePath
from typing import Final

from router.policy.problem import Finding, Path
from router.policy.suggest import listed, meant
from simulator.scenario.demand import Trace
from simulator.scenario.scenario import Scenario

ROWS_SHOWN: Final = 5
"""Most bad rows of one file that are told."""
SECONDS_MAX: Final = 366 * 86_400
_PIECE: Final = 1 << 20


def traces_of(scenario: Scenario) -> Iterator[tuple[str, Trace]]:
    """The streams that are replayed, and from what."""
    for name, stream in scenario.demand.items():
        if stream.arrivals is not None and stream.arrivals.trace is not None:
            yield name, stream.arrivals.trace


def findings_in_traces(
    scenario: Scenario, folder: FilePath | None
) -> Iterator[Finding]:
    """Traces that cannot be read, and columns they lack."""
    for name, trace in traces_of(scenario):
        path: Path = ("demand", name, "arrivals", "trace")
        if folder is None:
            message = "is looked for beside the scenario, which is no file"
            yield Finding((*path, "file"), trace.file, message)
            continue
        try:
            yield from _in_file(scenario, path, trace, folder / trace.file)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            message = f"cannot be read: {reason}"
            yield Finding((*path, "file"), trace.file, message)
        except (UnicodeDecodeError, csv.Error):
            message = "is no CSV in UTF-8"
            yield Finding((*path, "file"), trace.file, message)


def digest_of(path: FilePath) -> str:
    """16 hex digits of the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()[:16]


def _in_file(
    scenario: Scenario, path: Path, trace: Trace, file: FilePath
) -> Iterator[Finding]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        reader = csv.DictReader(rows)
        lacking = list(_lacking(path, trace, list(reader.fieldnames or ())))
        if lacking:
            yield from lacking
            return
        where = (*path, "file")
        within, others, bad = 0, 0, 0
        first = date.fromisoformat(scenario.calendar.starts)
        last = first + timedelta(days=scenario.days - 1)
        for row in reader:
            if any(row[column] != value for column, value in trace.where.items()):
                continue
            problem = _row_problem(row, trace)
            if problem:
                bad += 1
                if bad <= ROWS_SHOWN:
                    message = f"line {reader.line_num}: {problem}"
                    yield Finding(where, trace.file, message)
                continue
            inside = first <= datetime.fromisoformat(row[trace.at]).date() <= last
            within, others = within + inside, others + (not inside)
        if bad > ROWS_SHOWN:
            message = f"and {bad - ROWS_SHOWN} more rows cannot be read"
            yield Finding(where, trace.file, message)
        if not within and not bad:
            told = f"the {others} of other dates" if others else "none at all"
            message = (
                f"has no arrivals from {first} to {last}, the days of the run: {told}"
            )
            yield Finding(where, trace.file, message)


def _row_problem(row: dict[str, str], trace: Trace) -> str:
    """What is wrong with a row; empty if nothing is."""
    if None in row.values():
        return "has fewer fields than the head"
    try:
        datetime.fromisoformat(row[trace.at])
    except ValueError:
        return f'"{row[trace.at]}" is no instant, as in 2026-03-02T09:30:00'
    for column in (trace.handle_s, trace.patience_s):
        written = row[column] if column else ""
        if not written:
            continue
        try:
            seconds = float(written)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= SECONDS_MAX:
            return f'"{written}" in {column} is no number of seconds'
    return ""


def _lacking(path: Path, trace: Trace, columns: list[str]) -> Iterator[Finding]:
    asked = [("at", trace.at), ("handle_s", trace.handle_s)]
    asked += [("patience_s", trace.patience_s)]
    places = [((*path, key), column) for key, column in asked if column]
    places += [((*path, "where", column), column) for column in trace.where]
    for place, column in places:
        if column not in columns:
            yield Finding(
                place,
                column,
                f'"{column}" is not among the columns of {trace.file}',
                allowed=listed(columns),
                suggestion=meant(column, columns),
            )
