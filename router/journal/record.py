"""How groups are framed and chained, and how a chain is checked: the same in every
store.

A group's hash covers everything before it, so a changed, missing, added or swapped
group shows at once. The identity of the journal is mixed into every hash, so that a
group of another journal never fits. Pure functions on bytes; nothing here reads a
store.

This finds damage, not malice: whoever can write the store can also compute these
values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from hashlib import blake2b

from crc32c import crc32c

from router.journal.contract import Head, Snapshot, StoredGroup
from router.journal.errors import Diverged, Fenced, JournalDamaged

HASH_BYTES = 16
BEGINNING = bytes(HASH_BYTES)
"""The chain's value before the first group."""

Row = tuple[int, int, int, bytes, bytes]
"""A group as stores keep it: first sequence, count, checksum, hash, blob."""


ROW_TYPES = (int, int, int, bytes, bytes)
HEAD_TYPES = (str, str, int, int, bytes, int)


def has_types(values: Iterable[object], types: Iterable[type]) -> bool:
    """Whether values have the types they were stored with, which damage may change."""
    return all(type(value) is kind for value, kind in zip(values, types, strict=True))


def checksum(data: bytes) -> int:
    """CRC32C (Castagnoli), as in RFC 3720, appendix B.4."""
    return int(crc32c(data))


def chain(
    journal_id: str, previous: bytes, first_sequence: int, count: int, blob: bytes
) -> bytes:
    """BLAKE2b-128(previous || first sequence || count || blob), RFC 7693.

    Numbers are 8 bytes, little-endian; the journal's identity is the personalisation.
    """
    return blake2b(
        b"%b%b%b%b"
        % (
            previous,
            first_sequence.to_bytes(8, "little", signed=True),
            count.to_bytes(8, "little", signed=True),
            blob,
        ),
        digest_size=HASH_BYTES,
        person=bytes.fromhex(journal_id),
    ).digest()


def head_checksum(head: Head) -> int:
    """CRC32C over all that the head says, so that no change of it goes unseen."""
    return checksum(
        f"{head.journal_id} {head.owner} {head.epoch} {head.sequence} "
        f"{head.hash.hex()} {head.format_version}".encode("utf-8", "replace")
    )


def snapshot_digest(journal_id: str, snapshot: Snapshot, facts_json: str) -> bytes:
    """BLAKE2b-128 over a snapshot's place in the chain, its facts and its body."""
    facts = facts_json.encode("utf-8", "replace")
    digest = blake2b(digest_size=HASH_BYTES, person=bytes.fromhex(journal_id))
    digest.update(snapshot.sequence.to_bytes(8, "little", signed=True))
    digest.update(snapshot.hash)
    digest.update(len(facts).to_bytes(8, "little"))
    digest.update(facts)
    digest.update(snapshot.body)
    return digest.digest()


def check_head(head: Head, stored_checksum: int, place: str) -> Head:
    """Returns the head if it is what was written; raises `JournalDamaged` if not."""
    values = (getattr(head, field.name) for field in fields(Head))
    if not has_types(values, HEAD_TYPES) or head_checksum(head) != stored_checksum:
        raise JournalDamaged(0, "the head was changed", place)
    return head


def check_groups(
    journal_id: str, rows: Iterable[Row], sequence: int, chain_hash: bytes, place: str
) -> Iterator[StoredGroup]:
    """Yields rows as groups while they continue the chain from where it is."""
    for row in rows:
        expected = sequence + 1
        if not has_types(row, ROW_TYPES):
            raise JournalDamaged(expected, "a value has changed its type", place)
        first, count, stored_checksum, stored_hash, blob = row
        if first > expected:
            what = f"events {expected} to {first - 1} are missing"
            raise JournalDamaged(expected, what, place)
        if first < expected or count < 1:
            what = f"a group of {count} events stands at {first}, where none belongs"
            raise JournalDamaged(min(first, expected), what, place)
        if checksum(blob) != stored_checksum:
            raise JournalDamaged(first, "checksum does not match", place)
        if chain(journal_id, chain_hash, first, count, blob) != stored_hash:
            what = "it does not continue the chain (changed, swapped or foreign)"
            raise JournalDamaged(first, what, place)
        yield StoredGroup(first, count, blob, stored_hash)
        sequence, chain_hash = first + count - 1, stored_hash


def check_end(head: Head, sequence: int, chain_hash: bytes, place: str) -> None:
    """Raises `JournalDamaged` unless the chain was followed exactly to the head."""
    if sequence < head.sequence:
        what = f"events {sequence + 1} to {head.sequence} are missing: the tail was cut"
        raise JournalDamaged(sequence + 1, what, place)
    if sequence > head.sequence:
        what = f"events {head.sequence + 1} to {sequence} stand beyond the head"
        raise JournalDamaged(head.sequence + 1, what, place)
    if chain_hash != head.hash:
        raise JournalDamaged(
            max(sequence, 1), "the head belongs to another chain", place
        )


def must_own(stored: Head, expected: Head, place: str) -> None:
    """Raises `Fenced` unless the stored owner is the one who asks."""
    if stored.owner != expected.owner:
        raise Fenced(
            f"{place}: taken over by {stored.owner.rpartition(':')[0]} in epoch "
            f"{stored.epoch}; this router held epoch {expected.epoch} and must stop"
        )


def continues(stored: Head, expected: Head, first_sequence: int) -> bool:
    """Whether the store ends where the writer thinks, so that it may append."""
    return (
        stored.sequence == expected.sequence
        and stored.hash == expected.hash
        and first_sequence == stored.sequence + 1
    )


def is_newest(
    stored: Head, previous: bytes | None, first_sequence: int, count: int, blob: bytes
) -> bool:
    """Whether the store already ends with this very group. `previous` is the hash
    before it.
    """
    return (
        previous is not None
        and first_sequence + count - 1 == stored.sequence
        and stored.hash
        == chain(stored.journal_id, previous, first_sequence, count, blob)
    )


def advanced(head: Head, first_sequence: int, count: int, blob: bytes) -> Head:
    """The head after one more group."""
    return Head(
        head.journal_id,
        head.owner,
        head.epoch,
        first_sequence + count - 1,
        chain(head.journal_id, head.hash, first_sequence, count, blob),
        head.format_version,
    )


def diverged(stored: Head, expected: Head, first_sequence: int, place: str) -> Diverged:
    """Says how store and writer differ."""
    return Diverged(
        f"{place}: ends at sequence {stored.sequence} ({stored.hash.hex()[:8]}), the "
        f"writer is at {expected.sequence} ({expected.hash.hex()[:8]}) and sent "
        f"{first_sequence}; nothing was written; open the journal anew and replay it"
    )
