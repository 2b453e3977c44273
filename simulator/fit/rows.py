"""Logs with one row an interaction: cells become instants, waits and outcomes."""

from itertools import pairwise
from typing import Any, Final

import numpy as np

from simulator.fit.log import DAY_MS, UNKNOWN, Floats, Ints, LeftOut, Log, Outcome
from simulator.fit.mapping import Mapping
from simulator.fit.reading import (
    LINE,
    Check,
    Rows,
    blank,
    instant_of,
    name_of,
    number_of,
    seconds_of,
    text_of,
    texts_of,
    time_of,
)

LONGEST_S: Final = 31 * 86_400
_INSTANTS: Final = ("arrived", "queued", "began", "ended")


def log_of_rows(rows: Rows, mapping: Mapping, *, lenient: bool) -> Log:
    """The table of a log with one row an interaction. Raises LogInvalid."""
    said = mapping.columns.said()
    rows.need([*said.values(), *(name for rule in mapping.ignore for name in rule)])
    ignored = ignore(rows, mapping)
    rows.check(_checks(mapping))
    bad = rows.settle(lenient=lenient)
    wanted = ", ".join(f"{value} as {key}" for key, value in _values(mapping).items())
    cells = rows.ask(f"select {LINE} as line, {wanted} from raw order by 1")  # noqa: S608
    return _log(rows, mapping, cells, LeftOut(rows.total, ignored, bad))


def ignore(rows: Rows, mapping: Mapping) -> tuple[tuple[str, int], ...]:
    """Delete what the mapping ignores; which rule took how many rows."""
    taken = []
    for rule in mapping.ignore:
        condition = " and ".join(
            f"coalesce(trim({name_of(name)}), '') = {text_of(str(value))}"
            for name, value in rule.items()
        )
        label = ", ".join(f"{name} {value}" for name, value in rule.items())
        count = rows.number(f"select count(*) from raw where {condition}")  # noqa: S608
        taken.append((label, count))
        rows.do(f"delete from raw where {condition}")  # noqa: S608
    return tuple(taken)


def _instant(mapping: Mapping, column: str) -> str:
    if not mapping.columns.date:
        return instant_of(column, mapping.instants)
    day = instant_of(mapping.columns.date, mapping.dates)
    return f"({day} + {time_of(column, mapping.times)})"


def _checks(mapping: Mapping) -> list[Check]:
    """What makes a row bad, column by column."""
    columns, checks = mapping.columns, []
    if columns.date:
        wrong = f"{instant_of(columns.date, mapping.dates)} is null"
        checks.append(Check(columns.date, wrong, f"is no date as {_or(mapping.dates)}"))
    for key in _INSTANTS:
        if not (column := getattr(columns, key)):
            continue
        if columns.date:
            wrong, forms = f"{time_of(column, mapping.times)} is null", mapping.times
            message = f"is no time of day as {_or(forms)}"
        else:
            wrong = f"{instant_of(column, mapping.instants)} is null"
            message = f"is no instant as {_or(mapping.instants)}"
        optional = "" if key == "queued" else f" and not ({blank(column)})"
        checks.append(Check(column, wrong + optional, message))
    for key in ("wait_s", "service_s"):
        if not (column := getattr(columns, key)):
            continue
        value = seconds_of(column, mapping.decimal)
        told = f"not ({blank(column)})"
        checks.append(
            Check(column, f"{value} is null and {told}", "is no number of seconds")
        )
        checks.append(Check(column, f"{value} < 0", "must not be negative"))
        # Also true of NaN, which DuckDB sorts last.
        checks.append(Check(column, f"{value} > {LONGEST_S}", "is longer than 31 days"))
    known = mapping.outcomes
    outcomes = [*known.answered, *known.abandoned, *known.taken_out]
    wrong = (
        f"coalesce(trim({name_of(columns.outcome)}), '') not in {texts_of(outcomes)}"
    )
    message = f"is no outcome that the mapping knows (known: {', '.join(outcomes)})"
    checks.append(Check(columns.outcome, wrong, message))
    if columns.priority:
        cell = f"trim({name_of(columns.priority)})"
        wrong = (
            f"try_cast({cell} as bigint) is null and not ({blank(columns.priority)})"
        )
        checks.append(Check(columns.priority, wrong, "is no whole number"))
    if columns.type:
        checks.append(Check(columns.type, blank(columns.type), "must not be empty"))
    return checks


