"""Pydantic's complaints in the words of a supervisor.

What is allowed at a place is read from the JSON Schema, the one description of the file
that knows every bound. This file must never decide what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from router.policy.json_schema import SchemaOf
from router.policy.problem import ABSENT, Finding, Path
from router.policy.suggest import listed, meant

_YES_NO: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_KEY: Final = "[key]"
"""What pydantic puts at the end of the path when a key is wrong, and not its value."""


def findings_of(error: ValidationError, schema: SchemaOf) -> Iterator[Finding]:
    """Each complaint of pydantic as a finding, with what `schema` allows there."""
    for complaint in error.errors(include_url=False):
        path: Path = complaint["loc"]
        kind, context = complaint["type"], complaint.get("ctx", {})
        if kind == "document":
            continue  # findings of `checks`, which the loader asks for itself
        if kind == "findings":
            for found in context["findings"]:
                where = (*path, *found.path)
                yield Finding(
                    where, found.value, found.message, found.allowed, found.suggestion
                )
            continue
        is_key = bool(path) and path[-1] == _KEY
        place = _Place(
            path=path[:-1] if is_key else path,
            value=complaint["input"],
            context=context,
            says=complaint["msg"],
            schema=schema,
            is_key=is_key,
        )
        if kind == "missing":
            message = f'lacks the key "{path[-1]}"'
            yield Finding(path[:-1], ABSENT, message, allowed=place.keys(path[:-1]))
        else:
            message, allowed, suggestion = _SAY.get(kind, _as_pydantic_says)(place)
            yield Finding(place.path, place.value, message, allowed, suggestion)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where pydantic complained, and of what."""

    path: Path
    value: Any
    context: Mapping[str, Any]
    says: str
    schema: SchemaOf
    is_key: bool

    def rules(self) -> dict[str, Any]:
        """What the schema says of the value, or of the key where that is wrong."""
        if self.is_key:
            names: dict[str, Any] = self.schema.at(self.path[:-1]).get(
                "propertyNames", {}
            )
            return names
        return self.schema.at(self.path)

    def properties(self, path: Path) -> list[str]:
        return list(self.schema.at(path).get("properties", {}))

    def keys(self, path: Path) -> str:
        properties = self.properties(path)
        return listed(properties) if properties else ""


_Said = tuple[str, str, str]


def _unknown_key(place: _Place) -> _Said:
    keys = place.properties(place.path[:-1])
    return "is not a known key", listed(keys), meant(str(place.path[-1]), keys)


def _bounds(rules: Mapping[str, Any]) -> str:
    low, high = rules.get("minimum"), rules.get("maximum")
    above = rules.get("exclusiveMinimum")
    if low is not None and high is not None:
        return f"from {_plain(low)} to {_plain(high)}"
    if above is not None:
        most = "" if high is None else f", at most {_plain(high)}"
        return f"above {_plain(above)}{most}"
    return "" if low is None else f"at least {_plain(low)}"


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)


def _number(place: _Place) -> _Said:
    rules, value = place.rules(), place.value
    bounds = _bounds(rules)
    whole = rules.get("type") != "number"
    if isinstance(value, int if whole else int | float) and not isinstance(value, bool):
        return f"must be {bounds}", bounds, ""
    written = value.strip() if isinstance(value, str) else ""
    message = f"must be a {'whole ' if whole else ''}number {bounds}".rstrip()
    return message, bounds, _as_digits(written, rules, whole)


def _as_digits(written: str, rules: Mapping[str, Any], whole: bool) -> str:
    """The number that a text says: "5", or "80%" where 1 is the most."""
    if whole:
        return written if written.isascii() and written.isdigit() else ""
    is_percent = written.endswith("%") and rules.get("maximum") == 1
    try:
        number = float(written.rstrip("% ").replace(",", "."))
    except ValueError:
        return ""
    return f"{number / 100 if is_percent else number:g}"


def _truth(place: _Place) -> _Said:
    said = place.value
    suggestion = _YES_NO.get(said.casefold(), "") if isinstance(said, str) else ""
    return "must be true or false", "true or false", suggestion


def _text(place: _Place) -> _Said:
    if isinstance(place.value, bool | int | float):
        return "must be text: put it in quotes", "text", ""
    return "must be text", "text", ""


def _choice(place: _Place) -> _Said:
    choices = [str(choice) for choice in place.rules().get("enum", [])]
    suggestion = ""
    if isinstance(place.value, str):
        said = place.value.casefold()
        longer = [choice for choice in choices if said.startswith(choice)]
        suggestion = longer[0] if longer else meant(place.value, choices)
    return "is not one of the choices", ", ".join(choices), suggestion


def _mapping(place: _Place) -> _Said:
    required = place.schema.at(place.path).get("required")
    defaults = "" if required else "; {} takes every default"
    return f'must be a mapping of "key: value"{defaults}', place.keys(place.path), ""


def _list(place: _Place) -> _Said:
    return "must be a list, as in [one, two]", "a list", ""


def _too_many(place: _Place) -> _Said:
    count, most = len(place.value), place.context["max_length"]
    return f"has {count} entries, at most {most} are allowed", f"at most {most}", ""


def _too_few(place: _Place) -> _Said:
    count, least = len(place.value), place.context["min_length"]
    if least == 1:
        return "must not be empty", "at least 1 entry", ""
    return f"has {count} entries, at least {least} are needed", f"at least {least}", ""


def _own_words(place: _Place) -> _Said:
    context = place.context
    return context["message"], context["allowed"], context["suggestion"]


def _raised(place: _Place) -> _Said:
    return str(place.context["error"]), "", ""


def _as_pydantic_says(place: _Place) -> _Said:
    return place.says, "", ""


_SAY: Final[dict[str, Callable[[_Place], _Said]]] = {
    "extra_forbidden": _unknown_key,
    "int_type": _number,
    "float_type": _number,
    "finite_number": _number,
    "greater_than_equal": _number,
    "greater_than": _number,
    "less_than_equal": _number,
    "less_than": _number,
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
