"""What is read when a scenario is wrong: where, what, and what is allowed instead."""

import pytest

from tests.simulator.scenario.samples import SCENARIO, changed, problem, refused

# Before and after a slip, and the line it is answered with.
SLIPS = """
queue: Kartlar
queue: Kartalr
day.yaml:6:5: demand.Cards.queue = "Kartalr": "Kartalr" is not among the queues of the
    policy "small" (allowed: Kartlar, Σχόλια); did you mean "Kartlar"?

patience: {exponential: 5m}
patience: {exponental: 5m}
day.yaml:11:16: demand.Cards.patience.exponental = "5m": is not a known key (allowed:
    constant, empirical, exponential, gamma, lognormal, mixture, sum, uniform, weibull);
    did you mean "exponential"?

patience: {exponential: 5m}
patience: {exponential: -5m}
day.yaml:11:16: demand.Cards.patience.exponential = "-5m": must not be negative
    (allowed: from 1ms to 365d)

patience: {exponential: 5m}
patience: 1.5m
day.yaml:11:5: demand.Cards.patience = "1.5m": must be whole numbers with the units d, h,
    m, s or ms, largest first, as in "20s", "1m30s" or "250ms" (allowed: from 0s to
    365d); did you mean "1m30s"?

per_hour: 20
per_hour: -20
day.yaml:8:16: demand.Cards.arrivals.per_hour = -20: must be from 0 to 100000000

per_hour: 20
perhour: 20
day.yaml:8:16: demand.Cards.arrivals.perhour = 20: is not a known key (allowed: bursts,
    counts, curve, day_factor, day_types, every, exactly, from, growth_a_day, holidays,
    per_hour, profile and 5 more); did you mean "per_hour"?

arrivals: 12
arrivals: -12
day.yaml:20:5: demand.Ελληνικά.arrivals = -12: must be from 0 to 100000000

probability: 0.4
probability: 40%
day.yaml:12:13: demand.Cards.retry.probability = "40%": must be a number from 0 to 1;
    did you mean "0.4"?

probability: 0.4
probability: 1.4
day.yaml:12:13: demand.Cards.retry.probability = 1.4: must be from 0 to 1

cv: 1.3
cv: 0
day.yaml:9:36: demand.Cards.handle.lognormal.cv = 0: must be above 0, at most 1000000

arrivals: 12
arrivals: {weekdays: {mon: 5, tuesday: 4}}
day.yaml:20:35: demand.Ελληνικά.arrivals.weekdays.tuesday = "tuesday": is not one of the
    choices (allowed: mon, tue, wed, thu, fri, sat, sun); did you mean "tue"?

to: Ελληνικά
to: Ελληνκά
day.yaml:15:25: demand.Cards.then[1].to = "Ελληνκά": "Ελληνκά" is not among the streams
    of this scenario (allowed: Cards, Ελληνικά); did you mean "Ελληνικά"?

hold: 2m, by: Front
hold: 2m, by: Frnt
day.yaml:16:39: demand.Cards.ownership.by = "Frnt": "Frnt" is not among the
    staff of this scenario (allowed: Ayşe, Front, Γραφείο); did you mean "Front"?

roster: ayse.yilmaz
roster: ayşe.yilmaz
day.yaml:23:10: staff.Ayşe.roster = "ayşe.yilmaz": "ayşe.yilmaz" is not among the agents
    of the policy "small" (allowed: ayse.yilmaz); did you mean "ayse.yilmaz"?

skills: {greek: 5}
skills: {greeek: 5}
day.yaml:29:33: staff.Γραφείο.skills.greeek = 5: "greeek" is not among the skills of the
    policy "small" (allowed: cards, greek, turkish); did you mean "greek"?

groups: [back]
groups: [bakc]
day.yaml:27:14: staff.Front.groups[0] = "bakc": "bakc" is not among the groups of the
    policy "small" (allowed: back, front); did you mean "back"?

channel: chat
channel: email
day.yaml:19:5: demand.Ελληνικά.channel = "email": "email" is not among the channels of
    the policy "small" (allowed: chat, voice)

channel: chat
channel: chta
day.yaml:19:5: demand.Ελληνικά.channel = "chta": is not a channel (allowed: voice, chat,
    messaging, sms, whatsapp, email, video, social); did you mean "chat"?
"""


@pytest.mark.parametrize("slip", SLIPS.strip().split("\n\n"))
def test_a_problem_names_place_key_value_what_is_allowed_and_what_was_meant(slip):
    before, after, answer = slip.split("\n", 2)
    expected = " ".join(answer.split())
    assert expected in str(refused(changed(before, after))).splitlines()


