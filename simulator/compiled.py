"""How the simulator's own compiled code is kept: the engine's decorator with a cache that
also knows the simulator's sources.

The engine's cache is named after the engine's sources. What is compiled here calls the
engine and other files of this package, so its cache stands in a folder named after the
digest of both.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from router.engine.compiled import ENGINE_DIGEST
from router.engine.compiled import compiled as engine_compiled

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _sources_digest() -> str:
    digest = hashlib.sha256(ENGINE_DIGEST.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        text = source.read_bytes()
        if any(word in text for word in (b"compiled", b"IntEnum", b"np.dtype")):
            digest.update(source.name.encode())
            digest.update(text)
    return digest.hexdigest()[:16]


WORLD_DIGEST = _sources_digest()
"""Names what carries out a run: the engine and the simulator's kernel."""

_CACHE = str(Path(__file__).parent / "__pycache__" / f"world-{WORLD_DIGEST}")


def compiled(function: _Function) -> _Function:
    """Compile `function` on first use and remember the result on disk."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return engine_compiled(function)
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    numba.config.CACHE_DIR = _CACHE  # type: ignore[attr-defined]
    try:
        return engine_compiled(function)
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
