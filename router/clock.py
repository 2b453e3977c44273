"""Engine time under the wall: milliseconds that never go back, whatever happens to the
wall clock.

The wall is read once, at the start; from then on only the boot-time clock counts, which
knows no steps and goes on while the machine sleeps. A scale above 1 makes engine time
run faster, for a demonstration or a rehearsal.
"""

import time


class Clock:
    """Engine time for one leadership."""

    def __init__(self, *, not_before: int = 0, scale: float = 1.0) -> None:
        self._origin_s = _boot_s()
        self._base = max(int(time.time() * 1000), not_before)
        self.scale = scale

    def now(self) -> int:
        """Engine time, in milliseconds since the epoch."""
        return self._base + int((_boot_s() - self._origin_s) * 1000 * self.scale)

    def seconds_until(self, due: int) -> float:
        """How long the process has to wait until engine time `due`."""
        return (due - self.now()) / 1000 / self.scale

    @staticmethod
    def stopwatch_us() -> int:
        """Microseconds for measuring how long something took; means nothing by itself."""
        return time.perf_counter_ns() // 1000


def _boot_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
