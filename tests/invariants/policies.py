"""Policies for random traffic: small, and unlike each other in what is easily forgotten.

Short times and low limits, so that a few minutes of engine time meet every rule. All of
them share names; `lean` drops a queue and turns around what channels allow, so that
publishing it in the middle of a day is a real change.
"""

from router.policy.load import load_policy
from router.policy.policy import Policy

QUEUES = ("billing", "sales", "general")
AGENTS = ("ann", "bob", "cem", "dia", "eda", "filiz")

_COMMON = """\
skills: [billing, english, trainee]
groups: [front, back]
presence_reasons: [break]
"""

STEADY = (
    "policy: steady\n"
    + _COMMON
    + """\
channels:
  voice: {weight: 3, limit: 1, exclusive: true}
  chat: {weight: 1, limit: 3}
  email: {weight: 2, limit: 2, interruptible: true}
capacity: 3
offers: {open_per_agent: 1}
queues:
  billing:
    needs: {all_of: {billing: 3}, none_of: {trainee: 1}}
    relaxation:
      - {after: 10s, lower: {billing: 2}}
      - {after: 25s, add: {billing: {english: 4}}}
      - {after: 40s, drop: [billing]}
    offer_timeout: 5s
    cool_down: 7s
    wrap_up: 4s
    wrap_up_max: 20s
    hold_back_max: 15s
    continuity_value: 20s
    attempts_max: 3
    max_wait: 2m
    max_handling: 1m
  sales:
    groups: [front]
    relaxation:
      - {after: 15s, groups: [back]}
      - {after: 30s, queues: [general]}
    offer_timeout: 3s
    cool_down: 0s
    wrap_up: 0s
    exclude_decliner: true
    continuity_value: 1m
    companion_wait_max: 9s
    attempts_max: 4
    limit: 6
    overflow: general
    max_wait: 50s
    on_max_wait: general
    max_handling: 1m
    missed_offer: keep
  general:
    needs: {any_of: [{billing: 1, english: 2}]}
    offer_timeout: 4s
    cool_down: 2s
    wrap_up: 2s
    attempts_max: 5
    unroutable: alarm
    max_wait: 3m
    max_handling: 2m
liveness: {sign_out_after: 20s, restart_grace: 3s}
retention: {ended: 30s, ended_max: 40, conversations: 20s}
ownership:
  conversation: {lasts: 90s}
  last_agent: {strength: 600, lasts: 1m, decay: none}
  moves_on_transfer: "no"
"""
)

LEAN = (
    "policy: lean\n"
    + _COMMON
    + """\
channels:
  voice: {weight: 2, limit: 1}
  chat: {weight: 1, limit: 2, exclusive: true, companion_weight: 100}
  email: {weight: 1, limit: 2}
capacity: 4
offers: {open_per_agent: 2}
queues:
  billing:
    needs: {all_of: {billing: 2}}
    relaxation:
      - {after: 20s, lower: {billing: 1}}
    offer_timeout: 6s
    cool_down: 3s
    wrap_up: 6s
    wrap_up_max: 20s
    attempts_max: 2
    max_wait: 90s
    max_handling: 90s
  general:
    groups: [back]
    relaxation:
      - {after: 12s, groups: [front]}
    offer_timeout: 4s
    wrap_up: 1s
    max_wait: 1m
    on_max_wait: billing
    max_handling: 90s
    continuity_value: 30s
    companion_wait_max: 4s
liveness: {sign_out_after: 12s, restart_grace: 2s}
retention: {ended: 5s, ended_max: 10, conversations: 1s, conversations_max: 5}
ownership:
  conversation: {strength: 900, lasts: 30s, decay: none}
  last_agent: {lasts: 20s}
  moves_on_transfer: "yes"
  on_sign_out: wait
  when_away: wait
"""
)

GATHERING = (
    STEADY.replace("policy: steady", "policy: gathering").replace(
        "offers: {open_per_agent: 1}", "offers: {open_per_agent: 3}"
    )
    + "rounds: {window: 500ms}\n"
)

TEXTS = {"steady": STEADY, "lean": LEAN, "gathering": GATHERING}


def read(text: str) -> Policy:
    return load_policy(text)


POLICIES = {name: read(text) for name, text in TEXTS.items()}
