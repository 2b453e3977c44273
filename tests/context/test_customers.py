"""What every store does with identities, merges, consent and wishes."""

import pytest

from router.context.errors import EntryRefused, IdentityTaken, MergeRefused
from router.context.keys import new_customer_ref
from router.context.privacy import AuditRow
from router.context.records import ConsentTerms, Preferences
from router.model.channel import Channel
from router.model.context import (
    ConsentState,
    DataClass,
    IdentityKind,
    Purpose,
    ReadPurpose,
)
from router.model.time import days
from tests.context.make import (
    AYSE,
    ELENI,
    MEHMET,
    TERMS,
    append,
    email,
    phone,
    texts,
)

MOBILE, MAIL = phone("+905321234567"), email("ayşe@örnek.com.tr")


def linked(contexts, customer):
    found = contexts.customers.identities_of(customer)
    return {(one.identity.kind, one.identity.value, one.source) for one in found}


def test_a_customer_is_found_by_each_identity(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 10)
    contexts.customers.link(MAIL, AYSE, 60, "chat-form", 20)

    assert AYSE == contexts.customers.customer_of(MOBILE)
    assert AYSE == contexts.customers.customer_of(MAIL)
    assert None is contexts.customers.customer_of(phone("+905321234568"))
    assert {
        (IdentityKind.PHONE, "+905321234567", "crm"),
        (IdentityKind.EMAIL, "ayşe@örnek.com.tr", "chat-form"),
    } == linked(contexts, AYSE)


def test_an_identity_of_another_kind_is_another_identity(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 10)

    same_digits = type(MOBILE)(IdentityKind.WHATSAPP, MOBILE.value)

    assert None is contexts.customers.customer_of(same_digits)


def test_an_identity_belongs_to_one_customer(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 10)

    with pytest.raises(IdentityTaken, match="this PHONE is linked") as refusal:
        contexts.customers.link(MOBILE, ELENI, 90, "crm", 11)

    assert "5321234567" not in str(refusal.value)
    assert AYSE == contexts.customers.customer_of(MOBILE)


def test_linking_again_keeps_the_history(contexts):
    contexts.customers.link(MOBILE, AYSE, 50, "chat-form", 10)
    contexts.customers.link(MOBILE, AYSE, 50, "chat-form", 15)
    contexts.customers.link(MOBILE, AYSE, 95, "one-time-code", 20)

    history = contexts.customers.identities_of(AYSE, with_ended=True)

    assert [(50, "chat-form", 10, 20), (95, "one-time-code", 20, None)] == [
        (one.confidence, one.source, one.linked_at, one.unlinked_at) for one in history
    ]


def test_an_unlinked_identity_is_free_and_its_history_stays(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 10)

    assert contexts.customers.unlink(MOBILE, 20)
    assert not contexts.customers.unlink(MOBILE, 21)

    assert None is contexts.customers.customer_of(MOBILE)
    assert [] == contexts.customers.identities_of(AYSE)
    (past,) = contexts.customers.identities_of(AYSE, with_ended=True)
    assert (10, 20) == (past.linked_at, past.unlinked_at)
    contexts.customers.link(MOBILE, ELENI, 90, "crm", 30)
    assert ELENI == contexts.customers.customer_of(MOBILE)


@pytest.mark.parametrize(
    ("identity", "confidence", "source", "what"),
    [
        (phone(""), 50, "crm", "identity PHONE"),
        (email("a" * 600), 50, "crm", "identity EMAIL"),
        (MOBILE, 101, "crm", "confidence is 101"),
        (MOBILE, 50, "from the CRM", "source"),
        (email("4111111111111111"), 50, "crm", "looks like a card number"),
    ],
)
def test_a_link_that_cannot_be_is_refused(contexts, identity, confidence, source, what):
    with pytest.raises(EntryRefused, match=what):
        contexts.customers.link(identity, AYSE, confidence, source, 1)

    assert [] == contexts.customers.identities_of(AYSE)


def test_merged_customers_are_one_person(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 1)
    contexts.customers.link(MAIL, ELENI, 90, "shop", 2)
    append(contexts, "sohbet", customer=AYSE, conversation="conv-1")
    append(contexts, "posta", customer=ELENI, conversation="conv-2")

    contexts.customers.merge(AYSE, ELENI, "agent-zeynep", 10)

    assert AYSE == contexts.customers.customer_of(MAIL)
    assert (AYSE, ELENI) == contexts.customers.person_of(ELENI)
    for reference in (AYSE, ELENI):
        page = contexts.conversations.timeline(reference)
        assert ["posta", "sohbet"] == texts(page.entries)
    assert ["posta"] == texts(contexts.conversations.entries(AYSE, "conv-2"))


