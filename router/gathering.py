"""How long a batch waits for company: not at all when it is quiet, a little when it is
busy, for then commits are fewer and replies leave in groups.

Stands beside the host, which alone asks it. It reads no clock: instants are the loop's,
in seconds, and handed in.
"""

LEAST_S = 0.002
MOST_S = 0.006
PER_RATE_S = 0.7e-6
"""Seven tenths of a millisecond for every thousand orders a second, within these
bounds."""
RATE_OVER_S = 0.1
"""The rate is that of about the last tenth of a second."""
FEW = 2
"""So many at once are no crowd: two clients who take turns would only be kept waiting."""
BUSY_S = 0.010
"""How long after a batch with more requests than that it still counts as busy."""
HEELS_S = 0.002
LONE_MIN = 8
LONE_MAX = 512
"""One order at a time, each on the heels of the batch before: a client that sends one
after the other looks like many who are let in one by one, because every commit keeps the
rest out. So after `LONE_MIN` of them one batch waits for all the same. If it stays alone,
the next trial comes after twice as many."""


class Gathering:
    """Learns from every batch how busy it is."""

    def __init__(self) -> None:
        self.busy_at = 0.0
        """When a batch last answered more than a few requests."""
        self._rate = 0.0
        self._orders = 0
        self._ended_at = 0.0
        self._lone = 0
        self._lone_until_trial = LONE_MIN
        self._is_trial = False

    def wait_s(self, now: float) -> float:
        """How long the batch whose first order has just come waits for others."""
        is_busy = now - self.busy_at < BUSY_S
        self._lone = self._lone + 1 if now - self._ended_at < HEELS_S else 0
        self._is_trial = not is_busy and self._lone > self._lone_until_trial
        if not is_busy and not self._is_trial:
            return 0.0
        self._lone = 0
        return min(MOST_S, max(LEAST_S, PER_RATE_S * self._rate))

    def learn(self, now: float, requests: int, orders: int) -> None:
        """A batch has ended that answered so many requests, with so many orders."""
        took = now - self._ended_at
        self._orders += orders
        if took > 0:
            rate, self._orders = self._orders / took, 0
            self._rate += (rate - self._rate) * min(1.0, took / RATE_OVER_S)
        self._ended_at = now
        if requests > FEW:
            self.busy_at = now
            self._lone_until_trial = LONE_MIN
        elif self._is_trial:
            self._lone_until_trial = min(LONE_MAX, 2 * self._lone_until_trial)
        self._is_trial = False
