"""Servers to be measured, each in a process of its own, and the loads against them.

With two cores or more the server has the last one to itself and the load the first; the
machine's other work goes wherever the system puts it, and is why rounds are interleaved.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.load import Orders

POLICY = Path(__file__).parent / "policy.yaml"
READY_S = 180.0
"""Long enough to compile the engine on a machine that is busy."""
_SERVER_CORE = max(os.sched_getaffinity(0))
_LOAD_CORE = min(os.sched_getaffinity(0))


@dataclass(slots=True)
class Served:
    """A server that is up."""

    port: int
    process: subprocess.Popen[bytes]
    journal: Path | None = None
    started_s: float = 0.0

    def cpu_s(self) -> float:
        """CPU time so far, user and system."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def rss_mib(self) -> float:
        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def router(
    journal: Path | None = None, *options: str, policy: Path = POLICY
) -> Iterator[Served]:
    """A router on SQLite (in a folder that goes away, if none is given)."""
    with tempfile.TemporaryDirectory() as folder:
        path = journal or Path(folder) / "journal.sqlite"
        port = free_port()
        command = [
            sys.executable, "-m", "router", "serve", "--policy", str(policy),
            "--journal", f"sqlite:{path}", "--listen", f"127.0.0.1:{port}", *options,
        ]  # fmt: skip
        with _running(command, port) as served:
            served.journal = path
            yield served


@contextmanager
def echo() -> Iterator[Served]:
    """The no-op server on the same stack."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.echo", str(port)], port) as served:
        yield served


@contextmanager
def _running(command: list[str], port: int) -> Iterator[Served]:
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stderr=said, stdout=said)
        try:
            os.sched_setaffinity(process.pid, {_SERVER_CORE})
            while b"is ready" not in os.pread(said.fileno(), 65_536, 0):
                if process.poll() is not None or time.perf_counter() - began > READY_S:
                    said.seek(0)
                    raise SystemExit(f"{command[2]} did not start: {said.read()!r}")
                time.sleep(0.02)
            yield Served(port, process, started_s=time.perf_counter() - began)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


class LoadFailed(Exception):
    """Calls failed under a load that must not fail."""


def load(orders: Orders, *, failures_allowed: bool = False) -> dict[str, Any]:
    """Put a load on a server from a process of its own; its tally."""
    done = run("bench.load", asdict(orders))
    if done["failed"] and not failures_allowed:
        raise LoadFailed(
            f"{done['failed']} of {done['sent']} calls of {orders.path} failed: "
            f"{done['complaint']}"
        )
    return done


def run(module: str, orders: dict[str, Any]) -> dict[str, Any]:
    """Run a load program on the load's core; what it wrote."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    os.sched_setaffinity(process.pid, {_LOAD_CORE})
    out, _ = process.communicate(json.dumps(orders).encode())
    if process.returncode:
        raise LoadFailed(f"{module} ended with status {process.returncode}")
    found: dict[str, Any] = json.loads(out)
    return found
