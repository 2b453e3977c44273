"""Which count over which count makes each figure.

The formulas are those of `router.measures.figures`, on arrays with any leading axes:
replications, or the intervals of a day. Every figure is a *part* over a *whole*, both
counted; a whole of 1 says that the figure is an amount by run. Ratios of several queues
together come of adding up parts and wholes, never of averaging ratios.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from router.measures.figures import share_in_time
from router.measures.shapes import COUNT_NAMES, AgentState, Entry
from router.model.service_level import Definition
from simulator.figures import Kind, queue_groups, stream_groups
from simulator.records import Area, Column, Counts, Layout, Sums

HOUR_MS: Final = 3_600_000


class Parts(NamedTuple):
    """Part and whole of one figure, [..., things]."""

    part: Sums
    whole: Sums | float


Table = dict[str, Parts]
"""Figures by name."""


class Amounts(NamedTuple):
    """What figures are made of, with any leading axes."""

    streams: Sums
    """[..., stream, `Column`]"""
    areas: Sums
    """[..., stream, `Area`]"""
    queues: Counts | Sums
    """[..., pair, way of entry, name]"""
    staff: Counts | Sums
    """[..., staff, `AgentState`]"""
    length_ms: float
    """How long the time is that it took."""


def tables(layout: Layout, amounts: Amounts) -> dict[Kind, Table]:
    """Every figure of every kind."""
    pairs = pair_parts(layout, amounts)
    staff = staff_parts(layout, amounts)
    house = summed(pairs, np.ones((1, len(layout.pairs))))
    house |= summed(staff, np.ones((1, len(layout.staff))))
    house["concurrency"] = Parts(
        amounts.areas[..., Area.SERVING].sum(axis=-1, keepdims=True),
        amounts.staff[..., AgentState.BUSY].sum(axis=-1, keepdims=True).astype(float),
    )
    queues = summed(pairs, queue_groups(layout))
    occupancy = house["occupancy"]
    for table, things in (
        (pairs, len(layout.pairs)),
        (queues, len(queue_groups(layout))),
    ):
        table["occupancy"] = Parts(
            *(np.repeat(side, things, axis=-1) for side in occupancy)
        )
    return {
        "queue": queues,
        "pair": pairs,
        "stream": stream_parts(layout, amounts),
        "staff": staff,
        "house": house,
    }


def summed(table: Table, groups: Sums) -> Table:
    """The figures of groups, [group, thing], of those of the things: parts and wholes
    added up.
    """
    return {
        name: Parts(
            part @ groups.T,
            whole @ groups.T if isinstance(whole, np.ndarray) else whole,
        )
        for name, (part, whole) in table.items()
    }


def pair_parts(layout: Layout, amounts: Amounts) -> Table:
    """By queue and channel. What a first wait came to is of the arrivals alone, as in
    `Measures.queue`; work is all work, transfers and returns included.
    """
    entry = {
        name: amounts.queues[..., Entry.ARRIVAL, at].astype(float)
        for at, name in enumerate(COUNT_NAMES)
    }
    work = {
        name: amounts.queues[..., at].sum(axis=-1).astype(float)
        for at, name in enumerate(COUNT_NAMES)
    }
    groups = stream_groups(layout)

    def of_streams(*columns: Column) -> Sums:
        sums: Sums = amounts.streams[..., columns].sum(axis=-1)
        return sums @ groups.T

    answered = entry["answered"]
    abandoned = entry["abandoned_queued"] + entry["abandoned_ringing"]
    ended = answered + abandoned
    entry["abandoned"] = abandoned
    for name in (
        "transferred",
        "transferred_in",
        "handed_off",
        "handoffs",
        "dead_lettered",
    ):
        entry[name] = work[name]
    for name in ("refused", "balked", "called_back"):
        entry[name] = of_streams(Column[name.upper()])
    figures = {
        name: Parts(entry[name], 1.0)
        for name in (
            "offered", "answered", "abandoned", "refused", "balked", "called_back",
            "overflowed_in", "overflowed_out", "transferred", "transferred_in",
            "handed_off", "handoffs", "dead_lettered",
        )
    }  # fmt: skip
    waits_ms = entry["answered_wait_ms"] + entry["abandoned_wait_ms"]
    in_line = of_streams(Column.ARRIVED) - of_streams(*NOT_IN_LINE)
    figures |= {
        "asa_s": Parts(entry["answered_wait_ms"] / 1000, answered),
        "wait_s": Parts(waits_ms / 1000, ended),
        "p_wait": Parts(of_streams(Column.WAITED), in_line),
        "abandonment": Parts(abandoned, ended),
        "aht_s": Parts((work["talk_ms"] + work["wrap_up_ms"]) / 1000, work["handled"]),
        "mean_queue": Parts(
            amounts.areas[..., Area.WAITING] @ groups.T, amounts.length_ms
        ),
        "continuity": Parts(of_streams(Column.TO_OWNER), of_streams(Column.OWNED)),
        "handoff_continuity": Parts(work["handoffs_to_owner"], work["handoffs_owned"]),
        "deflection": Parts(work["deflected"], work["answered_by_bots"]),
    }
    return figures | _service_levels(
        layout.pair_definition,
        within=entry["within_target"],
        answered=answered,
        abandoned=abandoned,
        abandoned_within=entry["abandoned_within"],
        short_abandoned=entry["short_abandoned"],
        had=entry["offered"] + entry["overflowed_in"] - entry["overflowed_out"],
    )


NOT_IN_LINE: Final = (Column.REFUSED, Column.BALKED, Column.CALLED_BACK)


def stream_parts(layout: Layout, amounts: Amounts) -> Table:
    """By stream: what became of those who arrived."""
    sums = amounts.streams
    of = {column.name.lower(): sums[..., column] for column in Column}
    ended = of["answered"] + of["abandoned"]
    had = of["arrived"] - sums[..., NOT_IN_LINE].sum(axis=-1)
    figures = {
        name: Parts(of[name], 1.0)
        for name in (
            "arrived", "retried", "refused", "balked", "called_back", "answered",
            "abandoned", "transferred", "handed_off", "dead_lettered",
        )
    }  # fmt: skip
    figures |= {
        "offered": Parts(had, 1.0),
        "asa_s": Parts(of["answered_wait_ms"] / 1000, of["answered"]),
        "wait_s": Parts(
            (of["answered_wait_ms"] + of["abandoned_wait_ms"]) / 1000, ended
        ),
        "p_wait": Parts(of["waited"], had),
        "abandonment": Parts(of["abandoned"], ended),
        "aht_s": Parts((of["talk_ms"] + of["wrap_up_ms"]) / 1000, of["finished"]),
        "mean_queue": Parts(amounts.areas[..., Area.WAITING], amounts.length_ms),
        "continuity": Parts(of["to_owner"], of["owned"]),
        "deflection": Parts(of["deflected"], of["answered"]),
        "further_wait_s": Parts(of["further_wait_ms"] / 1000, of["waits_ended"]),
    }
    where = zip(layout.stream_queues, layout.stream_channels, strict=True)
    definition = dict(zip(layout.pairs, layout.pair_definition, strict=True))
    default = Definition.WITHIN_OF_ANSWERED_AND_ABANDONED.value
    return figures | _service_levels(
        [definition.get(pair, default) for pair in where],
        within=of["in_target"],
        answered=of["answered"],
        abandoned=of["abandoned"],
        abandoned_within=of["abandoned_in_target"],
        short_abandoned=of["short_abandoned"],
        had=had,
    )


def staff_parts(layout: Layout, amounts: Amounts) -> Table:
    """By entry of the staff, as `AgentMeasures` has it."""
    spent = {state: amounts.staff[..., state].astype(float) for state in AgentState}
    signed_in = sum(
        (spent[state] for state in AgentState if state != AgentState.OFFLINE),
        np.zeros(amounts.staff.shape[:-1]),
    )
    work = spent[AgentState.BUSY] + spent[AgentState.WRAP_UP]
    ready = work + spent[AgentState.OFFERED] + spent[AgentState.AVAILABLE]
    cost = signed_in / HOUR_MS * np.array(layout.staff_cost_per_hour)
    return {
        "occupancy": Parts(work, ready),
        "signed_in_h": Parts(signed_in / HOUR_MS, 1.0),
        "work_h": Parts(work / HOUR_MS, 1.0),
        "at_work": Parts(signed_in, amounts.length_ms),
        "busy": Parts(work, amounts.length_ms),
        "cost": Parts(cost, 1.0),
    }


def _service_levels(definitions: Sequence[str], **counts: Sums) -> Table:
    """Under each definition, and under the one that the policy names for each thing."""
    shares = {
        definition: Parts(*share_in_time(definition, **counts))
        for definition in Definition
    }
    chosen = [shares[Definition(name)] for name in definitions]
    named = Parts(
        *(
            np.stack(
                [np.asarray(share[side])[..., at] for at, share in enumerate(chosen)],
                -1,
            )
            if chosen
            else np.zeros_like(counts["answered"])
            for side in (0, 1)
        )
    )
    return {"service_level": named} | {
        definition.value: share for definition, share in shares.items()
    }
