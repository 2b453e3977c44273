"""A real router as a child process, for whoever shows or checks what it answers."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.docs.markdown import ROOT

PROGRAM = ROOT / ".venv" / "bin" / "santral-router"
BANK = ROOT / "examples" / "policies" / "bank.yaml"
SHOP = ROOT / "examples" / "policies" / "sneaker_shop.yaml"
ANYWHERE = "127.0.0.1:0"
READY = re.compile(r"is ready .*gRPC on (\S+?),(?: metrics http://(\S+?)/metrics,)?")
PATIENCE_S = 240
"""A first start compiles the engine, and the machine may be busy."""


class Serving:
    """`santral-router serve` with these options; its addresses once it is ready."""

    def __init__(self, options: Sequence[str], log: Path) -> None:
        self._log = log
        self._told = 0
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [PROGRAM, "serve", *options], cwd=ROOT, stderr=out, stdout=out
            )
        try:
            found = self._until_ready()
        except BaseException:
            self.kill()
            raise
        self.address, self.metrics = found[1], found[2] or ""

    @classmethod
    def of_the_bank(cls, folder: Path) -> "Serving":
        """A router with the bank's policy and metrics, its journal in `folder`."""
        return cls(
            [
                *("--policy", str(BANK), "--journal", f"sqlite:{folder / 'bank.db'}"),
                *("--listen", ANYWHERE, "--metrics", ANYWHERE),
            ],
            folder / "serve.log",
        )

    @classmethod
    def of_the_shop(cls, folder: Path) -> "Serving":
        """A router with the sneaker shop's policy, its files in `folder`."""
        journal = f"sqlite:{folder / 'shop.db'}"
        return cls(
            ["--policy", str(SHOP), "--journal", journal, "--listen", ANYWHERE],
            folder / "serve.log",
        )

    def _until_ready(self) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if found := READY.search(self._text()):
                return found
            assert self._process.poll() is None, f"it ended:\n{self._text()}"
            time.sleep(0.05)
        raise AssertionError(f"not ready after {PATIENCE_S} s:\n{self._text()}")

    def _text(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def said(self) -> str:
        """What it has said since the last time this was asked."""
        text = self._text()
        news, self._told = text[self._told :], len(text)
        return news

    def stop(self) -> int:
        """Stop it as planned; returns its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """End it, whatever state it is in. Does nothing when it has ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=60)


def run(
    *command: str | Path, timeout_s: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run one of our programs in the repository, wide enough that nothing is cut."""
    return subprocess.run(
        [*map(str, command)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
