"""How compiled code sees a floor: one pointer.

`Floor` is a Python object with a table in each attribute. Handed to compiled code as
such it would be some twenty arrays, which makes every call slow and every function slow
to compile. So its Numba type is a single address: that of a small directory which
holds, for each table, where its records are and how many. Reading `floor.agents` in
compiled code looks the table up there; no reference counts are kept, because the floor
owns its tables for as long as it lives. `decide(floor, ...)` reads the same in plain
Python, where none of this applies.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import (
    NativeValue,
    intrinsic,
    models,
    overload,
    overload_attribute,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support
from numba.np.arrayobj import make_array, populate_array

from router.engine.tables import DEFINITION_TABLES, TABLES, Floor


class FloorType(types.Type):
    """The Numba type of a `Floor`."""

    def __init__(self) -> None:
        super().__init__(name="SantralFloor")


FLOOR = FloorType()


@typeof_impl.register(Floor)
def _type_of_floor(value: Floor, context: Any) -> FloorType:
    return FLOOR


@register_model(FloorType)
class _FloorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, floor_type: FloorType) -> None:
        super().__init__(manager, floor_type, ir.IntType(64))


@unbox(FloorType)
def _unbox_floor(floor_type: FloorType, value: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(value, "address")
    native = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(
        native, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    )


@intrinsic
def floor_at(typing: Any, address: Any) -> Any:
    """The floor whose directory stands at this address: the quick way in, one integer
    instead of an object.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.cast(builder, arguments[0], signature.args[0], types.int64)

    return FLOOR(address), generate


def _array_type(index: int) -> types.Array:
    _, dtype = TABLES[index]
    return types.Array(numpy_support.from_dtype(dtype), 1, "C")


def _load(builder: Any, floor: Any, slot: int) -> Any:
    pointer = builder.inttoptr(floor, ir.IntType(64).as_pointer())
    return builder.load(builder.gep(pointer, [ir.Constant(ir.IntType(64), slot)]))


def _attribute(index: int) -> Any:
    """Make the intrinsic that builds the array of one table from the directory."""
    array_type = _array_type(index)
    item_size = TABLES[index][1].itemsize

    @intrinsic
    def table_of(typing: Any, floor: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word = ir.IntType(64)
            array = make_array(array_type)(context, builder)
            data = builder.inttoptr(
                _load(builder, arguments[0], 2 * index), array.data.type
            )
            rows = _load(builder, arguments[0], 2 * index + 1)
            populate_array(
                array,
                data=data,
                shape=cgutils.pack_array(builder, [rows], ty=word),
                strides=cgutils.pack_array(
                    builder, [ir.Constant(word, item_size)], ty=word
                ),
                itemsize=ir.Constant(word, item_size),
                meminfo=None,
            )
            return array._getvalue()

        return array_type(floor), generate

    return table_of


def _give_attribute(name: str, index: int) -> None:
    table_of = _attribute(index)

    @overload_attribute(FloorType, name)
    def attribute(floor: Any) -> Any:
        def get(floor: Any) -> Any:
            return table_of(floor)

        return get


for _index, (_name, _) in enumerate(TABLES):
    _give_attribute(_name, _index)


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
