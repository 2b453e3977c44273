"""Cases become scenarios by what their parameters say, and by nothing else."""

import math
from typing import Any

import pytest

from simulator.reference.reading import Case
from simulator.reference.registry import setup_of
from simulator.reference.setup import PROBE, Setup
from simulator.reference.times import NotExpressed
from simulator.scenario.load import Loaded, load_scenario

ONE_LINE = {"calls_per_hour": 60, "aht_s": 300, "agents": 6}


def a_case(
    parameters: dict[str, Any], model: str = "", group: str = "g", *outputs: str
) -> Case:
    return Case(
        "any", group, parameters, dict.fromkeys(outputs or ("p_wait",), 0.5), model
    )


def setup_from(parameters: dict[str, Any], model: str = "", *outputs: str) -> Setup:
    return setup_of(a_case(parameters, model, "g", *outputs))


def loaded(setup: Setup) -> Loaded:
    every_ms = setup.every_ms or 1_800_000
    return load_scenario(setup.scenario_text(1, every_ms), setup.policy_text())


def refusal(parameters: dict[str, Any], model: str = "") -> str:
    with pytest.raises(NotExpressed) as refused:
        setup_from(parameters, model)
    return str(refused.value)


# ------------------------------------------------------------------ one line


def test_the_id_says_nothing():
    one = setup_of(Case("erlang_b_1_1", "g", ONE_LINE, {"p_wait": 0.5}))
    other = setup_of(Case("sticky", "g", ONE_LINE, {"p_wait": 0.5}))

    assert one.scenario_text(1, 60_000) == other.scenario_text(1, 60_000)


@pytest.mark.parametrize(
    "parameters",
    [
        {"calls_per_hour": 120, "aht_s": 300, "agents": 11},
        {"contacts_per_minute": 2, "aht_min": 5, "servers": 11},
        {"arrival_rate_per_hour": 120, "service_rate_per_min": 0.2, "agents": 11},
        {"calls_per_hour": 120, "service": "exponential mean 5 min", "agents": 11},
    ],
)
def test_the_same_system_in_other_units_is_the_same_scenario(
    parameters: dict[str, Any],
):
    scenario = loaded(setup_from(parameters)).scenario

    stream = scenario.demand["Line"]
    assert stream.arrivals is not None
    assert stream.arrivals.profile is not None
    assert stream.handle.exponential is not None
    assert (120.0, 300_000, 11) == (
        stream.arrivals.profile.per_hour,
        stream.handle.exponential.mean,
        scenario.staff["Agents"].agents,
    )


@pytest.mark.parametrize(
    ("parameters", "model", "lines"),
    [
        ({"offered_erlang": 5, "servers": 7}, "M/M/c/c", 7),
        ({**ONE_LINE}, "M/M/c/c", 6),
        ({**ONE_LINE, "places_in_system": 9}, "M/M/c/K", 9),
        ({**ONE_LINE, "queue_capacity": 4}, "M/M/c/K", 10),
        ({**ONE_LINE}, "M/M/c", None),
    ],
)
def test_limited_room_is_so_many_lines(
    parameters: dict[str, Any], model: str, lines: int | None
):
    assert lines == loaded(setup_from(parameters, model)).scenario.lines


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"dist": "deterministic", "value_s": 240}, "4m"),
        ({"dist": "erlang", "k": 2, "mean_s": 240}, {"mean": "4m", "shape": 2.0}),
        ({"dist": "lognormal", "mean_s": 240, "cv": 1.3}, {"mean": "4m", "cv": 1.3}),
        (
            {"dist": "weibull", "shape": 0.5, "mean_s": 400},
            {"scale": "3m20s", "shape": 0.5},
        ),
        ("uniform 3..7 min", {"low": "3m", "high": "7m"}),
        ("gamma shape 2 mean 100 s", {"mean": "1m40s", "shape": 2.0}),
    ],
)
def test_families_of_times_are_written_as_scenarios_write_them(
    service: Any, expected: Any
):
    setup = setup_from({"calls_per_hour": 6, "service": service, "agents": 1})

    written = setup.demand["Line"]["handle"]
    found = next(iter(written.values())) if isinstance(written, dict) else written
    assert expected == found
    loaded(setup)


