"""The fold itself: one pass over events, compiled, that adds each to the counts.

Compiled, because waits and handle times need to know when an interaction began to wait
and was answered, which no array operation over a batch can say; and the simulator folds
millions. Every compiled function of the measures stands in this file: Numba would not
notice a change of one that stood in another. `measures` makes the tables and calls
`fold_events`; nobody else does.
"""

from typing import Any

from router.engine.compiled import compiled
from router.engine.kinds import Kind, Reason
from router.engine.tables import Record
from router.measures.directory import tables_at
from router.measures.shapes import (
    CHANNEL_ROWS,
    HANDLE_BOUNDS_MS,
    WAIT_BOUNDS_MS,
    WRAP_UP_BOUNDS_MS,
    AgentState,
    Entry,
    Outcome,
    Phase,
)
from router.model.agent import AgentKind, Link, Presence
from router.model.conversation import Relation

TARGET_MS, SHORT_ABANDON_MS, THRESHOLDS = 0, 1, 2
"""Columns of the thresholds of a queue, and how many there are."""
ENTRIES = len(Entry)
OUTCOMES = len(Outcome)
STATES = len(AgentState)


@compiled
def fold_events(events: Record, start: int, address: int) -> int:
    """Count `events` from position `start` on, in the tables whose directory stands at
    `address`; returns the position at which it stopped.

    It stops early in two cases: before an event that names a row for which there is no
    room yet, and after a `POLICY_PUBLISHED`, so that the caller may set the new
    thresholds.
    """
    tables = tables_at(address)
    queues = tables.thresholds.shape[0] // THRESHOLDS
    for k in range(start, events.shape[0]):
        event = events[k]
        kind = event["kind"]
        i = event["interaction"]
        a = event["agent"]
        if (
            i >= tables.progress.shape[0]
            or a >= tables.shifts.shape[0]
            or event["queue"] >= queues
        ):
            return k
        tables.seen[kind] += 1
        if i >= 0:
            if kind == Kind.INTERACTION_ENQUEUED:
                _arrive(event, tables)
            elif tables.progress[i]["phase"] != Phase.UNKNOWN:
                _go_on(event, tables)
        elif a >= 0:
            _attend(event, tables)
        elif kind == Kind.ROUTER_STARTED:
            _start_again(event, tables)
        elif kind == Kind.POLICY_PUBLISHED:
            return k + 1
    return len(events)


# ------------------------------------------------------------------ interactions


@compiled
def _count(tables: Any, queue: Any, channel: Any, entry: Any) -> Any:
    """The counts of a queue, a channel and a way of entry."""
    return tables.counts[(queue * CHANNEL_ROWS + channel) * ENTRIES + entry]


@compiled
def _arrive(event: Record, tables: Any) -> None:
    count = _count(tables, event["queue"], event["channel"], Entry.ARRIVAL)
    count["offered"] += 1
    if event["reason"] == Reason.QUEUE_FULL:
        count["passed_on"] += 1
    interaction = tables.progress[event["interaction"]]
    interaction["entered_at"] = event["at"]
    interaction["answered_at"] = 0
    interaction["wrap_up_at"] = 0
    interaction["queue"] = event["queue"]
    interaction["phase"] = Phase.WAITING
    interaction["channel"] = event["channel"]
    interaction["entry"] = Entry.ARRIVAL
    interaction["owner"] = event["other"]
    interaction["held_since"] = event["at"] if event["until"] > 0 else 0
    interaction["held_ms"] = 0
    interaction["follows"] = 0
    interaction["continued"] = 0
    interaction["bot"] = 0


