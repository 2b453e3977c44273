"""What one group commit carries, as Python values; `codec` turns it into bytes and
back.

Below the host and above the stores: the stores see only the bytes. A group holds
everything that replay needs and nothing that replay must not see (no personal data in
clear).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Events = npt.NDArray[np.void] | np.recarray[Any, Any]
"""Rows of `router.engine.tables.EVENT`."""


class Name(NamedTuple):
    """A name given to a row of the floor; an empty text takes the name away."""

    table: int
    slot: int
    text: str


class Outcome(NamedTuple):
    """How a request was answered, kept so that a repeated request gets the same answer.

    `result` is the row of the interaction or agent the answer is about, or -1;
    `sequence` is that of the request's last event; `at` is engine time in milliseconds.
    """

    principal: str
    method: str
    request_id: str
    request_hash: bytes
    code: int = 0
    reason: str = ""
    message: str = ""
    result: int = -1
    sequence: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text that became valid with its group, such as a policy."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Everything that became true in one group commit: at least one event."""

    first_sequence: int
    events: Events
    names: Sequence[tuple[int, int, str]] = ()
    outcomes: Sequence[tuple[Any, ...]] = ()
    """Each in the order of `Outcome`."""
    payload: bytes = b""
    documents: Sequence[Document] = field(default=())

    @property
    def last_sequence(self) -> int:
        return self.first_sequence + len(self.events) - 1
