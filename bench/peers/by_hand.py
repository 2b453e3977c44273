"""The physical limit: both models in C, compiled where they run.

Nothing but the model: agents are a number, nobody is scored, nothing is recorded.
"""

import ctypes
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from bench.peers.models import (
    AGENTS_A,
    PATIENCE_S,
    POOL_1,
    POOL_2,
    SERVICE_S,
    WARM_UP,
    A,
    Model,
    N,
)
from bench.peers.result import Result

BUILD = Path("build/peers")


class _Counts(ctypes.Structure):
    _fields_ = (
        ("served", ctypes.c_int64 * 2),
        ("abandoned", ctypes.c_int64 * 2),
        ("waited", ctypes.c_int64 * 2),
        ("wait_served_s", ctypes.c_double * 2),
    )


def compiler() -> str | None:
    """Where a C compiler is, if there is one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def run_a(interactions: int, seed: int) -> Result:
    return _run(A, "model_a", [AGENTS_A], interactions, seed)


def run_n(interactions: int, seed: int) -> Result:
    return _run(N, "model_n", [POOL_1, POOL_2], interactions, seed)


def _run(
    model: Model, name: str, pools: list[int], interactions: int, seed: int
) -> Result:
    program = _compiled(name)
    counts = _Counts()
    began = time.perf_counter()
    program(
        ctypes.c_int64(interactions),
        ctypes.c_uint64(seed),
        ctypes.c_int64(WARM_UP),
        ctypes.c_double(model.per_second),
        ctypes.c_double(SERVICE_S),
        ctypes.c_double(PATIENCE_S),
        *map(ctypes.c_int32, pools),
        ctypes.byref(counts),
    )
    seconds = time.perf_counter() - began
    kinds = slice(model.types)
    return Result(
        interactions,
        seconds,
        tuple(counts.served[kinds]),
        tuple(counts.abandoned[kinds]),
        tuple(counts.waited[kinds]),
        tuple(counts.wait_served_s[kinds]),
    )


@cache
def _compiled(name: str) -> Callable[..., None]:
    found = compiler()
    if found is None:
        raise RuntimeError("no C compiler: looked for cc, gcc and clang on PATH")
    BUILD.mkdir(parents=True, exist_ok=True)
    source = Path(__file__).with_name(f"{name}.c")
    library = (BUILD / f"{name}.so").resolve()
    command = [found, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-lm"]
    subprocess.run(command, check=True)
    program: Callable[..., None] = getattr(ctypes.CDLL(str(library)), name)
    program.restype = None  # type: ignore[attr-defined]
    return program
