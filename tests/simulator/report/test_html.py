"""The page as text: whole by itself, the same twice, and no name can do harm."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from simulator.report.html import as_data, written
from simulator.report.pages import result_page
from tests.simulator.made import made_result
from tests.simulator.report.samples import (
    HOSTILE,
    hostile,
    one_day,
    page,
)


class Reader(HTMLParser):
    """Collects the elements of a page, and what is in its scripts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.scripts = []
        self.text = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)


@pytest.fixture(scope="module")
def nasty():
    return page("two plans with hostile names")


def test_nothing_is_fetched_from_anywhere(nasty):
    for tag, attributes in Reader(nasty).elements:
        assert tag not in {"link", "iframe", "object", "embed", "base", "img", "form"}
        assert not {"src", "srcset", "action", "data"} & attributes.keys(), tag
        for name in ("href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#"), tag
    style = re.search(r"<style>(.*?)</style>", nasty, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_forbids_every_fetch_and_every_other_script(nasty):
    policy = next(
        attributes["content"]
        for tag, attributes in Reader(nasty).elements
        if tag == "meta" and "http-equiv" in attributes
    )

    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy


def test_hostile_names_are_text(nasty):
    reader = Reader(nasty)

    running = [
        attributes
        for tag, attributes in reader.elements
        if tag == "script" and attributes.get("type") != "application/json"
    ]
    assert running == [{}]
    assert not any(
        name.startswith("on")
        for _, attributes in reader.elements
        for name in attributes
    )
    assert HOSTILE in "".join(reader.text)


def test_data_in_a_script_cannot_end_it():
    data = as_data({"name": f"{HOSTILE}<!-- & \u2028"})

    assert not set("<>&\u2028") & set(data)


def test_turkish_and_greek_names_are_as_they_are_written():
    text = page("one day")

    assert "Bireysel bankacılık" in text
    assert "Κάρτες" in text
    assert '<meta charset="utf-8">' in text


def test_the_same_result_gives_the_same_bytes():
    again = made_result(days=7, replications=4)

    assert page("a week") == written(result_page(again))


def test_a_chart_that_was_drawn_before_does_not_change_the_page():
    first = page("one day")
    page("a week")

    assert written(result_page(one_day())) == first


def test_every_chart_is_drawn_in_the_page_and_identifiers_differ(nasty):
    reader = Reader(nasty)
    charts = [a for _, a in reader.elements if a.get("class") == "chart"]
    drawn = [a for tag, a in reader.elements if tag == "svg"]
    identifiers = [a["id"] for _, a in reader.elements if "id" in a]

    assert len(charts) == len(drawn) > 10
    assert len(set(identifiers)) == len(identifiers)


def test_colours_are_those_of_the_style_sheet():
    text = page("a week")

    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    assert used
    for name in used:
        assert f"{name}:" in light, name
        assert f"{name}:" in dark, name


def test_a_partial_result_is_told_at_the_top():
    text = written(result_page(made_result(replications=3, asked=50, partial=True)))

    at = text.index("Partial result: the run was stopped after 3 of 50 replications")
    assert at < text.index("The run at a glance")
    assert "Partial result" not in page("one day")


def test_warnings_are_told_at_the_top():
    text = written(result_page(hostile()))

    assert text.index("Warnings") < text.index("The run at a glance")


def test_the_foot_says_how_to_make_the_page_again():
    text = written(result_page(one_day(), date(2026, 3, 2)))

    foot = "".join(Reader(text[text.index("<footer>") :]).text)
    for fact in (
        "seed1", "replications8", "engine0123456789abcdef",
        "digest of scenario89abcdef01234567", "digest of policyfedcba9876543210",
        "version",
    ):  # fmt: skip
        assert fact in foot


def test_the_definition_in_force_is_named():
    text = page("one day")

    assert "Service level: within_of_answered_and_abandoned, 20s." in text
    assert "answered in time / (answered + abandoned)" in text


def test_a_back_test_has_a_page_of_its_own():
    text = page("a back-test")

    assert "Back-test over 2 days held back" in text
    assert text.count('class="chart"') == 2 * 4
