"""The tables hold what the result says, and CSV keeps it."""

import csv

import pytest

from simulator.report.files import sheets_of, sheets_of_comparison
from simulator.report.tables import FIGURE_COLUMNS, figure_rows, interval_rows
from simulator.report.write import write_comparison, write_reports
from tests.simulator.made import made_result
from tests.simulator.report.samples import hostile, more_agents, one_day, week


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_figure_of_everything_has_a_row():
    result = one_day()

    rows = list(figure_rows(result))

    assert len(rows) == sum(
        len(result.names(kind)) * len(result.figures(kind))
        for kind in ("queue", "pair", "stream", "staff", "house")
    )
    for row in rows:
        assert tuple(row) == FIGURE_COLUMNS


def test_a_row_is_the_estimate_of_the_result():
    result = one_day()

    (row,) = (
        row
        for row in figure_rows(result)
        if (row["kind"], row["queue"], row["channel"], row["measure"])
        == ("pair", "Κάρτες", "chat", "service_level")
    )

    estimate = result.estimate("pair", 2, "service_level")
    assert (row["mean"], row["half_width"]) == (estimate.mean, estimate.half_width)
    assert row["definition"] == "within_of_answered_and_abandoned, 20 s"


def test_intervals_add_up_to_the_run():
    result = week()

    offered = sum(
        row["mean"]
        for row in interval_rows(result)
        if row["kind"] == "pair" and row["measure"] == "offered"
    )

    assert offered == pytest.approx(result.estimate("house", 0, "offered").mean)


def test_an_interval_without_arrivals_has_no_service_level():
    shares = [
        row
        for row in interval_rows(one_day())
        if row["kind"] == "pair" and row["measure"] == "service_level"
    ]

    assert {row["interval"] for row in shares} == {
        f"{hour:02}:{minute}" for hour in range(8, 20) for minute in ("00", "30")
    }


def test_what_came_after_the_last_midnight_has_no_time_of_day():
    last = [row for row in interval_rows(one_day()) if row["interval"] == ""]

    assert last
    assert {row["day"] for row in last} == {1}


def test_csv_keeps_every_figure(tmp_path):
    result = one_day()

    files = write_reports(result, csv=tmp_path / "tables")

    assert sorted(path.name for path in files) == [
        "about.csv", "figures.csv", "intervals.csv", "waits.csv", "worst.csv",
    ]  # fmt: skip
    rows = read(tmp_path / "tables" / "figures.csv")
    for row, said in zip(figure_rows(result), rows, strict=True):
        assert said["queue"] == row["queue"]
        mean = row["mean"]
        assert (said["mean"] == "") if mean is None else (
            float(said["mean"]) == pytest.approx(mean, rel=1e-11)
        )  # fmt: skip


def test_csv_says_where_it_comes_from_and_that_it_is_partial(tmp_path):
    result = made_result(replications=3, asked=50, partial=True, warnings=("too few",))

    write_reports(result, csv=tmp_path)

    about = {row["what"]: row["value"] for row in read(tmp_path / "about.csv")}
    assert about["partial"] == "yes: it was stopped"
    assert (about["replications"], about["asked"], about["seed"]) == ("3", "50", "1")
    assert about["digest of policy"] == "fedcba9876543210"
    assert about["engine"] == "0123456789abcdef"
    assert about["warning"] == "too few"


def test_a_name_that_looks_like_a_formula_is_text_in_csv(tmp_path):
    write_reports(hostile(), csv=tmp_path)

    names = {row["queue"] for row in read(tmp_path / "figures.csv")}
    assert "'=HYPERLINK(A1)" in names
    assert not any(name.startswith("=") for name in names)


def test_a_comparison_has_both_plans_and_their_difference(tmp_path):
    comparison = more_agents()

    write_comparison(comparison, csv=tmp_path)

    (row,) = (
        row
        for row in read(tmp_path / "comparison.csv")
        if row["kind"] == "pair"
        and (row["queue"], row["channel"]) == ("Κάρτες", "chat")
        and row["measure"] == "asa_s"
    )
    change = comparison.change("pair", "Κάρτες / chat", "asa_s")
    assert float(row["first_mean"]) == pytest.approx(change.first.mean)
    assert float(row["difference"]) == pytest.approx(change.difference.mean)
    assert row["significant"] == ("yes" if change.significant else "no")


def test_every_table_has_the_columns_it_says():
    sheets = [*sheets_of(one_day()), *sheets_of_comparison(more_agents())]

    for sheet in sheets:
        for row in sheet.rows():
            assert set(row) == set(sheet.columns), sheet.name
