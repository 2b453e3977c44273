"""What rules make of a request: order, changes, languages, owners, and the budget."""

from dataclasses import replace

import pytest

from router.intake.facts import FactsWrong
from router.intake.language import LanguageWrong
from router.intake.load import load_whole
from router.intake.rules import Change
from router.model.channel import Channel
from router.model.needs import Needs, SkillNeed
from tests.intake.shop import (
    MONDAY,
    SHOP,
    SUNDAY,
    decided,
    names,
    problem,
    request,
    shop,
    whole,
)

URGENT = "{name: urgent, match: {conversation: {urgency: high}}, then: {priority: +30}}"
PREMIUM = "{name: premium, match: {customer: {plan: premium}}, then: {priority: +20}}"
BOTH = request(customer={"plan": "premium"}, facts={"urgency": "high"})


def test_without_rules_a_request_keeps_what_it_asked_for():
    intake = decided("", request(queue="Numara", priority=70, owner="elif.aydin"))

    assert ("Numara", 70, "elif.aydin") == (intake.queue, intake.priority, intake.owner)
    assert ((), ()) == (intake.fired, intake.skipped)


def test_a_premium_customer_in_a_hurry_goes_first():
    rule = "{name: a, match: {customer: {plan: premium}, conversation: {urgency: high}}, then: {priority: 90}}"

    assert 90 == decided(rule, BOTH).priority
    assert None is decided(rule, request(customer={"plan": "premium"})).priority
    assert None is decided(rule, request(facts={"urgency": "high"})).priority


def test_the_first_rule_that_applies_decides_alone():
    intake = decided(f"{URGENT}\n{PREMIUM}", BOTH)

    assert ["urgent"] == names(intake.fired)
    assert 40 + 30 == intake.priority


def test_in_the_order_of_the_file():
    intake = decided(f"{PREMIUM}\n{URGENT}", BOTH)

    assert ["premium"] == names(intake.fired)


def test_accumulated_rules_all_have_their_say():
    intake = decided(f"{URGENT}\n{PREMIUM}", BOTH, mode="accumulate")

    assert ["urgent", "premium"] == names(intake.fired)
    assert 40 + 30 + 20 == intake.priority


def test_no_priority_is_above_100_or_below_0():
    assert (
        100 == decided(URGENT, request(facts={"urgency": "high"}, priority=90)).priority
    )
    less = "{name: a, match: {}, then: {priority: -60}}"
    assert 0 == decided(less).priority


def test_a_plain_priority_forgets_earlier_changes_and_later_ones_add_to_it():
    rules = """
    {name: a, match: {}, then: {priority: +30}}
    {name: b, match: {}, then: {priority: 10}}
    {name: c, match: {}, then: {priority: +5}}
    """
    assert 15 == decided(rules, mode="accumulate").priority


def test_a_change_of_priority_is_reckoned_from_the_queue_it_ends_in():
    rules = """
    {name: a, match: {}, then: {priority: +5}}
    {name: b, match: {}, then: {queue: Numara}}
    """
    intake = decided(rules, mode="accumulate")
    assert ("Numara", 55) == (intake.queue, intake.priority)


def test_a_rule_may_stop_the_others():
    rules = f"""
    {URGENT}
    {{name: a, match: {{channel: chat}}, then: {{queue: Numara, stop: true}}}}
    {{name: c, match: {{channel: chat}}, then: {{priority: 1}}}}
    """
    intake = decided(rules, BOTH, mode="accumulate")

    assert ["urgent", "a"] == names(intake.fired)


def test_what_comes_after_a_rule_that_always_stops_is_refused_with_the_file():
    rules = """
    {name: a, match: {}, then: {queue: Numara, stop: true}}
    {name: c, match: {channel: chat}, then: {priority: 1}}
    """
    assert 'is never reached: "a" before it' in problem(shop(rules, mode="accumulate"))


def test_a_later_rule_sees_what_an_earlier_one_changed():
    rules = """
    {name: a, match: {}, then: {queue: Numara, set: {size: 44}, language: el}}
    {name: match, match: {queue: Numara, attributes: {size: 44}, language: el}, then: {priority: 1}}
    {name: cel, when: 'request.queue == "Numara" && request.attributes.size == 44', then: {priority: +1}}
    """
    intake = decided(rules, mode="accumulate")
    assert ["a", "match", "cel"] == names(intake.fired)
    assert 44 == intake.attributes["size"]


def test_match_and_when_must_both_hold():
    rule = "{name: a, match: {channel: chat}, when: 'request.attributes.size > 43.0', then: {priority: 1}}"

    assert 1 == decided(rule, request(attributes={"size": 44})).priority
    assert None is decided(rule, request(attributes={"size": 40})).priority
    assert None is decided(rule, request(Channel.SMS, attributes={"size": 44})).priority


