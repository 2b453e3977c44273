"""The exact formulas: values known to twelve digits, and what holds between models.

The numbers were computed in 40-digit arithmetic from the birth-death equations.
"""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from router.model.service_level import Definition
from simulator.erlang.demand import Demand, SystemWrong, Unstable
from simulator.erlang.loss import carried_erlang, erlang_b
from simulator.erlang.models import solve
from simulator.erlang.single import pollaczek_khinchine, priority_waits

OF_ALL = Definition.WITHIN_OF_ANSWERED_AND_ABANDONED
WITH_ABANDONED = Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED
LESS_SHORT = Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED
OF_ANSWERED = Definition.WITHIN_OF_ANSWERED


def exactly(value):
    return pytest.approx(value, rel=1e-10)


def per_hour(erlang, aht_s):
    return erlang * 3600 / aht_s


# ------------------------------------------------------------------- known values


@pytest.mark.parametrize(
    ("erlang", "agents", "blocked", "carried"),
    [
        (1, 1, 0.5, 0.5),
        (10, 17, 0.0129488752247, 9.87051124775),
        (84.06, 100, 0.00999170258803, 83.2200974805),
    ],
)
def test_erlang_b_is_exact(erlang, agents, blocked, carried):
    assert exactly(blocked) == erlang_b(erlang, agents)
    assert exactly(carried) == carried_erlang(erlang, agents)


@pytest.mark.parametrize(
    ("demand", "agents", "within_s", "expected"),
    [
        (
            Demand(200, 180),
            14,
            20,
            (
                0.174131933595,
                7.83593701178,
                0.888350019179,
                0.714285714286,
                0.435329833988,
                25.373853121,
            ),
        ),
        (
            Demand(2880, 60),
            50,
            20,
            (
                0.694455611197,
                20.8336683359,
                0.643454600803,
                0.96,
                16.6669346687,
                28.5653350028,
            ),
        ),
    ],
)
def test_erlang_c_is_exact(demand, agents, within_s, expected):
    line = solve(demand, agents)

    figures = line.p_wait, line.asa_s, line.service_level(OF_ALL, within_s)
    figures += line.occupancy, line.mean_queue, line.wait_sd_s
    assert "Erlang C (M/M/c)" == line.model
    assert exactly(expected) == figures


@pytest.mark.parametrize(
    ("demand", "agents", "within_s", "waits", "levels", "use"),
    [
        (
            Demand(60, 300, patience_s=30),
            5,
            10,
            (
                0.359769228781,
                0.255031377955,
                7.65094133866,
                3.16385990938,
                20.7580926868,
            ),
            (0.676095970075, 0.907549593458, 0.748155630774, 0.0963164049497),
            (0.744968622045, 0.127515688978),
        ),
        (
            Demand(1260, 300, patience_s=120),
            90,
            20,
            (
                0.813269743364,
                0.151165271915,
                18.1398326298,
                18.4242983065,
                16.5424793334,
            ),
            (0.4961685389, 0.584529028424, 0.552212182613, 0.101489328699),
            (0.990307182766, 6.34894142042),
        ),
        (
            Demand(6000, 300, patience_s=180),
            525,
            20,
            (
                0.123325619105,
                0.00387326416475,
                0.697187549655,
                0.680973160916,
                4.8672067999,
            ),
            (0.994491810808, 0.998358717853, 0.998329120904, 0.00384373250814),
            (0.948692129367, 1.16197924943),
        ),
    ],
)
def test_erlang_a_is_exact(demand, agents, within_s, waits, levels, use):
    line = solve(demand, agents)

    assert "Erlang A (M/M/c+M)" == line.model
    figures = line.p_wait, line.p_abandon, line.mean_wait_s, line.asa_s
    assert exactly(waits) == (*figures, line.mean_wait_abandoned_s)
    named = line.service_levels(within_s)
    abandoned = line.abandoned_within(within_s)
    shares = named[OF_ALL], named[OF_ANSWERED], named[LESS_SHORT], abandoned
    assert exactly(levels) == shares
    assert exactly(levels[0] + levels[3]) == named[WITH_ABANDONED]
    assert exactly(use) == (line.occupancy, line.mean_queue)


@pytest.mark.parametrize(
    ("demand", "agents", "within_s", "expected"),
    [
        (
            Demand(504, 600, lines=120),
            90,
            30,
            (
                0.00364307607096,
                0.379705554636,
                27.0013656578,
                3.76641966802,
                0.929933129,
                0.732922277289,
            ),
        ),
        (
            Demand(1260, 300, patience_s=300, lines=120),
            100,
            20,
            (
                0.0140225469745,
                0.67391980776,
                16.541318298,
                5.7082784098,
                0.978193541579,
                0.597250375215,
            ),
        ),
        (
            Demand(60, 300, patience_s=120, lines=8),
            4,
            20,
            (
                0.0167608841105,
                0.612000221775,
                37.7125345566,
                0.618007318923,
                0.842794320535,
                0.452624302,
            ),
        ),
    ],
)
def test_a_room_that_fills_up_is_exact(demand, agents, within_s, expected):
    line = solve(demand, agents)

    figures = line.p_block, line.p_wait, line.mean_wait_s, line.mean_queue
    figures += line.occupancy, line.service_level(OF_ALL, within_s)
    assert exactly(expected) == figures


