"""The floor: everything true right now, as a handful of NumPy record tables.

Compiled code reads and writes records by attribute (`agent.load +=
interaction.weight`); the `recarray` views make the same lines true in plain Python.
This file fixes the shapes and nothing else: only `apply` writes to the tables, and a
snapshot is their bytes.

Two kinds of tables. *Definitions* (roster, rules, lines, ladders, steps, clauses) say
how things are meant to be and are written whole, row by row, by `ROW_DEFINED` events.
*State* (agents, interactions, heads, timers, house) is what the other events change.
References to other rows are indexes; `NOBODY` means none. All times are engine time in
milliseconds.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

NOBODY = -1
NEVER = np.int64(2**62)

SKILLS_MAX = 128
GROUPS_MAX = 256
CHANNELS = 9
"""Eight channels, numbered from 1; index 0 is unused."""
EXCLUDED_MAX = 8
"""Agents an interaction may name as excluded; the same room holds those who declined
it."""
COOLING_MAX = 8
"""Pairs of one interaction that rest after a declined or expired offer; the oldest
gives way."""
AGENT_GROUPS_MAX = 16
"""Groups one agent may belong to."""
HELD_MAX = 32
"""Skills one agent may hold."""
TERMS = 8
SOURCES = 6
"""Rungs of the ladder of ownership, `Source.NONE` among them."""

Record = npt.NDArray[Any]


def _dtype(*fields: Any) -> np.dtype[Any]:
    return np.dtype(list(fields), align=True)


# ------------------------------------------------------------------ definitions

ROSTER = _dtype(
    ("defined", "i1"),
    ("kind", "i1"),
    ("held_count", "i2"),
    ("capacity", "i4"),
    ("limit", "i2", (CHANNELS,)),
    ("preference", "i2", (CHANNELS,)),
    ("groups", "i2", (AGENT_GROUPS_MAX,)),
    ("level", "i1", (SKILLS_MAX,)),
    ("held", "i2", (HELD_MAX,)),
)
"""What an agent can do. `limit[c]` is how many interactions of channel `c` at once (0:
none); `preference[c]` is the channel fit from 0 to 1000; `groups` is padded with
`NOBODY`; `held` lists the skills with a level."""

QUEUE_RULES = _dtype(
    ("defined", "i1"),
    ("exclude_decliner", "i1"),
    ("missed_away", "i1"),
    ("unroutable_alarm", "i1"),
    ("missed_reason", "i2"),
    ("attempts_max", "i4"),
    ("limit", "i4"),
    ("target_percent", "i4"),
    ("target_ms", "i8"),
    ("short_abandon_ms", "i8"),
    ("offer_timeout_ms", "i8"),
    ("cool_down_ms", "i8"),
    ("wrap_up_ms", "i8"),
    ("wrap_up_max_ms", "i8"),
    ("hold_back_max_ms", "i8"),
    ("continuity_value_ms", "i8"),
    ("companion_wait_max_ms", "i8"),
    ("max_wait_ms", "i8"),
    ("max_handling_ms", "i8"),
)

CHANNEL_RULES = _dtype(
    ("defined", "i1"),
    ("exclusive", "i1"),
    ("interruptible", "i1"),
    ("weight", "i4"),
    ("companion_weight", "i4"),
)
"""`companion_weight` is what one takes beside another channel of the same customer."""

RULES = _dtype(
    ("policy_version", "i8"),
    ("round_window_ms", "i8"),
    ("sign_out_after_ms", "i8"),
    ("restart_grace_ms", "i8"),
    ("ended_ms", "i8"),
    ("ended_max", "i4"),
    ("open_per_agent", "i4"),
    ("interactions_max", "i4"),
    ("agents_max", "i4"),
    ("arcs_per_interaction", "i4"),
    ("inline_pairs_max", "i4"),
    ("moves_on_transfer", "i1"),
    ("lapse_on_sign_out", "i1"),
    ("wait_when_away", "i1"),
    ("decays", "i1", (SOURCES,)),
    ("strength", "i2", (SOURCES,)),
    ("lasts_ms", "i8", (SOURCES,)),
    ("conversations_ms", "i8"),
    ("conversations_max", "i4"),
    ("weight", "i8", (TERMS,)),
    ("demanded", "i1", (SKILLS_MAX,)),
)
"""One row. `weight` is in the order of `score.TERM_NAMES`; `demanded[s]` is the least
level at which some queue needs skill `s` (0: nobody asks for it). `decays`, `strength`
and `lasts_ms` are by `Source` of ownership; `conversations_*` say how long and how many
conversations and customers are kept that nothing refers to."""
MOVES, STAYS, MOVES_IF_ACCEPTED = 1, 0, 2
"""`moves_on_transfer`."""

LINE = _dtype(
    ("defined", "i1"),
    ("channel", "i1"),
    ("queue", "i4"),
    ("ladder", "i4"),
    ("priority", "i4"),
    ("limit_line", "i4"),
    ("wait_line", "i4"),
)
"""A waiting line: interactions of one queue, channel, priority and set of needs, which
are equals and are served in order of age. `limit_line` is where one goes when the queue
is full, `wait_line` when it has waited too long (`NOBODY`: refused, dead-lettered)."""

LADDER = _dtype(("defined", "i1"), ("first_step", "i4"), ("steps", "i4"))
STEP = _dtype(
    ("after_ms", "i8"),
    ("first_clause", "i4"),
    ("clauses", "i4"),
    ("any_group", "i1"),
    ("group", "u1", (GROUPS_MAX,)),
    ("needed", "u1", (SKILLS_MAX,)),
)
"""One rung of a relaxation ladder: from `after_ms` of age on, these clauses and these
agent groups. `needed[s]` is 1 where skill `s` is asked for by any clause."""

CLAUSE = _dtype(("kind", "i1"), ("level", "i1"), ("skill", "i2"), ("group", "i2"))
"""One condition on a skill. `group` joins the options of one any-of."""
ALL_OF, ANY_OF, NONE_OF = 1, 2, 3

# ------------------------------------------------------------------ state

AGENT = _dtype(
    ("idle_since", "i8"),
    ("busy_since", "i8"),
    ("busy_ms", "i8"),
    ("signed_in_at", "i8"),
    ("load", "i4"),
    ("interruptible_load", "i4"),
    ("exclusive", "i4"),
    ("channel_load", "i2", (CHANNELS,)),
    # Up to here it is what every arrival reads of every agent: one line of the cache.
    ("signed_in", "i1"),
    ("reachable", "i1"),
    ("link", "i1"),
    ("presence", "i1"),
    ("requested", "i1"),
    ("reason", "i2"),
    ("requested_reason", "i2"),
    ("open_offers", "i4"),
    ("live", "i4"),
    ("first_work", "i4"),
    ("first_awaited", "i4"),
    ("first_owned", "i4"),
    ("owned", "i4"),
    ("free_position", "i4"),
    ("timer_position", "i4"),
    ("session", "i4"),
    ("due_at", "i8"),
    ("presence_since", "i8"),
)
"""`load` counts what is held and what is offered; `live` interactions active or in
wrap-up; `exclusive` those on exclusive channels; `requested` is the presence asked for
when the work is done (-1: none). `busy_ms` is time with any load since sign-in.
`first_awaited` begins the list of those who wait for this agent alone, `first_owned`
that of the conversations they own."""

INTERACTION = _dtype(
    ("used", "i1"),
    ("state", "i1"),
    ("channel", "i1"),
    ("marks", "i1"),
    ("reason", "i1"),
    ("source", "i1"),
    ("relation", "i1"),
    ("opened", "i1"),
    ("moved", "i1"),
    ("hold_over", "i1"),
    ("in_company", "i1"),
    ("team", "i2"),
    ("step", "i2"),
    ("excluded_count", "i2"),
    ("cooling_count", "i2"),
    ("declined_count", "i2"),
    ("line", "i4"),
    ("queue", "i4"),
    ("weight", "i4"),
    ("attempts", "i4"),
    ("agent", "i4"),
    ("owner", "i4"),
    ("next", "i4"),
    ("previous", "i4"),
    ("next_work", "i4"),
    ("previous_work", "i4"),
    ("conversation", "i4"),
    ("customer", "i4"),
    ("predecessor", "i4"),
    ("successor", "i4"),
    ("sibling", "i4"),
    ("companion", "i4"),
    ("next_in_company", "i4"),
    ("previous_in_company", "i4"),
    ("awaits", "i4"),
    ("next_awaited", "i4"),
    ("previous_awaited", "i4"),
    ("timer_position", "i4"),
    ("serial", "i8"),
    ("content", "i8"),
    ("arrived_at", "i8"),
    ("enqueued_at", "i8"),
    ("queued_at", "i8"),
    ("state_at", "i8"),
    ("answered_at", "i8"),
    ("offer", "i8"),
    ("hold_until", "i8"),
    ("owned_since", "i8"),
    ("weighed_until", "i8"),
    ("worth_ms", "i8"),
    ("with_owner_ms", "i8"),
    ("without_owner_ms", "i8"),
    ("companion_since", "i8"),
    ("not_before", "i8"),
    ("context", "i8"),
    ("acknowledged", "i8"),
    ("wrap_up_started_at", "i8"),
    ("deadline", "i8"),
    ("due_at", "i8"),
    ("score", "i8"),
    ("sequence", "i8"),
    ("decided", "i8"),
    ("excluded", "i4", (EXCLUDED_MAX,)),
    ("declined", "i4", (EXCLUDED_MAX,)),
    ("cooling", "i4", (COOLING_MAX,)),
    ("cooling_until", "i8", (COOLING_MAX,)),
)
"""`enqueued_at` is the origin of its age and never changes while it returns to a line;
`queued_at` is when this spell of waiting began; `deadline` is the end of the state it
is in (offer, wrap-up, handling); `decided` is the sequence of its last offer; `due_at`
is the next instant at which time alone does something to it; `serial` is arrival order.

