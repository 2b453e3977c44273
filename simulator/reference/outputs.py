"""What each named output is, in what was counted: of a class, of a pool, of the whole.

An arrival that could not be served at once has waited, has left, was refused or has taken
a callback. Whoever leaves at once because all are busy counts as abandoned after no wait.
All service levels are of those who were served in time; the names say of whom.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from router.measures.shapes import AgentState
from simulator.records import Area, Column, class_bounds_ms
from simulator.reference.view import AT_WORK, READY, WORKING, View, ratio

OfClass = Callable[[View, list[int]], float]
OfPool = Callable[[View, int | None], float]

_SECONDS: Final = 1000.0
_BOUNDS_MS: Final = class_bounds_ms()
_NOT_AT_ONCE: Final = (
    Column.WAITED, Column.BALKED, Column.CALLED_BACK, Column.REFUSED,
)  # fmt: skip
_LEFT: Final = (Column.ABANDONED, Column.BALKED)
_WAITS: Final = (Column.ANSWERED_WAIT_MS, Column.ABANDONED_WAIT_MS)
_SQUARES: Final = (Column.ANSWERED_WAIT_SQUARES, Column.ABANDONED_WAIT_SQUARES)


def _share(
    *part: Column, of: tuple[Column, ...], less: tuple[Column, ...] = ()
) -> OfClass:
    def figure(view: View, rows: list[int]) -> float:
        whole = view.count(rows, *of) - (view.count(rows, *less) if less else 0.0)
        return ratio(view.count(rows, *part), whole)

    return figure


def _mean_s(
    *waits: Column, of: tuple[Column, ...], less: tuple[Column, ...] = ()
) -> OfClass:
    share = _share(*waits, of=of, less=less)
    return lambda view, rows: share(view, rows) / _SECONDS


def _number(*areas: Area) -> OfClass:
    return lambda view, rows: view.mean_number(rows, *areas)


def _second_moment(view: View, rows: list[int]) -> float:
    return ratio(view.count(rows, *_SQUARES), view.count(rows, *_ENDED))


def _wait_sd(view: View, rows: list[int]) -> float:
    mean = OF_CLASS["mean_wait_all_s"](view, rows)
    return math.sqrt(max(0.0, _second_moment(view, rows) - mean * mean))


def _service_level(view: View, rows: list[int]) -> float:
    """Of all who came, unless the case says otherwise."""
    said = str(view.setup.figures.get("service_level", ""))
    return OF_CLASS[_DEFINITIONS.get(said, _OVER_OFFERED)](view, rows)


def quantile_s(share: float, waiters: tuple[int, ...]) -> OfClass:
    """The wait that such a share of the waiters does not exceed, in seconds. Within a class
    of the histogram waits are taken as even; a class is 3 % wide.
    """

    def figure(view: View, rows: list[int]) -> float:
        counts = view.sums.waits[rows][:, list(waiters)].sum(axis=(0, 1))
        below = np.cumsum(counts) / counts.sum()
        place = int(np.searchsorted(below, share))
        if place == 0:
            return 0.0
        low, high = _BOUNDS_MS[place - 1], _BOUNDS_MS[min(place, len(_BOUNDS_MS) - 1)]
        inside = (share - below[place - 1]) / (below[place] - below[place - 1])
        return float(low + inside * (high - low)) / _SECONDS

    return figure


def _concurrency(view: View, rows: list[int]) -> float:
    busy_ms = view.time(view.agents(), *WORKING)
    served = view.mean_number(rows, Area.SERVING) * float(view.sums.lasted_ms)
    return ratio(served, busy_ms)


def _wait_per_attempt(view: View, rows: list[int]) -> float:
    return ratio(view.count(rows, *_WAITS), view.count(rows, Column.ARRIVED)) / _SECONDS


_ENDED: Final = (Column.ANSWERED, Column.ABANDONED, Column.BALKED)
_OVER_OFFERED: Final = "sl_served_in_awt_over_offered"
_LESS_SHORT: Final = "sl_served_in_awt_over_offered_less_short_abandons"
_DEFINITIONS: Final = {"less_short_abandons": _LESS_SHORT}
_IN_TIME: Final = Column.IN_TARGET
_CAME: Final = (Column.ARRIVED,)
_OUT: Final = (Column.REFUSED,)
_SHORT: Final = (Column.ABANDONED_IN_TARGET, Column.BALKED)

OF_CLASS: Final[Mapping[str, OfClass]] = {
    "p_wait": _share(*_NOT_AT_ONCE, of=_CAME),
    "p_wait_accepted": _share(Column.WAITED, of=_CAME, less=_OUT),
    "p_all_busy_per_attempt": _share(*_NOT_AT_ONCE, of=_CAME),
    "p_abandon": _share(*_LEFT, of=_CAME),
    "p_abandon_per_attempt": _share(*_LEFT, of=_CAME),
    "p_abandon_accepted": _share(*_LEFT, of=_CAME, less=_OUT),
    "p_abandon_within_awt": _share(*_SHORT, of=_CAME),
    "p_abandon_of_waiting": _share(*_LEFT, of=_NOT_AT_ONCE),
    "p_block": _share(Column.REFUSED, of=_CAME),
    "p_block_per_attempt": _share(Column.REFUSED, of=_CAME),
    "p_callback_accepted": _share(Column.CALLED_BACK, of=_CAME),
    "mean_wait_all_s": _mean_s(*_WAITS, of=_ENDED),
    "mean_wait_s": _mean_s(*_WAITS, of=_ENDED),
    "mean_wait_accepted_s": _mean_s(*_WAITS, of=_CAME, less=_OUT),
    "mean_wait_per_attempt_s": _wait_per_attempt,
    "asa_s": _mean_s(Column.ANSWERED_WAIT_MS, of=(Column.ANSWERED,)),
    "asa_served_s": _mean_s(Column.ANSWERED_WAIT_MS, of=(Column.ANSWERED,)),
    "mean_wait_served_s": _mean_s(Column.ANSWERED_WAIT_MS, of=(Column.ANSWERED,)),
    "mean_wait_abandoned_s": _mean_s(Column.ABANDONED_WAIT_MS, of=_LEFT),
    "mean_wait_of_waiting_s": _mean_s(*_WAITS, of=(Column.WAITED,)),
    "wait_sd_s": _wait_sd,
    "sd_wait_s": _wait_sd,
    "wait_second_moment_s2": _second_moment,
    "second_moment_wait_s2": _second_moment,
    "mean_square_wait_s2": _second_moment,
    "mean_queue": _number(Area.WAITING),
    "mean_live_queue": _number(Area.WAITING),
    "mean_busy": _number(Area.SERVING),
    "carried_erlang": _number(Area.SERVING),
    "mean_in_system": _number(Area.WAITING, Area.SERVING, Area.WRAPPING),
    "mean_active_chats": _number(Area.SERVING),
    "mean_orbit": _number(Area.AWAY),
    "mean_handle_time_s": _mean_s(
        Column.TALK_MS, Column.WRAP_UP_MS, of=(Column.FINISHED,)
    ),
    "mean_concurrency_while_busy": _concurrency,
    "service_level": _service_level,
    "service_level_offered": _share(_IN_TIME, of=_CAME),
    "service_level_accepted": _share(_IN_TIME, of=_CAME, less=_OUT),
    "service_level_served": _share(_IN_TIME, of=(Column.ANSWERED,)),
    _OVER_OFFERED: _share(_IN_TIME, of=_CAME),
    "sl_served_in_awt_over_served": _share(_IN_TIME, of=(Column.ANSWERED,)),
    _LESS_SHORT: _share(_IN_TIME, of=_CAME, less=_SHORT),
    "sl_served_or_abandoned_in_awt_over_offered": _share(_IN_TIME, *_SHORT, of=_CAME),
    "share_to_owner": _share(Column.TO_OWNER, of=(Column.ANSWERED,)),
    "p_served_by_owner": _share(Column.TO_OWNER, of=(Column.ANSWERED,)),
}
"""By class, given the rows of its streams."""


def _in(*states: AgentState, of: tuple[AgentState, ...]) -> OfPool:
    def figure(view: View, pool: int | None) -> float:
        agents = view.agents(pool)
        return ratio(view.time(agents, *states), view.time(agents, *of))

    return figure


OF_POOL: Final[Mapping[str, OfPool]] = {
    "occupancy": _in(*WORKING, of=READY),
    "agent_utilisation": _in(*WORKING, of=AT_WORK),
    "talk_share": _in(AgentState.BUSY, of=AT_WORK),
    "wrap_up_share": _in(AgentState.WRAP_UP, of=AT_WORK),
    "not_ready_share": _in(AgentState.AWAY, of=AT_WORK),
    "idle_share": _in(AgentState.AVAILABLE, AgentState.OFFERED, of=AT_WORK),
}
"""By pool."""
