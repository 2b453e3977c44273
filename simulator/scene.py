"""The scene: everything about people that the floor does not know, as record tables.

What a plan says (streams, staff, times, follow-ups) and what is going on (who is patient
until when, how far an agent has come with which work, what is counted). Fixes shapes and
nothing else; `people` and `advance` fill them. All times are engine time in milliseconds.
"""

from typing import Any

import numpy as np
from numba import types

from router.engine.directory import seen_as
from router.engine.tables import COMMAND, NOBODY, Record, place
from simulator.distributions import TIME


def _dtype(*fields: Any) -> np.dtype[Any]:
    return np.dtype(list(fields), align=True)


# ------------------------------------------------------------------ the plan

STREAM = _dtype(
    ("line", "i4"),
    ("queue", "i4"),
    ("channel", "i4"),
    ("waited_ms", "i8"),
    ("patience", "i4"),
    ("wrap_up", "i4"),
    ("slowed", "i4"),
    ("balk_busy", "f8"),
    ("expected_wait", "i4"),
    ("retry_after", "i4"),
    ("retry_stream", "i4"),
    ("retry_delay", "i4"),
    ("retry_patience", "i1"),
    ("retry_handle", "i1"),
    ("attempts_max", "i4"),
    ("retry_share", "f8"),
    ("first_follow", "i4"),
    ("follows", "i4"),
    ("owned_share", "f8"),
    ("owners_first", "i4"),
    ("owners", "i4"),
    ("hold_ms", "i8"),
    ("customers_first", "i4"),
    ("customers", "i4"),
    ("callback_at", "i4"),
    ("callback_share", "f8"),
    ("callback_stream", "i4"),
    ("callback_delay", "i4"),
)
"""`patience` and other times are rows of `times` (-1: none); `slowed` is the slow-down
group of the channel; `retry_after` a bit for each of `ABANDONED`, `REFUSED`, `BALKED`;
`retry_patience` and `retry_handle` 1 where they are drawn anew; `callback_at` the length
of the queue from which a callback is offered (-1: never); `owners_*` places in `owners`."""
AFTER_ABANDONED, AFTER_REFUSED, AFTER_BALKED = 1, 2, 4

FOLLOW = _dtype(
    ("kind", "i4"),
    ("stream", "i4"),
    ("line", "i4"),
    ("staff", "i4"),
    ("delay", "i4"),
    ("share", "f8"),
)
"""What may come after service, and in which `line` it goes on. `staff` is who must have served it (-1: anybody)."""
TRANSFER, HANDOFF, REPEAT = 1, 2, 3

STAFF = _dtype(
    ("first_agent", "i4"),
    ("agents", "i4"),
    ("bot", "i1"),
    ("staying", "i1"),
    ("answer_delay", "i4"),
    ("back_after", "i4"),
    ("not_ready_time", "i4"),
    ("present", "i4"),
    ("surplus", "i4"),
    ("misses", "f8"),
    ("declines", "f8"),
    ("not_ready", "f8"),
    ("handle_factor", "f8"),
)
"""One entry. `present` agents are on duty by a staffing curve, of whom `surplus` go as
soon as they have finished what they are at; `handle_factor` has the day's learning in it.
"""

DESK = _dtype(
    ("staff", "i4"), ("on_duty", "i1"), ("leaves", "i1"), ("away_ms", "i8"), ("served", "i8"),
    ("slowed", "i4"), ("position", "i4"), ("session", "i4"), ("may_be_lost", "i1"),
)  # fmt: skip
"""One agent as a person: `away_ms` is how long they will be away once they are, `slowed`
how many slowed interactions they have in hand."""

SLOW = _dtype(("factors", "i4"), ("factor", "f8", (32,)))
OUTAGE = _dtype(("channel", "i4"), ("begins", "i8"), ("until", "i8"))
"""`channel` 0: the router itself."""

# ------------------------------------------------------------------ what is going on

PERSON = _dtype(
    ("key", "u8"),
    ("arrived_at", "i8"),
    ("waits_since", "i8"),
    ("answered_at", "i8"),
    ("since", "i8"),
    ("left_ms", "f8"),
    ("factor", "f8"),
    ("recorded_handle", "i8"),
    ("recorded_patience", "i8"),
    ("offer", "i8"),
    ("stream", "i4"),
    ("interval", "i4"),
    ("attempt", "i4"),
    ("leg", "i4"),
    ("handle_draw", "i4"),
    ("patience_draw", "i4"),
    ("customer", "i4"),
    ("staff", "i4"),
    ("position", "i4"),
    ("answer_position", "i4"),
    ("phase", "i1"),
    ("counted", "i1"),
    ("paused", "i1"),
    ("in_house", "i1"),
    ("asked", "i1"),
)
"""Whoever stands behind an interaction, by its row. `left_ms` is service left as of
`since` at full speed; `factor` how much slower it goes; `leg` counts waits of the same
interaction; `handle_draw` and `patience_draw` are the attempts whose draws count; `counted`
is 0 for what belongs to the warm-up; `asked`: its agent has been told to leave or to rest
when it ends."""
WAITS, TALKS, WRAPS, GONE = 1, 2, 3, 0

RETURN = _dtype(
    ("key", "u8"),
    ("left_at", "i8"),
    ("recorded_handle", "i8"),
    ("recorded_patience", "i8"),
    ("stream", "i4"),
    ("from_stream", "i4"),
    ("attempt", "i4"),
    ("handle_draw", "i4"),
    ("patience_draw", "i4"),
    ("customer", "i4"),
    ("position", "i4"),
    ("next_spare", "i4"),
    ("retried", "i1"),
)
"""Whoever will reach out again."""

