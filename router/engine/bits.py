"""Bits of a whole number: how many are set, and where the lowest is.

In compiled code each is one instruction of the processor.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def ones(bits: int) -> int:
    """How many bits are set; `bits` is not negative."""
    return int(bits).bit_count()


def lowest(bits: int) -> int:
    """Which bit is the lowest that is set; `bits` is above 0."""
    bits = int(bits)
    return (bits & -bits).bit_length() - 1


@intrinsic
def _population(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.int64), generate


@intrinsic
def _trailing_zeros(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@overload(ones)
def _ones(bits: Any) -> Callable[[Any], Any]:
    def get(bits: Any) -> Any:
        return _population(bits)  # type: ignore[call-arg]

    return get


@overload(lowest)
def _lowest(bits: Any) -> Callable[[Any], Any]:
    def get(bits: Any) -> Any:
        return _trailing_zeros(bits)  # type: ignore[call-arg]

    return get
