"""Interval tables: counts, mean times and staff by interval, as reports export them."""

import numpy as np

from simulator.fit.log import IntervalTable, LeftOut
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
    time_of,
)
from simulator.fit.rows import coded, ignore, whole

COUNTS = ("offered", "answered", "abandoned")
MEANS = ("aht_s", "asa_s")
MOST = 1_000_000


def table_of_intervals(rows: Rows, mapping: Mapping, *, lenient: bool) -> IntervalTable:
    """The interval table. Raises LogInvalid."""
    columns = mapping.columns
    rows.need([*columns.said().values(), *(n for rule in mapping.ignore for n in rule)])
    ignored = ignore(rows, mapping)
    rows.check(_checks(mapping))
    bad = rows.settle(lenient=lenient)
    values = {"begins": _begins(mapping)}
    values["type"] = f"trim({name_of(columns.type)})" if columns.type else "'all'"
    for key in (*COUNTS, *MEANS, "agents"):
        column = getattr(columns, key)
        if not column:
            values[key] = "null::double"
        elif key in MEANS:
            values[key] = seconds_of(column, mapping.decimal)
        else:
            values[key] = number_of(column, mapping.decimal)
    wanted = ", ".join(f"{value} as {key}" for key, value in values.items())
    cells = rows.ask(f"select {LINE} as line, {wanted} from raw order by begins, 1")  # noqa: S608
    offered = np.asarray(cells["offered"], dtype=float)
    abandoned = np.asarray(cells["abandoned"], dtype=float)
    answered = np.asarray(cells["answered"], dtype=float)
    abandoned = np.where(np.isnan(abandoned), offered - answered, abandoned)
    types, type_ = coded(cells["type"], [])
    return IntervalTable(
        file=rows.file,
        types=types,
        left_out=LeftOut(rows.total, ignored, bad),
        every_ms=mapping.every,
        line=whole(cells["line"]),
        begins_ms=whole(cells["begins"]),
        type=type_,
        offered=offered,
        answered=np.where(np.isnan(answered), offered - abandoned, answered),
        abandoned=abandoned,
        aht_s=np.asarray(cells["aht_s"], dtype=float),
        asa_s=np.asarray(cells["asa_s"], dtype=float),
        agents=np.asarray(cells["agents"], dtype=float),
    )


def _begins(mapping: Mapping) -> str:
    columns = mapping.columns
    if not columns.date:
        return instant_of(columns.begins, mapping.instants)
    time = time_of(columns.begins, mapping.times)
    return f"({instant_of(columns.date, mapping.dates)} + {time})"


def _checks(mapping: Mapping) -> list[Check]:
    columns, checks = mapping.columns, []
    if columns.date:
        wrong = f"{instant_of(columns.date, mapping.dates)} is null"
        checks.append(
            Check(columns.date, wrong, f"is no date as {' or '.join(mapping.dates)}")
        )
        forms, value = mapping.times, time_of(columns.begins, mapping.times)
    else:
        forms, value = mapping.instants, _begins(mapping)
    message = f"is no time as {' or '.join(forms)}"
    checks.append(Check(columns.begins, f"{value} is null", message))
    every = mapping.every
    checks.append(
        Check(
            columns.begins, f"{value} % {every} <> 0", "is not where an interval begins"
        )
    )
    for key in (*COUNTS, *MEANS, "agents"):
        if not (column := getattr(columns, key)):
            continue
        means = key in MEANS
        number = (seconds_of if means else number_of)(column, mapping.decimal)
        told = f" and not ({blank(column)})" if key != "offered" else ""
        checks.append(Check(column, f"{number} is null{told}", "is no number"))
        checks.append(Check(column, f"{number} < 0", "must not be negative"))
        checks.append(Check(column, f"{number} > {MOST}", "is more than a million"))
    if columns.abandoned:
        abandoned = number_of(columns.abandoned, mapping.decimal)
        offered = number_of(columns.offered, mapping.decimal)
        checks.append(
            Check(
                columns.abandoned,
                f"{abandoned} > {offered}",
                "is more than was offered",
            )
        )
    if columns.type:
        checks.append(Check(columns.type, blank(columns.type), "must not be empty"))
    return checks
