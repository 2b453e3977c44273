"""From a journal's address to a journal: the one table of the stores there are."""

from collections.abc import Callable, Mapping
from pathlib import Path

from router.journal.contract import Journal
from router.journal.errors import JournalRefused
from router.journal.memory import MemoryJournal
from router.journal.sqlite import SqliteJournal


def _sqlite(rest: str) -> Journal:
    if not rest:
        raise JournalRefused("journal sqlite: the path is missing; use sqlite:PATH")
    return SqliteJournal(Path(rest))


def _memory(rest: str) -> Journal:
    if rest:
        raise JournalRefused(f"journal memory:{rest}: nothing follows; use memory:")
    return MemoryJournal()


STORES: Mapping[str, tuple[str, Callable[[str], Journal]]] = {
    "sqlite": ("sqlite:PATH", _sqlite),
    "memory": ("memory:", _memory),
}
"""By the scheme of the address: how it is written, and what makes the journal."""


def open_journal(url: str) -> Journal:
    """The journal at an address; nothing is touched before its first call.

    Raises `JournalRefused` naming the forms an address may have.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in STORES:
        forms = " or ".join(form for form, _ in STORES.values())
        raise JournalRefused(
            f"journal {url!r}: not an address of a journal; use {forms}"
        )
    return STORES[scheme][1](rest)
