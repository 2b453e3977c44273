"""What a supervisor reads when a policy is wrong: where, what, and what is allowed."""

import pytest

from tests.policy.samples import CARDS, changed, problem, problems, refusal

# Before and after a slip, and the line it is answered with.
SLIPS = """
offer_timeout: 20s
offer_timeout: 0s
bank.yaml:20:5: queues.Kart Hizmetleri.offer_timeout = "0s": must be from 1s to 5m

offer_timeout: 20s
offer_timeout: 20
bank.yaml:20:5: queues.Kart Hizmetleri.offer_timeout = 20:
    must be whole numbers with the units d, h, m, s or ms, largest first,
    as in "20s", "1m30s" or "250ms" (allowed: from 1s to 5m); did you mean "20s"?

offer_timeout
ofer_timeout
bank.yaml:20:5: queues.Kart Hizmetleri.ofer_timeout = "20s":
    is not a known key (allowed: attempts_max, companion_wait_max, continuity_value,
    cool_down, default_language, default_region, exclude_decliner, groups,
    hold_back_max, languages, limit, max_handling and 13 more); did you mean "offer_timeout"?

all_of: {cards: 3}
all_of: {crads: 3}
bank.yaml:15:22: queues.Kart Hizmetleri.needs.all_of.crads = 3:
    "crads" is not among the skills of this policy
    (allowed: cards, english, loans, trainee, turkish); did you mean "cards"?

groups: [back]
groups: [bakc]
bank.yaml:18:57: queues.Kart Hizmetleri.relaxation[1].groups[0] = "bakc":
    "bakc" is not among the groups of this policy (allowed: back, front);
    did you mean "back"?

overflow: Genel
overflow: Genle
bank.yaml:23:5: queues.Kart Hizmetleri.overflow = "Genle":
    "Genle" is not among the queues of this policy
    (allowed: Genel, Kart Hizmetleri, refuse); did you mean "Genel"?

chat: {}
chta: {}
bank.yaml:8:3: channels.chta = "chta":
    is not a channel (allowed: voice, chat, messaging, sms, whatsapp, email, video,
    social); did you mean "chat"?

Istanbul
Istambul
bank.yaml:2:1: timezone = "Europe/Istambul":
    is not a time zone of the IANA list (allowed: Europe/Athens, Europe/Istanbul, UTC
    and others); did you mean "Europe/Istanbul"?
"""


@pytest.mark.parametrize("slip", SLIPS.strip().split("\n\n"))
def test_a_problem_names_place_key_value_what_is_allowed_and_what_was_meant(slip):
    before, after, answer = slip.split("\n", 2)
    expected = " ".join(answer.split())
    assert expected in refusal(changed(before, after)).splitlines()


