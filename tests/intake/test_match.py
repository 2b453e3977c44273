"""The declarative form, condition by condition."""

import pytest

from router.model.channel import Channel
from tests.intake.shop import MONDAY, SUNDAY, decided, request


def applies(match, facts, at_ms=MONDAY):
    rule = f"{{name: a, match: {{{match}}}, then: {{priority: 77}}}}"
    return 77 == decided(rule, facts, at_ms=at_ms).priority


@pytest.mark.parametrize(
    ("condition", "value", "meets"),
    [
        ("premium", "premium", True),
        ("premium", "Premium", False),
        ("premium", None, False),
        ("[premium, gold]", "gold", True),
        ("[premium, gold]", "basic", False),
        ("3", 3, True),
        ("3", 3.0, True),
        ("3", "3", False),
        ("1", True, False),
        ("true", True, True),
        ("true", 1, False),
        ("false", False, True),
        ("false", 0, False),
        ("'3'", "3", True),
        ("{at_least: 3}", 3, True),
        ("{at_least: 3}", 2.99, False),
        ("{at_least: 3}", "4", False),
        ("{at_least: 0}", True, False),
        ("{at_least: 3, at_most: 5}", 5, True),
        ("{at_least: 3, at_most: 5}", 5.01, False),
        ("{at_most: 6}", None, False),
        ("{prefix: SN-}", "SN-44", True),
        ("{prefix: SN-}", "sn-44", False),
        ("{prefix: '4'}", 44, False),
        ("{exists: true}", "", True),
        ("{exists: true}", None, False),
        ("{exists: false}", None, True),
        ("{exists: false}", False, False),
        ("{in: [a, b], prefix: b}", "a", False),
        ("Çağrı", "C\u0327ag\u0306r\u0131", True),
        ("{prefix: Ça}", "C\u0327ag\u0306r\u0131", True),
    ],
)
def test_a_condition_on_a_value(condition, value, meets):
    values = {} if value is None else {"v": value}

    assert meets == applies(
        f"attributes: {{v: {condition}}}", request(attributes=values)
    )
    assert meets == applies(f"customer: {{v: {condition}}}", request(customer=values))
    assert meets == applies(f"conversation: {{v: {condition}}}", request(facts=values))


def test_a_channel_or_one_of_several():
    assert applies("channel: chat", request())
    assert applies("channel: [sms, chat]", request())
    assert not applies("channel: [sms, voice]", request())
    assert applies("channel: voice", request(Channel.VOICE))


def test_the_queue_asked_for():
    assert applies("queue: [Numara, Ελληνικά]", request(queue="Ελληνικά"))
    assert not applies("queue: Numara", request(queue="Ελληνικά"))


def test_a_country():
    assert applies("country: [TR, GR]", request())
    assert not applies("country: GR", request())


@pytest.mark.parametrize(
    ("spoken", "near"),
    [("tr", True), ("tr-CY", True), ("TR_tr", True), ("az", False), ("", False)],
)
def test_a_language_that_is_near_enough_by_distance_and_not_by_letters(spoken, near):
    assert near == applies("language: tr", request(language=spoken))


def test_opening_hours():
    assert applies("hours: Mağaza", request())
    assert not applies("hours: Mağaza", request(), SUNDAY)
    assert applies("outside_hours: Mağaza", request(), SUNDAY)


def test_everything_that_is_given_must_hold():
    both = "channel: chat, attributes: {a: 1}"
    assert applies(both, request(attributes={"a": 1}))
    assert not applies(both, request(Channel.SMS, attributes={"a": 1}))
    assert not applies(both, request(attributes={"a": 2}))
