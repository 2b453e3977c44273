"""What a router is told, and what follows from it."""

from pathlib import Path

import pytest

from router.settings import Address, Settings


@pytest.mark.parametrize(
    ("interactions", "events"),
    [(0, 1_000), (250, 1_000), (251, 1_004), (9_000, 36_000)],
)
def test_a_floor_that_knows_many_is_saved_after_more_events(interactions, events):
    settings = Settings(
        Path("policy.yaml"), "memory:", Address("127.0.0.1", 0), snapshot_events=1_000
    )

    assert events == settings.snapshot_after(interactions)
