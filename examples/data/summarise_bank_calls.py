"""Works out the figures of bank_day.yaml from a call log, and prints them as YAML.

    .venv/bin/python examples/data/summarise_bank_calls.py PATH_OF_THE_LOG

The log itself is not ours to ship; what is printed here are counts and means.
"""

import statistics
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

from router.demo.call_log import DAY_MS, TYPES, LoggedCall, Outcome, read_call_log

HALF_HOUR_MS = 1_800_000
OPENS = 14  # half hours since midnight: 07:00
WORKING_WEEK = (6, 0, 1, 2, 3)  # Sunday to Thursday


def main(path: Path) -> None:
    calls = [call for call in read_call_log(path) if call.offered]
    working = {
        day
        for day in {call.day for call in calls}
        if date.fromordinal(day).weekday() in WORKING_WEEK
    }
    print(f"working_days: {len(working)}")
    for kind in TYPES:
        ours = [call for call in calls if call.type == kind]
        print(f"  {kind}:")
        print(f"    calls_per_half_hour: {counts(ours, working)}")
        print(f"    service: {service(ours)}")
        print(f"    patience: {patience(ours)}")
    print(f"  all: service {service(calls)} patience {patience(calls)}")


def counts(calls: list[LoggedCall], working: set[int]) -> list[float]:
    """Mean number of queued calls in each half hour from 07:00 to midnight."""
    found: defaultdict[int, int] = defaultdict(int)
    for call in calls:
        if call.day in working:
            found[(call.entered_at_ms % DAY_MS) // HALF_HOUR_MS] += 1
    return [round(found[half] / len(working), 2) for half in range(OPENS, 48)]


def service(calls: list[LoggedCall]) -> str:
    """Mean in seconds and coefficient of variation, of served calls with a duration."""
    times = [
        call.service_ms / 1000
        for call in calls
        if call.outcome is Outcome.AGENT and call.service_ms
    ]
    mean = statistics.fmean(times)
    return f"{{mean_s: {mean:.0f}, cv: {statistics.pstdev(times) / mean:.2f}}}"


def patience(calls: list[LoggedCall]) -> str:
    """What callers' waits say about their patience, in seconds.

    `mean_s` is the censored-exponential estimate: time spent in the queue by everybody,
    divided by the number who gave up. `kaplan_meier_30_min_s` is the area under the
    Kaplan-Meier curve up to 30 minutes. Being served censors a caller's patience.
    """
    waits = sorted((c.queued_ms / 1000, c.outcome is Outcome.HANG) for c in calls)
    gave_up = sum(left for _, left in waits)
    mean = sum(wait for wait, _ in waits) / gave_up
    at_risk, alive, area, before = len(waits), 1.0, 0.0, 0.0
    for wait, left in waits:
        if wait > 1800:
            break
        area += alive * (wait - before)
        before = wait
        if left:
            alive *= 1 - 1 / at_risk
        at_risk -= 1
    area += alive * (1800 - before)
    return f"{{mean_s: {mean:.0f}, kaplan_meier_30_min_s: {area:.0f}}}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
