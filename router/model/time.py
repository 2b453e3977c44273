"""Durations as whole milliseconds, and how people write them.

Everything inside counts in integer milliseconds, so that no rounding differs between a
live router, a replay and a simulation. This file must never read a clock: the time is
always somebody's argument.
"""

import re
from typing import Final

UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
"""Milliseconds in each unit people may write, largest first."""

# "m" must not eat the first letter of "ms". Nine digits keep any sum within 64 bits.
DURATION_PATTERN: Final = (
    r"(?=[0-9])(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m(?!s))?"
    r"(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?"
)
"""A written duration as a regular expression, without anchors."""

_DURATION: Final = re.compile(DURATION_PATTERN)


def seconds(count: int) -> int:
    """Milliseconds in `count` seconds."""
    return count * UNITS["s"]


def minutes(count: int) -> int:
    """Milliseconds in `count` minutes."""
    return count * UNITS["m"]


def hours(count: int) -> int:
    """Milliseconds in `count` hours."""
    return count * UNITS["h"]


def days(count: int) -> int:
    """Milliseconds in `count` days of 24 hours."""
    return count * UNITS["d"]


def parse_duration(text: str) -> int:
    """Read a duration such as "20s", "1m30s", "250ms", "2h" or "1d", in milliseconds.

    Units go from large to small, each at most once, with whole numbers and no spaces; a
    bare "0" is no time at all. Raises ValueError that says what is allowed.
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(
            "must be whole numbers with the units d, h, m, s or ms, largest first, "
            'as in "20s", "1m30s" or "250ms"'
        )
    return sum(
        int(count) * unit
        for count, unit in zip(match.groups(), UNITS.values(), strict=True)
        if count is not None
    )


def format_duration(duration_ms: int) -> str:
    """Write milliseconds the way `parse_duration` reads them: 90000 is "1m30s".

    Raises ValueError for a negative duration.
    """
    if duration_ms < 0:
        raise ValueError(f"a duration cannot be negative, it is {duration_ms} ms")
    if duration_ms == 0:
        return "0s"
    parts = []
    rest = duration_ms
    for unit, length in UNITS.items():
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
