"""Systems that cannot bear what is offered to them, said plainly.

By the bounds of `load_offered`: what is said here is true whoever routes.
"""

from collections.abc import Iterator
from typing import Final

from simulator.scenario.bound import Bottleneck
from simulator.scenario.load import Loaded
from simulator.scenario.load_offered import CLOSE, FULL, Interval, Loads

SHOWN: Final = 8
"""Most sets of overloaded streams that are told, the worst first."""


def warnings(loaded: Loaded) -> list[str]:
    """What to know before a run: doubts of the loader, then loads nobody can bear."""
    loads = Loads(loaded.scenario, loaded.policy)
    doubts = [f"{loaded.path}:{doubt}" for doubt in loaded.doubts]
    return [*doubts, *_nobody_there(loads), *_overloads(loads)]


def _nobody_there(loads: Loads) -> Iterator[str]:
    """Streams that arrive while nobody who could take them is at work."""
    for name, stream in loads.scenario.demand.items():
        alone = [
            hour
            for hour in loads.intervals
            if hour.arriving[name] > 0
            and not any(hour.agents[who] > 0 for who in loads.takes[name])
        ]
        if alone and loads.takes[name] and loads.is_urgent(name):
            count = sum(hour.arriving[name] for hour in alone)
            yield (
                f'demand "{name}": {_figure(count)} arrive while nobody is at work who '
                f'could take them from queue "{stream.queue}", first '
                f"{_when(loads, alone[0].interval)}"
            )


def _overloads(loads: Loads) -> Iterator[str]:
    """One line for each set of streams that is overloaded: at its worst, or over all."""
    worst: dict[tuple[str, ...], tuple[Interval, Bottleneck]] = {}
    for hour in loads.intervals:
        tight = loads.overloaded(hour)
        if tight is None:
            continue
        known = worst.get(tight.streams)
        if known is None or tight.occupancy > known[1].occupancy * (1 + CLOSE):
            worst[tight.streams] = (hour.interval, tight)
    whole = loads.tightest_of_all()
    shown = sorted(worst.items(), key=lambda one: -one[1][1].occupancy)[:SHOWN]
    for streams, (interval, tight) in shown:
        yield (
            f"{_queues(loads, streams)}: {_offered(loads, tight)} "
            f"{_when(loads, interval)} and at most {_figure(tight.agents)} agents "
            f"can take them; {_outcome(loads, tight)}"
        )
    if whole is not None and whole.occupancy >= FULL and whole.streams not in worst:
        yield (
            f"{_queues(loads, whole.streams)}: {_offered(loads, whole)} over the whole "
            f"run and at most {_figure(whole.agents)} agents can take them in the mean; "
            f"{_outcome(loads, whole)}"
        )


def _offered(loads: Loads, tight: Bottleneck) -> str:
    """How much work it is; where agents take several at once, it is less than Erlang."""
    several = any(
        loads.agent_ms[name] < loads.handle_ms[name] for name in tight.streams
    )
    work = f"{tight.work:.1f}"
    return (
        f"work for {work} agents is offered"
        if several
        else f"{work} Erlang are offered"
    )


def _when(loads: Loads, interval: Interval) -> str:
    on = f"on {interval.date} " if loads.scenario.days > 1 else ""
    return f"{on}between {interval.begins} and {interval.ends}"


def _outcome(loads: Loads, tight: Bottleneck) -> str:
    """What becomes of an overload."""
    demand = loads.scenario.demand
    if all(demand[name].patience is not None for name in tight.streams):
        lost = 1 - tight.agents / tight.work
        return f"only those who give up keep it in bounds, at least {lost:.1%} of them"
    is_for_ever = loads.over_all(tight.streams).occupancy >= FULL
    return "without abandonment the queue grows " + (
        "without end" if is_for_ever else "for as long as that lasts"
    )


def _queues(loads: Loads, streams: tuple[str, ...]) -> str:
    demand = loads.scenario.demand
    names = list(dict.fromkeys(demand[name].queue for name in streams))
    if len(names) == 1:
        return f'queue "{names[0]}"'
    shown = ", ".join(f'"{name}"' for name in names)
    return f"queues {shown} together"


def _figure(number: float) -> str:
    return f"{number:.0f}" if abs(number - round(number)) < 0.05 else f"{number:.1f}"
