"""Everything that is estimated from one log, put together stream by stream.

A stream is one type of interaction with one priority: customers of the same kind who get
in line at the same place.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from simulator.fit.arrivals import ArrivalFit, fit_arrivals
from simulator.fit.behaviour import Behaviour, behaviour_of
from simulator.fit.classes import Classes, classes_of
from simulator.fit.log import DAY_MS, UNKNOWN, Floats, Log
from simulator.fit.mapping import Mapping
from simulator.fit.patience import PatienceFit, fit_patience
from simulator.fit.precedence import Precedence, precedence_of
from simulator.fit.presence import Presence, presence_of
from simulator.fit.service import ROWS_MIN, TimeFit, fit_service
from simulator.fit.skills import without_passed_over

SPEED_ROWS: Final = 50.0
"""An agent's own pace counts as much as everybody's with so many answers."""


@dataclass(frozen=True, slots=True)
class StreamFit:
    """One stream as estimated."""

    name: str
    type: int
    priority: int
    head_start_ms: int
    rows: int
    service: TimeFit
    service_of_all: bool
    """Too few answers of its own: the handle time is that of all streams."""
    patience: PatienceFit | None
    """None where nobody waits too long."""
    patience_of_all: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a log says."""

    log: Log
    every_ms: int
    streams: tuple[StreamFit, ...]
    stream_of_row: npt.NDArray[np.int64]
    dealt: int
    """Rows whose priority the log does not say; see `classes`."""
    arrivals: ArrivalFit
    """Of first attempts where customers are known to retry, else of everybody."""
    presence: Presence
    precedence: Precedence
    behaviour: Behaviour
    wrap_up: TimeFit | None
    pace: dict[int, float] = field(default_factory=dict)
    """Factor on handle times by agent; above 1 is slower."""

    @property
    def days(self) -> list[int]:
        return self.log.days()


def fit_log(
    log: Log, mapping: Mapping, *, every_ms: int = 1_800_000, growth: bool = True
) -> Fitted:
    """Estimate everything from `log`. Raises ValueError when there is too little of it."""
    behaviour = behaviour_of(log)
    classes = classes_of(log)
    presence = presence_of(log)
    precedence = precedence_of(
        log, presence, classes.of_row, _first_guess(mapping, classes)
    )
    presence = without_passed_over(
        presence, log, classes.of_row, precedence.head_start_s
    )
    all_service = fit_service(log.service_s[log.answered])
    all_patience = fit_patience(log.wait_s, log.abandoned)
    types = [type_ for type_, _ in classes.keys]
    streams = tuple(
        _stream(
            log,
            classes.of_row == position,
            log.types[type_] + (f" {level}" if types.count(type_) > 1 else ""),
            (type_, level, round(float(precedence.head_start_s[position]) * 1000)),
            all_service,
            all_patience,
        )
        for position, (type_, level) in enumerate(classes.keys)
    )
    known = len(presence.wrap_up_s) >= ROWS_MIN
    counts = counts_of(log, behaviour, classes.of_row, len(streams), every_ms)
    return Fitted(
        log=log,
        every_ms=every_ms,
        streams=streams,
        stream_of_row=classes.of_row,
        dealt=classes.dealt,
        arrivals=fit_arrivals(counts, log.days(), every_ms, growth=growth),
        presence=presence,
        precedence=precedence,
        behaviour=behaviour,
        wrap_up=fit_service(presence.wrap_up_s) if known else None,
        pace=pace_of(log, classes.of_row, streams),
    )


def _first_guess(mapping: Mapping, classes: Classes) -> Floats:
    """The head start of each class in seconds, as the mapping says it."""
    known = {int(key): start for key, start in mapping.head_starts.items()}
    return np.array([known.get(level, 0) / 1000 for _, level in classes.keys])


