"""Random times as cases write them, and as scenarios do.

A case says `{"dist": "weibull", "shape": 0.5, "scale_s": 200}` or "exponential mean 2 min";
between the two stands a spec: a family and its numbers in seconds, with keys that end in
`_s`.
"""

import math
import re
from typing import Any, Final

from router.model.time import format_duration

_UNITS: Final = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0,
                 "minutes": 60.0, "h": 3600.0, "ms": 0.001}  # fmt: skip
_ALIASES: Final = {
    "deterministic": "constant", "det": "constant", "d": "constant", "fixed": "constant",
    "exp": "exponential", "m": "exponential", "h2": "hyperexponential",
    "hyperexp": "hyperexponential", "erlang_k": "erlang", "log-normal": "lognormal",
}  # fmt: skip
_WORD: Final = re.compile(
    r"([a-z_]+)\s*=?\s*([0-9]+(?:\.[0-9]+)?)\s*(seconds|second|sec|s|min|minutes|h|ms)?\b"
)
ZERO_KEYS: Final = ("p_balk", "balk_probability", "p_zero", "p0", "balk_p", "balking",
                    "p_balking", "balk")  # fmt: skip
"""How cases name the share of those who do not wait at all."""


class NotExpressed(ValueError):
    """This case cannot be written as a scenario, and why."""


def as_spec(value: Any) -> dict[str, Any]:
    """A family and its numbers, from a case's object or words; times in seconds unless the
    words name a unit (then under `unit` they are marked as said).
    """
    if isinstance(value, str):
        return _read_words(value)
    spec = dict(value)
    family = str(spec.pop("dist", spec.pop("family", spec.pop("distribution", ""))))
    family = family.strip().casefold()
    found: dict[str, Any] = {"dist": _ALIASES.get(family, family)}
    for key, number in spec.items():
        stem, _, unit = key.rpartition("_")
        if stem and unit in _UNITS:
            found[f"{stem}_s"] = _times(number, _UNITS[unit])
        elif key in ("mean", "means", "scale", "low", "high", "value", "sd", "median"):
            found[f"{key}_s"] = number
        else:
            found[key] = number
    if family == "sum":
        found["said"] = True
    if "parts" in found:
        found["components"] = found.pop("parts")
    return found


def scaled(spec: dict[str, Any], unit_s: float) -> dict[str, Any]:
    """The same with every time that named no unit of its own taken in `unit_s`."""
    if unit_s == 1.0 or spec.get("said"):
        return spec
    return {
        key: _times(value, unit_s) if key.endswith("_s") else value
        for key, value in spec.items()
    }


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_times(one, factor) for one in value]
    return value * factor if isinstance(value, int | float) else value


def _read_words(text: str) -> dict[str, Any]:
    """Such as "exponential mean 2 min", "uniform 3..7" or "gamma shape 1 mean 100 s"."""
    words = re.sub(r"\(.*?\)", "", text).strip().casefold()
    family = words.split()[0] if words else ""
    spec: dict[str, Any] = {"dist": _ALIASES.get(family, family)}
    said = False
    between = re.search(r"([0-9.]+)\s*(?:\.\.|to|-)\s*([0-9.]+)\s*([a-z]+)?", words)
    if family == "uniform" and between is not None:
        unit = _UNITS.get(between.group(3) or "", 0.0)
        low, high = float(between.group(1).rstrip(".")), float(between.group(2))
        spec |= {"low_s": low * (unit or 1.0), "high_s": high * (unit or 1.0)}
        return {**spec, "said": unit > 0}
    for name, number, unit in _WORD.findall(words):
        plain = name in ("shape", "k", "cv", "p")
        key = name if plain else f"{'mean' if name == family else name}_s"
        spec.setdefault(key, float(number) * (_UNITS[unit] if unit else 1.0))
        said = said or bool(unit)
    spec["said"] = said
    return spec


def mean_s(spec: dict[str, Any]) -> float:
    """The mean of a spec in seconds."""
    family = spec["dist"]
    if family == "uniform":
        return float(spec["low_s"] + spec["high_s"]) / 2
    if family == "hyperexponential":
        shares = _shares(spec["p"], len(spec["means_s"]))
        pairs = zip(shares, spec["means_s"], strict=True)
        return float(sum(p * mean for p, mean in pairs))
    if family == "weibull" and "mean_s" not in spec:
        return float(spec["scale_s"]) * math.gamma(1 + 1 / float(spec["shape"]))
    if "components" in spec:
        return max(mean_s(as_spec(part)) for part in spec["components"])
    return float(spec.get("mean_s", spec.get("value_s", 0.0)))


