"""What one batch of commands has caused: all that has to be durable before anybody
hears of it.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from router.engine.continuity import Sealed
from router.engine.requests import Answered
from router.engine.tables import Record


class Done(NamedTuple):
    """An order was carried out: the row it is about, and the last sequence it caused."""

    row: int
    sequence: int


@dataclass
class Batch:
    """Facts with everything replay needs: names given, answers to requests, rows
    defined, policies read.

    `documents` are (kind, name, text). `first_sequence` numbers the first event.
    """

    first_sequence: int
    events: Record
    names: list[tuple[int, int, str]] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    payload: bytes = b""
    documents: list[tuple[str, str, str]] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    """Entries of contexts that have to be in the store before this is in the journal; not
    part of the record."""

    @cached_property
    def kinds(self) -> frozenset[int]:
        """The kinds of events there are: most listeners look for a few, and most
        batches have none of them.
        """
        return frozenset(self.events["kind"].tolist())

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + len(self.events) - 1
