"""`santral-simulator reference` as people and machines call it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli import app

ERLANG_B = {
    "id": "two lines",
    "group": "erlang_b",
    "model": "M/M/c/c",
    "parameters": {"offered_erlang": 1, "servers": 2},
    "outputs": {"p_block": 0.2, "carried_erlang": 0.8, "colour": 3.0},
}
BACKWARDS = {
    "id": "backwards",
    "group": "priority",
    "model": "M/M/c, LIFO",
    "parameters": {"calls_per_hour": 60, "aht_s": 60, "agents": 2},
    "outputs": {"wait_sd_s": 1.0},
}


def called(tmp_path: Path, cases: list[dict[str, object]], *options: str) -> Result:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    small = ("--contacts", "50000", "--workers", "1")
    return CliRunner().invoke(app, ["reference", str(path), *small, *options])


def test_machines_get_exact_simulated_and_z_of_every_output(tmp_path: Path):
    result = called(tmp_path, [ERLANG_B, BACKWARDS], "--json")

    two, backwards = json.loads(result.stdout)["cases"]
    blocked = two["outputs"]["p_block"]
    assert 0 == result.exit_code
    assert two["expressed"]
    assert 0.2 == blocked["exact"]
    assert abs(blocked["simulated"] - 0.2) < 0.05
    assert abs(blocked["z"]) < 4
    assert "there is no output" in two["outputs"]["colour"]["reason"]
    assert not backwards["expressed"]
    assert "lifo" in backwards["reason"]


def test_people_get_a_table_and_what_it_comes_to(tmp_path: Path):
    result = called(tmp_path, [ERLANG_B, BACKWARDS])

    assert 0 == result.exit_code
    assert (
        "1 of 2 cases expressed, 2 numbers compared: 0 with |z| from 4 on"
        in " ".join(result.stdout.split())
    )


@pytest.mark.parametrize("chosen", [("--only", "two lines"), ("two lines",)])
def test_only_what_is_named_is_run(tmp_path: Path, chosen: tuple[str, ...]):
    result = called(tmp_path, [BACKWARDS, ERLANG_B], *chosen, "--json")

    assert ["two lines"] == [case["id"] for case in json.loads(result.stdout)["cases"]]


def test_strict_is_for_scripts_that_must_notice(tmp_path: Path):
    wrong = {**ERLANG_B, "outputs": {"p_block": 0.3}}

    assert 1 == called(tmp_path, [wrong], "--strict", "--json").exit_code
    assert 0 == called(tmp_path, [wrong], "--json").exit_code


def test_a_file_that_is_none_is_one_line_and_no_traceback(tmp_path: Path):
    result = called(tmp_path, [{"id": "x"}])

    assert 2 == result.exit_code
    assert "cases[0]: must have text 'group'" in result.stderr
    assert "Traceback" not in result.output


def test_a_case_that_is_not_there_is_answered_with_the_nearest(tmp_path: Path):
    result = called(tmp_path, [ERLANG_B], "--only", "two line")

    assert 2 == result.exit_code
    assert 'did you mean "two lines"?' in result.stderr
