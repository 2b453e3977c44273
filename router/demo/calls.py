"""`santral-router demo --calls FILE`: real calls through a running router.

Reads the log, says which rows are calls for a router, defines the agents who were
there, lets `replay` live through it, and ends with an account that must balance twice:
in itself, and with what the router's event feed says.

What a row becomes:

- a phantom is ignored, and counted as such;
- a caller who hung up without having queued left in the voice menu and is never offered
  to the router; all others enter the queue when they leave the menu;
- the rows of the file are phantoms, those left in the menu, and those offered.
"""

import asyncio
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from router.demo.account import (
    Account,
    QueueTally,
    first_complaint,
    rounded,
)
from router.demo.beside import beside
from router.demo.call_log import LoggedCall, Outcome, read_call_log
from router.demo.callers import Behaviour
from router.demo.client import Router
from router.demo.errors import DemoFailed, InputWrong, RouterRefused
from router.demo.picture import account_table
from router.demo.replay import Replay
from router.demo.staff import define_agents, staffing
from router.demo.statistics import load_statistics
from router.v1.queue_pb2 import Queue

SEED = 1
BALANCED, IMBALANCED, WRONG = 0, 1, 2
_SPEED_MAX = 1_000_000
_PLAIN_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of the log are."""

    rows: int
    phantom: int
    left_in_menu: int

    @classmethod
    def of(cls, log: Iterable[LoggedCall]) -> "Rows":
        found = Counter(
            "phantom"
            if call.outcome is Outcome.PHANTOM
            else "menu"
            if call.left_in_menu
            else "offered"
            for call in log
        )
        return cls(found.total(), found["phantom"], found["menu"])

    def missing(self, offered: int) -> str | None:
        """The sentence that says how many rows are unaccounted for, or None."""
        if self.rows == self.phantom + self.left_in_menu + offered:
            return None
        return (
            f"{self.rows} rows in the file, but {self.phantom} phantoms + "
            f"{self.left_in_menu} left in the menu + {offered} offered is "
            f"{self.phantom + self.left_in_menu + offered}"
        )


async def run_calls(
    target: str, calls: Path, speed: str, json_out: bool, agents: int | None
) -> int:
    """Replay the log `calls` through the router at `target`.

    `speed` is `max`, or how many virtual seconds pass in a second (1 is real time).
    `agents` replaces the log's own staffing by that many agents who are always there.
    Progress goes to stderr; stdout ends with one JSON object, or a table. Answers 0
    when the account balances, 1 when it does not or the router is lost, 2 for wrong
    input.
    """
    try:
        pace = speed_of(speed)
        log = await asyncio.to_thread(read_call_log, calls)
        account, answer, complaint = await _replay(target, log, pace, agents)
    except InputWrong as error:
        print(error, file=sys.stderr)
        return WRONG
    except DemoFailed as error:
        print(f"the demonstration ended early: {error}", file=sys.stderr)
        return IMBALANCED
    if json_out:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print_account(account, answer)
    if complaint:
        print(complaint, file=sys.stderr)
        return IMBALANCED
    return BALANCED


def speed_of(text: str) -> float | None:
    """Virtual seconds a second; None for `max`. Raises `InputWrong`."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= _SPEED_MAX:
        raise InputWrong(
            f"--speed is {text!r}; it must be max or a number from 1 to {_SPEED_MAX}"
        )
    return speed


async def _replay(
    target: str, log: Sequence[LoggedCall], pace: float | None, agents: int | None
) -> tuple[Account, dict[str, Any], str | None]:
    """The account, how it is told, and what is wrong with it if anything is."""
    statistics = await asyncio.to_thread(load_statistics)
    queue_of = {name: kind.queue for name, kind in statistics.measured.items()}
    patience = {
        kind.name: kind.patience_mean_s
        for kind in statistics.kinds()
        if kind.patience_mean_s is not None
    }
    behaviour = Behaviour(SEED, patience)
    run = uuid.uuid4().hex[:8]
    callers = [
        behaviour.caller(call, f"calls-{run}-{call.line}", queue_of[call.type])
        for call in log
        if call.offered
    ]
    staff = staffing(log, callers, agents)
    rows = Rows.of(log)
    print(
        f"{rows.rows} rows: {rows.phantom} phantoms, {rows.left_in_menu} left in the "
        f"menu, {len(callers)} calls for the router; "
        f"{len({shift.agent for shift in staff})} agents",
        file=sys.stderr,
    )
    account = Account()
    async with Router(target) as router:
        replay = Replay(router, callers, staff, behaviour, account, speed=pace)
        used = {queue_of[call.type] for call in log if call.offered}
        account.queues = tallies(await replay.feed.begin(), used)
        await define_agents(router, sorted({shift.agent for shift in staff}))
        began = time.monotonic()
        await beside(replay.drive(), replay.feed.run(), replay.lane.run())
        seconds = time.monotonic() - began
        troubles = router.troubles
    offered = account.total("offered")
    answer = {
        **account.counts(),
        "rows": rows.rows,
        "phantom": rows.phantom,
        "left_in_menu": rows.left_in_menu,
        "seconds": round(seconds, 2),
        "calls_per_second": round(offered / max(seconds, 1e-9), 1),
        "asa_s": rounded(account.asa_s),
        "service_level_percent": rounded(account.service_level_percent),
        "queues": {name: one.as_json() for name, one in account.queues.items()},
        "event_feed": replay.board.feed_count.counts()
        if replay.board.feed_count.complete
        else None,
        "retries": troubles.retries,
        "reconnects": troubles.reconnects,
        "strangers": replay.board.strangers,
        "surprises": dict(replay.board.surprises),
        "run": run,
    }
    complaint = first_complaint(
        (
            account.imbalance(),
            rows.missing(offered),
            replay.board.feed_count.disagreement(account),
        )
    )
    return account, answer, complaint


def tallies(queues: Sequence[Queue], used: Iterable[str]) -> dict[str, QueueTally]:
    """An empty tally for each queue that is used, with the router's own target.

    Raises `RouterRefused` if the router's policy lacks one.
    """
    known = {
        queue.queue: QueueTally(
            threshold_ms=queue.service_level_threshold.ToMilliseconds(),
            target_percent=queue.service_level_target_percent,
        )
        for queue in queues
    }
    lacking = sorted(set(used) - set(known))
    if lacking:
        raise RouterRefused(
            f"the router's policy has no queue {lacking[0]!r}; "
            "start it with --policy examples/policies/bank.yaml"
        )
    return {name: tally for name, tally in known.items() if name in set(used)}


def _print_account(account: Account, answer: Mapping[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    console.print(account_table(account, "The account of the calls", console.width))
    console.print(
        f"{answer['rows']} rows = {answer['phantom']} phantoms + "
        f"{answer['left_in_menu']} left in the menu + {answer['offered']} offered;\n"
        f"{answer['offered']} offered = {answer['answered']} answered + "
        f"{answer['abandoned']} abandoned + {answer['waiting']} waiting + "
        f"{answer['dead_lettered']} dead-lettered.\n"
        f"{answer['seconds']} s, {answer['calls_per_second']} calls/s, "
        f"{answer['retries']} retries, {answer['reconnects']} reconnects."
    )
