"""The parameters of a case by what they mean, whatever unit their keys name.

`Parameters` remembers which keys were asked for. A parameter that nobody asked for would
be a part of the system that is left out in silence, so such a case is refused.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from simulator.reference.times import NotExpressed, as_spec, scaled

_SECONDS: Final = {"s": 1.0, "sec": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_UNIT: Final = "|".join(_SECONDS)
_PER_HOUR: Final = {"hour": 1.0, "h": 1.0, "minute": 60.0, "min": 60.0, "second": 3600.0,
                    "s": 3600.0, "day": 1 / 24}  # fmt: skip
_WHO: Final = "calls|contacts|chats|interactions|arrivals|customers|messages|emails"
_RATE: Final = re.compile(
    rf"(?:(?:{_WHO})|arrival_rate|arrivals?_rates?|rates?|lambda)_per_"
    rf"({'|'.join(_PER_HOUR)})"
)

SERVICE: Final = ("aht", "service", "handle_time", "service_time", "talk", "handle")
PATIENCE: Final = ("patience",)
AGENTS: Final = ("agents", "servers", "volunteers")
ROOM: Final = ("places_in_system", "trunks", "lines", "capacity", "room")
_RATES_OF: Final = {"service": ("mu",), "patience": ("theta", "abandonment_rate")}
"""What else a rate is called whose inverse is meant."""
WAITING_ROOM: Final = (
    "queue_capacity",
    "waiting_places",
    "queue_limit",
    "queue_places",
)
WITHIN: Final = ("awt", "within", "threshold")
SAID: Final = frozenset(
    {
        "note",
        "comment",
        "sample",
        "days",
        "weeks",
        "replications",
        "runs",
        "seed",
        "batches",
        "rho",
        "load",
        "traffic_intensity",
    }
)
"""Keys that describe how the known values were found, and nothing of the system."""


class Parameters:
    """A case's parameters, read by meaning."""

    def __init__(self, values: dict[str, Any]) -> None:
        """`values` as in the file."""
        self.values = values
        self._asked: set[str] = set(SAID)

    def has(self, *keys: str) -> bool:
        """Whether all of these keys are there; asks for none of them."""
        return all(key in self.values for key in keys)

    def get(self, *keys: str, default: Any = None) -> Any:
        """The value of the first of `keys` that is there, and now asked for."""
        found = default
        for key in reversed(keys):
            if key in self.values:
                self._asked.add(key)
                found = self.values[key]
        return found

    def number(self, *keys: str, default: float | None = None) -> float:
        """A number. Raises NotExpressed where there is none."""
        value = self.get(*keys, default=default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotExpressed(f"{' or '.join(keys)} must be a number, not {value!r}")
        return float(value)

    def whole(self, *keys: str) -> int:
        """A whole number above zero."""
        value = self.number(*keys)
        if value < 1 or value != int(value):
            raise NotExpressed(f"{keys[0]} must be a whole number from 1, not {value}")
        return int(value)

    def unread(self) -> list[str]:
        """Keys that nobody has asked for."""
        return sorted(self.values.keys() - self._asked)

    def rates_per_hour(self) -> list[float]:
        """Interactions by the hour, class by class."""
        for key, value in self.values.items():
            named = _RATE.fullmatch(key)
            if named is None:
                continue
            self._asked.add(key)
            rates = value if isinstance(value, list) else [value]
            if not all(
                isinstance(rate, int | float) and not isinstance(rate, bool)
                for rate in rates
            ):
                raise NotExpressed(f"{key} must be a rate or one for each class")
            return [rate * _PER_HOUR[named.group(1)] for rate in rates]
        raise NotExpressed("no parameter says how many arrive, as calls_per_hour does")

    def times(self, stems: Iterable[str], classes: int = 1) -> list[Any]:
        """Random times by class, as `times.as_spec` writes them; None where a case says
        null or nothing. Raises NotExpressed for lists of another length.
        """
        for stem in stems:
            for key, value in self.values.items():
                found = self._time(stem, key, value)
                if found is None:
                    continue
                if len(found) not in (1, classes):
                    raise NotExpressed(f"{key} has {len(found)} values, not {classes}")
                return found * classes if len(found) == 1 else found
        return [None] * classes

    def _time(self, stem: str, key: str, value: Any) -> list[Any] | None:
        mean = re.fullmatch(rf"(?:mean_)?{stem}(?:_time)?(?:_mean)?_({_UNIT})", key)
        rates = "|".join([f"{stem}_rates?", *_RATES_OF.get(stem, ())])
        rate = re.fullmatch(rf"(?:{rates})_per_({'|'.join(_PER_HOUR)})", key)
        bare = re.fullmatch(rf"{stem}(?:_({_UNIT}))?", key)
        if mean is None and rate is None and bare is None:
            return None
        self._asked.add(key)
        values = value if isinstance(value, list) else [value]
        unit = _SECONDS[bare.group(1)] if bare is not None and bare.group(1) else 1.0
        if mean is not None:
            unit = _SECONDS[mean.group(1)]
        found: list[Any] = []
        for one in values:
            if one is None or isinstance(one, dict | str):
                found.append(None if one is None else scaled(as_spec(one), unit))
            elif rate is not None:
                mean_s = 3600.0 / (one * _PER_HOUR[rate.group(1)])
                found.append({"dist": "exponential", "mean_s": mean_s})
            else:
                found.append({"dist": "exponential", "mean_s": one * unit})
        return found

    def seconds(self, stems: Iterable[str], default: float | None = None) -> float:
        """One time that does not vary, in seconds."""
        for stem in stems:
            for unit, length in _SECONDS.items():
                if f"{stem}_{unit}" in self.values:
                    return self.number(f"{stem}_{unit}") * length
        if default is None:
            raise NotExpressed(f"no parameter says {next(iter(stems))}_s")
        return default
