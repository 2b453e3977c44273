"""The heap of timers behaves as a sorted list, whatever is armed, moved and disarmed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from router.engine.floor import new_floor
from router.engine.tables import NEVER, NOBODY
from router.engine.timers import agent_subject, next_timer, set_timer

AGENTS, INTERACTIONS = 8, 24
subjects = st.one_of(
    st.integers(0, INTERACTIONS - 1), st.integers(0, AGENTS - 1).map(lambda a: -2 - a)
)
# Few instants, so that many deadlines are equal.
instants = st.one_of(st.integers(1, 9), st.just(int(NEVER)))


def blank_floor(**rows):
    """A floor whose interactions are as they are when their rows have just been taken."""
    floor = new_floor(**rows)
    floor.interactions["timer_position"] = NOBODY
    floor.interactions["due_at"] = NEVER
    return floor


def row_of(floor, subject):
    if subject >= 0:
        return floor.interactions[subject]
    return floor.agents[-2 - subject]


def in_order(armed):
    """By deadline; of equal ones the agents come last, each kind by row downwards."""
    return sorted(armed, key=lambda subject: (armed[subject], -subject))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(subjects, instants), max_size=80))
def test_it_is_a_sorted_list(changes):
    floor, armed = blank_floor(agents=AGENTS, interactions=INTERACTIONS), {}
    for subject, due_at in changes:
        set_timer(floor, subject, due_at)
        if due_at == NEVER:
            armed.pop(subject, None)
        else:
            armed[subject] = due_at

        assert len(armed) == int(floor.house[0].timers)
        assert min(armed.values(), default=int(NEVER)) == next_timer(floor)
        places = {row_of(floor, s)["timer_position"]: s for s in armed}
        assert places == dict(enumerate(floor.timers[: len(armed)].tolist()))

    fired = []
    while next_timer(floor) < NEVER:
        fired.append(int(floor.timers[0]))
        set_timer(floor, fired[-1], int(NEVER))
    assert in_order(armed) == fired
    assert not floor.timers.any(), "what was disarmed leaves no trace"


def test_disarming_what_is_not_armed_changes_nothing():
    floor = blank_floor()
    set_timer(floor, 3, int(NEVER))

    assert NOBODY == floor.interactions[3]["timer_position"]
    assert NEVER == next_timer(floor)


def test_an_agents_subject_turns_back_into_the_agent():
    assert [0, 1, 63] == [agent_subject(agent_subject(a)) for a in (0, 1, 63)]
    assert all(agent_subject(a) not in (NOBODY, 0) for a in range(64))
