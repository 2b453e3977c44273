"""What only the whole policy can tell: names that exist, overflows that end, ids once.

The checks read plain values in the shape of the file, and skip what has the wrong
shape: so they also run on a file whose fields are not all right, and every problem
comes out at once. They must never change what they read.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from router.policy.customers import CALLBACK, PROACTIVE
from router.policy.fields import CHANNEL_BY_NAME
from router.policy.naming import KEY, places, repeated_names, same, unknown_names
from router.policy.problem import Finding, Path
from router.policy.suggest import listed, meant

RESERVED_REASONS: Final = ("missed offer", "lost", "signed out")
"""Presence reasons that the router itself gives."""

GIVEN: Final[dict[str, tuple[str, ...]]] = {
    "presence_reasons": RESERVED_REASONS,
    "preference.purposes": (CALLBACK, PROACTIVE),
}
"""Names that are there without being declared."""

KEYWORDS: Final = {"overflow": "refuse", "on_max_wait": "dead_letter"}
"""What may stand in place of a queue's name, by key; no queue may have such a name."""

DECLARED: Final = {
    "request": "attributes",
    "customer": "customer",
    "conversation": "conversation",
}
"""Whose named values a policy may declare, and where a rule's `match` asks for them."""

USES: Final = (
    ("skills", "skills", f"agents.*.skills.{KEY}"),
    ("skills", "skills", f"queues.*.needs.all_of.{KEY}"),
    ("skills", "skills", f"queues.*.needs.any_of.*.{KEY}"),
    ("skills", "skills", f"queues.*.needs.none_of.{KEY}"),
    ("skills", "skills", "queues.*.relaxation.*.drop.*"),
    ("skills", "skills", f"queues.*.relaxation.*.lower.{KEY}"),
    ("skills", "skills", f"queues.*.relaxation.*.add.{KEY}"),
    ("skills", "skills", f"queues.*.relaxation.*.add.*.{KEY}"),
    ("skills", "skills", f"intake.rules.*.then.needs.all_of.{KEY}"),
    ("skills", "skills", f"intake.rules.*.then.needs.any_of.*.{KEY}"),
    ("skills", "skills", f"intake.rules.*.then.needs.none_of.{KEY}"),
    ("skills", "skills", f"languages.skills.*.{KEY}"),
    ("groups", "groups", "agents.*.groups.*"),
    ("groups", "groups", "queues.*.groups.*"),
    ("groups", "groups", "queues.*.relaxation.*.groups.*"),
    ("queues", "queues", "queues.*.relaxation.*.queues.*"),
    ("queues", "queues", "queues.*.overflow"),
    ("queues", "queues", "queues.*.on_max_wait"),
    ("queues", "queues", "intake.default_queue"),
    ("queues", "queues", "intake.rules.*.match.queue"),
    ("queues", "queues", "intake.rules.*.match.queue.*"),
    ("queues", "queues", "intake.rules.*.then.queue"),
    ("queues", "queues", "proactive.rules.*.queue"),
    ("channels", "channels", f"agents.*.limits.{KEY}"),
    ("channels", "channels", "agents.*.prefers.*"),
    ("channels", "channels", "intake.rules.*.match.channel"),
    ("channels", "channels", "intake.rules.*.match.channel.*"),
    ("channels", "channels", "proactive.rules.*.channels"),
    ("channels", "channels", "proactive.rules.*.channels.*"),
    ("opening hours", "hours", "intake.rules.*.match.hours"),
    ("opening hours", "hours", "intake.rules.*.match.outside_hours"),
    ("languages", "languages.accepted", "queues.*.languages"),
    ("languages", "languages.accepted", "queues.*.languages.*"),
    ("purposes", "preference.purposes", "proactive.rules.*.purpose"),
    ("reasons", "presence_reasons", "queues.*.missed_offer.reason"),
)
"""Where names are used: (what to call them, where they are declared, the places)."""


