"""One running router, and the folder of the Node client with its packages."""

import pytest

from tests.conftest import missing, require
from tests.docs.markdown import ROOT
from tests.docs.serving import Serving

CLIENT = ROOT / "examples" / "node_client"


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    serving = Serving.of_the_bank(tmp_path_factory.mktemp("router"))
    yield serving
    serving.kill()


@pytest.fixture
def node():
    """The path of Node, which finds what the client needs beside it."""
    path = require("node", "apt-get install nodejs")
    if not (CLIENT / "node_modules" / "@grpc" / "grpc-js").is_dir():
        missing("@grpc/grpc-js", "make setup installs it if npm is there")
    return path
