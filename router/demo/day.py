"""`santral-router demo --day`: a bank's working day beside a router with a fast clock.

The router must run with the same accelerated clock (`serve --time-scale 900`: a day of
seventeen hours passes in 68 seconds). Customers come as the published statistics say
(`day_plan`), agents of the router's own policy sit at their desks (`desk`), and the
event feed paints the picture. The day ends with an account seen from two sides.
"""

import asyncio
import json
import sys
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import grpc
from rich.console import Console
from rich.live import Live

from router.demo.account import FeedCount, first_complaint, rounded
from router.demo.beside import beside
from router.demo.calls import BALANCED, IMBALANCED, WRONG, tallies
from router.demo.client import Router, plainly
from router.demo.continuity import Continuity
from router.demo.day_clock import DayClock
from router.demo.day_plan import Arrival, Duty, arrivals, duties
from router.demo.desk import Desk
from router.demo.draws import Draws
from router.demo.errors import DemoFailed, InputWrong, RouterRefused
from router.demo.feed import Feed
from router.demo.floor_view import HANDOFFS, FloorView
from router.demo.hall import Hall
from router.demo.notebook import Notebook
from router.demo.picture import account_table, line, picture
from router.demo.staff import AGENT_PREFIX
from router.demo.statistics import Statistics, load_statistics
from router.v1.agent_service_pb2 import ListAgentsRequest
from router.v1.event_pb2 import RoutingEvent

DAY_MS = 17 * 3_600_000
"""From opening time to midnight."""
_DRAIN_S_MAX = 8.0
_PICTURES_A_SECOND = 4
_LINE_S = 5.0
_PLAIN_WIDTH = 120
_LAG_MS_MAX = 10_000
"""The shortest time, in the day's milliseconds, that an offer of the bank is open."""
_SCALE_OFF = 4.0
"""A router whose clock is so many times off has been started with another scale; on a
busy machine, where the feed comes in bursts, less means nothing."""
_SCALES = (1.0, 10_000.0)


async def run_day(
    target: str,
    time_scale: float,
    once: bool,
    json_out: bool,
    seed: int,
    seconds: float,
    metrics_url: str = "",
) -> int:
    """Live through a day with the router at `target`.

    `time_scale` is the scale of the router's clock. The day is cut short after
    `seconds` of real time; 68 seconds at a scale of 900 are the whole of it. Without
    `once` the demonstration stays until it is interrupted, so that the router may be
    looked at. Answers 0 when the account balances from both sides, 1 when it does not
    or the router is lost, 2 for wrong input.
    """
    screen = Console(stderr=json_out)
    if not screen.is_terminal:
        screen.width = _PLAIN_WIDTH
    try:
        if not _SCALES[0] <= time_scale <= _SCALES[1]:
            raise InputWrong(
                f"--time-scale is {time_scale}; it must be from 1 to 10000"
            )
        if seconds <= 0:
            raise InputWrong(f"--seconds is {seconds}; it must be more than 0")
        statistics = await asyncio.to_thread(load_statistics)
        async with Router(target) as router:
            day = await _Day.prepared(router, statistics, time_scale, seed, seconds)
            await beside(day.live(), day.feed.run(), day.show(screen))
            answer, complaint = day.account()
    except InputWrong as error:
        print(error, file=sys.stderr)
        return WRONG
    except DemoFailed as error:
        print(f"the demonstration ended early: {error}", file=sys.stderr)
        return IMBALANCED
    except grpc.aio.AioRpcError as failure:
        print(f"the router refuses: {plainly(failure)}", file=sys.stderr)
        return IMBALANCED
    _conclude(screen, day, answer, target, metrics_url)
    if json_out:
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    if complaint:
        print(complaint, file=sys.stderr)
        return IMBALANCED
    if not once:
        screen.print("The router keeps serving; Ctrl-C ends it.")
        await asyncio.Event().wait()
    return BALANCED


