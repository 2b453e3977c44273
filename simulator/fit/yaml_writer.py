"""Plain values as YAML for people: a few levels in lines, the rest in brackets, and
comments above what they explain.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

Values = dict[str, Any]
Comments = dict[tuple[str, ...], list[str]]

DEPTH: Final = 4
"""Levels that are written in lines."""
SHORT: Final = 80
"""A mapping that is no longer than this stays in one line."""
WIDTH: Final = 84


def yaml_text(values: Values, comments: Mapping[tuple[str, ...], list[str]]) -> str:
    """The values as YAML 1.2; `comments` by the path of keys, () for the head."""
    lines = _noted("", comments.get((), []))
    _block(values, (), comments, lines)
    return "\n".join(lines) + "\n"


def _block(
    values: Values,
    path: tuple[str, ...],
    comments: Mapping[tuple[str, ...], list[str]],
    lines: list[str],
) -> None:
    indent = "  " * len(path)
    for key, value in values.items():
        here = (*path, key)
        lines += _noted(indent, comments.get(here, []))
        flow = _flow(value)
        deep = isinstance(value, dict) and value and len(here) < DEPTH
        if deep and len(flow) > SHORT:
            lines.append(f"{indent}{_word(key)}:")
            _block(value, here, comments, lines)
        else:
            lines.append(f"{indent}{_word(key)}: {flow}")


def _noted(indent: str, notes: list[str]) -> list[str]:
    """Comments, folded."""
    lines = []
    for note in notes:
        line = ""
        for word in note.split():
            if line and len(line) + 1 + len(word) > WIDTH - len(indent):
                lines.append(f"{indent}# {line}")
                line = "  " + word
            else:
                line = f"{line} {word}" if line else word
        lines.append(f"{indent}# {line}")
    return lines


def _word(text: str) -> str:
    """A key, in quotes where YAML might take it for something else."""
    plain = text.replace("_", "").replace(" ", "")
    simple = plain.isascii() and plain.isalpha() and plain.lower() not in _TAKEN
    return text if simple else json.dumps(text, ensure_ascii=False)


_TAKEN: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _flow(value: Any) -> str:
    """A value in brackets; what is in quotes is JSON, which is YAML."""
    if isinstance(value, dict):
        inside = ", ".join(f"{_word(str(k))}: {_flow(v)}" for k, v in value.items())
        return "{" + inside + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
