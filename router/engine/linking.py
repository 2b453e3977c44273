"""Calling compiled code by name, so that it is compiled once.

A compiled function carries along the code of everything it calls, and the compiler goes
over all of it again for each caller. Nearly every order ends in `apply`, so that would
be most of a minute at the first start. A linked function is compiled by itself and
called through its name; `link` makes the names known and has to run before the first
order. In plain Python a linked function is the function.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numba
from numba import types
from numba.extending import intrinsic

from router.engine.compiled import compiled
from router.engine.tables import Floor

_waiting: list[tuple[str, Callable[[], int]]] = []
_PLAIN = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]


@intrinsic
def _address_of(typing: Any, floor: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return arguments[0]

    return types.int64(floor), generate


def linked(
    name: str, function: Callable[[Floor], None], at: Callable[[int], None]
) -> Callable[[Floor], None]:
    """A way to call a compiled function of one floor by name.

    `at` calls the same function for a floor at an address. It has to stand by itself in
    its file: Numba's cache never finds again what was made inside another function.
    """
    if _PLAIN:
        return function
    symbol = types.ExternalFunction(name, types.void(types.int64))

    def address() -> int:
        made = numba.cfunc(types.void(types.int64), cache=True)(at)
        _kept.append(made)
        return int(made.address or 0)

    _waiting.append((name, address))

    @compiled
    def call(floor: Floor) -> None:
        symbol(_address_of(floor))  # type: ignore[call-arg]

    return call


_kept: list[Any] = []


def link() -> None:
    """Compile what is called by name and make it known. Does nothing the second time."""
    while _waiting:
        # In the order in which they were made: one may call those before it.
        name, address = _waiting.pop(0)
        llvmlite.binding.add_symbol(name, address())
