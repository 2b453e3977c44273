"""What the comments of a fitted scenario say: from what, from how many rows, how sure."""

from typing import Any, Final

import numpy as np

from simulator.fit.fitting import Fitted, StreamFit
from simulator.fit.log import date_of
from simulator.fit.yaml_writer import Comments
from simulator.scenario.demand import WEEKDAYS

STAFF: Final = (
    "The log does not say shifts: mean numbers at work by weekday and interval, from who "
    "answered. At work is who answers, breaks left out in which customers waited in vain."
)


def remarks_on(fitted: Fitted) -> Comments:
    """Comments by the path of what they explain."""
    comments: Comments = {
        (): [*_of_log(fitted), *_of_arrivals(fitted)],
        ("demand",): _of_customers(fitted),
        ("staff",): [STAFF],
    }
    for stream in fitted.streams:
        comments[("demand", stream.name)] = _of_stream(stream)
    return comments


def _of_log(fitted: Fitted) -> list[str]:
    log = fitted.log
    first, last = (
        date_of(day).isoformat() for day in (fitted.days[0], fitted.days[-1])
    )
    told = [
        f"Fitted to {log.file.rsplit('/', 1)[-1]}, {first} to {last}: {len(log)} rows."
    ]
    left = [f"{count} ({which})" for which, count in log.left_out.ignored if count]
    if left:
        told.append(
            "Of the whole file ignored, as the mapping says: " + ", ".join(left)
        )
    if log.left_out.bad:
        told.append(
            f"Left out because they could not be read: {log.left_out.bad} rows."
        )
    return told


def _of_arrivals(fitted: Fitted) -> list[str]:
    noise, arrivals = fitted.arrivals.noise, fitted.arrivals
    shape = (
        f"gamma of shape {noise.gamma_shape:.4g}" if noise.gamma_shape else "none found"
    )
    varies = (
        f"Counts vary {noise.dispersion:.2f} times as much as chance alone, and neighbours"
        f" correlate {noise.neighbours:.2f} ({noise.days} days). Day factor: {shape};"
        f" within the day: sd {noise.within_sd:.3f}, correlation {noise.correlation:.2f}."
    )
    told = [varies]
    if np.isfinite(arrivals.growth_error):
        verdict = "used" if arrivals.growth_found else "no more than chance, not used"
        growth = f"Growth a day: {arrivals.growth_a_day:+.4f}"
        told.append(f"{growth} (s.e. {arrivals.growth_error:.4f}), {verdict}.")
    unseen = [WEEKDAYS[day] for day in range(7) if not arrivals.seen[day]]
    if unseen:
        told.append(f"No {', '.join(unseen)} in the log: the mean of the other days.")
    return told


def _of_customers(fitted: Fitted) -> list[str]:
    behaviour, precedence = fitted.behaviour, fitted.precedence
    again, repeats = behaviour.retries, behaviour.repeats
    told = []
    if behaviour.identified:
        retries = (
            f"Retries: {again.probability:.3f} (s.e. {again.error:.3f}, {again.after} who "
            "gave up) came back within an hour. They are not in the curves; whoever is not "
            "identified is taken to do the same."
        )
        later = (
            f"Repeats: {repeats.probability:.3f} (s.e. {repeats.error:.3f}) came back within "
            "an hour of service. They are in the curves."
        )
        known = f"Customers identified: {behaviour.identified:.0%} of the rows."
        told = [known, retries, later]
    if choices := int(precedence.choices.sum()) // 2:
        told.append(
            f"Head starts (`waited`) are from the order of answers: they explain "
            f"{1 - precedence.against:.0%} of {choices} choices, the longest wait alone "
            f"{1 - precedence.against_without:.0%}."
        )
    if fitted.dealt:
        told.append(
            f"Priorities of {fitted.dealt} rows answered at once are not in the log: dealt "
            "out as those who waited have them."
        )
    return told


def _of_stream(stream: StreamFit) -> list[str]:
    service, lines = stream.service, [f"{stream.rows} rows."]
    whose = "all streams" if stream.service_of_all else "its own"
    text = f"handle: {service.chosen}, {service.rows} rows ({whose}), mean {service.mean_s:.1f} s"
    if service.best is not None:
        text += (
            f"; best family {_family(service.best)}, distance {service.distance:.3f}"
        )
    lines.append(text)
    if service.trimmed:
        times = ", ".join(f"{time:.0f} s" for time in service.trimmed[:5])
        lines.append(f"handle: {len(service.trimmed)} absurd times left out: {times}")
    patience = stream.patience
    if patience is None:
        lines.append("patience: too few gave up to say")
        return lines
    whose = "all streams" if stream.patience_of_all else "its own"
    lines.append(
        f"patience: {patience.chosen}, {patience.left} of {patience.waited} gave up "
        f"({whose}); best family {_family(patience.best)}, distance {patience.distance:.3f}"
    )
    points = [f"{one['s']:.0f} s {one['willing']:.3f}" for one in patience.shown()]
    lines.append("patience: Kaplan-Meier, still willing after " + ", ".join(points))
    return lines


def _family(best: Any) -> str:
    parts = [
        f"{name} {value:.4g} (s.e. {best.errors[name]:.2g})"
        for name, value in best.parameters.items()
    ]
    return f"{best.family}: {', '.join(parts)}"
