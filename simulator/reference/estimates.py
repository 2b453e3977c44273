"""Each output of a case, estimated and compared.

An output may be a number or a list: of classes, of pools, of periods. Some keys only say
how sure a published value is; they are used and not compared.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.records import Layout
from simulator.reference.batches import Sums, total
from simulator.reference.comparing import Compared, Known, compared, half_unit, spread
from simulator.reference.outputs import OF_CLASS, OF_POOL, OfClass, quantile_s
from simulator.reference.reading import Case
from simulator.reference.setup import PROBE, Setup
from simulator.reference.view import View
from simulator.reference.wholes import OF_DAYS, OF_TELETHONS, OF_WEEKS, WHOLES

_INTERVAL: Final = re.compile(r"(.+?)_?(ci|halfwidth)(90|95|99)")
_ERROR: Final = re.compile(r"(.+?)_se(_s)?")
_QUANTILES: Final = {"90": 1.6448536, "95": 1.9599640, "99": 2.5758293}
_QUANTILE: Final = re.compile(
    r"(?:(?:wait|asa)_p([0-9]{2})|p([0-9]{2})(?:_wait)?)(_served)?_s"
)
_SAID: Final = re.compile(r"sampling error of about ([0-9.]+)")
STATED: Final = {
    "agents": "the published plan itself: it is what is simulated",
}
"""Outputs that say what was planned, and are nothing to be simulated."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One output: its values in the shape in which the case tells them."""

    exact: Any
    compared: Any
    """`Compared`, or lists of them."""
    reason: str = ""
    """Why it is not measured."""


def estimates(
    case: Case, setup: Setup, layout: Layout, batches: Sequence[Sums], every_ms: int
) -> dict[str, Estimate]:
    """Every output of the case, in its order."""
    together = total(batches)
    whole = View(setup, layout, together, every_ms)
    without = [View(setup, layout, together - batch, every_ms) for batch in batches]
    found: dict[str, Estimate] = {}
    for name, exact in case.outputs.items():
        if _told_by(name, case.outputs) is not None:
            continue
        if name in STATED:
            found[name] = Estimate(exact, None, f"not measured: {STATED[name]}")
            continue
        figure = _figure(name, exact, setup)
        if figure is None:
            found[name] = Estimate(
                exact, None, f'not measured: there is no output "{name}"'
            )
            continue
        known = _known(case, setup, name, exact)
        left_out = [figure(view) for view in without]
        correlated = setup.kind == "stationary"
        try:
            parts = _compare(known, figure(whole), left_out, (correlated, whole.units))
        except (TypeError, ValueError):
            reason = "not measured: it is of another shape than classes, pools, periods"
            found[name] = Estimate(exact, None, reason)
            continue
        found[name] = Estimate(exact, parts)
    return found


def _figure(name: str, exact: Any, setup: Setup) -> Callable[[View], Any] | None:
    """How the output is read off a view."""
    several = len(exact) if isinstance(exact, list) else 0
    if name in setup.figures.get("computed", {}):
        return lambda view: view.setup.figures["computed"][name]
    of_case = _of_case(setup).get(name)
    if of_case is not None:
        return of_case
    if name in OF_CLASS:
        figure = OF_CLASS[name]
        if several:
            return lambda view: [figure(view, view.of(k)) for k in range(several)]
        return lambda view: figure(view, view.of())
    quantile = quantile_of(name)
    if quantile is not None and setup.kind == "stationary":
        return lambda view: quantile(view, view.of())
    if name in OF_POOL:
        of_pool = OF_POOL[name]
        if several:
            return lambda view: [of_pool(view, k) for k in range(several)]
        return lambda view: of_pool(view, None)
    if (
        name in ("mean_offered_wait_s", "p_offered_wait_gt_awt")
        and PROBE not in setup.demand
    ):
        return None
    return WHOLES.get(name)


def quantile_of(name: str) -> OfClass | None:
    """How a quantile of the waits is read off, such as wait_p90_s of all who came."""
    found = _QUANTILE.fullmatch(name)
    if found is None:
        return None
    share = int(found.group(1) or found.group(2)) / 100
    return quantile_s(share, (0,) if found.group(3) else (0, 1))


def _of_case(setup: Setup) -> Mapping[str, Callable[[View], Any]]:
    if setup.kind != "days":
        return {}
    if "expected_by_class" in setup.figures:
        return OF_WEEKS if len(setup.classes) > 1 else OF_TELETHONS
    return OF_DAYS


def _compare(
    known: Any, value: Any, left_out: list[Any], run: tuple[bool, float]
) -> Any:
    correlated, units = run
    if isinstance(known, list):
        if len(known) != len(value):
            raise ValueError("of another length")
        return [
            _compare(known[k], value[k], [one[k] for one in left_out], run)
            for k in range(len(known))
        ]
    error = spread(np.asarray(left_out, float), value, correlated)
    return compared(known, float(value), error, units)


# ------------------------------------------------------------------ what is known


def _told_by(name: str, outputs: Mapping[str, Any]) -> str | None:
    """The output whose certainty this key tells, or None when it is an output itself."""
    found = _INTERVAL.fullmatch(name) or _ERROR.fullmatch(name)
    if found is None:
        return None
    stem = found.group(1)
    others = [
        other
        for other in outputs
        if other != name and (other == stem or other.startswith(f"{stem}_"))
    ]
    own = [o for o in others if not (_INTERVAL.fullmatch(o) or _ERROR.fullmatch(o))]
    return min(own, key=len) if own else None


def _known(case: Case, setup: Setup, name: str, exact: Any) -> Any:
    telling = [key for key in case.outputs if _told_by(key, case.outputs) == name]
    errors = _errors(telling[0], case.outputs[telling[0]]) if telling else None
    said = _SAID.search(case.note)
    computed = name in setup.figures.get("computed", {})
    if errors is None and said is not None and not computed:
        errors = float(said.group(1).rstrip("."))
    printed = case.group.startswith("published")
    sample = float(case.parameters.get("days", case.parameters.get("weeks", 0)) or 0)
    return _shaped(exact, errors, printed, sample if printed else 0.0)


def _errors(key: str, value: Any) -> Any:
    """Standard errors from intervals [low, high], half-widths, or errors themselves."""
    interval = _INTERVAL.fullmatch(key)
    if interval is None:
        return value
    quantile = _QUANTILES[interval.group(3)]

    def halved(one: Any) -> Any:
        if isinstance(one, list):
            pair = len(one) == 2 and not any(isinstance(part, list) for part in one)
            if pair and interval.group(2) == "ci":
                return (one[1] - one[0]) / 2 / quantile
            return [halved(part) for part in one]
        return one / quantile

    return halved(value)


def _shaped(exact: Any, errors: Any, printed: bool, sample: float) -> Any:
    if isinstance(exact, list):
        each = errors if isinstance(errors, list) else [errors] * len(exact)
        pairs = zip(exact, each, strict=True)
        return [_shaped(one, error, printed, sample) for one, error in pairs]
    rounding = half_unit(exact) if printed else 0.0
    return Known(float(exact), float(errors or 0.0), rounding, sample)


def flat(parts: Any) -> list[Compared]:
    """All numbers of an output."""
    if isinstance(parts, list):
        return [one for part in parts for one in flat(part)]
    return [parts]


def worst(parts: Any) -> float:
    """The z that is farthest from 0."""
    zs = [one.z for one in flat(parts)]
    return max(zs, key=lambda z: -1.0 if math.isnan(z) else abs(z), default=math.nan)