def test_unmerging_restores_exactly_who_linked_what(contexts):
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 1)
    contexts.customers.link(MAIL, ELENI, 80, "shop", 2)
    append(contexts, "Ελένη", customer=ELENI, conversation="conv-2")
    before = {one: linked(contexts, one) for one in (AYSE, ELENI)}

    contexts.customers.merge(AYSE, ELENI, "agent-zeynep", 10)
    append(contexts, "yeni", customer=AYSE, conversation="conv-3")
    append(contexts, "devam", customer=AYSE, conversation="conv-2")
    contexts.customers.link(MAIL, AYSE, 99, "one-time-code", 11)
    contexts.customers.unmerge(AYSE, ELENI, 20)

    assert before[AYSE] == linked(contexts, AYSE)
    assert ELENI == contexts.customers.customer_of(MAIL)
    assert ["yeni"] == texts(contexts.conversations.timeline(AYSE).entries)
    assert ["devam", "Ελένη"] == texts(contexts.conversations.timeline(ELENI).entries)
    (merge,) = contexts.customers.merges_of(AYSE)
    assert (AYSE, ELENI, "agent-zeynep", 10, 20) == (
        merge.into,
        merge.other,
        merge.source,
        merge.at,
        merge.undone_at,
    )


def test_a_merge_of_merges_is_undone_one_by_one(contexts):
    for customer in (AYSE, ELENI, MEHMET):
        append(contexts, customer, customer=customer, conversation=f"of-{customer}")
    contexts.customers.merge(ELENI, MEHMET, "crm", 1)
    contexts.customers.merge(AYSE, ELENI, "crm", 2)
    assert (AYSE, ELENI, MEHMET) == contexts.customers.person_of(MEHMET)

    contexts.customers.unmerge(AYSE, ELENI, 3)

    assert (ELENI, MEHMET) == contexts.customers.person_of(MEHMET)
    assert (AYSE,) == contexts.customers.person_of(AYSE)


def test_a_merge_that_cannot_be_is_refused(contexts):
    contexts.customers.merge(AYSE, ELENI, "crm", 1)

    with pytest.raises(MergeRefused, match="one person already"):
        contexts.customers.merge(ELENI, AYSE, "crm", 2)
    with pytest.raises(MergeRefused, match="one person already"):
        contexts.customers.merge(AYSE, AYSE, "crm", 2)
    with pytest.raises(MergeRefused, match="merged into another; merge cus-ayse"):
        contexts.customers.merge(MEHMET, ELENI, "crm", 2)
    with pytest.raises(MergeRefused, match="is not merged into"):
        contexts.customers.unmerge(MEHMET, ELENI, 2)


def test_the_last_word_on_consent_counts_and_every_word_stays(contexts):
    state = contexts.customers.consent
    assert ConsentState.NEVER_ASKED is state(AYSE, Purpose.CARRY_OVER)

    for granted, at in ((True, 10), (False, 20)):
        contexts.customers.set_consent(
            AYSE, Purpose.CARRY_OVER, granted=granted, terms=TERMS, at=at
        )

    assert ConsentState.WITHDRAWN is state(AYSE, Purpose.CARRY_OVER)
    assert ConsentState.NEVER_ASKED is state(AYSE, Purpose.PROACTIVE)
    assert [(True, 10, TERMS), (False, 20, TERMS)] == [
        (one.granted, one.at, one.terms) for one in contexts.customers.consents(AYSE)
    ]


def test_a_withdrawal_under_one_reference_counts_for_the_merged_person(contexts):
    for customer, granted in ((AYSE, True), (ELENI, False)):
        contexts.customers.set_consent(
            customer, Purpose.CARRY_OVER, granted=granted, terms=TERMS, at=1
        )

    contexts.customers.merge(AYSE, ELENI, "crm", 2)

    assert ConsentState.WITHDRAWN is contexts.customers.consent(
        AYSE, Purpose.CARRY_OVER
    )


def test_consent_terms_are_short_words(contexts):
    with pytest.raises(EntryRefused, match="basis"):
        contexts.customers.set_consent(
            AYSE,
            Purpose.PROACTIVE,
            granted=True,
            terms=ConsentTerms("she said yes", "1"),
            at=1,
        )


def test_restriction_holds_for_the_whole_person(contexts):
    contexts.customers.restrict(ELENI, restricted=True)
    contexts.customers.merge(AYSE, ELENI, "crm", 2)

    assert contexts.customers.is_restricted(AYSE)
    contexts.customers.restrict(ELENI, restricted=False)
    assert not contexts.customers.is_restricted(AYSE)


