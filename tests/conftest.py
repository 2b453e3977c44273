"""What every test may share, and nothing more: how to ask for a real program.

A test that needs Prometheus, Node or another program asks for it here. At a developer's
desk a missing program skips the test and says why; in continuous integration the same
gap is a failure, so that green never means "not looked at". Must stay free of fixtures
that only one folder uses.
"""

import os
import shutil
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this run is continuous integration (`CI=true`)."""
    return os.environ.get("CI", "").lower() == "true"


def missing(component: str, reason: str) -> NoReturn:
    """Say that `component` is not here: a skip at the desk, a failure in CI."""
    message = f"{component} is missing: {reason}"
    if in_ci():
        pytest.fail(f"{message} (skipping is not allowed when CI=true)", pytrace=False)
    pytest.skip(message)


def require(component: str, reason: str) -> str:
    """Return the path of the program `component`, or end the test as `missing` does.

    `reason` tells a person how to get it: "apt-get install prometheus".
    """
    path = shutil.which(component)
    if path is None:
        missing(component, reason)
    return path
