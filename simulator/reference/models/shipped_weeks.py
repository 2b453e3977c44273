"""Weeks whose known figures are another simulator's: two languages with retries, and a
telethon with voicemail after a while.
"""

from typing import Any, Final

from router.model.time import format_duration
from simulator.reference.models.days import day_of
from simulator.reference.models.languages import languages
from simulator.reference.models.single import set_patience
from simulator.reference.quantities import (
    AGENTS,
    PATIENCE,
    ROOM,
    SERVICE,
    WITHIN,
    Parameters,
)
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, random_time, written

HOUR_MS: Final = 3_600_000


def recognises(case: Case) -> bool:
    """Whether figures are by the week."""
    return "weekdays" in case.parameters


def build(case: Case, parameters: Parameters) -> Setup:
    """One of the two."""
    days = parameters.whole("weekdays")
    if isinstance(parameters.values.get("agents"), dict):
        return languages(parameters, days)
    return _telethon(parameters, days)


def _telethon(parameters: Parameters, days: int) -> Setup:
    opens = parameters.get("open_h", "open_hours")
    if not isinstance(opens, list) or len(opens) != 2:
        raise NotExpressed("open_h must be two hours of the day")
    begins_ms, ends_ms = (round(HOUR_MS * hour) for hour in opens)
    setup = day_of(ends_ms - begins_ms, 1, begins_ms)
    setup.unit_days = days
    rate = parameters.rates_per_hour()[0]
    parameters.get("close", "service_level")
    parameters.get("service_level", "close")
    stream: dict[str, Any] = {"queue": "Line", "channel": "voice"}
    arrivals: dict[str, Any] = {"per_hour": rate}
    stream["arrivals"] = {
        **arrivals,
        "from": format_duration(begins_ms),
        "until": format_duration(ends_ms),
    }
    stream["handle"] = random_time(parameters.times(SERVICE)[0])
    patience = parameters.times(PATIENCE)[0]
    if patience is not None:
        set_patience(stream, patience)
    rules: dict[str, Any] = {}
    longest_s = parameters.seconds(("voicemail_after", "max_wait"), -1.0)
    if longest_s > 0:
        rules = {"max_wait": written(longest_s), "on_max_wait": "dead_letter"}
    setup.queue("Line", parameters.seconds(WITHIN, 20.0), **rules)
    setup.demand["Line"] = stream
    setup.classes = [["Line"]]
    shift = {"from": format_duration(begins_ms), "until": format_duration(ends_ms)}
    setup.pool("Volunteers", parameters.whole(*AGENTS), shifts=[shift])
    if parameters.get(*ROOM) is not None:
        setup.further["lines"] = parameters.whole(*ROOM)
    setup.per_unit = rate * (ends_ms - begins_ms) / HOUR_MS * days
    setup.every_ms = setup.every_ms if HOUR_MS % setup.every_ms == 0 else HOUR_MS
    setup.figures["expected"] = setup.per_unit
    setup.figures["expected_by_class"] = [setup.per_unit]
    return setup
