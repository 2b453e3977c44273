"""A policy that has been read: complete, in one order, the same for the same words."""

import json
import unicodedata

import pytest
from pydantic import ValidationError

from router.model.agent import Presence
from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from router.model.relaxation import RelaxationStep
from router.model.service_level import Definition
from router.model.time import days, hours, minutes, seconds
from router.policy.load import load_policy
from router.policy.policy import Policy
from tests.policy.samples import CARDS, changed

LEAST = "policy: small\nqueues: {Sohbet: {}}"


def test_what_a_file_says_is_in_the_policy():
    policy = load_policy(CARDS)
    queue = policy.queues["Kart Hizmetleri"]

    assert "bank" == policy.name == policy.policy
    assert seconds(20) == queue.offer_timeout_ms
    expected = Needs(
        all_of=(SkillNeed("cards", 3),),
        any_of=((SkillNeed("turkish", 3), SkillNeed("english", 4)),),
    )
    assert expected == queue.needs
    widening = RelaxationStep(
        after_ms=seconds(60),
        add=(("cards", SkillNeed("loans", 4)),),
        groups=("back",),
        queues=("Genel",),
    )
    assert widening == queue.relaxation[1]
    assert policy.queues["Genel"].missed_offer is None


def test_a_policy_can_be_two_lines_long():
    queue = load_policy(LEAST).queues["Sohbet"]

    assert seconds(20) == queue.offer_timeout_ms == queue.service_level.within_ms
    assert Definition.WITHIN_OF_ANSWERED_AND_ABANDONED == queue.service_level.definition
    assert Needs.NOTHING == queue.needs
    assert "refuse" == queue.overflow == queue.unroutable
    assert "dead_letter" == queue.on_max_wait
    assert hours(4) == queue.max_handling_ms
    assert days(1) == queue.max_wait_ms
    assert Presence.AWAY == queue.missed_offer.presence
    assert "missed offer" == queue.missed_offer.reason
    assert minutes(5) == queue.wrap_up_max_ms


def test_all_channels_are_in_use_where_nothing_is_said():
    channels = load_policy(LEAST).channels
    assert list(Channel) == list(channels)
    assert channels[Channel.VOICE].exclusive


def test_a_channel_keeps_what_is_shipped_for_it_beside_what_is_said():
    channels = load_policy(
        changed("chat: {}", "email: {limit: 9}").replace(
            "limits: {chat: 2}", "limits: {email: 2}"
        )
    ).channels
    assert [Channel.VOICE, Channel.EMAIL] == list(channels)
    assert (1, 9, True) == (
        channels[Channel.EMAIL].weight,
        channels[Channel.EMAIL].limit,
        channels[Channel.EMAIL].interruptible,
    )


def test_an_agent_has_the_policys_capacity_and_its_id_for_a_name():
    ali, ayse = load_policy(changed("groups: [front]}", "capacity: 5}")).agents
    assert ("ali.celik", "ali.celik", 3) == (ali.id, ali.name, ali.capacity)
    assert ("Ayşe Yılmaz", 5) == (ayse.name, ayse.capacity)
    assert {Channel.CHAT: 2} == ali.limits
    assert (Channel.VOICE,) == ali.prefers


def test_the_routers_own_reasons_are_always_there():
    expected = ("break", "lunch", "missed offer", "lost", "signed out")
    assert expected == load_policy(CARDS).reasons


def test_plain_words_stay_words():
    # YAML 1.1 would make these False, 1200 and True.
    text = (
        "policy: no\nskills: [no, 20:00, on]\nqueues: {y: {needs: {all_of: {no: 3}}}}"
    )
    policy = load_policy(text)
    assert "no" == policy.name
    assert ("20:00", "no", "on") == policy.skills
    assert ["y"] == list(policy.queues)


def test_names_typed_in_two_ways_are_one_name():
    composed = "İnternet Çağrı"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    policy = load_policy(
        f'policy: p\nqueues: {{{composed}: {{}}, b: {{overflow: "{decomposed}"}}}}'
    )
    assert composed == policy.queues["b"].overflow


def test_comments_order_and_spelt_out_defaults_leave_the_digest_as_it_is():
    head, queues = CARDS.split("queues:\n")
    rest, score = queues.split("score:")
    cards, _, general = rest.partition("  Genel:")
    other = f"score:{score}# hello\nqueues:\n  Genel:{general}{cards}\n{head}"
    other = other.replace("[front, back]", "[back, front]")
    other = other.replace("    priority: 50\n", "    attempts_max: 5\n")
    other = other.replace("after: 60s", "after: 1m")
    agents = other.index("  - {id: ayse"), other.index("  - {id: ali")
    ayse = other[slice(*agents)]
    other = other.replace(ayse, "").replace(
        "prefers: [voice]}\n", "prefers: [voice]}\n" + ayse
    )
    one, two = load_policy(CARDS), load_policy(other)

    assert one.digest == two.digest
    assert one == two
    assert list(one.queues) == list(two.queues)
    assert one.agents == two.agents


def test_another_policy_has_another_digest():
    policy = load_policy(CARDS)
    assert 16 == len(policy.digest)
    assert policy.digest != load_policy(changed("20s", "21s")).digest
    assert policy.digest != policy.model_copy(update={"capacity": 4}).digest


def test_a_policy_written_out_is_a_policy_file():
    policy = load_policy(CARDS)
    again = load_policy(json.dumps(policy.written(), ensure_ascii=False))
    assert policy == again
    assert policy.digest == again.digest


def test_a_policy_does_not_change():
    policy = load_policy(CARDS)
    with pytest.raises(ValidationError, match="frozen"):
        policy.capacity = 4


def test_a_policy_made_without_a_file_is_checked_as_well():
    with pytest.raises(ValidationError, match="not among the queues"):
        Policy.model_validate({"policy": "p", "queues": {"a": {"overflow": "b"}}})
