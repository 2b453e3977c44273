"""Fail-points do nothing unless one is armed, and a misspelt one is an error."""

import subprocess
import sys

import pytest

from router import failpoints

DIES = """
from router import failpoints
failpoints.arm({"SANTRAL_FAILPOINT": "before_reply:3"})
for n in range(5):
    print(n, flush=True)
    failpoints.reach("after_append")
    failpoints.reach("before_reply")
"""


def test_unarmed_points_do_nothing():
    failpoints.arm({})

    for point in failpoints.POINTS:
        failpoints.reach(point)


@pytest.mark.parametrize("wrong", ["before_repyl", "before_reply:often", ":3"])
def test_a_slip_of_the_pen_is_an_error(wrong):
    with pytest.raises(ValueError, match="SANTRAL_FAILPOINT"):
        failpoints.arm({failpoints.ENVIRONMENT: wrong})


def test_an_armed_point_kills_at_the_count():
    died = subprocess.run(
        [sys.executable, "-c", DIES], capture_output=True, text=True, timeout=30
    )

    assert -9 == died.returncode
    assert ["0", "1", "2"] == died.stdout.split()
