"""How many agents a plan needs: the fewest that keep its bounds, and the rule of thumb."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.model.service_level import Definition
from simulator.erlang.demand import Demand, SystemWrong, Unstable
from simulator.erlang.loss import least_agents_for_blocking
from simulator.erlang.models import solve
from simulator.erlang.safety import answered_within_about, safety_of, square_root_agents
from simulator.erlang.staffing import Bounds, OutOfReach, least_agents


def per_hour(erlang, aht_s):
    return erlang * 3600 / aht_s


@pytest.mark.parametrize(
    ("demand", "bounds"),
    [
        (Demand(1260, 300), Bounds(service_level=0.8)),
        (Demand(1260, 300, patience_s=300), Bounds(service_level=0.8)),
        (
            Demand(200, 180, patience_s=30),
            Bounds(
                service_level=0.95, definition=Definition.WITHIN_OF_ANSWERED, within_s=5
            ),
        ),
        (Demand(1260, 300, patience_s=60), Bounds(abandonment=0.03)),
        (Demand(1260, 300), Bounds(asa_s=12, occupancy=0.9)),
        (Demand(126, 300, lines=16), Bounds(blocking=0.04, asa_s=60)),
        (Demand(126, 300, waits=False), Bounds(blocking=0.01)),
        (Demand(0.01, 300), Bounds(asa_s=20)),
    ],
)
def test_the_least_agents_keep_the_bounds_and_one_fewer_does_not(demand, bounds):
    line = least_agents(demand, bounds)

    assert bounds.met_by(line)
    if line.agents > 1:
        try:
            fewer = solve(demand, line.agents - 1)
        except Unstable:
            return
        assert not bounds.met_by(fewer)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 300),
    st.floats(0.02, 50),
    st.floats(0.05, 0.99),
    st.sampled_from(Definition),
    st.floats(0, 120),
    st.none() | st.floats(0, 120),
)
def test_one_more_agent_never_makes_a_service_level_worse(
    erlang, patience, share, definition, within_s, short_s
):
    demand = Demand(per_hour(erlang, 180), 180, 180 * patience)

    found = least_agents(demand, Bounds(share, definition, within_s, short_s)).agents

    levels = [
        solve(demand, agents).service_level(definition, within_s, short_s)
        for agents in range(max(1, found - 8), found + 9)
    ]
    assert all(more >= less - 1e-12 for less, more in pairwise(levels))


def test_two_searches_for_erlang_b_agree():
    assert 123 == least_agents_for_blocking(105, 0.01)
    lost = Demand(per_hour(105, 300), 300, waits=False)
    assert 123 == least_agents(lost, Bounds(blocking=0.01)).agents


def test_more_agents_block_more_where_patience_is_shorter_than_the_work():
    demand = Demand(60, 300, patience_s=10, lines=8)

    assert solve(demand, 4).p_block < solve(demand, 8).p_block
    asked = Bounds(blocking=0.001, abandonment=0.2)
    with pytest.raises(OutOfReach, match="more lines or looser bounds"):
        least_agents(demand, asked)
    assert 1 == least_agents(demand, Bounds(blocking=0.01)).agents
    # Five lose too many, seven block too many.
    both = Bounds(blocking=0.002, abandonment=0.2)
    assert 6 == least_agents(demand, both).agents


def test_bounds_that_nobody_can_keep_are_refused_with_the_reason():
    with pytest.raises(OutOfReach, match=r"100 agents would block 10.54% of arrivals"):
        least_agents(Demand(1260, 300, lines=100), Bounds(blocking=0.01))


@pytest.mark.parametrize("patience_s", [None, 300, 3000])
@pytest.mark.parametrize("erlang", [10, 100, 1000])
def test_the_square_root_rule_comes_within_a_root_s_fifth(erlang, patience_s):
    demand = Demand(per_hour(erlang, 300), 300, patience_s)

    exact = least_agents(demand, Bounds(service_level=0.8)).agents

    rule = square_root_agents(demand, 0.8, 20)
    assert abs(exact - rule) <= 1 + 0.2 * math.sqrt(erlang)


@pytest.mark.parametrize(
    ("patience_s", "agents"), [(None, 1015), (3000, 1000), (300, 980)]
)
def test_for_a_thousand_erlang_the_rule_s_service_level_is_off_by_a_hundredth(
    patience_s, agents
):
    demand = Demand(per_hour(1000, 300), 300, patience_s)

    about = answered_within_about(demand, safety_of(demand, agents), 20)

    exact = solve(demand, agents).answered_within(20)
    assert pytest.approx(exact, abs=0.01) == about


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Bounds(service_level=1.0), "service level must be between"),
        (lambda: Bounds(asa_s=0), "ASA must be above 0"),
        (lambda: Bounds(), "nothing is bounded"),
        (lambda: least_agents_for_blocking(5, 0), "blocking must be between"),
        (lambda: square_root_agents(Demand(60, 300), 1, 20), "between 0 and 1"),
    ],
)
def test_bounds_that_mean_nothing_are_refused(wrong, told):
    with pytest.raises(SystemWrong, match=told):
        wrong()
