"""The master key: the seam, and the one that stands in a file of its own.

Everything else in the context can be copied about; whoever has this key as well can
open it. A key management service needs the two methods of `MasterKey` and nothing else.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

from router.context.errors import StoreRefused
from router.context.keys import KEY_BYTES, new_key
from router.context.sealing import Sealer

_FORMAT = "santral-master-key-1 "
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SIZE_MAX = 1_024


class MasterKey(Protocol):
    """Wraps the tenant's keys; never leaves its place."""

    def wrap(self, key: bytes, where: bytes) -> bytes:
        """Seals a key for one place."""

    def unwrap(self, wrapped: bytes, where: bytes) -> bytes:
        """Opens it; raises `SealBroken` when this master key did not wrap it."""


class HeldMasterKey:
    """A master key held in memory, for trials and tests."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)

    def wrap(self, key: bytes, where: bytes) -> bytes:
        return self._sealer.seal(key, where)

    def unwrap(self, wrapped: bytes, where: bytes) -> bytes:
        return self._sealer.open(wrapped, where)


def read_master_key(path: Path) -> MasterKey:
    """The master key in a file that nobody else may read.

    Raises `StoreRefused` when it is absent, open to others, or no master key.
    """
    where = f"master key {path}"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise StoreRefused(
            f"{where}: there is none; put back the file that this store was made with"
        ) from None
    except OSError as error:
        raise StoreRefused(f"{where}: cannot be read ({error.strerror})") from error
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise StoreRefused(f"{where}: this is not a file; name one")
        if facts.st_mode & _OTHERS:
            mode = stat.S_IMODE(facts.st_mode)
            raise StoreRefused(
                f"{where}: others may read or change it (mode {mode:04o}); run "
                "chmod 600 on it, and make a new key if it may have been seen"
            )
        written = os.read(handle, _SIZE_MAX).decode("ascii", "replace")
    finally:
        os.close(handle)
    key = _parsed(written)
    if key is None:
        raise StoreRefused(
            f"{where}: this is no master key; its one line is "
            f"{_FORMAT.strip()!r} and 64 hexadecimal digits"
        )
    return HeldMasterKey(key)


def create_master_key(path: Path) -> MasterKey:
    """Makes a new master key in a file of mode 0600; never replaces one."""
    where = f"master key {path}"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise StoreRefused(f"{where}: there is one already; it stays") from None
    except OSError as error:
        raise StoreRefused(f"{where}: cannot be made ({error.strerror})") from error
    with os.fdopen(handle, "wb") as file:
        file.write(f"{_FORMAT}{new_key().hex()}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return read_master_key(path)


def _parsed(written: str) -> bytes | None:
    text = written.strip()
    if not text.startswith(_FORMAT):
        return None
    try:
        key = bytes.fromhex(text.removeprefix(_FORMAT))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
