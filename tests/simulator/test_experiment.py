"""Experiments: the same figures whoever works them out, and a usable answer however they
end.
"""

import json
import multiprocessing
import os
import signal

import numpy as np
import pytest

from router.measures.figures import AgentMeasures, QueueMeasures
from router.measures.shapes import COUNT_NAMES, Entry
from router.model.service_level import Definition
from simulator import sheets
from simulator.crew import ExperimentFailed
from simulator.experiment import About, compare, run_experiment
from simulator.sweep import looks
from tests.simulator.drawn import a_plan, drawn, dying, failing, patient, uneven


def text(result):
    return json.dumps(result.summary())


def an_experiment(replications=12, plan=None, **options):
    options = {"run": drawn, "workers": 1} | options
    return run_experiment(plan or a_plan(), replications=replications, **options)


def test_the_result_does_not_depend_on_who_works_it_out():
    alone = an_experiment()

    together = an_experiment(workers=3, run=uneven)

    assert text(alone) == text(together)
    for kind, kept in alone.totals.kept.items():
        assert kept.tobytes() == together.totals.kept[kind].tobytes()
    assert alone.totals.waits.sums.tobytes() == together.totals.waits.sums.tobytes()


def test_the_same_seed_gives_the_same_result_and_another_one_another():
    assert text(an_experiment(seed=7)) == text(an_experiment(seed=7))
    assert text(an_experiment(seed=7)) != text(an_experiment(seed=8))


def test_point_figures_are_those_that_the_router_reports_live():
    result = an_experiment()

    for pair, name in enumerate(result.names("pair")):
        counts = result.totals.queues[:, pair, Entry.ARRIVAL].sum(axis=0)
        live = QueueMeasures(**dict(zip(COUNT_NAMES, counts, strict=True)))
        found = result.estimates("pair", name)
        for definition in Definition:
            assert found[definition].mean == live.service_level(definition)
        assert found["asa_s"].mean == pytest.approx(live.asa_ms / 1000)
        assert found["abandonment"].mean == live.abandonment_rate
        named = Definition(result.layout.pair_definition[pair])
        assert found["service_level"].mean == live.service_level(named)
    for at, name in enumerate(result.names("staff")):
        spent = AgentMeasures(*result.totals.staff[:, at].sum(axis=0))
        assert result.estimate("staff", name, "occupancy").mean == spent.occupancy
        hours = spent.signed_in_ms / 3_600_000 / result.replications
        assert result.estimate("staff", name, "signed_in_h").mean == pytest.approx(
            hours
        )


def test_a_queue_is_its_channels_together():
    result = an_experiment()

    queue = result.estimates("queue", "Banking")
    pairs = [result.estimates("pair", name) for name in result.names("pair")]

    assert queue["offered"].mean == pytest.approx(
        sum(pair["offered"].mean for pair in pairs)
    )
    levels = sorted(pair["within_of_answered"].mean for pair in pairs)
    assert levels[0] < queue["within_of_answered"].mean < levels[1]


def test_what_was_never_counted_is_null_and_not_nought():
    summary = an_experiment().summary()

    assert summary["queues"]["Banking"]["continuity"] == {
        "mean": None,
        "half_width": None,
    }
    assert summary["queues"]["Banking"]["transferred"] == {
        "mean": 0.0,
        "half_width": 0.0,
    }


def test_the_summary_keeps_the_contract_of_json():
    about = About("an ordinary Monday", (("scenario", "0123456789abcdef"),), ("busy",))

    summary = an_experiment(about=about).summary()

    queue = summary["queues"]["Banking"]["channels"]["voice"]
    wanted = {"offered", "served", "abandoned", "asa_s", "abandonment", "occupancy"}
    for name in wanted | {definition.value for definition in Definition}:
        assert set(queue[name]) == {"mean", "half_width"}, name
        assert queue[name]["half_width"] > 0, name
    assert queue["definition"] == "within_of_answered_and_abandoned"
    assert set(queue["waits"]) == {"p50_s", "p80_s", "p90_s", "p95_s", "p99_s"}
    assert summary["scenario"] == "an ordinary Monday"
    assert summary["digests"] == {"scenario": "0123456789abcdef"}
    assert (summary["seed"], summary["replications"]) == (1, 12)
    assert (summary["confidence"], summary["partial"]) == (0.95, False)
    assert summary["warnings"] == ["busy"]
    assert set(summary["streams"]) == {"Retail", "Chat"}
    assert set(summary["staff"]) == {"Front", "Back"}
    assert wanted - {"served"} <= set(summary["definitions"])


def test_every_figure_says_what_it_means():
    result = an_experiment(2)

    for kind in ("queue", "pair", "stream", "staff", "house"):
        silent = set(result.figures(kind)) - set(result.summary()["definitions"])
        assert silent == set(), kind


def test_one_replication_gives_figures_without_intervals():
    queue = an_experiment(1).summary()["queues"]["Banking"]

    assert queue["service_level"]["mean"] is not None
    assert queue["service_level"]["half_width"] is None


def test_it_stops_once_it_is_precise_enough():
    result = an_experiment(2_000, precision=0.05)

    assert 10 < result.replications < 2_000
    assert result.replications in set(looks(2_000, sequential=True))
    assert result.widest <= 0.05
    assert result.precise
    assert not result.partial


def test_it_says_when_it_is_not_precise_enough():
    result = an_experiment(12, precision=0.001)

    assert result.replications == 12
    assert result.precise is False


def test_looks_grow_farther_apart_and_end_with_all():
    assert list(looks(100, sequential=True)) == [10, 15, 22, 33, 49, 73, 100]
    assert list(looks(100, sequential=False)) == [100]
    assert list(looks(4, sequential=True)) == [4]


