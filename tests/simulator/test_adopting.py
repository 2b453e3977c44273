"""Who is on a live floor goes on as it must: a desk or two, all times constant, seconds
after eight o'clock, worked out by hand.
"""

import json

import pytest

from bench.calibration import opened
from router.engine import commands as c
from router.model.agent import Link, Presence
from router.model.channel import Channel
from simulator.forecast import ABANDONED, ANSWERED, ForecastUnfit
from simulator.lookahead import simulate_from
from simulator.plan import plan_of
from simulator.records import Column
from simulator.scenario.load import load_scenario
from tests.simulator.tiny import DESK, follows, policy

HALF_HOUR = 1_800_000
HOUR = 3_600_000


def tiny(streams, staff=None):
    """A forecast of nothing but these streams, whose policy is the tiny one."""
    scenario = {
        "scenario": "tiny",
        "policy": "tiny.yaml",
        "calendar": {"starts": "2026-03-02"},
        "demand": streams,
        "staff": staff or {"Desk": DESK},
    }
    return load_scenario(json.dumps(scenario), json.dumps(policy()))


class Told:
    """A live engine that is told what happens, second by second after eight."""

    def __init__(self, forecast):
        self.forecast = forecast
        self.eight = plan_of(forecast).origin_ms + 8 * HOUR
        self.engine = opened(forecast, self.eight)

    def at(self, second, *commands):
        self.engine.begin(self.eight + second * 1_000)
        for command in commands:
            self.engine.perform(command)
        self.engine.take()

    def accepted(self, second, interaction, agent="Desk.1"):
        row = self.engine.interaction_row(interaction)
        offer = int(self.engine.floor.interactions[row].offer)
        self.at(second, c.AcceptOffer(agent, offer))

    def ahead(self, second, **options):
        self.at(second)
        return simulate_from(
            self.engine, self.forecast, HALF_HOUR, replications=2, **options
        )


def at_work(agent="Desk.1"):
    return c.SignIn(agent, Link.GATEWAY, Presence.AVAILABLE)


def call(interaction):
    return c.Enqueue(interaction, "First", Channel.VOICE)


def outcomes(forecast):
    left = forecast.remaining_ms / 1_000
    assert (left == left[0]).all()
    assert (forecast.ended == forecast.ended[0]).all()
    return dict(
        zip(
            forecast.waiting,
            zip(left[0].tolist(), forecast.ended[0].tolist(), strict=True),
            strict=True,
        )
    )


def test_who_is_served_is_served_for_the_rest_of_the_time():
    told = Told(tiny({"Calls": follows(handle="60s", patience="90s")}))
    told.at(0, at_work(), call("first"))
    told.accepted(0, "first")
    told.at(10, call("second"))
    told.at(15, call("third"))

    # At 60 the second is answered; at 105 the third has had enough.
    assert outcomes(told.ahead(20)) == {
        "second": (40.0, ANSWERED),
        "third": (85.0, ABANDONED),
    }


def test_an_open_offer_is_answered_after_the_rest_of_the_delay():
    staff = {"Desk": {**DESK, "answer_delay": "5s"}}
    told = Told(tiny({"Calls": follows()}, staff))
    told.at(0, at_work())
    told.at(10, call("first"))

    assert outcomes(told.ahead(12)) == {"first": (3.0, ANSWERED)}


def test_whoever_has_a_break_is_back_when_it_is_over():
    shift = {
        "from": "7h",
        "until": "17h",
        "breaks": [{"after": "60m", "lasts": "10m"}],
    }
    told = Told(tiny({"Calls": follows()}, {"Desk": {**DESK, "shifts": [shift]}}))
    told.at(0, at_work())
    # The break begins two minutes late.
    told.at(120, c.SetPresence("Desk.1", Presence.AWAY))
    told.at(180, call("first"))

    assert outcomes(told.ahead(180)) == {"first": (540.0, ANSWERED)}


