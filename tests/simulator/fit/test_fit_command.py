"""`santral-simulator fit` and `backtest`: what they write, print and refuse."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.scenario.load import read_scenario

COLUMNS = """columns: {queued: at, wait_s: wait, service_s: talk, outcome: end, type: kind,
  agent: who}
outcomes: {answered: [yes], abandoned: [no]}
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Eight days of a log as CSV, and its mapping."""
    folder = tmp_path_factory.mktemp("log")
    chance = np.random.default_rng(12)
    lines = ["at,wait,talk,end,kind,who"]
    for day in range(5, 13):
        for second in np.sort(chance.uniform(9, 12, 120) * 3_600).astype(int).tolist():
            at = f"2026-01-{day:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            wait = int(chance.exponential(20))
            stays = wait < chance.exponential(120)
            talk = int(chance.exponential(100)) + 1 if stays else ""
            who = f"agent{chance.integers(2)}" if stays else ""
            lines.append(f"{at},{wait},{talk},{'yes' if stays else 'no'},calls,{who}")
    (folder / "log.csv").write_text("\n".join(lines))
    (folder / "mapping.yaml").write_text(COLUMNS)
    return folder


def test_fit_writes_a_scenario_and_its_policy(exported, tmp_path):
    out = tmp_path / "week.yaml"

    answer = run(
        "fit", exported / "log.csv", "--mapping", exported / "mapping.yaml", "--out", out,
        "--json",
    )  # fmt: skip

    assert 0 == answer.exit_code, answer.output
    assert 960 == json.loads(answer.stdout)["used"]
    loaded = read_scenario(out)
    assert "2026-01-13" == loaded.scenario.calendar.starts
    assert "week.policy.yaml" == loaded.scenario.policy


def test_fit_shows_what_it_found_to_people(exported):
    answer = run(
        "fit", exported / "log.csv", "--mapping", exported / "mapping.yaml",
        "--from", "2026-01-06", "--until", "2026-01-10",
    )  # fmt: skip

    assert 0 == answer.exit_code, answer.output
    assert "600 rows of 960 used" in answer.stdout


def test_a_policy_that_is_given_is_named_from_the_scenario_s_folder(exported, tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "scenarios").mkdir()
    policy = tmp_path / "policies" / "given.yaml"
    policy.write_text("policy: given\nqueues: {Everyday: {}}\n")
    out = tmp_path / "scenarios" / "week.yaml"

    answer = run(
        "fit", exported / "log.csv", "--mapping", exported / "mapping.yaml", "--out", out,
        "--policy", policy, "--queue", "calls=Everyday",
    )  # fmt: skip

    assert 0 == answer.exit_code, answer.output
    assert "../policies/given.yaml" == read_scenario(out).scenario.policy


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["--mapping", "bnk"], 1, "neither a preset nor a file"),
        (["--mapping", "bank"], 1, 'lacks the column "vru_exit"'),
        (["--mapping", "{mapping}", "--from", "6 January"], 2, "is no date such as"),
        (
            ["--mapping", "{mapping}", "--from", "2027-01-01"],
            1,
            "no row between the dates",
        ),
    ],
)
def test_what_a_person_can_put_right_is_told_plainly(
    exported, arguments, status, complaint
):
    given = [
        one.replace("{mapping}", str(exported / "mapping.yaml")) for one in arguments
    ]

    answer = run("fit", exported / "log.csv", *given)

    assert status == answer.exit_code
    assert complaint in " ".join(answer.output.replace("│", " ").split())
    assert "Traceback" not in answer.output


def test_backtest_prints_errors_and_writes_intervals(exported, tmp_path):
    answer = run(
        "backtest", exported / "log.csv", "--mapping", exported / "mapping.yaml",
        "--split", "2026-01-11", "--mode", "known", "--replications", 4, "--workers", 1,
        "--json", "--out", tmp_path / "tables",
    )  # fmt: skip

    assert 0 == answer.exit_code, answer.output
    told = json.loads(answer.stdout)
    assert ["2026-01-11", "2026-01-12"] == told["held_back_days"]
    assert 240 == told["modes"]["known"]["errors"]["offered"]["actual"]
    assert (tmp_path / "tables" / "intervals.csv").exists()


def test_backtest_compares_a_scenario_that_is_given(exported, tmp_path):
    mapping = exported / "mapping.yaml"
    out = tmp_path / "s.yaml"
    run(
        "fit",
        exported / "log.csv",
        "--mapping",
        mapping,
        "--until",
        "2026-01-10",
        "--out",
        out,
    )

    answer = run(
        "backtest", exported / "log.csv", "--mapping", mapping, "--scenario", out,
        "--replications", 4, "--workers", 1, "--json",
    )  # fmt: skip

    assert 0 == answer.exit_code, answer.output
    offered = json.loads(answer.stdout)["modes"]["scenario"]["errors"]["offered"]
    assert 240 == offered["actual"]
    assert 240 == pytest.approx(offered["simulated"], rel=0.25)


def test_a_mode_that_does_not_exist_is_refused(exported):
    answer = run(
        "backtest", exported / "log.csv", "--mapping", exported / "mapping.yaml",
        "--mode", "knwon",
    )  # fmt: skip

    assert 2 == answer.exit_code
    assert 'did you mean "known"?' in " ".join(answer.output.replace("│", " ").split())
