"""The tables of docs/scenario.md, written from the JSON Schema so that they cannot drift.

`.venv/bin/python -m tests.simulator.scenario.tables` writes them into the page anew.
"""

import json
import re
from pathlib import Path

from router.model.time import DURATION_PATTERN
from simulator.scenario.schema import SCHEMA

PAGE = Path(__file__).parents[3] / "docs" / "scenario.md"
HEAD = "| Key | Means | Written as | Default |\n| --- | --- | --- | --- |\n"
MARKED = re.compile(r"(<!-- keys of (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

NAMES = {
    "Arrivals": "[arrivals](#arrivals)",
    "Balking": "[balking](#leaving-and-coming-back)",
    "Break": "[break](#shifts)",
    "Burst": "[burst](#arrivals)",
    "Calendar": "[calendar](#the-whole)",
    "Callback": "[callback](#leaving-and-coming-back)",
    "Component": "[part](#random-times)",
    "Factor": "[factor](#arrivals)",
    "Follow": "[follow](#what-comes-after)",
    "Learning": "[learning](#staff)",
    "Levelled": "[staffing curve](#shifts)",
    "Missing": "[misses](#staff)",
    "NeedsForm": "needs, as in a policy",
    "NotReady": "[not ready](#staff)",
    "Outage": "[outage](#outages)",
    "Ownership": "[ownership](#what-comes-after)",
    "Profile": "[profile](#arrivals)",
    "RandomTime": "[random time](#random-times)",
    "Retry": "[retry](#leaving-and-coming-back)",
    "Shift": "[shift](#shifts)",
    "SlowDown": "[slow-down](#staff)",
    "Staff": "[staff](#staff)",
    "Stream": "[stream](#streams)",
    "Trace": "[trace](#arrivals)",
}


def parts():
    """Every part of a scenario by name; the whole is `Scenario`."""
    schema = SCHEMA.values()
    found = {"Scenario": schema}
    for name, part in schema["$defs"].items():
        found[name] = part.get("anyOf", [part])[0]
    return found


def table_of(name):
    """The lines of the table of one part."""
    part = parts()[name]
    required = part.get("required", [])
    lines = [
        f"| `{key}` | {setting['description']} | {written_as(setting)} | "
        f"{'needed' if key in required else default_of(setting)} |\n"
        for key, setting in part["properties"].items()
    ]
    return f"\n{HEAD}{''.join(lines)}\n"


def written_as(schema):
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return NAMES.get(name, f"[{name.lower()}](#random-times)")
    if "anyOf" in schema:
        said = [written_as(choice) for choice in schema["anyOf"]]
        return " or ".join(dict.fromkeys(filter(None, said)))
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    match schema.get("type"):
        case "boolean":
            return "true or false"
        case "number" | "integer":
            return number(schema)
        case "array":
            return f"list of {written_as(schema['items'])}"
        case "object":
            return f"mapping to {written_as(schema['additionalProperties'])}"
        case "string":
            is_time = schema.get("pattern") == f"^{DURATION_PATTERN}$"
            return "duration" if is_time else "text"
    return ""


def number(schema):
    kind = "whole number" if schema["type"] == "integer" else "number"
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    start = f" above {above:g}" if low is None and above is not None else ""
    start = f" from {low:g}" if low is not None else start
    return kind + start + (f" to {high:,.15g}" if high is not None else "")


def default_of(setting):
    default = setting.get("default")
    if default in (None, [], {}) or isinstance(default, dict):
        return "–"
    return f"`{json.dumps(default, ensure_ascii=False)}`".replace('"', "")


def page_as_it_should_be():
    text = PAGE.read_text(encoding="utf-8")
    return MARKED.sub(lambda found: found[1] + table_of(found[2]) + found[4], text)


def parts_on_the_page():
    return [found[2] for found in MARKED.finditer(PAGE.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    PAGE.write_text(page_as_it_should_be(), encoding="utf-8")
