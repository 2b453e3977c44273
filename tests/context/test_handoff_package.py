"""One screen for whoever takes over: what is on it, and what must not be."""

import pytest

from router.context.conversations import ReadEntry
from router.context.entries import (
    Disposition,
    Fact,
    HandoffOutcome,
    OfferOutcome,
    OpenQuestion,
    Promise,
    Sentiment,
    Summary,
)
from router.context.handoff_package import (
    Standing,
    Withholding,
    gather,
    handoff_package,
)
from router.context.tone import ADVICE, MANNER, Mood, tone_of
from router.model.channel import Channel
from router.model.context import ConsentState, Purpose
from tests.context.make import AYSE, ELENI, SHOES, TERMS, an_entry, append, texts


def entries(*values):
    return [
        ReadEntry(SHOES, version, an_entry(value, at=version))
        for version, value in enumerate(values, 1)
    ]


def standing(version=100, **facts):
    return Standing(AYSE, SHOES, version, **facts)


STORY = entries(
    "Merhaba, ayakkabım gelmedi",
    Fact("order_number", "884213"),
    Fact("size", "41"),
    Sentiment(-20),
    Promise("Bugün aranacak", due_at=900),
    OpenQuestion("Adres değişti mi?"),
    OfferOutcome("mehmet", "declined"),
    Summary("Paket kayıp"),
    Fact("size", "42"),
    Sentiment(-50),
    Promise("Kargo ücretsiz"),
    Disposition("passed_on"),
    Summary("Paket kayıp, yenisi yollanacak"),
    Sentiment(-80),
    OpenQuestion("Adres değişti mi?", answered=True),
    OpenQuestion("Hangi renk?"),
    Promise("Bugün aranacak", due_at=900, kept=True),
    Promise("Yenisi yarın yolda", due_at=500),
    HandoffOutcome(Channel.SMS, "accepted", "i-2"),
    "Kırmızı olsun",
)


def test_a_package_answers_who_what_tried_promised_and_open():
    package = handoff_package(
        standing(to_channel=Channel.VOICE, attributes={"display_name": "Ayşe"}), STORY
    )

    assert {"display_name": "Ayşe"} == package.who
    assert {"order_number": "884213", "size": "42"} == package.facts
    assert "Paket kayıp, yenisi yollanacak" == package.summary
    assert ["Yenisi yarın yolda", "Kargo ücretsiz"] == [
        one.text for one in package.promises
    ]
    assert ("Hangi renk?",) == package.open_questions
    assert [HandoffOutcome, Disposition, OfferOutcome] == [
        type(one.entry.value) for one in package.tried
    ]
    assert Mood.UPSET is package.tone.mood
    assert MANNER[Channel.VOICE] == package.tone.manner


def test_the_last_entries_stand_in_order_with_a_cursor_for_the_rest():
    package = handoff_package(standing(), STORY, last=3)

    assert [18, 19, 20] == [one.version for one in package.last_entries]
    assert 18 == package.before_version
    assert 0 == handoff_package(standing(), STORY).before_version


def test_nothing_above_the_carried_version_is_shown():
    package = handoff_package(standing(version=8), STORY)

    assert {"order_number": "884213", "size": "41"} == package.facts
    assert "Paket kayıp" == package.summary
    assert 8 == package.last_entries[-1].version


def test_the_same_entries_in_any_order_give_the_same_package():
    assert handoff_package(standing(), STORY) == handoff_package(
        standing(), [*reversed(STORY), *STORY[:5]]
    )


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"consent": ConsentState.WITHDRAWN}, Withholding.CONSENT_WITHDRAWN),
        ({"needs_consent": True}, Withholding.CONSENT_MISSING),
        ({"restricted": True}, Withholding.RESTRICTED),
    ],
)
def test_without_permission_a_package_holds_no_content_and_says_why(facts, why):
    package = handoff_package(
        standing(attributes={"display_name": "Ayşe"}, **facts), STORY
    )

    assert why is package.withheld
    assert 100 == package.version
    assert ({}, {}, "", (), (), (), ()) == (
        package.who,
        package.facts,
        package.summary,
        package.tried,
        package.promises,
        package.open_questions,
        package.last_entries,
    )
    assert Mood.UNKNOWN is package.tone.mood


def test_with_consent_where_it_is_needed_the_package_is_whole():
    package = handoff_package(
        standing(consent=ConsentState.GRANTED, needs_consent=True), STORY
    )

    assert Withholding.NOTHING is package.withheld
    assert package.facts


@pytest.mark.parametrize(
    ("scores", "mood", "falling"),
    [
        ([], Mood.UNKNOWN, False),
        ([0], Mood.CALM, False),
        ([50, 60], Mood.PLEASED, False),
        ([-100, 40, 40, 40], Mood.PLEASED, False),  # what is long past does not count
        ([-20, -20, -20], Mood.UNEASY, False),
        ([-50, -60, -20], Mood.UPSET, False),
        ([90, 60, 30], Mood.UNEASY, True),  # a fall is trouble, whatever the mean
    ],
)
def test_the_mood_can_be_counted_out_on_paper(scores, mood, falling):
    tone = tone_of(scores, Channel.CHAT)

    assert (mood, falling) == (tone.mood, tone.is_falling)
    assert ADVICE[mood] == tone.advice


def test_every_channel_has_its_manner():
    assert {None, *Channel} == set(MANNER)
    assert set(Mood) == set(ADVICE)


def gathered(contexts, customer=AYSE, conversation=SHOES, version=100, **facts):
    return gather(
        contexts.conversations,
        contexts.customers,
        customer,
        conversation,
        version,
        **facts,
    )


def test_a_package_is_gathered_from_a_long_conversation(contexts):
    append(contexts, Fact("order_number", "884213"), Promise("Yarın aranacak"))
    append(contexts, *(f"mesaj {n}" for n in range(60)))
    contexts.customers.set_attributes(AYSE, {"display_name": "Ayşe"}, 1)

    package = gathered(contexts, version=61)

    assert {"order_number": "884213"} == package.facts
    assert ["Yarın aranacak"] == [one.text for one in package.promises]
    assert [f"mesaj {n}" for n in range(39, 59)] == texts(package.last_entries)
    assert 42 == package.before_version
    earlier = contexts.conversations.newest(AYSE, SHOES, up_to_version=41, limit=1)
    assert ["mesaj 38"] == texts(earlier)


def test_a_withdrawal_acts_at_once(contexts):
    append(contexts, "Merhaba", Fact("plan", "premium"))
    assert gathered(contexts).facts

    contexts.customers.set_consent(
        AYSE, Purpose.CARRY_OVER, granted=False, terms=TERMS, at=2
    )

    package = gathered(contexts)
    assert Withholding.CONSENT_WITHDRAWN is package.withheld
    assert () == package.last_entries


def test_a_conversation_without_entries_has_an_empty_package(contexts):
    package = gathered(contexts, ELENI, "conv-new", 0)

    assert Withholding.NOTHING is package.withheld
    assert () == package.last_entries


def test_a_package_shows_nothing_in_logs(contexts):
    append(contexts, "GİZLİ")
    contexts.customers.set_attributes(AYSE, {"display_name": "GİZLİ"}, 1)

    assert "<HandoffPackage>" == repr(gathered(contexts))
    assert "GİZLİ" not in repr(standing(attributes={"display_name": "GİZLİ"}))