def test_attributes_are_set_replaced_and_removed(contexts):
    contexts.customers.set_attributes(
        AYSE, {"display_name": "Ayşe Yıldız", "plan": "premium"}, 1
    )
    contexts.customers.set_attributes(AYSE, {"plan": "", "language": "tr"}, 2)

    assert {"display_name": "Ayşe Yıldız", "language": "tr"} == (
        contexts.customers.attributes(AYSE)
    )


def test_attributes_of_the_main_reference_win_in_a_merge(contexts):
    contexts.customers.set_attributes(AYSE, {"plan": "premium"}, 1)
    contexts.customers.set_attributes(ELENI, {"plan": "basic", "language": "el"}, 2)
    contexts.customers.merge(AYSE, ELENI, "crm", 3)

    assert {"plan": "premium", "language": "el"} == contexts.customers.attributes(AYSE)


def test_a_card_number_in_an_attribute_is_masked(contexts):
    contexts.customers.set_attributes(AYSE, {"remark": "4111 1111 1111 1111"}, 1)

    assert {"remark": "[card ••1111]"} == contexts.customers.attributes(AYSE)


@pytest.mark.parametrize(
    "attributes",
    [{"Display Name": "x"}, {"plan": "ş" * 600}, {f"a{n}": "x" for n in range(65)}],
)
def test_an_attribute_that_cannot_be_is_refused(contexts, attributes):
    with pytest.raises(EntryRefused, match="attributes"):
        contexts.customers.set_attributes(AYSE, attributes, 1)

    assert {} == contexts.customers.attributes(AYSE)


def test_the_newest_preferences_count(contexts):
    assert Preferences() == contexts.customers.preferences(AYSE)
    contexts.customers.set_preferences(AYSE, Preferences((Channel.SMS,)), 1)
    wanted = Preferences((Channel.WHATSAPP, Channel.EMAIL), (Channel.VOICE,))
    contexts.customers.set_preferences(AYSE, wanted, 2)

    assert wanted == contexts.customers.preferences(AYSE)
    with pytest.raises(EntryRefused, match="named once"):
        contexts.customers.set_preferences(
            AYSE, Preferences((Channel.SMS,), (Channel.SMS,)), 3
        )


def test_every_read_can_be_told_with_its_purpose(contexts):
    contexts.privacy.audit(
        [
            AuditRow(AYSE, "zeynep", ReadPurpose.SERVING, "handoff_package", 10),
            AuditRow(AYSE, "denetçi", ReadPurpose.SUPERVISION, "timeline", 20),
        ]
    )

    assert [("denetçi", "timeline"), ("zeynep", "handoff_package")] == [
        (row.reader, row.what) for row in contexts.privacy.reads_of(AYSE)
    ]
    with pytest.raises(EntryRefused, match="reader"):
        contexts.privacy.audit([AuditRow(AYSE, "", ReadPurpose.SERVING, "x", 1)])


def test_what_is_old_expires_by_its_class_and_in_slices(contexts):
    append(contexts, *(f"eski {n}" for n in range(7)), at=1)
    append(contexts, "yeni", at=days(40))
    contexts.customers.link(MOBILE, AYSE, 90, "crm", 1)
    contexts.customers.unlink(MOBILE, 2)
    for at in (1, 2):
        contexts.customers.set_consent(
            AYSE, Purpose.PROACTIVE, granted=True, terms=TERMS, at=at
        )
    contexts.privacy.audit([AuditRow(AYSE, "z", ReadPurpose.SERVING, "timeline", 1)])

    first = contexts.privacy.expire(days(40), rows=5)
    second = contexts.privacy.expire(days(40), rows=5)

    assert (5, True) == (first.removed[DataClass.CONTENT], first.more)
    assert (2, False) == (second.removed[DataClass.CONTENT], second.more)
    assert ["yeni"] == texts(contexts.conversations.entries(AYSE, "conv-shoes"))
    assert 1 == contexts.conversations.conversation(AYSE, "conv-shoes").entries
    assert 1 == len(contexts.customers.identities_of(AYSE, with_ended=True))

    much_later = contexts.privacy.expire(days(4_000))

    assert 1 == much_later.removed[DataClass.IDENTITY]
    assert 1 == much_later.removed[DataClass.AUDIT]
    assert 1 == much_later.removed[DataClass.CONSENT], "the one in force stays"
    assert [2] == [one.at for one in contexts.customers.consents(AYSE)]
    assert [] == contexts.conversations.conversations(AYSE)


def test_a_minted_reference_is_opaque():
    first, second = new_customer_ref(), new_customer_ref()

    assert first != second
    assert 30 == len(first)
    assert first.startswith("cus-")
