"""What a scenario and its policy refuse together, and what they only doubt."""

import pytest

from tests.simulator.scenario.samples import POLICY, changed, loaded, problem


def doubt(text, policy=POLICY):
    (only,) = loaded(text, policy).doubts
    return only


@pytest.mark.parametrize(
    ("before", "after", "key", "message"),
    [
        ("skills: {greek: 5}", "skills: {turkish: 5}", "demand.Ελληνικά.queue",
         'nobody on the staff meets the needs of "Σχόλια" on chat (greek 2)'),
        ("    wrap_up: 1m\n", "    wrap_up: {exponential: 3m}\n", "demand.Cards.wrap_up",
         'is 3m in the mean, and wrap_up_max of "Kartlar" is 2m'),
        ("    wrap_up: 1m\n", "    waited: 1h\n", "demand.Cards.waited",
         'is not below max_wait of "Kartlar", which is 1h'),
        ("kind: handoff", "kind: transfer", "demand.Cards.then[1].kind",
         'a transfer stays on its channel (voice), "Ελληνικά" is chat'),
        ("  Front:\n", "  Front:\n    kind: bot\n", "demand.Cards.ownership.by",
         "a bot owns no conversation"),
        ("    wrap_up: 1m\n", "    needs: {none_of: {turkish: 2}}\n", "demand.Cards.needs",
         "turkish is both asked for and forbidden"),
        # 72 million first attempts, a ninth more of them again, a fifth passed on by Front,
        # who are four of the five who could take them; and 576 in Greek.
        ("per_hour: 20", "per_hour: 9000000", "demand.Cards",
         "comes to 92,800,576 interactions in a run of 2 days, of which 80,000,000 are"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused(before, after, key, message):
    found = problem(changed(before, after))
    assert key == found.key
    assert message in found.message
    assert 0 < found.line


def test_who_is_able_only_after_relaxation_is_able():
    # Front is in the group that the step adds, and has the level that it lowers to.
    text = changed("  Ayşe: {roster: ayse.yilmaz}\n", "")
    assert loaded(text)
    stricter = POLICY.replace(", groups: [back]}]", "}]")
    found = problem(text, stricter)
    assert "not even after its last relaxation step" in found.message
    assert "turkish 3" in found.message
    assert "in the groups front" in found.message


def test_streams_that_follow_each_other_for_ever_are_refused():
    text = changed("probability: 0.1, delay: 1d", "probability: 0.8, delay: 1d")
    text = text.replace(", by: Front}\n    own", "}\n    own")
    assert loaded(text)
    again = "then: [{kind: handoff, to: Cards, probability: 1}]\n    handle: 5m"
    found = problem(text.replace("handle: 5m", again))
    assert "demand.Cards.then" == found.key
    assert "goes on for ever" in found.message


def test_a_circle_with_a_way_out_is_allowed():
    again = "then: [{kind: repeat, to: Cards, probability: 0.99}]\n    handle: 5m"
    assert loaded(changed("handle: 5m", again))


@pytest.mark.parametrize(
    ("before", "after", "key", "message"),
    [
        ("hold: 2m", "hold: 10m", "demand.Cards.ownership.hold",
         'is above hold_back_max of "Kartlar", which is 5m'),
        ("handle: 5m\n", "handle: 5m\n    handle_by: {Front: 3m}\n",
         "demand.Ελληνικά.handle_by.Front", "cannot take it"),
        ("outages:\n", "  Spare: {agents: 2, skills: {cards: 5}}\noutages:\n",
         "staff.Spare", "can take nothing that is in demand"),
        ("arrivals: 12", "arrivals: {per_hour: 12, day_types: {feast: 3}}",
         "demand.Ελληνικά.arrivals.day_types.feast", "is the type of no date"),
    ],
)  # fmt: skip
def test_what_was_probably_not_meant_is_told_with_its_line(before, after, key, message):
    found = doubt(changed(before, after))
    assert key == found.key
    assert message in found.message
    assert 0 < found.line


def test_lines_without_calls_are_doubted():
    text = changed("channel: voice", "channel: chat").replace(
        "days: 2\n", "days: 2\nlines: 5\n"
    )
    assert (4, "lines") == (doubt(text).line, doubt(text).key)


def test_an_outage_of_a_channel_without_demand_is_doubted():
    text = changed("channel: voice", "channel: chat")
    text += "  - {kind: channel, channel: voice, at: 1h, lasts: 1h}\n"
    assert "outages[1].channel" == doubt(text).key
