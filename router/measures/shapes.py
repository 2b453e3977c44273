"""What is counted, and what has to be remembered to count it: the tables of the
measures.

Plain NumPy records, as the floor's are, because a compiled function fills them
(`fold`). This file fixes shapes and thresholds and computes nothing. All times are
engine time in milliseconds.
"""

from enum import IntEnum
from typing import Final
from zlib import crc32

import numpy as np

from router.model.channel import CHANNELS as CHANNEL_COUNT
from router.model.time import minutes, seconds

CHANNEL_ROWS: Final = CHANNEL_COUNT + 1
"""A table by channel: channels are numbered from 1, row 0 stays empty."""


class Entry(IntEnum):
    """How an interaction came to wait. Each way has counts of its own, and each
    balances by itself.
    """

    ARRIVAL = 0
    """Its first wait, from its arrival on; offers that come back and overflow do not
    end it.
    """
    RETURN = 1
    """Another wait of the same interaction, after a transfer or after it was put back
    in line.
    """


class Outcome(IntEnum):
    """How a wait ended."""

    ANSWERED = 0
    ABANDONED = 1
    CANCELLED = 2
    DEAD_LETTERED = 3


class AgentState(IntEnum):
    """What an agent is doing, the most demanding thing first: live work, wrap-up, an
    open offer, presence.
    """

    OFFLINE = 0
    AVAILABLE = 1
    """Ready and reachable, with nothing in hand."""
    OFFERED = 2
    BUSY = 3
    """At least one interaction is active."""
    WRAP_UP = 4
    AWAY = 5
    """Signed in, but not ready, or out of reach."""


class Phase(IntEnum):
    """Where an interaction stands, as far as counting goes."""

    UNKNOWN = 0
    WAITING = 1
    OFFERED = 2
    ACTIVE = 3
    WRAPPING = 4
    ENDED = 5


COUNT_NAMES: Final = (
    "offered",
    "passed_on",
    "carried",
    "transferred_in",
    "requeued_in",
    "overflowed_in",
    "overflowed_out",
    "answered",
    "within_target",
    "abandoned_queued",
    "abandoned_ringing",
    "abandoned_within",
    "short_abandoned",
    "cancelled",
    "dead_lettered",
    "answered_wait_ms",
    "abandoned_wait_ms",
    "handled",
    "talk_ms",
    "wrap_up_ms",
    "transferred",
    "offers_issued",
    "offers_accepted",
    "offers_declined",
    "offers_expired",
    "offers_revoked",
    "handed_off",
    "handoffs",
    "handoffs_answered",
    "handoffs_owned",
    "handoffs_to_owner",
    "held_back",
    "held_back_ms",
    "answered_by_bots",
    "deflected",
    "parted",
)
"""The columns of a queue's counts; `figures.QueueMeasures` tells what each means."""

COUNT = np.dtype([(name, "i8") for name in COUNT_NAMES])
"""One queue, one channel, one way of entry."""

WAIT_BOUNDS_MS: Final = np.array(
    [
        seconds(n)
        for n in (
            1,
            2,
            5,
            10,
            15,
            20,
            30,
            45,
            60,
            90,
            120,
            180,
            300,
            600,
            1200,
            1800,
            3600,
        )
    ]
    + [minutes(n) for n in (240, 480, 1440)],
    np.int64,
)
HANDLE_BOUNDS_MS: Final = np.array(
    [seconds(n) for n in (15, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600)],
    np.int64,
)
WRAP_UP_BOUNDS_MS: Final = np.array(
    [seconds(n) for n in (5, 10, 15, 30, 45, 60, 90, 120, 180, 300, 600)], np.int64
)
"""Upper bounds (inclusive) of the histograms; one more class holds what is longer, one
column the sum.
"""

_NUMBERS: Final = "numbers_" + format(
    crc32(
        repr(
            [
                *(list(Entry), list(Outcome), list(AgentState), list(Phase)),
                *(WAIT_BOUNDS_MS, HANDLE_BOUNDS_MS, WRAP_UP_BOUNDS_MS),
            ]
        ).encode()
    ),
    "08x",
)
"""Names an unused field after every number above.

Compiled code is cached by the types it takes and by its own file, and this is another
file: with other numbers the tables have another type, and the code is compiled anew.
"""

PROGRESS = np.dtype(
    [
        ("entered_at", "i8"),
        ("answered_at", "i8"),
        ("wrap_up_at", "i8"),
        ("held_since", "i8"),
        ("held_ms", "i8"),
        ("owner", "i4"),
        ("queue", "i4"),
        ("phase", "i1"),
        ("channel", "i1"),
        ("entry", "i1"),
        ("follows", "i1"),
        ("continued", "i1"),
        ("bot", "i1"),
        (_NUMBERS, "i1"),
    ],
    align=True,
)
"""One interaction. `entered_at` is when this wait began: its arrival, transfer or
return, or the hour it was scheduled for. `held_since` and `held_ms`: held back for
`owner`; `follows` and `continued`: a handoff has made it, or made its successor; `bot`: a
program has answered it.
"""

SHIFT = np.dtype(
    [
        ("since", "i8"),
        ("offered", "i4"),
        ("active", "i4"),
        ("wrapping", "i4"),
        ("known", "i1"),
        ("state", "i1"),
        ("presence", "i1"),
        ("link", "i1"),
        ("reachable", "i1"),
        ("connected", "i1"),
        ("bot", "i1"),
        (_NUMBERS, "i1"),
    ],
    align=True,
)
"""One agent: since when in which `AgentState`, and what makes it so."""
