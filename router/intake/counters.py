"""What has to be remembered of one customer for proactive contact: small, and bounded.

The caller keeps the value beside the customer and gives it back with the next event; it
holds instants and digests, and nothing a customer said. Its JSON form is stable. What
it is used for stands in `proactive`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from router.policy.proactive import CAPS_MAX, COUNT_MAX

SERIES_MAX: Final = 64
"""Most rules and causes that are counted at once; the one seen longest ago goes."""

TAKEN_UP_MAX: Final = 64
"""Most causes remembered as taken up; the oldest goes."""

EVENTS_MAX: Final = 64
"""Most reports remembered, so that one that comes twice counts once."""

CONTACTS_MAX: Final = COUNT_MAX * CAPS_MAX
"""Most contacts remembered for the caps."""

KINDS_MAX: Final = 64
"""Most kinds of event remembered that speak against a rule."""

TEXT_MAX: Final = 65_536
"""Most characters of the JSON form."""

FORMAT: Final = 1


class CountersWrong(ValueError):
    """The text is not what `Counters.to_json` writes."""


@dataclass(frozen=True, slots=True)
class Counters:
    """One customer's counters."""

    series: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Instants of the latest events that counted, by rule and cause."""
    against: Mapping[str, int] = field(default_factory=dict)
    """The latest instant of each kind of event that speaks against some rule."""
    taken_up: Mapping[str, int] = field(default_factory=dict)
    """When each rule and cause was last taken up."""
    contacts: tuple[int, ...] = ()
    """Instants of contacts, those that are still due included, in order."""
    events: tuple[str, ...] = ()
    """Digests of the latest reports."""

    def to_json(self) -> str:
        """The counters as text, the same for equal counters."""
        return json.dumps(
            {
                "format": FORMAT,
                "series": {key: list(at) for key, at in sorted(self.series.items())},
                "against": dict(sorted(self.against.items())),
                "taken_up": dict(sorted(self.taken_up.items())),
                "contacts": list(self.contacts),
                "events": list(self.events),
            },
            separators=(",", ":"),
        )


def counters_from_json(text: str) -> Counters:
    """Read what `to_json` wrote. Raises CountersWrong, and never half reads."""
    if len(text) > TEXT_MAX:
        raise CountersWrong(f"counters have at most {TEXT_MAX} characters")
    try:
        values = json.loads(text)
        if values["format"] != FORMAT:
            raise CountersWrong("counters of another format")
        return Counters(
            series={str(key): _instants(at) for key, at in values["series"].items()},
            against={str(key): _instant(at) for key, at in values["against"].items()},
            taken_up={str(key): _instant(at) for key, at in values["taken_up"].items()},
            contacts=_instants(values["contacts"]),
            events=tuple(map(str, values["events"])),
        )
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError):
        raise CountersWrong("these are no counters") from None


def _instant(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _instants(values: Any) -> tuple[int, ...]:
    return tuple(sorted(map(_instant, values)))


def latest(values: Mapping[str, int], most: int) -> dict[str, int]:
    """The `most` latest of named instants."""
    kept = sorted(values.items(), key=lambda one: (-one[1], one[0]))[:most]
    return dict(kept)


def latest_series(
    series: Mapping[str, tuple[int, ...]], most: int
) -> dict[str, tuple[int, ...]]:
    """The `most` series whose last instant is latest."""
    kept = sorted(series.items(), key=lambda one: (-one[1][-1], one[0]))[:most]
    return dict(kept)


def digest(*parts: str) -> str:
    """A short digest of texts, so that no text need be remembered."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:20]
