"""The command line of the simulator as a planner meets it."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from importlib import import_module

import pytest
from typer.testing import CliRunner

from simulator import cli
from simulator.cli import COMMANDS, app
from simulator.commands.experimenting import Planned
from simulator.experiment import About
from tests.simulator.drawn import a_plan, drawn, patient

POLICY = """\
policy: one queue
channels:
  voice: {weight: 1, limit: 1}
capacity: 1
queues:
  Calls:
    service_level: {target: 80, within: 20s}
    wrap_up: 0s
"""
SCENARIO = """\
scenario: two hours
policy: policy.yaml
demand:
  Calls:
    queue: Calls
    channel: voice
    arrivals: {per_hour: 60, from: 9h, until: 11h}
    handle: {exponential: 5m}
    patience: {exponential: 5m}
staff:
  Agents: {agents: AGENTS, shifts: [{from: 9h, until: 11h}]}
"""


def ask(*words):
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, list(map(str, words)))


@pytest.fixture
def drawn_days(monkeypatch):
    """Commands whose scenarios are drawn; every path is a plan of so many agents."""

    def planned(path):
        about = About(path.name, (("scenario", "0123456789abcdef"),), ("a busy day",))
        plan = a_plan(agents=float(path.stem))
        return Planned(plan, about, date(2026, 3, 2))

    for name in ("run", "compare"):
        module = import_module(f"simulator.commands.{name}")
        monkeypatch.setattr(module, "planned", planned)
    monkeypatch.setattr("simulator.experiment.resolved", lambda run: drawn)


@pytest.fixture
def scenario(tmp_path):
    def written(agents):
        (tmp_path / "policy.yaml").write_text(POLICY)
        path = tmp_path / f"{agents}.yaml"
        path.write_text(SCENARIO.replace("AGENTS", str(agents)))
        return path

    return written


def test_help_names_every_command_and_imports_none():
    program = (
        "import sys; from typer.testing import CliRunner; from simulator.cli import app;"
        "print(CliRunner().invoke(app, ['--help']).stdout);"
        "print(sorted({'numba', 'numpy', 'pydantic'} & set(sys.modules)))"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert [name for name in COMMANDS if name not in told] == []
    assert told.splitlines()[-1] == "[]"


def test_an_unknown_command_is_refused():
    result = ask("rnu")

    assert result.exit_code == 2
    assert "rnu" in result.stderr


def test_a_missing_extra_is_told_plainly(monkeypatch, capsys):
    def missing():
        raise ModuleNotFoundError("No module named 'duckdb'", name="duckdb")

    monkeypatch.setattr(cli, "app", missing)

    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 2
    assert "pip install 'santral[simulator]'" in capsys.readouterr().err


def test_run_prints_one_json_object(drawn_days):
    result = ask("run", "20", "--replications", "5", "--seed", "3", "--json")

    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["seed"], told["replications"], told["partial"]) == (3, 5, False)
    assert told["scenario"] == "20"
    assert told["digests"] == {"scenario": "0123456789abcdef"}
    assert "warning: a busy day" in result.stderr


def test_run_goes_on_until_it_is_precise(drawn_days):
    told = json.loads(ask("run", "20", "--precision", "5%", "--json").stdout)

    assert told["precise"]
    assert told["queues"]["Banking"]["service_level"]["half_width"] <= 0.05
    assert 10 <= told["replications"] < told["asked"] == 10_000


def test_a_stopped_run_prints_what_is_complete_and_says_so(drawn_days, monkeypatch):
    def interrupted(plan, seed, replication, progress=None, stop=None):
        if replication == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return patient(plan, seed, replication, progress, stop)

    monkeypatch.setattr("simulator.experiment.resolved", lambda run: interrupted)

    result = ask("run", "20", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 130
    assert (told["replications"], told["asked"], told["partial"]) == (3, 30, True)


def test_run_shows_tables_and_writes_reports(drawn_days, tmp_path):
    result = ask("run", "20", "--replications", "4", "--csv", tmp_path / "tables")

    assert result.exit_code == 0, result.stderr
    assert "Banking" in result.stdout
    files = list((tmp_path / "tables").iterdir())
    assert files
    assert [file for file in files if f"written: {file}" not in result.stderr] == []


def test_a_report_that_cannot_be_written_does_not_swallow_the_result(
    drawn_days, tmp_path
):
    (tmp_path / "taken").write_text("no folder")

    result = ask(
        "run", "20", "--replications", "4", "--json", "--csv", tmp_path / "taken"
    )

    assert result.exit_code == 2
    assert json.loads(result.stdout)["replications"] == 4
    assert "taken" in result.stderr


def test_compare_prints_what_the_second_changes(drawn_days):
    result = ask("compare", "20", "21", "--replications", "10", "--json")

    assert result.exit_code == 0, result.stderr
    change = json.loads(result.stdout)["queues"]["Banking"]["service_level"]
    assert change["significant"]
    assert change["difference"]["mean"] == pytest.approx(
        change["second"]["mean"] - change["first"]["mean"]
    )
    assert change["variance_reduction"] > 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("run", "20", "--precision", "two"), "is no share between"),
        (("run", "20", "--confidence", "100%"), "is no share between"),
        (("run", "20", "--replications", "0"), "greater than or equal to 1"),
        (("run", "20", "--workers", "0"), "greater than or equal to 1"),
        (("run",), "Missing argument"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(drawn_days, words, complaint):
    result = ask(*words)

    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.replace("│", " ").split())


def test_a_scenario_that_is_none_is_told_by_line(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("scenario: wrong\npolicy: policy.yaml\nstaf: {}\n")

    result = ask("run", path)

    assert result.exit_code == 1
    assert f"{path}:3" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_told(tmp_path):
    result = ask("run", tmp_path / "nowhere.yaml")

    assert result.exit_code in (1, 2)
    assert "nowhere.yaml" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_scenario_is_run_through_the_engine(scenario):
    few = ask("run", scenario(4), "--replications", "4", "--workers", "1", "--json")
    assert few.exit_code == 0, few.stderr

    queue = json.loads(few.stdout)["queues"]["Calls"]

    assert 90 < queue["offered"]["mean"] < 150
    assert queue["served"]["mean"] + queue["abandoned"]["mean"] == pytest.approx(
        queue["offered"]["mean"]
    )
    assert 0.8 < queue["occupancy"]["mean"] <= 1
    assert queue["asa_s"]["half_width"] > 0


def test_one_agent_more_is_seen_through_the_engine(scenario):
    result = ask(
        "compare", scenario(4), scenario(5), "--replications", "8", "--workers", "1",
        "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr

    told = json.loads(result.stdout)["queues"]["Calls"]

    assert told["offered"]["difference"] == {"mean": 0.0, "half_width": 0.0}
    assert told["abandonment"]["difference"]["mean"] < 0
    assert told["abandonment"]["significant"]
    assert told["abandonment"]["variance_reduction"] > 1
