"""`santral-simulator check`: what a person reads, and what a machine does."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from simulator.commands.check import check
from tests.simulator.scenario.samples import POLICY, SCENARIO, changed

ERLANG = Path(__file__).parents[3] / "examples" / "scenarios" / "erlang_a.yaml"
APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(check)


def said(*arguments):
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def test_a_sound_scenario_is_told_with_its_loads_and_warnings():
    answer = said(ERLANG)
    assert 0 == answer.exit_code
    assert "sound; scenario erlang a" in answer.stdout
    assert "105.0" in answer.stdout
    assert 'warning: queue "Calls": 105.0 Erlang are offered' in answer.stdout


def test_a_machine_gets_the_same_as_values():
    values = json.loads(said(ERLANG, "--json").stdout)
    (calls,) = values["queues"]
    assert values["valid"]
    assert (105.0, 100.0, 1.05) == (
        calls["erlang_busiest"],
        calls["agents"],
        pytest.approx(calls["occupancy"]),
    )
    assert {"scenario", "policy"} == set(values["digests"])
    assert 1 == len(values["warnings"])


def test_a_bad_scenario_is_refused_line_by_line(folder):
    (folder / "day.yaml").write_text(changed("0.4", "1.4"), encoding="utf-8")
    answer = said(folder / "day.yaml")
    assert 1 == answer.exit_code
    assert "day.yaml:12:13: demand.Cards.retry.probability = 1.4" in answer.stderr


def test_a_machine_gets_every_problem_with_its_file(folder):
    (folder / "day.yaml").write_text(changed("0.4", "1.4"), encoding="utf-8")
    (folder / "small.yaml").write_text(POLICY.replace("max_wait: 1h", "max_wait: 1"))
    answer = said(folder / "day.yaml", "--json")
    values = json.loads(answer.stdout)
    assert 1 == answer.exit_code
    assert not values["valid"]
    assert [("day.yaml", 12), ("small.yaml", 15)] == [
        (Path(one["file"]).name, one["line"]) for one in values["problems"]
    ]


def test_an_occupancy_without_bound_is_null_for_machines(folder):
    text = changed("Γραφείο: {agents: 2,", "Γραφείο: {agents: 0,")
    (folder / "day.yaml").write_text(text, encoding="utf-8")
    values = json.loads(said(folder / "day.yaml", "--json").stdout)
    assert values["queues"][1]["occupancy"] is None
