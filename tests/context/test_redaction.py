"""Card numbers and codes are taken out of free text; other long numbers stay."""

from random import Random

import pytest

from bench.card_messages import card_message, code_message, harmless_message
from router.context.redaction import is_card_number, redact


@pytest.mark.parametrize(
    "written",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111 - 1111 - 1111 - 1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4111\u00a01111\u20091111\u202f1111",
        "4111\u200b1111\u200b1111\u200b1111",
        "4111 1111\n1111 1111",
        "４１１１ １１１１ １１１１ １１１１",
        "٤١١١ ١١١١ ١١١١ ١١١١",
        "۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱",
        "4111–1111–1111–1111",
    ],
)
def test_a_card_number_is_found_however_it_is_written(written):
    assert "Kartım [card ••1111], teşekkürler" == (
        redact(f"Kartım {written}, teşekkürler").text
    )


@pytest.mark.parametrize(
    "number",
    [
        "378282246310005",  # American Express
        "30569309025904",  # Diners Club
        "6011111111111117",  # Discover
        "3530111333300000",  # JCB
        "5555555555554444",  # Mastercard
        "2223003122003222",  # Mastercard
        "4222222222222",  # Visa of 13
        "6759649826438453",  # Maestro
        "9792030394440796",  # Troy
        "6240008631401148",  # UnionPay
    ],
)
def test_every_brand_is_known(number):
    assert is_card_number(number)
    assert f"[card ••{number[-4:]}]" == redact(number).text


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # one digit wrong
        "TR33 0006 1005 1978 6457 8413 26 Ayşe Yılmaz",
        "GR16 0110 1250 0000 0001 2300 695",
        "DE89370400440532013000",
        "Telefonum 0532 123 45 67, sipariş 884213",
        "+90 (532) 123-45-67 veya +30 694 123 4567",
        "1234567890123456",  # no brand
        "request 26373198-8366-4584-a825-127523255069",
        "17454064483821 ms",
        "12.05.1987 14:30:25 41.008238, 28.978359",
        "",
        "9" * 40,
    ],
)
def test_other_long_numbers_stay(text):
    assert text == redact(text).text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("cvv 123", "cvv [card code]"),
        ("CVC2: 4567", "CVC2: [card code]"),
        ("cvv'm 1 2 3", "cvv'm [card code]"),
        ("güvenlik kodu 456", "güvenlik kodu [card code]"),
        ("GÜVENLİK KODUM: 456", "GÜVENLİK KODUM: [card code]"),
        ("123 güvenlik kodum", "[card code] güvenlik kodum"),
        ("ο κωδικός ασφαλείας είναι ٤٥٦", "ο κωδικός ασφαλείας είναι [card code]"),
        ("ΚΩΔΙΚΟΣ ΑΣΦΑΛΕΙΑΣ 456", "ΚΩΔΙΚΟΣ ΑΣΦΑΛΕΙΑΣ [card code]"),
        ("the security code is 123.", "the security code is [card code]."),
    ],
)
def test_a_named_code_is_found_without_a_card(text, left):
    assert left == redact(text).text


@pytest.mark.parametrize(
    "text",
    [
        "indirim kodu 123",
        "kapı kodu 4567, daire 123",
        "oda 301, 250 TL",
        "my code is 1234",
        "arka bahçede 300 metrekare",
    ],
)
def test_other_short_numbers_stay(text):
    assert text == redact(text).text


def test_a_code_behind_a_card_number_needs_no_name():
    assert "[card ••1111] 12/27 [card code]" == (
        redact("4111 1111 1111 1111 12/27 123").text
    )
    assert "[card ••1111] [card code]" == redact("4111111111111111 123").text


def test_dates_and_sums_behind_a_card_number_stay():
    text = "4111111111111111 ile 250 TL, 25.11.2026"

    assert "[card ••1111] ile 250 TL, 25.11.2026" == redact(text).text


def test_a_card_number_behind_another_number_is_found():
    assert "sipariş 12345 [card ••1111]" == (
        redact("sipariş 12345 4111 1111 1111 1111").text
    )


def test_several_cards_are_all_found():
    found = redact("4111 1111 1111 1111 ya da 5555555555554444, 3782 822463 10005")

    assert ("[card ••1111] ya da [card ••4444], [card ••0005]", 3) == (
        found.text,
        found.cards,
    )


def test_what_was_redacted_is_not_redacted_again():
    once = redact("4111 1111 1111 1111 cvv 123").text

    assert once == redact(once).text


def test_nearly_every_card_number_of_a_generated_set_is_found():
    draw = Random(2026)
    messages = [card_message(draw) for _ in range(3_000)]
    messages += [code_message(draw) for _ in range(3_000)]

    missed = [one.text for one in messages if one.secret in redact(one.text).text]

    assert len(missed) <= 0.01 * len(messages), missed[:5]


def test_hardly_any_harmless_message_of_a_generated_set_is_changed():
    draw = Random(2026)
    messages = [harmless_message(draw) for _ in range(10_000)]

    changed = [one for one in messages if redact(one).text != one]

    assert len(changed) <= 20, changed[:5]


@pytest.mark.timeout(20)
def test_a_message_made_to_be_slow_is_not():
    for piece in (
        "4 ",
        "1",
        "cvv 123 ",
        "TR12 ",
        "4111 1111 1111 1111 ",
        "4-",
        "güvenlik ",
    ):
        redact((piece * 16_384)[:16_384])
