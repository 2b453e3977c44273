"""Recorded arrivals: a trace file as rows of arrivals.

Which columns of the file mean what, the scenario says (`scenario.demand`); that they are
sound has been checked when it was read.
"""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.demand import DAY_MS
from simulator.scene import ARRIVAL


def recorded(path: Path, trace: Any, s: int, origin_ms: int) -> npt.NDArray[Any]:
    """The arrivals of a trace file in order, as those of stream `s`; instants from the
    first midnight.
    """
    rows = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if all(row.get(key) == value for key, value in trace.where.items()):
                instant = datetime.fromisoformat(row[trace.at]).replace(tzinfo=None)
                at = round((instant - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001
                rows.append(
                    (
                        at - origin_ms,
                        _ms(row, trace.handle_s),
                        _ms(row, trace.patience_s),
                    )
                )
    rows.sort()
    found = np.zeros(len(rows), ARRIVAL)
    for k, (at, handle_ms, patience_ms) in enumerate(rows):
        found[k]["at"] = at
        found[k]["handle_ms"], found[k]["patience_ms"] = handle_ms, patience_ms
    found["number"] = ((found["at"] // DAY_MS) << 32) + np.arange(len(rows))
    found["content"] = found["number"]
    found["stream"] = s
    return found


def _ms(row: dict[str, str], column: str) -> int:
    value = row.get(column, "") if column else ""
    return round(float(value) * 1000) if value else -1
