"""One customer over three channels, by a client that shares only the contract with us."""

import re

import pytest

from tests.docs.serving import Serving, run
from tests.node.conftest import CLIENT

SCRIPT = CLIENT / "one_customer.js"
pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    serving = Serving.of_the_shop(tmp_path_factory.mktemp("shop"))
    yield serving
    serving.kill()


def test_node_chats_texts_and_phones_as_one_customer(node, shop):
    done = run(node, SCRIPT, shop.address, "node-1")

    assert 0 == done.returncode, done.stderr
    said = done.stdout.splitlines()
    assert "node-1-chat waits in Εξυπηρέτηση" == said[0]
    knows = [line for line in said if " knows " in line]
    assert ["node-1-chat", "node-1-sms", "node-1-call"] == [
        line.partition(":")[0] for line in knows
    ]
    assert all("size_now 42" in line for line in knows)
    assert all("Χρειάζεται νούμερο 43" in line for line in knows[1:])
    assert ["message", "fact", "summary"] == re.findall(
        r"^  \d (\w+)$", done.stdout, re.MULTILINE
    )
    assert (
        "node-1-chat HANDED_OFF, node-1-sms HANDED_OFF, node-1-call COMPLETED" in said
    )
    assert "ABORTED, CONTEXT_CONFLICT, the version is 3" in said[-1]


def test_a_second_customer_is_another_one(node, shop):
    done = run(node, SCRIPT, shop.address, "node-2")

    assert 0 == done.returncode, done.stderr
    assert "node-1" not in done.stdout
