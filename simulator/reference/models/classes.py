"""Several classes, one pool or several: V, N, W, X and whatever else skills allow.

Priorities are never preemptive here, for nobody is taken out of a conversation. Within a
class the oldest goes first.
"""

from typing import Any

from simulator.reference.formulas import published
from simulator.reference.models.single import (
    by_letter,
    service_mean,
    set_patience,
    set_service,
)
from simulator.reference.preferences import preferences
from simulator.reference.quantities import (
    AGENTS,
    PATIENCE,
    SERVICE,
    WITHIN,
    Parameters,
)
from simulator.reference.reading import Case
from simulator.reference.routing import class_orders, pool_orders
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, mean_s, random_time


def recognises(case: Case) -> bool:
    """Whether rates come as a list, one for each class."""
    try:
        rates = Parameters(case.parameters).rates_per_hour()
    except NotExpressed:
        return False
    several = len(rates) > 1 or "pools" in case.parameters
    return several and (
        "pools" in case.parameters
        or isinstance(case.parameters.get("agents"), int)
        or case.group == "staffing"
    )


def build(case: Case, parameters: Parameters) -> Setup:
    """The case with a queue a class and a staff entry a pool."""
    rates = parameters.rates_per_hour()
    classes = len(rates)
    pools = _pools(case, parameters, classes)
    said = " ".join(
        [case.model, *(str(parameters.get(key, default="")) for key in _WORDS)]
    ).casefold()
    if "preempt" in said.replace("non-preempt", "").replace("nonpreempt", ""):
        raise NotExpressed(
            "the engine takes nobody out of a conversation: not preemptive"
        )
    within = _seconds_list(parameters, classes)
    skills = [pool["skills"] for pool in pools]
    if len(pools) == 1 and "fcfs" not in said and "fifo order" not in said:
        orders = pool_orders([list(range(classes))], said)
    else:
        orders = pool_orders(skills, said)
    chosen = preferences(classes, class_orders(skills, classes, said), orders)

    setup = Setup()
    setup.skills = [f"class {k + 1}" for k in range(classes)]
    own = parameters.times(SERVICE, classes)
    patience = parameters.times(PATIENCE, classes)
    services: list[float] = []
    patiences: list[float] = []
    for k in range(classes):
        service = own[k] or _any_service(pools, k)
        name = f"Class {k + 1}"
        stream: dict[str, Any] = {"queue": name, "channel": "voice"}
        stream["arrivals"] = {"per_hour": rates[k]}
        rules = set_service(stream, by_letter(service, ""))
        if patience[k] is not None:
            set_patience(stream, patience[k])
        by = {
            _pool_name(p): random_time(pool["service"][pool["skills"].index(k)])
            for p, pool in enumerate(pools)
            if pool["service"] is not None and k in pool["skills"]
        }
        if by:
            stream["handle_by"] = by
        needs = {"all_of": {setup.skills[k]: 1}}
        priority = chosen.priorities[k]
        setup.queue(name, within[k], needs=needs, priority=priority, **rules)
        setup.demand[name] = stream
        setup.classes.append([name])
        services.append(service_mean(service))
        patiences.append(mean_s(patience[k]) if patience[k] else 0.0)
    for p, pool in enumerate(pools):
        levels = {setup.skills[k]: chosen.levels[k, p] for k in pool["skills"]}
        setup.pool(_pool_name(p), pool["agents"], skills=levels)
    setup.per_hour = sum(rates)
    patience_s = max(patiences) if all(patiences) else 0.0
    setup.settles_after(
        max(services), patience_s, sum(pool["agents"] for pool in pools)
    )
    if case.group == "staffing":
        setup.figures["computed"] = published(
            said,
            [pool["agents"] for pool in pools],
            parameters.get("cost", "costs"),
            rates,
            [(own[k] or _any_service(pools, k), patience[k]) for k in range(classes)],
            within[0],
        )
    return setup


_WORDS = ("routing", "priority", "priorities", "rule", "policy", "discipline")


def _pool_name(place: int) -> str:
    return f"Pool {place + 1}"


def _pools(case: Case, parameters: Parameters, classes: int) -> list[dict[str, Any]]:
    """Pools with `skills` (classes from 0), `agents` and `service` by skill, or None."""
    listed = parameters.get("pools")
    if listed is None and case.group == "staffing":
        return _published_staffing(case, parameters, classes)
    if listed is None:
        agents = parameters.whole(*AGENTS)
        return [{"skills": list(range(classes)), "agents": agents, "service": None}]
    found = []
    for pool in listed:
        inner = Parameters(pool)
        skills = [int(skill) - 1 for skill in inner.get("skills", "classes", "types")]
        if not skills or min(skills) < 0 or max(skills) >= classes:
            raise NotExpressed(f"the pool {pool} has skills that are no class")
        service = None
        if any(stem in key for key in pool for stem in SERVICE):
            service = inner.times(SERVICE, len(skills))
        agents = inner.whole(*AGENTS)
        if inner.unread():
            raise NotExpressed(f"of a pool, {inner.unread()[0]} is not understood")
        found.append({"skills": skills, "agents": agents, "service": service})
    return found


def _published_staffing(
    case: Case, parameters: Parameters, classes: int
) -> list[dict[str, Any]]:
    """The agents that a case claims to be the best: specialists, then generalists."""
    agents = case.outputs.get("agents")
    parameters.get("cost", "service_level")
    if not isinstance(agents, list) or len(agents) != classes + 1:
        raise NotExpressed("its agents are not one number a class and the generalists")
    skills = [[k] for k in range(classes)] + [list(range(classes))]
    return [
        {"skills": able, "agents": count, "service": None}
        for able, count in zip(skills, agents, strict=True)
    ]


def _any_service(pools: list[dict[str, Any]], k: int) -> dict[str, Any]:
    for pool in pools:
        if pool["service"] is not None and k in pool["skills"]:
            found: dict[str, Any] = pool["service"][pool["skills"].index(k)]
            return found
    raise NotExpressed(f"no parameter says how long class {k + 1} takes")


def _seconds_list(parameters: Parameters, classes: int) -> list[float | None]:
    for key in ("awt_s", "within_s"):
        value = parameters.get(key)
        if isinstance(value, list):
            return [float(one) for one in value]
    if any(
        f"{stem}_{unit}" in parameters.values
        for stem in WITHIN
        for unit in ("s", "min")
    ):
        return [parameters.seconds(WITHIN)] * classes
    return [None] * classes
