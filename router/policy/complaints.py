"""Pydantic's complaints in the words of a supervisor.

What is allowed at a place is read from the JSON Schema, the one description of the
policy that knows every bound. This file must never decide what is wrong.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from pydantic import ValidationError

from router.policy.problem import ABSENT, Finding, Path
from router.policy.schema import schema_at
from router.policy.suggest import listed, meant

_YES_NO: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def findings_of(error: ValidationError) -> Iterator[Finding]:
    """Each complaint of pydantic as a finding, with what is allowed there."""
    for complaint in error.errors(include_url=False):
        path: Path = complaint["loc"]
        kind, context = complaint["type"], complaint.get("ctx", {})
        if kind == "policy":
            continue  # findings of `checks`, which the loader asks for itself
        if kind == "findings":
            for found in context["findings"]:
                yield Finding((*path, *found.path), found.value, found.message)
        elif kind == "missing":
            message = f'lacks the key "{path[-1]}"'
            yield Finding(path[:-1], ABSENT, message, allowed=_keys(path[:-1]))
        else:
            path = path[:-1] if path and path[-1] == "[key]" else path
            say = _SAY.get(kind, _as_pydantic_says)
            message, allowed, suggestion = say(path, complaint["input"], complaint)
            yield Finding(path, complaint["input"], message, allowed, suggestion)


_Said = tuple[str, str, str]


def _unknown_key(path: Path, value: Any, complaint: Any) -> _Said:
    keys = _properties(path[:-1])
    return "is not a known key", listed(keys), meant(str(path[-1]), keys)


def _number(path: Path, value: Any, complaint: Any) -> _Said:
    schema = schema_at(path)
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = f"from {low} to {high}" if low is not None else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"must be {bounds}", bounds, ""
    digits = value.strip() if isinstance(value, str) else ""
    suggestion = digits if digits.isascii() and digits.isdigit() else ""
    return f"must be a whole number {bounds}".rstrip(), bounds, suggestion


def _truth(path: Path, value: Any, complaint: Any) -> _Said:
    suggestion = _YES_NO.get(value.casefold(), "") if isinstance(value, str) else ""
    return "must be true or false", "true or false", suggestion


def _text(path: Path, value: Any, complaint: Any) -> _Said:
    if isinstance(value, bool | int | float):
        return "must be text: put it in quotes", "text", ""
    return "must be text", "text", ""


def _choice(path: Path, value: Any, complaint: Any) -> _Said:
    choices = [str(choice) for choice in schema_at(path).get("enum", [])]
    suggestion = meant(value, choices) if isinstance(value, str) else ""
    return "is not one of the choices", ", ".join(choices), suggestion


def _mapping(path: Path, value: Any, complaint: Any) -> _Said:
    keys = _keys(path)
    return 'must be a mapping of "key: value"; {} takes every default', keys, ""


def _list(path: Path, value: Any, complaint: Any) -> _Said:
    return "must be a list, as in [one, two]", "a list", ""


def _too_many(path: Path, value: Any, complaint: Any) -> _Said:
    count, most = len(value), complaint["ctx"]["max_length"]
    return f"has {count} entries, at most {most} are allowed", f"at most {most}", ""


def _too_few(path: Path, value: Any, complaint: Any) -> _Said:
    return "must not be empty", "at least 1 entry", ""


def _own_words(path: Path, value: Any, complaint: Any) -> _Said:
    context = complaint["ctx"]
    return context["message"], context["allowed"], context["suggestion"]


def _raised(path: Path, value: Any, complaint: Any) -> _Said:
    return str(complaint["ctx"]["error"]), "", ""


def _as_pydantic_says(path: Path, value: Any, complaint: Any) -> _Said:
    return str(complaint["msg"]), "", ""


_SAY: Final[dict[str, Callable[[Path, Any, Any], _Said]]] = {
    "extra_forbidden": _unknown_key,
    "int_type": _number,
    "greater_than_equal": _number,
    "less_than_equal": _number,
    "bool_type": _truth,
    "string_type": _text,
    "literal_error": _choice,
    "enum": _choice,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "dict_type": _mapping,
    "tuple_type": _list,
    "list_type": _list,
    "too_long": _too_many,
    "too_short": _too_few,
    "wrong": _own_words,
    "value_error": _raised,
}


def _properties(path: Path) -> list[str]:
    return list(schema_at(path).get("properties", {}))


def _keys(path: Path) -> str:
    properties = _properties(path)
    return listed(properties) if properties else ""
