"""A clock moved by hand, and a journal that remembers the order in which it was used.

Shared by the tests of the host and of the service. Holds no test and no fixture.
"""

import time
from typing import Any

from router.journal.contract import Head
from router.journal.errors import JournalFailed
from router.journal.memory import MemoryJournal
from tests.factories import NINE


class HandClock:
    """Engine time that stands still until it is moved."""

    def __init__(self, at: int = NINE) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def seconds_until(self, due: int) -> float:
        return (due - self.at) / 1000

    @staticmethod
    def stopwatch_us() -> int:
        return time.perf_counter_ns() // 1000


class Diary:
    """What happened, in order."""

    def __init__(self) -> None:
        self.entries: list[str] = []

    def note(self, entry: str) -> None:
        self.entries.append(entry)


class WatchedJournal(MemoryJournal):
    """Notes every append; refuses when told to, before or after it has written."""

    def __init__(self, diary: Diary | None = None) -> None:
        super().__init__()
        self.diary = diary or Diary()
        self.fails = ""

    def append(self, blob: bytes, first_sequence: int, count: int) -> Head:
        self.diary.note("append")
        if self.fails == "before":
            raise JournalFailed("journal memory: the disk is full; make room")
        head = super().append(blob, first_sequence, count)
        if self.fails == "after":
            raise JournalFailed("journal memory: the outcome is unknown")
        if self.fails == "oddly":
            raise OSError("a fault that is no JournalError")
        return head

    def groups(self) -> list[Any]:
        return list(self.reader().read(0)) if self.head().sequence else []
