"""How `santral-simulator erlang` shows a plan to a person.

One row for each number of agents, the four service levels by number, and below the table
what the numbers mean and what was asked. Beside `erlang`, which reads the question.
"""

from rich import box
from rich.console import Console
from rich.table import Table

from router.model.service_level import Definition
from router.model.time import format_duration, parse_duration
from simulator.erlang.demand import counted
from simulator.erlang.plan import Plan
from simulator.erlang.staffing import Bounds


def show(plan: Plan, console: Console) -> None:
    """Print the plan; 80 columns are enough for it."""
    chosen, demand = plan.chosen, plan.chosen.demand
    patient = f", patience {_time(demand.patience_s)}" if demand.patience_s else ""
    console.print(
        f"[bold]{chosen.model}[/bold]: {demand.offered_erlang:.6g} Erlang offered "
        f"({demand.interactions_per_hour:g} an hour, AHT {_time(demand.aht_s)}{patient})"
    )
    console.print(_table(plan))
    console.print(f"SL is the service level within {_time(plan.within_s)}:")
    for number, definition in enumerate(Definition, 1):
        short = ""
        if definition is Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED:
            short = f" (sooner than {_time(plan.short_abandon_s)})"
        console.print(f"  SL {number}  {definition.value}{short}")
    if plan.bounds is not None:
        kept = "keep" if plan.met else "do not keep"
        console.print(
            f"[bold]{counted(chosen.agents, 'agent')}[/bold] {kept} "
            f"{_bounds_in_words(plan.bounds)}."
        )
    if plan.square_root is not None:
        sign = "-" if plan.safety < 0 else "+"
        load = f"{demand.offered_erlang:.6g}"
        console.print(
            f"The square-root rule says about {plan.square_root}; "
            f"{chosen.agents} = {load} {sign} {abs(plan.safety):.2f} √{load}."
        )


def _table(plan: Plan) -> Table:
    demand = plan.chosen.demand
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    blocks = not demand.waits or demand.lines is not None
    heads = ["agents", "occupancy", "waits", "ASA", "abandoned"]
    heads += ["blocked"] if blocks else []
    heads += [f"SL {number}" for number in range(1, len(Definition) + 1)]
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for line in plan.table:
        shares = [line.p_abandon, *([line.p_block] if blocks else [])]
        shares += line.service_levels(plan.within_s, plan.short_abandon_s).values()
        table.add_row(
            str(line.agents),
            f"{line.occupancy:.1%}",
            f"{line.p_wait:.1%}",
            f"{line.asa_s:.1f}s",
            *(f"{share:.1%}" for share in shares),
            style="bold" if line is plan.chosen and len(plan.table) > 1 else "",
        )
    return table


def _bounds_in_words(bounds: Bounds) -> str:
    parts = []
    if bounds.service_level is not None:
        parts.append(
            f"a service level of {100 * bounds.service_level:.4g}% within "
            f"{_time(bounds.within_s)} ({bounds.definition.value})"
        )
    if bounds.asa_s is not None:
        parts.append(f"an ASA of at most {_time(bounds.asa_s)}")
    for name in ("abandonment", "occupancy", "blocking"):
        share = getattr(bounds, name)
        if share is not None:
            parts.append(f"{name} of at most {100 * share:.4g}%")
    return " and ".join(parts)


def _time(seconds: float) -> str:
    return format_duration(round(seconds * parse_duration("1s")))
