"""What erasure leaves behind: a reference and a date, in no file anything else."""

import base64
import json
import shutil

import pytest

from router.context.contexts import keys_beside, open_contexts
from router.context.contract import AuditRow, Removed
from router.context.entries import AttachmentReference, Fact, Note, Promise, Summary
from router.context.errors import CustomerErased
from router.context.handoff_package import gather
from router.context.records import Preferences
from router.model.channel import Channel
from router.model.context import Purpose, ReadPurpose
from tests.context.make import (
    AYSE,
    ELENI,
    MEHMET,
    SHOES,
    TERMS,
    an_entry,
    append,
    email,
    phone,
    texts,
)

CANARIES = (
    "Ayşegül Karakuş-Öztürk",
    "+905559876543",
    "kanarya-7319@örnek.com.tr",
    "KANARYA-SIPARIS-55217",
    "https://depo.örnek/kanarya".replace("ö", "o"),
)
NAME, NUMBER, MAIL, ORDER, ADDRESS = CANARIES


def seed(contexts, customer=AYSE, conversation=SHOES):
    append(
        contexts,
        f"Ben {NAME}",
        Fact("order_number", ORDER),
        Summary(f"{NAME} ayakkabısını soruyor"),
        Note(f"{NUMBER} numarasından aranacak"),
        Promise(f"{ORDER} yarın yola çıkar"),
        AttachmentReference(ADDRESS, bytes(32), 1_000, NAME),
        customer=customer,
        conversation=conversation,
    )
    contexts.customers.link(phone(NUMBER), customer, 90, "crm", 1)
    contexts.customers.link(email(MAIL), customer, 90, "crm", 2)
    contexts.customers.unlink(email(MAIL), 3)
    contexts.customers.set_attributes(customer, {"display_name": NAME}, 1)
    contexts.customers.set_preferences(customer, Preferences((Channel.SMS,)), 1)
    contexts.customers.set_consent(
        customer, Purpose.CARRY_OVER, granted=True, terms=TERMS, at=1
    )
    contexts.privacy.audit(
        [AuditRow(customer, "zeynep", ReadPurpose.SERVING, "timeline", 5)]
    )


def every_way_to_write(canary):
    raw = canary.encode()
    yield raw
    yield raw[::-1]
    yield canary.encode("utf-16-le")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):  # base64 of it, wherever in a longer text it stands
        coded = base64.b64encode(b"x" * shift + raw + b"x" * (-(shift + len(raw)) % 3))
        yield coded[4 : len(coded) - 4]


def found_in(folder, needles):
    return [
        (path.name, needle)
        for path in folder.iterdir()
        for content in [path.read_bytes()]
        for needle in needles
        if needle in content
    ]


def every_read(contexts, customer):
    yield lambda: contexts.conversations.entries(customer, SHOES)
    yield lambda: contexts.conversations.newest(customer, SHOES)
    yield lambda: contexts.conversations.timeline(customer)
    yield lambda: contexts.conversations.conversations(customer)
    yield lambda: contexts.conversations.conversation(customer, SHOES)
    yield lambda: contexts.customers.person_of(customer)
    yield lambda: contexts.customers.identities_of(customer)
    yield lambda: contexts.customers.merges_of(customer)
    yield lambda: contexts.customers.consents(customer)
    yield lambda: contexts.customers.consent(customer, Purpose.CARRY_OVER)
    yield lambda: contexts.customers.attributes(customer)
    yield lambda: contexts.customers.preferences(customer)
    yield lambda: contexts.customers.is_restricted(customer)
    yield lambda: contexts.privacy.reads_of(customer)
    yield lambda: contexts.export(customer)
    yield lambda: gather(contexts.conversations, contexts.customers, customer, SHOES, 1)


def every_write(contexts, customer):
    yield lambda: contexts.conversations.seal(customer, SHOES, 9, an_entry("geri"))
    yield lambda: contexts.conversations.pause_capture(customer, SHOES, 1)
    yield lambda: contexts.customers.link(phone(NUMBER), customer, 90, "crm", 9)
    yield lambda: contexts.customers.merge(MEHMET, customer, "crm", 9)
    yield lambda: contexts.customers.merge(customer, MEHMET, "crm", 9)
    yield lambda: contexts.customers.set_attributes(customer, {"plan": "x"}, 9)
    yield lambda: contexts.customers.set_preferences(customer, Preferences(), 9)
    yield lambda: contexts.customers.restrict(customer, restricted=True)
    yield lambda: contexts.customers.set_consent(
        customer, Purpose.PROACTIVE, granted=True, terms=TERMS, at=9
    )
    yield lambda: contexts.privacy.audit(
        [AuditRow(customer, "z", ReadPurpose.SERVING, "timeline", 9)]
    )


