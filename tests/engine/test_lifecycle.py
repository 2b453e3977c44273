"""One table holds the lifecycle; these are the properties its readers rely on."""

import pytest

from router.engine.events import ABOUT_INTERACTIONS, FIELDS
from router.engine.kinds import Kind
from router.engine.lifecycle import ENDS, LIFECYCLE, NEXT_STATE, PRESENT, UNCHANGED
from router.engine.tables import EVENT
from router.model.interaction import State


def test_the_array_says_what_the_table_says():
    for state in State:
        for kind in Kind:
            expected = LIFECYCLE.get(state, {}).get(kind, UNCHANGED)
            assert expected == NEXT_STATE[state, kind], (state, kind)


@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_final_but_the_dead_letter(end):
    onward = LIFECYCLE.get(end, {})

    if end == State.DEAD_LETTERED:
        assert {Kind.INTERACTION_REQUEUED: State.QUEUED} == onward
    else:
        assert {} == onward


def test_every_state_is_present_or_an_end():
    assert {*PRESENT, *ENDS, State.NONE} == set(State)
    assert not set(PRESENT) & set(ENDS)


def test_every_state_can_be_reached_from_the_start():
    reached, new = set(), {State.NONE}
    while new:
        reached |= new
        new = {
            to for state in new for to in LIFECYCLE.get(state, {}).values()
        } - reached

    assert set(State) == reached


@pytest.mark.parametrize("state", PRESENT)
def test_from_every_present_state_there_is_a_way_to_an_end(state):
    reached, new = set(), {state}
    while new:
        reached |= new
        new = {to for s in new for to in LIFECYCLE.get(s, {}).values()} - reached

    assert reached & set(ENDS)


def test_an_offer_ends_in_one_of_four_ways():
    ways = {kind for kind in LIFECYCLE[State.OFFERED] if kind.name.startswith("OFFER_")}

    assert {
        Kind.OFFER_ACCEPTED,
        Kind.OFFER_DECLINED,
        Kind.OFFER_EXPIRED,
        Kind.OFFER_REVOKED,
    } == ways
    assert ways == set(LIFECYCLE[State.OFFERED]), "nothing else leads out of OFFERED"


def test_only_facts_about_interactions_change_their_state():
    named = {kind for facts in LIFECYCLE.values() for kind in facts}

    assert named <= ABOUT_INTERACTIONS


def test_every_field_that_events_promise_is_in_the_record():
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(EVENT.names), kind
