"""Which model writes which case: by parameters, and never by id."""

from collections.abc import Callable
from typing import Final

from simulator.reference.models import (
    busyness,
    callback,
    classes,
    concurrency,
    days,
    not_ready,
    ownership,
    retrial,
    shipped_days,
    shipped_weeks,
    single,
    transfer,
)
from simulator.reference.quantities import Parameters
from simulator.reference.reading import Case
from simulator.reference.setup import Setup
from simulator.reference.times import NotExpressed

Model = tuple[Callable[[Case], bool], Callable[[Case, Parameters], Setup]]

MODELS: Final[tuple[Model, ...]] = tuple(
    (model.recognises, model.build)
    for model in (
        shipped_weeks,
        shipped_days,
        days,
        busyness,
        transfer,
        retrial,
        callback,
        concurrency,
        not_ready,
        ownership,
        classes,
        single,
    )
)
"""What is asked first is more particular."""


def setup_of(case: Case) -> Setup:
    """The case as scenario and policy. Raises NotExpressed with the reason."""
    for recognises, build in MODELS:
        if recognises(case):
            parameters = Parameters(case.parameters)
            try:
                setup = build(case, parameters)
            except NotExpressed:
                raise
            except (KeyError, TypeError, ValueError, IndexError) as problem:
                raise NotExpressed(
                    f"its parameters are not understood: {problem!r}"
                ) from problem
            unread = parameters.unread()
            if unread:
                raise NotExpressed(
                    f"the parameter {', '.join(unread)} is not understood"
                )
            return setup
    raise NotExpressed(
        "no model is known for it: its parameters say neither one rate and a number of "
        "agents, nor anything of the families in simulator/reference/models"
    )
