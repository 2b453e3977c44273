"""The real program, started, watched and ended by its own process id.

Everything is bounded: a router that is not ready, or does not go, ends the test.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "examples" / "policies" / "bank.yaml"
READY_S = 240
"""A cold start compiles the engine, which takes two minutes on a slow machine."""
READY = re.compile(r"santral-router is ready in .* gRPC on ([\d.]+:\d+)")
METRICS = re.compile(r"metrics (http://\S+?),")
REPLAYED = re.compile(r"journal verified: (\d+) events .* replayed (\d+) after")


class Ended(Exception):
    """The router ended instead of becoming ready; the text is what it said."""


class Router:
    """One `santral-router serve`; `lines` is all it has said on standard error."""

    def __init__(
        self,
        journal: Path,
        *,
        listen: str = "127.0.0.1:0",
        failpoint: str = "",
        policy: Path = POLICY,
        metrics: bool = False,
        crm: str = "",
    ) -> None:
        command = [sys.executable, "-m", "router", "serve", "--policy", str(policy)]
        command += ["--journal", f"sqlite:{journal}", "--listen", listen]
        if metrics:
            command += ["--metrics", "127.0.0.1:0"]
        if crm:
            command += ["--crm", crm]
        environment = {**os.environ, "SANTRAL_FAILPOINT": failpoint}
        self.lines: list[str] = []
        self.target = ""
        self.metrics = ""
        self._ready = threading.Event()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if found := READY.search(line):
                self.target = found.group(1)
                if scraped := METRICS.search(line):
                    self.metrics = scraped.group(1)
                self._ready.set()
        self._ready.set()

    def ready(self) -> "Router":
        """Wait until it serves. Raises Ended if it ends before."""
        assert self._ready.wait(READY_S), "the router is not ready"
        if not self.target:
            self.process.wait(10)
            raise Ended("\n".join(self.said()))
        return self

    def said(self) -> list[str]:
        """What it said to people: its lines without the log's JSON."""
        return [line for line in self.lines if not line.startswith("{")]

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def replayed(self) -> tuple[int, int]:
        """Events in the journal at the start, and how many of them were replayed."""
        for line in self.lines:
            if found := REPLAYED.search(line):
                return int(found.group(1)), int(found.group(2))
        return 0, 0

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        if self.alive:
            os.kill(self.process.pid, signal.SIGKILL)
        self.gone()

    def terminate(self) -> int:
        """SIGTERM; its exit status."""
        os.kill(self.process.pid, signal.SIGTERM)
        return self.gone()

    def gone(self, wait_s: float = 30) -> int:
        """Wait until it has ended; its exit status (negative: the signal's number)."""
        status = self.process.wait(wait_s)
        self._listener.join(5)
        return status

    def gone_within(self, wait_s: float) -> bool:
        """Whether it ends in time."""
        until = time.monotonic() + wait_s
        while self.alive and time.monotonic() < until:
            time.sleep(0.01)
        return not self.alive
