"""What is written is a sound scenario, and its comments say from what it was fitted."""

import numpy as np
import pytest

from router.policy.load import load_policy
from simulator.fit.fitting import described, fit_log
from simulator.fit.mapping import load_mapping, read_mapping
from simulator.fit.routing import RoutingWrong, given_routing, own_routing
from simulator.fit.scenario_writer import policy_text, scenario_text, scenario_values
from simulator.fit.source import read_log
from simulator.fit.table_fit import fit_table, remarks_on_table, table_scenario
from simulator.fit.yaml_writer import yaml_text
from simulator.scenario.load import load_scenario
from tests.simulator.fit.logs import made_log

DAYS = 14


@pytest.fixture(scope="module")
def fitted():
    """Two weeks of a small centre: three agents, two types, some give up."""
    chance = np.random.default_rng(9)
    arrivals = np.sort(
        np.concatenate(
            [day * 86_400 + chance.uniform(9, 17, 300) * 3_600 for day in range(DAYS)]
        )
    )
    count = len(arrivals)
    waits = np.where(chance.random(count) < 0.5, 0, chance.exponential(40, count))
    patience = chance.exponential(200, count)
    answered = waits < patience
    log = made_log(
        arrivals,
        np.minimum(waits, patience),
        answered,
        chance.exponential(150, count),
        type=(chance.random(count) < 0.3).astype(int),
        agent=np.where(answered, chance.integers(0, 3, count), -1),
        customer=chance.integers(0, 900, count),
    )
    return fit_log(log, read_mapping("bank"))


@pytest.fixture(scope="module")
def text(fitted):
    values = scenario_values(fitted, policy="p.yaml", first_day=fitted.days[-1] + 1)
    return scenario_text(fitted, values)


def test_the_scenario_and_its_policy_load(fitted, text):
    loaded = load_scenario(text, policy_text(fitted))

    assert 7 == loaded.scenario.days
    assert "1970-01-19" == loaded.scenario.calendar.starts
    assert {"kind 0", "kind 1"} == loaded.scenario.demand.keys()
    assert () == loaded.doubts


def test_the_comments_say_from_what_it_was_fitted(fitted, text):
    assert "# Fitted to made.csv, 1970-01-05 to 1970-01-18" in text
    assert "s.e." in text
    assert "Kaplan-Meier" in text
    assert "The log does not say shifts" in text
    assert (
        max(len(line) for line in text.splitlines() if line.strip().startswith("#"))
        < 92
    )


def test_the_curves_have_the_mean_of_the_log(fitted, text):
    loaded = load_scenario(text, policy_text(fitted))
    monday = sum(
        sum(stream.arrivals.weekdays["mon"].counts)
        for stream in loaded.scenario.demand.values()
    )

    retried = fitted.behaviour.retries.came_back / DAYS
    assert 300 - retried == pytest.approx(monday, rel=0.1)


def test_everything_is_told_as_json(fitted):
    told = described(fitted)

    assert len(fitted.log) == told["used"]
    assert "kaplan_meier" in told["streams"]["kind 0"]["patience"]


GIVEN = """
policy: given
skills: [bank, cards]
groups: [front]
queues:
  Retail: {needs: {all_of: {bank: 2}}, groups: [front]}
  Cards: {needs: {any_of: [{cards: 3, bank: 4}]}}
"""


def test_a_given_policy_lends_its_queues_skills_and_groups(fitted):
    policy = load_policy(GIVEN)
    routing = given_routing(
        fitted.log.types, "given.yaml", policy, {"kind 0": "Retail", "kind 1": "Cards"}
    )
    values = scenario_values(fitted, policy=routing, first_day=fitted.days[-1] + 1)

    scenario = load_scenario(scenario_text(fitted, values), GIVEN).scenario

    assert "Retail" == scenario.demand["kind 0"].queue
    assert {"front"} == {
        group for staff in scenario.staff.values() for group in staff.groups
    }


def test_a_type_without_a_queue_is_refused_with_those_there_are(fitted):
    with pytest.raises(
        RoutingWrong, match=r'--queue "kind 0=NAME" \(allowed: Cards, Retail\)'
    ):
        given_routing(fitted.log.types, "given.yaml", load_policy(GIVEN), {})


def test_a_table_of_intervals_becomes_a_scenario_that_says_what_it_guessed(tmp_path):
    rows = ["Date;Time;Queue;Offered;Abandoned;AHT;ASA"]
    for day in range(3, 17):
        for half in range(18, 34):
            time = f"{half // 2:02d}:{half % 2 * 30:02d}"
            rows.append(
                f"{day:02d}.08.2026;{time};Şikâyet;{20 + half % 5};2;0:03:00;15,5"
            )
    path = tmp_path / "table.csv"
    path.write_text("\n".join(rows), encoding="cp1254")
    table = read_log(path, load_mapping("like: intervals\nencoding: cp1254"))

    fit = fit_table(table)
    routing = own_routing(table.types, "p.yaml")
    text = yaml_text(table_scenario(fit, routing, 20_670, 7), remarks_on_table(fit))

    assert (180.0,) == fit.handle_s
    assert fit.patience_s[0] == pytest.approx(
        15.5 * table.offered.sum() / table.abandoned.sum()
    )
    assert "Guessed, for the table does not say: staff" in text
    policy = 'policy: p\nskills: ["Şikâyet"]\nqueues: {Şikâyet: {needs: {all_of: {Şikâyet: 1}}}}\n'
    assert 7 == load_scenario(text, policy).scenario.days


def test_keys_that_yaml_might_misread_are_in_quotes():
    text = yaml_text({"no": {"a b": [1, "x"]}, "Εξ": None}, {("no",): ["why not"]})

    assert '# why not\n"no": {a b: [1, "x"]}\n"Εξ": null\n' == text
