"""The life of an interaction as the pages tell it is the one the engine lives by."""

from router.engine.lifecycle import ENDS, LIFECYCLE, PRESENT
from router.model.interaction import State
from tests.docs.lifecycle import PAGE, diagram
from tests.docs.markdown import code, read, table


def test_the_diagram_is_drawn_from_the_table():
    assert diagram() in read(PAGE), (
        "draw it anew: .venv/bin/python -m tests.docs.lifecycle"
    )


def test_the_glossary_says_what_may_follow_a_state():
    told = {
        code(state)[0]: set(code(following))
        for state, _, following in table("docs/glossary.md", "State")
    }

    lived = {
        state.name: {following.name for following in facts.values()} - {state.name}
        for state in (*PRESENT, *ENDS)
        for facts in [LIFECYCLE.get(state, {})]
    }

    assert lived == told


def test_every_state_but_none_is_present_or_an_end():
    assert set(State) - {State.NONE} == {*PRESENT, *ENDS}
