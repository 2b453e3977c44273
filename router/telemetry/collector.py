"""From measures and gauges to Prometheus families, at the moment of a scrape.

Beside `metrics`, which counts; nothing here changes what it shows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from router.engine.kinds import Kind
from router.measures import Entry, Measures
from router.measures import Histogram as Classes
from router.model.channel import Channel
from router.telemetry.families import (
    AGENT_STATES,
    COUNTERS,
    HANDLE,
    OUTCOMES,
    PREFIX,
    WAIT,
    WRAP_UP,
)
from router.telemetry.gauges import Gauges, Pair


@dataclass(slots=True)
class Scraped:
    """A consistent copy of what a scrape shows, taken under the lock and rendered
    outside it.
    """

    measures: Measures
    names: Mapping[int, str]
    shown: list[Pair] = field(default_factory=list)


class MeasuresCollector(Collector):
    """Makes families out of measures and gauges, at the moment of a scrape."""

    def __init__(
        self, snapshot: Callable[[], Scraped], gauges: Callable[[], Gauges]
    ) -> None:
        self._snapshot = snapshot
        self._gauges = gauges

    def describe(self) -> list[Metric]:
        """Nothing: asking would scrape, and the floor may not be there yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        snapshot, gauges = self._snapshot(), self._gauges()
        waiting, oldest = gauges.waiting(), gauges.oldest_waiting_ms()
        names = snapshot.names
        shown = sorted(
            {*snapshot.shown, *(pair for pair in waiting if pair[0] in names)}
        )
        labels = {pair: _labels(names, pair) for pair in shown}
        yield from _counters(snapshot.measures, labels)
        yield from _by_pair(
            "interactions_waiting",
            "Interactions queued or offered now.",
            {labels[pair]: waiting.get(pair, 0) for pair in shown},
        )
        yield from _by_pair(
            "oldest_waiting_seconds",
            "Age of the oldest that waits; 0 if none does.",
            {labels[pair]: oldest.get(pair, 0) / 1000 for pair in shown},
        )
        yield from _targets(snapshot.measures, labels)
        yield from _histograms(snapshot.measures, labels)
        yield from _events(snapshot.measures)
        agents = GaugeMetricFamily(
            f"{PREFIX}agents", "Agents by what they are doing now.", labels=["state"]
        )
        for state, count in gauges.agents().items():
            agents.add_metric([AGENT_STATES[state]], count)
        yield agents
        yield from _house(gauges)


def _labels(names: Mapping[int, str], pair: Pair) -> tuple[str, str]:
    queue, channel = pair
    return names[queue], Channel(channel).name.lower()


def _counters(
    measures: Measures, labels: Mapping[Pair, tuple[str, str]]
) -> Iterator[Metric]:
    arrivals, everything = measures.queues(Entry.ARRIVAL), measures.queues(None)
    for counter in COUNTERS:
        more = [counter.label] if counter.label else []
        family = CounterMetricFamily(
            PREFIX + counter.name, counter.help, labels=["queue", "channel", *more]
        )
        figures = everything if counter.returns else arrivals
        for pair, label in labels.items():
            if pair in figures:
                for value, count in counter.read(figures[pair]).items():
                    family.add_metric([*label, value] if more else label, count)
        yield family


def _by_pair(
    name: str, text: str, values: Mapping[tuple[str, str], float]
) -> Iterator[Metric]:
    family = GaugeMetricFamily(PREFIX + name, text, labels=["queue", "channel"])
    for label, value in values.items():
        family.add_metric(label, value)
    yield family


def _targets(
    measures: Measures, labels: Mapping[Pair, tuple[str, str]]
) -> Iterator[Metric]:
    targets = {
        label: measures.targets[pair[0]]
        for pair, label in labels.items()
        if pair[0] in measures.targets
    }
    yield from _by_pair(
        "service_level_target_ratio",
        "Share to be answered in time, from 0 to 1.",
        {label: target.target_percent / 100 for label, target in targets.items()},
    )
    yield from _by_pair(
        "service_level_threshold_seconds",
        "What counts as in time.",
        {label: target.target_ms / 1000 for label, target in targets.items()},
    )


def _histograms(
    measures: Measures, labels: Mapping[Pair, tuple[str, str]]
) -> Iterator[Metric]:
    waits = HistogramMetricFamily(
        PREFIX + WAIT[0], WAIT[1], labels=["queue", "channel", "outcome"]
    )
    handles = HistogramMetricFamily(
        PREFIX + HANDLE[0], HANDLE[1], labels=["queue", "channel"]
    )
    wrap_ups = HistogramMetricFamily(
        PREFIX + WRAP_UP[0], WRAP_UP[1], labels=["queue", "channel"]
    )
    counted = set(measures.pairs())
    for pair, label in labels.items():
        if pair not in counted:
            continue
        for outcome, name in OUTCOMES.items():
            _add(waits, [*label, name], measures.waits(*pair, outcome))
        _add(handles, label, measures.handles(*pair))
        _add(wrap_ups, label, measures.wrap_ups(*pair))
    yield from (waits, handles, wrap_ups)


def _add(
    family: HistogramMetricFamily, label: list[str] | tuple[str, str], classes: Classes
) -> None:
    """Add one histogram, unless it is empty, as most outcomes are."""
    if classes.count == 0:
        return
    total = 0
    buckets = []
    bounds = [str(bound / 1000) for bound in classes.bounds_ms]
    for bound, count in zip([*bounds, "+Inf"], classes.counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    family.add_metric(label, buckets, classes.sum_ms / 1000)


def _events(measures: Measures) -> Iterator[Metric]:
    family = CounterMetricFamily(
        f"{PREFIX}events", "Facts the engine has stated, by kind.", labels=["kind"]
    )
    for kind in Kind:
        if kind is not Kind.NONE:
            family.add_metric([kind.name.lower()], int(measures.seen[kind]))
    yield family


def _house(gauges: Gauges) -> Iterator[Metric]:
    if gauges.inbox_depth is not None:
        yield GaugeMetricFamily(
            f"{PREFIX}inbox_depth",
            "Commands that wait for the engine.",
            gauges.inbox_depth(),
        )
    for name, text, so_far in (
        ("commands_shed", "Commands refused: the inbox was full.", gauges.shed),
        ("streams_cut", "Streams ended: their reader was slow.", gauges.streams_cut),
    ):
        if so_far is not None:
            yield CounterMetricFamily(PREFIX + name, text, so_far())
    if gauges.policy is not None:
        version, digest = gauges.policy()
        family = GaugeMetricFamily(
            f"{PREFIX}policy_info", "The policy in force.", labels=["version", "digest"]
        )
        family.add_metric([str(version), digest], 1)
        yield family