ENTRY = _dtype(("at", "i8"), ("order", "i8"), ("subject", "i4"), ("kind", "i4"))
"""One entry of the agenda."""
PERSONS, ANSWERS, DESKS, RETURNS = 0, 1, 2, 3

ARRIVAL = _dtype(
    ("at", "i8"),
    ("number", "i8"),
    ("handle_ms", "i8"),
    ("patience_ms", "i8"),
    ("content", "i8"),
    ("stream", "i4"),
)
"""One first attempt of the day at hand; -1 where nothing was recorded."""

DUTY = _dtype(("at", "i8"), ("kind", "i4"), ("subject", "i4"), ("value", "i8"))
"""One change of the day's staffing: `subject` is an agent or a staff entry."""
COMES, GOES, BREAK, LEVEL, STAY, LOST, BACK = 1, 2, 3, 4, 5, 6, 7

CLOCK = _dtype(
    ("run", "u8"),
    ("origin", "i8"),
    ("every_ms", "i8"),
    ("counted_from", "i8"),
    ("now", "i8"),
    ("last_counted", "i8"),
    ("next_arrival", "i8"),
    ("arrivals", "i8"),
    ("next_duty", "i8"),
    ("duties", "i8"),
    ("order", "i8"),
    ("agenda", "i4"),
    ("scanned", "i4"),
    ("prompts", "i4"),
    ("next_prompt", "i4"),
    ("returns", "i4"),
    ("spare_return", "i4"),
    ("interval", "i8"),
    ("interval_begins", "i8"),
    ("interval_ends", "i8"),
    ("intervals", "i8"),
    ("sure", "i8"),
    ("lines", "i4"),
    ("in_house", "i4"),
    ("staying", "i4"),
    ("traced", "i8"),
    ("tracing", "i1"),
    ("sends_away", "i1"),
)
"""One row. `scanned` events of the outbox have been seen; `prompts` offers are to be
accepted at this very instant; `lines` is how many trunks there are (-1: no matter);
`intervals` the last interval, of what came after; for `sure` more steps there is room."""

PROMPT = _dtype(("offer", "i8"), ("agent", "i4"), ("interaction", "i4"))


SCENE_TABLES: tuple[tuple[str, np.dtype[Any]], ...] = (
    ("clock", CLOCK),
    ("streams", STREAM),
    ("handles", np.dtype("i4")),
    ("times", TIME),
    ("samples", np.dtype("f8")),
    ("follows", FOLLOW),
    ("staff", STAFF),
    ("desks", DESK),
    ("owners", np.dtype("i4")),
    ("slow", SLOW),
    ("outages", OUTAGE),
    ("people", PERSON),
    ("returns", RETURN),
    ("agenda", ENTRY),
    ("arrivals", ARRIVAL),
    ("duties", DUTY),
    ("prompts", PROMPT),
    ("customer_rows", np.dtype("i4")),
    ("customers_of_rows", np.dtype("i4")),
    ("counts", np.dtype("f8")),
    ("areas", np.dtype("f8")),
    ("waits", np.dtype("i8")),
    ("trace", COMMAND),
)


class Scene:
    """The tables, one attribute each (see `SCENE_TABLES`).

    `handles` has a row of `times` for each stream and staff entry; `counts` and `areas` are
    flat: interval, stream, column; `customer_rows` the
    floor's row of each customer of a pool, and `customers_of_rows` the way back; `trace`
    the orders given, when somebody wants to know.
    """

    __slots__ = ("address", "directory", *(name for name, _ in SCENE_TABLES))

    clock: Record
    streams: Record
    handles: Record
    times: Record
    samples: Record
    follows: Record
    staff: Record
    desks: Record
    owners: Record
    slow: Record
    outages: Record
    people: Record
    returns: Record
    agenda: Record
    arrivals: Record
    duties: Record
    prompts: Record
    customer_rows: Record
    customers_of_rows: Record
    counts: Record
    areas: Record
    waits: Record
    trace: Record

    def __init__(self, **tables: Record) -> None:
        for name, dtype in SCENE_TABLES:
            setattr(self, name, tables[name])
            assert tables[name].dtype == dtype, name
        self.directory = np.array(
            [word for name, _ in SCENE_TABLES for word in place(getattr(self, name))],
            np.int64,
        )
        self.address: int = self.directory.ctypes.data

    def replaced(self, **tables: Record) -> "Scene":
        """The same scene with some tables exchanged for others."""
        kept = {name: getattr(self, name) for name, _ in SCENE_TABLES}
        return Scene(**{**kept, **tables})


class SceneType(types.Type):
    """The Numba type of a `Scene`."""

    def __init__(self) -> None:
        super().__init__(name="SantralScene")


scene_at = seen_as(SceneType(), Scene, SCENE_TABLES)


def blank(rows: int, dtype: np.dtype[Any]) -> Record:
    """Empty records that can be read by attribute; positions say "not on the agenda"."""
    records = np.zeros(max(1, rows), dtype)
    if dtype.names is None:
        return records
    for name in ("position", "answer_position", "customer"):
        if name in dtype.names:
            records[name] = NOBODY
    return records.view(np.recarray)


def longer(records: Record, rows: int) -> Record:
    """The same records with room for so many rows."""
    more = blank(rows, records.dtype)
    more[: len(records)] = records
    return more
