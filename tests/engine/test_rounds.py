"""Joint rounds: who takes part, what is recorded, and what happens when the solver fails."""

import dataclasses

import numpy as np

from router.engine import commands as c
from router.engine.floor import OUTBOX_MAX, OUTBOX_RESERVE
from router.engine.joint import Draft, offer_pairs, prepare
from router.engine.kinds import Kind
from router.engine.rounds import LOOKS_MAX
from router.matching import solver
from router.matching.solution import Status
from router.model.agent import Presence
from router.model.channel import Channel
from tests.engine.invariants import faults
from tests.factories import (
    a_call,
    a_policy,
    an_agent,
    an_engine,
    facts,
    needing,
    on_shift,
)

GATHERED = {"rounds": {"window": "2s"}}
QUEUES = {
    "any": {"wrap_up": 0},
    "french": {"needs": {"all_of": {"french": 3}}, "wrap_up": 0},
}


def an_engine_before_a_round(**settings):
    """Two wait, two are free; only ann speaks French. The round falls due in two seconds."""
    policy = a_policy(settings={**GATHERED, **settings}, **QUEUES)
    engine = an_engine(policy, an_agent("ann", skills={"french": 5}), an_agent("bob"))
    engine.begin(engine.now + 5_000)
    engine.perform(c.Tick())
    engine.perform(a_call("call-1", "any"))
    engine.perform(a_call("call-2", "french"))
    return engine


def an_engine_before_a_hard_round():
    """The best single pair (call-1 with ann) would leave call-2 without anybody."""
    queues = {**QUEUES, "any": {"wrap_up": 0, "priority": 90}}
    settings = {**GATHERED, "score": {"scarcity": 0}}
    ann = an_agent("ann", skills={"french": 5}, prefers=(Channel.VOICE,))
    engine = an_engine(a_policy(settings=settings, **queues), ann, an_agent("bob"))
    engine.begin(engine.now + 5_000)
    engine.perform(c.Tick())
    engine.perform(a_call("call-1", "any"))
    engine.perform(a_call("call-2", "french"))
    return engine


def solve_now(engine):
    engine.take()
    engine.begin(engine.now + 2_000)
    engine.perform(c.Tick())
    return facts(engine)


def pairs(engine, found):
    calls, agents = engine.names.interactions.texts, engine.names.agents.texts
    return {
        calls[fact["interaction"]]: agents[fact["agent"]]
        for kind, fact in found
        if kind == Kind.OFFER_ISSUED
    }


def test_a_round_pairs_all_who_can_be_paired():
    engine = an_engine_before_a_round()
    found = solve_now(engine)

    assert {"call-1": "bob", "call-2": "ann"} == pairs(engine, found)
    assert [3, 3] == [fact["mode"] for kind, fact in found if kind == Kind.OFFER_ISSUED]


def test_a_round_records_its_size_and_what_greedy_would_have_reached():
    engine = an_engine_before_a_round()
    ((_, report),) = [
        fact for fact in solve_now(engine) if fact[0] == Kind.MATCH_ROUND_SOLVED
    ]

    assert (2, 2, 3) == (report["count"], report["eligible"], report["weight"])
    assert 1 == report["mode"], "optimal"
    assert report["value"] <= report["score"]


def test_a_round_is_better_than_greedy_where_the_best_pair_costs_another():
    engine = an_engine_before_a_hard_round()
    found = solve_now(engine)
    ((_, report),) = [fact for fact in found if fact[0] == Kind.MATCH_ROUND_SOLVED]

    assert {"call-1": "bob", "call-2": "ann"} == pairs(engine, found)
    assert report["value"] < report["score"]


def test_the_stopwatch_of_the_driver_goes_into_the_record():
    engine = an_engine_before_a_round()
    ticks = iter(range(0, 9_000, 250))
    engine.machine.stopwatch_us = lambda: next(ticks)
    ((_, report),) = [
        fact for fact in solve_now(engine) if fact[0] == Kind.MATCH_ROUND_SOLVED
    ]

    assert 250 == report["until"]


def test_nothing_happens_before_the_window_is_over():
    engine = an_engine_before_a_round()
    engine.take()
    engine.begin(engine.now + 1_999)
    engine.perform(c.Tick())

    assert [] == facts(engine)
    assert engine.now + 1 == engine.next_wakeup()


