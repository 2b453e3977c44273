"""How far a back-test was off: errors, bias, and how often the bands held what happened.

A band is from the 10 % to the 90 % quantile of the replications of an interval. Counts
are whole numbers, so a band holds more than 80 % of the replications: `band_holds` says
how many, and is what `coverage` is to be compared with.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.backtest import (
    ABANDONED,
    ANSWERED,
    IN_TARGET,
    OFFERED,
    WAIT_S,
    WITHIN_S,
    Backtest,
    DayRun,
)
from simulator.fit.log import Floats, date_of

BAND: Final = (0.1, 0.9)
QUIET: Final = 5
"""Intervals in which fewer were offered say nothing of shares and means."""
MEASURES: Final = (
    "offered", "answered", "abandoned", "mean_wait_s", "service_level", "abandonment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Errors:
    """One measure over all intervals of all held-back days."""

    measure: str
    intervals: int
    actual: float
    """Sum of counts, or of shares and waits the mean over the intervals."""
    simulated: float
    mae: float
    """Mean absolute error of the interval's simulated mean: of shares in points."""
    wape: float | None
    """Sum of absolute errors over the sum of what happened; of counts only."""
    bias: float
    """Mean error: simulated less actual."""
    coverage: float
    """Share of the intervals in whose band the actual value lies."""
    band_holds: float
    """Share of the replications that lie in the bands."""


def measures_of(counts: Floats) -> dict[str, Floats]:
    """Each measure of counts [..., column]; NaN where it means nothing. Shares are in
    percent.
    """
    offered, answered = counts[..., OFFERED], counts[..., ANSWERED]
    ended = answered + counts[..., ABANDONED]
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "offered": offered,
            "answered": answered,
            "abandoned": counts[..., ABANDONED],
            "mean_wait_s": np.where(
                answered > 0, counts[..., WAIT_S] / answered, np.nan
            ),
            "service_level": np.where(
                ended > 0, 100 * counts[..., IN_TARGET] / ended, np.nan
            ),
            "abandonment": np.where(
                ended > 0, 100 * counts[..., ABANDONED] / ended, np.nan
            ),
        }


def errors_of(runs: tuple[DayRun, ...]) -> tuple[Errors, ...]:
    """The errors of one mode, interval by interval; measures without any are left out."""
    actual = np.concatenate([run.actual for run in runs])
    simulated = np.concatenate([run.simulated for run in runs], axis=1)
    seen, drawn = measures_of(actual), measures_of(simulated)
    busy = actual[:, OFFERED] >= QUIET
    there = (actual[:, OFFERED] > 0) | (simulated[..., OFFERED].mean(axis=0) > 0.5)
    found = []
    for measure in MEASURES:
        is_count = measure in MEASURES[:3]
        use = there if is_count else busy & ~np.isnan(seen[measure])
        use &= ~np.isnan(drawn[measure]).all(axis=0)
        if use.any():
            found.append(
                _errors(measure, seen[measure][use], drawn[measure][:, use], is_count)
            )
    return tuple(found)


def _errors(measure: str, seen: Floats, drawn: Floats, is_count: bool) -> Errors:
    mean = np.nanmean(drawn, axis=0)
    low, high = np.nanquantile(drawn, BAND, axis=0)
    off = mean - seen
    inside = (drawn >= low) & (drawn <= high)
    total = float(seen.sum())
    return Errors(
        measure=measure,
        intervals=len(seen),
        actual=total if is_count else float(seen.mean()),
        simulated=float(mean.sum()) if is_count else float(mean.mean()),
        mae=float(np.abs(off).mean()),
        wape=float(np.abs(off).sum() / total) if is_count and total else None,
        bias=float(off.mean()),
        coverage=float(((seen >= low) & (seen <= high)).mean()),
        band_holds=float(inside.sum() / (~np.isnan(drawn)).sum()),
    )


def summary(result: Backtest) -> dict[str, Any]:
    """The `--json` of a back-test."""
    return {
        "fitted_days": result.fitted_days,
        "held_back_days": [
            date_of(day).isoformat() for day in sorted({run.day for run in result.runs})
        ],
        "replications": result.replications,
        "seed": result.seed,
        "service_level_within_s": WITHIN_S,
        "band_percent": 80,
        "modes": {
            mode: {
                "errors": {
                    one.measure: {
                        "intervals": one.intervals,
                        "actual": one.actual,
                        "simulated": one.simulated,
                        "mae": one.mae,
                        "wape": one.wape,
                        "bias": one.bias,
                        "coverage": one.coverage,
                        "band_holds": one.band_holds,
                    }
                    for one in errors_of(result.of(mode))
                },
                "days": [day_figures(run) for run in result.of(mode)],
            }
            for mode in result.modes
        },
    }


def day_figures(run: DayRun) -> dict[str, Any]:
    """A whole day: what happened, the simulated mean and its 80 % band."""
    told: dict[str, Any] = {"mode": run.mode, "date": date_of(run.day).isoformat()}
    seen = measures_of(run.actual.sum(axis=0))
    drawn = measures_of(run.simulated.sum(axis=1))
    for measure in MEASURES:
        known = drawn[measure][~np.isnan(drawn[measure])]
        low, high = np.quantile(known, BAND) if len(known) else (np.nan, np.nan)
        told[measure] = {
            "actual": _told(seen[measure]),
            "simulated": _told(known.mean()) if len(known) else None,
            "low": _told(low),
            "high": _told(high),
        }
    return told


def interval_rows(result: Backtest) -> list[dict[str, Any]]:
    """One row a mode, day and interval, as `--out` writes them."""
    rows = []
    for run in result.runs:
        seen, drawn = measures_of(run.actual), measures_of(run.simulated)
        for at in np.flatnonzero(
            (run.actual[:, OFFERED] > 0)
            | (run.simulated[..., OFFERED].mean(axis=0) > 0.5)
        ).tolist():
            minutes = at * result.every_ms // 60_000
            row: dict[str, Any] = {
                "mode": run.mode,
                "date": date_of(run.day).isoformat(),
                "begins": f"{minutes // 60:02d}:{minutes % 60:02d}",
            }
            for measure in MEASURES:
                values = drawn[measure][:, at]
                values = values[~np.isnan(values)]
                row[f"{measure}_actual"] = _number(seen[measure][at])
                row[f"{measure}_simulated"] = (
                    _number(values.mean()) if len(values) else ""
                )
                for name, share in zip(("low", "high"), BAND, strict=True):
                    row[f"{measure}_{name}"] = (
                        _number(np.quantile(values, share)) if len(values) else ""
                    )
            rows.append(row)
    return rows


def _told(value: Any) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(value) else float(value)


def _number(value: float) -> float | str:
    return "" if np.isnan(value) else round(float(value), 4)
