"""Reads a log or an interval table from a file: the door to the formats."""

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from simulator.fit.intervals import table_of_intervals
from simulator.fit.log import DAY_MS, IntervalTable, Log, date_of, day_of
from simulator.fit.mapping import Mapping
from simulator.fit.problems import refusal
from simulator.fit.queue_log import CELLS, log_of_queue_log
from simulator.fit.reading import Rows
from simulator.fit.rows import log_of_rows

DAYS_MAX: Final = 3_660


def read_log(
    path: str | Path, mapping: Mapping, *, lenient: bool = False
) -> Log | IntervalTable:
    """What is in the file, by the mapping.

    Raises LogInvalid with every bad row; with `lenient` such rows are left out and
    counted.
    """
    asterisk = mapping.format == "queue_log"
    with Rows(
        Path(path),
        encoding=mapping.encoding,
        separator=mapping.separator,
        names=CELLS if asterisk else (),
        quoted=not asterisk,
    ) as rows:
        found: Log | IntervalTable
        if asterisk:
            found = log_of_queue_log(rows, mapping, lenient=lenient)
        elif mapping.format == "intervals":
            found = table_of_intervals(rows, mapping, lenient=lenient)
        else:
            found = log_of_rows(rows, mapping, lenient=lenient)
    _within_years(found)
    return found


def _within_years(found: Log | IntervalTable) -> None:
    """Raises LogInvalid for a span that only a wrong date explains."""
    instants = found.queued_ms if isinstance(found, Log) else found.begins_ms
    if not len(instants):
        raise refusal(found.file, "has no usable row")
    days = instants // DAY_MS
    if days.max() - days.min() >= DAYS_MAX:
        middle = np.median(days)
        odd = int(np.argmax(np.abs(days - middle)))
        message = (
            f"the log goes from {date_of(int(days.min()))} to {date_of(int(days.max()))}: "
            f"is the date of this line right? At most {DAYS_MAX} days are allowed"
        )
        raise refusal(found.file, message, int(found.line[odd]))


def between(log: Log, first: date | None, last: date | None) -> Log:
    """The rows from `first` to `last`, both included. Raises LogInvalid if none is left."""
    days = log.queued_ms // DAY_MS
    chosen = np.ones(len(log), dtype=bool)
    if first is not None:
        chosen &= days >= day_of(first)
    if last is not None:
        chosen &= days <= day_of(last)
    if not chosen.any():
        raise refusal(log.file, "has no row between the dates")
    return log.only(chosen)
