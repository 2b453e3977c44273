"""How agents' time is told apart, and occupancy by hand."""

from router.engine.kinds import Kind
from router.measures import AgentMeasures, AgentState, Measures
from router.model.agent import Link, Presence
from tests.measures.make import ANN, BOB, CHAT, Day


def measured(day):
    measures = Measures()
    measures.fold(day.events())
    return measures


def test_a_call_from_ringing_to_the_end_of_the_wrap_up():
    day = Day().sign_in(0, ANN).arrive(100, 0).offer(100, 0, ANN).accept(110, 0, ANN)
    day.wrap_up(410, 0, ANN).end_wrap_up(440, 0, ANN).presence(500, ANN, Presence.AWAY)

    ann = measured(day).agent(ANN)

    assert (
        AgentMeasures(
            available_ms=160_000, offered_ms=10_000, busy_ms=300_000, wrap_up_ms=30_000
        )
        == ann
    )
    assert 330 / 500 == ann.occupancy


def test_two_chats_at_once_are_one_stretch_of_work():
    day = Day().sign_in(0, ANN)
    day.arrive(0, 0, channel=CHAT).arrive(0, 1, channel=CHAT)
    day.answer(0, 0, ANN).answer(10, 1, ANN)
    day.complete(20, 0, ANN).complete(40, 1, ANN)

    assert 40_000 == measured(day).agent(ANN).busy_ms


def test_live_work_comes_before_wrap_up_and_wrap_up_before_an_open_offer():
    day = Day().sign_in(0, ANN)
    for chat in range(3):
        day.arrive(0, chat, channel=CHAT)
    day.answer(0, 0, ANN).answer(0, 1, ANN).wrap_up(10, 0, ANN).offer(15, 2, ANN)
    day.complete(20, 1, ANN).end_wrap_up(50, 0, ANN).decline(55, 2, ANN)

    ann = measured(day).agent(ANN)

    assert (20_000, 30_000, 5_000) == (ann.busy_ms, ann.wrap_up_ms, ann.offered_ms)


def test_time_away_and_offline_is_not_time_available():
    day = Day().sign_in(0, ANN).presence(60, ANN, Presence.AWAY)
    day.presence(90, ANN, Presence.OFFLINE).sign_in(150, ANN)
    measures = measured(day)

    measures.close(160_000)

    assert AgentMeasures(
        offline_ms=60_000, available_ms=70_000, away_ms=30_000
    ) == measures.agent(ANN)
    assert 0.0 == measures.agent(ANN).occupancy


def test_an_agent_out_of_reach_is_not_available():
    day = Day().fact(0, Kind.AGENT_RECONNECTED, agent=ANN, count=1)
    day.sign_in(0, ANN, Link.STREAM).fact(50, Kind.AGENT_LOST, agent=ANN)
    day.fact(80, Kind.AGENT_RECONNECTED, agent=ANN, count=2)
    measures = measured(day)

    measures.close(100_000)

    ann = measures.agent(ANN)
    assert (70_000, 30_000) == (ann.available_ms, ann.away_ms)


def test_after_a_restart_agents_on_streams_are_out_of_reach():
    day = Day().fact(0, Kind.AGENT_RECONNECTED, agent=ANN, count=1)
    day.sign_in(0, ANN, Link.STREAM).sign_in(0, BOB, Link.GATEWAY)
    measures = measured(day.fact(10, Kind.ROUTER_STARTED))

    assert AgentState.AWAY is measures.agent_state(ANN)
    assert AgentState.AVAILABLE is measures.agent_state(BOB)


def test_a_transfer_frees_the_agent():
    day = Day().sign_in(0, ANN).arrive(0, 0).answer(0, 0, ANN)

    measures = measured(day.transfer(30, 0, ANN, queue=1))

    assert AgentState.AVAILABLE is measures.agent_state(ANN)
    assert 30_000 == measures.agent(ANN).busy_ms


def test_agents_add_up():
    day = Day().sign_in(0, ANN).sign_in(10, BOB)
    measures = measured(day)

    measures.close(20_000)

    assert 30_000 == measures.agents().available_ms
    assert measures.agents() == measures.agent(ANN) + measures.agent(BOB)


def test_nobody_s_occupancy_is_unknown():
    assert None is Measures().agent(ANN).occupancy