class _Day:
    """One day, ready to be lived through."""

    def __init__(
        self,
        router: Router,
        clock: DayClock,
        people: Sequence[Arrival],
        staff: Sequence[Duty],
        until_ms: int,
        seed: int,
    ) -> None:
        self.run = uuid.uuid4().hex[:8]
        self.prefix = f"day-{self.run}-"
        self.clock = clock
        self.feed = Feed(router, self._hear, resumed=self._resumed)
        self._router = router
        self._people = people
        self._staff = staff
        self._until_ms = until_ms
        self._draws = Draws(seed)
        self._whole = True

    @classmethod
    async def prepared(
        cls,
        router: Router,
        statistics: Statistics,
        time_scale: float,
        seed: int,
        seconds: float,
    ) -> "_Day":
        """Draw the day for the agents the router has."""
        opens_at_ms = statistics.opens_at_ms
        until_ms = opens_at_ms + min(DAY_MS, int(1000 * seconds * time_scale))
        people = arrivals(statistics, seed, until_ms)
        teams = await _teams(router)
        day = cls(
            router,
            DayClock(opens_at_ms, time_scale),
            people,
            duties(teams, seed, opens_at_ms, until_ms),
            until_ms,
            seed,
        )
        used = {kind.queue for kind in statistics.kinds()}
        queues = await day.feed.begin()
        day.view = FloorView(tallies(queues, used), day.prefix)
        day.notebook = Notebook(router, Continuity())
        day.hall = Hall(
            router, day.clock, day.prefix, tallies(queues, used), day.notebook
        )
        return day

    view: FloorView
    notebook: Notebook
    hall: Hall

    # ------------------------------------------------------------------ the day

    async def live(self) -> None:
        """From opening time until everybody has been served and has gone home."""
        self.clock.start()
        go_home = asyncio.Event()
        desks = [
            Desk(self._router, self.clock, duty, self._draws, self.hall, self.notebook)
            for duty in self._staff
        ]
        async with asyncio.TaskGroup() as building:
            for desk in desks:
                building.create_task(desk.work(go_home))
            building.create_task(self._open_hall(go_home))
        await self.feed.catch_up()
        await self.hall.close()
        self.view.close()

    async def _open_hall(self, go_home: asyncio.Event) -> None:
        await self.hall.open(self._people)
        # E-mails hold no line: they get some time after closing, or wait overnight.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.hall.all_served.wait(), _DRAIN_S_MAX)
        go_home.set()

    def _hear(self, event: RoutingEvent) -> None:
        self.clock.heard(event.time.ToMilliseconds())
        self.view.hear(event)
        scale = self.clock.router_scale()
        ours = self.clock.scale
        if scale is not None and not ours / _SCALE_OFF < scale < ours * _SCALE_OFF:
            raise RouterRefused(
                f"the router's clock runs {scale:.0f} times as fast as real time, not "
                f"{self.clock.scale:.0f} times; start it with --time-scale "
                f"{self.clock.scale:.0f}, or give the demonstration its scale"
            )

    def _resumed(self, whole: bool) -> None:
        self._whole = self._whole and whole

    # ------------------------------------------------------------------ what is shown

    async def show(self, screen: Console) -> None:
        """The picture, several times a second; single lines if nobody can see it."""
        if not screen.is_terminal:
            while True:
                await asyncio.sleep(_LINE_S)
                print(line(self.view, self.clock), file=screen.file, flush=True)
        with Live(console=screen, auto_refresh=False, transient=True) as live:
            while True:
                arrived = [
                    one.at_ms for one in self._people if one.at_ms <= self.clock.now_ms
                ]
                live.update(
                    picture(self.view, self.clock, arrived, self._until_ms),
                    refresh=True,
                )
                await asyncio.sleep(1 / _PICTURES_A_SECOND)

    def account(self) -> tuple[dict[str, Any], str | None]:
        """The account, and what is wrong with it if anything is."""
        clients, feed = self.hall.account, self.view.account
        troubles = self._router.troubles
        answer = {
            **clients.counts(),
            **self.notebook.ledger.as_json(),
            "waited_for_owner_s": round(self.view.waited_for_owner_ms / 1000),
            "service_level_percent": rounded(feed.service_level_percent),
            "asa_s": rounded(feed.asa_s),
            "occupancy_percent": rounded(self.view.occupancy_percent),
            "queues": {name: queue.as_json() for name, queue in feed.queues.items()},
            "event_feed": feed.counts() if self._whole else None,
            "happened": dict(self.view.happened),
            "agents": len(self._staff),
            "round_trip_ms": {
                "median": round(troubles.round_trip_ms(0.5), 1),
                "p99": round(troubles.round_trip_ms(0.99), 1),
            },
            "retries": troubles.retries,
            "reconnects": troubles.reconnects,
            "run": self.run,
        }
        return answer, first_complaint(
            (
                clients.imbalance(),
                feed.imbalance() if self._whole else None,
                FeedCount.apart(clients.counts(), feed.counts())
                if self._whole
                else None,
                self.notebook.ledger.complaint(),
                FeedCount.apart(
                    {"handoffs": self.notebook.ledger.handoffs},
                    {"handoffs": self.view.happened[HANDOFFS]},
                )
                if self._whole
                else None,
            )
        )


