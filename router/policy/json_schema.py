"""The JSON Schema of a model that is read from a file, and what it says of one place.

It is derived from the model and so cannot drift from it. It says less than the model
does: names that must exist and circles that must not are found by loading alone.
"""

import copy
import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from router.policy.problem import Path

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class SchemaOf:
    """The schema of one model, worked out when it is first asked for."""

    def __init__(
        self,
        model: type[BaseModel],
        title: str,
        complete: Callable[[dict[str, Any]], None] = lambda schema: None,
    ) -> None:
        """The schema of `model`, under a title that editors show.

        `complete` adds what pydantic cannot see, such as short forms.
        """
        self._model = model
        self._title = title
        self._complete = complete

    def values(self) -> dict[str, Any]:
        """The schema as plain values; the caller may change its copy."""
        return copy.deepcopy(self._schema)

    def text(self) -> str:
        """The schema as editors read it: the file beside the examples."""
        return json.dumps(self._schema, ensure_ascii=False, indent=2) + "\n"

    def at(self, path: Path) -> dict[str, Any]:
        """What it says of the value at `path`; nothing for a place it lacks."""
        here = self._resolved(self._schema)
        for step in path:
            if isinstance(step, int):
                here = self._resolved(here.get("items", {}))
            elif step in here.get("properties", {}):
                here = self._resolved(here["properties"][step])
            else:
                by_pattern = list(here.get("patternProperties", {}).values())
                other = (
                    by_pattern[0] if by_pattern else here.get("additionalProperties")
                )
                here = self._resolved(other) if isinstance(other, dict) else {}
        return here

    @cached_property
    def _schema(self) -> dict[str, Any]:
        schema = self._model.model_json_schema(
            by_alias=True, schema_generator=_AsWritten
        )
        for key, setting in self._model.model_fields.items():
            # Pydantic forgets what is said of a section that has sections of its own.
            schema["properties"][key].setdefault("description", setting.description)
        self._complete(schema)
        return {"$schema": DIALECT, **schema, "title": self._title}

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema behind references; of alternatives, the one that says more."""
        while "$ref" in schema or "anyOf" in schema:
            rest = dict(schema)
            if "$ref" in rest:
                name = rest.pop("$ref").rpartition("/")[2]
                schema = {**self._schema["$defs"][name], **rest}
            else:
                choices = rest.pop("anyOf")
                richest: dict[str, Any] = max(choices, key=_says_more)
                schema = {**rest, **richest}
        return schema


def _says_more(choice: dict[str, Any]) -> bool:
    return "$ref" in choice or "properties" in choice


class _AsWritten(GenerateJsonSchema):
    """Shows a default as one would write it: "20s" and not 20000."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        shown = super().default_schema(schema)
        write = schema["schema"].get("serialization", {}).get("function")
        if write is not None and "default" in shown:
            shown["default"] = write(schema["default"])
        return shown