def counts_of(
    log: Log,
    behaviour: Behaviour,
    stream_of_row: npt.NDArray[np.int64],
    streams: int,
    every_ms: int,
    *,
    first_attempts: bool = True,
) -> Floats:
    """[day, interval, stream]: arrivals, or first attempts only.

    Retries of customers whom nobody identified are taken off by the probability with which
    the identified retry, in the interval in which they gave up.
    """
    days = log.days()
    counts = np.zeros((len(days), DAY_MS // every_ms, streams))
    interval = (log.queued_ms % DAY_MS) // every_ms
    weight = np.ones(len(log))
    if first_attempts:
        unknown = (log.customer == UNKNOWN) & log.abandoned
        weight[behaviour.is_retry] = 0
        weight[unknown] = 1 - behaviour.retries.probability
    np.add.at(counts, (log.day - days[0], interval, stream_of_row), weight)
    return counts


def pace_of(
    log: Log, stream_of_row: npt.NDArray[np.int64], streams: tuple[StreamFit, ...]
) -> dict[int, float]:
    """Each agent's handle times over those expected of the same streams, drawn towards 1
    for agents with few answers.
    """
    usable = log.answered & (log.agent != UNKNOWN) & ~np.isnan(log.service_s)
    mean = np.array([stream.service.mean_s for stream in streams])
    limit = np.array([(stream.service.trimmed or (np.inf,))[0] for stream in streams])
    usable &= log.service_s < limit[stream_of_row]
    expected = mean[stream_of_row]
    found = {}
    for agent in np.unique(log.agent[usable]).tolist():
        mine = usable & (log.agent == agent)
        base = float(expected[mine].sum())
        spare = SPEED_ROWS * base / mine.sum()
        found[agent] = float((log.service_s[mine].sum() + spare) / (base + spare))
    return found


def _stream(
    log: Log,
    rows: npt.NDArray[np.bool_],
    name: str,
    key: tuple[int, int, int],
    all_service: TimeFit,
    all_patience: PatienceFit | None,
) -> StreamFit:
    type_, priority, head_start_ms = key
    known = log.service_s[rows & log.answered]
    enough = (~np.isnan(known)).sum() >= ROWS_MIN
    patience = fit_patience(log.wait_s[rows], log.abandoned[rows])
    return StreamFit(
        name=name,
        type=type_,
        priority=priority,
        head_start_ms=head_start_ms,
        rows=int(rows.sum()),
        service=fit_service(known) if enough else all_service,
        service_of_all=not enough,
        patience=patience or all_patience,
        patience_of_all=patience is None,
    )


def described(fitted: Fitted) -> dict[str, Any]:
    """What was estimated, as plain values: the `--json` of `fit`."""
    log, noise, behaviour = fitted.log, fitted.arrivals.noise, fitted.behaviour
    return {
        "file": log.file,
        "rows": log.left_out.rows,
        "used": len(log),
        "ignored": dict(log.left_out.ignored),
        "bad_rows": log.left_out.bad,
        "days": len(fitted.days),
        "streams": {stream.name: _described(stream) for stream in fitted.streams},
        "arrivals": {
            "growth_a_day": fitted.arrivals.growth_a_day,
            "growth_error": _plain(fitted.arrivals.growth_error),
            "day_gamma_shape": noise.gamma_shape,
            "within_day_sd": noise.within_sd,
            "within_day_correlation": noise.correlation,
            "dispersion": noise.dispersion,
            "neighbours_correlation": noise.neighbours,
        },
        "customers_identified": behaviour.identified,
        "retries": {
            "probability": behaviour.retries.probability,
            "error": _plain(behaviour.retries.error),
            "after": behaviour.retries.after,
        },
        "repeats": {
            "probability": behaviour.repeats.probability,
            "error": _plain(behaviour.repeats.error),
            "after": behaviour.repeats.after,
        },
        "precedence": {
            "choices": int(fitted.precedence.choices.sum()) // 2,
            "against": fitted.precedence.against,
            "against_without": fitted.precedence.against_without,
        },
        "priorities_dealt_out": fitted.dealt,
        "agents": len(fitted.presence.skills),
        "wrap_up_mean_s": fitted.wrap_up.mean_s if fitted.wrap_up else None,
    }


def _described(stream: StreamFit) -> dict[str, Any]:
    service, patience = stream.service, stream.patience
    best = service.best
    told: dict[str, Any] = {
        "rows": stream.rows,
        "head_start_s": stream.head_start_ms / 1000,
        "service": {
            "chosen": service.chosen,
            "of_all_streams": stream.service_of_all,
            "rows": service.rows,
            "mean_s": service.mean_s,
            "cv": service.cv,
            "best_family": best.family if best else None,
            "parameters": best.parameters if best else {},
            "errors": {k: _plain(v) for k, v in best.errors.items()} if best else {},
            "aic": service.aic,
            "ks_distance": service.distance,
            "trimmed_s": list(service.trimmed),
        },
        "patience": None,
    }
    if patience is not None:
        told["patience"] = {
            "chosen": patience.chosen,
            "of_all_streams": stream.patience_of_all,
            "waited": patience.waited,
            "abandoned": patience.left,
            "best_family": patience.best.family,
            "parameters": patience.best.parameters,
            "errors": {k: _plain(v) for k, v in patience.best.errors.items()},
            "exponential_mean_s": patience.tried[0].parameters["mean_s"],
            "weibull": patience.tried[1].parameters,
            "distance": patience.distance,
            "quick_share": patience.quick_share,
            "kaplan_meier": patience.shown(),
        }
    return told


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if np.isfinite(value) else None
