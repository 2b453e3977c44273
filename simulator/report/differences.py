"""What-if: what the second plan changes, figure by figure, with intervals.

Both plans met the same customers, so differences are surer than either plan's figures.
An interval that leaves out 0 is a change; any other may be chance.
"""

from typing import Final

from simulator.comparison import Change, Comparison
from simulator.figures import Kind
from simulator.report.drawing import Chart, Section, Spec, Values, chart, kept
from simulator.report.overview import Told
from simulator.report.words import number, said, with_half

FIGURES: Final = ("service_level", "asa_s", "abandonment")
OF_STAFF: Final = ("occupancy", "signed_in_h", "cost")
SHOWN: Final[tuple[tuple[str, Kind, tuple[str, ...]], ...]] = (
    ("The whole house", "house", FIGURES + OF_STAFF),
    ("By queue and channel", "pair", FIGURES),
    ("Staff whose figures changed", "staff", OF_STAFF),
)
ROWS_MOST: Final = 40
ROW_HEIGHT: Final = 36
SCALE: Final = {"share": (100, "percentage points"), "s": (1, "seconds")}
BETTER, WORSE, EITHER = "better", "worse", "may be chance"
COLOURS: Final = {
    BETTER: "var(--blue)", WORSE: "var(--orange)", EITHER: "var(--line)",
}  # fmt: skip
MORE_IS_BETTER: Final = ("service_level",)


def changed(comparison: Comparison) -> Section:
    """Charts of the differences, and the figures of both plans."""
    names = comparison.names("pair")[:ROWS_MOST]
    charts = [
        one
        for figure in FIGURES
        if (one := _differences(comparison, names, figure)) is not None
    ]
    left_out = (*comparison.left_out("pair"), *comparison.left_out("staff"))
    return Section(
        "What does the change bring?",
        charts,
        note=f"“{comparison.second.scenario}” less “{comparison.first.scenario}”, over "
        f"{comparison.replications} replications in which both met the same customers. "
        f"Bars are {comparison.confidence:.0%} confidence intervals; ▲ better, ▼ worse, "
        "● may be chance."
        + (f" Only in one of them: {', '.join(left_out)}." if left_out else ""),
        tables=compared(comparison),
    )


def compared(comparison: Comparison) -> list[Told]:
    """Both plans side by side: the whole house, each queue and channel, and those of the
    staff whose figures changed.
    """
    tables = []
    for title, kind, figures in SHOWN:
        rows = [
            [
                "All" if kind == "house" else name,
                said(figure).title,
                *_sides(change, figure),
            ]
            for name in comparison.names(kind)[:ROWS_MOST]
            for figure in figures
            if _told(change := comparison.change(kind, name, figure), kind, figure)
        ]
        if rows:
            heads = ["Of", "Figure", "Difference", "It is", "First", "Second"]
            if not any(row[3] for row in rows):
                for row in (heads, *rows):
                    del row[3]
            caption = f"{title}: the second plan less the first, and both"
            tables.append(Told(caption, heads, rows, names=2))
    return tables


def _told(change: Change, kind: Kind, figure: str) -> bool:
    """Whether a figure has a row: there is one, and of the staff it changed visibly."""
    mean = change.difference.mean
    if mean is None or (figure == "cost" and not change.first.mean):
        return False
    digits = number(mean, said(figure).unit).strip("-% hs")
    return kind != "staff" or (change.significant and digits.strip("0.") != "")


def verdict(change: Change, figure: str) -> str:
    """Whether a figure got better or worse, or may only have changed by chance."""
    mean = change.difference.mean
    if mean is None or not change.significant:
        return EITHER
    return BETTER if (mean > 0) == (figure in MORE_IS_BETTER) else WORSE


def _sides(change: Change, figure: str) -> list[str]:
    unit = said(figure).unit
    return [
        difference(change, figure),
        _judged(change, figure),
        with_half(change.first, unit),
        with_half(change.second, unit),
    ]


def _judged(change: Change, figure: str) -> str:
    if figure in OF_STAFF:
        return ""
    return verdict(change, figure) if change.difference.mean else "the same"


def difference(change: Change, figure: str) -> str:
    """`+9.3 points ± 0.8`: with its sign, and of shares in percentage points."""
    unit = said(figure).unit
    text = with_half(change.difference, unit)
    mean = change.difference.mean
    if mean is None:
        return text
    if unit == "share":
        text = text.replace("%", " points", 1)
    return f"+{text}" if mean > 0 else text


def _differences(
    comparison: Comparison, names: tuple[str, ...], figure: str
) -> Chart | None:
    factor, unit = SCALE[said(figure).unit]
    values: Values = []
    for name in names:
        change = comparison.change("pair", name, figure)
        mean, width = change.difference.mean, change.difference.half_width
        if mean is not None:
            values.append(
                {
                    "name": name,
                    "mean": kept(factor * mean),
                    "low": kept(factor * (mean - (width or 0))),
                    "high": kept(factor * (mean + (width or 0))),
                    "verdict": verdict(change, figure),
                    "Difference": difference(change, figure),
                }
            )
    if not values:
        return None
    title = said(figure).title
    return Chart(
        title=f"Difference in {title if title.isupper() else title.lower()}",
        note=f"In {unit}; to the "
        f"{'right' if figure in MORE_IS_BETTER else 'left'} of 0 the second plan is better.",
        spec=_dots(values, unit),
        wide=len(names) > 12,
    )


def _dots(values: Values, unit: str) -> Spec:
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "sort": None,
        "axis": {
            "labelLimit": 150,
            "labelExpr": "split(datum.label, ' / ')",
            "labelOffset": -6,
            "ticks": False,
            "domain": False,
            "grid": True,
        },
    }
    x: Spec = {
        "field": "mean",
        "type": "quantitative",
        "title": unit,
        "scale": {"zero": True},
        "axis": {"format": "+.3~r", "tickCount": 5},
    }
    colour: Spec = {
        "field": "verdict",
        "type": "nominal",
        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
        "legend": None,
    }
    told = [
        {"field": "name", "type": "nominal", "title": "Of"},
        {"field": "Difference", "type": "nominal"},
        {"field": "verdict", "type": "nominal", "title": "It is"},
    ]
    return chart(
        [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 1},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 3},
                "encoding": {
                    "x": {**x, "field": "low"},
                    "x2": {"field": "high"},
                    "y": y,
                    "color": colour,
                    "tooltip": told,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": colour,
                    "shape": {
                        "field": "verdict",
                        "type": "nominal",
                        "scale": {
                            "domain": list(COLOURS),
                            "range": ["triangle-up", "triangle-down", "circle"],
                        },
                        "legend": None,
                    },
                    "tooltip": told,
                },
            },
        ],
        height=ROW_HEIGHT * len(values),
        values=values,
    )
