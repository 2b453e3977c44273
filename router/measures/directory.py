"""The tables of the measures as compiled code sees them: one pointer, every table flat.

As a dozen arrays they would be counted as referred to at every call of every function,
which costs several times what the counting does.
"""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary
from zlib import crc32

import numba
import numpy as np
from numba import types

from router.engine.directory import seen_as
from router.engine.tables import Record, place
from router.measures.shapes import COUNT, PROGRESS, SHIFT

_WHOLE = np.dtype(np.int64)
FLAT: tuple[tuple[str, np.dtype[Any]], ...] = (
    ("counts", COUNT),
    ("thresholds", _WHOLE),
    ("waits", _WHOLE),
    ("handles", _WHOLE),
    ("wrap_ups", _WHOLE),
    ("progress", PROGRESS),
    ("shifts", SHIFT),
    ("state_ms", _WHOLE),
    ("seen", _WHOLE),
)
"""Name and rows of each, in the order of the fields of `tables.Tables`."""


_PLAIN = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]


class FlatTables:
    """Where the tables are. Keeps them alive as long as it lives itself."""

    def __init__(self, tables: Sequence[Record]) -> None:
        self.tables = [np.ascontiguousarray(table).reshape(-1) for table in tables]
        self.directory = np.array([place(table) for table in self.tables], np.int64)
        self.address: int = self.directory.ctypes.data
        if _PLAIN:
            for (name, _), table in zip(FLAT, self.tables, strict=True):
                setattr(self, name, table)
            _by_address[self.address] = self


class TablesType(types.Type):
    """The Numba type of `FlatTables`.

    Named after the shapes: code that was compiled for others is not found again.
    """

    def __init__(self) -> None:
        shapes = repr([(name, dtype.descr) for name, dtype in FLAT])
        super().__init__(name=f"SantralMeasures{crc32(shapes.encode()):08x}")


_by_address: WeakValueDictionary[int, FlatTables] = WeakValueDictionary()
"""What stands where, for plain Python, which follows no addresses."""
tables_at: Callable[[Any], Any] = (
    _by_address.__getitem__ if _PLAIN else seen_as(TablesType(), FlatTables, FLAT)
)
