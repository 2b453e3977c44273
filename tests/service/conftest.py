"""The house that nearly every test of the service uses."""

import pytest

from tests.service.house import a_house


@pytest.fixture
async def house():
    async with a_house() as house:
        yield house
