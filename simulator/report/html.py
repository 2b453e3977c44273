"""The report as one HTML file that needs nothing else: no network, no other file.

Every chart is in it twice. Drawn as SVG by `vl-convert` when the report is written, so
that mail previews, printers and whoever forbids scripts see it; and as a Vega-Lite
specification with one copy of Vega (0.9 MB, the same for any number of charts), which
fits the chart to the screen and answers when pointed at.

The page's security policy forbids every fetch and every script but that one, by its
digest; names stand in the page as text and in the data as JSON that cannot end a
script. The same result gives the same bytes: there is no date in it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import metadata
from importlib.resources import files
from typing import Any

import vl_convert

from simulator.report.drawing import POINTED, Chart, Section, Spec
from simulator.report.overview import Told
from simulator.report.tables import Cell
from simulator.report.words import ABSENT

DRAWN_WIDE = 860
DRAWN_NARROW = 380
IDENTIFIER = re.compile(r'(?<=id=")clip\d+(?=")|(?<=url\(#)clip\d+(?=\))')


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says; all of it is text, and none of it HTML."""

    title: str
    intro: list[str]
    sections: list[Section]
    origin: Mapping[str, Cell]
    """Where the figures come from: enough to make them again."""
    alarm: str = ""
    warnings: Sequence[str] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)


def written(page: Page) -> str:
    """The whole file as text."""
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    drawn = _Drawn()
    body = [
        _head(page),
        *(_section(section, drawn) for section in page.sections),
        _definitions(page),
        _foot(page),
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(page.title)}</title>",
            f"<style>\n{_own('page.css')}</style>",
            "</head>",
            "<body>",
            *body,
            *drawn.specs,
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


class _Drawn:
    """The charts of one page, numbered in their order."""

    def __init__(self) -> None:
        self.specs: list[str] = []

    def place(self, chart: Chart) -> str:
        """A figure with the drawn chart in it; its specification is kept for the end."""
        number = len(self.specs) + 1
        self.specs.append(
            f'<script type="application/json" id="chart-{number}">'
            f"{as_data(chart.spec)}</script>"
        )
        width = DRAWN_WIDE if chart.wide else DRAWN_NARROW
        kind = "wide" if chart.wide else "beside"
        return (
            f'<figure class="{kind}"><figcaption><h3><bdi>{escape(chart.title)}</bdi>'
            f"</h3><p>{escape(chart.note)}</p></figcaption>"
            f'<div class="chart" role="img" aria-label="{escape(chart.title)}" '
            f'data-chart="chart-{number}"><div class="drawn">'
            f"{drawn_as_svg(chart.spec, width, f'c{number}-')}</div></div></figure>"
        )


def as_data(values: Any) -> str:
    """JSON that is safe inside a script element: it has no `<`, `>` or `&` in it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def drawn_as_svg(spec: Spec, width: int, prefix: str) -> str:
    """The chart as SVG of this width.

    Its identifiers begin with `prefix`, for they have to differ within a page, and are
    counted anew: Vega goes on counting from one chart to the next.
    """
    layers = [layer for layer in spec["layer"] if layer.get("name") != POINTED]
    svg: str = vl_convert.vegalite_to_svg({**spec, "width": width, "layer": layers})
    numbers: dict[str, str] = {}
    return IDENTIFIER.sub(
        lambda found: numbers.setdefault(found[0], f"{prefix}{len(numbers)}"), svg
    )


@cache
def _script() -> str:
    """Vega and what brings the charts to life."""
    script: str = vl_convert.javascript_bundle(_own("page.js"))
    return re.sub(r"</(?=script)|<!(?=--)", r"\\x3c\g<0>", script)


def _own(name: str) -> str:
    return files("simulator.report").joinpath(name).read_text("utf-8")


# ---------------------------------------------------------------------- parts of a page


def _head(page: Page) -> str:
    parts = [f"<header><h1><bdi>{escape(page.title)}</bdi></h1>"]
    parts += [f'<p class="soft">{escape(text)}</p>' for text in page.intro]
    if page.alarm:
        parts.append(f'<p class="alarm">{escape(page.alarm)}</p>')
    if page.warnings:
        said = "".join(f"<li>{escape(text)}</li>" for text in page.warnings)
        parts.append(f'<div class="alarm">Warnings<ul>{said}</ul></div>')
    return "".join([*parts, "</header>"])


def _table(told: Told) -> str:
    """A table whose first `names` columns are text; what misses its target is marked."""
    heads = "".join(
        f"<th{_name(at, told)}>{escape(head)}</th>"
        for at, head in enumerate(told.heads)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_name(at, told, missed=(number, at) in told.missed)}>"
            f"{f'<bdi>{escape(cell)}</bdi>' if at < told.names else escape(cell)}</td>"
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for number, row in enumerate(told.rows)
    )
    return (
        f'<p class="caption">{escape(told.caption)}</p><div class="scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _name(at: int, told: Told, *, missed: bool = False) -> str:
    if at < told.names:
        return ' class="name"'
    return ' class="missed"' if missed else ""


def _section(section: Section, drawn: _Drawn) -> str:
    note = f"<p>{escape(section.note)}</p>" if section.note else ""
    figures = "".join(drawn.place(chart) for chart in section.charts)
    tables = "".join(_table(told) for told in section.tables)
    grid = f'<div class="grid">{figures}</div>' if figures else ""
    heading = escape(section.heading)
    return f"<section><h2>{heading}</h2>{note}{grid}{tables}</section>"


def _definitions(page: Page) -> str:
    if not page.definitions:
        return ""
    said = _list(list(page.definitions.items()))
    return f"<section><h2>What the figures mean</h2>{said}</section>"


def _list(pairs: Sequence[tuple[str, str]]) -> str:
    said = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in pairs)
    return f"<dl>{said}</dl>"


def _foot(page: Page) -> str:
    facts = {**page.origin, "version": metadata.version("santral")}
    said = [
        (what, ABSENT if value is None else str(value)) for what, value in facts.items()
    ]
    return (
        "<footer><p>The same inputs, seed and engine make this page again, byte for "
        f"byte.</p>{_list(said)}</footer>"
    )
