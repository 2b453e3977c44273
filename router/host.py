"""The engine's home under the wall clock: inbox, batch, journal, reply, publish, wake
up.

Twin of `simulator/world.py`, which runs the same engine under virtual time. Orders wait
in a bounded inbox; a batch is led by time, decided and applied, appended to the journal
in one group commit, and only then answered and published. What a batch refers to and
the journal does not hold is made durable just before (`before_append`). Between deciding
and the end of the commit nothing else runs, so nobody ever sees what the disk does not hold yet.
When the journal fails, the host stops: in-memory truth never outlives the disk's.

A batch is formed at once when it is quiet and waits a little for others when it is busy
(`gathering`).
"""

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TypeVar, cast

from router import failpoints
from router.clock import Clock
from router.engine.batch import Batch, Done
from router.engine.commands import RELEASES, Command, Enqueue, Start, Tick
from router.engine.engine import Engine
from router.engine.errors import Fault, Refused
from router.engine.joint import Draft, Round
from router.engine.tables import INBOX_MAX
from router.gathering import Gathering
from router.journal.contract import Head, Journal
from router.journal.errors import JournalError
from router.journal.replay import blob_of
from router.matching.solution import Solution
from router.matching.worker import SolverProcess

_log = logging.getLogger(__name__)

BATCH_MAX = 1_024
"""Most orders in one batch; with `engine.HEADROOM` rows free at its start none runs out
of room."""
TOGETHER_MAX = INBOX_MAX - 1
QUIET_S = 1.0
TIDY_S = 0.05
TIDY_WHOLE_S = 3_600.0
WAKE_AHEAD_S = 0.0005
ROUND_ROWS = 64
"""A large round is written down so many interactions at a time."""
ROUND_SLICE_US = 2_000
"""After so long it is others' turn."""
ROUND_PAIRS = 1_000
"""Pairs of a large round that are concluded in one batch."""
TICK_AGAIN_S = 1.0
"""After a fault of ours in what time causes, how long until it is tried again."""


class Overload(Exception):
    """The inbox is full: the router has more work than it can take in. Retry after a
    moment.
    """


class Draining(Exception):
    """The router is stopping as planned. Retry with the same id; another one, or this
    one, will answer.
    """


class JournalDown(Exception):
    """The journal cannot be written; what became of the order is unknown. Retry with
    the same id.
    """


Answer = Done | Refused
"""What an order came to, once it is durable."""
Listener = Callable[[Batch, Engine], None]
_Found = TypeVar("_Found")


@dataclass(slots=True)
class Figures:
    """What the host knows of itself, for metrics."""

    batches: int = 0
    orders: int = 0
    shed: int = 0
    largest_batch: int = 0


@dataclass(slots=True)
class _Waiting:
    commands: Sequence[Command]
    future: asyncio.Future[list[Answer]]


