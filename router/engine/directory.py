"""How compiled code sees an object that keeps a NumPy table in each attribute: one
pointer.

Handed to compiled code as they are, some twenty arrays would make every call slow and
every function slow to compile. So the object's Numba type is a single address: that of a
small directory which holds, for each table, where its records are and how many. Reading
`floor.agents` in compiled code looks the table up there; no reference counts are kept,
because the object owns its tables for as long as it lives.

The object has `directory`, an array of (address, rows) for each table in order, and
`address`, where that array stands. The engine's floor is one such object; the simulator
has another.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import (
    NativeValue,
    intrinsic,
    models,
    overload_attribute,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support
from numba.np.arrayobj import make_array, populate_array

Table = tuple[str, np.dtype[Any]]
"""The attribute, and the shape of its rows."""


def seen_as(
    seen: types.Type, python_class: type, tables: Sequence[Table]
) -> Callable[[Any], Any]:
    """Let compiled code see a class as this Numba type, which has a class of its own.

    Returns the intrinsic that turns an address into one: the quick way in, one integer
    instead of an object.
    """
    of_class = type(seen)

    @typeof_impl.register(python_class)
    def _type_of(value: Any, context: Any) -> types.Type:
        return seen

    @register_model(of_class)
    class _Model(models.PrimitiveModel):
        def __init__(self, manager: Any, of: types.Type) -> None:
            super().__init__(manager, of, ir.IntType(64))

    @unbox(of_class)
    def _unbox(of: types.Type, value: Any, c: Any) -> NativeValue:
        address = c.pyapi.object_getattr_string(value, "address")
        native = c.pyapi.long_as_longlong(address)
        c.pyapi.decref(address)
        return NativeValue(
            native, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
        )

    @intrinsic
    def at(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.cast(builder, arguments[0], signature.args[0], types.int64)

        return seen(address), generate

    for index, table in enumerate(tables):
        _give_attribute(of_class, table, index)
    return at  # type: ignore[return-value]


def _give_attribute(of: type[types.Type], table: Table, index: int) -> None:
    table_of = _attribute(table[1], index)

    @overload_attribute(of, table[0])
    def attribute(whole: Any) -> Any:
        def get(whole: Any) -> Any:
            return table_of(whole)

        return get


def _attribute(dtype: np.dtype[Any], index: int) -> Any:
    """Make the intrinsic that builds the array of one table from the directory."""
    array_type = types.Array(numpy_support.from_dtype(dtype), 1, "C")

    @intrinsic
    def table_of(typing: Any, whole: Any) -> Any:
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
                    builder, [ir.Constant(word, dtype.itemsize)], ty=word
                ),
                itemsize=ir.Constant(word, dtype.itemsize),
                meminfo=None,
            )
            return array._getvalue()

        return array_type(whole), generate

    return table_of


def _load(builder: Any, whole: Any, slot: int) -> Any:
    pointer = builder.inttoptr(whole, ir.IntType(64).as_pointer())
    return builder.load(builder.gep(pointer, [ir.Constant(ir.IntType(64), slot)]))
