"""What the metrics say after a day that was told in a few lines."""

import re
import subprocess
from time import perf_counter

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from router.engine.joint import STATUS_NUMBERS
from router.engine.kinds import Kind
from router.matching.solution import Status
from router.telemetry.gauges import Gauges
from router.telemetry.metrics import Metrics
from tests.conftest import require
from tests.factories import NINE, a_call, a_policy, an_agent, an_engine
from tests.measures.make import BILLING, SALES, Day
from tests.telemetry.conftest import a_short_day

TABLE = """
    interactions_offered_total interactions_answered_total interactions_abandoned_total
    interactions_short_abandoned_total interactions_waiting oldest_waiting_seconds
    interactions_within_target_total service_level_target_ratio
    service_level_threshold_seconds wait_seconds_bucket handle_seconds_bucket
    wrapup_seconds_bucket agents offers_total decision_seconds_bucket
    batch_interactions_bucket batch_agents_bucket solver_runs_total
    journal_append_seconds_bucket inbox_depth policy_info commands_shed_total
    streams_cut_total
""".split()


def samples(metrics):
    """Every sample: name and labels to value."""
    _, body = metrics.exposition()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(metrics, name, **labels):
    return samples(metrics)[f"santral_{name}", *sorted(labels.items())]


def a_round(status=Status.OPTIMAL, at=1):
    return Day().fact(
        at,
        Kind.MATCH_ROUND_SOLVED,
        mode=STATUS_NUMBERS[status],
        count=30,
        eligible=40,
        until=1_500,
    )


def test_every_metric_of_the_table_is_there(busy_metrics):
    names = {name for name, *_ in samples(busy_metrics)}

    assert [] == [name for name in TABLE if f"santral_{name}" not in names]


def test_counters_tell_the_day(busy_metrics):
    voice = {"queue": "billing", "channel": "voice"}

    assert 2 == value(busy_metrics, "interactions_offered_total", **voice)
    assert 1 == value(busy_metrics, "interactions_answered_total", **voice)
    assert 1 == value(busy_metrics, "interactions_within_target_total", **voice)
    assert 1 == value(
        busy_metrics, "interactions_abandoned_total", phase="ringing", **voice
    )
    assert 1 == value(busy_metrics, "interactions_short_abandoned_total", **voice)
    assert 1 == value(busy_metrics, "offers_total", result="accepted", **voice)
    assert 1 == value(busy_metrics, "offers_total", result="revoked", **voice)


def test_targets_stand_beside_so_that_one_alert_serves_all_queues(busy_metrics):
    chat = {"queue": "πωλήσεις", "channel": "chat"}

    assert 0.8 == value(busy_metrics, "service_level_target_ratio", **chat)
    assert 60 == value(busy_metrics, "service_level_threshold_seconds", **chat)


def test_histograms_are_in_seconds_and_cumulative(busy_metrics):
    voice = {"queue": "billing", "channel": "voice"}
    answered = {**voice, "outcome": "answered"}

    assert 0 == value(busy_metrics, "wait_seconds_bucket", le="10.0", **answered)
    assert 1 == value(busy_metrics, "wait_seconds_bucket", le="15.0", **answered)
    assert 1 == value(busy_metrics, "wait_seconds_bucket", le="+Inf", **answered)
    assert 12 == value(busy_metrics, "wait_seconds_sum", **answered)
    assert 80 == value(busy_metrics, "handle_seconds_sum", **voice)
    assert 20 == value(busy_metrics, "wrapup_seconds_sum", **voice)


def test_gauges_are_read_at_the_scrape(busy_metrics):
    chat = {"queue": "πωλήσεις", "channel": "chat"}

    assert 1 == value(busy_metrics, "interactions_waiting", **chat)
    assert 2.5 == value(busy_metrics, "oldest_waiting_seconds", **chat)
    assert 2 == value(busy_metrics, "agents", state="available")
    assert 0 == value(busy_metrics, "agents", state="wrapup")
    assert 7 == value(busy_metrics, "inbox_depth")
    assert 1 == value(
        busy_metrics, "policy_info", version="3", digest="0123456789abcdef"
    )


def test_a_joint_round_leaves_its_size_its_time_and_its_status(metrics):
    metrics.on_events(a_round().events())
    metrics.on_events(a_round(Status.FALLBACK).events())

    solver = {"solver": "min_cost_flow"}
    assert 1 == value(metrics, "solver_runs_total", status="optimal", **solver)
    assert 1 == value(metrics, "solver_runs_total", status="fallback", **solver)
    assert 0 == value(metrics, "solver_runs_total", status="crash", **solver)
    assert 60 == value(metrics, "batch_interactions_sum")
    assert 80 == value(metrics, "batch_agents_sum")
    assert 0.003 == value(metrics, "decision_seconds_sum", phase="solve")


