"""The charts draw what the result says."""

import re
from datetime import date

import numpy as np
import pytest
import vl_convert

from router.model.service_level import Definition
from simulator.comparison import Comparison
from simulator.erlang.demand import Demand
from simulator.erlang.staffing import Bounds, least_agents
from simulator.report.curves import (
    AT_WORK,
    LOAD,
    NEEDED,
    service_levels,
    staffing,
)
from simulator.report.differences import changed, compared, verdict
from simulator.report.drawing import class_names
from simulator.report.heat import occupancy, service_level_by_day
from simulator.report.held_back import backtest_page
from simulator.report.pages import comparison_page, result_page
from simulator.report.timeline import band_over_the_day, busiest, opening
from simulator.report.waits import waits
from tests.simulator.made import made_result
from tests.simulator.report.samples import back_test, more_agents, one_day, week

HALF_PAST_NINE = 9 * 60 + 30


def line(chart, name):
    """A line of the staffing chart by minutes since midnight."""
    rows = chart.spec["data"]["values"]
    return {row["from"]: row["agents"] for row in rows if row["line"] == name}


def test_the_staffing_curve_shows_the_agents_at_work():
    result = one_day()

    found = line(staffing(result, None), AT_WORK)

    at_work = result.by_interval("house", "at_work").mean[19, 0]
    assert found[HALF_PAST_NINE] == pytest.approx(at_work, rel=1e-3)
    assert min(found) == 8 * 60
    assert max(found) == 20 * 60


def test_offered_load_is_arrivals_times_handle_time():
    result = one_day()

    found = line(staffing(result, None), LOAD)

    offered = result.by_interval("pair", "offered").mean[19]
    aht_s = result.intervals("pair", "aht_s").mean
    load = (offered * 2 * aht_s / 3600).sum()
    load /= max(1.0, result.estimate("house", 0, "concurrency").mean)
    assert found[HALF_PAST_NINE] == pytest.approx(load, rel=1e-3)


def test_needed_agents_are_those_of_erlang_c_for_each_queue():
    result = one_day()

    found = line(staffing(result, None), NEEDED)

    offered = result.by_interval("pair", "offered").mean[19]
    aht_s = result.intervals("pair", "aht_s").mean
    bounds = Bounds(
        service_level=0.8,
        definition=Definition.WITHIN_OF_ANSWERED_AND_ABANDONED,
        within_s=20,
    )
    needed = [
        least_agents(Demand(2 * count, handle_s), bounds).agents
        for count, handle_s in zip(offered, aht_s, strict=True)
    ]
    assert found[HALF_PAST_NINE] == sum(needed)


def test_a_week_stands_day_by_day_with_its_dates():
    chart = staffing(week(), date(2026, 3, 2))

    axis = chart.spec["layer"][2]["encoding"]["x"]
    assert axis["scale"]["domain"] == [0, 7 * 1440]
    assert "Mon 2 Mar" in axis["axis"]["labelExpr"]


def test_a_service_level_chart_has_mean_band_and_target():
    result = week()

    chart = service_levels(result, [0])[0]

    rows = {row["from"]: row for row in chart.spec["data"]["values"]}
    row = rows[HALF_PAST_NINE]
    parts, wholes = result.totals.series["pair"].sums[:2, 3, :-1, 0]
    of_days = parts.reshape(7, 48)[:, 19].sum() / wholes.reshape(7, 48)[:, 19].sum()
    assert row["mean"] == pytest.approx(of_days, rel=1e-3)
    assert row["low"] < row["mean"] < row["high"]
    (rule,) = (
        layer for layer in chart.spec["layer"] if layer["mark"]["type"] == "rule"
    )
    assert rule["data"]["values"] == [{"target": 0.8}]


def test_a_band_holds_eight_of_ten_days():
    result = made_result(replications=100)

    low, _, high = band_over_the_day(result, "pair", "wait_s")[:, 22, 0]

    values = result.kept("pair", "wait_s")[:, 22, 0]
    assert np.mean((values >= low) & (values <= high)) == pytest.approx(0.8, abs=0.03)


def test_too_few_days_have_no_band():
    result = made_result(replications=4)

    assert band_over_the_day(result, "pair", "wait_s") is None
    assert "low" not in service_levels(result, [0])[0].spec["data"]["values"][0]


def test_where_hardly_anybody_comes_there_is_no_service_level_by_interval():
    result = made_result(per_hour=0.1, replications=4)

    assert service_levels(result, [0, 1, 2]) == []
    assert service_level_by_day(result, 0, None).spec["data"]["values"] == []


def test_whoever_finishes_after_the_shift_is_no_row_of_occupancy():
    result = made_result(agents=0, replications=2)

    assert occupancy(result).spec["data"]["values"] == []


