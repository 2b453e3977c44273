"""The main job: a router on SQLite with the bank's policy, and a realistic day driven
through it over gRPC.

`make run` comes here. The router is a process of its own with a clock that runs fast,
on a journal of its own, so what is shown is what a client of a real router would see.
When the day is over it goes on serving.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from router.demo.day import DAY_MS, run_day

POLICY = Path("examples/policies/bank.yaml")
READY = re.compile(r"gRPC on (?P<target>\S+?),(?: metrics (?P<metrics>\S+?),)?")


def main_job(
    *, seconds: float, seed: int, once: bool, json_out: bool, say: Callable[[str], None]
) -> int:
    """Live through the day; returns the exit status."""
    if not POLICY.exists():
        say(f"{POLICY} is not here; run this from the project's folder")
        return 2
    scale = DAY_MS / 1000 / max(1.0, seconds)
    with tempfile.TemporaryDirectory(prefix="santral-day-") as folder:
        say(
            "starting the router (the first start compiles the engine, which takes a minute or two) ..."
        )
        router = _start(Path(folder), scale)
        try:
            ready = _wait_until_ready(router, say)
            if ready is None:
                return 1
            target, metrics = ready
            return asyncio.run(
                run_day(
                    target,
                    scale,
                    once,
                    json_out,
                    seed,
                    seconds + 30,
                    metrics_url=metrics,
                )
            )
        except KeyboardInterrupt:
            return 130
        finally:
            router.send_signal(signal.SIGTERM)
            try:
                router.wait(timeout=30)
            except subprocess.TimeoutExpired:
                router.kill()


def _start(folder: Path, scale: float) -> "subprocess.Popen[str]":
    command = [
        sys.executable, "-m", "router", "serve", "--policy", str(POLICY),
        "--journal", f"sqlite:{folder / 'day.db'}", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0",
        "--time-scale", f"{scale:g}",
    ]  # fmt: skip
    # The router outlives an interrupt at the terminal until the day has said its last
    # word.
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=os.setpgrp
    )


def _wait_until_ready(
    router: "subprocess.Popen[str]", say: Callable[[str], None]
) -> tuple[str, str] | None:
    assert router.stderr is not None
    said: list[str] = []
    for line in router.stderr:
        said.append(line.rstrip())
        if line.startswith("compiling"):
            say(line.rstrip())
        if "is ready" in line:
            say(line.rstrip())
            found = READY.search(line)
            assert found is not None
            _drain(router)
            return found["target"], found["metrics"] or ""
    say("the router did not start:\n" + "\n".join(said[-10:]))
    return None


def _drain(router: "subprocess.Popen[str]") -> None:
    """Keep reading what the router says, so that it never waits for a full pipe."""
    import threading

    stream = router.stderr
    assert stream is not None
    threading.Thread(target=lambda: [None for _ in stream], daemon=True).start()