def test_whoever_is_away_for_no_known_reason_is_back_after_five_minutes():
    told = Told(tiny({"Calls": follows()}))
    told.at(0, at_work(), c.SetPresence("Desk.1", Presence.AWAY))
    told.at(120, call("first"))

    assert outcomes(told.ahead(120)) == {"first": (300.0, ANSWERED)}


def test_whoever_wants_to_go_home_does_so_after_the_work_at_hand():
    told = Told(tiny({"Calls": follows(handle="60s", patience="10m")}))
    told.at(0, at_work(), call("first"))
    told.accepted(0, "first")
    told.at(10, c.SetPresence("Desk.1", Presence.OFFLINE, when_idle=True))
    told.at(20, call("second"))

    assert outcomes(told.ahead(20)) == {"second": (600.0, ABANDONED)}


def test_several_at_once_go_on_as_slowly_as_they_do():
    chat = follows(channel="chat", handle="100s")
    forecast = tiny({"Chats": chat})
    document = json.loads(json.dumps(forecast.scenario.written()))
    document["slow_down"] = [{"channels": ["chat"], "factors": [1, 2, 2]}]
    told = Told(load_scenario(json.dumps(document), forecast.policy_text))
    told.at(0, at_work())
    for name in ("one", "two", "three"):
        told.at(0, c.Enqueue(name, "First", Channel.CHAT))
        told.accepted(0, name)
    told.at(30, c.Enqueue("four", "First", Channel.CHAT))

    # Each has 100 - 40 / 2 seconds left, twice as long with three at hand.
    assert outcomes(told.ahead(40)) == {"four": (160.0, ANSWERED)}


def test_whoever_has_just_left_may_call_again():
    retry = {"after": ["abandoned"], "probability": 1, "delay": "5m", "attempts_max": 2}
    told = Told(tiny({"Calls": follows(patience="20s", retry=retry)}))
    told.at(0, call("first"))
    told.at(20, c.Abandon("first"))

    soon = told.ahead(60)
    assert soon.counts[:, 0, Column.RETRIED].tolist() == [1, 1]
    # Six minutes later they have done so already.
    assert told.ahead(380).counts[:, 0, Column.RETRIED].tolist() == [0, 0]


def test_an_agent_who_is_not_on_the_roster_is_named_and_the_likeliest_suggested():
    told = Told(tiny({"Calls": follows()}))
    other = tiny({"Calls": follows()}, {"Desc": DESK})

    with pytest.raises(ForecastUnfit, match=r"Desc\.1.*did you mean 'Desk\.1'"):
        simulate_from(told.engine, other, HALF_HOUR)


# ------------------------------------------------------------------ figures


def test_where_nobody_works_everybody_waits_as_long_as_they_have_patience():
    arrivals = {"per_hour": 120}
    shift = {"from": "20h", "until": "21h"}
    told = Told(
        tiny(
            {"Calls": {**follows(patience="40s"), "arrivals": arrivals}},
            {"Desk": {**DESK, "shifts": [shift]}},
        )
    )

    forecast = told.ahead(0)

    assert forecast.counts[:, 0, Column.ABANDONED].min() > 30
    assert forecast.mean_wait_ms("Calls").tolist() == [40_000, 40_000]
    # The classes of waits are 3 % wide.
    assert forecast.wait_quantile("Calls", 0.5) == pytest.approx(40_000, rel=0.03)
    assert forecast.service_level("Calls").tolist() == [0, 0]


def test_where_there_are_enough_nobody_waits_and_all_are_answered_in_time():
    calls = {**follows(handle="1s"), "arrivals": {"per_hour": 10}}
    told = Told(tiny({"Calls": calls}, {"Desk": {**DESK, "agents": 3}}))
    told.at(0, *(at_work(f"Desk.{k}") for k in (1, 2, 3)))

    forecast = told.ahead(0)

    assert forecast.wait_quantile("Calls", 0.9) == 0
    assert forecast.service_level("Calls").tolist() == [1, 1]