Ownership: `owner` has a claim by `source` since `owned_since`; `hold_until` ends a
hold-back, and one that was weighed is weighed again at `weighed_until` (`worth_ms`,
`with_owner_ms` and `without_owner_ms` are the last sum; `hold_over`: not again in this
spell). Company: `companion` is the agent at another live channel of the customer, for
whom it waits since `companion_since` unless `opened` to others; `awaits` is the agent in
whose list of awaited it stands. Lineage: `predecessor`, the first `successor`, and the
next `sibling` of the same predecessor. `not_before` is when a scheduled one may be
offered (0: any time); `context` is the version that it carries, `acknowledged` the one
that its agent has seen; `moved`: it was transferred and not accepted since.
"""

HEAD = _dtype(("first", "i4"), ("last", "i4"), ("length", "i4"), ("position", "i4"))
"""The two ends of a waiting line, its length, and its place among the lines that are
not empty."""

QUEUE = _dtype(
    ("waiting", "i4"),
    ("offered", "i4"),
    ("active", "i4"),
    ("handled", "i8"),
    ("handled_ms", "i8"),
    ("wrapped", "i8"),
    ("wrapped_ms", "i8"),
)
"""Counts of a queue right now; `handled` and `wrapped` with their `_ms` are decayed sums
for the estimate of waits."""

CONVERSATION = _dtype(
    ("used", "i1"),
    ("customer", "i4"),
    ("owner", "i4"),
    ("next_owned", "i4"),
    ("previous_owned", "i4"),
    ("next_idle", "i4"),
    ("previous_idle", "i4"),
    ("interactions", "i4"),
    ("live", "i4"),
    ("idle", "i1"),
    ("version", "i8"),
    ("appended_at", "i8"),
    ("owned_since", "i8"),
    ("idle_since", "i8"),
)
"""One need of one customer. `version` counts what was added to its context;
`interactions` rows refer to it, `live` of them are not at their end."""

CUSTOMER = _dtype(
    ("used", "i1"),
    ("idle", "i1"),
    ("marks", "i1"),
    ("team", "i2"),
    ("granted", "i4"),
    ("withdrawn", "i4"),
    ("merged_into", "i4"),
    ("merged", "i4"),
    ("references", "i4"),
    ("live", "i4"),
    ("first_live", "i4"),
    ("last_live", "i4"),
    ("last_agent", "i4"),
    ("account_owner", "i4"),
    ("next_idle", "i4"),
    ("previous_idle", "i4"),
    ("last_agent_at", "i8"),
    ("account_since", "i8"),
    ("idle_since", "i8"),
)
"""Who wants something, by an opaque reference. `granted` and `withdrawn` have a bit for
each `Purpose`; `merged` customers stand directly under it; `references` are the
interactions and conversations that name it. The live list of a merged customer's
interactions is kept at the root that it was merged into."""

HOUSE = _dtype(
    ("sequence", "i8"),
    ("now", "i8"),
    ("next_serial", "i8"),
    ("next_offer", "i8"),
    ("next_round", "i4"),
    ("policy_version", "i8"),
    ("policy_at", "i8"),
    ("interactions", "i4"),
    ("spare", "i4"),
    ("free_agents", "i4"),
    ("open_lines", "i4"),
    ("timers", "i4"),
    ("first_ended", "i4"),
    ("last_ended", "i4"),
    ("ended", "i4"),
    ("waiting", "i4"),
    ("signed_in", "i4"),
    ("conversations", "i4"),
    ("spare_conversations", "i4"),
    ("first_idle_conversation", "i4"),
    ("last_idle_conversation", "i4"),
    ("idle_conversations", "i4"),
    ("customers", "i4"),
    ("spare_customers", "i4"),
    ("first_idle_customer", "i4"),
    ("last_idle_customer", "i4"),
    ("idle_customers", "i4"),
    ("roster_version", "i8"),
    ("holders", "i4", (SKILLS_MAX,)),
    ("price", "i2", (SKILLS_MAX,)),
    ("any_price", "i4"),
)
"""One row: counters and list ends. `interactions` is the high-water mark of rows ever
used, `spare` how many of them are free again. `holders[s]` counts signed-in agents with
skill `s` at the level that is demanded; `price[s]` is the price of spending it, from 0
to 1000, and `any_price` how many skills have one. `ended` interactions are kept in
order of their end until they are forgotten; so are `idle` conversations and customers,
which nothing refers to."""

EVENT = _dtype(
    ("at", "i8"),
    ("kind", "i2"),
    ("reason", "i2"),
    ("step", "i2"),
    ("presence", "i2"),
    ("channel", "i2"),
    ("mode", "i2"),
    ("interaction", "i4"),
    ("agent", "i4"),
    ("other", "i4"),
    ("queue", "i4"),
    ("line", "i4"),
    ("count", "i4"),
    ("eligible", "i4"),
    ("match_round", "i4"),
    ("weight", "i4"),
    ("conversation", "i4"),
    ("customer", "i4"),
    ("offer", "i8"),
    ("until", "i8"),
    ("since", "i8"),
    ("score", "i8"),
    ("value", "i8"),
    ("not_before", "i8"),
    ("context", "i8"),
)
"""A fact. `events.FIELDS` says which fields each kind carries and what they mean in it."""
REFERENCES = (
    "interaction", "agent", "other", "queue", "line", "match_round", "conversation",
    "customer",
)  # fmt: skip
"""Fields of an event that name a row; `NOBODY` where a kind has no use for them."""

COMMAND = _dtype(
    ("at", "i8"),
    ("order", "i2"),
    ("presence", "i2"),
    ("reason", "i2"),
    ("link", "i2"),
    ("interaction", "i4"),
    ("agent", "i4"),
    ("other", "i4"),
    ("line", "i4"),
    ("session", "i4"),
    ("match_round", "i4"),
    ("count", "i4"),
    ("offer", "i8"),
    ("until", "i8"),
    ("since", "i8"),
    ("value", "i8"),
    ("conversation", "i4"),
    ("customer", "i4"),
    ("not_before", "i8"),
    ("context", "i8"),
    ("excluded", "i4", (EXCLUDED_MAX,)),
)
"""An order, as the machine takes it: names already turned into rows.
`router.engine.commands` has the readable form. From `conversation` on, fields count only
where the order says so: an arrival with `link` 1, what is about customers always. Once
it has been carried out, the record holds what came of it: `interaction` the row it was
about, `reason` the refusal, `value` the sequence of the last event."""
INBOX_MAX = 1_024
"""Orders that can be handed over at once."""


SCRATCH = _dtype(
    ("events", "i4"),
    ("row", "i4"),
    ("subject", "i4"),
    ("interactions", "i4"),
    ("agents", "i4"),
    ("everything", "i1"),
    ("round_due", "i1"),
    ("next_order", "i4"),
    ("orders", "i4"),
    ("round_due_at", "i8"),
    ("subject_at", "i8"),
)
"""`events` in the outbox; the interaction `row` that the order at hand is about; the
`subject` of a function that is called by name, and the instant `subject_at`; how
many `changed_*` entries there are (`everything`: too many to list); whether a joint
round is due now; how many `orders` the inbox holds and which comes next; the end of the
gathering window (`NEVER`: none runs)."""

FIT_SLOT = _dtype(
    ("step", "i4"), ("channel", "i4"), ("version", "i8"), ("by_block", "i8"),
    ("blocks", "i4"),
)  # fmt: skip
"""Whose fits stand in this slot of `fits`: a rung and a channel, at a roster version;
and the version at which they were summed up in so many rows of `block_fits`."""
FIT_SLOTS = 512

SEATS = 62
"""Seats of a block: one bit each in a whole number that is never negative."""
SEATS_STEP = 64
"""The seats of block b are the rows of `seats` from b times this on."""
SEATS_ALONE = 20
"""So many equals have blocks of their own."""
FIT_CLASSES = 4

SEAT = _dtype(
    ("key", "i8"),
    ("since", "i8"),
    ("leisure", "i4"),
    ("agent", "i4"),
)
"""An agent's place in a block: bounds on the part of the score that moves, and since
when they have been idle."""
BLOCK = _dtype(
    ("idle", "i8"),
    ("loaded", "i8"),
    ("key", "i8"),
    ("loaded_key", "i8"),
    ("since", "i8"),
    ("until", "i8"),
    ("leisure", "i4"),
    ("taken", "i4"),
    ("row", "i4"),
    # Up to here it is what every arrival reads: one line of the cache.
    ("loaded_since", "i8"),
    ("bound", "i8"),
    ("loaded_bound", "i8"),
    ("open", "i8", (CHANNELS,)),
)
"""Agents who sit together, one bit a seat: who is `idle`, who is free and `loaded`, and
of these, who has room (`open`) for a channel. `taken` seats, the least `row`; the rest
are bounds that `engine.seating` explains, and what an arrival makes of them."""
BLOCK_FIT = _dtype(
    ("block", "i4"),
    ("able", "i8"),
    ("fit", "i4", (FIT_CLASSES,)),
    ("who", "i8", (FIT_CLASSES,)),
)
"""A block some of whom a line admits: who is `able`, and who has the best fit, the
next, and so on; the last class is whoever is left, under the best fit among them."""
SEATING = _dtype(
    ("version", "i8"),
    ("live", "i1"),
    ("blocks", "i4"),
    ("best", "i4"),
    ("second", "i4"),
    ("best_score", "i8"),
    ("second_score", "i8"),
)
"""At which roster version the seats were given, whether the blocks are kept true, how
many there are; and the choice being made."""


# ------------------------------------------------------------------ the floor

TABLES: tuple[tuple[str, np.dtype[Any]], ...] = (
    ("roster", ROSTER),
    ("queue_rules", QUEUE_RULES),
    ("channel_rules", CHANNEL_RULES),
    ("rules", RULES),
    ("lines", LINE),
    ("ladders", LADDER),
    ("steps", STEP),
    ("clauses", CLAUSE),
    ("agents", AGENT),
    ("interactions", INTERACTION),
    ("heads", HEAD),
    ("queues", QUEUE),
    ("house", HOUSE),
    ("spare", np.dtype("i4")),
    ("free", np.dtype("i4")),
    ("open_lines", np.dtype("i4")),
    ("timers", np.dtype("i4")),
    ("conversations", CONVERSATION),
    ("customers", CUSTOMER),
    ("spare_conversations", np.dtype("i4")),
    ("spare_customers", np.dtype("i4")),
    ("scratch", SCRATCH),
    ("changed_interactions", np.dtype("i4")),
    ("changed_agents", np.dtype("i4")),
    ("routable", np.dtype("i8")),
    ("fit_slots", FIT_SLOT),
    ("fits", np.dtype("i4")),
    ("shortlist", np.dtype("i4")),
    ("seating", SEATING),
    ("seats", SEAT),
    ("seat_of", np.dtype("i4")),
    ("blocks", BLOCK),
    ("block_fits", BLOCK_FIT),
    ("inbox", COMMAND),
    ("outbox", EVENT),
    ("payload", np.dtype("u1")),
)
"""Every table of a floor with the shape of its rows, in the order of the directory that
compiled code reads."""
DEFINITION_TABLES = tuple(name for name, _ in TABLES[:8])
"""In the order of `Table` from `ROSTER` on."""
STATE_TABLES = tuple(name for name, _ in TABLES[8:21])


class Floor:
    """Everything true right now. A snapshot is the bytes of its definitions and state;
    a fork is a copy.

    One attribute a table (see `TABLES`). `spare` is a stack of interaction rows that
    are free again (and so the other `spare_*`); `free` lists the agents who may be offered something and
    `open_lines` the lines that are not empty, both densely and in no order that
    matters; `timers` is a binary heap of subjects by `due_at` (interactions as their
    row, agents as `-2 - row`). `scratch` and `changed_*` are what the deciding half
    notes between steps: not state, empty after a restart; `routable` remembers per line
    the roster version at which somebody could take it (positive) or nobody could
    (negative); `fits` what `engine.fits` remembers, as many agents a slot as there are
    rows, and `shortlist` has room for as many; `seating`, `seats`, `seat_of`, `blocks`
    and `block_fits` are what `engine.seating` remembers. `inbox` holds the orders at
    hand, `outbox` the events of the batch being decided, `payload` the rows that its
    `ROW_DEFINED` events refer to by offset.
    """

    __slots__ = ("address", "directory", *(name for name, _ in TABLES))

    roster: Record
    queue_rules: Record
    channel_rules: Record
    rules: Record
    lines: Record
    ladders: Record
    steps: Record
    clauses: Record
    agents: Record
    interactions: Record
    heads: Record
    queues: Record
    house: Record
    spare: Record
    free: Record
    open_lines: Record
    timers: Record
    conversations: Record
    customers: Record
    spare_conversations: Record
    spare_customers: Record
    scratch: Record
    changed_interactions: Record
    changed_agents: Record
    routable: Record
    fit_slots: Record
    fits: Record
    shortlist: Record
    seating: Record
    seats: Record
    seat_of: Record
    blocks: Record
    block_fits: Record
    inbox: Record
    outbox: Record
    payload: Record

    def __init__(self, **tables: Record) -> None:
        for name, table in tables.items():
            setattr(self, name, table)
        self.directory = np.array(
            [word for name, _ in TABLES for word in place(getattr(self, name))],
            np.int64,
        )
        self.address: int = self.directory.ctypes.data

    def replaced(self, **tables: Record) -> "Floor":
        """The same floor with some tables exchanged for others."""
        return Floor(
            **{name: tables.get(name, getattr(self, name)) for name, _ in TABLES}
        )


def shape() -> str:
    """The layout of all tables as 16 hex digits. Rows written under another layout must not be read as if they
    were ours.
    """
    said = repr([(name, dtype.descr) for name, dtype in TABLES])
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def place(table: Record) -> tuple[int, int]:
    """Address and rows of a table, as a directory holds them (see `directory`)."""
    return table.ctypes.data, len(table)
