"""The example of a shop, as docs/policy_intake.md tells it, and what stands behind it."""

import json
import subprocess
import sys

import pytest

from router.intake.counters import Counters
from router.intake.facts import Conversation, Customer, Facts
from router.intake.load import read_whole
from router.intake.proactive import CustomerEvent
from router.model.channel import Channel
from tests.docs.markdown import ROOT
from tests.intake.shop import MONDAY, at, names

SHOP = ROOT / "examples" / "policies" / "sneaker_shop.yaml"


@pytest.fixture(scope="module")
def shop():
    return read_whole(SHOP)


def decided(
    shop, channel=Channel.CHAT, at_ms=MONDAY, customer=None, facts=None, **more
):
    return shop.rules.decide(
        Facts(
            channel,
            customer=Customer(known=True, attributes=customer or {}),
            conversation=Conversation(known=True, facts=facts or {}),
            **more,
        ),
        at_ms,
    )


def test_premium_and_urgent_goes_first_and_to_the_account_s_owner(shop):
    intake = decided(
        shop,
        customer={"plan": "premium", "account_owner": "defne.yildiz"},
        facts={"urgency": "high", "question_type": "return", "order_value": 7500},
        language="tr-TR",
    )

    assert ["returns", "premium and urgent", "dear orders are for experts"] == names(
        intake.fired
    )
    assert ("İadeler", 50 + 30 + 10, "defne.yildiz") == (
        intake.queue,
        intake.priority,
        intake.owner,
    )


def test_greek_goes_to_the_greek_desk_from_cyprus_as_well(shop):
    assert "Εξυπηρέτηση" == decided(shop, language="el-CY").queue
    assert "Genel" == decided(shop, language="tr-CY").queue


def test_a_call_on_the_national_holiday_waits(shop):
    intake = decided(shop, Channel.VOICE, at("2026-10-29T11:00"))

    assert ("Genel", 10) == (intake.queue, intake.priority)
    assert intake.attributes["after_hours"] is True
    assert None is decided(shop, Channel.VOICE).priority


def test_the_three_reasons_to_reach_out(shop):
    customer = Customer(
        known=True,
        reachable=(Channel.WHATSAPP, Channel.EMAIL),
        consents=frozenset({"proactive"}),
        attributes={"stage": "onboarding"},
    )

    def happens(counters, kind, at_ms=MONDAY, **values):
        return shop.watch.observe(
            counters, CustomerEvent(kind, values), customer, at_ms, customer_id="cus-1"
        )

    counters = Counters()
    for _ in range(3):
        looked = happens(counters, "PAGE_VIEWED", page="/pricing")
        counters = looked.counters
    assert ["looked at the prices three times"] == names(looked.outreaches)
    assert ["payment failed"] == names(
        happens(Counters(), "PAYMENT_FAILED", order_number="SN-1").outreaches
    )
    assert ["unhappy beginner"] == names(
        happens(Counters(), "SURVEY_ANSWERED", nps=6).outreaches
    )
    evening = happens(Counters(), "SURVEY_ANSWERED", at("2026-03-02T20:30"), nps=3)
    assert Channel.WHATSAPP == evening.outreaches[0].channel
    assert at("2026-03-03T10:00") == evening.outreaches[0].due_ms


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "router", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_request_can_be_tried_from_the_command_line():
    done = run(
        "try-intake",
        str(SHOP),
        "--language",
        "el",
        "--fact",
        "order_value=6000",
        "--json",
    )

    said = json.loads(done.stdout)
    assert ("Εξυπηρέτηση", "el", "greek 3, orders 4", 65) == (
        said["queue"],
        said["language"],
        said["needs"],
        said["priority"],
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--language", "gr"), 'did you mean "el"?'),
        (("--channel", "pigeon"), "is not a channel"),
        (("--queue", "Kargo"), "the policy has no queue"),
        (("--fact", "urgency"), "must be written name=value"),
        (("--at", "tomorrow"), "tomorrow"),
    ],
)
def test_a_slip_on_the_command_line_is_answered(arguments, message):
    done = run("try-intake", str(SHOP), *arguments)

    assert 2 == done.returncode
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_check_policy_reports_what_is_wrong_with_rules(tmp_path):
    text = SHOP.read_text("utf-8").replace(
        "conversation.facts.order_value)", "conversation.fatcs.order_value)"
    )
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text, "utf-8")

    done = run("check-policy", str(wrong))

    assert 1 == done.returncode
    assert "intake.rules[4].when" in done.stdout
    assert 'has no field "fatcs"' in done.stdout
    assert 'did you mean "facts"?' in done.stdout
