"""The JSON Schema agrees with the models, the examples with both, the page with it."""

from pathlib import Path

import jsonschema
import pytest

from router.policy.document import read_document
from simulator.scenario.load import ScenarioInvalid, load_scenario, read_scenario
from simulator.scenario.schema import SCHEMA, schema_text
from simulator.scenario.warnings import warnings
from tests.simulator.scenario import tables
from tests.simulator.scenario.samples import SCENARIO, changed

SCENARIOS = Path(__file__).parents[3] / "examples" / "scenarios"
EXAMPLES = sorted(set(SCENARIOS.glob("*.yaml")) - set(SCENARIOS.glob("*.policy.yaml")))
BEYOND_ITS_AGENTS = {"erlang_a"}
"""More than its agents can do, and meant to be."""


def says_the_schema(text):
    values = read_document(text).root.value()
    validator = jsonschema.Draft202012Validator(SCHEMA.values())
    return sorted(error.message for error in validator.iter_errors(values))


def test_the_schema_beside_the_examples_is_current():
    kept = (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8")
    assert schema_text() == kept, (
        "write it anew: .venv/bin/python -c 'from simulator.scenario.schema import "
        'schema_text; print(schema_text(), end="")\' '
        "> examples/scenarios/scenario.schema.json"
    )


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA.values())


def test_these_are_the_examples():
    assert ["bank_day", "bank_day_and_one", "erlang_a", "help_desk_week"] == [
        file.stem for file in EXAMPLES
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_a_scenario_by_loader_and_schema(file):
    found = read_scenario(file)
    assert [] == says_the_schema(file.read_text(encoding="utf-8"))
    assert file.stem.replace("_", " ") == found.scenario.scenario
    assert (file.stem in BEYOND_ITS_AGENTS) == bool(warnings(found))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_scenario_written_out_satisfies_the_schema(file):
    jsonschema.validate(read_scenario(file).scenario.written(), SCHEMA.values())


def test_what_if_is_one_line_more():
    def said(name):
        text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
        lines = text.splitlines()
        return [
            line for line in lines if not line.startswith(("#", "scenario:")) and line
        ]

    before, after = said("bank_day"), said("bank_day_and_one")
    assert before == after[:-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("handle: 5m", "handle: 5"),
        ("handle: 5m", "handle: {exponental: 5m}"),
        ("arrivals: 12", "arrivals: -12"),
        ("arrivals: 12", "arrivals: {perhour: 12}"),
        ("channel: chat", "channel: chta"),
        ("probability: 0.4", "probability: 1.4"),
        ("scenario: a morning\n", ""),
    ],
)
def test_an_editor_sees_what_the_loader_would_refuse(before, after):
    assert [] == says_the_schema(SCENARIO)
    assert says_the_schema(changed(before, after))


def test_every_setting_is_described_for_people():
    for name, part in tables.parts().items():
        for key, setting in part["properties"].items():
            assert setting.get("description"), f"{name}.{key}"


def test_every_part_has_its_table_on_the_page():
    assert set(tables.parts()) - {"NeedsForm"} == set(tables.parts_on_the_page())


def test_the_tables_on_the_page_say_what_the_schema_says():
    assert tables.page_as_it_should_be() == tables.PAGE.read_text(encoding="utf-8"), (
        "write them anew: .venv/bin/python -m tests.simulator.scenario.tables"
    )


def test_links_within_the_page_lead_to_a_heading():
    text = tables.PAGE.read_text(encoding="utf-8")
    headings = {
        line.lstrip("# ").lower().replace(" ", "-").replace(",", "")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for link in tables.NAMES.values():
        if "(#" in link:
            assert link.partition("(#")[2].rstrip(")") in headings, link


def test_the_example_of_the_page_is_a_scenario_and_its_refusal_what_is_said():
    page = tables.PAGE.read_text(encoding="utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    policy = (SCENARIOS.parent / "policies" / "bank.yaml").read_text(encoding="utf-8")
    assert load_scenario(text, policy)

    slip = text.replace("queue: Bireysel Bankacılık", "queue: Bireysel Bankacilik")
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(slip, policy, file="monday.yaml")
    assert str(refused.value) in page.splitlines()