class Host:
    """Runs one engine on one journal under one clock."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        head: Head,
        clock: Clock,
        *,
        inbox_max: int = 20_000,
        solver: SolverProcess | None = None,
    ) -> None:
        self.engine = engine
        self.listeners: list[Listener] = []
        self.figures = Figures()
        self.head = head
        self.on_failure: Callable[[str], None] = lambda why: None
        self.on_timed: Callable[[float, float], None] = lambda decide_s, append_s: None
        self.before_append: Callable[[Batch], None] = lambda batch: None
        """Makes durable what a batch refers to and the journal does not hold."""
        self._journal = journal
        self._clock = clock
        self._inbox: deque[_Waiting] = deque()
        self._inbox_orders = 0
        self._inbox_max = inbox_max
        self._solver = solver
        self._rounds: dict[int, tuple[Round, float]] = {}
        self._round_number = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled: asyncio.Handle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._gathering = Gathering()
        self._tidied = 0.0
        self._tidied_whole = 0.0
        self._draining = False
        self._begun = False
        self._tick_failed = False
        self.failure = ""

    # ---------------------------------------------------------------- starting and stopping

    async def start(self) -> None:
        """Take up work: time has passed since the journal's last event, and agents have
        to come back.
        """
        self._loop = asyncio.get_running_loop()
        if self._solver is not None:
            self._solver.start()
            self._loop.add_reader(self._solver.fileno(), self._rounds_back)
            self.engine.machine.on_large_round = self._on_large_round
        self.engine.machine.stopwatch_us = self._clock.stopwatch_us
        # The engine's state is flat tables; what Python's collector would find is
        # little, and it would look for it in the middle of a batch. It runs when it is
        # quiet instead.
        gc.collect()
        gc.freeze()
        gc.disable()
        self._tidied_whole = self._loop.time()
        await self.submit(Start())
        self._tidy_up()

    async def drain(self) -> None:
        """Stop taking orders, finish what is in the inbox, and stand still. Again does
        no harm.
        """
        if self._draining:
            return
        self._draining = True
        while self._inbox and not self.failure:
            self._batch()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._solver is not None and self._loop is not None:
            self._loop.remove_reader(self._solver.fileno())
            self._solver.close()
        gc.enable()

    # ---------------------------------------------------------------- the inbox

    def now(self) -> int:
        """Engine time, for questions that change nothing."""
        return self._clock.now()

    @property
    def depth(self) -> int:
        """Orders that wait in the inbox."""
        return self._inbox_orders

    async def submit(self, command: Command) -> Done:
        """Carry out one order; returns when it is durable. Raises `Refused`,
        `Overload`, `Draining`, `JournalDown`.
        """
        (answer,) = await self.submit_all((command,))
        if isinstance(answer, Refused):
            raise answer
        return answer

    def submit_all(self, commands: Sequence[Command]) -> asyncio.Future[list[Answer]]:
        """Carry out orders in their sequence, in one batch; the answers come in the
        same sequence.

        A full inbox refuses newcomers first: orders that free capacity are never shed.
        """
        assert self._loop is not None
        if self._draining:
            raise Draining("the router is stopping; retry with the same request id")
        if self.failure:
            raise JournalDown(self.failure)
        if self._inbox_orders + len(commands) > self._inbox_max and not all(
            isinstance(command, RELEASES) for command in commands
        ):
            self.figures.shed += len(commands)
            raise Overload(
                f"{self._inbox_orders} orders wait already; retry with the same request id in a moment"
            )
        future: asyncio.Future[list[Answer]] = self._loop.create_future()
        self._inbox.append(_Waiting(commands, future))
        self._inbox_orders += len(commands)
        if self._scheduled is None:
            self._schedule()
        return future

    def _schedule(self) -> None:
        assert self._loop is not None
        wait_s = self._gathering.wait_s(self._loop.time())
        if wait_s:
            self._scheduled = self._loop.call_later(wait_s, self._batch)
        else:
            self._scheduled = self._loop.call_soon(self._batch)

    # ---------------------------------------------------------------- the batch

    def _batch(self) -> None:
        """Decide, apply, record, tell: in that order, in this one place."""
        assert self._loop is not None
        self._scheduled = None
        if self.failure:
            return
        engine, clock = self.engine, self._clock
        started = clock.stopwatch_us()
        engine.begin(clock.now())
        if self._begun:
            self._tick_failed = isinstance(self._perform(Tick()), Refused)
        # The first batch is led by Start: an offer that fell due while nobody was there
        # gets fresh time, and its agent has not missed it.
        self._begun = True
        taken: list[_Waiting] = []
        commands: list[Command] = []
        while self._inbox and len(commands) < BATCH_MAX:
            waiting = self._inbox.popleft()
            taken.append(waiting)
            commands += waiting.commands
        orders = len(commands)
        self._inbox_orders -= orders
        answers = iter(self._perform_all(commands))
        answered = [(one, list(islice(answers, len(one.commands)))) for one in taken]
        decided = clock.stopwatch_us()
        if not self._record_and_tell(answered):
            return
        figures = self.figures
        figures.batches += 1
        figures.orders += orders
        self.on_timed((decided - started) / 1e6, (clock.stopwatch_us() - decided) / 1e6)
        figures.largest_batch = max(figures.largest_batch, orders)
        if answered:
            self._gathering.learn(self._loop.time(), len(answered), orders)
        if self._inbox:
            self._scheduled = self._loop.call_soon(self._batch)
        self._set_alarm()

    def _perform_all(self, commands: list[Command]) -> list[Answer]:
        """Arrivals that follow each other are handed to the engine together."""
        answers: list[Answer] = []
        for arriving, run in groupby(commands, lambda one: type(one) is Enqueue):
            while some := list(islice(run, TOGETHER_MAX)):
                if arriving and len(some) > 1:
                    answers += self._enqueue_all(cast("list[Enqueue]", some))
                else:
                    answers += map(self._perform, some)
        return answers

    def _enqueue_all(self, commands: list[Enqueue]) -> list[Answer]:
        try:
            return self.engine.enqueue_all(commands)
        except Exception:  # noqa: BLE001 - see below
            # Whoever is in line already is answered as a repeat; whoever is at fault
            # fails alone.
            _log.exception("%d arrivals raised together", len(commands))
            return [self._perform(command) for command in commands]

    def _perform(self, command: Command) -> Answer:
        try:
            return Done(self.engine.perform(command), self.engine.sequence)
        except Refused as refused:
            return refused
        except Exception:  # noqa: BLE001 - see below
            # A fault of ours must cost one order, not the floor: what was emitted
            # before it is true and recorded.
            _log.exception("an order of kind %s raised", type(command).__name__)
            return Fault("the router failed on this order; it has been logged")

    def _record_and_tell(self, answered: list[tuple[_Waiting, list[Answer]]]) -> bool:
        batch = self.engine.take()
        if batch is not None:
            failpoints.reach("before_append")
            try:
                self.before_append(batch)
                failpoints.reach("after_prepare")
                self.head = self._journal.append(
                    blob_of(batch), batch.first_sequence, len(batch.events)
                )
            except JournalError as error:
                self._fail(str(error), answered)
                return False
            except Exception as error:  # noqa: BLE001 - see below
                # The floor is ahead of the disk now, whatever it was: this router must
                # not go on.
                _log.exception(
                    "the batch from sequence %d could not be recorded",
                    batch.first_sequence,
                )
                self._fail(
                    f"the batch from sequence {batch.first_sequence} could not be recorded: {error!r}",
                    answered,
                )
                return False
            failpoints.reach("after_append")
        failpoints.reach("before_reply")
        for waiting, answers in answered:
            if not waiting.future.done():
                waiting.future.set_result(answers)
        if batch is not None:
            failpoints.reach("before_publish")
            for listener in self.listeners:
                try:
                    listener(batch, self.engine)
                except Exception:  # noqa: BLE001 - see below
                    _log.exception(
                        "a listener failed on the batch from sequence %d",
                        batch.first_sequence,
                    )
        return True

    def _fail(self, why: str, answered: list[tuple[_Waiting, list[Answer]]]) -> None:
        self.failure = why
        unanswered = [waiting for waiting, _ in answered] + list(self._inbox)
        self._inbox.clear()
        self._inbox_orders = 0
        for waiting in unanswered:
            if not waiting.future.done():
                waiting.future.set_exception(JournalDown(why))
        self.on_failure(why)

    # ---------------------------------------------------------------- time

    def _set_alarm(self) -> None:
        assert self._loop is not None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        due = self.engine.next_wakeup()
        if due is None or self._draining:
            return
        delay = self._clock.seconds_until(due) + WAKE_AHEAD_S
        if self._tick_failed:
            # What is due stays due: trying again at once would only fill the log.
            delay = max(delay, TICK_AGAIN_S)
        self._alarm = self._loop.call_later(max(0.0, min(delay, 3_600.0)), self._wake)

    def _wake(self) -> None:
        self._alarm = None
        if self._scheduled is None and not self._draining:
            self._batch()

    def _tidy_up(self) -> None:
        """Collect Python's garbage in slices so thin that nobody notices.

        What is young is looked at twenty times a second and again once it is quiet;
        what has lasted is set aside (`gc.freeze`) instead of being looked at for ever,
        and gone through whole once an hour, when it is quiet.
        """
        assert self._loop is not None
        if self._draining:
            return
        now = self._loop.time()
        if now - self._gathering.busy_at < QUIET_S or self._inbox:
            gc.collect(0)
        elif now - self._tidied_whole > TIDY_WHOLE_S:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._tidied_whole = now
        elif now - self._tidied > QUIET_S:
            gc.collect(1)
            gc.freeze()
            self._tidied = now
        self._loop.call_later(TIDY_S, self._tidy_up)

    # ---------------------------------------------------------------- large rounds

    # A large round is written down in slices, solved next door and concluded in slices:
    # between them the loop is free for everybody else.

    def _on_large_round(self) -> None:
        self._in_turn(self._begin_round)

    def _in_turn(self, step: Callable[..., None], *of: object) -> None:
        """Take a step of a large round in a turn of its own, once others had theirs."""
        assert self._loop is not None
        # Twice: what a timer calls soon comes before the timers that are due by then.
        self._loop.call_soon(self._loop.call_soon, self._take_step, step, *of)

    def _take_step(self, step: Callable[..., None], *of: object) -> None:
        if self._draining or self.failure:
            return
        try:
            step(*of)
        except Exception:  # noqa: BLE001 - see below
            # A fault of ours must cost one round, not all that would come after it.
            _log.exception("a large round was lost")
            self.engine.lose_round()
            self._set_alarm()

    def _begin_round(self) -> None:
        self._in_turn(self._write_down, self.engine.draft())

    def _write_down(self, draft: Draft) -> None:
        began = self._clock.stopwatch_us()
        while not draft.go_on(self.engine.floor, ROUND_ROWS):
            if self._clock.stopwatch_us() - began > ROUND_SLICE_US:
                self._in_turn(self._write_down, draft)
                return
        round_ = draft.round()
        if len(round_.points):
            self._in_turn(self._submit_round, round_)
        else:
            self._in_a_batch(self.engine.forgo_round)

    def _submit_round(self, round_: Round) -> None:
        assert self._solver is not None
        self._round_number += 1
        started = self._clock.stopwatch_us()
        self._solver.submit(
            self._round_number, round_.arc_rows, round_.arc_columns, round_.points, len(round_.interactions),
            round_.capacity,
        )  # fmt: skip
        self._rounds[self._round_number] = (round_, started)

    def _rounds_back(self) -> None:
        assert self._solver is not None
        for number, solution in self._solver.poll():
            round_, started = self._rounds.pop(number)
            took_us = int(self._clock.stopwatch_us() - started)
            self._take_step(self._conclude, round_, solution, took_us, 0)

    def _conclude(
        self, round_: Round, solution: Solution, solver_us: int, start: int
    ) -> None:
        done = self._in_a_batch(
            self.engine.conclude, round_, solution, solver_us, start, ROUND_PAIRS
        )
        if done < len(solution.pairs):
            self._in_turn(self._conclude, round_, solution, solver_us, done)

    def _in_a_batch(self, bring_back: Callable[..., _Found], *of: object) -> _Found:
        self.engine.begin(self._clock.now())
        try:
            return bring_back(*of)
        finally:
            # Also after a fault: what was offered before it is true and recorded.
            if self._record_and_tell([]):
                self._set_alarm()