def written(seconds: float) -> str:
    """Seconds as scenarios write times, to the millisecond."""
    return format_duration(max(1, round(seconds * 1000)))


def random_time(spec: dict[str, Any]) -> Any:
    """The spec as a scenario's random time. Raises NotExpressed for unknown families."""
    try:
        return _random_time(spec)
    except (KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, NotExpressed):
            raise
        raise NotExpressed(f"the distribution {spec} is not understood") from problem


def _random_time(spec: dict[str, Any]) -> Any:
    if "components" in spec:
        return _mixture(spec["components"])
    match spec["dist"]:
        case "exponential":
            return {"exponential": {"mean": written(spec["mean_s"])}}
        case "constant":
            return written(spec["value_s"] if "value_s" in spec else spec["mean_s"])
        case "erlang" | "gamma":
            shape = float(spec.get("shape", spec.get("k", 0)))
            mean = spec["mean_s"] if "mean_s" in spec else shape * spec["scale_s"]
            return {"gamma": {"mean": written(mean), "shape": shape}}
        case "lognormal":
            return {"lognormal": _lognormal(spec)}
        case "weibull":
            shape = float(spec["shape"])
            scale = spec.get("scale_s")
            if scale is None:
                scale = spec["mean_s"] / math.gamma(1 + 1 / shape)
            return {"weibull": {"scale": written(scale), "shape": shape}}
        case "uniform":
            low = format_duration(round(spec["low_s"] * 1000))
            return {"uniform": {"low": low, "high": written(spec["high_s"])}}
        case "hyperexponential" | "mixture":
            shares = _shares(spec["p"], len(spec["means_s"]))
            parts = zip(shares, spec["means_s"], strict=True)
            return {
                "mixture": [
                    {"share": p, "time": {"exponential": {"mean": written(mean)}}}
                    for p, mean in parts
                ]
            }
        case _ if zero_share(spec) is not None:
            return {"exponential": {"mean": written(spec["mean_s"])}}
        case other:
            raise NotExpressed(f'there is no family "{other}" of random times')


def zero_share(spec: dict[str, Any]) -> float | None:
    """How many have no patience at all, where a case says so."""
    for key in ZERO_KEYS:
        if key in spec:
            return float(spec[key])
    zero = [part for part in spec.get("components", []) if _is_zero(part)]
    return sum(_share_of(part) for part in zero) if zero else None


def _is_zero(part: dict[str, Any]) -> bool:
    inner = as_spec(part)
    return inner["dist"] == "constant" and not inner.get("value_s", inner.get("mean_s"))


def _share_of(part: dict[str, Any]) -> float:
    for key in ("p", "share", "weight", "probability"):
        if key in part:
            return float(part[key])
    raise NotExpressed(f"the part {part} of a mixture does not say how likely it is")


def _mixture(parts: list[dict[str, Any]]) -> Any:
    """The parts that are no zero, by what is left of the shares."""
    left = [part for part in parts if not _is_zero(part)]
    whole = sum(_share_of(part) for part in left)
    if len(left) == 1:
        return random_time(as_spec(left[0]))
    return {
        "mixture": [
            {"share": _share_of(part) / whole, "time": random_time(as_spec(part))}
            for part in left
        ]
    }


def _shares(shares: Any, count: int) -> list[float]:
    listed = [float(p) for p in shares] if isinstance(shares, list) else [float(shares)]
    if len(listed) == count - 1:
        listed.append(1 - sum(listed))
    return listed


def _lognormal(spec: dict[str, Any]) -> dict[str, Any]:
    if "sigma" in spec and "mean_s" not in spec:
        sigma = float(spec["sigma"])
        median = spec["median_s"] if "median_s" in spec else math.exp(spec["mu"])
        mean = median * math.exp(sigma * sigma / 2)
        return {"mean": written(mean), "cv": math.sqrt(math.expm1(sigma * sigma))}
    mean = float(spec["mean_s"])
    if "cv" in spec:
        return {"mean": written(mean), "cv": float(spec["cv"])}
    if "sigma" in spec:
        return {"mean": written(mean), "cv": math.sqrt(math.expm1(spec["sigma"] ** 2))}
    return {"mean": written(mean), "cv": float(spec["sd_s"]) / mean}