@pytest.mark.parametrize(
    ("before", "after", "key", "message"),
    [
        ("handle: 5m", "handle: [5m]", "Ελληνικά.handle", "must be a mapping"),
        ("handle: 5m", "handle: 4.5", "Ελληνικά.handle", "must be a duration"),
        ("handle: 5m", "handle: {}", "Ελληνικά.handle", "exactly one family"),
        ("handle: 5m", "handl: 5m", "Ελληνικά", 'lacks the key "handle"'),
        ("arrivals: 12", "arrivals: twelve", "arrivals", "must be a number"),
        ("arrivals: 12", "arrivals: {}", "arrivals", "must have a rate"),
        ("arrivals: 12", "arrivals: {from: 9h}", "arrivals", "exactly one way"),
        ("arrivals: 12", "arrivals: {curve: {9h: 5}}", "curve", "at least 2 are needed"),
        ("arrivals: 12", "arrivals: {curve: {9h: 5, 9x: 6}}", "9x", "whole numbers"),
        ("arrivals: 12", "arrivals: {curve: {1h: 5, 60m: 6}}", "curve", "twice"),
        ("from: 8h, until: 12h", "from: 8h, until: 7h", "until", "later than from"),
        ("20, from: 8h, until: 12h", "2, counts: [1]", "arrivals", "exactly one way"),
        ("{lognormal: {mean: 4m, cv: 1.3}}", "{exponential: 4m, gamma: {mean: 1m, shape: 2}}",
         "handle", "exactly one family"),
        ("{lognormal: {mean: 4m, cv: 1.3}}", "{uniform: {low: 5m, high: 4m}}", "low", "above"),
        ("handle: 5m", "handle: {mixture: [{share: 0.5, time: 1m}]}", "mixture", "add up to 1"),
        ("repeat, to: Cards, probability: 0.1", "repeat, to: Cards, probability: 0.9",
         "Cards.then", "add up to 1 at most"),
        ("kind: handoff, to: Ελληνικά", "kind: handoff, delay: 1m, to: Ελληνικά",
         "then[1].delay", "happens at once"),
        ("until: 16h", "until: 7h", "shifts[0].until", "later than from"),
        ("after: 3h, lasts: 30m", "after: 7h45m, lasts: 30m", "breaks[0]", "ends after"),
        ("    agents: 4", "    agents: 4\n    at_work: {counts: [1]}", "at_work", "beside shifts"),
        ("shifts: [{", "shifts: [{agents: 5, ", "shifts[0].agents", "above the agents"),
        ("shifts: [{", "shifts: [{from: 7h, until: 9h}, {", "shifts[1]", "makes 8 at 8h"),
        ("{roster: ayse.yilmaz}", "{roster: ayse.yilmaz, agents: 2}", "agents", "must be 1"),
        ("{roster: ayse.yilmaz}", "{roster: ayse.yilmaz, capacity: 2}", "capacity", "policy says"),
        ("  Γραφείο: {", "  B: {roster: ayse.yilmaz}\n  Γραφείο: {", "B.roster", "Ayşe"),
        ("kind: agents", "kind: channel", "outages[0]", "must name the channel"),
        ("staff: Front, days", "channel: chat, days", "channel", "of kind channel"),
        ("staff: Front, days", "staff: Back, days", "outages[0].staff", "not among the staff"),
        ("days: [2]", "days: [3]", "outages[0].days[0]", "after the last day"),
        ("days: 2\n", "days: 2\nwarm_up: 2d\n", "warm_up", "leaves nothing to count"),
        ("days: 2\n", "days: 0\n", "days", "from 1 to 3660"),
        ("days: 2\n", "days: 2\nevery: 7m\n", "every", '"7m": must divide a day evenly'),
        ("days: 2\n", "days: 2\ncalendar: {starts: 2026-02-30}\n", "starts", "a date"),
        ("days: 2\n", "days: 2\nends: never\n", "ends", "is not one of the choices"),
        ("days: 2\n", "days: 2\ncalendar: {day_types: {2026-03-02: feast}}\n", "2026-03-02",
         "not among the day types"),
        ("days: 2\n", "days: 2\ncalendar: {holidays_of: ZZ}\n", "holidays_of", "no country"),
        ("outages:", "slow_down: [{channels: [chat, chat], factors: [1]}]\noutages:",
         "channels[1]", "already"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_with_its_reason(before, after, key, message):
    found = next(
        one for one in refused(changed(before, after)).problems if key in one.key
    )
    assert message in str(found)
    assert 0 < found.line


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = changed("queue: Kartlar", "queue: Kartalr").replace("0.4", "1.4")
    text = text.replace("agents: 4", "agents: -4").replace("to: Cards", "to: Card")
    assert [6, 12, 14, 25] == [one.line for one in refused(text).problems]


def test_a_key_given_twice_is_refused_with_its_first_place():
    found = problem(changed("days: 2\n", "days: 2\ndays: 3\n"))
    assert "is given twice, first in line 3" == found.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty: it must at least name a policy and demand"),
        ("[a]", 'a scenario is a mapping of "key: value", beginning with "scenario: name"'),
        (SCENARIO[: len(SCENARIO) // 2] + "{", "is no YAML"),
        ("#" * 3_000_000, "is too large for a scenario: at most 2 MB"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_plain_words(text, message):
    assert message in str(refused(text))
