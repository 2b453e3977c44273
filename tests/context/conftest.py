"""Every test that asks for a store runs on all of them."""

import pytest

from tests.context.stores import STORES


@pytest.fixture(params=list(STORES))
def store(request, tmp_path):
    return STORES[request.param](tmp_path)


@pytest.fixture
def contexts(store):
    opened = store.contexts()
    yield opened
    opened.close()
