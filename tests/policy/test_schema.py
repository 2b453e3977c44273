"""The JSON Schema agrees with the models, and the examples with both."""

from pathlib import Path

import jsonschema
import pytest

from router.policy.document import read_document
from router.policy.load import load_policy, read_policy
from router.policy.schema import json_schema, schema_at, schema_text
from tests.policy.samples import CARDS, changed

POLICIES = Path(__file__).parents[2] / "examples" / "policies"
EXAMPLES = sorted(POLICIES.glob("*.yaml"))


def says_the_schema(text):
    values = read_document(text).root.value()
    validator = jsonschema.Draft202012Validator(json_schema())
    return sorted(error.message for error in validator.iter_errors(values))


def test_the_schema_beside_the_examples_is_current():
    kept = (POLICIES / "policy.schema.json").read_text(encoding="utf-8")
    assert schema_text() == kept, (
        "write it anew: .venv/bin/python -c 'from router.policy.schema import "
        'schema_text; print(schema_text(), end="")\' '
        "> examples/policies/policy.schema.json"
    )


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_a_policy_by_loader_and_schema(file):
    policy = read_policy(file)
    assert [] == says_the_schema(file.read_text(encoding="utf-8"))
    assert policy.agents
    assert file.stem.replace("_", " ") == policy.name


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_policy_written_out_satisfies_the_schema(file):
    jsonschema.validate(read_policy(file).written(), json_schema())


def test_these_are_the_examples():
    assert ["bank", "help_desk", "night_shift", "sneaker_shop"] == [
        file.stem for file in EXAMPLES
    ]


def test_the_bank_has_a_queue_for_every_kind_of_call():
    expected = {"Bireysel Bankacılık", "English Desk", "Borsa", "Yeni Müşteri"}
    expected |= {"İnternet Destek", "Dış Arama", "Sohbet", "E-posta", "Εξυπηρέτηση"}
    assert expected == set(read_policy(POLICIES / "bank.yaml").queues)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("offer_timeout: 20s", "offer_timeout: 20"),
        ("offer_timeout: 20s", "offer_timeout: soon"),
        ("offer_timeout", "ofer_timeout"),
        ("priority: 50", "priority: 500"),
        ("chat: {}", "chta: {}"),
        ("missed_offer: keep", "missed_offer: kept"),
        ("policy: bank\n", ""),
    ],
)
def test_an_editor_sees_what_the_loader_would_refuse(before, after):
    assert says_the_schema(changed(before, after))


def test_every_setting_is_described_for_people():
    schema = json_schema()
    for part in [schema, *schema["$defs"].values()]:
        for key, setting in part.get("properties", {}).items():
            assert setting.get("description"), key


def test_defaults_are_shown_as_they_are_written():
    assert "20s" == schema_at(("queues", "any", "offer_timeout"))["default"]
    assert {} == schema_at(("queues", "any", "nothing"))


def test_the_schema_can_be_changed_without_changing_it_for_others():
    json_schema().clear()
    assert json_schema()


def test_the_sample_satisfies_the_schema():
    assert load_policy(CARDS)
    assert [] == says_the_schema(CARDS)
