"""Files put into place whole or not at all, and plain words where they cannot be."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Unwritable(OSError):
    """A report cannot be written there, for a reason that the text gives."""


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place when all went well.

    Whoever reads `path` finds the old file or the new one, never half of one. The
    folder is made if need be. Raises `Unwritable` where the machine refuses.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise Unwritable(f"cannot write {path}: it is a folder; name a file in it")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_mask())
        temporary.replace(path)
    except Unwritable:
        raise
    except OSError as refusal:
        reason = (refusal.strerror or str(refusal)).lower()
        raise Unwritable(
            f"cannot write {path}: {reason}; name a place that can be written to"
        ) from refusal
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _mask() -> int:
    """Permissions that new files do not have here; `mkstemp` leaves out all others'."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
