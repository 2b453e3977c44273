"""The pages: which charts and tables answer which question, in their order."""

from datetime import date
from typing import Final

from simulator.comparison import Comparison
from simulator.figures import DEFINITIONS
from simulator.report.curves import service_levels, staffing
from simulator.report.differences import changed
from simulator.report.drawing import Section
from simulator.report.heat import occupancy, service_level_by_day
from simulator.report.html import Page
from simulator.report.overview import overview, worst
from simulator.report.tables import origin
from simulator.report.timeline import busiest
from simulator.report.waits import waits
from simulator.report.words import length_of
from simulator.result import Result

PAIRS_MOST: Final = 12
"""Most queues and channels that have charts of their own."""
HEAT_MOST: Final = 4


def result_page(result: Result, first_day: date | None = None) -> Page:
    """The page of one scenario."""
    return Page(
        title=result.scenario,
        intro=[
            (
                f"{result.replications} replications of {length_of(result)}. Figures are "
                f"means with the half width of their {result.confidence:.0%} confidence "
                "interval."
            )
        ],
        alarm=stopped(result),
        warnings=result.warnings,
        sections=[
            Section("The run at a glance", [], tables=list(overview(result))),
            *sections_of(result, first_day),
        ],
        definitions=definitions_of(result),
        origin=origin(result),
    )


def comparison_page(comparison: Comparison, first_day: date | None = None) -> Page:
    """The page of two scenarios: what differs, and then the second by itself."""
    first, second = comparison.first, comparison.second
    page = result_page(second, first_day)
    return Page(
        title=f"{second.scenario} against {first.scenario}",
        intro=[
            (
                f"{comparison.replications} replications of {length_of(second)}, in which "
                f"both plans met the same customers. First plan: {first.scenario}. Second "
                f"plan: {second.scenario}; what follows the differences is of the second."
            ),
            page.intro[0],
        ],
        alarm=stopped(first) or stopped(second),
        warnings=tuple(dict.fromkeys((*first.warnings, *second.warnings))),
        sections=[changed(comparison), *page.sections],
        definitions=page.definitions,
        origin={
            **{f"first plan: {what}": value for what, value in origin(first).items()},
            **{f"second plan: {what}": value for what, value in origin(second).items()},
        },
    )


def stopped(result: Result) -> str:
    """What is said of a partial result; empty of a whole one."""
    if not result.partial:
        return ""
    return (
        f"Partial result: the run was stopped after {result.replications} of "
        f"{result.asked} replications. The figures are valid, and less sure than those "
        "that were asked for."
    )


def definitions_of(result: Result) -> dict[str, str]:
    """What the figures of a result mean."""
    there = {name for kind in result.tables for name in result.figures(kind)}
    return {name: text for name, text in DEFINITIONS.items() if name in there}


def sections_of(result: Result, first_day: date | None) -> list[Section]:
    """The charts of a result."""
    pairs = busiest(result, PAIRS_MOST)
    count = len(result.layout.pairs)
    some = (
        f"The {len(pairs)} busiest of {count} queues and channels; CSV and XLSX have all. "
        if len(pairs) < count
        else ""
    )
    found = []
    if result.layout.staff:
        found.append(
            Section(
                "Are there enough agents at the right time?",
                [staffing(result, first_day)],
            )
        )
    found.append(
        Section(
            "When is the service level kept?",
            service_levels(result, pairs),
            note=some
            + "Line: all days together, where there was enough to have a share "
            "of. Band: 8 of 10 single days lie in it. Dashed: the target.",
            tables=list(worst(result)),
        )
    )
    if result.layout.days > 1:
        found.append(
            Section(
                "On which days?",
                [
                    service_level_by_day(result, pair, first_day)
                    for pair in pairs[:HEAT_MOST]
                ],
            )
        )
    found.append(
        Section(
            "How long do people wait?",
            waits(result, pairs),
            note=some
            + "Line: the share of waits that were over by then, with an answer "
            "or without. Band: 8 of 10 single runs lie in it.",
        )
    )
    if result.layout.staff:
        found.append(Section("How busy is the staff?", [occupancy(result)]))
    return found