def test_the_letters_decide_where_only_a_mean_is_told():
    parameters = {"calls_per_hour": 6, "service_s": 240, "agents": 1}

    constant = setup_from(parameters, "M/D/c").demand["Line"]["handle"]
    erlang = setup_from(parameters, "M/E3/c").demand["Line"]["handle"]
    assert ("4m", {"gamma": {"mean": "4m", "shape": 3.0}}) == (constant, erlang)


def test_wrap_up_is_wrap_up_and_no_longer_talk():
    service = {
        "dist": "sum",
        "talk": "exponential mean 200 s",
        "wrap_up": "exponential mean 40 s",
    }

    stream = loaded(
        setup_from({"calls_per_hour": 6, "service": service, "agents": 1})
    ).scenario.demand["Line"]
    assert stream.wrap_up is not None
    assert stream.wrap_up.exponential is not None
    assert 40_000 == stream.wrap_up.exponential.mean


@pytest.mark.parametrize(
    "patience",
    [
        {"dist": "balking", "p_balk": 0.2, "mean_s": 300},
        {
            "dist": "mixture",
            "components": [
                {"p": 0.2, "dist": "deterministic", "value_s": 0},
                {"p": 0.8, "dist": "exponential", "mean_s": 300},
            ],
        },
    ],
)
def test_no_patience_at_all_is_leaving_at_once(patience: dict[str, Any]):
    stream = loaded(setup_from({**ONE_LINE, "patience": patience})).scenario.demand[
        "Line"
    ]

    assert stream.balking is not None
    assert stream.patience is not None
    assert stream.patience.exponential is not None
    assert (0.2, 300_000) == (
        stream.balking.when_all_busy,
        stream.patience.exponential.mean,
    )


def test_nobody_gives_up_where_patience_is_null():
    setup = setup_from({**ONE_LINE, "patience_mean_s": None})

    assert "patience" not in setup.demand["Line"]


def test_the_offered_wait_is_measured_by_probes_that_take_no_time():
    setup = setup_from(ONE_LINE, "M/M/c", "mean_offered_wait_s")

    assert "1ms" == setup.demand[PROBE]["handle"]
    assert [["Line"]] == setup.classes


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("parameters", "model", "reason"),
    [
        ({**ONE_LINE, "moon_phase": 3}, "", "moon_phase is not understood"),
        ({**ONE_LINE, "order": "LIFO"}, "", "oldest of equals first"),
        ({**ONE_LINE, "patience": {"dist": "zipf", "mean_s": 3}}, "", "zipf"),
        ({"agents": 3}, "", "no model is known"),
        ({**ONE_LINE, "agents": 2.5}, "", "no model is known"),
        (
            {"calls_per_hour": [1, 2], "aht_s": 60, "agents": 2},
            "preemptive priority",
            "not preemptive",
        ),
    ],
)
def test_what_cannot_be_expressed_says_why(
    parameters: dict[str, Any], model: str, reason: str
):
    assert reason in refusal(parameters, model)


# ------------------------------------------------------------------ several classes

N_MODEL = {
    "calls_per_hour": [60, 60],
    "aht_s": 300,
    "pools": [{"skills": [1], "agents": 4}, {"skills": [1, 2], "agents": 6}],
}


def points(setup: Setup, agents: str, number: int) -> int:
    """What an interaction of a class is worth to a pool, as the engine scores it."""
    fit = {2: 1000, 3: 900, 4: 800, 5: 700}
    level = setup.staff[agents]["skills"][f"class {number}"]
    return fit[level] + 100 * int(setup.queues[f"Class {number}"]["priority"])


def test_specialists_come_before_generalists():
    setup = setup_from(N_MODEL)

    assert points(setup, "Pool 1", 1) > points(setup, "Pool 2", 1)


