"""The JSON Schema of a scenario, for editors and for whoever generates one."""

from typing import Any, Final

from router.model.time import DURATION_PATTERN
from router.policy.json_schema import SchemaOf
from simulator.scenario.demand import PROFILE_KEYS
from simulator.scenario.scenario import Scenario

_DURATION: Final = {"type": "string", "pattern": f"^{DURATION_PATTERN}$"}
_NUMBER: Final = {"type": "number", "minimum": 0}
_SHORT: Final = {
    "RandomTime": (_DURATION, {"const": 0}),
    "Exponential": (_DURATION,),
    "Profile": (_NUMBER,),
    "Arrivals": (_NUMBER,),
}
"""What may stand in place of the whole: `90s`, or `120` for so many an hour."""


def _with_short_forms(schema: dict[str, Any]) -> None:
    """The short forms, which pydantic does not see: validators read them."""
    parts = schema["$defs"]
    profile = parts["Profile"]["properties"]
    parts["Arrivals"]["properties"].update({key: profile[key] for key in PROFILE_KEYS})
    for name, forms in _SHORT.items():
        parts[name] = {"anyOf": [parts[name], *forms]}


SCHEMA: Final = SchemaOf(Scenario, "Santral simulation scenario", _with_short_forms)


def schema_text() -> str:
    """The schema as editors read it: the file scenario.schema.json beside examples."""
    return SCHEMA.text()
