"""Random streams: every draw has a name, so that none moves another.

A number is a hash of (seed, replication, stream, number of the arrival, purpose, which
draw), mixed by the finaliser of SplitMix64 (Steele, Lea & Flood 2014). Two plans with the
same demand therefore meet the same customers, whatever else happens: common random
numbers by construction.
"""

from enum import IntEnum

import numpy as np

from simulator.compiled import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


class Purpose(IntEnum):
    """What a draw is for."""

    PATIENCE = 1
    HANDLE = 2
    WRAP_UP = 3
    ANSWER_DELAY = 4
    MISSED = 5
    DECLINED = 6
    BACK_AFTER = 7
    BALKING = 8
    EXPECTED_WAIT = 9
    RETRY = 10
    RETRY_DELAY = 11
    FOLLOW = 12
    FOLLOW_DELAY = 13
    CALLBACK = 14
    CALLBACK_DELAY = 15
    OWNED = 16
    OWNER = 17
    CUSTOMER = 18
    NOT_READY = 19
    NOT_READY_TIME = 20
    SUCCESSOR = 21


@compiled
def mixed(x):
    """The finaliser of SplitMix64: every bit depends on every bit."""
    x = np.uint64(x)
    x ^= x >> np.uint64(30)
    x *= _FIRST
    x ^= x >> np.uint64(27)
    x *= _SECOND
    x ^= x >> np.uint64(31)
    return x


@compiled
def key_of(run, stream, number):
    """What names one arrival in one replication."""
    return mixed(mixed(run + _GOLDEN * np.uint64(stream + 1)) + np.uint64(number))


@compiled
def draw_of(key, purpose, which):
    """What names one draw of an arrival; `which` counts attempts, legs or offers."""
    return mixed(
        key + _GOLDEN * np.uint64(purpose) + (np.uint64(which) << np.uint64(32))
    )


@compiled
def unit(draw, trial):
    """A number from 0 to 1, neither included."""
    x = mixed(draw + _GOLDEN * np.uint64(trial + 1))
    return (np.float64(x >> np.uint64(11)) + 0.5) * _TO_UNIT


@compiled
def chance(key, purpose, which):
    """One number from 0 to 1 for a yes or no."""
    return unit(draw_of(key, purpose, which), 0)


def run_key(seed: int, replication: int) -> int:
    """What names a replication, 64 bits. Replications and seeds share no numbers."""
    sequence = np.random.SeedSequence([seed & (2**64 - 1), replication])
    return int(sequence.generate_state(1, np.uint64)[0])
