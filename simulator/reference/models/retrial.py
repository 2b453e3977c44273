"""Whoever does not get through tries again later.

Retries are a stream of their own, so that first attempts can be told apart.
"""

from typing import Any

from simulator.reference.models import single
from simulator.reference.quantities import Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed, as_spec, mean_s, random_time

AGAIN = "Line again"
REFUSED_WORDS = ("busy", "block", "refus", "full")


def recognises(case: Case) -> bool:
    """Whether some try again."""
    known = Parameters(case.parameters)
    return any(known.has(key) for key in ("retry_probability", "retrial_probability"))


def build(case: Case, parameters: Parameters) -> Setup:
    """The single queue of the case, and retries."""
    probability = parameters.number("retry_probability", "retrial_probability")
    delay = _delay(parameters)
    after = str(parameters.get("retry_after", "retry_on", default="")).casefold()
    patience = str(parameters.get("retry_patience", default="redraw"))
    setup = single.build(case, parameters)
    first = setup.demand["Line"]
    if "patience" not in first and "lines" not in setup.further:
        # Nobody gives up, so whoever fails has found all agents busy.
        setup.further["lines"] = setup.staff["Agents"]["agents"]
    ends = []
    if "patience" in first and not _says(after, REFUSED_WORDS):
        ends += ["abandoned", "balked"]
    if "lines" in setup.further and not _says(after, ("abandon",)):
        ends += ["refused"]
    if not ends:
        raise NotExpressed(f'nobody can fail "{after}", and so try again')
    first["retry"] = {
        "after": ends,
        "probability": probability,
        "delay": random_time(delay),
        "as": AGAIN,
        "patience": "keep" if "keep" in patience else "redraw",
        "handle": "redraw",
    }
    again: dict[str, Any] = dict(first)
    del again["arrivals"]
    setup.demand[AGAIN] = again
    setup.classes = [["Line", AGAIN]]
    setup.slowest_s = max(setup.slowest_s, mean_s(delay))
    setup.figures["fresh"] = ["Line"]
    return setup


def _says(after: str, words: tuple[str, ...]) -> bool:
    return any(word in after for word in words)


def _delay(parameters: Parameters) -> dict[str, Any]:
    """The time to the next attempt: an object, or a mean and perhaps a family beside it."""
    for stem in ("retry", "retrial"):
        said = parameters.get(f"{stem}_delay")
        if isinstance(said, dict):
            return as_spec(said)
        for mean in (f"{stem}_delay_mean", f"mean_{stem}_delay", f"{stem}_delay"):
            if any(key.startswith(f"{mean}_") for key in parameters.values):
                family = said if isinstance(said, str) else "exponential"
                return as_spec({"dist": family, "mean_s": parameters.seconds((mean,))})
        spec: dict[str, Any] | None = parameters.times((stem,))[0]
        if spec is not None:
            return spec
    raise NotExpressed("no parameter says how long until the next attempt")
