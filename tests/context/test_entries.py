"""What every store does with entries (a store joins in stores.py)."""

import pytest

from router.context.entries import Fact, Message, Note, Withheld
from router.context.errors import (
    ContextTooLarge,
    EntryRefused,
    ForeignConversation,
    UnknownConversation,
)
from router.model.context import EntryKind
from router.model.context_limits import ContextLimits
from tests.context.make import AYSE, ELENI, MEHMET, SHOES, an_entry, append, texts


def test_what_was_added_is_read_back_in_order(contexts):
    append(contexts, "Merhaba", "Ayakkabım gelmedi", "Sipariş 884213")

    read = contexts.conversations.entries(AYSE, SHOES)

    assert ["Merhaba", "Ayakkabım gelmedi", "Sipariş 884213"] == texts(read)
    assert [1, 2, 3] == [one.version for one in read]


def test_entries_are_the_same_after_the_store_is_opened_again(store):
    first = store.contexts()
    append(first, "Καλημέρα", "Πού είναι τα παπούτσια μου;")
    first.close()

    again = store.contexts()

    assert ["Καλημέρα", "Πού είναι τα παπούτσια μου;"] == texts(
        again.conversations.entries(AYSE, SHOES)
    )


def test_a_reader_is_bounded_by_the_version_it_names(contexts):
    append(contexts, "bir", "iki", "üç")

    assert ["bir", "iki"] == texts(
        contexts.conversations.entries(AYSE, SHOES, up_to_version=2)
    )
    assert ["iki"] == texts(
        contexts.conversations.entries(AYSE, SHOES, after_version=1, up_to_version=2)
    )
    assert ["iki", "bir"] == texts(
        contexts.conversations.newest(AYSE, SHOES, up_to_version=2)
    )


def test_the_newest_of_one_kind_are_found_among_many_messages(contexts):
    append(contexts, Fact("plan", "premium"), *(f"mesaj {n}" for n in range(30)))
    append(contexts, Fact("plan", "standart"), "son mesaj")

    found = contexts.conversations.newest(AYSE, SHOES, kind=EntryKind.FACT, limit=5)

    assert ["standart", "premium"] == [one.entry.value.value for one in found]
    assert ["son mesaj"] == texts(
        contexts.conversations.newest(AYSE, SHOES, kind=EntryKind.MESSAGE, limit=1)
    )


def test_an_entry_of_a_version_that_is_there_takes_its_place(contexts):
    append(contexts, "bir", "hiç onaylanmadı")
    seal = contexts.conversations.seal

    contexts.conversations.prepare([seal(AYSE, SHOES, 2, an_entry("onaylandı"))])
    row = contexts.conversations.conversation(AYSE, SHOES)

    assert ["bir", "onaylandı"] == texts(contexts.conversations.entries(AYSE, SHOES))
    assert (2, 2) == (row.entries, row.version)


def test_preparing_the_same_entries_again_changes_nothing(contexts):
    sealed = append(contexts, "bir", "iki")
    before = contexts.conversations.conversation(AYSE, SHOES)

    contexts.conversations.prepare(sealed)

    assert before == contexts.conversations.conversation(AYSE, SHOES)
    assert ["bir", "iki"] == texts(contexts.conversations.entries(AYSE, SHOES))


def test_a_crash_between_store_and_journal_leaves_nothing_behind(store):
    contexts = store.contexts()
    append(contexts, "onaylandı", "bu da")
    append(contexts, "günlüğe ulaşmadı", "bu da ulaşmadı")
    append(contexts, "ilk mesaj, ulaşmadı", customer=ELENI, conversation="conv-new")
    contexts.close()

    again = store.contexts()
    discarded = again.conversations.discard_after({SHOES: 2})

    assert 3 == discarded
    assert ["onaylandı", "bu da"] == texts(again.conversations.entries(AYSE, SHOES))
    with pytest.raises(UnknownConversation):
        again.conversations.entries(ELENI, "conv-new")
    append(again, "üçüncü")
    assert 3 == again.conversations.conversation(AYSE, SHOES).version


def test_a_conversation_that_the_floor_has_forgotten_is_kept_at_a_start(store):
    contexts = store.contexts()
    append(contexts, "geçen ay", conversation="conv-old")
    append(contexts, "bugün")
    contexts.close()

    again = store.contexts()

    assert 0 == again.conversations.discard_after({SHOES: 1})
    assert ["geçen ay"] == texts(again.conversations.entries(AYSE, "conv-old"))


def test_a_batch_with_a_foreign_conversation_stores_nothing_of_it(contexts):
    append(contexts, "Ayşe'nin mesajı")
    seal = contexts.conversations.seal
    mine = seal(ELENI, "conv-eleni", 1, an_entry("Ελένη"))

    with pytest.raises(ForeignConversation):
        seal(ELENI, SHOES, 2, an_entry("bana ait değil"))
    with pytest.raises(ForeignConversation):
        contexts.conversations.entries(ELENI, SHOES)
    forged = type(mine)(ELENI, SHOES, 2, mine.kind, mine.at, mine.sealed)
    with pytest.raises(ForeignConversation):
        contexts.conversations.prepare([mine, forged])
    with pytest.raises(UnknownConversation):
        contexts.conversations.entries(ELENI, "conv-eleni")


