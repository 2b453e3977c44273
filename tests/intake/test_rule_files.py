"""What a supervisor reads when a rule file is wrong: line, key, reason, suggestion."""

import json

import pytest

from router.intake.load import load_whole, read_whole
from router.policy.load import PolicyInvalid, load_policy
from tests.intake.shop import problem, problems, shop

# A rule that has slipped, and what it is answered with. It stands in line 18.
SLIPS = """
{name: a, when: 'customer.contry == "TR"', then: {priority: 1}}
shop.yaml:18:17: intake.rules[0].when = "customer.contry == \\"TR\\"": has no field "contry" at character 9
    (allowed: attributes, country, known); did you mean "country"?

{name: a, when: 'channel == "sms"', then: {priority: 1}}
shop.yaml:18:17: intake.rules[0].when = "channel == \\"sms\\"": does not know "channel" at character 1
    (allowed: conversation, customer, request, site); did you mean "request.channel"?

{name: a, wehn: 'true', then: {priority: 1}}
shop.yaml:18:17: intake.rules[0].wehn = "true": is not a known key (allowed: match, name, then, when);
    did you mean "when"?

{name: a, match: {chanel: sms}, then: {priority: 1}}
shop.yaml:18:25: intake.rules[0].match.chanel = "sms": is not a known key
    (allowed: attributes, channel, conversation, country, customer, hours, language, outside_hours, queue);
    did you mean "channel"?

{name: a, match: {channel: smss}, then: {priority: 1}}
shop.yaml:18:25: intake.rules[0].match.channel[0] = "smss": is not a channel
    (allowed: voice, chat, messaging, sms, whatsapp, email, video, social); did you mean "sms"?

{name: a, match: {queue: Nummara}, then: {priority: 1}}
shop.yaml:18:25: intake.rules[0].match.queue = "Nummara": "Nummara" is not among the queues of this policy
    (allowed: Genel, Numara, Ελληνικά); did you mean "Numara"?

{name: a, match: {queue: [Genel, Nummara]}, then: {priority: 1}}
shop.yaml:18:40: intake.rules[0].match.queue[1] = "Nummara": "Nummara" is not among the queues of this policy
    (allowed: Genel, Numara, Ελληνικά); did you mean "Numara"?

{name: a, match: {hours: Magaza}, then: {priority: 1}}
shop.yaml:18:25: intake.rules[0].match.hours = "Magaza": "Magaza" is not among the opening hours of this policy
    (allowed: Mağaza); did you mean "Mağaza"?

{name: a, match: {language: [tr, gr]}, then: {priority: 1}}
shop.yaml:18:40: intake.rules[0].match.language[1] = "gr": is no language that is known; did you mean "el"?

{name: a, match: {language: türkçe}, then: {priority: 1}}
shop.yaml:18:25: intake.rules[0].match.language[0] = "türkçe": must be a language as a tag of BCP 47
    (allowed: such as tr, el or en-GB)

{name: a, match: {attributes: {size: {atleast: 3}}}, then: {priority: 1}}
shop.yaml:18:45: intake.rules[0].match.attributes.size.atleast = 3: is not a known key
    (allowed: at_least, at_most, exists, in, prefix); did you mean "at_least"?

{name: a, match: {}, then: {priority: +101}}
shop.yaml:18:35: intake.rules[0].then.priority = "+101": must be a priority or a change of it
    (allowed: 0 to 100, or +1 to +100, or -1 to -100)

{name: a, match: {}, then: {needs: {all_of: {turkisch: 3}}}}
shop.yaml:18:52: intake.rules[0].then.needs.all_of.turkisch = 3: "turkisch" is not among the skills of this policy
    (allowed: english, greek, sizing, trainee, turkish); did you mean "turkish"?

{name: a, match: {}, then: {owner_from: account_owner}}
shop.yaml:18:35: intake.rules[0].then.owner_from = "account_owner": must say whose value it is
    (allowed: request.NAME, customer.NAME or conversation.NAME); did you mean "customer.account_owner"?

{name: a, match: {}, then: {owner: elif aydin}}
shop.yaml:18:35: intake.rules[0].then.owner = "elif aydin": an id must not contain spaces;
    did you mean "elif.aydin"?

{name: a, match: {}}
shop.yaml:18:7: intake.rules[0]: lacks the key "then" (allowed: match, name, then, when)
"""


