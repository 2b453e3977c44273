"""The order in which classes choose pools and pools choose classes, read from a case.

The lists of skills say it where nothing else does: specialists before generalists, and
each pool its skills in the order in which they stand. Words override both, such as
"class 1 -> pool 1 else pool 2" or "a freed pool-2 agent takes class 1 first".
"""

import re
from collections.abc import Sequence
from typing import Final

Order = list[list[int]]
"""Best first; equals stand together."""

_FIRST: Final = re.compile(r"class[ -]?(\w+) first|priority (?:to|of) class[ -]?(\w+)")
_POOL_FIRST: Final = re.compile(
    r"freed (?:pool[ -]?(\w+)|generalists?|agents?|flexible agents?)[^;,.]*? takes? "
    r"(?:class[ -]?(\w+) (?:first|before)|(?:the )?(longest|oldest))"
)
_GOES: Final = re.compile(
    r"class[ -]?(\w+) ?-> ?pool[ -]?(\w+)((?: else pool[ -]?\w+)*)"
)
_OLDEST: Final = re.compile(
    r"longest[- ]waiting|oldest|\bfcfs\b|single fifo|fifo order"
)


def class_orders(
    skills: Sequence[Sequence[int]], classes: int, said: str
) -> list[Order]:
    """Each class's pools, best first. `skills` has the classes of each pool, from 0."""
    found = []
    for k in range(classes):
        able = [p for p, pool in enumerate(skills) if k in pool]
        ranked = sorted(able, key=lambda p: (list(skills[p]).index(k), len(skills[p])))
        specialists_first = sorted(able, key=lambda p: len(skills[p]))
        lengths = {len(skills[p]) for p in able}
        order = specialists_first if len(lengths) > 1 else ranked
        found.append([[p] for p in order])
    for named, first, others in _GOES.findall(said):
        if named.isdigit() and int(named) <= classes:
            pools = [first, *re.findall(r"pool[ -]?(\w+)", others)]
            if all(pool.isdigit() for pool in pools):
                found[int(named) - 1] = [[int(pool) - 1] for pool in pools]
    return found


def pool_orders(skills: Sequence[Sequence[int]], said: str) -> list[Order]:
    """Each pool's classes, best first; one group where the oldest goes first."""
    oldest = _OLDEST.search(said) is not None
    found: list[Order] = [
        [list(pool)] if oldest else [[k] for k in pool] for pool in skills
    ]
    if not oldest:
        _put_first(found, said)
    for named, first, _ in _POOL_FIRST.findall(said):
        if not first.isdigit():
            continue
        chosen = int(first) - 1
        for p, pool in enumerate(skills):
            if chosen in pool and len(pool) > 1 and named in ("", str(p + 1)):
                rest = [k for k in pool if k != chosen]
                found[p] = [[chosen], *([rest] if oldest else [[k] for k in rest])]
    return found


def _put_first(found: list[Order], said: str) -> None:
    """Classes that are said to go first wherever they are taken."""
    named = [one or other for one, other in _FIRST.findall(said)]
    chosen = list(dict.fromkeys(int(name) - 1 for name in named if name.isdigit()))
    if not chosen or _POOL_FIRST.search(said):
        return
    for order in found:
        there = [k for group in order for k in group]
        first = [k for k in chosen if k in there]
        order[:] = [[k] for k in [*first, *(k for k in there if k not in first)]]