def test_the_heat_map_has_a_row_for_each_day_and_the_class_of_each_cell():
    result = week()

    chart = service_level_by_day(result, 0, date(2026, 3, 2))

    cells = chart.spec["data"]["values"]
    assert list(dict.fromkeys(cell["row"] for cell in cells))[:2] == [
        "Mon 2 Mar",
        "Tue 3 Mar",
    ]
    found = result.by_interval("pair", "service_level").mean[48 + 22, 0]
    (cell,) = (c for c in cells if c["row"] == "Tue 3 Mar" and c["from"] == 11 * 60)
    assert cell["Service level"] == f"{100 * found:.1f}%"
    names = class_names([0.6, 0.7, 0.8, 0.9])
    assert cell["class"] == names[int(np.searchsorted([0.6, 0.7, 0.8, 0.9], found))]


def test_many_days_are_laid_over_each_other_by_weekday():
    result = made_result(days=21, replications=2, per_hour=20)

    chart = service_level_by_day(result, 0, date(2026, 3, 4))

    rows = list(dict.fromkeys(cell["row"] for cell in chart.spec["data"]["values"]))
    assert rows == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]  # fmt: skip


def test_classes_say_their_bounds():
    assert class_names([0.6, 0.8]) == ["below 60%", "60–80%", "from 80%"]


def test_occupancy_is_by_staff_and_time_of_day():
    result = one_day()

    cells = occupancy(result).spec["data"]["values"]

    (cell,) = (
        c for c in cells if c["row"] == "Ön büro" and c["from"] == HALF_PAST_NINE
    )
    found = result.by_interval("staff", "occupancy").mean[19, 0]
    assert cell["Occupancy"] == f"{100 * found:.1f}%"


def test_a_wait_curve_rises_within_its_band():
    result = one_day()

    rows = waits(result, [0])[0].spec["data"]["values"]

    means = [row["mean"] for row in rows]
    assert means == sorted(means)
    assert all(0 <= row["low"] <= row["mean"] <= row["high"] <= 1 for row in rows)
    no_wait = result.waits("pair", 0)[1].mean[0]
    assert rows[0]["wait_s"] == 0
    assert rows[0]["mean"] == pytest.approx(no_wait, rel=1e-3)


def test_the_difference_of_two_plans_is_told_as_better_or_worse():
    comparison = more_agents()

    section = changed(comparison)

    by_title = {chart.title: chart for chart in section.charts}
    rows = by_title["Difference in service level"].spec["data"]["values"]
    change = comparison.change("pair", "Κάρτες / chat", "service_level")
    (row,) = (row for row in rows if row["name"] == "Κάρτες / chat")
    assert row["mean"] == pytest.approx(100 * change.difference.mean, rel=1e-3)
    assert row["verdict"] == verdict(change, "service_level") == "better"
    shorter = comparison.change("pair", "Κάρτες / chat", "asa_s")
    assert shorter.difference.mean < 0
    assert verdict(shorter, "asa_s") == "better"


def test_staff_whose_figures_did_not_change_are_left_out():
    result = one_day()

    titles = [told.caption for told in compared(Comparison(result, result))]

    assert not any(title.startswith("Staff") for title in titles)
    assert any(title.startswith("The whole house") for title in titles)


def test_a_difference_that_may_be_chance_is_no_verdict():
    result = one_day()

    change = Comparison(result, result).change("house", "all", "asa_s")

    assert verdict(change, "asa_s") == "may be chance"


def test_a_back_test_shows_what_happened_in_its_band():
    backtest = back_test()

    page = backtest_page(backtest)

    chart = page.sections[0].charts[0]
    (points,) = (
        layer["data"]["values"]
        for layer in chart.spec["layer"]
        if layer["mark"]["type"] == "point"
    )
    assert points[0]["seen"] == backtest.runs[0].actual[14, 0]
    row = chart.spec["data"]["values"][0]
    low, high = np.quantile(backtest.runs[0].simulated[:, 14, 0], [0.1, 0.9])
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_a_closed_centre_has_charts_all_the_same():
    result = made_result(per_hour=0.0, agents=0, replications=2)

    assert busiest(result, 5) == []
    assert len(opening(result)) == 48
    result_page(result)


def test_one_replication_has_charts_all_the_same():
    page = result_page(made_result(replications=1))

    assert [section.heading for section in page.sections]


@pytest.mark.parametrize(
    "page",
    [
        lambda: result_page(week(), date(2026, 3, 2)),
        lambda: comparison_page(more_agents()),
        lambda: backtest_page(back_test()),
        lambda: result_page(made_result(per_hour=0.0, agents=0, replications=2)),
    ],
    ids=["a week", "a comparison", "a back-test", "a closed centre"],
)
def test_every_chart_compiles_and_draws_something(page):
    for section in page().sections:
        for chart in section.charts:
            svg = vl_convert.vegalite_to_svg({**chart.spec, "width": 600})
            assert re.search(r'class="mark-\w+ role-mark', svg), chart.title
