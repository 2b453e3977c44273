"""Files come into place whole or not at all."""

import pytest

from simulator.report import write
from simulator.report.place import Unwritable, placed
from simulator.report.write import write_backtest, write_reports
from tests.simulator.report.samples import back_test, one_day


def test_all_reports_at_once(tmp_path):
    files = write_reports(
        one_day(),
        html=tmp_path / "new" / "run.html",
        csv=tmp_path / "tables",
        xlsx=tmp_path / "run.xlsx",
    )

    assert all(path.stat().st_size > 0 for path in files)
    assert len(files) == 7
    assert (tmp_path / "new" / "run.html").read_text("utf-8").startswith("<!doctype")


def test_nothing_asked_for_is_nothing_written(tmp_path):
    assert write_reports(one_day()) == []


def test_a_back_test_is_written_too(tmp_path):
    files = write_backtest(
        back_test(), html=tmp_path / "b.html", csv=tmp_path, xlsx=tmp_path / "b.xlsx"
    )

    assert sorted(path.name for path in files) == [
        "about.csv", "b.html", "b.xlsx", "errors.csv", "intervals.csv",
    ]  # fmt: skip


def test_a_report_that_fails_half_way_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.html"
    path.write_text("the old one")

    def half_of_it():
        with placed(path) as temporary:
            temporary.write_text("half of the new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_of_it()

    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_place_of_the_file_is_told(tmp_path):
    with pytest.raises(Unwritable, match="it is a folder; name a file in it"):
        write_reports(one_day(), xlsx=tmp_path)


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "tables").write_text("")

    with pytest.raises(Unwritable) as refusal:
        write_reports(one_day(), csv=tmp_path / "tables")

    assert str(refusal.value).startswith(f"cannot write {tmp_path}/tables/figures.csv")


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write.Path, "write_bytes", full)

    with pytest.raises(Unwritable, match="no space left on device"):
        write_reports(one_day(), xlsx=tmp_path / "run.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_a_report_may_be_read_by_whom_the_machine_lets(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")

    write_reports(one_day(), csv=tmp_path / "tables")

    mode = (tmp_path / "tables" / "figures.csv").stat().st_mode
    assert mode == plain.stat().st_mode