@compiled
def _go_on(event: Record, tables: Any) -> None:
    kind = event["kind"]
    interaction = tables.progress[event["interaction"]]
    queue = interaction["queue"]
    channel = interaction["channel"]
    count = _count(tables, queue, channel, interaction["entry"])
    _hand_off(event, interaction, tables)
    if Kind.OFFER_ISSUED <= kind <= Kind.OFFER_REVOKED:
        _offer(event, interaction, count, tables)
    elif _concerns_waiting(kind):
        _wait_on(event, interaction, count)
    elif kind == Kind.WRAP_UP_STARTED:
        interaction["wrap_up_at"] = event["at"]
        interaction["phase"] = Phase.WRAPPING
        _shift(tables, event["agent"], event["at"], 0, -1, 1)
    elif kind == Kind.INTERACTION_OVERFLOWED:
        count["overflowed_out"] += 1
        into = _count(tables, event["queue"], channel, interaction["entry"])
        into["overflowed_in"] += 1
        interaction["queue"] = event["queue"]
    elif kind == Kind.INTERACTION_FORGOTTEN:
        interaction["phase"] = Phase.UNKNOWN
    elif kind == Kind.INTERACTION_TRANSFERRED or kind == Kind.INTERACTION_REQUEUED:
        if _in_hand(interaction):
            _finish(event, interaction, count, tables)
        if kind == Kind.INTERACTION_TRANSFERRED:
            count["transferred"] += 1
        again = _count(tables, event["queue"], channel, Entry.RETURN)
        _return(event, interaction, again)
    elif _is_end(kind):
        if _in_hand(interaction):
            _finish(event, interaction, count, tables)
        elif interaction["phase"] != Phase.ENDED:
            _leave(event, interaction, count, tables)
        interaction["phase"] = Phase.ENDED


@compiled
def _concerns_waiting(kind: Any) -> bool:
    return bool(
        Kind.INTERACTION_DUE <= kind <= Kind.COMPANION_OPENED
        or kind == Kind.HOLD_BACK_ENDED
        or kind == Kind.OWNER_SET
    )


@compiled
def _wait_on(event: Record, interaction: Record, count: Record) -> None:
    """For whom it waits, or since when, has changed."""
    kind = event["kind"]
    if kind == Kind.INTERACTION_DUE:
        interaction["entered_at"] = event["at"]
    elif kind == Kind.COMPANION_OPENED:
        count["parted"] += 1
    elif kind == Kind.HOLD_BACK_WEIGHED and event["until"] > 0:
        if interaction["held_since"] == 0:
            interaction["held_since"] = event["at"]
    else:
        _let_go(event, interaction)
        if kind == Kind.OWNER_SET:
            interaction["owner"] = event["other"]


@compiled
def _continue(interaction: Record, count: Record, a: Any) -> None:
    """Answered: by the owner or not, and was it held back for them?"""
    if interaction["held_ms"] > 0:
        count["held_back"] += 1
        count["held_back_ms"] += interaction["held_ms"]
        interaction["held_ms"] = 0
    if interaction["follows"]:
        interaction["follows"] = 0
        count["handoffs_answered"] += 1
        if interaction["owner"] >= 0:
            count["handoffs_owned"] += 1
        if interaction["owner"] == a:
            count["handoffs_to_owner"] += 1


@compiled
def _let_go(event: Record, interaction: Record) -> None:
    """It is held back for its owner no longer."""
    if interaction["held_since"] > 0:
        interaction["held_ms"] += event["at"] - interaction["held_since"]
        interaction["held_since"] = 0


@compiled
def _hand_off(event: Record, interaction: Record, tables: Any) -> None:
    """The conversation goes on as another interaction. A colleague who is asked beside
    it is no handoff.
    """
    kind = event["kind"]
    if kind != Kind.INTERACTION_HANDED_OFF and kind != Kind.INTERACTION_LINKED:
        return
    relation = event["mode"]
    if relation == Relation.CONSULT or relation == Relation.CONFERENCE:
        return
    interaction["continued"] = 1
    successor = tables.progress[event["other"]]
    successor["follows"] = 1
    where = _count(tables, successor["queue"], successor["channel"], successor["entry"])
    where["handoffs"] += 1


@compiled
def _in_hand(interaction: Record) -> bool:
    """Whether an agent is at it."""
    phase = interaction["phase"]
    return bool(phase == Phase.ACTIVE or phase == Phase.WRAPPING)


@compiled
def _is_end(kind: Any) -> bool:
    return bool(
        kind == Kind.INTERACTION_COMPLETED
        or kind == Kind.WRAP_UP_ENDED
        or kind == Kind.INTERACTION_ABANDONED
        or kind == Kind.INTERACTION_CANCELLED
        or kind == Kind.INTERACTION_DEAD_LETTERED
        or kind == Kind.INTERACTION_HANDED_OFF
    )