def test_a_conversation_holds_no_more_than_the_policy_says(store):
    limits = ContextLimits(conversation_entries=3, entry_bytes={EntryKind.NOTE: 64})
    contexts = store.contexts(limits=limits)
    append(contexts, "bir", "iki")
    seal = contexts.conversations.seal

    with pytest.raises(ContextTooLarge, match=r"entry NOTE: it has \d+ bytes.*is 64"):
        seal(AYSE, SHOES, 3, an_entry(Note("ş" * 40)))
    seal(AYSE, SHOES, 3, an_entry("üç"))
    with pytest.raises(ContextTooLarge, match=r"would have 4 entries.*limit is 3"):
        seal(AYSE, SHOES, 4, an_entry("dört"))


def test_a_new_policy_is_in_force_at_once(contexts):
    append(contexts, "bir")

    contexts.use(ContextLimits(conversation_entries=1))

    with pytest.raises(ContextTooLarge, match="limit is 1"):
        append(contexts, "iki")


def test_the_bytes_of_a_conversation_are_bounded(store):
    contexts = store.contexts(limits=ContextLimits(conversation_bytes=500))
    append(contexts, "ğ" * 150)

    with pytest.raises(ContextTooLarge, match=r"would have \d+ bytes.*limit is 500"):
        contexts.conversations.seal(AYSE, SHOES, 2, an_entry("ğ" * 150))


def test_a_policy_can_lower_a_bound_and_never_raise_it():
    with pytest.raises(ValueError, match="entry_bytes of message is 99999; it must be"):
        ContextLimits(entry_bytes={EntryKind.MESSAGE: 99_999})
    with pytest.raises(ValueError, match="conversation_entries"):
        ContextLimits(conversation_entries=0)


def test_a_paused_capture_keeps_kind_and_time_and_nothing_else(store):
    contexts = store.contexts()
    append(contexts, "Ödeyeceğim")
    contexts.conversations.pause_capture(AYSE, SHOES, 1_500)
    contexts.close()

    contexts = store.contexts()  # the pause outlives a restart
    append(contexts, "bunu kimse görmesin", at=1_600)
    contexts.conversations.resume_capture(AYSE, SHOES, 1_700)
    append(contexts, "bitti", at=1_800)

    values = [one.entry for one in contexts.conversations.entries(AYSE, SHOES)]
    assert Withheld(EntryKind.MESSAGE, "capture_paused") == values[1].value
    assert (EntryKind.MESSAGE, 1_600) == (values[1].kind, values[1].at)
    assert Message("bitti") == values[2].value


def test_a_capture_can_be_paused_before_the_first_entry(contexts):
    contexts.conversations.pause_capture(AYSE, SHOES, 900)

    append(contexts, "kart bilgilerim")

    (only,) = contexts.conversations.entries(AYSE, SHOES)
    assert isinstance(only.entry.value, Withheld)


def test_a_timeline_runs_over_all_conversations_newest_first(contexts):
    append(contexts, "sohbet", conversation="conv-1")
    append(contexts, "kısa mesaj", conversation="conv-2")
    append(contexts, "yine sohbet", conversation="conv-1")
    append(contexts, "başkası", customer=MEHMET, conversation="conv-3")

    page = contexts.conversations.timeline(AYSE)

    assert ["yine sohbet", "kısa mesaj", "sohbet"] == texts(page.entries)
    assert "" == page.next_page_token


def test_pages_stay_good_while_entries_are_added(contexts):
    append(contexts, *(f"eski {n}" for n in range(10)))
    page = contexts.conversations.timeline(AYSE, page_size=4)
    seen = texts(page.entries)

    while page.next_page_token:
        append(contexts, "yeni")
        page = contexts.conversations.timeline(
            AYSE, page_size=4, page_token=page.next_page_token
        )
        seen += texts(page.entries)

    assert [f"eski {n}" for n in reversed(range(10))] == seen


def test_a_timeline_shows_nothing_that_the_floor_does_not_know(contexts):
    append(contexts, "bir", "iki", "henüz değil", conversation="conv-1")
    append(contexts, "öteki", conversation="conv-2")

    floor = {"conv-1": 2}
    first = contexts.conversations.timeline(AYSE, page_size=2, visible=floor.get)
    second = contexts.conversations.timeline(
        AYSE, page_size=2, page_token=first.next_page_token, visible=floor.get
    )

    assert ["öteki", "iki"] == texts(first.entries)
    assert ["bir"] == texts(second.entries)


def test_a_page_token_is_good_for_its_customer_only(contexts):
    append(contexts, "bir", "iki", "üç")
    append(contexts, "bir", "iki", customer=ELENI, conversation="conv-eleni")
    token = contexts.conversations.timeline(AYSE, page_size=1).next_page_token

    for wrong in (token[:-1], token[:-2] + "AA", "!!", "ş", token + token):
        with pytest.raises(EntryRefused, match="page_token"):
            contexts.conversations.timeline(AYSE, page_token=wrong)
    with pytest.raises(EntryRefused, match="page_token"):
        contexts.conversations.timeline(ELENI, page_token=token)
    with pytest.raises(EntryRefused, match="must not be negative"):
        contexts.conversations.timeline(AYSE, page_size=-1)


def test_an_unknown_conversation_is_said_to_be_one(contexts):
    with pytest.raises(UnknownConversation, match="conv-none"):
        contexts.conversations.entries(AYSE, "conv-none")


def test_a_reader_beside_the_writer_sees_what_was_prepared(contexts):
    append(contexts, "bir")
    view = contexts.reader()

    append(contexts, "iki")

    assert ["bir", "iki"] == texts(view.conversations.entries(AYSE, SHOES))
    view.close()
