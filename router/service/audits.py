"""Who reads what of customers, and why: on record before the answer leaves."""

import asyncio
from collections.abc import Callable

from router.context.contract import AuditRow
from router.context.privacy import Privacy
from router.model.context import ReadPurpose

GATHER_S = 0.002
"""Reads of so long are recorded in one commit."""


class Audits:
    """The record of reads, as the services add to it. Lives on the host's loop."""

    def __init__(
        self,
        privacy: Privacy,
        is_erased: Callable[[str], bool],
        now: Callable[[], int],
    ) -> None:
        self._privacy = privacy
        self._is_erased = is_erased
        self._now = now
        self._noted: list[AuditRow] = []
        self._gathered: asyncio.Future[None] | None = None

    def note(self, customer: str, reader: str, purpose: ReadPurpose, what: str) -> None:
        """Somebody is about to be shown something; `record` comes before that leaves."""
        self._noted.append(AuditRow(customer, reader, purpose, what, self._now()))

    def record(self) -> None:
        """Make durable what is noted, now."""
        noted, self._noted = self._noted, []
        self._privacy.audit([one for one in noted if not self._is_erased(one.customer)])

    async def add(
        self, customer: str, reader: str, purpose: ReadPurpose, what: str
    ) -> None:
        """Record one read, with others of the moment; returns when that is durable."""
        self.note(customer, reader, purpose, what)
        if self._gathered is None:
            loop = asyncio.get_running_loop()
            self._gathered = loop.create_future()
            loop.call_later(GATHER_S, self._record_gathered)
        await asyncio.shield(self._gathered)

    def _record_gathered(self) -> None:
        gathered, self._gathered = self._gathered, None
        assert gathered is not None
        try:
            self.record()
        except Exception as failure:  # noqa: BLE001 - whoever reads must hear of it
            gathered.set_exception(failure)
        else:
            gathered.set_result(None)
