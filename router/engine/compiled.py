"""How the machine is compiled: one decorator, and a cache that cannot be stale.

Numba keys its cache by the file a function stands in and does not notice when a
function it *calls* changes in another file. The engine's functions call each other
across files, so a stale cache would run yesterday's rules. Therefore the cache lives in
a folder named after the digest of all sources of this package: other sources, other
folder. Set `NUMBA_CACHE_DIR` to place it elsewhere (the digest is not added then),
`NUMBA_DISABLE_JIT=1` to step through the engine as plain Python.

Reading the sources is the one thing this package does at import.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def sources_digest() -> str:
    """Name the machine's code: 16 hex digits over every source that is compiled, or
    that compiled code reads.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for source in sorted([*root.glob("engine/**/*.py"), *root.glob("model/*.py")]):
        text = source.read_bytes()
        if b"compiled" in text or source.parent.name == "model":
            digest.update(source.relative_to(root).as_posix().encode())
            digest.update(text)
    return digest.hexdigest()[:16]


ENGINE_DIGEST = sources_digest()

if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(  # type: ignore[attr-defined]
        Path(__file__).parent / "__pycache__" / f"machine-{ENGINE_DIGEST}"
    )


def compiled(function: _Function) -> _Function:
    """Compile `function` on first use and remember the result on disk. Releases the GIL
    while it runs.
    """
    return cast(
        "_Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    )
