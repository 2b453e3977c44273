"""Which channel would reach a customer: the terms, the order, and why not."""

import pytest

from router.intake.facts import Customer, Tried
from router.intake.load import load_whole, read_whole
from router.intake.preference import PurposeUnknown, recommend
from router.model.channel import Channel
from router.model.time import days
from tests.docs.markdown import ROOT
from tests.intake.shop import ATHENS, ISTANBUL, at

NOON = at("2026-03-02T12:00")
EVENING = at("2026-03-02T22:30")
SMS, WHATSAPP, EMAIL, VOICE = (
    Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.VOICE,
)  # fmt: skip
POLICY = load_whole("""\
policy: shop
timezone: Europe/Istanbul
channels: {voice: {}, sms: {}, whatsapp: {}, email: {}}
queues: {Genel: {}}
preference:
  weights: {stated: 100, worked: 60, country: 40, time: 20}
  half_life: 30d
  good_hours: {voice: "10:00-18:00"}
  purposes:
    proactive: {channels: [sms, whatsapp, email], quiet_hours: "21:00-09:00"}
  countries: {BR: {whatsapp: 43}, DE: {email: 30}, TR: {whatsapp: 50, sms: 50}}
""").policy


def customer(**more):
    known = {
        "reachable": (VOICE, SMS, WHATSAPP, EMAIL),
        "consents": frozenset({"proactive"}),
    }
    return Customer(known=True, **{**known, **more})


def ranked(one, purpose="callback", at_ms=NOON, among=()):
    return recommend(one, purpose, at_ms, POLICY, among)


def best(one, **more):
    return ranked(one, **more)[0].channel


def why_not(one, channel, **more):
    (found,) = [r for r in ranked(one, **more) if r.channel == channel]
    return found.unreachable


def points(one, channel, term, **more):
    (found,) = [r for r in ranked(one, **more) if r.channel == channel]
    return sum(reason.points for reason in found.reasons if reason.term == term)


def test_what_the_customer_asked_for_counts_most():
    assert EMAIL == best(customer(stated=(EMAIL, SMS), country="BR"))
    assert 100 == points(customer(stated=(EMAIL, SMS)), EMAIL, "stated")
    assert 50 == points(customer(stated=(EMAIL, SMS)), SMS, "stated")


def test_a_country_s_habit_decides_where_nothing_else_is_known():
    assert WHATSAPP == best(customer(country="BR"), purpose="proactive")
    assert EMAIL == best(customer(country="DE"), purpose="proactive")
    assert 40 * 43 // 100 == points(customer(country="BR"), WHATSAPP, "country")


def test_what_worked_counts_for_and_silence_counts_against():
    answers = customer(country="BR", tried=(Tried(SMS, NOON - 1, answered=True),))
    silence = customer(country="BR", tried=(Tried(WHATSAPP, NOON - 1, answered=False),))

    assert SMS == best(answers, purpose="proactive")
    assert points(answers, SMS, "worked") == -points(silence, WHATSAPP, "worked") == 40
    assert WHATSAPP != best(silence, purpose="proactive")


def test_a_habit_counts_more_than_one_answer_and_fades_by_halves():
    def worked(*ages):
        tried = tuple(Tried(SMS, NOON - days(age), answered=True) for age in ages)
        return points(customer(tried=tried), SMS, "worked")

    assert worked(0) < worked(0, 0, 0) < 60
    assert worked(0) > worked(30) > worked(60) > worked(90)
    assert worked(30) == 60 * 500 // 1000
    assert 0 == worked(30 * 21)


def test_answers_in_the_future_of_the_instant_are_not_known_yet():
    later = customer(tried=(Tried(SMS, NOON + 1, answered=True),))
    assert 0 == points(later, SMS, "worked")


def test_a_channel_has_its_good_hours():
    assert 20 == points(customer(), VOICE, "time")
    assert 0 == points(customer(), VOICE, "time", at_ms=at("2026-03-02T19:00"))
    assert VOICE == best(customer())


def test_ties_are_settled_by_the_number_of_the_channel():
    assert [SMS, WHATSAPP, EMAIL] == [
        one.channel for one in ranked(customer(country="TR"), "proactive")
    ][:3]
    assert ranked(customer()) == ranked(customer())


def test_every_channel_that_cannot_be_used_says_why_and_stands_last():
    nobody = customer(reachable=(SMS,), refused=(EMAIL,))

    assert SMS == best(nobody)
    assert "nothing is known to reach the customer by" == why_not(nobody, VOICE)
    assert "asked not to be reached here" in why_not(nobody, EMAIL)
    assert "does not use it for proactive" in why_not(
        customer(), VOICE, purpose="proactive"
    )
    assert "not among the channels" in why_not(customer(), VOICE, among=(SMS,))
    assert ["", "x", "x", "x"] == [
        "x" * bool(one.unreachable) for one in ranked(nobody)
    ]


def test_without_consent_no_channel_is_left_but_for_what_was_asked_for():
    silent = customer(consents=frozenset())

    assert {"the customer has not agreed to proactive"} == {
        one.unreachable for one in ranked(silent, "proactive")
    }
    assert "" == why_not(silent, SMS, purpose="callback")


def test_a_restricted_customer_is_reached_for_nothing():
    assert {"the customer's data are restricted"} == {
        one.unreachable for one in ranked(customer(restricted=True))
    }


def test_quiet_hours_are_the_customer_s_and_e_mail_needs_none():
    found = {one.channel: one for one in ranked(customer(), "proactive", EVENING)}

    assert at("2026-03-03T09:00") == found[SMS].not_before_ms
    assert EVENING == found[EMAIL].not_before_ms
    athenian = customer(timezone="Europe/Athens")
    found = {one.channel: one for one in ranked(athenian, "proactive", EVENING)}
    assert at("2026-03-03T09:00", ATHENS) == found[SMS].not_before_ms
    assert at("2026-03-03T10:00", ISTANBUL) == found[SMS].not_before_ms


def test_a_zone_nobody_knows_is_taken_for_the_site_s():
    lost = customer(timezone="Europe/Istambul")
    found = {one.channel: one for one in ranked(lost, "proactive", EVENING)}

    assert at("2026-03-03T09:00") == found[SMS].not_before_ms


def test_an_unknown_purpose_is_named_with_what_was_meant():
    with pytest.raises(PurposeUnknown, match='did you mean "callback"'):
        ranked(customer(), "calback")


def test_the_example_s_prior_is_the_published_one():
    countries = read_whole(
        ROOT / "examples/policies/sneaker_shop.yaml"
    ).policy.preference.countries

    assert {
        "BR": {WHATSAPP: 43},
        "ID": {WHATSAPP: 48},
        "JP": {Channel.MESSAGING: 28},
        "US": {Channel.MESSAGING: 13, SMS: 40},
        "GB": {SMS: 40},
        "CA": {SMS: 40},
        "AU": {SMS: 40},
        "DE": {EMAIL: 30},
        "AE": {Channel.MESSAGING: 23},
    } == countries
