"""The square-root rule of staffing: offered load a, and beta times the root of it.

An estimate to hold beside the exact number, and an explanation of it: safety grows with
the root of the load, so large centres are cheap for their size. S. Halfin and W. Whitt,
"Heavy-traffic limits for queues with many exponential servers" (1981), without
abandonment; O. Garnett, A. Mandelbaum and M. Reiman (2002) with it; the tail of the
offered wait as in S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers"
(2005).
"""

import math
from typing import Final

from simulator.erlang.demand import Demand, SystemWrong
from simulator.erlang.line import no_negative

_BETA_MAX: Final = 40.0
_BISECTIONS: Final = 100
_FAR: Final = 20.0


def square_root_agents(demand: Demand, service_level: float, within_s: float) -> int:
    """About how many agents answer the share `service_level` of all within `within_s`.

    Close where patience is not much shorter than the handle time, and the closer the
    larger the load; a limit of lines is left out of account.
    """
    if not 0 < service_level < 1:
        raise SystemWrong(
            f"service level must be between 0 and 1, it is {service_level:g}"
        )
    no_negative(within_s, "the time to answer within")
    root = math.sqrt(demand.offered_erlang)
    low, high = (-root if demand.patience_s else 0.0), _BETA_MAX
    for _ in range(_BISECTIONS):
        beta = (low + high) / 2
        if answered_within_about(demand, beta, within_s) < service_level:
            low = beta
        else:
            high = beta
    return max(1, math.ceil(demand.offered_erlang + high * root))


def safety_of(demand: Demand, agents: int) -> float:
    """Beta: the agents beyond the offered load, in roots of it."""
    return (agents - demand.offered_erlang) / math.sqrt(demand.offered_erlang)


def answered_within_about(demand: Demand, beta: float, within_s: float) -> float:
    """About the share of all that is answered within `within_s`, with a safety of
    `beta`.
    """
    if demand.patience_s is None:
        if beta <= 0:
            return 0.0
        root = math.sqrt(demand.offered_erlang)
        waits = 1 / (1 + beta / _hazard(-beta))
        return 1 - waits * math.exp(-beta * root * within_s / demand.aht_s)
    impatience = math.sqrt(demand.aht_s / demand.patience_s)
    scaled = beta / impatience
    waits = 1 / (1 + impatience * _hazard(scaled) / _hazard(-beta))
    # The offered wait is about normal above 0, in steps of this length; giving up on
    # the way shifts it by the second.
    steps = within_s * math.sqrt(demand.arrivals_per_second / demand.patience_s)
    shift = 1 / math.sqrt(demand.arrivals_per_second * demand.patience_s)
    stays = math.exp(shift * (scaled + shift / 2)) * _tail_ratio(scaled, shift)
    return 1 - waits + waits * stays * (1 - _tail_ratio(scaled + shift, steps))


def _tail(x: float) -> float:
    """The normal probability above x."""
    return math.erfc(x / math.sqrt(2)) / 2


def _hazard(x: float) -> float:
    """Density over tail of the normal distribution; an expansion where both vanish."""
    if x > _FAR:
        return x / (1 - 1 / x**2 + 3 / x**4 - 15 / x**6)
    return math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) / _tail(x)


def _tail_ratio(x: float, step: float) -> float:
    """The tail above x + step over the tail above x."""
    if x < 0:
        return _tail(x + step) / _tail(x)
    decay = math.exp(-step * (x + step / 2))
    return decay * _hazard(x) / _hazard(x + step)
