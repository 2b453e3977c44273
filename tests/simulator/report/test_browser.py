"""The page in a real browser without a network: it renders, and it answers.

Chromium is started with every host unresolvable; the page's own policy makes any try to
fetch an error on its console, and there must be none.
"""

import re
import subprocess

import pytest

from tests.conftest import require
from tests.simulator.report.samples import page

pytestmark = pytest.mark.slow

NARROWEST = 500
"""Chromium has no window narrower than this."""


def opened(text, folder, *options):
    """The page's elements after its scripts have run, and the lines of its console."""
    chromium = require("chromium", "apt-get install chromium")
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile",
            "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0",
            *options, "--dump-dom", file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return done.stdout, console


def live_charts(elements):
    """The drawings that the script put in place of those of the file."""
    return re.findall(r'<div class="live[^"]*"[^>]*>.*?</svg>', elements, re.DOTALL)


@pytest.mark.parametrize(
    ("name", "width"), [("two plans with hostile names", 400), ("a back-test", 1200)]
)
def test_every_chart_comes_to_life_without_a_network(name, width, tmp_path):
    text = page(name)

    elements, console = opened(text, tmp_path, f"--window-size={width},900")

    assert console == []
    charts = live_charts(elements)
    assert len(charts) == text.count('class="chart"') > 5
    for chart in charts:
        assert re.search(r'class="mark-\w+ role-mark[^>]*>\s*<(path|line|text)', chart)
        across = float(re.search(r'<svg[^>]* width="([\d.]+)"', chart).group(1))
        assert across <= max(width, NARROWEST)
    assert 'class="drawn"' not in elements


def test_a_fetch_and_a_foreign_script_would_be_noticed(tmp_path):
    start, end, rest = page("one day").rpartition("</body>")
    foreign = '<img src="http://somewhere.invalid/x.png"><script>var x = 1</script>'

    _, console = opened(start + foreign + end + rest, tmp_path)

    assert any("somewhere.invalid" in line for line in console)
    assert any("inline script" in line for line in console)
