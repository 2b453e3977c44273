"""Reaching out: windows, caps, consent, quiet hours, one report once, and why not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.intake.counters import (
    EVENTS_MAX,
    SERIES_MAX,
    TEXT_MAX,
    Counters,
    CountersWrong,
    counters_from_json,
)
from router.intake.facts import Customer, FactsWrong
from router.intake.load import load_whole
from router.intake.proactive import CustomerEvent
from router.model.channel import Channel
from router.model.time import days, hours
from tests.intake.shop import at, problem

TEXT = """\
policy: shop
timezone: Europe/Istanbul
queues: {Genel: {}, Dış Arama: {}}
preference:
  purposes: {proactive: {channels: [sms, whatsapp], quiet_hours: "21:00-09:00"}}
proactive:
  caps: [{count: 2, within: 7d}]
  rules:
    - {name: prices, event: PAGE_VIEWED, match: {page: {prefix: /pricing}}, count: 3, within: 7d, unless: [UPGRADED],
       queue: Dış Arama}
    - {name: payment, event: PAYMENT_FAILED, key: order, again_after: 3d, channels: whatsapp, queue: Genel}
    - {name: beginner, event: SURVEY_ANSWERED, match: {nps: {at_most: 6}}, customer: {stage: onboarding}, queue: Genel}
    - {name: big, event: BASKET_LEFT,
       when: 'event.attributes.total >= 100.0 && customer.country == "TR" && site.hour < 20', queue: Genel}
"""
WATCH = load_whole(TEXT).watch
NOON = at("2026-03-02T12:00")
ELIF = Customer(
    known=True,
    country="TR",
    reachable=(Channel.SMS, Channel.WHATSAPP),
    consents=frozenset({"proactive"}),
    attributes={"stage": "onboarding"},
)


class Diary:
    """One customer's events, told one after another."""

    def __init__(self, customer=ELIF, watch=WATCH, counters=None):
        self.customer, self.watch = customer, watch
        self.counters = counters or Counters()

    def happens(self, kind, at_ms=NOON, event_id="", **attributes):
        event = CustomerEvent(kind, attributes, event_id)
        seen = self.watch.observe(
            self.counters, event, self.customer, at_ms, customer_id="cus-elif"
        )
        self.counters = seen.counters
        return seen

    def looks_at_prices(self, at_ms=NOON, event_id=""):
        return self.happens("PAGE_VIEWED", at_ms, event_id, page="/pricing/plus")


def test_the_third_look_at_the_prices_within_a_week_makes_us_reach_out():
    elif_ = Diary()

    assert () == elif_.looks_at_prices().outreaches
    assert () == elif_.looks_at_prices(NOON + days(3)).outreaches
    (outreach,) = elif_.looks_at_prices(NOON + days(6)).outreaches

    assert ("prices", "Dış Arama", "proactive", Channel.SMS, NOON + days(6)) == (
        outreach.rule,
        outreach.queue,
        outreach.purpose,
        outreach.channel,
        outreach.due_ms,
    )


def test_a_look_that_is_older_than_the_window_counts_no_more():
    elif_ = Diary()
    elif_.looks_at_prices(NOON)
    elif_.looks_at_prices(NOON + days(6))

    assert () == elif_.looks_at_prices(NOON + days(7)).outreaches
    assert elif_.looks_at_prices(NOON + days(8)).outreaches


def test_another_page_does_not_count():
    elif_ = Diary()
    for _ in range(5):
        seen = elif_.happens("PAGE_VIEWED", page="/home")
    assert ((), ()) == (seen.outreaches, seen.suppressed)


def test_whoever_has_upgraded_is_left_alone():
    elif_ = Diary()
    elif_.looks_at_prices(NOON)
    elif_.looks_at_prices(NOON + days(1))
    elif_.happens("UPGRADED", NOON + days(2))
    seen = elif_.looks_at_prices(NOON + days(3))

    assert () == seen.outreaches
    assert "UPGRADED came within 7d" == seen.suppressed[0].why


def test_one_outreach_and_not_one_for_every_further_look():
    elif_ = Diary()
    found = [elif_.looks_at_prices(NOON + hours(n)) for n in range(9)]

    assert 1 == sum(len(seen.outreaches) for seen in found)
    assert "taken up already within 30d" == found[8].suppressed[0].why


