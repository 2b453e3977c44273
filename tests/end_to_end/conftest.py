"""Routers that are surely gone after each test, and a free port that stays theirs."""

import socket

import pytest

from tests.end_to_end.process import Router


@pytest.fixture
def start(tmp_path):
    """Starts routers on one journal; ends by process id whatever is left of them."""
    routers = []

    def started(**more):
        router = Router(more.pop("journal", tmp_path / "santral.db"), **more)
        routers.append(router)
        return router

    yield started
    for router in routers:
        router.kill()


@pytest.fixture
def address():
    """An address that is free now, for routers that follow one another on it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
