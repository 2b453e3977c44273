"""Compiling ahead: whatever Python calls of the compiled engine is there before anybody
waits for it.

Called once, before a router serves. With an empty cache it takes more than a minute,
after that well below a second; a function that is left out here would stop the loop for
as long as it compiles, in the middle of the day that first needs it. Works on a floor of
its own.
"""

import numpy as np

from router.engine import entry, explain
from router.engine.engine import Engine
from router.engine.floor import new_floor
from router.engine.joint import offer_pairs, prepare
from router.engine.kinds import Order
from router.engine.settle import forget_changes
from router.engine.tables import EVENT, Floor
from router.measures import Measures


def warm_up() -> None:
    """Compile (or load) what deciding, replaying, joint rounds, questions and measures
    need.
    """
    Engine()  # links what is linked by name
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
