"""Both demonstrations through the real router, as a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from router.demo.calls import run_calls
from router.demo.day import run_day
from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT.parent / "shared" / "data" / "bank-calls-1999-08-01-to-22.csv"
READY = re.compile(r"gRPC on (\S+?:\d+)")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def real_router(folder: Path, *options: str):
    """A router with the bank's policy; yields its address."""
    command = [sys.executable, "-m", "router", "serve"]
    command += ["--policy", str(ROOT / "examples" / "policies" / "bank.yaml")]
    command += ["--journal", f"sqlite:{folder / 'journal.db'}"]
    command += ["--listen", "127.0.0.1:0", *options]
    told = folder / "router.log"
    with told.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield _address(process, told)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _address(process: subprocess.Popen, told: Path) -> str:
    for _ in range(1_200):
        ready = READY.search(told.read_text(encoding="utf-8"))
        if ready:
            return ready.group(1)
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the router did not start:\n{told.read_text(encoding='utf-8')}")


def one_day(folder: Path, day: str) -> Path:
    if not LOG.exists():
        missing("the call log", f"expected at {os.path.relpath(LOG, ROOT)}")
    header, *rows = LOG.read_text(encoding="utf-8").splitlines()
    path = folder / "day.csv"
    kept = [row for row in rows if f",{day}," in row]
    path.write_text("\n".join((header, *kept)) + "\n", encoding="utf-8")
    return path


async def test_a_real_day_of_calls_passes_and_every_row_is_accounted_for(
    tmp_path, capsys
):
    log = one_day(tmp_path, "1999-08-22")
    with real_router(tmp_path) as target:
        code = await run_calls(target, log, "max", json_out=True, agents=None)

    told = capsys.readouterr()
    account = json.loads(told.out)
    assert 0 == code, told.err
    assert 1585 == account["rows"]
    assert 0 == account["waiting"] == account["dead_lettered"]
    assert {} == account["surprises"]
    assert 1000 < account["answered"]


async def test_a_morning_at_nine_hundred_times_real_time_balances_from_both_sides(
    tmp_path, capsys
):
    with real_router(tmp_path, "--time-scale", "900") as target:
        code = await run_day(target, 900, once=True, json_out=True, seed=3, seconds=12)

    told = capsys.readouterr()
    account = json.loads(told.out)
    assert 0 == code, told.err
    assert account["offered"] == account["event_feed"]["offered"]
    assert 150 < account["offered"]
    assert 20 < account["occupancy_percent"] < 95


async def test_a_router_with_another_clock_is_found_out(tmp_path, capsys):
    with real_router(tmp_path) as target:
        code = await run_day(target, 900, once=True, json_out=True, seed=3, seconds=12)

    assert 1 == code
    assert "the router's clock runs 1 times as fast" in capsys.readouterr().err
