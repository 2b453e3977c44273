"""JSON is YAML as well, and read a hundred times as fast: documents made by programs.

Only the values: where something stands is asked of `document`, and only when there is a
problem to tell. Must never give other values than the YAML reader gives for the text.
"""

import json
import unicodedata
from typing import Any

from router.policy.document import DEPTH_MAX, NODES_MAX, number_in


class _Other(ValueError):
    """The YAML reader is to say what this is, or what is wrong with it."""


def json_values(text: str) -> dict[str, Any] | None:
    """The values of a text that is a sound JSON object; None for any other text."""
    if not text.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        values = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_int=number_in,
            parse_float=number_in,
            parse_constant=_refused,
        )
    except (ValueError, RecursionError):
        return None
    is_small = isinstance(values, dict) and _size(values, DEPTH_MAX) <= NODES_MAX
    return values if is_small else None


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {unicodedata.normalize("NFC", key): value for key, value in pairs}
    if len(found) < len(pairs):
        raise _Other("a key is given twice")
    return found


def _refused(name: str) -> Any:
    raise _Other(f"{name} is no number of JSON")


def _size(value: Any, depth: int) -> int:
    """How many values there are; more than are allowed where they are nested too deep."""
    if not isinstance(value, dict | list):
        return 1
    if depth == 0:
        return NODES_MAX + 1
    children = value.values() if isinstance(value, dict) else value
    return 1 + sum(_size(child, depth - 1) for child in children)
