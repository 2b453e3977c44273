"""What the terminal shows while the day passes, and the account at its end.

Draws what it is given: a view of the floor, a clock, arrivals by half hour. Asks the
router nothing and counts nothing.
"""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.demo.account import Account, QueueTally, shown
from router.demo.day_clock import DayClock, clock_face
from router.demo.day_plan import HALF_HOUR_MS
from router.demo.floor_view import FloorView

_BARS = "▁▂▃▄▅▆▇█"
_DOING = (("busy", "green"), ("wrap-up", "cyan"), ("free", "white"), ("away", "yellow"))
_NEAR_PERCENT = 10
_CLOSE = (0, 1, 0, 0)
_WIDE = 110
"""From so many columns on, the account has room for all its figures."""


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count; the highest stands for the greatest."""
    top = max(counts, default=0)
    if not top:
        return _BARS[0] * len(counts)
    return "".join(_BARS[count * (len(_BARS) - 1) // top] for count in counts)


def by_half_hour(instants: Sequence[int], opens_at_ms: int, now_ms: int) -> list[int]:
    """How many instants fall into each half hour from opening until now."""
    found = Counter((at_ms - opens_at_ms) // HALF_HOUR_MS for at_ms in instants)
    return [found[half] for half in range((now_ms - opens_at_ms) // HALF_HOUR_MS + 1)]


def picture(
    view: FloorView, clock: DayClock, arrived: Sequence[int], until_ms: int
) -> RenderableType:
    """The floor at this moment."""
    now_ms = min(clock.now_ms, until_ms)
    agents = Counter(agent.doing for agent in view.agents.values())
    states = Text("agents  ")
    for doing, colour in _DOING:
        states.append(f"{agents[doing]:3} {doing}  ", style=colour)
    bars = sparkline(by_half_hour(arrived, clock.opens_at_ms, now_ms))
    return Group(
        Text(f"{clock_face(clock.now_ms)}  ({clock.scale:.0f} times real time)"),
        _queues(view, clock),
        states,
        Text(f"arrivals by half hour  {bars}"),
    )


def _queues(view: FloorView, clock: DayClock) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=_CLOSE, pad_edge=False)
    table.add_column("queue", no_wrap=True)
    for heading in ("waiting", "longest", "answered", "abandoned", "in time"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    for name, queue in view.account.queues.items():
        longest_ms = view.longest_wait_ms(name, clock.to_router(clock.now_ms))
        table.add_row(
            name,
            str(len(view.waiting[name])),
            f"{longest_ms // 1000} s" if longest_ms else "–",
            str(queue.answered),
            str(queue.abandoned),
            service_level(queue),
            target(queue),
        )
    return table


def service_level(queue: QueueTally) -> Text:
    """The service level so far: green at its target, yellow near it, red below."""
    percent = queue.service_level_percent
    if percent is None:
        return Text("–")
    if percent >= queue.target_percent:
        style = "green"
    elif percent >= queue.target_percent - _NEAR_PERCENT:
        style = "yellow"
    else:
        style = "red"
    return Text(f"{percent:.1f} %", style=style)


def target(queue: QueueTally) -> str:
    """A queue's target as people say it: 80 % in 20 s."""
    seconds = queue.threshold_ms // 1000
    span = f"{seconds} s" if seconds < 3600 else f"{seconds // 3600} h"
    return f"{queue.target_percent} % in {span}"


def line(view: FloorView, clock: DayClock) -> str:
    """The floor in one line, where there is no terminal to draw in."""
    agents = Counter(agent.doing for agent in view.agents.values())
    waiting = sum(len(waiting) for waiting in view.waiting.values())
    account = view.account
    return (
        f"{clock_face(clock.now_ms)}  waiting {waiting:3}  "
        f"answered {account.total('answered'):5}  "
        f"abandoned {account.total('abandoned'):4}  "
        f"service level {shown(account.service_level_percent, ' %'):>7}  agents "
        + " ".join(f"{agents[doing]} {doing}" for doing, _ in _DOING)
    )


def account_table(account: Account, title: str, width: int) -> Table:
    """The account of all queues, with a last row that must add up."""
    counts = account.counts()
    wide = width >= _WIDE
    table = Table(
        title=title,
        show_footer=True,
        box=box.SIMPLE_HEAD,
        padding=_CLOSE,
        pad_edge=False,
    )
    table.add_column("queue", footer="together", no_wrap=True)
    for name in ("offered", "answered", "abandoned", "waiting", "dead_lettered"):
        heading = "dead" if name == "dead_lettered" else name
        table.add_column(heading, footer=str(counts[name]), justify="right")
    level = shown(account.service_level_percent, " %")
    table.add_column("in time", footer=level, justify="right", no_wrap=True)
    if wide:
        table.add_column("target", no_wrap=True)
        table.add_column("ASA", footer=shown(account.asa_s, " s"), justify="right")
        table.add_column("gave up", justify="right")
    for name, queue in account.queues.items():
        figures = (
            (
                target(queue),
                shown(queue.asa_s, " s"),
                shown(queue.abandonment_percent, " %"),
            )
            if wide
            else ()
        )
        table.add_row(
            name,
            str(queue.offered),
            str(queue.answered),
            str(queue.abandoned),
            str(queue.waiting),
            str(queue.dead_lettered),
            service_level(queue),
            *figures,
        )
    return table
