"""The second floor laid beside the engine's: do they tell of the same floor?

Part of `checker`. The engine keeps sums and lists; here every number is counted anew
from plain objects, so that a sum that has drifted is found. It only reads.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from router.engine.kinds import Table
from router.engine.tables import CHANNELS, NOBODY, Floor
from router.journal.second_floor import (
    HELD,
    PRESENT,
    SecondAgent,
    SecondFloor,
    SecondInteraction,
)
from router.model.interaction import State


def differing(second: SecondFloor, floor: Floor) -> Iterator[str]:
    """One sentence for each thing in which the two floors differ."""
    house = floor.house[0]
    here = {
        "sequence": second.sequence,
        "policy_version": second.policy_version,
        "waiting": sum(x.state == State.QUEUED for x in second.interactions.values()),
        "signed_in": sum(a.signed_in for a in second.agents.values()),
    }
    yield from _unlike("the house", here, house)
    used = {row for row in range(int(house.interactions)) if _used(floor, row)}
    if used != set(second.interactions):
        yield f"interactions {sorted(used ^ set(second.interactions))} are on one only"
    for row in sorted(used & set(second.interactions)):
        x = second.interactions[row]
        yield from _unlike(f"{x}", _told_of(x), floor.interactions[row])
    for row, agent in second.agents.items():
        if row < len(floor.agents):
            told = _told_of_agent(second, agent)
            yield from _unlike(f"agent {row}", told, floor.agents[row])
    yield from _queues(second, floor)
    yield from _customers(second, floor)


def _customers(second: SecondFloor, floor: Floor) -> Iterator[str]:
    book = second.book
    here = {
        row for row in range(int(floor.house[0].conversations))
        if floor.conversations[row].used
    }  # fmt: skip
    if here != set(book.conversations):
        yield f"conversations {sorted(here ^ set(book.conversations))} are on one only"
    for row in sorted(here & set(book.conversations)):
        v = book.conversations[row]
        told = {
            "customer": v.customer, "version": v.version, "owner": v.owner,
            "owned_since": v.owned_since, "interactions": len(v.interactions),
        }  # fmt: skip
        yield from _unlike(f"conversation {row}", told, floor.conversations[row])
    known = {
        row for row in range(int(floor.house[0].customers)) if floor.customers[row].used
    }
    if known != set(book.customers):
        yield f"customers {sorted(known ^ set(book.customers))} are on one only"
    for row in sorted(known & set(book.customers)):
        c = book.customers[row]
        told = {
            "marks": int(c.marks), "merged_into": c.merged_into, "team": c.team,
            "last_agent": c.last_agent, "last_agent_at": c.last_agent_at,
            "account_owner": c.account_owner, "live": len(c.company),
            "granted": sum(1 << purpose for purpose in c.granted),
            "withdrawn": sum(1 << purpose for purpose in c.withdrawn),
        }  # fmt: skip
        yield from _unlike(f"customer {row}", told, floor.customers[row])
    for row, agent in second.agents.items():
        if row < len(floor.agents):
            owned = {"owned": len(book.owned_by(agent.row))}
            yield from _unlike(f"agent {row}", owned, floor.agents[row])


def _used(floor: Floor, row: int) -> bool:
    return bool(floor.interactions[row].used)


def _unlike(what: str, here: dict[str, Any], there: Any) -> Iterator[str]:
    for name, value in here.items():
        engine = there[name]
        if hasattr(engine, "tolist"):
            engine = engine.tolist()
        if engine != value:
            yield f"{what}: {name} is {value} by counting, {engine} on the floor"


def _told_of(x: SecondInteraction) -> dict[str, Any]:
    told: dict[str, Any] = {
        "state": int(x.state),
        "channel": x.channel,
        "line": x.line,
        "queue": x.queue,
        "weight": x.weight,
        "state_at": x.state_at,
    }
    if x.state in PRESENT:
        told |= {
            "step": x.step,
            "agent": x.agent,
            "enqueued_at": x.since,
            "queued_at": x.queued_at,
            "attempts": x.attempts,
            "owner": x.owner,
            "hold_until": x.hold_until,
            "source": x.source,
            "weighed_until": x.weighed_until,
            "conversation": x.conversation,
            "customer": x.customer,
            "companion": x.companion,
            "companion_since": x.companion_since,
            "opened": int(x.opened),
            "not_before": x.not_before,
            "context": x.context,
        }
    told |= {
        "predecessor": x.predecessor,
        "relation": x.relation,
        "successor": x.successors[0] if x.successors else NOBODY,
    }
    if x.state in HELD:
        told |= {"deadline": x.deadline, "due_at": x.deadline}
    return told


def _told_of_agent(second: SecondFloor, agent: SecondAgent) -> dict[str, Any]:
    rules = second.rules

    def is_(x: SecondInteraction, what: str) -> bool:
        return bool(rules.get(Table.CHANNEL_RULES, x.channel, what))

    work = agent.work.values()
    return {
        "signed_in": int(agent.signed_in),
        "reachable": int(agent.reachable),
        "presence": agent.presence,
        "requested": agent.requested,
        "load": agent.load(),
        "open_offers": agent.open_offers(),
        "live": agent.live(),
        "channel_load": [agent.on_channel(c) for c in range(CHANNELS)],
        "exclusive": sum(is_(x, "exclusive") for x in work),
        "interruptible_load": sum(
            x.weight
            for x in work
            if x.state == State.ACTIVE and not x.interrupted and is_(x, "interruptible")
        ),
    }


def _queues(second: SecondFloor, floor: Floor) -> Iterator[str]:
    counts = {row: Counter[str]() for row in second.rules.tables[Table.QUEUE_RULES]}
    columns = {
        State.QUEUED: "waiting",
        State.OFFERED: "offered",
        State.ACTIVE: "active",
        State.WRAPPING: "active",
    }
    for x in second.interactions.values():
        if x.state in PRESENT and x.queue in counts:
            counts[x.queue][columns[x.state]] += 1
    for row, count in counts.items():
        here = {name: count[name] for name in ("waiting", "offered", "active")}
        yield from _unlike(f"queue {row}", here, floor.queues[row])
