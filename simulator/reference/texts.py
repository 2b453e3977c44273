"""What cases say in words about rates over the day."""

import re
from itertools import pairwise
from typing import Final

from simulator.reference.times import NotExpressed

_HOURLY: Final = re.compile(r"([0-9.]+) from ([0-9]+) to ([0-9]+)")


def hourly(text: str) -> list[tuple[float, int, int]]:
    """Rates by the hour, from and until which hour, of "100 from 8 to 9, 50 from 9 to 17"."""
    found = [(float(r), int(a), int(b)) for r, a, b in _HOURLY.findall(text)]
    if not found or any(a >= b for _, a, b in found):
        raise NotExpressed(f'the rates "{text}" are not understood')
    for (_, _, until), (_, since, _) in pairwise(found):
        if since != until:
            raise NotExpressed(f'the hours of "{text}" must follow each other')
    return found