@pytest.mark.parametrize("slip", SLIPS.strip().split("\n\n"))
def test_a_slip_in_a_rule_is_answered_with_its_place(slip):
    rule, answer = slip.split("\n", 1)
    assert " ".join(answer.split()) in problems(shop(rule))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{name: a, match: {}, then: {}}", "does nothing"),
        ("{name: a, match: {}, then: {owner: x, owner_from: customer.y}}", "keep one"),
        ("{name: a, match: {attributes: {v: {}}}, then: {stop: true}}", "asks nothing"),
        ("{name: a, match: {attributes: {v: }}, then: {stop: true}}", "a value or a condition"),
        ("{name: a, match: {attributes: {v: {at_least: .nan}}}, then: {stop: true}}", "must be a number"),
        ("{name: a, match: {attributes: {v: {at_least: '5'}}}, then: {stop: true}}", "must be a number"),
        ("{name: a, match: {attributes: {v: {at_least: true}}}, then: {stop: true}}", "must be a number"),
        ("{name: a, match: {attributes: {v: {at_most: 1e400}}}, then: {stop: true}}", "must be a number that ends"),
        ("{name: a, match: {attributes: {v: [[1]]}}, then: {stop: true}}", "must be text, a number, true or false"),
        ("{name: a, match: {}, then: {set: {v: null}}}", "must be text, a number, true or false"),
        ("{name: a, match: {}, then: {set: {v: " + "x" * 257 + "}}}", "has 257 characters"),
        ("{name: a, when: '" + "x" * 1001 + "', then: {stop: true}}", "has 1001 characters"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(rule, message):
    assert message in problem(shop(rule))


def test_two_rules_of_one_name_could_not_be_told_apart():
    rules = """
    {name: a, match: {channel: sms}, then: {priority: 1}}
    {name: a, match: {channel: chat}, then: {priority: 2}}
    """
    assert "is the name of intake.rules[0] already" in problem(shop(rules))


def test_a_rule_that_is_never_reached_is_said():
    rules = """
    {name: all, match: {}, then: {priority: 1}}
    {name: sms, match: {channel: sms}, then: {priority: 2}}
    """
    assert "shop.yaml:19:7: intake.rules[1] = " in problem(shop(rules))
    assert 'is never reached: "all" before it applies always' in problem(shop(rules))
    assert load_whole(shop(rules, mode="accumulate"))


def test_values_that_are_declared_are_the_only_ones_rules_may_ask_for():
    declared = "  declared: {customer: [plan, owner], conversation: [urgency]}\n"
    rules = """
    {name: a, match: {customer: {paln: gold}}, then: {priority: 1}}
    {name: b, when: 'conversation.facts.urgensy == "high"', then: {priority: 1}}
    {name: c, match: {channel: sms}, then: {owner_from: customer.onwer}}
    {name: d, match: {attributes: {anything: 1}}, then: {priority: 1}}
    """
    found = problems(shop(rules, more=declared))

    assert ["plan", "urgency", "owner"] == [
        one.rpartition('did you mean "')[2].removesuffix('"?') for one in found
    ]
    assert ["18", "19", "20"] == [one.split(":")[1] for one in found]


def test_what_a_rule_sets_is_declared_by_that():
    declared = "  declared: {request: [topic]}\n"
    rules = """
    {name: a, match: {channel: sms}, then: {set: {late: true}}}
    {name: b, when: "request.attributes.late == true", then: {priority: 1}}
    {name: c, match: {attributes: {late: true}}, then: {priority: 1}}
    """
    assert load_whole(shop(rules, more=declared))


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = shop("{name: a, when: 'customer.contry == 3', then: {priority: 1}}")
    text = text.replace("[tr, el, en]", "[tr, gr, en]").replace(
        "priority: 40", "priority: 400"
    )
    text = text.replace("Istanbul", "Istambul")
    assert ["2", "7", "9", "11", "18"] == [one.split(":")[1] for one in problems(text)]


def test_a_policy_s_own_loader_knows_no_expressions():
    text = shop("{name: a, when: 'customer.contry == 3', then: {priority: 1}}")

    assert 1 == len(load_policy(text).intake.rules)
    with pytest.raises(PolicyInvalid):
        load_whole(text)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("mon-fri:", "mon-fry:", '"mon-fry" is no day of the week'),
        ("mon-fri:", "fri-mon:", '"fri-mon" is no day of the week'),
        ("mon-fri:", "mon-sat:", "says sat twice"),
        ('"09:00-18:00"', '"18:00-09:00"', "goes past midnight"),
        ('"09:00-18:00"', '"9.00-18.00"', 'must be two times of the day'),
        ('"09:00-18:00"', '"09:00-09:00"', "begins and ends at one time"),
        ('"14:00-16:00"', '"12:00-16:00"', "12:00-16:00 overlaps 10:00-13:00"),
        ("[el], default", "[ru], default", '"ru" is not among the languages of this policy'),
        ("default: tr\n", "default: gr\n", 'did you mean "el"?'),
        ("default: tr\n", "default: mul\n", "names no language"),
        ("{tr: {turkish: 3}", "{tr: {turkish: 3}, TR: {turkish: 2}", 'the language of "tr" once more'),
        ("skills: {tr:", "skills: {jp:", 'did you mean "ja"?'),
        ("default_language: el", "default_region: XK9", "two capital letters"),
        ("default_language: el", "default_region: gr", 'did you mean "GR"?'),
        ("default_language: el", "default_region: XX", "telephone numbers are known"),
        ("default_queue: Genel", "default_queue: Geenl", 'did you mean "Genel"?'),
        ("default_queue: Genel", "budget: 10", "must be from 100 to 1000000"),
    ],
)  # fmt: skip
def test_a_slip_elsewhere(before, after, message):
    assert before in shop()
    assert any(message in one for one in problems(shop().replace(before, after, 1)))