async def _teams(router: Router) -> dict[str, str]:
    """The agents the router's policy has, each with the first of the agent's groups."""
    teams: dict[str, str] = {}
    token = ""
    while True:
        request = ListAgentsRequest(page_size=1000, page_token=token)
        answer = await router.call(router.agents.ListAgents, request)
        for agent in answer.agents:
            if not agent.removed and not agent.agent_id.startswith(AGENT_PREFIX):
                teams[agent.agent_id] = agent.groups[0] if agent.groups else ""
        token = answer.next_page_token
        if not token:
            break
    if not teams:
        raise RouterRefused(
            "the router has no agents; "
            "start it with --policy examples/policies/bank.yaml"
        )
    return teams


def _continuity_line(ledger: Continuity, waited_s: int) -> str:
    if not ledger.answered:
        return f"{ledger.handoffs} handoffs, none of them answered yet."
    return (
        f"{ledger.handoffs} handoffs; of {ledger.answered} answered, "
        f"{ledger.by_owner} by the agent who knew the customer "
        f"({100 * ledger.by_owner // ledger.answered} %), {ledger.carried} with "
        f"everything that had been written; {waited_s} s were waited for owners in all; "
        f"{ledger.repeats_avoided} questions nobody asked twice; "
        f"{ledger.erasures} customers erased."
    )


def _conclude(
    screen: Console, day: _Day, answer: dict[str, Any], target: str, metrics_url: str
) -> None:
    screen.print(
        account_table(day.view.account, "The account of the day", screen.width)
    )
    screen.print(
        f"{answer['offered']} offered = {answer['answered']} answered + "
        f"{answer['abandoned']} abandoned + {answer['waiting']} waiting + "
        f"{answer['dead_lettered']} dead-lettered; the clients and the event feed "
        + ("agree." if answer["event_feed"] else "cannot be compared.")
    )
    happened = ", ".join(f"{count} {what}" for what, count in day.view.happened.items())
    screen.print(
        f"Occupancy {answer['occupancy_percent']} %. {happened or 'Nothing else'}."
    )
    screen.print(_continuity_line(day.notebook.ledger, answer["waited_for_owner_s"]))
    typical_ms, slow_ms = answer["round_trip_ms"].values()
    screen.print(
        f"A call to the router took {typical_ms} ms, one in a hundred more than "
        f"{slow_ms} ms: {slow_ms * day.clock.scale / 1000:.0f} s of the day."
    )
    if slow_ms * day.clock.scale > _LAG_MS_MAX:
        screen.print(
            "That is slow enough to make agents miss offers and to bend the figures; "
            "on a busy machine give the day more seconds.",
            style="yellow",
        )
    screen.print("Where to look next:")
    if metrics_url:
        screen.print(f"  metrics     {metrics_url}")
    screen.print(
        f"  one call    santral-router explain --target {target} {day.prefix}1",
        f"  the feed    router.v1.AdminService/WatchEvents at {target}",
        sep="\n",
        highlight=False,
    )
