"""Making, enlarging and copying floors. The shapes are in `tables`; nothing here
decides anything.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from router.engine.tables import (
    AGENT,
    BLOCK,
    BLOCK_FIT,
    CHANNEL_RULES,
    CHANNELS,
    CLAUSE,
    COMMAND,
    CONVERSATION,
    CUSTOMER,
    DEFINITION_TABLES,
    EVENT,
    FIT_SLOT,
    FIT_SLOTS,
    HEAD,
    HOUSE,
    INBOX_MAX,
    INTERACTION,
    LADDER,
    LINE,
    NEVER,
    NOBODY,
    QUEUE,
    QUEUE_RULES,
    ROSTER,
    RULES,
    SCRATCH,
    SEAT,
    SEATING,
    SEATS_ALONE,
    SEATS_STEP,
    STATE_TABLES,
    STEP,
    Floor,
    Record,
)

OUTBOX_MAX = 16_384
OUTBOX_RESERVE = 256
"""Room in the outbox that a single step never needs more of: with less, deciding pauses
and goes on in the next batch."""
CHANGED_MAX = 8_192
RESERVE = 8
"""Behind the tables that grow with the traffic lies address space for so many times as
many rows: what is never written costs no memory, and growing into it copies nothing."""
_WITH_RESERVE = {
    "interactions", "spare", "timers", "conversations", "spare_conversations",
    "customers", "spare_customers",
}  # fmt: skip

# Fields that refer to another row start as "none", not as row 0. Interactions,
# conversations and customers are blanked when a row is first taken, so that a large table costs nothing until then.
_REFERENCES: dict[str, tuple[str, ...]] = {
    "agents": (
        "first_work", "first_awaited", "first_owned", "free_position", "timer_position",
        "requested",
    ),
    "heads": ("first", "last", "position"),
    "house": (
        "first_ended", "last_ended", "first_idle_conversation", "last_idle_conversation",
        "first_idle_customer", "last_idle_customer",
    ),
    "lines": ("queue", "ladder", "limit_line", "wait_line"),
}  # fmt: skip


def table(rows: int, dtype: np.dtype[Any], name: str = "") -> Record:
    """Make empty records, readable by attribute in compiled code and in plain Python."""
    records = np.zeros(rows, dtype).view(np.recarray)
    _blank(records, name)
    return records


def _reserved(rows: int, dtype: Any) -> Any:
    """Rows of nothing but zeros, with a reserve behind them where the system allows it."""
    try:
        whole = np.zeros(rows * RESERVE, dtype)
    except MemoryError:
        whole = np.zeros(rows, dtype)
    return whole[:rows]


def _blank(records: Record, name: str) -> None:
    for field in _REFERENCES.get(name, ()):
        records[field] = NOBODY
    if name == "agents":
        records["due_at"] = NEVER
    if name == "roster":
        records["groups"] = NOBODY


def new_floor(
    *, agents: int = 64, interactions: int = 131_072, queues: int = 16, lines: int = 64,
    ladders: int = 64, steps: int = 128, clauses: int = 512, conversations: int = 8_192,
    customers: int = 8_192,
) -> Floor:  # fmt: skip
    """Make an empty floor with room for so many rows; `enlarged` gives more when
    needed.
    """
    scratch = table(1, SCRATCH)
    scratch["round_due_at"] = NEVER
    return Floor(
        roster=table(agents, ROSTER, "roster"),
        queue_rules=table(queues, QUEUE_RULES),
        channel_rules=table(CHANNELS, CHANNEL_RULES),
        rules=table(1, RULES),
        lines=table(lines, LINE, "lines"),
        ladders=table(ladders, LADDER),
        steps=table(steps, STEP),
        clauses=table(clauses, CLAUSE),
        agents=table(agents, AGENT, "agents"),
        interactions=_reserved(interactions, INTERACTION).view(np.recarray),
        heads=table(lines, HEAD, "heads"),
        queues=table(queues, QUEUE),
        house=table(1, HOUSE, "house"),
        spare=_reserved(interactions, np.int32),
        free=np.zeros(agents, np.int32),
        open_lines=np.zeros(lines, np.int32),
        timers=_reserved(agents + interactions, np.int32),
        conversations=_reserved(conversations, CONVERSATION).view(np.recarray),
        customers=_reserved(customers, CUSTOMER).view(np.recarray),
        spare_conversations=_reserved(conversations, np.int32),
        spare_customers=_reserved(customers, np.int32),
        scratch=scratch,
        changed_interactions=np.zeros(CHANGED_MAX, np.int32),
        changed_agents=np.zeros(CHANGED_MAX, np.int32),
        routable=np.zeros(lines, np.int64),
        **_nothing_remembered(agents),
        inbox=table(INBOX_MAX, COMMAND),
        outbox=table(OUTBOX_MAX, EVENT),
        payload=np.zeros(0, np.uint8),
    )


def _nothing_remembered(agents: int) -> dict[str, Record]:
    """Nothing remembered of so many agents; room that is not used costs nothing."""
    blocks = agents // SEATS_ALONE + 2
    return {
        "fit_slots": table(FIT_SLOTS, FIT_SLOT),
        "fits": np.zeros(FIT_SLOTS * agents, np.int32),
        "shortlist": np.zeros(agents, np.int32),
        "seating": table(1, SEATING),
        "seats": table(blocks * SEATS_STEP, SEAT),
        "seat_of": np.zeros(agents, np.int32),
        "blocks": table(blocks, BLOCK),
        "block_fits": table(FIT_SLOTS * blocks, BLOCK_FIT),
    }


# Tables that grow together, because they are indexed by the same rows.
_TOGETHER: dict[str, tuple[str, ...]] = {
    "agents": ("roster", "agents", "free"),
    "interactions": ("interactions", "spare"),
    "queues": ("queue_rules", "queues"),
    "lines": ("lines", "heads", "open_lines", "routable"),
    "ladders": ("ladders",),
    "steps": ("steps",),
    "clauses": ("clauses",),
    "conversations": ("conversations", "spare_conversations"),
    "customers": ("customers", "spare_customers"),
}


def enlarged(floor: Floor, what: str, rows: int) -> Floor:
    """Return the same floor with at least `rows` rows of `what` (a key such as
    "agents"); doubles at least. The floor that was given is not to be used any more: the
    two may share memory.
    """
    have = len(getattr(floor, _TOGETHER[what][0]))
    if rows <= have:
        return floor
    rows = max(rows, 2 * have)
    new: dict[str, Any] = {
        name: _longer(getattr(floor, name), rows, name) for name in _TOGETHER[what]
    }
    if what == "agents":
        new |= _nothing_remembered(rows)
    floor = floor.replaced(**new)
    timers = len(floor.agents) + len(floor.interactions)
    if timers > len(floor.timers):
        floor = floor.replaced(timers=_longer(floor.timers, timers, "timers"))
    return floor


def _longer(records: Any, rows: int, name: str) -> Any:
    if name in _WITH_RESERVE:
        whole = _whole(records)
        if len(whole) >= rows:
            return _like(records, whole[:rows])
        longer = _like(records, _reserved(rows, records.dtype))
    elif records.dtype.names is None:
        longer = np.zeros(rows, records.dtype)
    else:
        longer = table(rows, records.dtype, name)
    _raw(longer)[: records.nbytes] = _raw(records)
    return longer


def _like(records: Any, rows: Any) -> Any:
    return rows if records.dtype.names is None else rows.view(np.recarray)


def _whole(records: Any) -> Any:
    """The records with all that lies behind them."""
    whole = records
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    return whole if whole.dtype == records.dtype else records


def _raw(records: Any) -> Any:
    """The bytes of a table; copying them is many times faster than field by field."""
    return records.view(np.ndarray).view(np.uint8)


def interactions_used(floor: Floor) -> Any:
    """The interaction rows that were ever taken, as a plain array; most may be free again."""
    return floor.interactions.view(np.ndarray)[: int(floor.house["interactions"][0])]


def fork(floor: Floor) -> Floor:
    """Copy the floor; the copy may run forward without the original noticing."""
    names = (
        *DEFINITION_TABLES,
        *STATE_TABLES,
        "changed_interactions",
        "changed_agents",
        "routable",
        "scratch",
    )
    return floor.replaced(
        **{name: _same(getattr(floor, name)) for name in names},
        inbox=table(INBOX_MAX, COMMAND),
        outbox=table(OUTBOX_MAX, EVENT),
        **_nothing_remembered(len(floor.agents)),
    )


def _same(records: Record) -> Record:
    copy: Record = _like(records, joined([records]))
    return copy


def joined(runs: Sequence[Record]) -> Record:
    """Several runs of records as one new one, byte for byte: NumPy's own way goes field
    by field, which takes several times as long, and leaves the padding to chance.
    """
    return np.concatenate([_raw(run) for run in runs]).view(runs[0].dtype)


def used_rows(floor: Floor) -> dict[str, int]:
    """How many leading rows of each state and definition table matter; the rest is
    blank room.
    """
    house = floor.house[0]
    rows: dict[str, int] = {
        name: _last_used(getattr(floor, name)) for name in DEFINITION_TABLES
    }
    rows["agents"] = rows["roster"]
    rows["interactions"] = int(house.interactions)
    rows["heads"] = rows["lines"]
    rows["queues"] = rows["queue_rules"]
    rows["house"] = 1
    rows["spare"] = int(house.spare)
    rows["free"] = int(house.free_agents)
    rows["open_lines"] = int(house.open_lines)
    rows["timers"] = int(house.timers)
    for name in (
        "conversations",
        "customers",
        "spare_conversations",
        "spare_customers",
    ):
        rows[name] = int(house[name])
    return rows


def _last_used(records: Record) -> int:
    filled = records.view(np.ndarray).view(np.uint8).reshape(len(records), -1)
    blank = table(
        1,
        records.dtype,
        "roster"
        if records.dtype == ROSTER
        else "lines"
        if records.dtype == LINE
        else "",
    )
    differs = np.any(
        filled != blank.view(np.ndarray).view(np.uint8).reshape(1, -1), axis=1
    )
    used = np.flatnonzero(differs)
    return int(used[-1]) + 1 if len(used) else 0


def differences(one: Floor, other: Floor) -> list[str]:
    """Name the tables in which two floors differ; empty when they are the same floor
    byte for byte.
    """
    mine, theirs = used_rows(one), used_rows(other)
    return [
        name
        for name in mine
        if mine[name] != theirs[name]
        or getattr(one, name)[: mine[name]].tobytes()
        != getattr(other, name)[: mine[name]].tobytes()
    ]
