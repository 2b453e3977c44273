"""What may be kept of an entry, and what a refusal says about the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.context import entries as e
from router.context.admission import admit
from router.context.codec import FORMAT_VERSION, decode_entry, encode_entry
from router.context.errors import (
    ContextTooLarge,
    EntryRefused,
    StoreDamaged,
    StoreTooNew,
)
from router.context.v1 import entry_pb2
from router.model.channel import Channel
from router.model.context import AuthorRole, EntryKind, SurveyKind
from router.model.context_limits import (
    ENTRY_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    ContextLimits,
)
from tests.context.make import an_entry

LIMITS = ContextLimits()
REFERENCE = ("https://depo.example/1", bytes(32), 7_000, "Fiş", "image/png")
EVERY_VALUE = (
    e.Message("Merhaba"),
    e.MessageReference(*REFERENCE),
    e.TranscriptReference(*REFERENCE),
    e.AttachmentReference(*REFERENCE),
    e.Summary("Ayakkabı yolda kaldı"),
    e.Fact("order_number", "884213"),
    e.Sentiment(-40),
    e.Disposition("refunded", "iade edildi"),
    e.Note("Akşam aranacak"),
    e.SurveyAnswer("Bizi önerir misiniz?", SurveyKind.NPS, 6, "Geç geldi"),
    e.OfferOutcome("zeynep", "declined"),
    e.HandoffOutcome(Channel.SMS, "accepted", "i-2"),
    e.Promise("Yarın yola çıkar", 5_000, kept=True),
    e.OpenQuestion("Hangi numara?", answered=True),
)


def kept(value, *, paused=False, **facts):
    return admit(an_entry(value, **facts), paused=paused, limits=LIMITS)[0].value


@pytest.mark.parametrize("value", EVERY_VALUE, ids=lambda one: type(one).__name__)
def test_every_kind_is_kept_whole_and_comes_back(value):
    entry = an_entry(value, author=e.Author(AuthorRole.BOT, "bot-1"))

    admitted, data = admit(entry, paused=False, limits=LIMITS)

    assert entry == admitted == decode_entry(data)


def test_every_kind_of_entry_has_a_value():
    assert set(EntryKind) == {an_entry(value).kind for value in EVERY_VALUE}
    assert set(EntryKind) == set(ENTRY_BYTES_MAX)


@given(st.text(min_size=1), st.integers(0, 2**53), st.sampled_from([None, *Channel]))
def test_any_text_survives_the_way_to_bytes_and_back(text, at, channel):
    entry = an_entry(e.Note(text), at=at, channel=channel)

    try:
        admitted, data = admit(entry, paused=False, limits=LIMITS)
    except (EntryRefused, ContextTooLarge):
        assert not text.strip() or "\ud800" <= max(text)
    else:
        assert admitted == decode_entry(data)


SECRET = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "value",
    [
        e.Message(SECRET),
        e.AttachmentReference("https://depo.example/1", bytes(32), 1, SECRET),
        e.Summary(SECRET),
        e.Fact("card", SECRET),
        e.Disposition("paid", SECRET),
        e.Note(SECRET),
        e.SurveyAnswer(SECRET, SurveyKind.CSAT, 3, SECRET),
        e.Promise(SECRET),
        e.OpenQuestion(SECRET),
    ],
    ids=lambda one: type(one).__name__,
)
def test_no_free_text_keeps_a_card_number(value):
    _, data = admit(an_entry(value), paused=False, limits=LIMITS)

    assert b"4111" not in data
    assert "[card ••1111]".encode() in data


def test_a_fact_that_is_called_a_card_code_keeps_none():
    assert e.Fact("card_cvv", "[card code]") == kept(e.Fact("card_cvv", "123"))
    assert e.Fact("cvvs_seen", "123") == kept(e.Fact("cvvs_seen", "123"))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (e.Message(""), "entry text: it is empty"),
        (e.Message("  \n"), "entry text: it is empty"),
        (e.Message("yarım \ud83d"), "entry text: it is no text in UTF-8"),
        (e.Message(b"Merhaba"), "entry text: it must be text"),
        (e.Message("DTMF: 4 1 1 1"), "digits pressed on a telephone"),
        (e.Note("müşterinin tuşladığı 1234#"), "digits pressed on a telephone"),
        (e.Fact("dtmf_digits", "1234"), "digits pressed on a telephone"),
        (e.Fact("Order Number", "1"), "entry name: it must begin with a letter"),
        (e.Fact("order_number", ""), "entry value: it is empty"),
        (e.Sentiment(101), "entry score: 101; a sentiment is from -100 to 100"),
        (e.SurveyAnswer("?", SurveyKind.NPS, 11), "entry score: 11; on NPS"),
        (e.SurveyAnswer("?", SurveyKind.CSAT, 0), "on CSAT it is from 1 to 5"),
        (e.Disposition("iade edildi"), "entry code"),
        (e.Disposition("4111111111111111"), "entry code: it looks like a card number"),
        (e.OfferOutcome("", "declined"), "entry agent_id"),
        (e.HandoffOutcome(Channel.SMS, "a\nb"), "entry outcome"),
        (e.Promise("yarın", -1), "entry due_at: -1 is no instant"),
        (e.AttachmentReference("fiş.png", bytes(32), 1), "entry uri"),
        (e.AttachmentReference("data:,abc", bytes(32), 1), "entry uri"),
        (e.AttachmentReference("https://x/4111111111111111", bytes(32), 1), "card"),
        (e.AttachmentReference("https://x/1", b"short", 1), "SHA-256 has 32 bytes"),
        (e.AttachmentReference("https://x/1", bytes(32), -1), "entry size"),
        (b"text", "of no known kind"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_named(value, what):
    entry = e.Entry(value, e.Author(AuthorRole.CUSTOMER), 1)

    with pytest.raises(EntryRefused, match=what):
        admit(entry, paused=False, limits=LIMITS)


def test_talking_about_a_keypad_is_no_pressing_of_keys():
    text = "Kapı keypad'inde 3 ve 5 çalışmıyor, dtmf nedir?"

    assert e.Message(text) == kept(e.Message(text))


def test_a_refusal_never_repeats_the_content():
    entry = an_entry(e.Message("Ayşe Yıldız DTMF: 4711"))

    with pytest.raises(EntryRefused) as refusal:
        admit(entry, paused=False, limits=LIMITS)

    assert "Ayşe" not in str(refusal.value)
    assert "4711" not in str(refusal.value)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"at": -1}, "entry at"),
        ({"author": e.Author(AuthorRole.AGENT)}, "entry author.name"),
        ({"author": e.Author(AuthorRole.CUSTOMER, "Ayşe Yıldız")}, "entry author.name"),
        ({"interaction": "i 1"}, "entry interaction_id"),
    ],
)
def test_an_envelope_that_cannot_be_is_refused(facts, what):
    with pytest.raises(EntryRefused, match=what):
        kept("Merhaba", **facts)


def test_an_entry_over_its_size_says_kind_size_and_limit():
    with pytest.raises(ContextTooLarge) as refusal:
        kept("ş" * MESSAGE_BYTES_MAX)

    assert "entry MESSAGE: it has 3" in str(refusal.value)
    assert f"and the limit is {MESSAGE_BYTES_MAX};" in str(refusal.value)


def test_while_paused_even_what_would_be_refused_is_only_marked():
    assert e.Withheld(EntryKind.NOTE, "capture_paused") == kept(
        e.Note("DTMF: 4711"), paused=True
    )


def test_a_later_format_is_refused_and_damage_is_damage():
    later = entry_pb2.Entry(format_version=FORMAT_VERSION + 1).SerializeToString()
    with pytest.raises(StoreTooNew, match="written in format 2"):
        decode_entry(later)
    whole = encode_entry(an_entry("Merhaba"))
    for damaged in (b"", b"\xff" * 20, whole[:-3], b"\x08\x01"):
        with pytest.raises(StoreDamaged):
            decode_entry(damaged)


def test_an_unknown_number_is_damage():
    message = entry_pb2.Entry(format_version=1, author_role=77)
    message.note.text = "x"

    with pytest.raises(StoreDamaged, match="77"):
        decode_entry(message.SerializeToString())