def test_each_order_whose_payment_failed_is_a_cause_of_its_own():
    elif_ = Diary()

    assert elif_.happens("PAYMENT_FAILED", order="SN-1").outreaches
    assert not elif_.happens("PAYMENT_FAILED", order="SN-1").outreaches
    assert elif_.happens("PAYMENT_FAILED", order="SN-2").outreaches
    assert elif_.happens("PAYMENT_FAILED", NOON + days(8), order="SN-1").outreaches


def test_no_more_contacts_than_the_caps_allow():
    elif_ = Diary()
    for number in range(2):
        elif_.happens("PAYMENT_FAILED", order=f"SN-{number}")
    seen = elif_.happens("PAYMENT_FAILED", NOON + days(6), order="SN-9")

    assert "2 contacts within 7d, at most 2 are allowed" == seen.suppressed[0].why
    assert elif_.happens("PAYMENT_FAILED", NOON + days(7), order="SN-9").outreaches


def test_a_low_score_counts_while_the_customer_is_a_beginner():
    assert Diary().happens("SURVEY_ANSWERED", nps=6).outreaches
    assert not Diary().happens("SURVEY_ANSWERED", nps=7).outreaches
    assert not Diary().happens("SURVEY_ANSWERED", nps="6").outreaches
    regular = replace(ELIF, attributes={"stage": "regular"})
    assert not Diary(regular).happens("SURVEY_ANSWERED", nps=6).outreaches


def test_an_expression_may_say_the_rest():
    assert Diary().happens("BASKET_LEFT", total=100).outreaches
    assert not Diary().happens("BASKET_LEFT", total=99).outreaches
    assert (
        not Diary().happens("BASKET_LEFT", at("2026-03-02T20:00"), total=100).outreaches
    )
    absent = Diary().happens("BASKET_LEFT")
    assert [("big", "asks for a value that is not there")] == [
        (one.rule, one.why) for one in absent.suppressed
    ]


def test_nobody_is_reached_without_having_agreed():
    silent = replace(ELIF, consents=frozenset())
    seen = Diary(silent).happens("PAYMENT_FAILED", order="SN-1")

    assert () == seen.outreaches
    assert (
        "no channel: the customer has not agreed to proactive" == seen.suppressed[0].why
    )
    assert () == seen.counters.contacts


def test_without_a_channel_every_reason_is_told():
    only_sms = replace(ELIF, reachable=(Channel.SMS,))
    seen = Diary(only_sms).happens("PAYMENT_FAILED", order="SN-1")

    assert (
        "no channel: nothing is known to reach the customer by"
        == seen.suppressed[0].why
    )


def test_in_the_night_it_is_due_in_the_morning_of_the_customer():
    night = at("2026-03-02T23:00")
    (outreach,) = Diary().happens("PAYMENT_FAILED", night, order="SN-1").outreaches

    assert at("2026-03-03T09:00") == outreach.due_ms


def test_what_is_due_later_is_asked_again_then():
    elif_ = Diary()
    night = at("2026-03-02T23:00")
    for _ in range(3):
        seen = elif_.looks_at_prices(night)
    (outreach,) = seen.outreaches
    ask = elif_.watch.still_wanted

    assert "" == ask(outreach, elif_.counters, ELIF, outreach.due_ms)
    withdrawn = replace(ELIF, consents=frozenset())
    assert "has not agreed" in ask(outreach, elif_.counters, withdrawn, outreach.due_ms)
    elif_.happens("UPGRADED", night + hours(1))
    assert "UPGRADED came" in ask(outreach, elif_.counters, ELIF, outreach.due_ms)
    other = load_whole(TEXT.replace("name: prices", "name: others")).watch
    assert "no such rule" in other.still_wanted(outreach, Counters(), ELIF, NOON)


def test_a_report_that_comes_twice_counts_once():
    elif_ = Diary()
    for event_id in ("e1", "e2", "e2", "e2"):
        seen = elif_.looks_at_prices(event_id=event_id)
    assert () == seen.outreaches
    assert elif_.looks_at_prices(event_id="e3").outreaches


