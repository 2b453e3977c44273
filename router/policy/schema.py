"""The JSON Schema of a policy, for editors and for whoever generates one.

It is derived from the models and so cannot drift from them. It says less than they do:
names that must exist and circles that must not are found by loading alone.
"""

import copy
import functools
import json
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from router.policy.policy import Policy
from router.policy.problem import Path

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as plain values; the caller may change its copy."""
    return copy.deepcopy(_schema())


def schema_text() -> str:
    """The schema as editors read it: the file policy.schema.json beside examples."""
    return json.dumps(_schema(), ensure_ascii=False, indent=2) + "\n"


@functools.cache
def _schema() -> dict[str, Any]:
    schema = Policy.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    for key, setting in Policy.model_fields.items():
        # Pydantic forgets what is said of a section that has sections of its own.
        schema["properties"][key].setdefault("description", setting.description)
    return {"$schema": DIALECT, **schema, "title": "Santral routing policy"}


class _AsWritten(GenerateJsonSchema):
    """Shows a default as one would write it: "20s" and not 20000."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        shown = super().default_schema(schema)
        write = schema["schema"].get("serialization", {}).get("function")
        if write is not None and "default" in shown:
            shown["default"] = write(schema["default"])
        return shown


def schema_at(path: Path) -> dict[str, Any]:
    """What the schema says of the value at `path`; nothing for a place it lacks."""
    here = _resolved(_schema())
    for step in path:
        if isinstance(step, int):
            here = _resolved(here.get("items", {}))
        elif step in here.get("properties", {}):
            here = _resolved(here["properties"][step])
        else:
            by_pattern = list(here.get("patternProperties", {}).values())
            other = by_pattern[0] if by_pattern else here.get("additionalProperties")
            here = _resolved(other) if isinstance(other, dict) else {}
    return here


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference; of alternatives, the one that refers to more."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {**_schema()["$defs"][name], **schema}
    if "anyOf" in schema:
        return _resolved(max(schema["anyOf"], key=lambda choice: "$ref" in choice))
    return schema
