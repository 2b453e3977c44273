"""What it costs to make facts durable and to read them back.

Run by hand (`python -m bench.bench_journal`) or by `make bench`. Groups look as a busy
floor makes them: about half of the columns are in use. Files go to a temporary folder,
so the disk measured is the one behind it.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from router.engine.tables import EVENT, NOBODY, REFERENCES
from router.journal.codec import decode, encode
from router.journal.contract import Journal
from router.journal.group import Events, Group
from router.journal.stores import open_journal

GROUP = 20
"""Events in a usual group."""
ROUNDS = 5
TAIL_GROUPS = 5_000
USED = ("interaction", "agent", "queue", "line", "count", "offer", "until", "score")

Row = dict[str, Any]


def measure() -> list[Row]:
    """Every figure as name, value, unit, ratio, ratio_to (the last two may be None)."""
    return [*_codec(), *_append(), *_read()]


def some_events(count: int) -> Events:
    """Events whose columns are filled as those of routing are."""
    draw = np.random.default_rng(count)
    events = np.zeros(count, EVENT)
    for name in REFERENCES:
        events[name] = NOBODY
    events["at"] = 1_764_000_000_000 + np.sort(draw.integers(0, 1_000, count))
    events["kind"] = draw.integers(1, 20, count)
    for name in USED:
        events[name] = draw.integers(0, 100_000, count)
    return events


def _codec() -> list[Row]:
    found = []
    for count, repeats in ((1, 4_000), (GROUP, 1_000), (100, 200), (100_000, 1)):
        group = Group(1, some_events(count))
        blob = encode(group)
        found += [
            _row(
                f"journal encode, groups of {count}",
                _seconds(partial(encode, group), repeats) / count * 1e6,
                "us/event",
            ),
            _row(
                f"journal decode, groups of {count}",
                count / _seconds(partial(decode, blob), repeats),
                "events/s",
            ),
            _row(f"journal size, groups of {count}", len(blob) / count, "B/event"),
        ]
    return found


def _append() -> list[Row]:
    """Commits of one, ten and a hundred events, in turns, so that all see one disk."""
    sizes = (1, 10, 100)
    blobs = {count: encode(Group(1, some_events(count))) for count in sizes}
    commits: dict[int, list[float]] = {count: [] for count in sizes}
    slowest: dict[int, float] = dict.fromkeys(sizes, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(f"sqlite:{Path(folder) / 'journal.db'}")
        sequence = journal.open("bench").sequence
        for _ in range(ROUNDS):
            for count in sizes:
                times = []
                for _ in range(300):
                    started = time.perf_counter()
                    journal.append(blobs[count], sequence + 1, count)
                    times.append(time.perf_counter() - started)
                    sequence += count
                commits[count].append(len(times) / sum(times))
                slowest[count] = max(slowest[count], *times)
        journal.close()
    one = median(commits[1])
    found = []
    for count in sizes:
        rate = median(commits[count])
        found += [
            _row(
                f"journal append, groups of {count}",
                rate * count,
                "events/s",
                rate / one,
                "commits/s of groups of 1",
            ),
            _row(
                f"journal append, groups of {count}, longest",
                slowest[count] * 1_000,
                "ms",
            ),
        ]
    return found


def _read() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(f"sqlite:{Path(folder) / 'journal.db'}")
        _fill(journal)
        reader = journal.reader()
        events = TAIL_GROUPS * GROUP

        def replayed() -> None:
            for group in reader.read(0):
                decode(group.blob)

        verified = events / _seconds(reader.verify, 1)
        decoded = events / _seconds(replayed, 1)
        reader.close()
        journal.close()
    of = f"groups of {GROUP}"
    return [
        _row(f"journal verify, {of}", verified, "events/s"),
        _row(
            f"journal read and decode, {of}",
            decoded,
            "events/s",
            decoded / verified,
            "journal verify",
        ),
    ]


def _fill(journal: Journal) -> None:
    journal.open("bench")
    events = some_events(GROUP)
    for first in islice(range(1, 1 << 60, GROUP), TAIL_GROUPS):
        journal.append(encode(Group(first, events)), first, GROUP)


def _seconds(work: Callable[[], object], repeats: int) -> float:
    """Seconds that one call takes: the median of rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(repeats):
            work()
        rounds.append((time.perf_counter() - started) / repeats)
    return median(rounds)


def _row(
    name: str,
    value: float,
    unit: str,
    ratio: float | None = None,
    ratio_to: str | None = None,
) -> Row:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "ratio": ratio,
        "ratio_to": ratio_to,
    }


if __name__ == "__main__":
    for row in measure():
        share = f"  {row['ratio']:.2f} x {row['ratio_to']}" if row["ratio"] else ""
        print(f"{row['name']:45} {row['value']:>14,.2f} {row['unit']}{share}")