@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_leaves_what_is_complete(workers):
    seen = []
    result = an_experiment(
        10,
        workers=workers,
        run=patient,
        progress=lambda now: seen.append(now.done),
        stop=lambda: bool(seen) and seen[-1] >= 3,
    )

    assert result.replications == 3
    assert result.asked == 10
    assert result.partial
    assert text(an_experiment(3)).replace('"asked": 3', '"asked": 10').replace(
        '"partial": false', '"partial": true'
    ) == text(result)


def test_ctrl_c_leaves_what_is_complete():
    pressed = []
    before = signal.getsignal(signal.SIGINT)

    def press(now):
        if now.done == 2 and not pressed:
            pressed.append(now)
            os.kill(os.getpid(), signal.SIGINT)

    result = an_experiment(10, progress=press)

    assert (result.replications, result.partial) == (2, True)
    assert before is signal.getsignal(signal.SIGINT)


def test_stopping_before_anything_is_complete_is_said():
    with pytest.raises(ExperimentFailed, match="stopped before a first replication"):
        an_experiment(5, stop=lambda: True)


def test_a_worker_that_dies_is_named():
    with pytest.raises(
        ExperimentFailed,
        match=r"worker \d \(process \d+\) died over replication \d+, by SIGKILL",
    ):
        an_experiment(40, workers=2, run=dying)


def test_a_replication_that_cannot_be_carried_out_is_named():
    with pytest.raises(
        ExperimentFailed, match="replication 5: ValueError: the sixth is unlucky"
    ):
        an_experiment(40, workers=2, run=failing)


def test_workers_are_gone_afterwards():
    an_experiment(8, workers=2)

    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("options", [{"replications": 0}, {"workers": 0}])
def test_impossible_numbers_are_refused(options):
    with pytest.raises(ExperimentFailed, match="at least 1"):
        an_experiment(**options)


def test_progress_tells_how_far_it_is_and_how_long_it_takes():
    told = []

    an_experiment(5, progress=told.append)

    whole = [now.done for now in told if now.done == int(now.done)]
    assert whole == sorted(whole)
    assert (told[-1].done, told[-1].total) == (5, 5)
    assert told[-1].eta_s == 0
    assert told[-1].elapsed_s > 0


def test_bands_and_means_by_interval_cover_the_day():
    result = an_experiment(20, a_plan(days=2))

    means = result.by_interval("pair", "service_level")
    bands = result.bands("pair", "service_level")

    assert means.mean.shape == (result.times, 2) == (49, 2)
    assert bands.shape == (3, 49, 2)
    assert (bands[0, :-1] <= bands[1, :-1]).all()
    assert (bands[1, :-1] <= bands[2, :-1]).all()
    assert np.isnan(bands[:, -1]).all()
    assert result.time_label(0) == "day 1, 00:00"
    assert result.time_label(25) == "day 2, 01:00"
    assert result.time_label(48) == "after the last midnight"


def test_the_worst_intervals_come_first():
    worst = an_experiment().worst("service_level", 4)

    levels = [one.estimate.mean for one in worst]
    assert levels == sorted(levels)
    assert len(levels) == 4


def test_memory_does_not_grow_with_intervals_times_replications(monkeypatch):
    monkeypatch.setattr(sheets, "KEPT_BYTES", 1)
    monkeypatch.setattr(sheets, "KEPT_LEAST", 6)

    result = an_experiment(15)

    assert len(result.kept("pair", "offered")) == 6
    assert result.by_interval("pair", "offered").mean.sum() == pytest.approx(
        result.estimate("house", "all", "offered").mean
    )


def test_waits_are_shares_that_rise_to_one():
    result = an_experiment()

    bounds_s, shares = result.waits("queue", "Banking")
    quantiles = result.wait_quantiles("queue", "Banking")

    assert (np.diff(bounds_s) > 0).all()
    assert (np.diff(shares.mean) >= 0).all()
    assert shares.mean[-1] == 1
    for found in quantiles:
        assert found.low < found.value < found.high
    assert [one.value for one in quantiles] == sorted(one.value for one in quantiles)


def test_plans_are_compared_customer_by_customer():
    comparison = compare(
        a_plan(), a_plan(agents=21.0), replications=20, workers=1, run=drawn
    )

    change = comparison.change("queue", "Banking", "service_level")
    apart = change.first.half_width + change.second.half_width
    assert change.difference.mean == pytest.approx(
        change.second.mean - change.first.mean
    )
    assert change.significant
    assert change.difference.half_width < apart / 3
    assert change.variance_reduction > 5
    assert comparison.change("queue", "Banking", "offered").difference.mean == 0


def test_a_comparison_does_not_depend_on_who_works_it_out():
    plans = a_plan(), a_plan(agents=22.0)

    alone = compare(*plans, replications=9, workers=1, run=drawn)
    together = compare(*plans, replications=9, workers=2, run=uneven)

    assert json.dumps(alone.summary()) == json.dumps(together.summary())


def test_a_comparison_stops_once_the_difference_is_precise_enough():
    comparison = compare(
        a_plan(), a_plan(agents=21.0), replications=500, precision=0.02, run=drawn
    )

    assert comparison.precise
    assert comparison.replications < 500
    assert comparison.first.widest > 0.02


def test_a_slow_first_replication_does_not_change_the_result(monkeypatch):
    monkeypatch.setattr("simulator.sweep.LONG_S", 0.0)
    monkeypatch.setattr("simulator.sweep.WORTH_WORKERS_S", 0.0)

    hired = an_experiment(9, workers=None)

    assert text(hired) == text(an_experiment(9))