def test_when_the_solver_fails_a_greedy_round_takes_over_and_is_recorded(monkeypatch):
    # The solver has no optimum to show: the one place where OR-Tools is asked says so.
    monkeypatch.setattr(solver, "_unit_flows", lambda arcs: None)
    engine = an_engine_before_a_hard_round()
    found = solve_now(engine)
    reports = [fact for kind, fact in found if kind == Kind.MATCH_ROUND_SOLVED]

    assert 2 == reports[0]["mode"], "fallback"
    assert reports[0]["value"] == reports[0]["score"]
    assert pairs(engine, found), "somebody was paired nevertheless"
    assert [] == faults(engine)


def a_round_taken_away(slices=None):
    """A round that the driver solves elsewhere, because no pair may be solved in place;
    or the draft of one, of which so many rows are written.
    """
    engine = an_engine_before_a_round(rounds={"window": "2s", "inline_pairs_max": 0})
    due = []
    engine.machine.on_large_round = lambda: due.append(engine.now)
    engine.begin(engine.now + 2_000)
    engine.perform(c.Tick())
    engine.take()
    assert [engine.now] == due
    draft = engine.draft()
    if slices is not None:
        assert not slices or not draft.go_on(engine.floor, slices)
        return engine, draft
    assert draft.go_on(engine.floor, 100)
    return engine, draft.round()


def test_a_large_round_goes_to_the_driver_and_comes_back():
    engine, round_ = a_round_taken_away()
    assert [] == facts(engine)
    engine.begin(engine.now + 40)
    engine.conclude(round_, round_.solved(), 31_000)

    found = facts(engine)
    assert {"call-1": "bob", "call-2": "ann"} == pairs(engine, found)
    ((_, report),) = [fact for fact in found if fact[0] == Kind.MATCH_ROUND_SOLVED]
    assert (31_000, engine.now - 40) == (report["until"], report["since"])


def test_a_round_written_down_in_slices_is_the_same_round():
    engine = an_engine_before_a_hard_round()
    whole = prepare(engine.floor, engine.now)
    draft = Draft(engine.floor, engine.now)
    slices = 1
    while not draft.go_on(engine.floor, 1):
        slices += 1
    sliced = draft.round()

    assert slices == len(whole.interactions) > 1
    for name in ("interactions", "agents", "arc_rows", "arc_columns", "points"):
        assert getattr(whole, name).tolist() == getattr(sliced, name).tolist(), name
    assert whole.capacity.tolist() == sliced.capacity.tolist()


def test_who_leaves_between_two_slices_has_no_pairs():
    engine, draft = a_round_taken_away(slices=1)
    engine.perform(c.Abandon("call-1"))
    engine.perform(c.Abandon("call-2"))
    while not draft.go_on(engine.floor, 1):
        pass
    round_ = draft.round()

    assert set(round_.arc_rows.tolist()) <= {0}
    engine.conclude(round_, round_.solved(), 0)
    assert {} == pairs(engine, facts(engine))
    assert [] == faults(engine)


def test_a_round_that_turns_out_empty_is_let_go_and_the_next_one_comes():
    engine, draft = a_round_taken_away(slices=0)
    for call in ("call-1", "call-2"):
        engine.perform(c.Abandon(call))
    assert draft.go_on(engine.floor, 100)
    assert 0 == len(draft.round().points)
    engine.forgo_round()
    assert not engine.machine.round_is_out

    for call in ("call-3", "call-4"):
        engine.perform(a_call(call, "any"))
    engine.begin(engine.now + 2_000)
    engine.perform(c.Tick())
    assert engine.machine.round_is_out


def test_a_round_without_pairs_is_not_drafted_again_because_somebody_came_meanwhile():
    """Who waits and who is free do not go together."""
    rounds = {"window": "2s", "inline_pairs_max": 0}
    policy = a_policy(settings={"rounds": rounds}, **QUEUES)
    engine = an_engine(policy, an_agent("ann"), an_agent("bob"))
    engine.perform(c.DefineAgent("carl", skills={"french": 5}))
    drafts = []
    engine.machine.on_large_round = lambda: drafts.append(engine.draft())
    engine.perform(a_call("call-1", "french"))
    engine.perform(a_call("call-2", "french"))
    for wait_ms in (2_000, 2_000, 2_000):
        engine.begin(engine.now + wait_ms)
        engine.perform(c.Tick())
        if engine.machine.round_is_out:
            engine.perform(a_call("call-3", "french"))
            assert drafts[-1].go_on(engine.floor, 100)
            assert 0 == len(drafts[-1].round().points)
            engine.forgo_round()

    assert 1 == len(drafts)
    assert not engine.machine.round_is_out


