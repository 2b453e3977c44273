"""The only chance in the context: keys, nonces, references, from the system's source.

Whoever needs something that nobody can guess asks here, so that one look tells what is
random and how long it is.
"""

import base64
import secrets

KEY_BYTES = 32
NONCE_BYTES = 12
CUSTOMER_PREFIX = "cus-"
_REFERENCE_CHARACTERS = 26


def new_key() -> bytes:
    """A key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def new_nonce() -> bytes:
    """A nonce of 96 bits; a key seals far fewer values than would make two meet."""
    return secrets.token_bytes(NONCE_BYTES)


def new_store_id() -> str:
    """Names a store, so that keys and content of two stores are never mixed up."""
    return secrets.token_hex(16)


def new_customer_ref() -> str:
    """An opaque reference: `cus-` and 26 characters of base32, 130 bits."""
    text = base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()
    return CUSTOMER_PREFIX + text[:_REFERENCE_CHARACTERS]
