"""How many come in a day, when days are busier by chance; nobody is served here."""

from simulator.reference.quantities import Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, written

AGENTS_ENOUGH = 50


def recognises(case: Case) -> bool:
    """Whether only arrivals are known, by the day."""
    return any(key.endswith("_per_day") for key in case.parameters)


def build(case: Case, parameters: Parameters) -> Setup:
    """A day of arrivals and agents who are done with each at once."""
    key = next(key for key in case.parameters if key.endswith("_per_day"))
    mean = parameters.number(key)
    setup = Setup(kind="days")
    setup.queue("Line")
    arrivals = {"per_hour": mean / 24, **busyness(parameters)}
    setup.demand["Line"] = {
        "queue": "Line",
        "channel": "voice",
        "arrivals": arrivals,
        "handle": written(0.001),
    }
    setup.pool("Agents", AGENTS_ENOUGH)
    setup.classes = [["Line"]]
    setup.per_unit = mean
    setup.every_ms = 86_400_000
    setup.ends_ms = 86_400_000
    return setup


def busyness(parameters: Parameters) -> dict[str, object]:
    """The random factor of a day, as arrivals write it."""
    for key in ("gamma_shape", "busyness_gamma_shape"):
        if parameters.has(key):
            shape = parameters.number(key)
            return {"day_factor": {"gamma_shape": shape, "shared": True}}
    for key in ("lognormal_sd", "busyness_sd", "day_factor_sd"):
        if parameters.has(key):
            return {"day_factor": {"sd": parameters.number(key), "shared": True}}
    if parameters.has("exactly") or parameters.has("fixed_count"):
        return {"exactly": bool(parameters.get("exactly", "fixed_count"))}
    said = parameters.get("busyness")
    if said is None:
        return {}
    words = str(said).casefold()
    if words.startswith("gamma(") and "one per day" in words:
        shape = float(words[len("gamma(") :].split(",")[0].rstrip(")"))
        return {"day_factor": {"gamma_shape": shape, "shared": True}}
    raise NotExpressed(f'the busyness "{said}" is not understood')
