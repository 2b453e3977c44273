"""Outputs of a case as a whole: first attempts, callbacks, stages, days, weeks.

Each is a number, a list, or a list of lists, as the case tells it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from simulator.records import Area, Column
from simulator.reference.outputs import OF_CLASS
from simulator.reference.view import IDLE, WORKING, View, ratio

Figure = Callable[[View], Any]
_LEFT: Final = (Column.ABANDONED, Column.BALKED)
_WAITS: Final = (Column.ANSWERED_WAIT_MS, Column.ABANDONED_WAIT_MS)
_EVENTS_LEFT: Final = ("abandoned_queued", "abandoned_ringing")

# ------------------------------------------------------------------ attempts, callbacks


def _fresh(view: View) -> list[int]:
    return view.rows(view.setup.figures["fresh"])


def _later(view: View) -> list[int]:
    return view.rows(view.setup.figures["later"])


def _of_fresh(name: str) -> Figure:
    return lambda view: OF_CLASS[name](view, _fresh(view))


def _of_later(name: str) -> Figure:
    return lambda view: OF_CLASS[name](view, _later(view))


def _per_fresh(*columns: Column) -> Figure:
    return lambda view: ratio(
        view.count(view.of(), *columns), view.count(_fresh(view), Column.ARRIVED)
    )


def _per_fresh_s(*columns: Column) -> Figure:
    share = _per_fresh(*columns)
    return lambda view: share(view) / 1000.0


def _offered_wait(view: View) -> float:
    return OF_CLASS["asa_served_s"](view, view.probes)


def _late_probes(view: View) -> float:
    return 1.0 - OF_CLASS["sl_served_in_awt_over_served"](view, view.probes)


# ------------------------------------------------------------------ days


def _variance(view: View) -> float:
    days, arrivals, squares = (float(part) for part in view.sums.days)
    return (squares - arrivals * arrivals / days) / (days - 1)


def _per_unit(*columns: Column) -> Figure:
    return lambda view: view.count(view.of(), *columns) / view.units


def _events_per_unit(*names: str, after: bool = False, before: bool = False) -> Figure:
    def figure(view: View) -> float:
        span = view.closing if after else view.opening if before else slice(None)
        return float(view.happened(*names)[span].sum()) / view.units

    return figure


def _events_by_period(*names: str) -> Figure:
    return lambda view: [
        count / view.units for count in view.periods(view.happened(*names))
    ]


def _numbers_by_period(*areas: Area) -> Figure:
    def figure(view: View) -> list[float]:
        each = view.setup.period_ms // view.every_ms
        numbers = view.periods(view.number_by_interval(view.of(), *areas))
        return [number / each for number in numbers]

    return figure


def _arrivals_by_period(view: View) -> list[float]:
    counts = view.periods(view.by_interval(view.of(), Column.ARRIVED))
    return [count / view.units for count in counts]


def _waits_by_period(view: View) -> list[float]:
    rows = view.of()
    waited = view.periods(view.by_interval(rows, Column.WAITED, Column.BALKED))
    arrived = view.periods(view.by_interval(rows, Column.ARRIVED))
    return [ratio(one, other) for one, other in zip(waited, arrived, strict=True)]


def _number_at_ends(view: View) -> list[float]:
    """At the end of each period, continued from the two intervals before: the error is of
    the third order of an interval's length, or less than a thousandth by minutes.
    """
    number = view.number_by_interval(view.of(), Area.WAITING, Area.SERVING)
    each = view.setup.period_ms // view.every_ms
    first = view.setup.begins_ms // view.every_ms
    ends = [first + each * (k + 1) for k in range(view.setup.periods)]
    return [1.5 * float(number[end - 1]) - 0.5 * float(number[end - 2]) for end in ends]


# ------------------------------------------------------------------ of other simulators


def _over_expected(*columns: Column, factor: float = 1.0) -> Figure:
    per_unit = _per_unit(*columns)
    return lambda view: per_unit(view) * factor / float(view.setup.figures["expected"])


def _by_class(*columns: Column, until: str = "") -> Figure:
    """By class and unit, of those who came while it was open or up to another instant."""

    def figure(view: View) -> list[float]:
        end_ms = view.setup.figures.get(until, view.setup.ends_ms)
        span = slice(0, end_ms // view.every_ms)
        classes = range(len(view.setup.classes))
        return [
            view.count(view.of(k), *columns, span=span) / view.units for k in classes
        ]

    return figure


def _in_time_by_class(view: View) -> list[float]:
    """Percent of the arrivals that were expected."""
    late = set(view.rows(view.setup.figures.get("too_late", [])))
    found = []
    for k, expected in enumerate(view.setup.figures["expected_by_class"]):
        rows = [row for row in view.of(k) if row not in late]
        in_time = view.count(rows, Column.IN_TARGET) / view.units
        found.append(100 * in_time / expected)
    return found


def _work_over_schedule(view: View) -> list[float]:
    """Percent of the scheduled time, work after closing counted as well."""
    opened_ms = (view.setup.ends_ms - view.setup.begins_ms) * view.setup.unit_days
    found = []
    for pool in range(len(view.setup.pools)):
        scheduled_ms = opened_ms * view.head_count(pool) * view.units
        found.append(100 * view.time(view.agents(pool), *WORKING) / scheduled_ms)
    return found


def _in_time_by_type_and_period(view: View) -> list[list[float]]:
    return [
        [
            view.count(view.rows([name]), Column.IN_TARGET) / view.units
            for name in streams
        ]
        for streams in view.setup.classes
    ]


def _occupancy_to_the_end(pool: int) -> Figure:
    """Work over time at work, up to the end of the last service of the day."""

    def figure(view: View) -> float:
        rows = view.agents(pool)
        work_ms = view.time(rows, *WORKING)
        ready_ms = view.time(rows, *IDLE, span=view.opening)
        in_day_ms = view.time(rows, *WORKING, span=view.opening)
        tail_ms = float(view.sums.last_ms) - view.setup.ends_ms * float(
            view.sums.days[0]
        )
        tail_ms *= view.setup.figures["last_agents"][pool]
        return ratio(work_ms, in_day_ms + ready_ms + max(tail_ms, work_ms - in_day_ms))

    return figure


def _unit(figure: Figure, which: int = 0) -> Figure:
    """The only one of a list."""
    return lambda view: figure(view)[which]


WHOLES: Final[Mapping[str, Figure]] = {
    "p_all_busy_fresh": _of_fresh("p_all_busy_per_attempt"),
    "p_block_fresh": _of_fresh("p_block"),
    "attempts_per_fresh_call": _per_fresh(Column.ARRIVED),
    "fraction_of_fresh_finally_served": _per_fresh(Column.ANSWERED),
    "mean_total_wait_per_call_s": _per_fresh_s(*_WAITS),
    "mean_time_in_system_s": _per_fresh_s(*_WAITS, Column.TALK_MS, Column.WRAP_UP_MS),
    "mean_callbacks_waiting": _of_later("mean_queue"),
    "mean_callback_delay_s": _of_later("asa_served_s"),
    "mean_offered_wait_s": _offered_wait,
    "p_offered_wait_gt_awt": _late_probes,
    "mean": _per_unit(Column.ARRIVED),
    "variance": _variance,
    "sd": lambda view: math.sqrt(max(0.0, _variance(view))),
    "dispersion_index": lambda view: _variance(view) / _per_unit(Column.ARRIVED)(view),
    "arrivals": _per_unit(Column.ARRIVED),
    "arrivals_sd": lambda view: math.sqrt(max(0.0, _variance(view))),
    "day_served": _per_unit(Column.ANSWERED),
    "day_abandoned": _per_unit(*_LEFT),
    "day_p_abandon": lambda view: OF_CLASS["p_abandon"](view, view.of()),
    "day_mean_wait_all_s": lambda view: OF_CLASS["mean_wait_all_s"](view, view.of()),
    "day_abandoned_within_day": _events_per_unit(*_EVENTS_LEFT, before=True),
    "tail_served": _events_per_unit("handled", after=True),
    "tail_abandoned": _events_per_unit(*_EVENTS_LEFT, after=True),
    "per_period_arrivals": _arrivals_by_period,
    "per_period_served": _events_by_period("handled"),
    "per_period_abandoned": _events_by_period(*_EVENTS_LEFT),
    "per_period_mean_queue": _numbers_by_period(Area.WAITING),
    "per_period_mean_busy": _numbers_by_period(Area.SERVING),
    "per_period_p_wait_of_arrivals": _waits_by_period,
    "number_in_system_mean_at_period_end": _number_at_ends,
}
"""By name, of any case."""

OF_DAYS: Final[Mapping[str, Figure]] = {
    "served": _per_unit(Column.ANSWERED),
    "abandoned": _per_unit(*_LEFT),
    "occupancy_group1": _occupancy_to_the_end(0),
    "occupancy_group2": _occupancy_to_the_end(1),
    "in_target_by_type_period": _in_time_by_type_and_period,
    "avg_wait_s": _over_expected(*_WAITS, factor=0.001),
    "good_fraction": _over_expected(
        Column.IN_TARGET, Column.ABANDONED_IN_TARGET, Column.BALKED
    ),
    "lost_fraction": _over_expected(*_LEFT),
}
"""Of days, as other simulators tell them."""

OF_WEEKS: Final[Mapping[str, Figure]] = {
    "served": _by_class(Column.ANSWERED),
    "abandoned": _by_class(*_LEFT),
    "retrials": _by_class(Column.RETRIED, until="retries_until_ms"),
    "service_level_percent": _in_time_by_class,
    "occupancy_percent": _work_over_schedule,
}
"""Of weeks by class or pool, as other simulators tell them."""

OF_TELETHONS: Final[Mapping[str, Figure]] = {
    "served": _per_unit(Column.ANSWERED),
    "blocked": _per_unit(Column.REFUSED),
    "abandoned": _events_per_unit(*_EVENTS_LEFT, before=True),
    "messages": _events_per_unit("dead_lettered", before=True),
    "disconnected": _events_per_unit(*_EVENTS_LEFT, "dead_lettered", after=True),
    "asa_min": lambda view: OF_CLASS["asa_s"](view, view.of()) / 60.0,
    "service_level_percent": _unit(_in_time_by_class),
    "occupancy_percent": _unit(_work_over_schedule),
}
"""Of weeks with one class: whoever waits at closing is disconnected, which is whoever
gives up or is passed on to voicemail after it."""