def test_every_call_about_an_erased_customer_says_so(contexts):
    seed(contexts)

    receipt = contexts.privacy.erase(AYSE, 100)

    assert (AYSE,) == receipt.customers
    assert Removed(6, 1, 2, 1, 2, 1) == receipt.removed
    assert 100 == contexts.privacy.erased_at(AYSE)
    for call in (*every_read(contexts, AYSE), *every_write(contexts, AYSE)):
        with pytest.raises(CustomerErased, match="customer cus-ayse: ERASED"):
            call()
    assert None is contexts.customers.customer_of(phone(NUMBER))


def test_an_erasure_leaves_others_alone(contexts):
    seed(contexts)
    append(contexts, "Ελένη", customer=ELENI, conversation="conv-eleni")

    contexts.privacy.erase(AYSE, 100)

    assert ["Ελένη"] == texts(contexts.conversations.timeline(ELENI).entries)
    contexts.customers.link(phone(NUMBER), ELENI, 50, "crm", 200)
    assert ELENI == contexts.customers.customer_of(phone(NUMBER))


def test_erasing_again_keeps_the_first_date(contexts):
    seed(contexts)
    contexts.privacy.erase(AYSE, 100)

    again = contexts.privacy.erase(AYSE, 200)

    assert Removed() == again.removed
    assert [(AYSE, 100)] == contexts.privacy.tombstones()


def test_somebody_of_whom_nothing_is_kept_gets_a_tombstone(contexts):
    contexts.privacy.erase(MEHMET, 100)

    with pytest.raises(CustomerErased):
        contexts.conversations.seal(MEHMET, "conv-late", 1, an_entry("geç mesaj"))


def test_a_merged_person_is_erased_under_every_reference(contexts):
    seed(contexts)
    append(contexts, "öteki", customer=ELENI, conversation="conv-eleni")
    contexts.customers.merge(AYSE, ELENI, "crm", 1)

    receipt = contexts.privacy.erase(ELENI, 100)

    assert (AYSE, ELENI) == receipt.customers
    for customer in (AYSE, ELENI):
        with pytest.raises(CustomerErased):
            contexts.conversations.timeline(customer)


def test_what_was_sealed_before_an_erasure_is_not_stored_after_it(contexts):
    sealed = contexts.conversations.seal(AYSE, SHOES, 1, an_entry("yolda"))
    contexts.privacy.erase(AYSE, 100)

    contexts.conversations.prepare([sealed])

    assert not contexts._store.knows(AYSE)


def test_the_audit_keeps_who_read_and_forgets_about_whom(contexts):
    seed(contexts)

    contexts.privacy.erase(AYSE, 100)

    everything = contexts._store
    assert [] == everything.audits([AYSE], 10)


def test_an_export_is_complete_and_is_json(contexts):
    seed(contexts)
    seed_of = json.loads(json.dumps(contexts.export(AYSE), ensure_ascii=False))

    written = json.dumps(seed_of, ensure_ascii=False)

    assert [] == [one for one in CANARIES if one not in written]
    (conversation,) = seed_of["conversations"]
    assert [
        "message fact summary note promise attachment_reference".split(),
        [1, 2, 3, 4, 5, 6],
    ] == [
        [one["kind"] for one in conversation["entries"]],
        [one["version"] for one in conversation["entries"]],
    ]
    assert [("carry_over", True, "consent")] == [
        (one["purpose"], one["granted"], one["basis"]) for one in seed_of["consents"]
    ]
    assert [("timeline", "serving")] == [
        (one["what"], one["purpose"]) for one in seed_of["reads"]
    ]
    assert ["sms"] == seed_of["preferences"]["channels"]