def _or(forms: list[str]) -> str:
    return " or ".join(forms)


def _values(mapping: Mapping) -> dict[str, str]:
    """An expression for each column of the table."""
    columns, known = mapping.columns, mapping.outcomes
    values = {
        key: _instant(mapping, getattr(columns, key))
        if getattr(columns, key)
        else "null::bigint"
        for key in _INSTANTS
    }
    for key in ("wait_s", "service_s"):
        column = getattr(columns, key)
        values[key] = seconds_of(column, mapping.decimal) if column else "null::double"
    outcome = f"trim({name_of(columns.outcome)})"
    values["outcome"] = (
        f"case when {outcome} in {texts_of(known.answered or [''])} then {int(Outcome.ANSWERED)} "
        f"when {outcome} in {texts_of(known.abandoned or [''])} then {int(Outcome.ABANDONED)} "
        f"else {int(Outcome.TAKEN_OUT)} end"
    )
    values["priority"] = (
        f"coalesce({number_of(columns.priority, '.')}, 0)" if columns.priority else "0"
    )
    values["type"] = f"trim({name_of(columns.type)})" if columns.type else "'all'"
    for key in ("customer", "agent"):
        column = getattr(columns, key)
        values[key] = f"coalesce(trim({name_of(column)}), '')" if column else "''"
    return values


def coded(cells: Any, nobody: list[str]) -> tuple[tuple[str, ...], Ints]:
    """The names in order, and each cell's position among them."""
    names, codes = np.unique(np.asarray(cells, dtype=str), return_inverse=True)
    known = np.array([name not in nobody for name in names.tolist()], dtype=bool)
    place = np.where(known, np.cumsum(known) - 1, UNKNOWN)
    return tuple(names[known].tolist()), place[codes].astype(np.int64)


def whole(cells: Any) -> Ints:
    return np.asarray(cells).astype(np.int64)


def _log(rows: Rows, mapping: Mapping, cells: Any, left_out: LeftOut) -> Log:
    instants = _in_order(
        {
            key: np.ma.filled(np.ma.asarray(cells[key]).astype(float), np.nan)
            for key in _INSTANTS
        }
    )
    outcome = whole(cells["outcome"])
    queued = instants["queued"]
    wait_s = np.asarray(cells["wait_s"], dtype=float)
    stayed = np.where(np.isnan(instants["began"]), instants["ended"], instants["began"])
    waited = np.where(outcome == Outcome.ANSWERED, stayed, instants["ended"]) - queued
    wait_s = np.where(np.isnan(wait_s), np.maximum(waited / 1000, 0), wait_s)
    service_s = np.asarray(cells["service_s"], dtype=float)
    served = (instants["ended"] - instants["began"]) / 1000
    service_s = np.where(np.isnan(service_s), served, service_s)
    service_s[(outcome != Outcome.ANSWERED) | ~(service_s >= 0)] = np.nan
    arrived = np.where(np.isnan(instants["arrived"]), queued, instants["arrived"])
    types, type_ = coded(cells["type"], [])
    agents, agent = coded(cells["agent"], mapping.nobody.agent)
    _, customer = coded(cells["customer"], mapping.nobody.customer)
    return in_time_order(
        Log(
            file=rows.file,
            types=types,
            agents=agents,
            left_out=left_out,
            line=whole(cells["line"]),
            arrived_ms=whole(np.minimum(arrived, queued)),
            queued_ms=whole(queued),
            wait_s=np.nan_to_num(wait_s),
            outcome=outcome,
            service_s=service_s,
            type=type_,
            priority=whole(cells["priority"]),
            customer=customer,
            agent=agent,
        )
    )


def _in_order(instants: dict[str, Floats]) -> dict[str, Floats]:
    """Times of day that went over midnight belong to the day after."""
    for earlier, later in pairwise(_INSTANTS):
        first = instants[earlier]
        over = instants[later] - first < -DAY_MS / 2
        instants[later] = instants[later] + over * float(DAY_MS)
    return instants


def in_time_order(log: Log) -> Log:
    """The same rows in the order in which they got in line."""
    return log.only(np.lexsort((log.line, log.queued_ms)))
