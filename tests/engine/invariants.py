"""What must be true of a floor after every step, whatever has happened before.

Written in plain loops over the tables, on purpose slower and simpler than the engine.
It must never change the floor. Each complaint is a sentence; no complaint, no fault.
"""

from collections.abc import Iterator

from router.engine.eligibility import agent_rule, rule_against
from router.engine.floor import differences
from router.engine.kinds import Rule
from router.engine.lifecycle import PRESENT
from router.engine.tables import NEVER, NOBODY
from router.model.interaction import Flag, State


def faults(engine, *, capacity_shrank=False):
    """Everything that is wrong with the engine's floor just now, as sentences."""
    floor = engine.floor
    found = [*_loads(floor), *_deadlines(floor), *_lines(floor)]
    if not capacity_shrank:
        found += _overloads(floor)
    due = engine.next_wakeup()
    settled = (
        int(floor.rules[0].round_window_ms) == 0 and not engine.machine.round_is_out
    )
    # What is due now has not happened yet: nobody can have been paired after it.
    if settled and (due is None or due > engine.now):
        found += _pairs_left(floor, engine.now)
    return found


def faults_of_replay(engine, replayed):
    """Where a floor that was made from the batches alone differs from the live one."""
    found = [
        f"replay differs in table {table}"
        for table in differences(engine.floor, replayed.floor)
    ]
    if sorted(engine.names.entries()) != sorted(replayed.names.entries()):
        mine, theirs = set(engine.names.entries()), set(replayed.names.entries())
        found.append(f"replay differs in names: {sorted(mine ^ theirs)}")
    if engine.requests.entries() != replayed.requests.entries():
        found.append("replay differs in answered requests")
    return found


def _used(floor):
    return [
        i for i in range(int(floor.house[0].interactions)) if floor.interactions[i].used
    ]


def _agents(floor):
    return [a for a in range(len(floor.roster)) if floor.agents[a].signed_in_at > 0]


def _work(floor):
    """What each agent has been offered or holds, by agent."""
    held = {}
    for i in _used(floor):
        interaction = floor.interactions[i]
        if interaction.state in (State.OFFERED, State.ACTIVE, State.WRAPPING):
            held.setdefault(int(interaction.agent), []).append(interaction)
    return held


def _loads(floor) -> Iterator[str]:
    """Used capacity is the sum over what is offered and held, set-aside work excepted."""
    held = _work(floor)
    for a in _agents(floor):
        agent, work = floor.agents[a], held.get(a, [])
        counted = [x for x in work if not x["marks"] & Flag.INTERRUPTED]
        live = [x for x in work if x.state != State.OFFERED]
        gives_way = [
            x
            for x in counted
            if x.state == State.ACTIVE and floor.channel_rules[x.channel].interruptible
        ]
        sums = {
            "load": sum(int(x.weight) for x in counted),
            "interruptible_load": sum(int(x.weight) for x in gives_way),
            "open_offers": len(work) - len(live),
            "live": len(live),
        }
        for name, expected in sums.items():
            if expected != int(agent[name]):
                yield f"agent {a}: {name} is {agent[name]}, their work says {expected}"
        for channel in range(len(agent.channel_load)):
            expected = sum(1 for x in work if x.channel == channel)
            if expected != int(agent.channel_load[channel]):
                yield (
                    f"agent {a}: {agent.channel_load[channel]} of channel {channel} "
                    f"are counted, their work says {expected}"
                )


def _overloads(floor) -> Iterator[str]:
    for a in _agents(floor):
        agent, roster = floor.agents[a], floor.roster[a]
        if not 0 <= agent.load <= roster.capacity:
            yield f"agent {a}: load {agent.load} of {roster.capacity}"
        for channel, taken in enumerate(agent.channel_load):
            if taken > roster.limit[channel]:
                yield f"agent {a}: {taken} of channel {channel} at once"


def _deadlines(floor) -> Iterator[str]:
    """Nothing sticks: whoever is present is in the heap once, whoever has ended is not."""
    armed = floor.timers[: int(floor.house[0].timers)].tolist()
    if len(armed) != len(set(armed)):
        yield f"a subject has two timers: {sorted(armed)}"
    for i in _used(floor):
        interaction = floor.interactions[i]
        present = interaction.state in PRESENT
        if present != (armed.count(i) == 1) or present != (interaction.due_at < NEVER):
            state = State(int(interaction.state)).name
            yield f"interaction {i} is {state} and has {armed.count(i)} timers"


def _lines(floor) -> Iterator[str]:
    """Each line holds exactly those who wait in it, oldest first."""
    waiting: dict[int, list[int]] = {}
    for i in _used(floor):
        if floor.interactions[i].state == State.QUEUED:
            waiting.setdefault(int(floor.interactions[i].line), []).append(i)
    for line in range(len(floor.heads)):
        listed, i = [], int(floor.heads[line].first)
        while i != NOBODY and len(listed) <= len(floor.interactions):
            listed.append(i)
            i = int(floor.interactions[i].next)
        by_age = sorted(
            waiting.get(line, []),
            key=lambda i: (
                floor.interactions[i].enqueued_at,
                floor.interactions[i].serial,
            ),
        )
        if by_age != listed:
            yield f"line {line} holds {listed}, by age it should be {by_age}"


def _pairs_left(floor, now) -> Iterator[str]:
    ready = [a for a in _agents(floor) if agent_rule(floor, a) == Rule.NONE]
    for i in _used(floor):
        if floor.interactions[i].state != State.QUEUED:
            continue
        for a in ready:
            if rule_against(floor, i, a, now) == Rule.NONE:
                yield f"interaction {i} waits though agent {a} could take it"