def test_needs_are_added_to_those_of_the_request():
    rule = "{name: a, match: {}, then: {needs: {all_of: {sizing: 4}}}}"
    asked = Needs(all_of=(SkillNeed("sizing", 2), SkillNeed("english", 1)))

    needs = decided(rule, request(needs=asked, language="en")).needs

    assert Needs(all_of=(SkillNeed("sizing", 4), SkillNeed("english", 3))) == needs


def test_a_rule_whose_needs_contradict_the_queue_s_changes_nothing_and_says_so():
    rule = "{name: a, match: {}, then: {queue: Numara, priority: 9, needs: {all_of: {trainee: 1}}}}"

    intake = decided(rule, request())

    assert ("Genel", None) == (intake.queue, intake.priority)
    assert [("a", "trainee is both asked for and forbidden (none_of)")] == [
        (one.rule, one.why) for one in intake.skipped
    ]


def test_a_language_nobody_may_need_is_said_to_be_left_out():
    rule = "{name: a, match: {}, then: {needs: {none_of: {turkish: 1}}}}"

    intake = decided(rule, request(language="tr"))

    assert ["languages.skills"] == names(intake.skipped)


def test_too_many_needs_are_refused_before_the_engine_has_to():
    skills = [f"s{number}" for number in range(16)]
    levels = ", ".join(f"{skill}: 1" for skill in skills)
    text = "skills: [turkish, greek, english, sizing, trainee]"
    rule = f"{{name: a, match: {{}}, then: {{needs: {{all_of: {{{levels}}}}}}}}}"

    policy = shop(rule).replace(text, text[:-1] + ", " + ", ".join(skills) + "]")
    intake = load_whole(policy).rules.decide(request(queue="Numara"), MONDAY)

    assert "leaves 17 single needs, at most 16 are allowed" == intake.skipped[0].why


def test_the_owner_is_the_one_a_rule_names_or_whose_id_stands_in_a_value():
    named = "{name: a, match: {}, then: {owner: elif.aydin}}"
    found = "{name: a, match: {}, then: {owner_from: customer.account_owner}}"
    has_one = request(customer={"account_owner": "ayşe.yılmaz"})

    assert "elif.aydin" == decided(named).owner
    assert "ayşe.yılmaz" == decided(found, has_one).owner
    assert "" == decided(found).owner
    assert "" == decided(found, request(customer={"account_owner": 7})).owner
    assert (Change("owner", "from customer.account_owner"),) == (
        decided(found, has_one).fired[0].changes
    )


def test_what_a_request_holds_is_in_no_repr_and_in_no_explanation():
    secret = "0532 123 45 67"
    rules = """
    {name: a, match: {attributes: {phone: {exists: true}}}, then: {owner_from: request.phone, set: {phone: "none"}}}
    {name: b, when: "request.attributes.phone > 3", then: {priority: 1}}
    """
    facts = request(
        attributes={"phone": secret}, customer={"x": secret}, facts={"y": secret}
    )
    intake = decided(rules, facts, mode="accumulate")

    assert secret == intake.owner
    shown = repr(facts) + repr(intake.fired) + repr(intake.skipped)
    assert secret not in shown
    assert "attributes=" not in repr(intake)


def test_a_request_that_names_no_queue_has_the_default_one_for_the_rules_as_well():
    rule = "{name: a, match: {queue: Genel}, then: {priority: 1}}"

    assert ("Genel", 1) == (decided(rule).queue, decided(rule).priority)


def test_a_rule_for_opening_hours():
    rule = "{name: a, match: {outside_hours: Mağaza}, then: {priority: 1}}"

    assert None is decided(rule, at_ms=MONDAY).priority
    assert 1 == decided(rule, at_ms=SUNDAY).priority


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("written", "queue", "language", "how", "skill"),
    [
        ("tr", "Genel", "tr", "asked", "turkish"),
        ("TR_tr", "Genel", "tr", "near", "turkish"),
        ("tr-CY", "Genel", "tr", "near", "turkish"),
        ("en-GB", "Genel", "en", "near", "english"),
        ("el-CY", "Ελληνικά", "el", "near", "greek"),
        ("", "Genel", "tr", "default", "turkish"),
        ("und", "Genel", "tr", "default", "turkish"),
        ("", "Ελληνικά", "el", "default", "greek"),
        ("tr", "Ελληνικά", "el", "default", "greek"),
        ("az", "Genel", "tr", "default", "turkish"),
    ],
)
def test_a_language_becomes_a_need(written, queue, language, how, skill):
    intake = decided("", request(queue=queue, language=written))

    assert (language, how) == (intake.language, intake.language_how)
    assert Needs(all_of=(SkillNeed(skill, 3),)) == intake.needs


