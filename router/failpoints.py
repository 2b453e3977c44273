"""Points at which a test has the router killed, to see that nothing acknowledged is lost.

`SANTRAL_FAILPOINT=name:count` makes the process kill itself (SIGKILL: nothing is tidied
up) when it reaches the point of that name for the count-th time. Without it `reach` is
one look into an empty dictionary. Read by `app` once, where the process starts; must
never change what the router does in any other way.
"""

import os
import signal
import threading
from collections.abc import Mapping

ENVIRONMENT = "SANTRAL_FAILPOINT"
POINTS = (
    "after_replay",
    "before_append",
    "after_prepare",
    "after_append",
    "before_reply",
    "before_publish",
    "during_snapshot",
)

_left: dict[str, int] = {}


def arm(environment: Mapping[str, str]) -> None:
    """Arm the point that the environment names, if it names one.

    Raises ValueError for a point that is not there or a count that is not a number, so
    that a test with a slip of the pen does not pass by killing nobody.
    """
    _left.clear()
    wanted = environment.get(ENVIRONMENT, "")
    if not wanted:
        return
    name, _, count = wanted.partition(":")
    if name not in POINTS:
        known = ", ".join(POINTS)
        raise ValueError(f"{ENVIRONMENT}={wanted}: no such point; there are {known}")
    if count and not count.isdecimal():
        raise ValueError(f"{ENVIRONMENT}={wanted}: the count is not a number")
    _left[name] = int(count or 1)


def reach(point: str, *, after_s: float = 0.0) -> None:
    """The process is at a point; if it is the armed one, this may be the end.

    With `after_s` the end comes so much later, in the middle of what follows.
    """
    if point not in _left:
        return
    _left[point] -= 1
    if _left[point] > 0:
        return
    del _left[point]
    if after_s:
        timer = threading.Timer(after_s, _die)
        timer.daemon = True
        timer.start()
    else:
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
