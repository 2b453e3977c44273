"""What a caller asked for in 64 bits, to tell a repeated order from another of one id."""

import hashlib

from router.engine import commands as c


def digest_of(x: c.Enqueue) -> int:
    """64 bits over what the caller asked for, to tell a repeated order from another
    with the same id.
    """
    needs = "" if x.needs is c.NO_NEEDS or x.needs == c.NO_NEEDS else x.needs
    said = (
        f"{x.queue}\0{int(x.channel)}\0{x.priority}\0{needs}\0{x.excluded or ''}\0{x.owner}\0"
        f"{x.conversation}\0{x.customer}"
    )
    if x.due_at:
        said += f"\0{x.due_at}"
    digest = hashlib.blake2b(said.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
