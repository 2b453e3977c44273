"""A small shop: a policy to add rules to, requests to try on it, and what is wrong."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from router.intake.facts import Conversation, Customer, Facts
from router.intake.hours import instant
from router.intake.load import load_whole
from router.model.channel import Channel
from router.policy.load import PolicyInvalid

ISTANBUL = ZoneInfo("Europe/Istanbul")
ATHENS = ZoneInfo("Europe/Athens")

SHOP = """\
policy: shop
timezone: Europe/Istanbul
skills: [turkish, greek, english, sizing, trainee]
hours:
  Mağaza: {week: {mon-fri: "09:00-18:00", sat: ["10:00-13:00", "14:00-16:00"]}}
queues:
  Genel: {priority: 40}
  Numara: {priority: 50, needs: {none_of: {trainee: 1}}}
  Ελληνικά: {languages: [el], default_language: el}
languages:
  accepted: [tr, el, en]
  default: tr
  skills: {tr: {turkish: 3}, el: {greek: 3}, en: {english: 3}}
intake:
  default_queue: Genel
"""


def shop(rules="", *, mode="first_match", more=""):
    """The shop with intake rules, each on one line, and more sections after them."""
    text = f"{SHOP}  mode: {mode}\n"
    if rules:
        text += "  rules:\n" + "".join(
            f"    - {line.strip()}\n" for line in rules.strip().splitlines()
        )
    return text + more


def whole(rules="", **more):
    return load_whole(shop(rules, **more), file="shop.yaml")


def problems(text):
    with pytest.raises(PolicyInvalid) as refused:
        load_whole(text, file="shop.yaml")
    return str(refused.value).splitlines()


def problem(text):
    (only,) = problems(text)
    return only


def at(text, zone=ISTANBUL, fold=0):
    """The instant at which a wall clock shows `text`."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold))


MONDAY = at("2026-03-02T11:00")
SUNDAY = at("2026-03-01T11:00")


def request(channel=Channel.CHAT, customer=None, facts=None, **more):
    """A request; `customer` and `facts` are named values."""
    return Facts(
        channel=channel,
        customer=Customer(known=True, country="TR", attributes=customer or {}),
        conversation=Conversation(
            known=bool(facts), facts=facts or {}, channels=(Channel.CHAT,)
        ),
        **more,
    )


def decided(rules, facts=None, at_ms=MONDAY, **more):
    return whole(rules, **more).rules.decide(facts or request(), at_ms)


def names(fired):
    return [one.rule for one in fired]