def test_an_export_holds_nothing_that_the_floor_does_not_know(contexts):
    seed(contexts)

    exported = contexts.export(AYSE, {SHOES: 2}.get)

    assert 2 == len(exported["conversations"][0]["entries"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def opened(folder):
    return open_contexts(f"sqlite:{folder / 'contexts.sqlite'}")


def test_no_file_ever_holds_a_canary_in_clear(folder):
    needles = [one for canary in CANARIES for one in every_way_to_write(canary)]
    contexts = opened(folder)

    seed(contexts)

    assert any(path.name.endswith("-wal") for path in folder.iterdir())
    assert [] == found_in(folder, needles)
    assert [] == found_in(folder, [NAME.encode()])


def test_after_an_erasure_no_file_holds_key_or_ciphertext(folder):
    contexts = opened(folder)
    for number in range(300):  # others, before and behind, so that pages fill up
        append(contexts, "x" * 200, customer=f"cus-{number}", conversation=f"c{number}")
    seed(contexts)
    append(contexts, "y" * 9_000)
    for number in range(300, 600):
        append(contexts, "x" * 200, customer=f"cus-{number}", conversation=f"c{number}")
    key = contexts._keys.customer_key(AYSE).wrapped
    sealed = [one.entry.sealed for one in contexts._store.timeline([AYSE], None, 99)]
    sealed += [one.sealed for one in contexts._store.links_of([AYSE])]
    sealed += [one.sealed for one in contexts._store.fields([AYSE])]
    sealed += [one.sealed for one in contexts._store.consents([AYSE])]
    needles = [key, key[:16], *(part[:24] for part in sealed)]
    needles += [one.index for one in contexts._store.links_of([AYSE])]
    assert 14 <= len(found_in(folder, needles))

    receipt = contexts.privacy.erase(AYSE, 100)

    assert receipt.scrubbed
    assert [] == found_in(folder, needles)
    contexts.close()
    assert [] == found_in(folder, needles)


def test_a_reader_in_the_way_is_told_and_scrubbing_can_be_done_again(folder):
    contexts = opened(folder)
    seed(contexts)
    view = contexts.reader()
    holding = view.conversations._store.file
    holding.run("BEGIN")
    holding.all("SELECT * FROM entry")

    receipt = contexts.privacy.erase(AYSE, 100)

    assert not receipt.scrubbed
    with pytest.raises(CustomerErased):
        view.conversations.timeline(AYSE)
    holding.run("COMMIT")
    assert contexts.privacy.scrub()
    view.close()


def copy(folder, names, target):
    target.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(folder / name, target / name)


CONTENT, KEYS = "contexts.sqlite", "contexts.keys.sqlite"


def test_an_old_copy_of_the_content_is_erased_again_when_it_is_opened(folder, tmp_path):
    contexts = opened(folder)
    seed(contexts)
    contexts.close()
    copy(folder, [CONTENT], tmp_path / "backup")
    contexts = opened(folder)
    contexts.privacy.erase(AYSE, 100)
    contexts.close()

    copy(tmp_path / "backup", [CONTENT], folder)
    again = opened(folder)

    assert not again._store.knows(AYSE)
    with pytest.raises(CustomerErased):
        again.conversations.timeline(AYSE)


def test_old_copies_of_both_files_are_erased_by_the_floor_s_word(folder, tmp_path):
    contexts = opened(folder)
    seed(contexts)
    sealed = [
        one.entry.sealed[:24] for one in contexts._store.timeline([AYSE], None, 9)
    ]
    contexts.close()
    copy(folder, [CONTENT, KEYS], tmp_path / "backup")
    contexts = opened(folder)
    contexts.privacy.erase(AYSE, 100)
    contexts.close()

    copy(tmp_path / "backup", [CONTENT, KEYS], folder)
    again = opened(folder)
    assert 6 == len(again.conversations.entries(AYSE, SHOES)), "nobody has told it yet"

    assert 1 == again.privacy.apply_tombstones([(AYSE, 100)])
    assert 0 == again.privacy.apply_tombstones([(AYSE, 100)])

    with pytest.raises(CustomerErased):
        again.conversations.timeline(AYSE)
    assert [(AYSE, 100)] == again.privacy.tombstones()
    assert [] == found_in(folder, sealed)


def test_content_with_destroyed_keys_stays_shut_even_without_its_tombstone(
    folder, tmp_path
):
    contexts = opened(folder)
    seed(contexts)
    contexts.close()
    copy(folder, [CONTENT], tmp_path / "backup")
    contexts = opened(folder)
    contexts.privacy.erase(AYSE, 100)
    contexts._keys.file.close()
    keys = contexts._keys
    keys.file.open_to_write()
    with keys.file.transaction("forget the tombstone"):
        keys.file.run("DELETE FROM tombstone")
    contexts.close()

    copy(tmp_path / "backup", [CONTENT], folder)

    with pytest.raises(CustomerErased):
        opened(folder).conversations.entries(AYSE, SHOES)


def test_a_crash_between_the_key_and_the_rows_is_made_good_at_the_start(folder):
    contexts = opened(folder)
    seed(contexts)
    contexts._ring.bury([AYSE], 100)  # and then the process was gone
    contexts.close()

    again = opened(folder)

    assert not again._store.knows(AYSE)
    assert keys_beside(folder / CONTENT).exists()
    with pytest.raises(CustomerErased):
        again.conversations.timeline(AYSE)