def test_a_holiday_s_country_must_be_known():
    text = shop().replace('"14:00-16:00"]}', '"14:00-16:00"]}, holidays: XX')
    assert "is no country whose holidays are known" in problem(text)


def test_a_file_is_read_whole_or_refused_by_name(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(shop("{name: a, when: 'tru', then: {priority: 1}}"), "utf-8")
    with pytest.raises(PolicyInvalid, match=r"shop\.yaml:18:17: intake\.rules\[0\]"):
        read_whole(path)


def test_rules_survive_being_written_out_and_read_again():
    rules = """
    {name: a, match: {channel: sms, attributes: {v: [1, 2], w: {at_least: 3}}}, then: {priority: +5}}
    {name: b, when: 'site.hour == 9', then: {priority: -5, set: {x: true}, needs: {all_of: {sizing: 2}}}}
    {name: c, match: {hours: Mağaza, country: TR}, then: {priority: 5}}
    """
    more = "proactive: {rules: [{name: p, event: PAGE_VIEWED, queue: Genel, match: {p: {prefix: /}}}]}\n"
    policy = load_whole(shop(rules, more=more)).policy
    again = load_policy(json.dumps(policy.written()))

    assert policy == again
    assert policy.digest == again.digest


def test_two_hundred_rules_are_allowed_and_not_one_more():
    rules = "\n".join(
        f"{{name: r{n}, match: {{attributes: {{n: {n}}}}}, then: {{priority: 1}}}}"
        for n in range(201)
    )
    assert "has 201 entries, at most 200 are allowed" in problem(shop(rules))
    assert 200 == len(load_whole(shop("\n".join(rules.splitlines()[:200]))).rules)