@pytest.mark.parametrize(
    ("before", "after", "key", "message"),
    [
        ("priority: 50", "priority: 101", "priority", "must be from 0 to 100"),
        ("priority: 50", "priority: -1", "priority", "must be from 0 to 100"),
        ("priority: 50", 'priority: "50"', "priority", "must be a whole number"),
        ("priority: 50", "priority: 5.5", "priority", "must be a whole number"),
        ("priority: 50", "priority: true", "priority", "must be a whole number"),
        ("priority: 50", "priority:", "priority", "must be a whole number"),
        ("decliner: false", "decliner: no", "exclude_decliner", "true or false"),
        ("offer_timeout: 20s", "offer_timeout:", "offer_timeout", "must be a duration"),
        ("offer_timeout: 20s", "offer_timeout: 6m", "offer_timeout", "from 1s to 5m"),
        ("{turkish: 5", "{turkish: 6", "turkish", "must be from 1 to 5"),
        ("[break, lunch]", "[break, 112]", "reasons[1]", "put it in quotes"),
        ("[break, lunch]", "[break, lost]", "reasons[1]", "the router's own"),
        ("[front, back]", "[front, back, front]", "groups", "is listed twice"),
        ("[front, back]", "front", "groups", "must be a list"),
        ("missed_offer: keep", "missed_offer: kept", "missed_offer", "mapping"),
        ("missed_offer: keep", "missed_offer:", "missed_offer", 'or "keep"'),
        ("waiting: 5", "waiting: 1001", "score.waiting", "must be from 0 to 1000"),
        ("[{turkish: 3, english: 4}]", "[{}]", "any_of[0]", "must not be empty"),
        ("- {after: 90s, drop: [cards]}", "- {after: 90s}", "[2]", "does nothing"),
        ("after: 60s", "after: 30s", "relaxation[1].after", "later than the step"),
        ("lower: {cards: 2}", "lower: {cards: 4}", "relaxation[0]", "would tighten"),
        ("queues: [Genel]", "queues: [Kart Hizmetleri]", "queues[0]", "itself"),
        ("priority: 50", "wrap_up: 10m", "wrap_up_max", "must not be shorter"),
        ("id: ali.celik", "id: ayse.yilmaz", "agents[1].id", "agents[0] already"),
        ("id: ali.celik", "id: ali celik", "agents[1].id", "must not contain spaces"),
        ("id: ali.celik, ", "", "agents[1]", 'lacks the key "id"'),
        ("prefers: [voice]", "prefers: [sms]", "prefers[0]", "not among the channels"),
        ("policy: bank", "policy: ' bank'", "policy", "begin or end with a space"),
        ("policy: bank", 'policy: "a\\u202Eb"', "policy", "invisible U+202E"),
        ("policy: bank", f"policy: {'x' * 65}", "policy", "at most 64 characters"),
        ("policy: bank", "policy: ''", "policy", "must not be empty"),
        ("  Genel:\n    missed_offer: keep", "  Genel:", "Genel", "must be a mapping"),
        ("front, back]", "front, back, b, b2]\nlimit: 3", "limit", "not a known key"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_reason(before, after, key, message):
    found = problem(changed(before, after))
    assert key in found.key
    assert message in found.message
    assert 0 < found.line


def test_needs_that_contradict_each_other_are_refused():
    found = problem(
        changed("{all_of: {cards: 3}", "{all_of: {cards: 3}, none_of: {turkish: 2}")
    )
    assert "queues.Kart Hizmetleri.needs" == found.key
    assert "turkish is both asked for and forbidden (none_of)" == found.message


def test_yes_and_no_are_not_true_and_false_but_were_probably_meant():
    found = problem(changed("exclude_decliner: false", "exclude_decliner: yes"))
    assert ('"yes"', "true") == (found.value, found.suggestion)


def test_a_missing_key_is_named():
    found = problem(CARDS.removeprefix("policy: bank\n"))
    assert (1, 1, "") == (found.line, found.column, found.key)
    assert 'lacks the key "policy"' == found.message


def test_a_duplicate_key_is_refused_with_its_first_place():
    found = problem(changed("priority: 50", "priority: 50\n    priority: 60"))
    assert (23, "queues.Kart Hizmetleri.priority") == (found.line, found.key)
    assert "is given twice, first in line 22" == found.message


def test_two_spellings_of_one_letter_are_one_key():
    text = 'policy: p\nqueues:\n  "Çağrı": {}\n  "C\u0327ağrı": {}\n'
    assert "is given twice, first in line 3" == problem(text).message


def test_overflows_that_lead_round_in_a_circle_are_refused():
    text = changed("missed_offer: keep", "on_max_wait: Kart Hizmetleri")
    found = problem(text)
    assert "leads round in a circle" in found.message
    assert "Genel → Kart Hizmetleri" in found.message


def test_every_circle_is_reported_once():
    names = "abcd"
    onward = {"a": "b", "b": "a", "c": "d", "d": "c"}
    queues = ", ".join(f"{name}: {{overflow: {onward[name]}}}" for name in names)
    found = problems(f"policy: p\nqueues: {{{queues}}}")
    assert 2 == len(found)


@pytest.mark.parametrize("name", ["refuse", "dead_letter"])
def test_a_queue_may_not_be_called_what_has_a_meaning(name):
    assert "a queue cannot be called" in refusal(f"policy: p\nqueues: {{{name}: {{}}}}")


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = changed("Istanbul", "Istambul").replace("{cards: 2}", "{crads: 2}")
    text = text.replace("priority: 50", "priority: 500").replace("{id: ali", "{di: ali")
    text = text.replace("overflow: Genel", "overflow: Kart Hizmetleri")
    found = problems(text)
    assert [2, 12, 12, 17, 22, 23] == [one.line for one in found]


def test_a_wrong_list_of_names_does_not_make_every_use_wrong():
    found = problem(changed("[turkish, english, cards, loans, trainee]", "turkish"))
    assert "skills" == found.key


def test_only_the_first_hundred_problems_are_spelt_out():
    agents = "".join(f"  - {{id: a{i}, capacity: 0}}\n" for i in range(150))
    text = f"policy: p\nqueues: {{a: {{}}}}\nagents:\n{agents}"
    lines = refusal(text).splitlines()
    assert 101 == len(lines)
    assert "bank.yaml: and 50 more problems" == lines[-1]
    assert 150 == len(problems(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "skills: [" + ", ".join(f"s{i}" for i in range(128)) + "]",
            "has 128 entries, at most 127 are allowed",
        ),
        (
            "groups: [" + ", ".join(f"g{i}" for i in range(256)) + "]",
            "has 256 entries, at most 255 are allowed",
        ),
    ],
)
def test_a_list_has_a_bound(text, message):
    assert message == problem(f"policy: p\nqueues: {{a: {{}}}}\n{text}").message


def test_a_queue_has_at_most_sixteen_needs():
    skills = [f"s{i}" for i in range(17)]
    first, last = (
        ", ".join(f"{s}: 1" for s in half) for half in (skills[:9], skills[9:])
    )
    text = f"policy: p\nskills: [{', '.join(skills)}]\n"
    text += f"queues: {{a: {{needs: {{all_of: {{{first}}}, any_of: [{{{last}}}]}}}}}}"
    assert "at most 16 needs are allowed, these are 17" == problem(text).message