def test_the_same_report_after_a_crash_gives_the_same_id():
    before = Diary().happens("PAYMENT_FAILED", NOON, "e1", order="SN-1")
    after = Diary().happens("PAYMENT_FAILED", NOON + 5, "e1", order="SN-1")
    other = Diary().happens("PAYMENT_FAILED", NOON, "e2", order="SN-1")

    assert before.outreaches[0].dedup_id == after.outreaches[0].dedup_id
    assert before.outreaches[0].dedup_id != other.outreaches[0].dedup_id
    assert before.outreaches[0].dedup_id.startswith("out-")


def test_a_bad_attribute_is_refused_and_changes_nothing():
    elif_ = Diary()
    with pytest.raises(FactsWrong):
        elif_.happens("PAGE_VIEWED", page="x" * 2000)
    assert Counters() == elif_.counters


# ---------------------------------------------------------------- the counters


def test_the_counters_hold_nothing_a_customer_said():
    elif_ = Diary()
    elif_.happens(
        "PAYMENT_FAILED", event_id="elif@örnek.com.tr", order="0532 123 45 67"
    )
    elif_.happens("PAGE_VIEWED", page="/pricing/gizli")

    text = elif_.counters.to_json()
    assert text.isascii()
    for secret in ("532", "elif", "gizli"):
        assert secret not in text


events = st.tuples(
    st.sampled_from(["PAGE_VIEWED", "PAYMENT_FAILED", "SURVEY_ANSWERED", "UPGRADED"]),
    st.integers(0, days(400)),
    st.integers(0, 200),
)


@given(st.lists(events, max_size=60))
def test_counters_survive_being_written_and_stay_within_bounds(told):
    kept, written = Diary(), Diary()
    for kind, after, number in told:
        values = {"page": "/pricing", "order": f"SN-{number}", "nps": number % 11}
        first = kept.happens(kind, NOON + after, f"e{number}", **values)
        written.counters = counters_from_json(written.counters.to_json())
        second = written.happens(kind, NOON + after, f"e{number}", **values)
        assert first == second
    assert len(kept.counters.events) <= EVENTS_MAX
    assert len(kept.counters.to_json()) < TEXT_MAX


def test_a_thousand_causes_are_not_kept_for_ever():
    elif_ = Diary()
    for number in range(1000):
        elif_.happens(
            "PAYMENT_FAILED", NOON + number, f"e{number}", order=f"SN-{number}"
        )
    assert len(elif_.counters.series) <= SERIES_MAX
    assert len(elif_.counters.taken_up) <= 64
    assert len(elif_.counters.to_json()) < TEXT_MAX
    elif_.happens("PAGE_VIEWED", NOON + days(800), page="/pricing")
    assert (1, {}, ()) == (
        len(elif_.counters.series),
        dict(elif_.counters.taken_up),
        elif_.counters.contacts,
    )


def test_counters_of_a_year_ago_are_forgotten_whatever_clock_they_came_from():
    elif_ = Diary()
    elif_.happens("UPGRADED", NOON)
    elif_.looks_at_prices(NOON + days(366))
    assert {} == dict(elif_.counters.against)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"format":2}',
        '{"format":1,"series":[],"against":{},"taken_up":{},"contacts":[],"events":[]}',
        '{"format":1,"series":{"a":["x"]},"against":{},"taken_up":{},"contacts":[],"events":[]}',
        '{"format":1,"series":{},"against":{"a":true},"taken_up":{},"contacts":[],"events":[]}',
        "[" * 70_000,
        "[" * 60_000,
    ],
)
def test_what_are_no_counters_is_refused(text):
    with pytest.raises(CountersWrong):
        counters_from_json(text)


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("customer.country ==", "customer.contry ==", 'has no field "contry"'),
        (
            "event.attributes.total",
            "request.attributes.total",
            'does not know "request',
        ),
        ("queue: Dış Arama}", "queue: Dis Arama}", 'did you mean "Dış Arama"'),
        ("count: 3,", "count: 51,", "must be from 1 to 50"),
        ("within: 7d, unless", "within: 3s, unless", "must be from 1m to 365d"),
        ("channels: whatsapp", "channels: watsapp", 'did you mean "whatsapp"'),
        ("name: payment", "name: prices", "is the name of proactive.rules[0] already"),
        ("key: order", "purpose: proactiv, key: order", 'did you mean "proactive"'),
        ("count: 2, within", "count: 0, within", "must be from 1 to 50"),
    ],
)
def test_a_slip_in_a_proactive_rule_is_named(before, after, message):
    assert message in problem(TEXT.replace(before, after, 1))
