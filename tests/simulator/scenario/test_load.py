"""A scenario that has been read: with its policy, the same for the same words."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.model.channel import Channel
from simulator.scenario.load import ScenarioInvalid, load_scenario, read_scenario
from simulator.scenario.scenario import Scenario
from tests.simulator.scenario.samples import (
    POLICY,
    SCENARIO,
    changed,
    loaded,
    problem,
    refused,
)


def test_what_the_files_say_is_in_what_was_read():
    found = loaded()
    cards = found.scenario.demand["Cards"]

    assert "a morning" == found.scenario.scenario
    assert "small" == found.policy.name
    assert POLICY == found.policy_text
    assert (20, 28_800_000) == (
        cards.arrivals.profile.per_hour,
        cards.arrivals.profile.begins,
    )
    assert Channel.CHAT == found.scenario.demand["Ελληνικά"].channel
    assert () == found.doubts


def test_short_forms_and_the_long_ones_say_the_same():
    longer = changed("arrivals: 12", "arrivals: {profile: {per_hour: 12}}")
    longer = longer.replace("handle: 5m", "handle: {constant: 300s}")
    longer = longer.replace("{exponential: 5m}", "{exponential: {mean: 5m}}")

    assert SCENARIO != longer
    assert loaded().scenario == loaded(longer).scenario
    assert loaded().digests == loaded(longer).digests


def test_digests_tell_scenarios_and_policies_apart():
    first = loaded().digests
    second = loaded(changed("per_hour: 20", "per_hour: 21")).digests
    third = loaded(policy=POLICY.replace("max_wait: 1h", "max_wait: 2h")).digests

    assert {"scenario", "policy"} == set(first)
    assert all(16 == len(digest) for digest in first.values())
    assert (
        first["scenario"]
        != second["scenario"]
        == loaded(changed("per_hour: 20", "per_hour: 21.0")).digests["scenario"]
    )
    assert first["policy"] == second["policy"] != third["policy"]


def test_a_scenario_written_out_is_a_scenario_file():
    scenario = loaded().scenario
    again = loaded(json.dumps(scenario.written(), ensure_ascii=False)).scenario
    assert scenario == again


def test_a_scenario_made_without_a_file_is_checked_as_well():
    stream = {"queue": "q", "channel": "voice", "arrivals": 1, "handle": "1m"}
    retry = {"probability": 0.5, "delay": "1m", "as": "nobody"}
    Scenario.model_validate({"scenario": "s", "policy": "p", "demand": {"a": stream}})
    with pytest.raises(ValueError, match="not among the streams"):
        Scenario.model_validate(
            {
                "scenario": "s",
                "policy": "p",
                "demand": {"a": {**stream, "retry": retry}},
            }
        )


def test_a_staffing_curve_has_as_many_agents_as_its_most():
    text = changed("agents: 2, skills", "at_work: {counts: [1, 7, 3]}, skills")
    assert 7 == loaded(text).scenario.staff["Γραφείο"].agents


def test_a_policy_that_is_wrong_is_shown_under_its_own_name():
    invalid = refused(policy=POLICY.replace("cards: 2", "crads: 2"))
    (line,) = str(invalid).splitlines()
    assert line.startswith("small.yaml:12:38: queues.Kartlar.relaxation[0].lower.crads")
    assert [] == invalid.problems


def test_problems_of_both_files_come_at_once():
    invalid = refused(
        changed("0.4", "4"), POLICY.replace("max_wait: 1h", "max_wait: 1")
    )
    own, policys = str(invalid).splitlines()
    assert own.startswith("day.yaml:12:13: demand.Cards.retry.probability")
    assert policys.startswith("small.yaml:15:5: queues.Kartlar.max_wait")


def test_files_are_found_beside_the_scenario(tmp_path):
    (tmp_path / "small.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(SCENARIO, encoding="utf-8")

    found = read_scenario(tmp_path / "day.yaml")

    assert tmp_path == found.folder
    assert loaded().digests == found.digests


def test_a_policy_that_is_not_there_is_named_with_the_line_of_its_key(tmp_path):
    (tmp_path / "day.yaml").write_text(changed("handle: 5m", "handle: 5x"), "utf-8")
    with pytest.raises(ScenarioInvalid) as invalid:
        read_scenario(tmp_path / "day.yaml")
    policy, handle = invalid.value.problems
    assert (2, "policy", '"small.yaml"') == (policy.line, policy.key, policy.value)
    assert "cannot be read: no such file or directory" == policy.message
    assert "demand.Ελληνικά.handle" == handle.key


def test_a_scenario_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        ScenarioInvalid, match=r"no\.yaml: cannot be read: no such file"
    ):
        read_scenario(tmp_path / "no.yaml")


ROWS = """\
arrived,kind,talked
2026-03-02T09:00:00,cards,120
2026-03-02T09:00:05,loans,60.5
2026-03-03T10:00:00,cards,
"""
TRACE = "arrivals: {trace: {file: log.csv, at: arrived, where: {kind: cards}, handle_s: talked}}"


def traced(folder, rows=ROWS, trace=TRACE):
    (folder / "log.csv").write_text(rows, encoding="utf-8")
    text = changed("arrivals: 12", trace)
    return load_scenario(text, POLICY, file="day.yaml", folder=folder)


def trace_problem(folder, rows=ROWS, trace=TRACE):
    with pytest.raises(ScenarioInvalid) as invalid:
        traced(folder, rows, trace)
    return "\n".join(str(found) for found in invalid.value.problems)


def test_a_trace_has_a_digest_of_its_own(tmp_path):
    first = traced(tmp_path).digests["log.csv"]
    second = traced(tmp_path, ROWS.replace("120", "121")).digests["log.csv"]
    assert 16 == len(first)
    assert first != second


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("arrived,", "arived,", '(allowed: arived, kind, talked); did you mean "arived"?'),
        ("kind,", "sort,", '"kind" is not among the columns'),
        ("02T09:00:00", "02T9.00", 'line 2: "2026-03-02T9.00" is no instant'),
        (",120", ",-1", 'line 2: "-1" in talked is no number of seconds'),
        ("cards,\n", "cards", "line 4: has fewer fields than the head"),
        ("2026", "2025", "has no arrivals from 2026-03-02 to 2026-03-03"),
    ],
)  # fmt: skip
def test_a_trace_that_cannot_be_replayed_is_refused(tmp_path, before, after, said):
    assert said in trace_problem(tmp_path, ROWS.replace(before, after))


def test_a_trace_that_is_not_there_is_named_with_the_line_of_its_key(tmp_path):
    found = trace_problem(tmp_path, trace=TRACE.replace("log.csv", "logs.csv"))
    assert found.startswith('20:24: demand.Ελληνικά.arrivals.trace.file = "logs.csv"')
    assert "cannot be read: no such file or directory" in found


def test_a_rate_beside_a_trace_is_refused(tmp_path):
    trace = TRACE.replace("arrivals: {", "arrivals: {per_hour: 3, ")
    assert "stands alone" in trace_problem(tmp_path, trace=trace)


def test_a_trace_needs_a_file_to_stand_beside():
    assert (
        "looked for beside the scenario"
        in problem(changed("arrivals: 12", TRACE)).message
    )


@settings(max_examples=60)
@given(st.data())
def test_a_scenario_with_a_piece_missing_is_read_or_refused_and_never_raises(data):
    start = data.draw(st.integers(0, len(SCENARIO) - 1))
    length = data.draw(st.integers(1, 40))
    junk = data.draw(st.text("a1:{}[], -\n&*", max_size=4))
    with contextlib.suppress(ScenarioInvalid):
        loaded(SCENARIO[:start] + junk + SCENARIO[start + length :])
