"""The doors into the loop: `advance`, `listen` and the end of a run, called from Python.

Compiled code is handed two addresses, which is quick. With `NUMBA_DISABLE_JIT=1` the same
functions run as plain Python on the objects themselves; there the hashes of `streams`
overflow as they are meant to, and quietly.
"""

from collections.abc import Callable

import numba
import numpy as np

from router.engine.compiled_floor import floor_at
from router.engine.tables import Floor
from simulator.advance import advance, listen
from simulator.compiled import compiled
from simulator.counting import count_what_goes_on
from simulator.scene import Scene, scene_at


@compiled
def _advance_at(floor_address: int, scene_address: int, until: int) -> int:
    found: int = advance(floor_at(floor_address), scene_at(scene_address), until)
    return found


@compiled
def _listen_at(floor_address: int, scene_address: int) -> None:
    listen(floor_at(floor_address), scene_at(scene_address))


@compiled
def _stop_at(scene_address: int, now: int) -> None:
    count_what_goes_on(scene_at(scene_address), now)


def _go_on_compiled(floor: Floor, scene: Scene, until: int) -> int:
    return int(_advance_at(floor.address, scene.address, until))


def _hear_compiled(floor: Floor, scene: Scene) -> None:
    _listen_at(floor.address, scene.address)


def _stop_compiled(scene: Scene, now: int) -> None:
    _stop_at(scene.address, now)


@np.errstate(over="ignore")
def _go_on_plain(floor: Floor, scene: Scene, until: int) -> int:
    return int(advance(floor, scene, until))


@np.errstate(over="ignore")
def _hear_plain(floor: Floor, scene: Scene) -> None:
    listen(floor, scene)


_PLAIN = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]
go_on: Callable[[Floor, Scene, int], int] = _go_on_plain if _PLAIN else _go_on_compiled
"""Go on until an instant, or until something outside has to be done; says why it stops."""
hear: Callable[[Floor, Scene], None] = _hear_plain if _PLAIN else _hear_compiled
"""Tell people of events that were caused outside of the loop."""
stop_here: Callable[[Scene, int], None] = (
    count_what_goes_on if _PLAIN else _stop_compiled
)
"""The run stops here; what goes on counts as far as it has come."""
