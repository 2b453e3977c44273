"""Names and rows: what callers call things, and where the tables keep them.

Part of the engine's state, though not of the floor's tables: text stays out of compiled
code. A name is given in the same batch as the event that needs it, and replay gives it
again.
"""

from collections.abc import Sequence

from router.engine.kinds import Table


class Names:
    """The names of one table's rows, both ways."""

    __slots__ = ("forgotten", "rows", "texts")

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.texts: dict[int, str] = {}
        self.forgotten: dict[int, str] = {}
        """The last name that each row has lost."""

    def __len__(self) -> int:
        return len(self.texts)

    def bind(self, row: int, text: str) -> None:
        """Give row `row` this name; whatever had the row before loses it."""
        if row in self.texts:
            old = self.texts[row]
            if old == text:
                return
            self.forgotten[row] = old
            if self.rows.get(old) == row:
                del self.rows[old]
        self.texts[row] = text
        self.rows[text] = row

    def bind_all(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """The same for several, in this order."""
        known = self.texts
        if len(set(rows)) == len(rows) and known.keys().isdisjoint(rows):
            known.update(zip(rows, texts, strict=True))
            self.rows.update(zip(texts, rows, strict=True))
        else:
            for row, text in zip(rows, texts, strict=True):
                self.bind(row, text)

    def release(self, row: int) -> None:
        """The row has no name any more."""
        text = self.texts.pop(row, None)
        if text is not None:
            self.forgotten[row] = text
            if self.rows.get(text) == row:
                del self.rows[text]

    def next_row(self) -> int:
        """The next row of a table whose names are never released."""
        return len(self.texts)


class Directory:
    """All names of the floor, by table."""

    def __init__(self) -> None:
        self.interactions = Names()
        self.agents = Names()
        self.queues = Names()
        self.skills = Names()
        self.groups = Names()
        self.presence_reasons = Names()
        self.ladders = Names()
        self.conversations = Names()
        self.customers = Names()
        self.displays: dict[int, str] = {}
        self.specifications: dict[int, str] = {}
        self.intakes: dict[int, str] = {}
        self._by_table: dict[int, Names] = {
            Table.INTERACTION: self.interactions,
            Table.AGENT: self.agents,
            Table.QUEUE: self.queues,
            Table.SKILL: self.skills,
            Table.GROUP: self.groups,
            Table.PRESENCE_REASON: self.presence_reasons,
            Table.LADDER: self.ladders,
            Table.CONVERSATION: self.conversations,
            Table.CUSTOMER: self.customers,
        }
        self._texts: dict[int, dict[int, str]] = {
            Table.DISPLAY: self.displays,
            Table.SPECIFICATION: self.specifications,
            Table.INTAKE: self.intakes,
        }

    def bind(self, table: int, row: int, text: str) -> None:
        """Give a row of a table its name, or remember a text that goes with a row."""
        names = self._by_table.get(table)
        if names is not None:
            if names is self.interactions and self.intakes:
                # A row that is taken again inherits nothing.
                self.intakes.pop(row, None)
            names.bind(row, text)
        elif table in self._texts:
            self._texts[table][row] = text

    def bind_all(self, table: Table, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Give several rows of a table with names theirs, in this order."""
        if self.intakes:
            for row, text in zip(rows, texts, strict=True):
                self.bind(table, row, text)
        else:
            self._by_table[table].bind_all(rows, texts)

    def forget_interaction(self, row: int) -> None:
        """Everything about an interaction that the floor has forgotten."""
        self.interactions.release(row)
        self.intakes.pop(row, None)

    def copy(self) -> "Directory":
        """The names of rows as they are now; only good for `entries`."""
        copy = Directory()
        for table, names in self._by_table.items():
            copy._by_table[table].texts = names.texts.copy()
        for table, texts in self._texts.items():
            copy._texts[table] = texts.copy()
        return copy

    def entries(self) -> list[tuple[int, int, str]]:
        """All names as (table, row, text), for a snapshot."""
        found = [
            (int(table), row, text)
            for table, names in self._by_table.items()
            for row, text in names.texts.items()
        ]
        found += [
            (int(table), row, text)
            for table, texts in self._texts.items()
            for row, text in texts.items()
        ]
        return found