@compiled
def _offer(event: Record, interaction: Record, count: Record, tables: Any) -> None:
    kind = event["kind"]
    a = event["agent"]
    at = event["at"]
    if kind == Kind.OFFER_ISSUED:
        count["offers_issued"] += 1
        interaction["phase"] = Phase.OFFERED
        if interaction["held_since"] > 0 and a == interaction["owner"]:
            _let_go(event, interaction)
        _shift(tables, a, at, 1, 0, 0)
    elif kind == Kind.OFFER_ACCEPTED:
        wait_ms = at - interaction["entered_at"]
        count["offers_accepted"] += 1
        count["answered"] += 1
        count["answered_wait_ms"] += wait_ms
        if wait_ms <= _threshold(tables, interaction, TARGET_MS):
            count["within_target"] += 1
        _observe_wait(tables, interaction, Outcome.ANSWERED, wait_ms)
        interaction["answered_at"] = at
        interaction["phase"] = Phase.ACTIVE
        _let_go(event, interaction)
        _continue(interaction, count, a)
        interaction["bot"] = tables.shifts[a]["bot"]
        count["answered_by_bots"] += tables.shifts[a]["bot"]
        _shift(tables, a, at, -1, 1, 0)
    else:
        if kind == Kind.OFFER_DECLINED:
            count["offers_declined"] += 1
        elif kind == Kind.OFFER_EXPIRED:
            count["offers_expired"] += 1
        else:
            count["offers_revoked"] += 1
        interaction["phase"] = Phase.WAITING
        _shift(tables, a, at, -1, 0, 0)


@compiled
def _return(event: Record, interaction: Record, again: Record) -> None:
    """It waits once more: a wait of its own, in counts of its own."""
    if event["kind"] == Kind.INTERACTION_TRANSFERRED:
        again["transferred_in"] += 1
    else:
        again["requeued_in"] += 1
    interaction["entered_at"] = event["at"]
    interaction["queue"] = event["queue"]
    interaction["entry"] = Entry.RETURN
    interaction["phase"] = Phase.WAITING


@compiled
def _leave(event: Record, interaction: Record, count: Record, tables: Any) -> None:
    """A wait ends without an answer."""
    kind = event["kind"]
    wait_ms = event["at"] - interaction["entered_at"]
    if kind == Kind.INTERACTION_ABANDONED:
        if event["mode"] == 1:
            count["abandoned_ringing"] += 1
        else:
            count["abandoned_queued"] += 1
        count["abandoned_wait_ms"] += wait_ms
        if wait_ms <= _threshold(tables, interaction, TARGET_MS):
            count["abandoned_within"] += 1
        if wait_ms < _threshold(tables, interaction, SHORT_ABANDON_MS):
            count["short_abandoned"] += 1
        _observe_wait(tables, interaction, Outcome.ABANDONED, wait_ms)
    elif kind == Kind.INTERACTION_DEAD_LETTERED:
        count["dead_lettered"] += 1
        _observe_wait(tables, interaction, Outcome.DEAD_LETTERED, wait_ms)
    elif kind == Kind.INTERACTION_HANDED_OFF:
        # It waits on, over another channel: no wait has ended.
        count["handed_off"] += 1
    else:
        count["cancelled"] += 1
        _observe_wait(tables, interaction, Outcome.CANCELLED, wait_ms)


@compiled
def _finish(event: Record, interaction: Record, count: Record, tables: Any) -> None:
    """An agent's work on it ends: by completion, with its wrap-up, or because it goes
    on elsewhere.
    """
    at = event["at"]
    pair = interaction["queue"] * CHANNEL_ROWS + interaction["channel"]
    talk_ms = at - interaction["answered_at"]
    wrap_up_ms = 0
    if interaction["phase"] == Phase.WRAPPING:
        talk_ms = interaction["wrap_up_at"] - interaction["answered_at"]
        wrap_up_ms = at - interaction["wrap_up_at"]
        _observe(tables.wrap_ups, pair, WRAP_UP_BOUNDS_MS, wrap_up_ms)
        _shift(tables, event["agent"], at, 0, 0, -1)
    else:
        _shift(tables, event["agent"], at, 0, -1, 0)
    count["handled"] += 1
    if interaction["bot"] and not interaction["continued"] and _is_end(event["kind"]):
        count["deflected"] += 1
    count["talk_ms"] += talk_ms
    count["wrap_up_ms"] += wrap_up_ms
    _observe(tables.handles, pair, HANDLE_BOUNDS_MS, talk_ms + wrap_up_ms)


