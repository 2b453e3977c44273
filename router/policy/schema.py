"""The JSON Schema of a policy, for editors and for whoever generates one."""

from typing import Any, Final

from router.policy.json_schema import SchemaOf
from router.policy.policy import Policy
from router.policy.problem import Path

SCHEMA: Final = SchemaOf(Policy, "Santral routing policy")


def json_schema() -> dict[str, Any]:
    """The schema as plain values; the caller may change its copy."""
    return SCHEMA.values()


def schema_text() -> str:
    """The schema as editors read it: the file policy.schema.json beside examples."""
    return SCHEMA.text()


def schema_at(path: Path) -> dict[str, Any]:
    """What the schema says of the value at `path`; nothing for a place it lacks."""
    return SCHEMA.at(path)