def test_a_round_that_was_lost_is_looked_at_again_with_the_next_order():
    engine, _ = a_round_taken_away()
    engine.lose_round()
    engine.machine.on_large_round = None
    engine.perform(c.Tick())
    engine.begin(engine.now + 2_000)
    engine.perform(c.Tick())

    assert {"call-1": "bob", "call-2": "ann"} == pairs(engine, facts(engine))


def test_many_who_ask_for_different_things_take_more_slices():
    skills = {f"skill-{n}": 3 for n in range(12)}
    queues = {f"queue-{n}": {"needs": {"all_of": {f"skill-{n}": 1}}} for n in range(12)}
    policy = a_policy(settings={**GATHERED, "skills": [*skills]}, **queues)
    engine = an_engine(policy, an_agent("ann", skills=skills), an_agent("bob"))
    for n in range(12):
        engine.perform(a_call(f"call-{n}", f"queue-{n}"))
    draft, slices = Draft(engine.floor, engine.now), 1
    while not draft.go_on(engine.floor, 100):
        slices += 1

    assert 12 // LOOKS_MAX == slices
    assert [*range(12)] == draft.round().arc_rows.tolist()


def test_a_round_comes_back_a_few_pairs_at_a_time():
    engine, round_ = a_round_taken_away()
    done = engine.conclude(round_, round_.solved(), 31_000, most=1)
    first = facts(engine)
    assert (1, True) == (done, engine.machine.round_is_out)
    assert ["MATCH_ROUND_SOLVED", "OFFER_ISSUED"] == [kind.name for kind, _ in first]

    engine.perform(a_call("call-3", "any"))
    engine.take()
    done = engine.conclude(round_, round_.solved(), 31_000, start=done, most=1)
    rest = facts(engine)
    assert (2, False) == (done, engine.machine.round_is_out)
    assert Kind.MATCH_ROUND_SOLVED not in [kind for kind, _ in rest]
    assert {"call-1": "bob", "call-2": "ann"} == pairs(engine, first + rest)
    assert [] == faults(engine)


def test_a_round_is_stated_once_even_if_the_outbox_was_full_before_it():
    engine, round_ = a_round_taken_away()
    full = OUTBOX_MAX - OUTBOX_RESERVE + 1
    engine.floor.outbox[:full] = engine.floor.outbox[0]
    engine.floor.outbox["kind"][:full] = Kind.REQUEST_ANSWERED
    engine.floor.scratch["events"] = full
    engine.conclude(round_, round_.solved(), 0)
    events, _ = engine.machine.take()

    assert 1 == (events["kind"] == Kind.MATCH_ROUND_SOLVED).sum()
    assert 2 == (events["kind"] == Kind.OFFER_ISSUED).sum()


def test_what_has_changed_meanwhile_is_checked_again():
    engine, round_ = a_round_taken_away()
    engine.perform(c.Abandon("call-1"))
    engine.perform(c.SetPresence("ann", Presence.AWAY))
    engine.take()
    engine.conclude(round_, round_.solved(), 0)

    assert {} == pairs(engine, facts(engine))
    assert [] == faults(engine)


def test_an_agents_room_is_checked_pair_by_pair():
    settings = {"offers": {"open_per_agent": 2}, "rounds": {"window": "2s"}}
    engine = an_engine(a_policy(settings=settings), an_agent("ann"))
    on_shift(engine, an_agent("bob", skills={"billing": 3}))
    engine.begin(engine.now + 5_000)
    engine.perform(c.Tick())
    for number in range(4):
        engine.perform(a_call(f"call-{number}", needs=needing()))
    found = solve_now(engine)

    assert 2 == len(pairs(engine, found)), "a call takes all of an agent"
    assert [] == faults(engine)


def test_preparing_a_round_twice_gives_the_same_arcs():
    engine = an_engine_before_a_round()
    one, other = (prepare(engine.floor, engine.now) for _ in range(2))

    assert one.points.tolist() == other.points.tolist()
    assert one.arc_rows.tolist() == other.arc_rows.tolist()
    assert [1, 1] == one.capacity.tolist()


def test_a_round_without_pairs_is_still_recorded_by_whoever_concludes_it():
    engine = an_engine_before_a_round()
    round_ = prepare(engine.floor, engine.now)
    empty = dataclasses.replace(
        round_.solved(),
        pairs=np.empty((0, 2), np.int32),
        objective=0,
        status=Status.CRASH,
    )
    offer_pairs(engine.floor, round_, empty, engine.now, 0, lambda: None)

    assert "MATCH_ROUND_SOLVED" in [kind.name for kind, _ in facts(engine)]
