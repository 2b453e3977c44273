"""The context store: appends, pages of a long timeline, handoff packages, erasure.

Run by hand (`python -m bench context`) or by `make bench`. Files go to a temporary
folder, so the disk measured is the one behind it. Messages have 240 characters.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.rows import Row, paired, percentile, row
from router.context.contexts import Contexts, open_contexts
from router.context.entries import Author, Entry, Fact, Message, Summary, Value
from router.context.handoff_package import gather
from router.model.channel import Channel
from router.model.context import AuthorRole

BATCHES = 300
LONG = 10_000
"""Entries of the customer with the long timeline, over fifty conversations."""
PAGE = 50
WHOLE_BYTES = 1 << 20
"""The context that is carried over."""
TEXT = ("Merhaba, dün verdiğim sipariş hâlâ gelmedi; kargo " * 5)[:240]


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        contexts = open_contexts(f"sqlite:{Path(folder) / 'contexts.sqlite'}")
        found = [
            *_appends(contexts),
            *_timeline(contexts),
            *_packages(contexts),
            *_carried(contexts),
            *_erasures(contexts),
        ]
        contexts.close()
    return found


def an_entry(value: Value, at: int = 1) -> Entry:
    return Entry(value, Author(AuthorRole.CUSTOMER), at, Channel.CHAT, "i-1")


def _add(
    contexts: Contexts, customer: str, talk: str, after: int, *values: Value
) -> None:
    seal = contexts.conversations.seal
    contexts.conversations.prepare(
        [
            seal(customer, talk, after + 1 + offset, an_entry(value))
            for offset, value in enumerate(values)
        ]
    )


def _appends(contexts: Contexts) -> list[Row]:
    """Seal and commit, in batches of one and of a hundred, in turns."""
    rates: dict[int, list[float]] = {1: [], 100: []}
    commits: dict[int, list[float]] = {1: [], 100: []}
    for batch in range(BATCHES):
        for count, found in rates.items():
            customer = f"cus-{count}-{batch % 50}"
            seal = contexts.conversations.seal
            first = batch // 50 * count + 1
            started = time.perf_counter()
            sealed = [
                seal(customer, f"conv-{customer}", first + n, an_entry(Message(TEXT)))
                for n in range(count)
            ]
            between = time.perf_counter()
            contexts.conversations.prepare(sealed)
            ended = time.perf_counter()
            found.append(count / (ended - started))
            commits[count].append((ended - between) * 1_000)
    one = median(rates[1])
    rows = []
    for count in rates:
        rate = median(rates[count])
        rows += [
            row(
                f"context append, {count} a commit",
                rate,
                "entries/s",
                rate / one,
                "1 a commit",
            ),
            row(
                f"context prepare, {count} a commit, p50", median(commits[count]), "ms"
            ),
            row(
                f"context prepare, {count} a commit, p99",
                percentile(commits[count], 99),
                "ms",
            ),
        ]
    return rows


def _timeline(contexts: Contexts) -> list[Row]:
    for first in range(0, LONG, 100):
        talk = f"conv-long-{first % 5_000}"
        after = 100 if first >= LONG // 2 else 0
        _add(contexts, "cus-long", talk, after, *[Message(TEXT)] * 100)
    tokens = [""]
    times: list[float] = []
    for _ in range(3):
        for position in range(LONG // PAGE):
            seconds, token = _page(contexts, tokens[position])
            times.append(seconds * 1_000)
            if len(tokens) <= position + 1:
                tokens.append(token)
    assert tokens.pop() == "", "the last page has no next one"
    # In turns, so that both see the same machine.
    ends = [
        [_page(contexts, token)[0] * 1_000 for token in (tokens[0], tokens[-1])]
        for _ in range(60)
    ]
    firsts, lasts = (list(one) for one in zip(*ends, strict=True))
    of = f"timeline page of {PAGE} of {LONG} entries"
    return [
        row(f"{of}, p50", median(times), "ms"),
        row(f"{of}, p99", percentile(times, 99), "ms"),
        row(f"{of}, the first", median(firsts), "ms"),
        row(f"{of}, the last", median(lasts), "ms", paired(lasts, firsts), "the first"),
    ]


def _page(contexts: Contexts, token: str) -> tuple[float, str]:
    started = time.perf_counter()
    page = contexts.conversations.timeline("cus-long", page_size=PAGE, page_token=token)
    return time.perf_counter() - started, page.next_page_token


def _fill(contexts: Contexts, customer: str, talk: str) -> int:
    """A context of one mebibyte with what people find out; its version."""
    values: list[Value] = [Message(TEXT) for _ in range(WHOLE_BYTES // 320)]
    for position in range(0, len(values), 200):
        values[position] = Fact(f"fact_{position}", "884213")
        values[position + 1] = Summary(TEXT)
    _add(contexts, customer, talk, 0, *values)
    return len(values)


def _packages(contexts: Contexts) -> list[Row]:
    version = _fill(contexts, "cus-whole", "conv-whole")
    times = [
        seconds * 1_000
        for seconds in _timed(lambda: _package(contexts, version), repeats=100)
    ]
    of = "handoff package from 1 MB of context"
    return [
        row(f"{of}, p50", median(times), "ms"),
        row(f"{of}, p99", percentile(times, 99), "ms"),
    ]


def _package(contexts: Contexts, version: int) -> object:
    return gather(
        contexts.conversations,
        contexts.customers,
        "cus-whole",
        "conv-whole",
        version,
        to_channel=Channel.VOICE,
    )


def _carried(contexts: Contexts) -> list[Row]:
    """A handoff by reference writes one entry; by value it would write all of them."""
    row_of = contexts.conversations.conversation("cus-whole", "conv-whole")
    version = row_of.version
    by_reference, by_value = [], []
    for turn in range(5):
        by_reference += _timed(
            lambda turn=turn: _add(
                contexts,
                "cus-whole",
                "conv-whole",
                version + turn,
                Fact("successor", "i-2"),
            )
        )
        by_value += _timed(lambda turn=turn: _copied(contexts, f"copy-{turn}", version))
    reference, value = median(by_reference), median(by_value)
    return [
        row("carry over 1 MB of context by value", value * 1_000, "ms"),
        row(
            "carry over 1 MB of context by reference",
            reference * 1_000,
            "ms",
            paired(by_reference, by_value),
            "by value",
        ),
    ]


def _copied(contexts: Contexts, talk: str, version: int) -> None:
    after, values = 0, []
    while after < version:
        read = contexts.conversations.entries(
            "cus-whole",
            "conv-whole",
            after_version=after,
            up_to_version=version,
            limit=1_000,
        )
        values += [one.entry.value for one in read]
        after = read[-1].version
    _add(contexts, "cus-whole", talk, 0, *values)


def _erasures(contexts: Contexts) -> list[Row]:
    for position in range(100):
        _add(
            contexts, f"cus-e{position}", f"conv-e{position}", 0, *[Message(TEXT)] * 20
        )
    times = [
        seconds * 1_000
        for position in range(100)
        for seconds in _timed(
            lambda position=position: contexts.privacy.erase(f"cus-e{position}", 1)
        )
    ]
    (long,) = _timed(lambda: contexts.privacy.erase("cus-long", 1))
    return [
        row("erase a customer with 20 entries, p50", median(times), "ms"),
        row("erase a customer with 20 entries, p99", percentile(times, 99), "ms"),
        row(f"erase a customer with {LONG} entries", long * 1_000, "ms"),
    ]


def _timed(work: Callable[[], object], repeats: int = 1) -> list[float]:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times