def test_a_language_nobody_speaks_may_be_kept_without_a_need():

    kept = SHOP.replace("  default: tr", "  default: tr\n  unmatched: keep")
    intake = load_whole(kept).rules.decide(request(language="az"), MONDAY)

    assert ("az", "unmatched", Needs.NOTHING) == (
        intake.language,
        intake.language_how,
        intake.needs,
    )


def test_a_customer_s_language_counts_where_the_request_names_none():

    facts = request()
    facts = replace(facts, customer=replace(facts.customer, language="el-CY"))

    assert "el" == decided("", facts).language


def test_gr_is_refused_with_what_was_meant():
    with pytest.raises(
        LanguageWrong, match='"gr" is no language that is known; did you mean "el"'
    ):
        decided("", request(language="gr"))


# ---------------------------------------------------------------- what it may cost


def test_a_rule_that_cannot_be_evaluated_is_passed_over_and_said():
    rules = """
    {name: absent, when: 'request.attributes.size > 43.0', then: {priority: 1}}
    {name: kinds, when: 'customer.attributes.plan > 3', then: {priority: 2}}
    {name: zero, when: '1 / conversation.interactions == 1', then: {priority: 3}}
    {name: last, match: {}, then: {priority: 4}}
    """
    intake = decided(rules, request(customer={"plan": "premium"}))

    assert ["last"] == names(intake.fired)
    assert [
        ("absent", "asks for a value that is not there"),
        ("kinds", "compares values of different kinds"),
        ("zero", "divides by zero"),
    ] == [(one.rule, one.why) for one in intake.skipped]


def test_the_budget_is_counted_in_steps_and_the_rules_beyond_it_are_not_looked_at():
    rules = "\n".join(
        f"{{name: r{n}, match: {{attributes: {{a: 1, b: 2, c: 3}}}}, then: {{priority: 1}}}}"
        for n in range(40)
    )
    intake = decided(rules.replace("r39, match: {attributes: {a: 1, b: 2, c: 3}}", "r39, match: {}"),
                     more="  budget: 100\n")  # fmt: skip

    assert 25 * 4 == intake.steps
    assert () == intake.fired
    assert ["r25"] == names(intake.skipped)
    assert "the budget of 100 steps is spent" in intake.skipped[0].why


def test_expressions_cost_as_many_steps_as_they_have_parts():
    cheap = decided("{name: a, when: 'site.hour > 8', then: {priority: 1}}")
    dear = decided(
        "{name: a, when: 'site.hour > 8 && request.queue.matches(\"^G[a-z]{1,9}$\")', then: {priority: 1}}"
    )
    assert (1, 1) == (cheap.priority, dear.priority)
    assert 1 + 4 == cheap.steps
    assert dear.steps > 100


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": "x" * 1025}, "has 1025 characters, at most 1024 are allowed"),
        ({f"n{i}": 1 for i in range(65)}, "has 65 values, at most 64 are allowed"),
        ({"": 1}, "names value 1 with 0 characters"),
        ({"n" * 65: 1}, "names value 1 with 65 characters"),
        ({"a": float("nan")}, "must be a number up to"),
        ({"a": 2**60}, "must be a number up to"),
        ({"a": None}, "must be text, a number, or true or false"),
        ({"a": "\ud800"}, "it is no Unicode text"),
        ({"Ç": 1, "C\u0327": 2}, "names value 2 as an earlier one"),
    ],
)
def test_values_out_of_bounds_are_refused_by_field(values, message):
    with pytest.raises(FactsWrong) as refused:
        decided("", request(attributes=values))
    assert message in str(refused.value)
    assert refused.value.field.startswith("attributes")


def test_a_country_is_two_letters():
    rule = "{name: a, match: {country: TR}, then: {priority: 1}}"
    facts = request()
    small = replace(facts, customer=replace(facts.customer, country="tr"))
    long = replace(facts, customer=replace(facts.customer, country="Türkiye"))

    assert 1 == decided(rule, small).priority
    with pytest.raises(FactsWrong, match="must be two letters") as refused:
        decided(rule, long)
    assert "Türkiye" not in str(refused.value)


def test_the_same_facts_give_the_same_answer():
    rules = whole(f"{URGENT}\n{PREMIUM}", mode="accumulate").rules

    assert rules.decide(BOTH, MONDAY) == rules.decide(BOTH, MONDAY)


def test_a_shop_with_nothing_to_decide_says_so():

    assert load_whole("policy: p\nqueues: {a: {}}").rules.idle
    assert not whole().rules.idle
