"""What a caller asked for in 64 bits, to tell a repeated order from another of one id."""

from functools import lru_cache
from hashlib import blake2b

from router.engine import commands as c
from router.model.needs import Needs


def digest_of(x: c.Enqueue) -> int:
    """64 bits over what the caller asked for, to tell a repeated order from another
    with the same id.
    """
    said = (
        f"{x.queue}\0{int(x.channel)}\0{x.priority}\0{_in_words(x.needs)}\0{x.excluded or ''}\0{x.owner}\0"
        f"{x.conversation}\0{x.customer}"
    )
    if x.due_at:
        said += f"\0{x.due_at}"
    return _in_64_bits(said)


def digest_of_handoff(x: c.HandOff) -> int:
    """64 bits over what was asked for: the same handoff again is answered with what is
    there.
    """
    return _in_64_bits(
        f"handoff\0{x.interaction}\0{x.queue}\0{int(x.channel)}\0{x.needs or ''}\0"
        f"{int(x.keep_open)}{int(x.consent)}{int(x.relation)}\0{x.due_at}"
    )


def _in_64_bits(said: str) -> int:
    digest = blake2b(said.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


@lru_cache(maxsize=4_096)
def _in_words(needs: Needs) -> str:
    return "" if needs == c.NO_NEEDS else repr(needs)