def test_priorities_wait_as_kella_and_yechiali_say():
    waits = priority_waits([100, 100, 120], aht_s=300, agents=30)

    assert exactly([5.92188268908, 13.3242360504, 86.6075343278]) == waits


def test_one_agent_with_any_handle_time_is_exact():
    # Erlang-2 with mean 240 s: the moments are m, 3/2 m² and 3 m³.
    wait = pollaczek_khinchine(12, 240, 1.5 * 240**2, 3 * 240**3)

    assert exactly((0.8, 720.0, 865.332306111, 2.4)) == (
        wait.p_wait, wait.mean_wait_s, wait.wait_sd_s, wait.mean_queue,
    )  # fmt: skip


# ------------------------------------------------------- what holds between models


demands = st.builds(
    lambda erlang, aht_s, patience: (per_hour(erlang, aht_s), aht_s, aht_s * patience),
    st.floats(0.05, 300),
    st.floats(5, 3000),
    st.floats(0.02, 50),
)
safeties = st.floats(-2, 4)
seconds = st.floats(0, 900)


def around(rate, aht_s, beta):
    """As many agents as the offered load and `beta` times its root."""
    load = rate * aht_s / 3600
    return max(1, round(load + beta * math.sqrt(load)))


@settings(max_examples=60, deadline=None)
@given(demands, safeties)
def test_endless_patience_makes_erlang_a_erlang_c(demand, beta):
    rate, aht_s, _ = demand
    agents = around(rate, aht_s, beta)
    assume(rate * aht_s / 3600 < 0.98 * agents)

    endless = solve(Demand(rate, aht_s), agents)
    patient = solve(Demand(rate, aht_s, patience_s=1e12 * aht_s), agents)

    for name in ("p_wait", "asa_s", "wait_sd_s", "occupancy", "mean_queue"):
        there = getattr(patient, name)
        assert pytest.approx(getattr(endless, name), rel=1e-6) == there, name
    assert pytest.approx(endless.answered_within(20)) == patient.answered_within(20)


@settings(max_examples=60, deadline=None)
@given(demands, safeties)
def test_a_line_for_each_agent_makes_every_model_erlang_b(demand, beta):
    rate, aht_s, patience_s = demand
    agents = around(rate, aht_s, beta)
    blocked = erlang_b(rate * aht_s / 3600, agents)

    for room in (
        Demand(rate, aht_s, lines=agents),
        Demand(rate, aht_s, patience_s, lines=agents),
        Demand(rate, aht_s, waits=False),
    ):
        line = solve(room, agents)
        assert "Erlang B (M/M/c/c)" == line.model
        assert pytest.approx(blocked, rel=1e-9) == line.p_block
        assert (0, 0, 1) == (line.p_wait, line.p_abandon, line.answered_within(0))


@settings(max_examples=60, deadline=None)
@given(demands, safeties, seconds, st.none() | st.integers(0, 40))
def test_everybody_let_in_is_answered_or_gives_up(demand, beta, within_s, places):
    rate, aht_s, patience_s = demand
    agents = around(rate, aht_s, beta)
    lines = None if places is None else agents + places
    line = solve(Demand(rate, aht_s, patience_s, lines), agents)

    assert pytest.approx(1) == line.answered + line.p_abandon
    carried = rate / 3600 * (1 - line.p_block) * line.answered * aht_s
    assert pytest.approx(carried) == line.occupancy * agents
    of_answered = line.answered * line.asa_s
    gone = line.p_abandon * (line.mean_wait_abandoned_s or 0)
    assert pytest.approx(of_answered + gone, rel=1e-9, abs=1e-12) == line.mean_wait_s
    assert 0 <= line.abandoned_within(within_s) <= line.p_abandon
    assert 0 <= line.answered_within(within_s) <= line.answered
    ever = 1e4 * patience_s
    assert pytest.approx(line.answered) == line.answered_within(ever)
    assert pytest.approx(line.p_abandon, rel=1e-9, abs=1e-12) == line.abandoned_within(
        ever
    )


@settings(max_examples=60, deadline=None)
@given(demands, safeties, seconds)
def test_the_definitions_of_service_level_keep_their_order(demand, beta, within_s):
    rate, aht_s, patience_s = demand
    line = solve(Demand(rate, aht_s, patience_s), around(rate, aht_s, beta))
    level = line.service_levels(within_s)
    slack = 1e-12

    assert level[OF_ALL] <= level[LESS_SHORT] + slack
    assert level[LESS_SHORT] <= level[OF_ANSWERED] + slack
    assert level[LESS_SHORT] <= level[WITH_ABANDONED] + slack


