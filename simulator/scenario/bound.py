"""The least occupancy at which work can be shared out, whoever routes it.

Streams of work, groups of agents, and who could take what: the work of any set of
streams must fit the agents who could take any of them. The set for which this is
tightest is found with maximum flows (Ford & Fulkerson 1956) and Dinkelbach's ratio
iteration (1967): so no set of queues has to be tried by hand.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_NOTHING: Final = 1e-9
"""Work and room below this share of the whole are nothing."""
_SOURCE: Final = -1
_SINK: Final = -2


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The streams that are tightest together."""

    streams: tuple[str, ...]
    work: float
    """Agents that are busy with them all the time, in the mean."""
    agents: float
    """Agents who could take any of them."""

    @property
    def occupancy(self) -> float:
        """How busy these agents are at least; above 1 is impossible."""
        return self.work / self.agents if self.agents else float("inf")


def bottleneck(
    work: Mapping[str, float],
    agents: Mapping[str, float],
    takes: Mapping[str, tuple[str, ...]],
    least: float = 0.0,
) -> Bottleneck | None:
    """The tightest set of streams, of those that somebody can take.

    `work` is in agents by stream, `agents` by staff, `takes` the staff by stream. None
    if there is nothing to do, or no set makes its agents busier than `least`.
    """
    present = {
        name: frozenset(who for who in takes[name] if agents[who] > 0)
        for name, load in work.items()
        if load > 0
    }
    names = [name for name, able in present.items() if able]
    if not names:
        return None

    def together(streams: Iterable[str]) -> Bottleneck:
        chosen = tuple(streams)
        able = frozenset[str]().union(*(present[name] for name in chosen))
        load = sum(work[name] for name in chosen)
        return Bottleneck(chosen, load, sum(agents[who] for who in able))

    alike = _alike(names, present, agents)
    tightest: Bottleneck | None = together(names)
    if tightest is not None and tightest.occupancy <= least:
        tightest = None
    while True:
        busy = least if tightest is None else tightest.occupancy
        over = _overloaded([work[name] / busy for name in names], alike)
        closer = together(names[i] for i in over) if over else None
        if closer is None or closer.occupancy <= busy * (1 + _NOTHING):
            return tightest
        tightest = closer


def _alike(
    names: list[str],
    present: Mapping[str, frozenset[str]],
    agents: Mapping[str, float],
) -> dict[frozenset[int], float]:
    """How many agents can take the same streams, by the places of these streams."""
    streams: dict[str, set[int]] = {}
    for i, name in enumerate(names):
        for who in present[name]:
            streams.setdefault(who, set()).add(i)
    alike: dict[frozenset[int], float] = {}
    for who, able in streams.items():
        key = frozenset(able)
        alike[key] = alike.get(key, 0.0) + agents[who]
    return alike


def _overloaded(work: list[float], alike: Mapping[frozenset[int], float]) -> list[int]:
    """The streams whose work does not fit together; empty if all of it does."""
    room: dict[int, dict[int, float]] = {_SOURCE: dict(enumerate(work)), _SINK: {}}
    room.update((i, {}) for i in range(len(work)))
    for number, (streams, agents) in enumerate(alike.items(), len(work)):
        room[number] = {_SINK: agents}
        for i in streams:
            room[i][number] = float("inf")
    reached = _reached(room, _NOTHING * sum(work))
    return [i for i in range(len(work)) if i in reached]


def _reached(room: dict[int, dict[int, float]], least: float) -> set[int]:
    """Where the source still leads once as much flows to the sink as can."""
    while True:
        came = {_SOURCE: _SOURCE}
        ahead = deque([_SOURCE])
        while ahead and _SINK not in came:
            node = ahead.popleft()
            for other, left in room[node].items():
                if left > least and other not in came:
                    came[other] = node
                    ahead.append(other)
        if _SINK not in came:
            return set(came)
        route = [_SINK]
        while route[-1] != _SOURCE:
            route.append(came[route[-1]])
        steps = [(node, other) for other, node in pairwise(route)]
        flow = min(room[node][other] for node, other in steps)
        for node, other in steps:
            room[node][other] -= flow
            room[other][node] = room[other].get(node, 0.0) + flow
