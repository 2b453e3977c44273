"""Reads a call log: one CSV row a call, as the "anonymous bank" of the Technion has it.

The log is a border: every field is checked here, and what leaves this file is numbers
and names that need no second look. Reads the file and nothing else.

Fields the replay does not use (`vru_time`, `q_start`, `ser_exit` and others) are
checked only where a wrong value would make the row doubtful.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from router.demo.errors import InputWrong

COLUMNS = (
    "vru_line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
    "vru_exit",
    "vru_time",
    "q_start",
    "q_exit",
    "q_time",
    "outcome",
    "ser_start",
    "ser_exit",
    "ser_time",
    "server",
)
TYPES = ("PS", "PE", "NE", "NW", "IN", "TT")
NO_SERVER = "NO_SERVER"
DAY_MS = 86_400_000
_MIDNIGHT_MS = 20 * 3_600_000

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)")
_COMPLAINTS_MAX = 10


class Outcome(Enum):
    """How the log says a call ended."""

    AGENT = "AGENT"
    """Served by an agent."""
    HANG = "HANG"
    """The caller gave up, in the queue or already in the voice menu."""
    PHANTOM = "PHANTOM"
    """No call at all; the publishers of the log say to ignore it."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call of the log. Instants are milliseconds on the log's own calendar."""

    line: int
    """The line of the file, from 2; names the call."""
    type: str
    priority: int
    """0 and 1 are ordinary, 2 is high."""
    customer: int
    """The customer's number in the log, 0 if the caller was not identified."""
    entered_at_ms: int
    """When the caller left the voice menu for the queue, or for good."""
    queued_ms: int
    outcome: Outcome
    served_at_ms: int
    """When service began; of no meaning unless an agent served the call."""
    service_ms: int
    server: str
    """The agent's name in the log, or `NO_SERVER`."""

    @property
    def left_in_menu(self) -> bool:
        """Whether the caller gave up without ever having queued."""
        return self.outcome is Outcome.HANG and self.queued_ms == 0

    @property
    def offered(self) -> bool:
        """Whether the call reached the queue, so that a router has to do with it."""
        return self.outcome is not Outcome.PHANTOM and not self.left_in_menu

    @property
    def day(self) -> int:
        """The day the call entered the queue, counted in days of the calendar."""
        return self.entered_at_ms // DAY_MS


def read_call_log(path: Path) -> list[LoggedCall]:
    """All rows of the log, in the order of the file.

    Raises `InputWrong` with file, line, column and value of what is wrong: of the first
    ten rows at fault, so that one mend does for all.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return _rows(path, csv.DictReader(file, strict=True))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputWrong(f"{path}: cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise InputWrong(
            f"{path}: is not UTF-8 text (byte {error.start}); a call log is a CSV file"
        ) from error


def _rows(path: Path, reader: "csv.DictReader[str]") -> list[LoggedCall]:
    calls = []
    complaints = []
    try:
        _check_columns(path, reader.fieldnames or ())
        for row in reader:
            try:
                calls.append(_call(reader.line_num, row))
            except ValueError as error:
                complaints.append(f"{path}:{reader.line_num}: {error}")
                if len(complaints) == _COMPLAINTS_MAX:
                    break
    except csv.Error as error:
        complaints.append(f"{path}:{reader.line_num}: is not CSV: {error}")
    if complaints:
        raise InputWrong("\n".join(complaints))
    if not calls:
        raise InputWrong(f"{path}: has no calls, only a header")
    return calls


def _check_columns(path: Path, found: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise InputWrong(
            f"{path}:1: the header lacks {', '.join(missing)}; "
            f"a call log has the columns {','.join(COLUMNS)}"
        )


def _call(line: int, row: Mapping[str | None, object]) -> LoggedCall:
    if None in row or None in row.values():
        raise ValueError("the row has more or fewer fields than the header")
    text = {str(column): str(value) for column, value in row.items()}
    day = _day(text["date"])
    entry = _clock(text, "vru_entry")
    entered = _after(entry, _clock(text, "vru_exit"))
    service_ms = 1000 * _whole(text, "ser_time")
    _clock(text, "ser_exit")
    return LoggedCall(
        line=line,
        type=_one_of(text, "type", TYPES),
        priority=int(_one_of(text, "priority", ("0", "1", "2"))),
        customer=_whole(text, "customer_id"),
        entered_at_ms=day * DAY_MS + entered,
        queued_ms=1000 * _whole(text, "q_time"),
        outcome=Outcome(
            _one_of(text, "outcome", [outcome.value for outcome in Outcome])
        ),
        served_at_ms=day * DAY_MS + _after(entered, _clock(text, "ser_start")),
        service_ms=service_ms,
        server=_named(text, "server"),
    )


def _after(earlier_ms: int, clock_ms: int) -> int:
    """A time of day that follows `earlier_ms`: on the next day if midnight came
    between.

    The log's clocks slip by up to a minute and a half, and a few rows have times that
    belong to no call, so only a step back by more than 20 hours means midnight.
    """
    return clock_ms + DAY_MS if earlier_ms - clock_ms > _MIDNIGHT_MS else clock_ms


def _day(value: str) -> int:
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        raise ValueError(
            f"date is {value!r}; it must be a day such as 1999-08-01"
        ) from None


def _clock(row: Mapping[str, str], column: str) -> int:
    match = _CLOCK.fullmatch(row[column])
    if match is None:
        raise ValueError(
            f"{column} is {row[column]!r}; it must be a time such as 09:30:00"
        )
    hours, minutes, seconds = (int(part) for part in match.groups())
    return 1000 * (3600 * hours + 60 * minutes + seconds)


def _whole(row: Mapping[str, str], column: str) -> int:
    value = row[column]
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        raise ValueError(f"{column} is {value!r}; it must be a whole number from 0")
    return int(value)


def _one_of(row: Mapping[str, str], column: str, allowed: Sequence[str]) -> str:
    if row[column] not in allowed:
        raise ValueError(
            f"{column} is {row[column]!r}; it must be one of {', '.join(allowed)}"
        )
    return row[column]


def _named(row: Mapping[str, str], column: str) -> str:
    if not row[column].strip():
        raise ValueError(f"{column} is empty; {NO_SERVER} stands for nobody")
    return row[column].strip()


@dataclass(frozen=True, slots=True)
class Shift:
    """The time one agent worked on one day of the log."""

    agent: str
    from_ms: int
    until_ms: int


def shifts(calls: Sequence[LoggedCall]) -> Iterator[Shift]:
    """Every agent's presence on every day: from the first service to the end of the
    last.

    The log does not say who sat there without a call, so this is the least staffing
    that was there. Rows that name a server but no service at all count for nothing.
    """
    spans: dict[tuple[int, str], tuple[int, int]] = {}
    for call in calls:
        if (
            call.outcome is not Outcome.AGENT
            or call.server == NO_SERVER
            or call.service_ms == 0
        ):
            continue
        # Some rows give service a start before the call; nobody was served then.
        begin = max(call.served_at_ms, call.entered_at_ms)
        end = begin + call.service_ms
        first, last = spans.get((call.day, call.server), (begin, end))
        spans[call.day, call.server] = (min(first, begin), max(last, end))
    for (_, agent), (begin, end) in sorted(spans.items()):
        yield Shift(agent, begin, end)
