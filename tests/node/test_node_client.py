"""A client that shares nothing with us but the contract: Node, with @grpc/grpc-js."""

import json
import re

import pytest

from tests.docs.markdown import ROOT
from tests.docs.serving import run
from tests.node.conftest import CLIENT

SCRIPT = CLIENT / "one_interaction.js"
NOBODY_LISTENS = "127.0.0.1:1"
pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def timeline(text: str) -> list[str]:
    return re.findall(r"^  \+\d+ ms +(\w+)", text, re.MULTILINE)


def test_node_takes_an_interaction_from_arrival_to_completion(node, router):
    done = run(node, SCRIPT, router.address, "from-node-1")

    assert 0 == done.returncode, done.stderr
    assert [
        "INTERACTION_ENQUEUED",
        "OFFER_ISSUED",
        "OFFER_ACCEPTED",
        "WRAP_UP_STARTED",
        "WRAP_UP_ENDED",
    ] == timeline(done.stdout)


def test_node_reads_the_details_of_a_refusal(node, router):
    done = run(node, SCRIPT, router.address, "from-node-2")

    assert done.stdout.splitlines()[-1] == (
        "a queue that is not there: NOT_FOUND, UNKNOWN_QUEUE, field queue"
    )


def test_node_and_python_tell_the_same(node, router):
    python = ROOT / ".venv/bin/python"
    example = ROOT / "examples/grpc/one_interaction.py"

    by_node = run(node, SCRIPT, router.address, "told-twice-1").stdout
    by_python = run(python, example, router.address, "told-twice-2").stdout

    def without_what_varies(text: str) -> str:
        return re.sub(r"told-twice-\d|\+\d+ ms +", "", text)

    assert without_what_varies(by_python) == without_what_varies(by_node)


def test_an_interaction_that_has_ended_is_not_waited_for(node, router):
    run(node, SCRIPT, router.address, "from-node-3")

    again = run(node, SCRIPT, router.address, "from-node-3")

    assert 1 == again.returncode
    assert "from-node-3 has ended already" in again.stderr


def test_a_router_that_is_not_there_is_named_as_such(node):
    done = run(node, SCRIPT, NOBODY_LISTENS)

    assert 1 == done.returncode
    assert "UNAVAILABLE" in done.stderr


def test_the_client_needs_two_packages_and_locks_none():
    package = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))

    assert {"@grpc/grpc-js", "@grpc/proto-loader"} == set(package["dependencies"])
    assert package["private"]
