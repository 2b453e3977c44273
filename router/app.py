"""The only place that knows every part: builds the router, starts it, stops it as
planned.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from router import failpoints
from router.adapters.follower import Follower
from router.adapters.webhook import Webhook
from router.clock import Clock
from router.context.contexts import Contexts, open_contexts
from router.engine.commands import PublishPolicy
from router.engine.engine import Engine
from router.engine.errors import Refused
from router.engine.snapshot import capture
from router.host import Draining, Host, JournalDown
from router.intake.load import read_whole
from router.journal.contract import Journal
from router.journal.replay import batch_of, recover
from router.journal.stores import open_journal
from router.matching.worker import SolverProcess
from router.service.context_desk import ContextDesk
from router.service.context_doors import ContextDoors
from router.service.errors import SlowReader
from router.service.feed import Feed
from router.service.server import Server
from router.service.start_up import erased_on, versions_on
from router.settings import Settings, SettingsWrong
from router.telemetry.endpoint import MetricsEndpoint
from router.telemetry.gauges import Gauges
from router.telemetry.logs import Log
from router.telemetry.metrics import Metrics
from router.warming import warm_up

SNAPSHOT_CHECK_S = 5.0
SNAPSHOT_CUT_S = 0.0005
"""How far into a snapshot the fail-point of that name strikes: after its beginning,
before its end."""
SWITCH_INTERVAL_S = 0.0005
"""How long a thread that holds the interpreter may keep the loop waiting; Python's
default is ten times that."""


class App:
    """One router, from its journal to its port."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._journal: Journal = open_journal(settings.journal)
        self._stop = asyncio.Event()
        self._snapshot_at = 0
        self._failed = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> int:
        """Serve until told to stop; returns the exit status."""
        settings = self._settings
        policy = read_whole(settings.policy).policy
        if settings.crm:
            Webhook(settings.crm).close()  # a wrong address is said now, not at night
        # Looked at before the journal is opened, which takes it from whoever has it: a
        # second router started by mistake must not stop the first.
        _must_be_free(settings)
        started = time.perf_counter()
        warm_up(self._say)
        engine = self._recover()
        contexts = self._open_contexts(engine)
        clock = Clock(
            not_before=int(engine.floor.house[0].now), scale=settings.time_scale
        )
        host = Host(
            engine, self._journal, self._journal.head(), clock, inbox_max=settings.inbox_max,
            solver=SolverProcess(),
        )  # fmt: skip
        host.on_failure = self._on_failure
        feed = Feed(lambda: host.engine, self._journal.reader)
        doors = ContextDoors.at(ContextDesk(host, contexts))
        feed.with_context = doors.desk.offered
        host.before_append = doors.desk.before_append
        server = Server(
            host, feed, self._journal.reader, self._old_policy, settings, doors
        )
        metrics, endpoint, log = self._telemetry(host, feed)
        # What an offer shows of a context is on record (desk) before it leaves (feed).
        host.listeners += [
            feed.on_batch, doors.desk.on_batch, doors.outreach.on_batch, metrics.on_batch, log.on_batch,
        ]  # fmt: skip
        host.on_timed = metrics.on_timed
        if endpoint is not None:
            endpoint.start()
        try:
            await host.start()
            if engine.policy is None or engine.policy.digest != policy.digest:
                await self._publish(host, policy)
            await doors.desk.finish_erasures()
        except JournalDown:
            return await self._end(host, server, feed, endpoint, doors)
        await server.start()
        self._tasks = [
            asyncio.create_task(server.agents.beat(settings.heartbeat_s)),
            asyncio.create_task(self._keep_snapshots(host)),
            asyncio.create_task(doors.desk.forget(settings.retention_s)),
        ]
        if settings.crm:
            self._tasks.append(asyncio.create_task(self._follower(feed, host).run()))
        took = time.perf_counter() - started
        where = f", metrics {endpoint.address}" if endpoint is not None else ""
        self._say(
            f"santral-router is ready in {took:.1f} s: gRPC on {settings.listen.host}:{server.port}{where}, "
            f"policy {policy.name} ({policy.digest}), journal {settings.journal} at sequence {engine.sequence}"
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await self._stop.wait()
        return await self._end(host, server, feed, endpoint, doors)

    # ---------------------------------------------------------------- start

    def _recover(self) -> Engine:
        self._journal.open(f"{socket.gethostname()}-{os.getpid()}")
        reader = self._journal.reader()
        try:
            verified = reader.verify()
            recovered = recover(reader)
        finally:
            reader.close()
        for warning in (*verified.warnings, *recovered.warnings):
            self._say(f"warning: {warning}")
        if verified.events:
            self._say(
                f"journal verified: {verified.events} events in {verified.groups} groups; replayed "
                f"{recovered.events} after the snapshot at sequence {recovered.snapshot_sequence}"
            )
        self._snapshot_at = recovered.snapshot_sequence
        failpoints.reach("after_replay")
        return recovered.engine

    def _open_contexts(self, engine: Engine) -> Contexts:
        """After the journal, for it alone says what the store may show: whoever is
        erased stays so, and what no journal knows is dropped.
        """
        contexts = open_contexts(
            self._settings.context_store, master_key=self._settings.master_key
        )
        revived = contexts.privacy.apply_tombstones(erased_on(engine))
        if revived:
            self._say(
                f"warning: {revived} erased customers were in the context store again, as in an old copy of it; "
                "they are erased once more"
            )
        dropped = contexts.conversations.discard_after(versions_on(engine))
        if dropped:
            self._say(
                f"context store: {dropped} entries that were never acknowledged are dropped"
            )
        return contexts

    def _follower(self, feed: Feed, host: Host) -> Follower:
        scheme, _, path = self._settings.journal.partition(":")
        place = Path(f"{path}.crm" if scheme == "sqlite" else os.devnull)
        return Follower(
            feed.events,
            Webhook(self._settings.crm),
            place,
            host.head.journal_id,
            SlowReader,
        )

    async def _publish(self, host: Host, policy: object) -> None:
        text = self._settings.policy.read_text(encoding="utf-8")
        try:
            await host.submit(PublishPolicy(policy, text))  # type: ignore[arg-type]
        except Refused as no:
            if host.engine.policy is None:
                raise
            self._say(
                f"warning: {self._settings.policy} is not published, the old policy stays: {no}"
            )

    def _telemetry(
        self, host: Host, feed: Feed
    ) -> tuple[Metrics, MetricsEndpoint | None, Log]:
        gauges = Gauges.of(lambda: host.engine.floor, host.now)
        gauges.inbox_depth = lambda: host.depth
        gauges.shed = lambda: host.figures.shed
        gauges.streams_cut = lambda: feed.cut
        gauges.policy = lambda: _policy_in_force(host.engine)
        metrics = Metrics(gauges=gauges)
        metrics.start_from(host.engine.floor)
        if len(host.engine.names.queues):
            metrics.names(host.engine.names.queues.texts)
        log = Log(
            name_of=lambda what, row: _name(host.engine, what, row),
            time_of=lambda at: datetime.fromtimestamp(at / 1000, UTC).isoformat(
                timespec="milliseconds"
            ),
        )
        address = self._settings.metrics
        endpoint = None
        if address is not None:
            endpoint = MetricsEndpoint(
                metrics.exposition, host=address.host, port=address.port
            )
        return metrics, endpoint, log

    def _old_policy(self, version: int) -> tuple[int, int, str] | None:
        reader = self._journal.reader()
        try:
            for stored in reader.read(0):
                batch = batch_of(stored.blob)
                for kind, name, text in batch.documents:
                    if kind == "policy" and name == str(version):
                        return version, int(batch.events["at"][-1]), text
        finally:
            reader.close()
        return None

    # ---------------------------------------------------------------- while it runs

    async def _keep_snapshots(self, host: Host) -> None:
        while True:
            await asyncio.sleep(SNAPSHOT_CHECK_S)
            enough = self._settings.snapshot_after(host.engine.interactions_known)
            if host.engine.sequence - self._snapshot_at >= enough and not host.failure:
                await self._snapshot(host)

    async def _snapshot(self, host: Host) -> None:
        captured, head = capture(host.engine), host.head
        self._snapshot_at = captured.sequence

        def save() -> None:
            body = captured.pack()
            facts = {"state_hash": captured.state_hash, "events": captured.sequence}
            failpoints.reach("during_snapshot", after_s=SNAPSHOT_CUT_S)
            self._journal.save_snapshot(captured.sequence, head.hash, body, facts)

        try:
            await asyncio.to_thread(save)
        except Exception as problem:  # noqa: BLE001 - routing goes on without it
            self._say(
                f"warning: no snapshot at sequence {captured.sequence}: {problem}"
            )

    def _on_failure(self, why: str) -> None:
        self._failed = why
        self._stop.set()

    # ---------------------------------------------------------------- stop

    async def _end(
        self,
        host: Host,
        server: Server,
        feed: Feed,
        endpoint: MetricsEndpoint | None,
        doors: ContextDoors,
    ) -> int:
        """Health first, then no new orders, then the streams, then the port: nobody is
        left with half an answer.
        """
        for task in self._tasks:
            task.cancel()
        await server.leave()
        if self._failed:
            feed.close(
                JournalDown(
                    f"the router is stopping, because its journal failed: {self._failed}"
                )
            )
        else:
            feed.close(
                Draining("the router is stopping; resume with the last sequence seen")
            )
        await host.drain()
        await server.stop(self._settings.drain_s)
        if endpoint is not None:
            endpoint.stop()
        doors.desk.close()
        if self._failed:
            self._say(
                f"stopped, because the journal failed: {self._failed}; start again to verify and replay it"
            )
            return 1
        if host.engine.sequence > self._snapshot_at:
            await self._snapshot(host)
        self._journal.close()
        self._say(f"stopped as planned at sequence {host.engine.sequence}")
        return 0


def _must_be_free(settings: Settings) -> None:
    """Raise `SettingsWrong` if somebody listens at the address already."""
    address = settings.listen
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as problem:
            raise SettingsWrong(
                f"--listen {address}: the address cannot be had ({problem.strerror}); is another router running "
                "there? Choose another port, or 0 for any"
            ) from problem


def _policy_in_force(engine: Engine) -> tuple[int, str]:
    version = int(engine.floor.house["policy_version"][0])
    return version, engine.policy.digest if engine.policy is not None else ""


def _name(engine: Engine, what: str, row: int) -> str:
    names = {
        "interaction": engine.names.interactions,
        "agent": engine.names.agents,
        "queue": engine.names.queues,
    }[what]
    return names.texts.get(row, str(row))


def serve(settings: Settings, say: Callable[[str], None]) -> int:
    """Run a router in this process until it is told to stop."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    failpoints.arm(os.environ)

    async def main() -> int:
        return await App(settings, say).run()

    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        contextlib.suppress(KeyboardInterrupt),
    ):
        return runner.run(main())
    return 130