@settings(max_examples=40, deadline=None)
@given(demands, safeties, st.floats(0.01, 0.99))
def test_a_quantile_of_the_wait_is_where_its_share_is_answered(demand, beta, share):
    rate, aht_s, patience_s = demand
    line = solve(Demand(rate, aht_s, patience_s), around(rate, aht_s, beta))

    wait_s = line.answered_wait_s(share)

    reached = line.answered_within(wait_s) / line.answered
    if wait_s:
        assert pytest.approx(share, rel=1e-6) == reached
    else:
        assert reached >= share


def test_erlang_c_knows_its_quantiles_in_closed_form():
    line = solve(Demand(2880, 60), 50)

    assert pytest.approx(0.9) == line.answered_within(line.answered_wait_s(0.9))
    assert pytest.approx(58.139, abs=5e-4) == line.answered_wait_s(0.9)
    assert 0 == line.answered_wait_s(0.3)


def test_a_shorter_short_abandonment_forgives_less():
    line = solve(Demand(1260, 300, patience_s=300), 100)

    forgiving = line.service_level(LESS_SHORT, 20)
    strict = line.service_level(LESS_SHORT, 20, short_abandon_s=5)

    assert line.service_level(OF_ALL, 20) < strict < forgiving


# ---------------------------------------------------------------- size and extremes


@pytest.mark.parametrize(
    ("erlang", "patience_s", "agents"),
    [
        (10_000, 300, 10_000),
        (10_000, 86_400, 9_000),
        (9_000, 1, 12_000),
        (50_000, 3_600, 20_000),
        (0.001, 60, 5_000),
    ],
)
def test_thousands_of_agents_neither_overflow_nor_lose_anybody(
    erlang, patience_s, agents
):
    line = solve(Demand(per_hour(erlang, 300), 300, patience_s), agents)

    assert pytest.approx(1, rel=1e-12) == line.answered + line.p_abandon
    assert 0 <= line.answered_within(20) <= 1
    assert 0 <= line.occupancy <= 1


def test_in_overload_the_agents_are_busy_and_the_rest_give_up():
    line = solve(Demand(per_hour(10_000, 300), 300, patience_s=600), 8_000)

    assert pytest.approx(0.2) == line.p_abandon
    assert pytest.approx(1) == line.occupancy
    # All wait about until a fifth has lost patience: 600 ln(5/4).
    assert pytest.approx(600 * math.log(1.25), rel=1e-3) == line.asa_s


def test_a_queue_that_would_never_settle_is_refused():
    with pytest.raises(SystemWrong, match="would wait at a time"):
        solve(Demand(per_hour(100_000, 60), 60, patience_s=30 * 86_400), 100)


# ----------------------------------------------------------------------- refusals


def test_an_unstable_line_says_what_it_would_take():
    with pytest.raises(Unstable) as refused:
        solve(Demand(per_hour(10.5, 300), 300), 10)

    assert str(refused.value) == (
        "10.5 Erlang are offered to 10 agents: without abandonment the queue grows "
        "without end; at least 11 agents are needed"
    )
    assert 11 == refused.value.least_agents


def test_a_load_equal_to_the_agents_is_unstable_too():
    with pytest.raises(Unstable, match="at least 11 agents are needed"):
        solve(Demand(per_hour(10, 300), 300), 10)
    with pytest.raises(Unstable, match="at least 2 agents"):
        pollaczek_khinchine(15, 240, 2 * 240**2, 6 * 240**3)
    with pytest.raises(Unstable):
        priority_waits([60, 60], aht_s=300, agents=10)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Demand(0, 300), "interactions per hour must be a number above 0"),
        (lambda: Demand(60, math.nan), "AHT in seconds must be a number above 0"),
        (lambda: Demand(60, 300, patience_s=-1), "patience in seconds"),
        (lambda: Demand(60, 300, lines=0), "lines must be from 1"),
        (lambda: Demand(1e12, 300), "the formulas take at most 1000000"),
        (lambda: solve(Demand(60, 300, lines=3), 5), "3 lines cannot keep 5 agents"),
        (lambda: solve(Demand(60, 300), 0), "agents must be from 1"),
        (lambda: solve(Demand(60, 300), 9).answered_within(-1), "0 seconds or more"),
        (lambda: solve(Demand(60, 300), 9).answered_wait_s(1), "between 0 and 1"),
        (lambda: pollaczek_khinchine(12, 240, 1, 1), "no handle time has"),
        (lambda: priority_waits([], 300, 5), "no priority is given"),
    ],
)
def test_a_question_without_an_answer_says_why(wrong, told):
    with pytest.raises(SystemWrong, match=told):
        wrong()
