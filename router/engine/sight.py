"""Looking at single values of the floor from Python, quickly.

A record array makes an object of every row it is asked for, which costs more than the
decision that follows. A column as a plain array is made once a floor and read at a
twentieth of that. Only for reading and for the fields of an order to come.
"""

from typing import Any

import numpy as np

from router.engine.machine import Machine


class Sight:
    """The columns of a machine's tables, as they are on its floor of the moment."""

    __slots__ = ("_columns", "_floor", "_machine")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._floor: Any = None
        self._columns: dict[tuple[str, str], Any] = {}

    def __call__(self, table: str, column: str) -> Any:
        """One column of a table."""
        floor = self._machine.floor
        if floor is not self._floor:
            self._floor = floor
            self._columns.clear()
        found = self._columns.get((table, column))
        if found is None:
            found = getattr(floor, table).view(np.ndarray)[column]
            self._columns[table, column] = found
        return found
