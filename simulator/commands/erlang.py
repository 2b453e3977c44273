"""`santral-simulator erlang`: exact figures for one queue, or the agents it needs.

Reads the question and lets `simulator.erlang` answer it; `erlang_table` shows the answer
to people, `plan.as_values` to machines.
"""

import json
import re
from typing import Annotated, Final

import typer
from pydantic_core import PydanticCustomError
from rich.console import Console

from router.model.service_level import Definition
from router.model.time import parse_duration
from router.policy.fields import Span
from router.policy.problem import PolicyProblem
from router.policy.suggest import meant
from simulator.commands.erlang_table import show
from simulator.erlang.demand import Demand, SystemWrong
from simulator.erlang.plan import as_values, planned
from simulator.erlang.staffing import Bounds

DEFAULT_TARGET: Final = "80%"
DEFAULT_BLOCKING: Final = "1%"

_WORK: Final = Span("1ms", "30d")
_WAIT: Final = Span("0s", "1d")
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?(%?)")


class OptionWrong(ValueError):
    """An option says something that it cannot mean."""


def erlang(
    interactions_per_hour: Annotated[
        float, typer.Option(help="How many come in an hour.")
    ],
    aht: Annotated[str, typer.Option(help="The mean handle time, such as 300s or 5m.")],
    agents: Annotated[
        int | None, typer.Option(help="So many agents; without it, find how many.")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(help="The mean patience (Erlang A); without it, nobody gives up."),
    ] = None,
    within: Annotated[
        str, typer.Option(help="The threshold of the service level.")
    ] = "20s",
    target: Annotated[
        str | None,
        typer.Option(
            help=f"At least this service level; {DEFAULT_TARGET} if nothing is bounded."
        ),
    ] = None,
    definition: Annotated[
        str, typer.Option(help="The definition of service level that --target means.")
    ] = Definition.WITHIN_OF_ANSWERED_AND_ABANDONED.value,
    short_abandon: Annotated[
        str | None,
        typer.Option(
            help="Who gives up sooner counts as short abandonment; --within by default."
        ),
    ] = None,
    asa: Annotated[
        str | None, typer.Option(help="At most this mean wait of the answered.")
    ] = None,
    abandonment: Annotated[
        str | None, typer.Option(help="At most this abandonment, such as 3%.")
    ] = None,
    occupancy: Annotated[
        str | None, typer.Option(help="At most this occupancy, such as 85%.")
    ] = None,
    lines: Annotated[
        int | None, typer.Option(help="Room for so many, in service and waiting.")
    ] = None,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost", help="Whoever finds no free agent is blocked (Erlang B)."
        ),
    ] = False,
    blocking: Annotated[
        str | None,
        typer.Option(help="At most this share blocked, with --lines or --lost."),
    ] = None,
    json_out: Annotated[
        bool, typer.Option("--json", help="Print JSON for machines.")
    ] = False,
) -> None:
    """Exact Erlang B, C and A for one queue: the figures of some agents, or the fewest
    agents that keep a target.
    """
    try:
        _hold_together(patience, lines, lost, target, blocking)
        demand = Demand(
            interactions_per_hour,
            _seconds("--aht", aht, _WORK),
            _perhaps("--patience", patience, _WORK),
            lines,
            not lost,
        )
        if agents is None and not (target or asa or abandonment or occupancy):
            if lost:
                blocking = blocking or DEFAULT_BLOCKING
            elif not blocking:
                target = DEFAULT_TARGET
        within_s = _seconds("--within", within, _WAIT)
        short_abandon_s = _seconds("--short-abandon", short_abandon or within, _WAIT)
        named = _definition(definition)
        bounds = None
        if target or asa or abandonment or occupancy or blocking:
            bounds = Bounds(
                service_level=_share("--target", target),
                definition=named,
                within_s=within_s,
                short_abandon_s=short_abandon_s,
                asa_s=_perhaps("--asa", asa, _WORK),
                abandonment=_share("--abandonment", abandonment),
                occupancy=_share("--occupancy", occupancy),
                blocking=_share("--blocking", blocking),
            )
        plan = planned(
            demand,
            agents=agents,
            bounds=bounds,
            within_s=within_s,
            short_abandon_s=short_abandon_s,
        )
    except (SystemWrong, OptionWrong) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from None
    if json_out:
        typer.echo(json.dumps(as_values(plan)))
    else:
        show(plan, Console(highlight=False))


def _hold_together(
    patience: str | None,
    lines: int | None,
    lost: bool,
    target: str | None,
    blocking: str | None,
) -> None:
    """Refuse options that say nothing beside each other."""
    if lost and (patience or lines or target):
        raise OptionWrong(
            "--lost: nobody waits, so --patience, --lines and --target say nothing; "
            "give --blocking, such as 1%"
        )
    if blocking and not (lost or lines):
        raise OptionWrong(
            "--blocking: nobody is blocked where any number may wait; "
            "give --lines for a limited room, or --lost for none"
        )


def _wrong(option: str, text: str, message: str, suggestion: str) -> OptionWrong:
    problem = PolicyProblem(0, 0, option, f'"{text}"', message, suggestion=suggestion)
    return OptionWrong(str(problem))


def _seconds(option: str, text: str, span: Span) -> float:
    try:
        return int(span.read(text)) / parse_duration("1s")
    except PydanticCustomError as wrong:
        told = wrong.context or {}
        message = f"{told['message']} (from {span.least} to {span.most})"
        if str(told["message"]) == f"must be {told['allowed']}":
            message = str(told["message"])
        raise _wrong(option, text, message, str(told["suggestion"])) from None


def _perhaps(option: str, text: str | None, span: Span) -> float | None:
    return None if text is None else _seconds(option, text, span)


def _share(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    found = _PERCENT.fullmatch(text.strip())
    allowed = "must be a percentage above 0% and below 100%, such as 80%"
    if found is None:
        raise _wrong(option, text, allowed, "")
    percent = float(found.group(1))
    if percent < 1 and percent > 0 and not found.group(2):
        raise _wrong(option, text, allowed, f"{100 * percent:g}%")
    if not 0 < percent < 100:
        raise _wrong(option, text, allowed, "")
    return percent / 100


def _definition(text: str) -> Definition:
    names = [definition.value for definition in Definition]
    if text not in names:
        message = f"is no definition of service level (there are {', '.join(names)})"
        raise _wrong("--definition", text, message, meant(text, names))
    return Definition(text)
