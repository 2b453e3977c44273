"""A snapshot: the engine's whole state as bytes, and back.

The tables' bytes as they are, with the names, the answered requests and the policy's
text. `capture` only copies and runs between two batches; `pack` puts into words and
compresses, and may run in a thread beside the loop. The state hash is over the
uncompressed content, so two routers can compare what they hold without comparing how it
was packed.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from router.engine.engine import Engine
from router.engine.floor import enlarged, used_rows
from router.engine.names import Directory
from router.engine.requests import Answered
from router.engine.tables import DEFINITION_TABLES, STATE_TABLES, TABLES, shape
from router.policy.policy import Policy

VERSION = 1
PIECE_ROWS = 1_000
_DTYPES = dict(TABLES)
_GROWS = {
    "roster": "agents", "interactions": "interactions", "queue_rules": "queues", "lines": "lines",
    "ladders": "ladders", "steps": "steps", "clauses": "clauses",
    "conversations": "conversations", "customers": "customers",
}  # fmt: skip


class SnapshotUnfit(Exception):
    """The snapshot was made by an engine with other tables; replay the journal from its
    beginning instead.
    """


@dataclass(frozen=True)
class Captured:
    """The state between two batches, copied and not yet packed."""

    sequence: int
    facts: dict[str, Any]
    names: Directory
    answers: list[Answered]
    tables: list[bytes]

    @cached_property
    def header(self) -> list[bytes]:
        """All that is not tables, as the pieces of one JSON text. No piece is long: the
        encoder holds the interpreter for as long as it works on one.
        """
        answers = ((*a[:3], a.digest.hex(), *a[4:]) for a in self.answers)
        return [
            _json(self.facts)[:-1] + b',"names":[',
            *_joined(self.names.entries()),
            b'],"answers":[',
            *_joined(answers),
            b"]}",
        ]

    @property
    def state_hash(self) -> str:
        """128 bits over everything captured, as hex."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (*self.header, *self.tables):
            digest.update(part)
        return digest.hexdigest()

    def pack(self) -> bytes:
        """Compress into one body."""
        header = self.header
        body = zlib.compressobj(1)
        parts = [body.compress(sum(map(len, header)).to_bytes(8, "little"))]
        parts += [body.compress(part) for part in (*header, *self.tables)]
        parts.append(body.flush())
        return b"".join(parts)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _joined(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    """The rows as elements of a JSON list, some at a time."""
    rows, between = iter(rows), b""
    while some := list(islice(rows, PIECE_ROWS)):
        yield between + _json(some)[1:-1]
        between = b","


def capture(engine: Engine) -> Captured:
    """Copy the state. Call it between two batches only; the rest may be done elsewhere."""
    floor = engine.floor
    used = used_rows(floor)
    return Captured(
        sequence=engine.sequence,
        facts={
            "version": VERSION,
            "shape": shape(),
            "rows": used,
            "policy": engine.policy_text,
        },
        names=engine.names.copy(),
        answers=engine.requests.entries(),
        tables=[
            getattr(floor, name)[: used[name]].tobytes()
            for name in (*DEFINITION_TABLES, *STATE_TABLES)
        ],
    )


def restore(body: bytes, read_policy: Callable[[str], Policy]) -> Engine:
    """Make an engine from a snapshot's body. Raises `SnapshotUnfit` when its tables are
    not ours.
    """
    raw = zlib.decompress(body)
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    if header["version"] != VERSION or header["shape"] != shape():
        raise SnapshotUnfit("the snapshot was made by an engine with other tables")
    engine = Engine()
    floor = engine.floor
    for name, what in _GROWS.items():
        floor = enlarged(floor, what, header["rows"][name])
    position = 8 + size
    for name in (*DEFINITION_TABLES, *STATE_TABLES):
        rows = header["rows"][name]
        length = rows * _DTYPES[name].itemsize
        stored = np.frombuffer(raw[position : position + length], _DTYPES[name])
        getattr(floor, name).view(np.ndarray)[:rows] = stored
        position += length
    engine.machine.floor = floor
    for table, row, text in header["names"]:
        engine.names.bind(table, row, text)
    engine.requests.add_all(
        [
            Answered(principal, method, request_id, bytes.fromhex(digest), *rest)
            for principal, method, request_id, digest, *rest in header["answers"]
        ]
    )
    engine.policy_text = header["policy"]
    engine.machine.now = int(floor.house[0].now)
    engine.recall(read_policy)
    return engine
