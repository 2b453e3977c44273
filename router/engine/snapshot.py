"""A snapshot: the engine's whole state as bytes, and back.

The tables' bytes as they are, with the names, the answered requests and the policy's
text. `capture` is quick and runs between two batches; `pack` compresses and may run
elsewhere. The state hash is over the uncompressed content, so two routers can compare
what they hold without comparing how it was packed.
"""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from router.engine.engine import Engine
from router.engine.floor import enlarged, used_rows
from router.engine.requests import Answered
from router.engine.tables import DEFINITION_TABLES, STATE_TABLES, TABLES, shape
from router.policy.policy import Policy

VERSION = 1
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


@dataclass(frozen=True, slots=True)
class Captured:
    """The state between two batches, copied and not yet packed."""

    sequence: int
    header: bytes
    tables: list[bytes]

    @property
    def state_hash(self) -> str:
        """128 bits over everything captured, as hex."""
        digest = hashlib.blake2b(self.header, digest_size=16)
        for table in self.tables:
            digest.update(table)
        return digest.hexdigest()

    def pack(self) -> bytes:
        """Compress into one body."""
        body = zlib.compressobj(1)
        parts = [
            body.compress(len(self.header).to_bytes(8, "little")),
            body.compress(self.header),
        ]
        parts += [body.compress(table) for table in self.tables]
        parts.append(body.flush())
        return b"".join(parts)


def capture(engine: Engine) -> Captured:
    """Copy the state. Call it between two batches only."""
    floor = engine.floor
    used = used_rows(floor)
    header = {
        "version": VERSION,
        "shape": shape(),
        "rows": used,
        "names": engine.names.entries(),
        "answers": [
            (
                a.principal,
                a.method,
                a.request_id,
                a.digest.hex(),
                a.result,
                a.sequence,
                a.at,
            )
            for a in engine.requests.entries()
        ],
        "policy": engine.policy_text,
    }
    return Captured(
        sequence=engine.sequence,
        header=json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(),
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
    for principal, method, request_id, digest, result, sequence, at in header[
        "answers"
    ]:
        engine.requests.add(
            Answered(
                principal,
                method,
                request_id,
                bytes.fromhex(digest),
                result,
                sequence,
                at,
            )
        )
    engine.policy_text = header["policy"]
    engine.machine.now = int(floor.house[0].now)
    engine.recall(read_policy)
    return engine
