"""Prometheus metrics, fed by events: what is counted, and what a scraper is given.

What concerns queues is folded into measures at well under a microsecond an event and
turned into families only when somebody scrapes; gauges are read from callables at that
moment. The rest (rounds, the journal, what was shed) are ordinary metrics with their
children bound beforehand. A scrape may come from another thread.
"""

from collections.abc import Mapping, Sequence
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
from prometheus_client.exposition import choose_encoder

from router.engine.batch import Batch
from router.engine.engine import Engine
from router.engine.floor import joined
from router.engine.joint import STATUS_NUMBERS
from router.engine.kinds import Kind
from router.engine.tables import EVENT, Floor, Record
from router.measures import Measures, QueueTarget
from router.telemetry.collector import MeasuresCollector, Scraped
from router.telemetry.families import PREFIX
from router.telemetry.gauges import Gauges

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
_FOLD_AT = 4_096
"""So many events are counted together: a fold costs the same for one as for a hundred,
and nobody looks before the next scrape."""
_ROUND_SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


class Metrics:
    """All metrics of one router, in a registry of their own if none is given."""

    def __init__(
        self, registry: CollectorRegistry | None = None, gauges: Gauges | None = None
    ) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self.gauges = gauges if gauges is not None else Gauges()
        self.measures = Measures()
        self._names: Mapping[int, str] = {}
        self._uncounted: list[Record] = []
        self._uncounted_events = 0
        self._lock = Lock()
        self._make_own()
        self.registry.register(MeasuresCollector(self._snapshot, lambda: self.gauges))
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
            self._count(floor)
            self._fold(events, floor)

    def on_batch(self, batch: Batch, engine: Engine) -> None:
        """The same as a listener of the host, which may count later; queues are named
        as the engine names them.
        """
        published = bool(batch.documents)
        with self._lock:
            self._uncounted.append(batch.events)
            self._uncounted_events += len(batch.events)
            if published or self._uncounted_events >= _FOLD_AT:
                self._count(engine.floor)
        if published or not self._names:
            self.names(engine.names.queues.texts)

    def _count(self, floor: Floor | None = None) -> None:
        """Fold what has gathered. Needs the lock."""
        if self._uncounted:
            events, self._uncounted, self._uncounted_events = self._uncounted, [], 0
            self._fold(joined(events), floor)

    def _fold(self, events: Record, floor: Floor | None) -> None:
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
        with self._lock:
            self._count()
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self.registry)

    def _snapshot(self) -> Scraped:
        with self._lock:
            self._count()
            copy = self.measures.copy()
        shown = [pair for pair in copy.pairs() if pair[0] in self._names]
        return Scraped(copy, self._names, shown)
