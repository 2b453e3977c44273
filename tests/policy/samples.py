"""A small policy to change one line of, and the one problem that results."""

import pytest

from router.policy.load import PolicyInvalid, load_policy

CARDS = """\
policy: bank
timezone: Europe/Istanbul
skills: [turkish, english, cards, loans, trainee]
groups: [front, back]
presence_reasons: [break, lunch]
channels:
  voice: {weight: 3}
  chat: {}
capacity: 3
agents:
  - {id: ayse.yilmaz, name: Ayşe Yılmaz, skills: {turkish: 5}, groups: [front]}
  - {id: ali.celik, limits: {chat: 2}, prefers: [voice]}
queues:
  Kart Hizmetleri:
    needs: {all_of: {cards: 3}, any_of: [{turkish: 3, english: 4}]}
    relaxation:
      - {after: 30s, lower: {cards: 2}}
      - {after: 60s, add: {cards: {loans: 4}}, groups: [back], queues: [Genel]}
      - {after: 90s, drop: [cards]}
    offer_timeout: 20s
    exclude_decliner: false
    priority: 50
    overflow: Genel
  Genel:
    missed_offer: keep
score: {waiting: 5}
"""


def changed(before, after):
    assert before in CARDS
    return CARDS.replace(before, after)


def problems(text):
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(text, file="bank.yaml")
    return refused.value.problems


def problem(text):
    (only,) = problems(text)
    return only


def refusal(text):
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(text, file="bank.yaml")
    return str(refused.value)
