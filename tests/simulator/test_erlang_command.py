"""`santral-simulator erlang` as a planner meets it: tables, JSON, and plain refusals."""

import json

import pytest
import typer
from typer.testing import CliRunner

from router.model.service_level import Definition
from simulator.commands.erlang import erlang

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(erlang)

QUESTION = ("--interactions-per-hour", "1260", "--aht", "300s")


def ask(*options, question=QUESTION):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, [*question, *options])


def answer(*options):
    result = ask(*options, "--json")
    assert 0 == result.exit_code, result.stderr
    return json.loads(result.stdout)


def test_given_agents_are_measured_by_every_definition():
    told = answer("--agents", "100", "--patience", "5m", "--within", "20s")

    assert "Erlang A (M/M/c+M)" == told["model"]
    assert 105 == told["offered_erlang"]
    assert [told["figures"]] == told["table"]
    level = told["figures"]["service_level"]
    assert {definition.value for definition in Definition} == set(level)
    assert (
        pytest.approx(0.549033, abs=5e-7) == level["within_of_answered_and_abandoned"]
    )
    assert pytest.approx(0.066982, abs=5e-7) == told["figures"]["abandonment"]
    assert told["bounds"] is None
    assert told["met"] is None


def test_without_agents_the_fewest_for_the_target_stand_among_their_neighbours():
    told = answer("--patience", "5m", "--target", "80%")

    assert 108 == told["agents"]
    assert list(range(103, 114)) == [row["agents"] for row in told["table"]]
    levels = [
        row["service_level"]["within_of_answered_and_abandoned"]
        for row in told["table"]
    ]
    assert levels[4] < 0.8 <= levels[5]
    assert 107 == told["square_root_agents"]
    assert 0 == told["answered_wait_s"]["50"] < told["answered_wait_s"]["99"]


def test_eighty_percent_is_meant_where_nothing_is_bounded():
    assert answer("--target", "80") == answer()


def test_the_table_names_the_model_the_definitions_and_the_answer():
    shown = ask("--patience", "5m").stdout

    assert "Erlang A (M/M/c+M): 105 Erlang offered" in shown
    assert "108 agents keep a service level of 80% within 20s" in shown
    assert "The square-root rule says about 107" in shown
    for definition in Definition:
        assert definition.value in shown


@pytest.mark.parametrize("room", [("--lost",), ("--lines", "120"), ()])
def test_nothing_is_cut_off_at_eighty_columns(room):
    question = ("--interactions-per-hour", "360000", "--aht", "1h")
    small = ask(*room).stdout
    large = ask("--patience", "1h", question=question).stdout

    for shown in (small, large):
        assert "…" not in shown
        assert all(len(line) <= 80 for line in shown.splitlines())


def test_a_plan_without_abandonment_starts_where_the_line_is_stable():
    told = answer()

    assert "Erlang C (M/M/c)" == told["model"]
    assert 113 == told["agents"]
    assert 108 == answer("--asa", "70s")["agents"]
    assert 106 == answer("--asa", "1h")["table"][0]["agents"]


def test_other_bounds_hold_together():
    told = answer("--patience", "5m", "--abandonment", "3%", "--occupancy", "94%")

    assert {"abandonment": 0.03, "occupancy": 0.94} == told["bounds"]
    assert told["figures"]["abandonment"] <= 0.03
    assert told["figures"]["occupancy"] <= 0.94 < told["table"][4]["occupancy"]


def test_given_agents_are_told_whether_they_keep_the_target():
    assert answer("--agents", "113", "--target", "80%")["met"] is True
    assert "112 agents do not keep" in ask("--agents", "112", "--target", "80%").stdout


def test_lines_are_counted_and_blocked_arrivals_shown():
    shown = ask("--patience", "5m", "--agents", "100", "--lines", "120").stdout

    assert "Erlang A with 120 lines (M/M/c/K+M)" in shown
    assert "blocked" in shown
    assert "1.4%" in shown


def test_erlang_b_is_for_those_who_cannot_wait():
    told = answer("--lost")

    assert "Erlang B (M/M/c/c)" == told["model"]
    assert {"blocking": 0.01} == told["bounds"]
    assert 123 == told["agents"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--agents", "100"),
            "the queue grows without end; at least 106 agents are needed",
        ),
        (("--patience", "5 min"), '--patience = "5 min": must be whole numbers'),
        (("--patience", "300"), 'did you mean "300s"?'),
        (("--within", "2d"), "must be from 0s to 1d"),
        (("--target", "0.8"), 'did you mean "80%"?'),
        (("--target", "100%"), "above 0% and below 100%"),
        (("--abandonment", "few"), '--abandonment = "few": must be a percentage'),
        (("--definition", "of_answered"), 'did you mean "within_of_answered"?'),
        (("--agents", "0"), "agents must be from 1"),
        (("--agents", "9", "--lines", "5"), "5 lines cannot keep 9 agents busy"),
        (("--lost", "--target", "80%"), "nobody waits"),
        (("--blocking", "1%"), "--lines for a limited room, or --lost for none"),
        (("--lines", "100", "--blocking", "1%"), "no number of agents keeps"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_one_line(options, told):
    result = ask(*options)

    assert 2 == result.exit_code
    assert "" == result.stdout
    assert told in result.stderr
    assert 1 == len(result.stderr.splitlines())
