"""Days that begin empty, with rates and staff that change from period to period."""

import math
import re
from typing import Any, Final

from router.model.time import format_duration
from simulator.reference.models.busyness import busyness
from simulator.reference.models.single import service_of, set_patience, set_service
from simulator.reference.quantities import PATIENCE, WITHIN, Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
LONGEST_MS: Final = 22 * 3_600_000
"""Latest end of arrivals: what is left of the day is for those who still wait."""
_WAVE: Final = re.compile(
    r"\s*([0-9.]+)\s*([+-])\s*([0-9.]+)\s*\*?\s*(sin|cos)\s*\(\s*2\s*\*?\s*pi\s*\*?\s*t"
    r"\s*/\s*([0-9.]+)\s*s?\s*\)\s*"
)


def recognises(case: Case) -> bool:
    """Whether staff is told by period."""
    return "agents_by_period" in case.parameters


def build(case: Case, parameters: Parameters) -> Setup:
    """One day after the other."""
    _refuse_other_ends(parameters)
    agents = parameters.get("agents_by_period")
    period_ms = round(1000 * parameters.seconds(("period",)))
    if not isinstance(agents, list) or not agents:
        raise NotExpressed("agents_by_period must be a list")
    end_ms = period_ms * len(agents)
    setup = day_of(period_ms, len(agents))
    rates = parameters.get("calls_per_hour_by_period", "contacts_per_hour_by_period")
    if rates is not None:
        if not isinstance(rates, list) or len(rates) != len(agents):
            raise NotExpressed("rates and agents must be told for the same periods")
        counts = [rate * period_ms / 3_600_000 for rate in rates]
        every_ms = period_ms
    else:
        parameters.get("day_s")
        formula = str(parameters.get("calls_per_hour", "contacts_per_hour"))
        every_ms = MINUTE_MS
        counts = _wave(formula, end_ms)
    stream: dict[str, Any] = {"queue": "Line", "channel": "voice"}
    stream["arrivals"] = {
        "counts": counts,
        "every": format_duration(every_ms),
        **busyness(parameters),
    }
    rules = set_service(stream, service_of(case, parameters))
    patience = parameters.times(PATIENCE)[0]
    if patience is not None:
        set_patience(stream, patience)
    setup.queue("Line", parameters.seconds(WITHIN, 20.0), **rules)
    setup.demand["Line"] = stream
    setup.classes = [["Line"]]
    setup.pool("Agents", max(agents), at_work=staffed(agents, period_ms))
    setup.per_unit = sum(counts)
    if any("at_period_end" in name for name in case.outputs):
        setup.every_ms = MINUTE_MS
    return setup


def _refuse_other_ends(parameters: Parameters) -> None:
    start = str(parameters.get("start", default="empty")).casefold()
    if start != "empty":
        raise NotExpressed(f'days begin empty, and not "{start}"')
    end = str(parameters.get("end", default="until empty")).casefold()
    if "until empty" not in end:
        raise NotExpressed(
            f'the end "{end}" is not understood: staff stays until empty'
        )


def day_of(period_ms: int, periods: int, begins_ms: int = 0) -> Setup:
    """A day of so many periods. Raises NotExpressed for days that are too long, and for
    periods that are not told apart by whole minutes.
    """
    end_ms = begins_ms + period_ms * periods
    if end_ms > LONGEST_MS:
        raise NotExpressed(
            "a day that ends after 22:00 does not end before the next begins"
        )
    if period_ms % MINUTE_MS:
        raise NotExpressed("a period must be of whole minutes")
    setup = Setup(kind="days")
    setup.begins_ms = begins_ms
    setup.ends_ms = end_ms
    setup.period_ms = period_ms
    setup.periods = periods
    setup.every_ms = math.gcd(math.gcd(period_ms, DAY_MS), begins_ms or DAY_MS)
    return setup


def staffed(agents: list[int], period_ms: int, begins_ms: int = 0) -> dict[str, Any]:
    """So many at work by period; those of the last stay until nobody waits."""
    return {
        "from": format_duration(begins_ms),
        "every": format_duration(period_ms),
        "counts": agents,
        "stay_until_empty": True,
    }


def _wave(formula: str, end_ms: int) -> list[float]:
    """Mean arrivals of every minute under a + b sin(2 pi t / T), by the hour."""
    found = _WAVE.fullmatch(formula)
    if found is None:
        raise NotExpressed(f'the rate "{formula}" is not understood')
    level, height, length_s = (float(found.group(k)) for k in (1, 3, 5))
    if found.group(2) == "-":
        height = -height
    turn = 2 * math.pi / length_s

    def until(t: float) -> float:
        if found.group(4) == "sin":
            return level * t + height * (1 - math.cos(turn * t)) / turn
        return level * t + height * math.sin(turn * t) / turn

    minutes = end_ms // MINUTE_MS
    return [(until(60 * m + 60) - until(60 * m)) / 3600 for m in range(minutes)]
