"""One running router for the tests that only ask it things."""

import pytest

from tests.docs.serving import Serving


@pytest.fixture(scope="session")
def router(tmp_path_factory):
    """A router with the bank's policy and metrics; no test may stop it."""
    serving = Serving.of_the_bank(tmp_path_factory.mktemp("router"))
    yield serving
    serving.kill()
