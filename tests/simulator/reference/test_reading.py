"""A file of cases is read whole or refused with every reason."""

import json
from pathlib import Path

import pytest

from simulator.reference.reading import CasesInvalid, read_cases

A_CASE = {
    "id": "one",
    "group": "erlang_c",
    "model": "M/M/c",
    "parameters": {"calls_per_hour": 60, "aht_s": 60, "agents": 2},
    "outputs": {"p_wait": 0.5},
}


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "cases.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, *only: str) -> str:
    with pytest.raises(CasesInvalid) as refused:
        read_cases(path, only)
    return str(refused.value)


def test_a_case_is_read_with_what_it_says(tmp_path: Path):
    (case,) = read_cases(written(tmp_path, {"title": "x", "cases": [A_CASE]}))

    assert ("one", "M/M/c", 2) == (case.id, case.model, case.parameters["agents"])


def test_everything_wrong_is_told_at_once_and_where(tmp_path: Path):
    nameless = {key: value for key, value in A_CASE.items() if key != "id"}
    empty = {**A_CASE, "outputs": {}}

    told = refusal(written(tmp_path, {"cases": [nameless, empty, 7, A_CASE, A_CASE]}))

    assert "cases[0]: must have text 'id'" in told
    assert "cases[1].outputs: must be an object, and not empty" in told
    assert "cases[2]: must be an object" in told
    assert 'cases[4].id: "one" is the id of another case' in told


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "is no JSON"),
        ("{}", 'must have a list "cases"'),
        ('{"cases": []}', 'must have a list "cases"'),
        ('{"cases": 1, "cases": 2}', 'the key "cases" is given twice'),
        ("[" * 100_000, ""),
    ],
)
def test_what_is_no_file_of_cases_is_refused(
    tmp_path: Path, content: str, expected: str
):
    assert expected in refusal(written(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    assert "nowhere.json: cannot be read" in refusal(tmp_path / "nowhere.json")


def test_an_id_that_is_not_there_is_answered_with_one_that_is(tmp_path: Path):
    path = written(tmp_path, {"cases": [A_CASE]})

    assert 'did you mean "one"?' in refusal(path, "onee")
