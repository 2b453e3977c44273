"""What the simulator costs a process of its own: until the first result, and in memory.

Each figure is a fresh interpreter's, with a folder of its own for Numba's cache. Memory
is the kernel's high-water mark of that process; `ru_maxrss` would carry this one's over.
"""

import subprocess
import sys
import tempfile
import time

from bench.rows import Row, row

DAYS = (30, 365)
_FIRST_RESULT = "from bench.simulated import first_result; first_result()"
_DAYS = """
from pathlib import Path
from bench.simulated import days
days({count}, 1)
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def measure() -> list[Row]:
    found = []
    with tempfile.TemporaryDirectory() as cache:
        for name in ("on a fresh cache", "from the cache"):
            began = time.perf_counter()
            _run(_FIRST_RESULT, cache)
            seconds = time.perf_counter() - began
            found.append(row(f"simulator: first result {name}", seconds, "s"))
        _run(_DAYS.format(count=1), cache)  # compiles what is not compiled yet
        short, long = (
            int(_run(_DAYS.format(count=count), cache)) / 1024 for count in DAYS
        )
    base = f"simulator: memory over {DAYS[0]} days"
    return [
        *found,
        row(base, short, "MB"),
        row(f"simulator: memory over {DAYS[1]} days", long, "MB", long / short, base),
    ]


def _run(code: str, cache: str) -> str:
    """What the code says, in a process that starts with nothing."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"NUMBA_CACHE_DIR": cache, "PYTHONPATH": ":".join(sys.path)},
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout
