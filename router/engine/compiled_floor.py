"""How compiled code sees a floor: one pointer, by way of `directory`.

`decide(floor, ...)` reads the same in plain Python, where none of this applies.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

from router.engine.directory import seen_as
from router.engine.tables import DEFINITION_TABLES, TABLES, Floor


class FloorType(types.Type):
    """The Numba type of a `Floor`."""

    def __init__(self) -> None:
        super().__init__(name="SantralFloor")


floor_at = seen_as(FloorType(), Floor, TABLES)

ROW_SIZES = np.array(
    [dict(TABLES)[name].itemsize for name in DEFINITION_TABLES], np.int64
)


@intrinsic
def _copy_bytes(
    typing: Any,
    floor: Any,
    which: Any,
    offset: Any,
    payload: Any,
    start: Any,
    size: Any,
) -> Any:
    """Copy bytes of the payload over bytes of a definition table."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (
            floor_value,
            which_value,
            offset_value,
            payload_value,
            start_value,
            size_value,
        ) = arguments
        byte = ir.IntType(8).as_pointer()
        slots = builder.inttoptr(floor_value, ir.IntType(64).as_pointer())
        table = builder.load(
            builder.gep(
                slots, [builder.shl(which_value, ir.Constant(which_value.type, 1))]
            )
        )
        target = builder.inttoptr(builder.add(table, offset_value), byte)
        source = make_array(signature.args[3])(context, builder, payload_value)
        cgutils.raw_memcpy(
            builder,
            target,
            builder.gep(source.data, [start_value]),
            size_value,
            ir.Constant(ir.IntType(64), 1),
        )
        return context.get_dummy_value()

    i8 = types.int64
    return types.none(floor, i8, i8, payload, i8, i8), generate


def write_row(floor: Floor, which: int, row: int, start: int) -> None:
    """Write a row of definition table `which` from the payload, from byte `start` on."""
    name, dtype = TABLES[which]
    size = dtype.itemsize
    getattr(floor, name).view(np.ndarray).view(np.uint8)[
        row * size : (row + 1) * size
    ] = floor.payload[start : start + size]


@overload(write_row)
def _write_row(floor: Any, which: Any, row: Any, start: Any) -> Any:
    def write(floor: Any, which: Any, row: Any, start: Any) -> None:
        size = ROW_SIZES[which]
        _copy_bytes(  # type: ignore[call-arg]
            floor,
            np.int64(which),
            np.int64(row) * size,
            floor.payload,
            np.int64(start),
            size,
        )

    return write