@compiled
def _threshold(tables: Any, interaction: Record, which: int) -> Any:
    return tables.thresholds[interaction["queue"] * THRESHOLDS + which]


@compiled
def _observe_wait(tables: Any, interaction: Record, outcome: int, wait_ms: Any) -> None:
    pair = interaction["queue"] * CHANNEL_ROWS + interaction["channel"]
    _observe(tables.waits, pair * OUTCOMES + outcome, WAIT_BOUNDS_MS, wait_ms)


@compiled
def _observe(histograms: Record, row: int, bounds: Record, duration_ms: Any) -> None:
    """Add one duration to its class and to the sum, which stands in the last column."""
    first = row * (bounds.shape[0] + 2)
    k = 0
    while k < bounds.shape[0] and duration_ms > bounds[k]:
        k += 1
    histograms[first + k] += 1
    histograms[first + bounds.shape[0] + 1] += duration_ms


# ------------------------------------------------------------------ agents


@compiled
def _attend(event: Record, tables: Any) -> None:
    kind = event["kind"]
    a = event["agent"]
    agent = tables.shifts[a]
    if kind == Kind.AGENT_SIGNED_IN:
        agent["presence"] = event["presence"]
        agent["link"] = event["mode"]
        agent["bot"] = 1 if event["count"] == AgentKind.BOT else 0
        agent["reachable"] = 1 if event["mode"] == Link.GATEWAY else agent["connected"]
    elif kind == Kind.AGENT_PRESENCE_CHANGED:
        agent["presence"] = event["presence"]
    elif kind == Kind.AGENT_RECONNECTED:
        agent["reachable"] = 1
        agent["connected"] = 1
    elif kind == Kind.AGENT_LOST:
        agent["reachable"] = 0
        agent["connected"] = 0
    else:
        return
    _shift(tables, a, event["at"], 0, 0, 0)


@compiled
def _start_again(event: Record, tables: Any) -> None:
    """After a restart nobody's own stream is open yet."""
    for a in range(tables.shifts.shape[0]):
        agent = tables.shifts[a]
        if agent["presence"] != Presence.OFFLINE and agent["link"] == Link.STREAM:
            agent["reachable"] = 0
            agent["connected"] = 0
            _shift(tables, a, event["at"], 0, 0, 0)


@compiled
def _shift(
    tables: Any, a: Any, at: Any, offered: int, active: int, wrapping: int
) -> None:
    """Work comes to an agent or leaves; when that changes the state, the time in the
    old one is added.
    """
    if a < 0:
        return
    agent = tables.shifts[a]
    agent["offered"] += offered
    agent["active"] += active
    agent["wrapping"] += wrapping
    state = _state_of(agent)
    if agent["known"] == 0:
        agent["known"] = 1
        agent["since"] = at
    elif state != agent["state"]:
        tables.state_ms[a * STATES + agent["state"]] += at - agent["since"]
        agent["since"] = at
    agent["state"] = state


@compiled
def _state_of(agent: Record) -> int:
    if agent["active"] > 0:
        return AgentState.BUSY
    if agent["wrapping"] > 0:
        return AgentState.WRAP_UP
    if agent["offered"] > 0:
        return AgentState.OFFERED
    if agent["presence"] == Presence.OFFLINE:
        return AgentState.OFFLINE
    if agent["presence"] == Presence.AVAILABLE and agent["reachable"] != 0:
        return AgentState.AVAILABLE
    return AgentState.AWAY


@compiled
def settle_states(shifts: Record) -> None:
    """Set every known agent's state from what is known of it; for tables filled from a
    floor.
    """
    for a in range(shifts.shape[0]):
        if shifts[a]["known"] != 0:
            shifts[a]["state"] = _state_of(shifts[a])


@compiled
def close_states(shifts: Record, state_ms: Record, now_ms: int) -> None:
    """Add what agents have spent in their present state, up to `now_ms`."""
    for a in range(shifts.shape[0]):
        agent = shifts[a]
        if agent["known"] != 0 and now_ms > agent["since"]:
            state_ms[a, agent["state"]] += now_ms - agent["since"]
            agent["since"] = now_ms
