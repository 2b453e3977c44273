"""A real Prometheus scrapes the endpoint and answers questions about the day."""

import json
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

from router.telemetry.endpoint import MetricsEndpoint
from tests.conftest import require

pytestmark = pytest.mark.prometheus

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: santral
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
STARTUP_S = 30


@pytest.fixture
def prometheus(busy_metrics, tmp_path):
    """The address of a Prometheus that scrapes the busy metrics."""
    program = require("prometheus", "apt-get install prometheus")
    endpoint = MetricsEndpoint(busy_metrics.exposition)
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(port=endpoint.start()), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [program, f"--config.file={config}", f"--web.listen-address={address}"]
    command += [f"--storage.tsdb.path={tmp_path / 'data'}", "--log.level=warn"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    yield f"http://{address}"
    process.terminate()
    process.wait(timeout=20)
    endpoint.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(prometheus, query):
    """Ask until something is scraped; labels to value."""
    url = f"{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    give_up = time.monotonic() + STARTUP_S
    while time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                found = json.load(reply)["data"]["result"]
        except OSError:
            found = []
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"Prometheus had no answer to {query} in {STARTUP_S} s")


def figure(prometheus, query):
    (only,) = answer(prometheus, query)
    return float(only["value"][1])


def test_prometheus_answers_what_a_wallboard_asks(prometheus):
    service_level = (
        "sum(santral_interactions_within_target_total) / "
        "(sum(santral_interactions_answered_total)"
        " + sum(santral_interactions_abandoned_total))"
    )
    account = (
        "sum(santral_interactions_offered_total)"
        " - sum(santral_interactions_answered_total)"
        " - sum(santral_interactions_abandoned_total)"
        " - sum(santral_interactions_waiting)"
    )
    asa = (
        'santral_wait_seconds_sum{outcome="answered"}'
        ' / santral_wait_seconds_count{outcome="answered"}'
    )

    assert 1 == figure(prometheus, 'up{job="santral"}')
    assert 0.5 == figure(prometheus, service_level)
    assert 0 == figure(prometheus, account)
    assert 12 == figure(prometheus, asa)
    assert 2 == figure(prometheus, 'santral_agents{state="available"}')
    assert 2.5 == figure(prometheus, 'santral_oldest_waiting_seconds{queue="πωλήσεις"}')
