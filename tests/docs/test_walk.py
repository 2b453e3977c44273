"""The sneaker shop's walk: three channels, one story, nothing asked twice."""

import re

import pytest

from tests.docs.markdown import ROOT
from tests.docs.serving import Serving, run

WALK = ROOT / "examples" / "sneaker_shop" / "walk.py"
PYTHON = ROOT / ".venv" / "bin" / "python"
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    serving = Serving.of_the_shop(tmp_path_factory.mktemp("shop"))
    yield serving
    serving.kill()


@pytest.fixture(scope="module")
def told(shop):
    """What the walk prints, once for all questions about it."""
    done = run(PYTHON, WALK, shop.address, "walk-1")
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_the_rule_for_premium_and_urgent_gives_priority(told):
    assert "at priority 80 (premium and urgent)" in told.splitlines()[0]


def test_one_agent_answers_on_all_three_channels_and_knows_more_each_time(told):
    answers = re.findall(
        r"^(\S+) answers by (\w+) and knows: (.*)$", told, re.MULTILINE
    )

    assert ["chat", "sms", "voice"] == [channel for _, channel, _ in answers]
    assert 1 == len({agent for agent, _, _ in answers})
    known = [set(facts.split(", ")) for _, _, facts in answers]
    assert known[0] <= known[1] < known[2]


def test_what_was_said_and_promised_comes_along(told):
    assert 2 == told.count("  so far: Yanlış numara")
    assert 2 == told.count("  promised: Kurye")


def test_the_timeline_is_one_over_all_channels(told):
    lines = re.findall(r"^ +(\d+) (\w+) +(\w+)", told, re.MULTILINE)

    assert [str(n) for n in range(1, 10)] == [version for version, _, _ in lines]
    assert ["chat"] * 6 + ["sms"] * 2 + ["voice"] == [
        channel for _, channel, _ in lines
    ]


def test_in_the_end_nobody_is_there_to_be_read_about(told):
    *_, erased, last = told.splitlines()

    assert "erased: 9 entries, 1 identity" == erased
    assert last.endswith("NOT_FOUND, CUSTOMER_ERASED")


def test_a_walk_is_walked_once(shop, told):
    again = run(PYTHON, WALK, shop.address, "walk-1")

    assert 1 == again.returncode
    assert "Traceback" not in again.stderr
