"""A small scenario and its policy, to change one line of and read what results."""

import pytest

from simulator.scenario.load import ScenarioInvalid, load_scenario

POLICY = """\
policy: small
skills: [turkish, greek, cards]
groups: [front, back]
channels: {voice: {weight: 3}, chat: {weight: 1, limit: 3}}
capacity: 3
agents:
  - {id: ayse.yilmaz, skills: {turkish: 5, cards: 4}, groups: [front]}
queues:
  Kartlar:
    needs: {all_of: {turkish: 3, cards: 3}}
    groups: [front]
    relaxation: [{after: 1m, lower: {cards: 2}, groups: [back]}]
    wrap_up_max: 2m
    hold_back_max: 5m
    max_wait: 1h
  Σχόλια:
    needs: {all_of: {greek: 2}}
"""

SCENARIO = """\
scenario: a morning
policy: small.yaml
days: 2
demand:
  Cards:
    queue: Kartlar
    channel: voice
    arrivals: {per_hour: 20, from: 8h, until: 12h}
    handle: {lognormal: {mean: 4m, cv: 1.3}}
    wrap_up: 1m
    patience: {exponential: 5m}
    retry: {probability: 0.4, delay: 10m}
    then:
      - {kind: repeat, to: Cards, probability: 0.1, delay: 1d}
      - {kind: handoff, to: Ελληνικά, probability: 0.2, by: Front}
    ownership: {share: 0.3, hold: 2m, by: Front}
  Ελληνικά:
    queue: Σχόλια
    channel: chat
    arrivals: 12
    handle: 5m
staff:
  Ayşe: {roster: ayse.yilmaz}
  Front:
    agents: 4
    skills: {turkish: 4, cards: 2, greek: 1}
    groups: [back]
    shifts: [{from: 8h, until: 16h, breaks: [{after: 3h, lasts: 30m}]}]
  Γραφείο: {agents: 2, skills: {greek: 5}}
outages:
  - {kind: agents, at: 9h, lasts: 10m, staff: Front, days: [2]}
"""


def changed(before, after):
    assert before in SCENARIO
    return SCENARIO.replace(before, after)


def loaded(text=SCENARIO, policy=POLICY, folder=None):
    return load_scenario(
        text, policy, file="day.yaml", policy_file="small.yaml", folder=folder
    )


def refused(text=SCENARIO, policy=POLICY, folder=None):
    with pytest.raises(ScenarioInvalid) as refusal:
        loaded(text, policy, folder)
    return refusal.value


def problems(text, policy=POLICY):
    return refused(text, policy).problems


def problem(text, policy=POLICY):
    (only,) = problems(text, policy)
    return only
