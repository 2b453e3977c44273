"""The figures of a report by name: what each means, and of what things there are some.

How each is made of counts stands in `simulator.parts`.
"""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from router.model.service_level import Definition
from simulator.records import Layout, Sums

Kind = Literal["queue", "pair", "stream", "staff", "house"]
KINDS: Final[tuple[Kind, ...]] = ("queue", "pair", "stream", "staff", "house")


DEFINITIONS: Final[Mapping[str, str]] = {
    "offered": "got in line; transfers and returns are not offered again",
    "answered": "first answers of those offered; `served` in JSON",
    "abandoned": "left before an answer, short abandonments included",
    "refused": "found no room, no channel or nobody, and did not get in line",
    "balked": "left at once instead of getting in line",
    "called_back": "took a callback instead of getting in line",
    "service_level": "the share in time under the definition that the policy names",
    Definition.WITHIN_OF_ANSWERED_AND_ABANDONED.value: (
        "answered in time / (answered + abandoned)"
    ),
    Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED.value: (
        "(answered in time + abandoned in that time) / offered"
    ),
    Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED.value: (
        "answered in time / (offered - short abandonments)"
    ),
    Definition.WITHIN_OF_ANSWERED.value: "answered in time / answered",
    "asa_s": "average speed of answer: mean wait in seconds of the answered, and of "
    "nobody else; those answered at once count with 0",
    "wait_s": "mean wait in seconds of the answered and the abandoned together",
    "p_wait": "share of those offered who were not answered at the very instant",
    "abandonment": "abandoned / (answered + abandoned), short abandonments included",
    "aht_s": "mean of talk and wrap-up together, in seconds, over finished work",
    "occupancy": "(busy + wrap-up) / (busy + wrap-up + open offer + available) of "
    "agents' time, where agents who finish after their shift still count as busy; of "
    "a queue: of all agents of the house",
    "concurrency": "mean number of interactions at hand while an agent is busy",
    "mean_queue": "mean number waiting over all hours of the run",
    "continuity": "share of the answered with an owner whom the owner answered",
    "handoff_continuity": "the same of handoffs alone",
    "deflection": "share of what bots answered that needed nobody else; of a stream: "
    "share of the answered that a bot finished",
    "handoffs": "came as the successor of a handoff",
    "handed_off": "went on over another channel",
    "transferred": "went to another queue after service",
    "transferred_in": "came by transfer from another queue",
    "overflowed_in": "came while waiting, from a queue in which they had waited too long",
    "overflowed_out": "went to another queue while waiting",
    "dead_lettered": "given up by the policy after too many tries",
    "arrived": "reached out: first attempts, retries, repeats, callbacks, successors",
    "retried": "of the arrived: came back after a failed attempt",
    "further_wait_s": "mean further wait in seconds after a transfer",
    "signed_in_h": "hours at work by run, work after the shift included",
    "work_h": "hours busy or in wrap-up by run",
    "at_work": "mean number of agents at work",
    "busy": "mean number of agents busy or in wrap-up",
    "cost": "hours at work times their cost",
}
"""What each figure means, as reports print it."""

SERIES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "pair": (
        "offered", "answered", "abandoned", "service_level", "asa_s", "wait_s",
        "abandonment", "mean_queue",
    ),
    "stream": (
        "arrived", "offered", "answered", "abandoned", "service_level", "asa_s",
        "wait_s", "abandonment", "mean_queue",
    ),
    "staff": ("occupancy", "at_work", "busy"),
    "house": (
        "offered", "answered", "abandoned", "service_level", "asa_s", "wait_s",
        "abandonment", "mean_queue", "occupancy", "at_work", "busy",
    ),
}  # fmt: skip
"""The figures that are kept by interval. Of pairs and staff, what happened in it; of
streams, what became of those who arrived in it."""


def queues_of(layout: Layout) -> tuple[str, ...]:
    """The queues, in the order of their first pair."""
    return tuple(dict.fromkeys(queue for queue, _ in layout.pairs))


def names_of(kind: Kind, layout: Layout) -> tuple[str, ...]:
    """What the things of a kind are called."""
    match kind:
        case "queue":
            return queues_of(layout)
        case "pair":
            return tuple(f"{queue} / {channel}" for queue, channel in layout.pairs)
        case "stream":
            return layout.streams
        case "staff":
            return layout.staff
        case "house":
            return ("all",)


def queue_groups(layout: Layout) -> Sums:
    """[queue, pair]: 1 where the pair is of the queue."""
    return np.array(
        [[float(q == queue) for q, _ in layout.pairs] for queue in queues_of(layout)]
    ).reshape(-1, len(layout.pairs))


def stream_groups(layout: Layout) -> Sums:
    """[pair, stream]: 1 where the stream arrives at the pair."""
    at = list(zip(layout.stream_queues, layout.stream_channels, strict=True))
    return np.array(
        [[float(pair == where) for where in at] for pair in layout.pairs]
    ).reshape(len(layout.pairs), -1)
