"""Names given in the batch at hand: bound in the directory at once, and kept for the
journal.
"""

from collections.abc import Sequence
from itertools import repeat

from router.engine.errors import LimitReached
from router.engine.kinds import Table
from router.engine.names import Directory, Names


class Given:
    """Gives names."""

    def __init__(self, names: Directory) -> None:
        self._names = names
        self._given: list[tuple[int, int, str]] = []

    def name(self, table: Table, row: int, text: str) -> None:
        """Give a row its name, here and in the batch."""
        self._names.bind(table, row, text)
        self._given.append((table, row, text))

    def name_all(self, table: Table, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Give several rows of one table their names, in this order."""
        self._names.bind_all(table, rows, texts)
        self._given += zip(repeat(int(table)), rows, texts)

    def note(self, row: int, text: str) -> None:
        """Put a free word about an interaction on record."""
        self._given.append((int(Table.NOTE), row, text))

    def interned(self, table: Table, names: Names, text: str, room: int) -> int:
        """The row of a name, given to the next row when it is new."""
        row = names.rows.get(text)
        if row is None:
            row = names.next_row()
            if row >= room:
                raise LimitReached(
                    f"more than {room} names of kind {table.name.lower()} have been in use"
                )
            self.name(table, row, text)
        return row

    def take(self) -> list[tuple[int, int, str]]:
        """The names given since the last `take`."""
        given, self._given = self._given, []
        return given
