"""Carries out the console blocks of a page, and compares what comes with what is shown.

Numbers and digests stand for any numbers and digests, runs of blanks for each other,
and a line of three dots for any lines at all. `serve` runs on beside the commands that
follow it, `kill -TERM %1` stops it. Addresses and files of the page are replaced by
ones that are free.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.conftest import in_ci
from tests.docs.markdown import ROOT, Command
from tests.docs.serving import ANYWHERE, Serving

SERVE = ".venv/bin/santral-router serve "
STOP = "kill -TERM %1"
ALREADY_DONE = {"make setup"}
"""Whoever runs this has run it."""
GRPC, METRICS = "127.0.0.1:50051", "127.0.0.1:9464"
FILES = ("santral.db", "copy.db", "shop.db")
TIMEOUT_S = 120
_VARIES = re.compile(r"(?P<digest>\b[0-9a-f]{16,}\b)|(?P<number>\d[\d,.]*)|(?P<gap> +)")


class Transcript:
    """One page, from its first command to its last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._router: Serving | None = None
        self._real = {name: str(folder / name) for name in FILES}

    def carry_out(self, command: Command) -> str:
        """Run one command; returns what it said, in the names of the page."""
        if command.shell in ALREADY_DONE:
            return "\n".join(command.answer)
        if command.shell.startswith("node ") and not (shutil.which("node") or in_ci()):
            return "\n".join(command.answer)
        if command.shell.startswith(SERVE):
            said = self._serve(command.shell.removeprefix(SERVE))
        elif command.shell == STOP:
            assert self._router is not None
            assert 0 == self._router.stop()
            said = self._router.said()
        else:
            said = self._run(self._with_real_names(command.shell))
        for name, real in self._real.items():
            said = said.replace(real, name)
        return said

    def _serve(self, options: str) -> str:
        real = self._with_real_names(options)
        for address in (GRPC, METRICS):
            real = real.replace(address, ANYWHERE)
        self._router = Serving(shlex.split(real), self._folder / "serve.log")
        self._real[GRPC] = self._router.address
        if self._router.metrics:
            self._real[METRICS] = self._router.metrics
        return self._router.said()

    def _with_real_names(self, text: str) -> str:
        for name, real in self._real.items():
            text = text.replace(name, real)
        return text

    def _run(self, shell: str) -> str:
        done = subprocess.run(
            ["bash", "-c", shell],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "120", "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert 0 == done.returncode, f"$ {shell}\n{done.stdout}"
        return done.stdout

    def close(self) -> None:
        if self._router is not None:
            self._router.kill()


def fits(shown: tuple[str, ...], said: str) -> bool:
    """Whether what was said is what is shown."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else f"{_pattern(line.rstrip())} *\\n"
        for line in shown
    )
    return (
        re.fullmatch(pattern, said.strip("\n") + "\n" if said.strip() else "")
        is not None
    )


def _pattern(line: str) -> str:
    parts, end = [], 0
    for varies in _VARIES.finditer(line):
        parts.append(re.escape(line[end : varies.start()]))
        if varies["digest"]:
            parts.append("[0-9a-f]{16,}")
        elif varies["number"]:
            # A full stop at the end of a sentence is not part of the number.
            parts.append(r"\d[\d,.]*")
        else:
            parts.append(" +")
        end = varies.end()
    return "".join(parts) + re.escape(line[end:])
