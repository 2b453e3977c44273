"""Draws have names: uniform, unrelated to each other, and the same for the same name."""

import numba
import numpy as np
import pytest
from scipy import stats

from simulator.streams import Purpose, chance, draw_of, key_of, run_key, unit

COUNT = 100_000


@numba.njit
def _drawn(runs, streams, numbers, purposes, which, trials):
    """One uniform number for each row of names."""
    found = np.empty(runs.shape[0])
    for k in range(runs.shape[0]):
        key = key_of(runs[k], streams[k], numbers[k])
        found[k] = unit(draw_of(key, purposes[k], which[k]), trials[k])
    return found


def drawn(*, seed=1, replication=0, stream=0, number=0, purpose=2, which=0, trial=0):
    """As many numbers as the longest of the names says; the others stay."""
    run = np.array([run_key(seed, r) for r in np.atleast_1d(replication)], np.uint64)
    names = (run, stream, number, purpose, which, trial)
    count = max(np.size(name) for name in names)
    return _drawn(
        np.broadcast_to(run, count).copy(),
        *(np.broadcast_to(np.int64(name), count).copy() for name in names[1:]),
    )


EVERY = np.arange(COUNT)
VARIED = {
    "number": {"number": EVERY},
    "number of a later day": {"number": (250 << 32) + EVERY},
    "stream": {"stream": EVERY % 1_000, "number": EVERY // 1_000},
    "purpose": {"purpose": EVERY % 21 + 1, "number": EVERY // 21},
    "attempt": {"which": EVERY % 100, "number": EVERY // 100},
    "leg": {"which": (EVERY % 100) << 16, "number": EVERY // 100},
    "trial": {"trial": EVERY % 50, "number": EVERY // 50},
}


@pytest.mark.parametrize("varied", VARIED)
def test_numbers_are_uniform_whatever_names_them(varied):
    numbers = drawn(**VARIED[varied])
    counts, _ = np.histogram(numbers, 1_000, (0, 1))
    leading, _ = np.histogram(numbers * 1_000 % 1, 1_000, (0, 1))

    assert numbers.min() > 0
    assert numbers.max() < 1
    assert stats.chisquare(counts).pvalue > 1e-4
    assert stats.chisquare(leading).pvalue > 1e-4
    assert len(np.unique(numbers)) == COUNT


NEIGHBOURS = {
    "the next number": ({"number": EVERY}, {"number": EVERY + 1}),
    "the next stream": ({"number": EVERY}, {"number": EVERY, "stream": 1}),
    "the next replication": ({"number": EVERY}, {"number": EVERY, "replication": 1}),
    "the next seed": ({"number": EVERY}, {"number": EVERY, "seed": 2}),
    "another purpose": ({"number": EVERY}, {"number": EVERY, "purpose": 1}),
    "the next attempt": ({"number": EVERY}, {"number": EVERY, "which": 1}),
    "the next leg": ({"number": EVERY}, {"number": EVERY, "which": 1 << 16}),
    "the next trial": ({"number": EVERY}, {"number": EVERY, "trial": 1}),
    "the next day": ({"number": EVERY}, {"number": EVERY + (1 << 32)}),
}


@pytest.mark.parametrize("neighbours", NEIGHBOURS)
def test_neighbours_have_nothing_in_common(neighbours):
    one, other = (drawn(**names) for names in NEIGHBOURS[neighbours])
    squares, _, _ = np.histogram2d(one, other, 30, [[0, 1], [0, 1]])

    # Five standard deviations of a correlation that is none.
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(COUNT)
    assert stats.chisquare(squares.ravel()).pvalue > 1e-4


def test_numbers_in_a_row_have_no_memory():
    numbers = drawn(number=EVERY)

    for lag in (1, 2, 7, 24):
        memory = np.corrcoef(numbers[:-lag], numbers[lag:])[0, 1]
        assert abs(memory) < 5 / np.sqrt(COUNT)


def test_the_same_name_is_the_same_number_whatever_was_drawn_before():
    shuffled = np.random.default_rng(1).permutation(1_000)
    in_order = drawn(number=np.arange(1_000))
    in_another = drawn(number=shuffled)

    assert np.array_equal(in_order[shuffled], in_another)


def test_every_name_counts():
    base = drawn()[0]
    changes = (
        {"seed": 2}, {"replication": 1}, {"stream": 1}, {"number": 1},
        {"purpose": 3}, {"which": 1}, {"which": 1 << 16}, {"trial": 1},
    )  # fmt: skip

    assert len({base, *(drawn(**change)[0] for change in changes)}) == 9


def test_replications_and_seeds_share_no_key():
    keys = {run_key(seed, rep) for seed in range(100) for rep in range(100)}

    assert len(keys) == 10_000
    assert all(0 <= key < 1 << 64 for key in keys)
    assert run_key(5, 7) == run_key(5, 7)
    assert run_key(-1, 0) == run_key((1 << 64) - 1, 0)


def test_purposes_have_numbers_of_their_own():
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose)


def test_a_chance_is_the_first_number_of_its_name():
    key = key_of(np.uint64(run_key(1, 0)), 2, 3)

    assert chance(key, 4, 5) == unit(draw_of(key, 4, 5), 0)