def test_what_the_host_tells_is_counted(busy_metrics):
    busy_metrics.on_timed(decide_s=0.004, append_s=0.002)

    assert 0.004 == value(busy_metrics, "decision_seconds_sum", phase="decide")
    assert 0.002 == value(busy_metrics, "decision_seconds_sum", phase="commit")
    assert 0.002 == value(busy_metrics, "journal_append_seconds_sum")
    assert 1 == value(busy_metrics, "streams_cut_total")
    assert 5 == value(busy_metrics, "commands_shed_total")


def test_as_a_listener_they_know_names_and_thresholds_from_the_engine():
    engine = an_engine(a_policy(billing={}), an_agent())
    metrics = Metrics(gauges=Gauges.of(lambda: engine.floor, lambda: NINE + 4_000))
    metrics.start_from(engine.floor)
    engine.perform(a_call(queue="billing"))

    metrics.on_batch(engine.take(), engine)

    billing = {"queue": "billing", "channel": "voice"}
    assert 1 == value(metrics, "interactions_offered_total", **billing)
    assert 20 == value(metrics, "service_level_threshold_seconds", **billing)
    assert 1 == value(metrics, "interactions_waiting", **billing)
    assert 4 == value(metrics, "oldest_waiting_seconds", **billing)
    assert 1 == value(metrics, "agents", state="offered")


def test_the_process_is_measured_too(metrics):
    names = {name for name, *_ in samples(metrics)}

    assert {"process_resident_memory_bytes", "python_gc_collections_total"} <= names


def test_labels_are_bounded_however_much_happens(metrics):
    day = a_short_day()
    metrics.on_events(day.events())
    before = len(samples(metrics))

    more = Day()
    for interaction in range(3, 400):
        more.sign_in(interaction, interaction)
        more.arrive(interaction, interaction).answer(interaction, interaction, 5)
    metrics.on_events(more.events())

    assert before == len(samples(metrics))


def test_no_label_names_an_agent_or_an_interaction(busy_metrics):
    allowed = {
        *("queue", "channel", "phase", "reason", "outcome", "result", "state", "kind"),
        *("solver", "status", "le", "version", "digest", "by"),
        *("generation", "implementation", "major", "minor", "patchlevel"),
    }

    labels = {label for _, *pairs in samples(busy_metrics) for label, _ in pairs}

    assert set() == labels - allowed


def test_a_queue_without_a_name_is_not_shown(metrics):
    metrics.names({BILLING: "billing"})
    metrics.on_events(Day().arrive(0, 0, SALES).events())

    assert "offered_total{" not in metrics.exposition()[1].decode()


def test_names_that_need_escaping_come_out_whole(metrics):
    metrics.names({BILLING: 'a "b"\\\n#'})
    metrics.on_events(Day().arrive(0, 0).events())

    queues = {dict(pairs).get("queue") for _, *pairs in samples(metrics)}

    assert 'a "b"\\\n#' in queues


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_complain_about(busy_metrics):
    promtool = require("promtool", "apt-get install prometheus")
    _, body = busy_metrics.exposition()
    own = [line for line in body.splitlines() if b"santral_" in line]

    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=b"\n".join(own) + b"\n",
        capture_output=True,
        timeout=30,
    )

    assert (0, b"") == (done.returncode, done.stdout + done.stderr)


def test_help_and_type_stand_before_every_family(busy_metrics):
    text = busy_metrics.exposition()[1].decode()
    described = set(re.findall(r"^# HELP (\w+) \S", text, re.MULTILINE))
    typed = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))

    assert described == typed


def test_openmetrics_is_spoken_to_those_who_ask():
    content_type, body = Metrics().exposition("application/openmetrics-text")

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_an_event_costs_less_than_three_microseconds():
    metrics = Metrics()
    events = np.tile(a_short_day().events(), 100)
    batches = [events[k : k + 15] for k in range(0, len(events), 15)]
    metrics.on_events(events)

    best = min(timed(metrics, batches) for _ in range(5))

    assert best / len(events) < 3e-6


def timed(metrics, batches):
    begun = perf_counter()
    for batch in batches:
        metrics.on_events(batch)
    return perf_counter() - begun
