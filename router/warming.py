"""Compiling ahead: whatever Python calls of the compiled engine is there before anybody
waits for it.

Called once, before a router serves. With an empty cache it takes more than a minute,
after that well below a second; a function that is left out here would stop the loop for
as long as it compiles, in the middle of the day that first needs it. Works on a floor of
its own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import event

from router.engine import entry, explain
from router.engine.floor import new_floor
from router.engine.joint import offer_pairs, prepare
from router.engine.kinds import Order
from router.engine.linking import link
from router.engine.settle import forget_changes
from router.engine.tables import EVENT, Floor
from router.measures import Measures

FUNCTIONS = 560
"""About as many are compiled where the cache is empty."""
EVERY = 80


def warm_up(say: Callable[[str], None]) -> None:
    """Compile (or load) what deciding, replaying, joint rounds, questions and measures
    need. `say` is told now and then how far it is, where it takes long.
    """
    progress = Progress(say)
    event.register("numba:compile", progress)
    try:
        _warm_up()
    finally:
        event.unregister("numba:compile", progress)


class Progress(event.Listener):
    """Counts what is compiled; what comes from the cache is not."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._count = 0

    def on_start(self, what: Any) -> None:
        pass

    def on_end(self, what: Any) -> None:
        self._count += 1
        if self._count % EVERY == 0:
            self._say(
                "compiling the engine, once after an installation or an upgrade: "
                f"{self._count} of about {FUNCTIONS} functions"
            )


def _warm_up() -> None:
    link()
    floor = new_floor(agents=1, interactions=1, conversations=1, customers=1)
    explain.warm_up(floor)
    _doors(floor)
    round_ = prepare(floor, 0)
    forget_changes(floor)
    offer_pairs(floor, round_, round_.solved(), 0, 0, lambda: None)
    measures = Measures()
    measures.start_from(floor)
    measures.fold(np.zeros(1, EVENT))
    measures.close(0)


def _doors(floor: Floor) -> None:
    nothing = np.zeros(0, EVENT)
    entry.highest(nothing)
    entry.replay(floor, nothing)
    entry.wakeup(floor)
    entry.give(floor, int(Order.TICK), 0)
    entry.give_all(floor)
