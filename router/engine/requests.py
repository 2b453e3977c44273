"""Requests that were answered before: the same id again gets the same answer, and
changes nothing.

Part of the engine's state: a record is made in the batch that holds the request's
effect, so it survives whatever the effect survives (`reliability`: idempotent
requests). Records are kept for a window of time; a UUIDv7 older than the window is
refused, never executed as if it were new.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from router.engine.commands import Request
from router.engine.errors import RequestIdExpired, RequestIdReused
from router.model.time import minutes

WINDOW_MS = minutes(15)


class Answered(NamedTuple):
    """How a request was answered; `result` is the row it is about."""

    principal: str
    method: str
    request_id: str
    digest: bytes
    result: int
    sequence: int
    at: int


class Requests:
    """The answered requests of the last quarter of an hour."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str, str], Answered] = {}
        """By who asked, for what, under which id: the first three fields of `Request` and
        of `Answered`."""
        self._order: deque[Answered] = deque()

    def __len__(self) -> int:
        return len(self._answered)

    def find(self, request: Request, now: int) -> Answered | None:
        """The answer given before, or `None` for a new request. Raises for an id that
        cannot be honoured.
        """
        if self._order and self._order[0].at < now - WINDOW_MS:
            self._forget(now)
        answered = self._answered.get(request[:3])
        if answered is None:
            issued = issued_at(request.request_id)
            if issued is not None and issued < now - WINDOW_MS:
                raise RequestIdExpired(
                    f"request_id {request.request_id} was made more than 15 minutes ago, so a repeat "
                    "could not be told from a new request; make the request anew with a fresh id",
                    field="request_id",
                )
            return None
        if answered.digest != request.digest:
            raise RequestIdReused(
                f"request_id {request.request_id} was used for another {request.method}; "
                "every new request needs a new id",
                field="request_id",
            )
        return answered

    def add_all(self, answered: Sequence[Answered]) -> None:
        """Remember answers, in their order; in live routing and in replay."""
        self._answered.update({one[:3]: one for one in answered})
        self._order.extend(answered)

    def _forget(self, now: int) -> None:
        while self._order and self._order[0].at < now - WINDOW_MS:
            answered = self._order.popleft()
            if self._answered[answered[:3]] is answered:
                del self._answered[answered[:3]]

    def entries(self) -> list[Answered]:
        """All answers that are remembered, oldest first, for a snapshot."""
        return list(self._order)


def issued_at(request_id: str) -> int | None:
    """When a version-7 UUID was made, in milliseconds of wall time; `None` for other
    ids (RFC 9562, 5.7).
    """
    if len(request_id) == 36 and request_id[14] == "7":
        return int(request_id[:8] + request_id[9:13], 16)
    return None
