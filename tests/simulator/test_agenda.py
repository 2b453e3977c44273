"""The agenda against a list that is sorted anew each time: the same, whatever is entered,
moved and struck out.
"""

import numba
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from router.engine.tables import NOBODY
from simulator import scene as shapes
from simulator.agenda import schedule, strike
from simulator.scene import ANSWERS, DESKS, PERSONS, RETURNS, SCENE_TABLES, Scene, blank

SUBJECTS = 12


def a_scene(subjects=SUBJECTS):
    """A scene with so many subjects of each kind and nothing on the agenda."""
    tables = {
        name: blank(1, dtype) if dtype.names else np.zeros(1, dtype)
        for name, dtype in SCENE_TABLES
    }
    tables["people"] = blank(subjects, shapes.PERSON)
    tables["desks"] = blank(subjects, shapes.DESK)
    tables["returns"] = blank(subjects, shapes.RETURN)
    tables["agenda"] = blank(4 * subjects, shapes.ENTRY)
    return Scene(**tables)


@numba.njit
def _schedule(scene, kind, subject, at):
    schedule(scene, kind, subject, at)


@numba.njit
def _strike(scene, kind, subject):
    strike(scene, kind, subject)


def taken(scene):
    """Everything on the agenda in the order in which it falls due."""
    found = []
    while scene.clock[0].agenda > 0:
        entry = scene.agenda[0]
        found.append((int(entry.at), int(entry.kind), int(entry.subject)))
        _strike(scene, int(entry.kind), int(entry.subject))
    return found


class Sorted:
    """The same, slowly."""

    def __init__(self):
        self.entries = {}
        self.entered = 0

    def schedule(self, kind, subject, at):
        self.entered += 1
        self.entries[kind, subject] = (at, self.entered)

    def strike(self, kind, subject):
        self.entries.pop((kind, subject), None)

    def taken(self):
        return [
            (at, kind, subject)
            for (kind, subject), (at, _) in sorted(
                self.entries.items(), key=lambda item: item[1]
            )
        ]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([PERSONS, ANSWERS, DESKS, RETURNS]),
        st.integers(0, SUBJECTS - 1),
        # None strikes it out; few instants make for many that are equal.
        st.one_of(st.none(), st.integers(0, 6), st.integers(0, 10**6)),
    ),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_is_entered_moved_and_struck_out_comes_in_order(steps):
    scene, model = a_scene(), Sorted()
    for kind, subject, at in steps:
        if at is None:
            _strike(scene, kind, subject)
            model.strike(kind, subject)
        else:
            _schedule(scene, kind, subject, at)
            model.schedule(kind, subject, at)

    assert taken(scene) == model.taken()


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_every_subject_knows_its_place(steps):
    scene = a_scene()
    places = {
        PERSONS: scene.people.position,
        ANSWERS: scene.people.answer_position,
        DESKS: scene.desks.position,
        RETURNS: scene.returns.position,
    }
    for kind, subject, at in steps:
        if at is None:
            _strike(scene, kind, subject)
        else:
            _schedule(scene, kind, subject, at)
    size = int(scene.clock[0].agenda)

    known = {(kind, s): int(p) for kind in places for s, p in enumerate(places[kind])}
    on_it = {key: place for key, place in known.items() if place != NOBODY}
    assert len(on_it) == size
    for (kind, subject), place in on_it.items():
        entry = scene.agenda[place]
        assert (entry.kind, entry.subject) == (kind, subject)


def test_equal_instants_come_in_the_order_of_entry():
    scene = a_scene()
    for subject in (3, 1, 2, 0):
        _schedule(scene, PERSONS, subject, 5)
    _schedule(scene, PERSONS, 1, 5)

    assert [subject for _, _, subject in taken(scene)] == [3, 2, 0, 1]


def test_a_person_may_wait_and_be_rung_at_the_same_time():
    scene = a_scene()
    _schedule(scene, PERSONS, 4, 10)
    _schedule(scene, ANSWERS, 4, 7)

    assert taken(scene) == [(7, ANSWERS, 4), (10, PERSONS, 4)]


def test_striking_out_what_is_not_there_is_nothing():
    scene = a_scene()
    _strike(scene, DESKS, 1)
    _schedule(scene, DESKS, 1, 3)
    _strike(scene, DESKS, 1)
    _strike(scene, DESKS, 1)

    assert taken(scene) == []
