"""What outputs are read off: sums by meaning instead of by column.

A view knows the case's classes and pools. Without a class it answers for all of them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from router.measures.shapes import COUNT_NAMES, AgentState
from simulator.records import Area, Column, Layout
from simulator.reference.batches import Sums, Values
from simulator.reference.setup import PROBE, Setup

AT_WORK: Final = tuple(state for state in AgentState if state != AgentState.OFFLINE)
WORKING: Final = (AgentState.BUSY, AgentState.WRAP_UP)
IDLE: Final = (AgentState.OFFERED, AgentState.AVAILABLE)
READY: Final = (*WORKING, *IDLE)


class View:
    """Sums of one case."""

    def __init__(self, setup: Setup, layout: Layout, sums: Sums, every_ms: int) -> None:
        """`sums` of records whose axes are named by `layout`."""
        self.setup = setup
        self.sums = sums
        self.every_ms = every_ms
        self._layout = layout
        self._streams = {name: k for k, name in enumerate(layout.streams)}
        self._staff = {name: k for k, name in enumerate(layout.staff)}

    # ---------------------------------------------------------------- who

    def of(self, which: int | None = None) -> list[int]:
        """Rows of a class's streams, or of all classes (probes and followers left out)."""
        classes = self.setup.classes
        named = classes if which is None else [classes[which]]
        return [self._streams[name] for streams in named for name in streams]

    def rows(self, names: Sequence[str]) -> list[int]:
        """Rows of streams by name."""
        return [self._streams[name] for name in names]

    @property
    def probes(self) -> list[int]:
        """The probes' row."""
        return self.rows([PROBE])

    def agents(self, which: int | None = None) -> list[int]:
        """Rows of a pool's staff, or of all pools."""
        pools = self.setup.pools
        named = pools if which is None else [pools[which]]
        return [self._staff[name] for entries in named for name in entries]

    def head_count(self, which: int | None = None) -> int:
        """How many agents a pool has."""
        pools = self.setup.pools
        named = pools if which is None else [pools[which]]
        staff = self.setup.staff
        return sum(staff[name]["agents"] for entries in named for name in entries)

    # ---------------------------------------------------------------- how many

    def count(
        self, rows: Sequence[int], *columns: Column, span: slice = slice(None)
    ) -> float:
        """Interactions (or milliseconds) in these columns together."""
        return float(self.sums.streams[span][:, rows][:, :, list(columns)].sum())

    def by_interval(self, rows: Sequence[int], *columns: Column) -> Values:
        """The same, interval by interval."""
        table: Values = self.sums.streams[:, rows][:, :, list(columns)].sum(axis=(1, 2))
        return table

    def mean_number(self, rows: Sequence[int], *areas: Area) -> float:
        """How many there are at a time, on average."""
        table = self.sums.areas[:, rows][:, :, list(areas)]
        return float(table.sum() / (self.sums.lasted_ms * len(table)))

    def number_by_interval(self, rows: Sequence[int], *areas: Area) -> Values:
        """The same, interval by interval."""
        table = self.sums.areas[:, rows][:, :, list(areas)].sum(axis=(1, 2))
        numbers: Values = table / self.sums.lasted_ms
        return numbers

    def happened(self, *names: str) -> Values:
        """Counts of all queues by the interval in which it happened."""
        places = [COUNT_NAMES.index(name) for name in names]
        table: Values = self.sums.queues[..., places].sum(axis=(1, 2, 3))
        return table

    def time(
        self, rows: Sequence[int], *states: AgentState, span: slice = slice(None)
    ) -> float:
        """Agents' milliseconds in these states."""
        return float(self.sums.staff[span][:, rows][:, :, list(states)].sum())

    # ---------------------------------------------------------------- when

    def periods(self, values: Values) -> list[float]:
        """Sums by period of the day."""
        setup = self.setup
        each = setup.period_ms // self.every_ms
        first = setup.begins_ms // self.every_ms
        inside = values[first : first + each * setup.periods]
        table: list[float] = inside.reshape(setup.periods, each).sum(axis=1).tolist()
        return table

    @property
    def opening(self) -> slice:
        """The intervals while arrivals come."""
        setup = self.setup
        return slice(setup.begins_ms // self.every_ms, setup.ends_ms // self.every_ms)

    @property
    def closing(self) -> slice:
        """The intervals after that."""
        return slice(self.setup.ends_ms // self.every_ms, None)

    @property
    def units(self) -> float:
        """How many days or weeks there were."""
        return float(self.sums.units)


def ratio(part: float, whole: float) -> float:
    """A share of something; not a number when there is nothing to have a share of."""
    return part / whole if whole else float(np.nan)