@pytest.mark.parametrize(
    ("routing", "first"),
    [
        ("class 1 -> pool 1 else pool 2; a freed pool-2 agent takes class 1 first", 1),
        ("class 1 -> pool 1 else pool 2; a freed pool-2 agent takes class 2 first", 2),
        ("a freed pool-2 agent takes the longest-waiting contact of either class", 0),
    ],
)
def test_a_freed_agent_chooses_as_the_case_says(routing: str, first: int):
    setup = setup_from({**N_MODEL, "routing": routing})

    difference = points(setup, "Pool 2", 1) - points(setup, "Pool 2", 2)
    assert {0: 0, 1: 1, 2: -1}[first] == (difference > 0) - (difference < 0)
    loaded(setup)


def test_each_pool_may_prefer_its_own_class():
    setup = setup_from(
        {
            **N_MODEL,
            "pools": [{"skills": [1, 2], "agents": 4}, {"skills": [2, 1], "agents": 6}],
        }
    )

    assert points(setup, "Pool 1", 1) > points(setup, "Pool 1", 2)
    assert points(setup, "Pool 2", 2) > points(setup, "Pool 2", 1)
    assert points(setup, "Pool 1", 1) > points(setup, "Pool 2", 1)
    assert points(setup, "Pool 2", 2) > points(setup, "Pool 1", 2)


def test_twenty_priorities_are_kept_apart():
    setup = setup_from({"calls_per_hour": [1] * 20, "aht_s": 60, "agents": 2})

    priorities = [queue["priority"] for queue in setup.queues.values()]
    assert priorities == sorted(set(priorities), reverse=True)
    loaded(setup)


# ------------------------------------------------------------------ people and days


def test_retries_are_a_stream_of_their_own_that_goes_on_retrying():
    setup = setup_from(
        {
            **ONE_LINE,
            "patience_mean_s": 60,
            "retry_probability": 0.6,
            "retry_delay": "exponential",
            "retry_delay_mean_s": 600,
        },
        "M/M/c+M, abandoners retry",
    )

    again = loaded(setup).scenario.demand["Line again"]
    assert again.arrivals is None
    assert again.retry is not None
    assert "Line again" == again.retry.stream


@pytest.mark.parametrize(
    ("more", "ends", "lines"),
    [
        ({"patience_mean_s": 60}, ["abandoned", "balked"], None),
        ({}, ["refused"], 6),
        (
            {"patience_mean_s": 60, "places_in_system": 8},
            ["abandoned", "balked", "refused"],
            8,
        ),
        (
            {"patience_mean_s": 60, "places_in_system": 8, "retry_after": "busy"},
            ["refused"],
            8,
        ),
    ],
)
def test_whoever_fails_tries_again(
    more: dict[str, Any], ends: list[str], lines: int | None
):
    retry = {"retry_probability": 0.5, "retry_delay_mean_s": 300}
    scenario = loaded(setup_from({**ONE_LINE, **retry, **more})).scenario

    stream = scenario.demand["Line"]
    assert stream.retry is not None
    assert (ends, lines) == (stream.retry.after, scenario.lines)


def test_chats_go_slower_by_the_rates_that_are_told():
    setup = setup_from(
        {
            "chats_per_hour": 60,
            "agents": 3,
            "slots": 2,
            "completion_rate_per_agent_per_s": {"1": 0.01, "2": 0.016},
        }
    )

    (slow,) = loaded(setup).scenario.slow_down
    assert [1.0, 1.25] == [pytest.approx(factor) for factor in slow.factors]


def test_a_wave_of_arrivals_has_its_mean_minute_by_minute():
    setup = setup_from(
        {
            "calls_per_hour": "100 + 40 sin(2 pi t / 7200 s)",
            "period_s": 1800,
            "agents_by_period": [9, 9, 7, 7],
            "aht_s": 300,
        }
    )

    counts = setup.demand["Line"]["arrivals"]["counts"]
    assert 200.0 == pytest.approx(sum(counts))
    assert (100 + 40 * math.sin(2 * math.pi / 4)) / 60 == pytest.approx(
        counts[30], rel=1e-3
    )
    loaded(setup)


def test_a_day_that_does_not_end_before_the_next_is_refused():
    day = {
        "calls_per_hour_by_period": [60] * 24,
        "agents_by_period": [6] * 24,
        "period_s": 3600,
        "aht_s": 300,
    }

    assert "before the next begins" in refusal(day)
