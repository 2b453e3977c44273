"""The tables of docs/operations.md say what the code says, line for line."""

import importlib
import re
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from router.settings import Settings
from tests.architecture.test_ladder import LADDER
from tests.docs.markdown import ROOT, blocks, code, table
from tests.docs.serving import PROGRAM, run

PAGE = "docs/operations.md"
OURS = "santral_"
SMALL_PARTS = {"settings", "clock", "failpoints", "replaying", "__main__", "warming"}
"""Parts of one small file, which the ladder of the architecture page leaves out."""


def named(path: str) -> object:
    """The value of a constant, or the default of a setting, by its full name."""
    module, _, name = path.rpartition(".")
    if module == "router.settings.Settings":
        return Settings.__dataclass_fields__[name].default
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("limit", "value", "name"), table(PAGE, "Limit"))
def test_a_limit_has_the_value_that_is_written(limit, value, name):
    assert named(code(name)[0]) == float(value.replace(",", "")), limit


@pytest.fixture(scope="module")
def families(router):
    """What a router shows after one interaction, by the name that a query uses."""
    client = ROOT / "examples" / "grpc" / "one_interaction.py"
    assert 0 == run(ROOT / ".venv/bin/python", client, router.address).returncode
    with urlopen(f"http://{router.metrics}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(text)
        if family.name.startswith(OURS) and not family.name.endswith("_created")
    }


@pytest.mark.timeout(300)
def test_the_metrics_listed_are_those_there_are(families):
    listed = {code(name)[0]: kind for name, kind, *_ in table(PAGE, "Metric")}

    assert {name: family.type for name, family in families.items()} == listed


@pytest.mark.timeout(300)
def test_the_labels_listed_are_those_there_are(families):
    listed = {
        code(name)[0]: set(filter(None, labels.split(", ")))
        for name, _, labels, _ in table(PAGE, "Metric")
    }
    shown = {
        name: {label for sample in family.samples for label in sample.labels} - {"le"}
        for name, family in families.items()
        if family.samples
    }

    assert shown == {name: listed[name] for name in shown}
    assert len(shown) >= len(listed) - 1, "a metric without a sample hides its labels"


@pytest.mark.timeout(300)
def test_the_alarms_ask_for_metrics_there_are(families):
    asked = {
        re.split(r"[{ ]", metric)[0]
        for sign, *_ in table(PAGE, "Sign")
        for metric in code(sign)
        if metric.startswith(OURS)
    }

    assert set() == asked - set(families)


def test_the_options_of_serve_are_all_told():
    told = {code(option)[0] for option, _ in table(PAGE, "Option")}

    offered = set(re.findall(r"--[a-z-]+", run(PROGRAM, "serve", "--help").stdout))

    assert offered - {"--help"} == told


def test_the_ladder_drawn_is_the_ladder_held():
    drawn = next(b.text for b in blocks("docs/architecture.md") if b.language == "text")
    rungs = [
        set(re.split(r"\s{2,}", line)[0].split(" | ")) for line in drawn.splitlines()
    ]

    held = [set(rung) - SMALL_PARTS for rung in reversed(LADDER)]

    assert [rung for rung in held if rung] == rungs
