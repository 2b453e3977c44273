"""Identities in one normal form each; what is half known is refused, and not repeated."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from router.intake.identities import (
    IdentityWrong,
    Kind,
    is_region,
    normalise,
    region_of,
)
from router.intake.load import load_whole


def refusal(kind, text, **more):
    with pytest.raises(IdentityWrong) as wrong:
        normalise(kind, text, **more)
    return str(wrong.value)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("0532 123 45 67", "TR", "+905321234567"),
        ("(0532) 123-45-67", "TR", "+905321234567"),
        ("532 123 45 67", "TR", "+905321234567"),
        ("00905321234567", "TR", "+905321234567"),
        ("+90 532 123 45 67", "", "+905321234567"),
        ("tel:+90-532-123-45-67", "GR", "+905321234567"),
        ("٠٥٣٢١٢٣٤٥٦٧", "TR", "+905321234567"),
        ("444 0 000", "TR", "+904440000"),
        ("0850 222 0 444", "TR", "+908502220444"),
        ("6912345678", "GR", "+306912345678"),
        ("0392 228 00 00", "TR", "+903922280000"),
        ("+1 212 555 0100", "TR", "+12125550100"),
    ],
)
def test_a_telephone_number_is_one_number_however_it_is_written(text, region, number):
    found = normalise(Kind.PHONE, text, region=region)

    assert (Kind.PHONE, number, True) == (found.kind, found.value, found.person)


@pytest.mark.parametrize(
    ("code", "region"), [("112", "TR"), ("155", "TR"), ("3131", "TR"), ("20202", "GR")]
)
def test_a_short_code_is_kept_as_it_is_and_is_no_person(code, region):
    found = normalise(Kind.PHONE, code, region=region)

    assert (Kind.SHORT_CODE, code, False) == (found.kind, found.value, found.person)
    other = normalise(Kind.PHONE, "112", region="GR")
    assert other.key != normalise(Kind.PHONE, "112", region="TR").key


@pytest.mark.parametrize(
    ("text", "region", "why"),
    [
        ("5321234567", "", "lacks its country: begin with +"),
        ("532 123", "TR", "has too few digits"),
        ("+90 532 123 45", "", "has a count of digits that no number has"),
        ("+90 5321", "", "has too few digits"),
        ("0532123456789", "TR", "has digits that no number begins with in TR"),
        ("+9053212345678901", "", "has too many digits"),
        ("+999 123 456 789", "", "begins with a country's code that does not exist"),
        ("0532 123 45 67 ext. 12", "TR", "has an extension"),
        ("abc", "TR", "holds no telephone number"),
        ("+", "TR", "holds no telephone number"),
        ("", "TR", "is empty"),
        ("0" * 400, "TR", "has 400 characters"),
        ("0532 123 45 67", "XX", "region XX, which is not known"),
        ("234 56 78", "TR", "check the area's or network's code"),
        ("253-0000", "US", "lacks its area's code"),
    ],
)
def test_a_number_half_known_is_refused_with_what_is_missing(text, region, why):
    said = refusal(Kind.PHONE, text, region=region)

    assert why in said
    assert "532" not in said


def test_regions_are_countries_with_telephones():
    assert is_region("TR")
    assert is_region("GR")
    assert not is_region("tr")
    assert not is_region("XX")


def test_a_number_s_region_is_the_queue_s_and_else_the_policy_s():
    policy = load_whole(
        "policy: p\nidentities: {default_region: TR}\n"
        "queues: {Genel: {}, Ελληνικά: {default_region: GR}}"
    ).policy

    assert (
        "TR"
        == region_of(policy, "Genel")
        == region_of(policy)
        == region_of(policy, "?")
    )
    assert "GR" == region_of(policy, "Ελληνικά")


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("ayse@ÖRNEK.COM.TR", "ayse@örnek.com.tr"),
        ("ayse@xn--rnek-4qa.com.tr", "ayse@örnek.com.tr"),
        ("Ayşe.Yılmaz@örnek.com.tr", "Ayşe.Yılmaz@örnek.com.tr"),
        ("ΕΛΕΝΗ@παράδειγμα.gr", "ΕΛΕΝΗ@παράδειγμα.gr"),
        (" a+b@Example.Com ", "a+b@example.com"),
        (unicodedata.normalize("NFD", "çağrı@örnek.com.tr"), "çağrı@örnek.com.tr"),
    ],
)
def test_a_mailbox_has_its_domain_in_lower_case_and_its_name_as_it_is(text, mailbox):
    assert mailbox == normalise(Kind.EMAIL, text).value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("elif", "must have one at sign"),
        ("elif@aydın@example.com", "must have one at sign"),
        ("Elif <elif@example.com>", "the address alone"),
        ("elif@example", "without a top-level domain"),
        ("elif@örnek.invalid", "reserved"),
        ("el if@example.com", "before the at sign"),
        ("elif@exa mple.com", "after the at sign"),
        ("e" * 65 + "@example.com", "longer than an address may be"),
    ],
)
def test_what_is_no_mailbox_is_refused_without_a_word_of_it(text, why):
    said = refusal(Kind.EMAIL, text)

    assert why in said
    assert "elif" not in said.casefold()


@pytest.mark.parametrize(
    ("network", "text", "name"),
    [
        ("instagram", "@Elif.Aydin", "elif.aydin"),
        ("Telegram", "Elif_Aydin", "elif_aydin"),
        ("line", "@Elif", "Elif"),
        ("our-chat", "@Elif", "Elif"),
        ("x", "ÇAĞRI", "çağri"),
        ("whatsapp", "0532 123 45 67", "+905321234567"),
    ],
)
def test_a_handle_is_written_by_the_rules_of_its_network(network, text, name):
    found = normalise(Kind.HANDLE, text, network=network, region="TR")

    assert (name, network.lower()) == (found.value, found.network)


@pytest.mark.parametrize(
    ("text", "network", "why"),
    [
        ("elif", "", "must say its network"),
        ("elif aydın", "x", "must be one word"),
        ("@@elif", "x", "must be one word"),
        ("e" * 65, "x", "has 65 characters"),
        ("el\u200bif", "x", "holds the invisible U+200B"),
        ("elif", "whatsapp", "holds no telephone number"),
    ],
)
def test_what_is_no_handle_is_refused(text, network, why):
    assert why in refusal(Kind.HANDLE, text, network=network, region="TR")


@pytest.mark.parametrize("kind", [Kind.DEVICE, Kind.COOKIE, Kind.CRM])
def test_ids_of_machines_are_kept_letter_for_letter_in_nfc(kind):
    assert "AbC-9/ç" == normalise(kind, " AbC-9/c\u0327 ").value
    assert "has 257 characters" in refusal(kind, "x" * 257)
    assert "invisible U+0007" in refusal(kind, "a\x07b")


def test_the_same_text_of_two_kinds_or_systems_is_two_identities():
    found = {
        normalise(Kind.CRM, "7", scope="salon").key,
        normalise(Kind.CRM, "7", scope="shop").key,
        normalise(Kind.DEVICE, "7").key,
        normalise(Kind.HANDLE, "7", network="x").key,
        normalise(Kind.HANDLE, "7", network="line").key,
    }
    assert 5 == len(found)


def test_an_identity_is_in_no_repr():
    assert "905321234567" not in repr(normalise(Kind.PHONE, "+905321234567"))


kinds = st.sampled_from(list(Kind))
networks = st.sampled_from(["instagram", "line", "x", "our-chat", "whatsapp"])
texts = (
    st.text(max_size=40)
    | st.from_regex(r"[+0]?[0-9 ()-]{3,16}", fullmatch=True)
    | st.emails()
    | st.text(alphabet="İIıiŞşĞğÇçςΣσéÉßẞ@._-Ａ", max_size=20)
)


@given(
    kind=kinds,
    text=texts,
    network=networks,
    region=st.sampled_from(["TR", "GR", "US", ""]),
)
def test_the_normal_form_is_its_own(kind, text, network, region):
    try:
        once = normalise(kind, text, network=network, region=region)
    except IdentityWrong as wrong:
        said = str(wrong)
        once = None
    if once is None:
        assume(len(text.strip()) > 3)
        assert text.strip() not in said
        return
    again = normalise(once.kind, once.value, network=network, region=region)
    assert once == again
    assert unicodedata.is_normalized("NFC", once.value)
