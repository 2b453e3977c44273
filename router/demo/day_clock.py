"""The clock on the wall of the demonstrated day: real time, many times faster.

It runs beside the router's own accelerated clock. The two show different times of day;
`heard` learns the difference from what the router says, so that an agent answers a
drawn time after the offer was made, and not after it has come through.
"""

import asyncio
import time


class DayClock:
    """Milliseconds of the day, from `opens_at_ms`, at `scale` times real time."""

    def __init__(self, opens_at_ms: int, scale: float) -> None:
        self.scale = scale
        self.opens_at_ms = opens_at_ms
        self._began_s = time.monotonic()
        self._difference_ms: int | None = None
        self._first: tuple[int, int] | None = None
        self._last: tuple[int, int] | None = None

    def start(self) -> None:
        """It is opening time now."""
        self._began_s = time.monotonic()

    @property
    def now_ms(self) -> int:
        since_s = time.monotonic() - self._began_s
        return self.opens_at_ms + int(1000 * since_s * self.scale)

    async def until(self, at_ms: float) -> None:
        """Sleep until this instant of the day; not at all if it has passed."""
        await asyncio.sleep(max(0.0, self.real_s(at_ms - self.now_ms)))

    async def pause(self, span_ms: float) -> None:
        await asyncio.sleep(self.real_s(span_ms))

    def real_s(self, span_ms: float) -> float:
        """How many real seconds a span of the day takes."""
        return span_ms / 1000 / self.scale

    def heard(self, router_ms: int) -> None:
        """The router said something that was true at `router_ms` of its own clock.

        What comes quickest tells the difference of the clocks best.
        """
        now_ms = self.now_ms
        difference_ms = now_ms - router_ms
        if self._difference_ms is None or difference_ms < self._difference_ms:
            self._difference_ms = difference_ms
        self._first = self._first or (now_ms, router_ms)
        self._last = (now_ms, router_ms)

    def of_router(self, router_ms: int) -> int:
        """An instant of the router's clock, by this one."""
        return router_ms + (self._difference_ms or 0)

    def to_router(self, at_ms: int) -> int:
        """An instant of this clock, by the router's."""
        return at_ms - (self._difference_ms or 0)

    def router_scale(self, real_s_min: float = 4.0) -> float | None:
        """How fast the router's clock really runs; None before that can be told."""
        if self._first is None or self._last is None:
            return None
        ours_ms = self._last[0] - self._first[0]
        if self.real_s(ours_ms) < real_s_min:
            return None
        return self.scale * (self._last[1] - self._first[1]) / ours_ms


def clock_face(at_ms: int) -> str:
    """An instant of the day as people write it: 09:30."""
    minutes = at_ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"
