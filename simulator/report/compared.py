"""The tables of what stands side by side: two plans, and a forecast beside what happened.

Rows of plain values as in `simulator.report.tables`.
"""

from collections.abc import Iterator
from typing import Final

from simulator.comparison import COMPARED, Comparison
from simulator.report.tables import WHO, Row, meaning, who

COMPARISON_COLUMNS: Final = (
    *WHO, "measure", "first_mean", "first_half_width", "second_mean",
    "second_half_width", "difference", "difference_half_width", "significant",
    "variance_reduction", "definition",
)  # fmt: skip


def comparison_rows(comparison: Comparison) -> Iterator[Row]:
    """Every figure that both plans have, of everything that both have; the difference
    is the second plan less the first.
    """
    first = comparison.first
    for kind in COMPARED:
        for name in comparison.names(kind):
            number = first.number(kind, name)
            for measure in comparison.figures(kind):
                change = comparison.change(kind, name, measure)
                yield {
                    **who(first, kind, number),
                    "measure": measure,
                    "first_mean": change.first.mean,
                    "first_half_width": change.first.half_width,
                    "second_mean": change.second.mean,
                    "second_half_width": change.second.half_width,
                    "difference": change.difference.mean,
                    "difference_half_width": change.difference.half_width,
                    "significant": "yes" if change.significant else "no",
                    "variance_reduction": change.variance_reduction,
                    "definition": meaning(first, kind, number, measure),
                }