def findings_in(policy: dict[str, Any]) -> list[Finding]:
    """Everything wrong between the parts of a policy, given as its file has them."""
    return [
        *_unknown_names(policy),
        *_reserved_names(policy),
        *_repeated_ids(policy),
        *_repeated_rules(policy),
        *_undeclared_values(policy),
        *_self_widening(policy),
        *_circles(policy),
    ]


def _declared(policy: dict[str, Any], where: str) -> set[str] | None:
    """The names declared under a key; None if it has the wrong shape."""
    if where == "channels" and where not in policy:
        return set(CHANNEL_BY_NAME)
    names: Any = policy
    for step in where.split("."):
        names = names.get(step, []) if isinstance(names, dict) else None
    if isinstance(names, str) and where == "languages.accepted":
        names = [names]  # one may stand without its brackets
    if not isinstance(names, dict | list):
        return None
    known = {same(name) for name in names if isinstance(name, str)}
    return known.union(GIVEN.get(where, ()))


def _unknown_names(policy: dict[str, Any]) -> Iterator[Finding]:
    declared = {where: _declared(policy, where) for _, where, _ in USES}
    for kind, where, pattern in USES:
        known = declared[where]
        if known is None:
            continue
        keyword = KEYWORDS.get(pattern.rpartition(".")[2])
        choices = known | {keyword} if keyword else known
        # Of what is no channel at all, the field itself complains.
        only = CHANNEL_BY_NAME.keys() if where == "channels" else None
        among = f"{kind} of this policy"
        yield from unknown_names(policy, pattern, choices, among, only)


def _reserved_names(policy: dict[str, Any]) -> Iterator[Finding]:
    for path, reason in places(policy, ["presence_reasons", "*"]):
        if reason in RESERVED_REASONS:
            yield Finding(path, reason, "is a reason of the router's own: leave it out")
    for path, queue in places(policy, ["queues", KEY]):
        if path[-1] in KEYWORDS.values():
            message = f'a queue cannot be called "{path[-1]}": the word has a meaning'
            yield Finding(path, queue, message)


def _repeated_ids(policy: dict[str, Any]) -> Iterator[Finding]:
    yield from repeated_names(
        policy,
        "agents.*.id",
        lambda before: f"is the id of agents[{before[1]}] already",
        allowed="each id once",
    )


def _repeated_rules(policy: dict[str, Any]) -> Iterator[Finding]:
    for section in ("intake", "proactive"):
        yield from repeated_names(
            policy,
            f"{section}.rules.*.name",
            lambda before: f"is the name of {before[0]}.rules[{before[2]}] already",
            allowed="each name once",
        )


def _undeclared_values(policy: dict[str, Any]) -> Iterator[Finding]:
    """Values that rules ask for by name, where the policy says which there are."""
    for whose, key in DECLARED.items():
        declared = list(places(policy, ["intake", "declared", whose, "*"]))
        known = {same(name) for _, name in declared if isinstance(name, str)}
        if not known:
            continue
        known |= {
            path[-1]
            for path, _ in places(policy, f"intake.rules.*.then.set.{KEY}".split("."))
            if whose == "request" and isinstance(path[-1], str)
        }
        for path, value in _asked(policy, whose, key):
            name = str(path[-1]) if path[-1] != "owner_from" else value.split(".", 1)[1]
            if same(name) not in known:
                yield Finding(
                    path,
                    value,
                    f'"{name}" is not among the values declared of a {whose}',
                    allowed=listed(known),
                    suggestion=meant(name, known),
                )


def _asked(policy: dict[str, Any], whose: str, key: str) -> Iterator[tuple[Path, Any]]:
    yield from places(policy, f"intake.rules.*.match.{key}.{KEY}".split("."))
    if whose == "customer":
        yield from places(policy, f"proactive.rules.*.customer.{KEY}".split("."))
    for path, source in places(policy, "intake.rules.*.then.owner_from".split(".")):
        if isinstance(source, str) and source.startswith(f"{whose}."):
            yield path, source


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
