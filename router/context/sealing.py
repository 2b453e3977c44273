"""AES-256-GCM over bytes that name their place: the only file that knows the cipher.

A sealed value is nonce, ciphertext and tag. What it was sealed for (tenant, customer,
conversation, version, ...) is authenticated with it and not stored, so a value that was
moved elsewhere does not open there. Randomness comes from `keys`.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from router.context.errors import SealBroken
from router.context.keys import KEY_BYTES, NONCE_BYTES, new_nonce

TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES
INDEX_BYTES = 32


def place(*parts: str | int) -> bytes:
    """Where a value belongs, as bytes that no other list of parts gives."""
    written = []
    for part in parts:
        if isinstance(part, str):
            raw = part.encode("utf-8", "surrogatepass")
        else:
            raw = b"#%d" % part
        written.append(b"%d:%b" % (len(raw), raw))
    return b"".join(written)


class Sealer:
    """Seals and opens under one key. Its repr shows nothing of it."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealBroken(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)

    def seal(self, data: bytes, where: bytes) -> bytes:
        """Seals data for one place."""
        nonce = new_nonce()
        return nonce + self._cipher.encrypt(nonce, data, where)

    def open(self, sealed: bytes, where: bytes) -> bytes:
        """Opens what was sealed for this place; raises `SealBroken` for all else."""
        if len(sealed) < OVERHEAD_BYTES:
            raise SealBroken("a sealed value is too short to be one")
        try:
            return self._cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where
            )
        except InvalidTag:
            raise SealBroken(
                "a sealed value does not open: it was changed, moved from another "
                "place, or sealed under another key"
            ) from None


def digest64(sealed: bytes) -> int:
    """The signed 64-bit digest of a sealed value that the journal keeps."""
    raw = hashlib.blake2b(sealed, digest_size=8, person=b"santral-entry").digest()
    return int.from_bytes(raw, "little", signed=True)


def keyed_index(key: bytes, where: bytes) -> bytes:
    """HMAC-SHA-256: what is looked up can be found, and not guessed without the key."""
    return hmac.digest(key, where, "sha256")
