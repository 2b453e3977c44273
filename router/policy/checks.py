"""What only the whole policy can tell: names that exist, overflows that end, ids once.

The checks read plain values in the shape of the file, and skip what has the wrong
shape: so they also run on a file whose fields are not all right, and every problem
comes out at once. They must never change what they read.
"""

import unicodedata
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from router.policy.fields import CHANNEL_BY_NAME
from router.policy.problem import Finding, Path
from router.policy.suggest import listed, meant

RESERVED_REASONS: Final = ("missed offer", "lost", "signed out")
"""Presence reasons that the router itself gives."""

KEYWORDS: Final = {"overflow": "refuse", "on_max_wait": "dead_letter"}
"""What may stand in place of a queue's name, by key; no queue may have such a name."""

KEY: Final = "@"
"""At the end of a pattern: the names are the keys themselves."""

USES: Final = (
    ("skills", "skills", f"agents.*.skills.{KEY}"),
    ("skills", "skills", f"queues.*.needs.all_of.{KEY}"),
    ("skills", "skills", f"queues.*.needs.any_of.*.{KEY}"),
    ("skills", "skills", f"queues.*.needs.none_of.{KEY}"),
    ("skills", "skills", "queues.*.relaxation.*.drop.*"),
    ("skills", "skills", f"queues.*.relaxation.*.lower.{KEY}"),
    ("skills", "skills", f"queues.*.relaxation.*.add.{KEY}"),
    ("skills", "skills", f"queues.*.relaxation.*.add.*.{KEY}"),
    ("groups", "groups", "agents.*.groups.*"),
    ("groups", "groups", "queues.*.groups.*"),
    ("groups", "groups", "queues.*.relaxation.*.groups.*"),
    ("queues", "queues", "queues.*.relaxation.*.queues.*"),
    ("queues", "queues", "queues.*.overflow"),
    ("queues", "queues", "queues.*.on_max_wait"),
    ("channels", "channels", f"agents.*.limits.{KEY}"),
    ("channels", "channels", "agents.*.prefers.*"),
    ("reasons", "presence_reasons", "queues.*.missed_offer.reason"),
)
"""Where names are used: (what to call them, where they are declared, the places)."""


def findings_in(policy: dict[str, Any]) -> list[Finding]:
    """Everything wrong between the parts of a policy, given as its file has them."""
    return [
        *_unknown_names(policy),
        *_reserved_names(policy),
        *_repeated_ids(policy),
        *_self_widening(policy),
        *_circles(policy),
    ]


def places(
    value: Any, pattern: list[str], path: Path = ()
) -> Iterator[tuple[Path, Any]]:
    """The path and value of everything that `pattern` fits; "*" is any child."""
    if not pattern:
        yield path, value
        return
    step, rest = pattern[0], pattern[1:]
    if step in ("*", KEY):
        children: Any = ()
        if isinstance(value, dict):
            children = value.items()
        elif isinstance(value, list) and step == "*":
            children = enumerate(value)
        for key, child in children:
            yield from places(child, rest, (*path, key))
    elif isinstance(value, dict) and step in value:
        yield from places(value[step], rest, (*path, step))


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _declared(policy: dict[str, Any], where: str) -> set[str] | None:
    """The names declared under a key; None if it has the wrong shape."""
    if where == "channels" and where not in policy:
        return set(CHANNEL_BY_NAME)
    names = policy.get(where, [])
    if not isinstance(names, dict | list):
        return None
    known = {_same(name) for name in names if isinstance(name, str)}
    return known.union(RESERVED_REASONS) if where == "presence_reasons" else known


def _unknown_names(policy: dict[str, Any]) -> Iterator[Finding]:
    declared = {where: _declared(policy, where) for _, where, _ in USES}
    for kind, where, pattern in USES:
        known = declared[where]
        if known is None:
            continue
        keyword = KEYWORDS.get(pattern.rpartition(".")[2])
        choices = known | {keyword} if keyword else known
        for path, value in places(policy, pattern.split(".")):
            name = path[-1] if pattern.endswith(KEY) else value
            if not isinstance(name, str) or not name or _same(name) in choices:
                continue
            if where == "channels" and name not in CHANNEL_BY_NAME:
                continue  # the field itself complains
            yield Finding(
                path,
                value,
                f'"{name}" is not among the {kind} of this policy',
                allowed=listed(choices),
                suggestion=meant(name, choices),
            )


def _reserved_names(policy: dict[str, Any]) -> Iterator[Finding]:
    for path, reason in places(policy, ["presence_reasons", "*"]):
        if reason in RESERVED_REASONS:
            yield Finding(path, reason, "is a reason of the router's own: leave it out")
    for path, queue in places(policy, ["queues", KEY]):
        if path[-1] in KEYWORDS.values():
            message = f'a queue cannot be called "{path[-1]}": the word has a meaning'
            yield Finding(path, queue, message)


def _repeated_ids(policy: dict[str, Any]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for path, agent_id in places(policy, ["agents", "*", "id"]):
        if not isinstance(agent_id, str):
            continue
        before = first.setdefault(_same(agent_id), path)
        if before != path:
            message = f"is the id of agents[{before[1]}] already"
            yield Finding(path, agent_id, message, allowed="each id once")


def _self_widening(policy: dict[str, Any]) -> Iterator[Finding]:
    for path, name in places(policy, "queues.*.relaxation.*.queues.*".split(".")):
        if name == path[1]:
            yield Finding(
                path, name, "is the queue itself: name another, or leave it out"
            )


def _circles(policy: dict[str, Any]) -> Iterator[Finding]:
    """Overflows and longest waits that lead back to where they began.

    Both are looked at together: a queue that overflows into one whose longest wait
    leads back would pass an interaction to and fro for ever.
    """
    onward: dict[tuple[Any, Any], Path] = {}
    for key, keyword in KEYWORDS.items():
        for path, name in places(policy, ["queues", "*", key]):
            if isinstance(name, str) and name != keyword:
                onward.setdefault((path[1], name), path)
    while True:
        graph: dict[Any, set[Any]] = {}
        for start, end in onward:
            graph.setdefault(start, set()).add(end)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as circle:
            # graphlib lists a circle against its arrows, the first queue at both ends.
            round_trip = list(reversed(circle.args[1]))
            edge = (round_trip[0], round_trip[1])
            path = onward.pop(edge)
            route = " → ".join(round_trip)
            yield Finding(path, edge[1], f"leads round in a circle: {route}")
        else:
            return
