"""Prometheus metrics, fed by events: the one place that knows `prometheus_client`.

What concerns queues is folded into measures at well under a microsecond an event and
turned into families only when somebody scrapes; gauges are read from callables at that
moment. The rest (rounds, the journal, what was shed) are ordinary metrics with their
children bound beforehand. A scrape may come from another thread.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.joint import STATUS_NUMBERS
from router.engine.kinds import Kind
from router.engine.tables import EVENT, Floor, Record
from router.measures import Entry, Measures, QueueTarget
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

PHASES = ("decide", "solve", "commit")
_DECISION_SECONDS = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
)
_APPEND_SECONDS = (
    0.0002,
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.25,
    1.0,
)
_SOLVER = "min_cost_flow"
_ROUND_SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


@dataclass(slots=True)
class _Snapshot:
    """A consistent copy of what a scrape shows, taken under the lock and rendered
    outside it.
    """

    measures: Measures
    names: Mapping[int, str]
    shown: list[Pair] = field(default_factory=list)


class Metrics:
    """All metrics of one router, in a registry of their own if none is given."""

    def __init__(
        self, registry: CollectorRegistry | None = None, gauges: Gauges | None = None
    ) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self.gauges = gauges if gauges is not None else Gauges()
        self.measures = Measures()
        self._names: Mapping[int, str] = {}
        self._lock = Lock()
        self._make_own()
        self.registry.register(_FromMeasures(self._snapshot, lambda: self.gauges))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def _make_own(self) -> None:
        decision = self._histogram(
            "decision_seconds", "Time to decide, by phase.", _DECISION_SECONDS, "phase"
        )
        self._decision = {phase: decision.labels(phase) for phase in PHASES}
        self._round_interactions = self._histogram(
            "batch_interactions", "Interactions in a joint match round.", _ROUND_SIZES
        )
        self._round_agents = self._histogram(
            "batch_agents", "Agents in a joint match round.", _ROUND_SIZES
        )
        self._append = self._histogram(
            "journal_append_seconds", "Time until a group was durable.", _APPEND_SECONDS
        )
        runs = self._counter(
            "solver_runs",
            "Joint match rounds by how far the solver came; the rest went greedily.",
            "solver",
            "status",
        )
        self._solver_runs = {
            number: runs.labels(_SOLVER, status.value)
            for status, number in STATUS_NUMBERS.items()
        }

    def _histogram(
        self, name: str, text: str, bounds: Sequence[float], *labels: str
    ) -> Histogram:
        return Histogram(
            PREFIX + name, text, labels, buckets=bounds, registry=self.registry
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, text, labels, registry=self.registry)

    # -------------------------------------------------------------- what the host tells

    def names(
        self,
        queues: Mapping[int, str],
        targets: Mapping[int, QueueTarget] | None = None,
    ) -> None:
        """Set the names of the queues by row. A queue without a name is not shown.

        `targets` are needed only where neither `start_from` nor `on_events` has a
        floor.
        """
        with self._lock:
            self._names = dict(queues)
            self.measures.set_targets(targets or {})

    def start_from(self, floor: Floor) -> None:
        """Begin with a recovered floor: thresholds, and who waits and works already."""
        with self._lock:
            self.measures.start_from(floor)

    def on_events(self, events: Record, floor: Floor | None = None) -> None:
        """Count a batch that is durable. `floor`, to which it has been applied, gives
        new thresholds.
        """
        with self._lock:
            seen = self.measures.seen[Kind.MATCH_ROUND_SOLVED]
            self.measures.fold(events, floor)
            if self.measures.seen[Kind.MATCH_ROUND_SOLVED] == seen:
                return
        events = events.view(EVENT, np.ndarray)
        for row in events[events["kind"] == Kind.MATCH_ROUND_SOLVED]:
            self._solver_runs[int(row["mode"])].inc()
            self._round_interactions.observe(int(row["count"]))
            self._round_agents.observe(int(row["eligible"]))
            self._decision["solve"].observe(int(row["until"]) / 1e6)

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """The same as a listener of the host; queues are named as the engine names
        them.
        """
        published = int(self.measures.seen[Kind.POLICY_PUBLISHED])
        self.on_events(batch.events, engine.floor)
        if not self._names or self.measures.seen[Kind.POLICY_PUBLISHED] != published:
            self.names(engine.names.queues.texts)

    def on_timed(self, decide_s: float, append_s: float) -> None:
        """Observe how long a batch took to be decided and to become durable, in
        seconds.
        """
        self.decision_seconds("decide", decide_s)
        self.decision_seconds("commit", append_s)
        self.journal_append_seconds(append_s)

    def decision_seconds(self, phase: str, duration_s: float) -> None:
        """Observe how long a phase took, one of `PHASES`; "solve" comes from the events
        by itself.
        """
        self._decision[phase].observe(duration_s)

    def journal_append_seconds(self, duration_s: float) -> None:
        """Observe how long a group took to become durable."""
        self._append.observe(duration_s)

    # -------------------------------------------------------------- what a scraper asks

    def exposition(self, accept: str = "") -> tuple[str, bytes]:
        """Everything in the format that the `Accept` header asks for: content type and
        body.
        """
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self.registry)

    def _snapshot(self) -> _Snapshot:
        with self._lock:
            copy = self.measures.copy()
        shown = [pair for pair in copy.pairs() if pair[0] in self._names]
        return _Snapshot(copy, self._names, shown)


class _FromMeasures(Collector):
    """Makes families out of measures and gauges, at the moment of a scrape."""

    def __init__(
        self, snapshot: Callable[[], _Snapshot], gauges: Callable[[], Gauges]
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
