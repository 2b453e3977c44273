"""The workbook, read back from its XML: numbers are numbers, names are never formulas."""

import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

import pytest

from simulator.report.files import sheets_of
from simulator.report.held_back import sheets_of_backtest
from simulator.report.write import write_comparison, write_reports
from simulator.report.xlsx import workbook_of
from tests.simulator.made import made_result
from tests.simulator.report.samples import back_test, hostile, more_agents, one_day

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """Just enough of a reader: sheets by name, cells as text or number."""

    def __init__(self, data):
        self.zip = zipfile.ZipFile(BytesIO(data))
        strings = self.xml("xl/sharedStrings.xml")
        self.strings = ["".join(one.itertext()) for one in strings]
        book = self.xml("xl/workbook.xml")
        self.names = [sheet.get("name") for sheet in book.iter(f"{MAIN}sheet")]
        styles = self.xml("xl/styles.xml")
        self.formats = {
            one.get("numFmtId"): one.get("formatCode")
            for one in styles.iter(f"{MAIN}numFmt")
        }
        self.styles = [
            xf.get("numFmtId") for xf in styles.find(f"{MAIN}cellXfs").iter(f"{MAIN}xf")
        ]

    def xml(self, name):
        return ElementTree.fromstring(self.zip.read(name))

    def sheet(self, name):
        return self.xml(f"xl/worksheets/sheet{self.names.index(name) + 1}.xml")

    def rows(self, name):
        return [
            {re.sub(r"\d", "", cell.get("r")): self.value(cell) for cell in row}
            for row in self.sheet(name).iter(f"{MAIN}row")
        ]

    def value(self, cell):
        value = cell.find(f"{MAIN}v")
        if value is None:
            return None
        if cell.get("t") == "s":
            return self.strings[int(value.text)]
        return float(value.text)

    def format_of(self, name, reference):
        for cell in self.sheet(name).iter(f"{MAIN}c"):
            if cell.get("r") == reference:
                return self.formats.get(self.styles[int(cell.get("s", 0))], "General")
        return None


def book_of(result):
    return Book(workbook_of(result.scenario, sheets_of(result), result))


def test_figures_are_numbers_with_the_format_of_their_unit():
    result = one_day()
    book = book_of(result)

    heads, *rows = book.rows("Queues")
    column = next(key for key, head in heads.items() if head == "Service level")

    assert [row["A"] for row in rows] == [queue for queue, _ in result.layout.pairs]
    for number, row in enumerate(rows):
        mean = result.estimate("pair", number, "service_level").mean
        assert row[column] == pytest.approx(mean)
    assert book.format_of("Queues", f"{column}2") == "0.0%"


def test_the_tidy_table_is_there_as_it_is():
    result = one_day()

    heads, *rows = book_of(result).rows("figures")

    assert list(heads.values())[-4:] == ["measure", "mean", "half_width", "definition"]
    assert len(rows) == sum(1 for _ in sheets_of(result)[0].rows())
    assert all(isinstance(row["G"], float) for row in rows if row.get("G") is not None)


def test_heads_stay_in_sight():
    book = book_of(one_day())

    for name in book.names:
        pane = book.sheet(name).find(f".//{MAIN}pane")
        assert pane is not None, name
        assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")


def test_the_heat_map_is_the_service_level_by_interval():
    result = one_day()

    book = book_of(result)

    _, *rows = book.rows("Service level by interval")
    found = result.by_interval("pair", "service_level").mean
    assert rows[0]["A"] == "08:00"
    assert rows[0]["B"] == pytest.approx(found[16, 0])
    sheet = book.sheet("Service level by interval")
    assert len(list(sheet.iter(f"{MAIN}colorScale"))) == len(result.layout.pairs)


def test_no_name_is_ever_a_formula():
    book = book_of(hostile())

    texts = {text for row in book.rows("figures") for text in row.values()}
    assert {"=HYPERLINK(A1)", "=1+1"} <= texts
    for name in book.names:
        sheet = book.sheet(name)
        assert not list(sheet.iter(f"{MAIN}f")), name
        assert not list(sheet.iter(f"{MAIN}hyperlink")), name


def test_a_partial_result_is_marked_on_the_sheet_that_people_read():
    result = made_result(replications=3, asked=50, partial=True)

    texts = [text for row in book_of(result).rows("Queues") for text in row.values()]

    assert "PARTIAL: stopped after 3 of 50 replications" in texts


def test_the_same_result_gives_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"

    write_reports(one_day(), xlsx=first)
    write_reports(made_result(replications=8), xlsx=second)

    assert first.read_bytes() == second.read_bytes()


def test_a_comparison_opens_with_the_second_plan_and_has_the_differences(tmp_path):
    write_comparison(more_agents(), xlsx=tmp_path / "what if.xlsx")

    book = Book((tmp_path / "what if.xlsx").read_bytes())
    assert book.names[0] == "Queues"
    assert "comparison" in book.names


def test_a_back_test_has_its_errors():
    book = Book(workbook_of("Back-test", sheets_of_backtest(back_test())))

    _, *rows = book.rows("errors")
    assert len(rows) == 2 * 6
    assert rows[0]["A"] == "known"
    assert isinstance(rows[0]["D"], float)
