"""Messages with card numbers and without, drawn repeatably: what redaction is judged on.

Card numbers are made of a brand's first digits, drawn digits and Luhn's check digit, and
written as people write them. The harmless ones are full of other long numbers: orders,
parcels, telephones, accounts, identity numbers, instants.
"""

from random import Random
from typing import NamedTuple

BRANDS = (
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("65", 16),
    ("36", 14),
    ("3530", 16),
    ("62", 16),
    ("62", 19),
    ("9792", 16),
    ("2204", 16),
    ("6759", 16),
    ("5018", 13),
)
SEPARATORS = (
    " ",
    "-",
    ".",
    "\u00a0",
    "\u2009",
    " - ",
    "\u2013",
    "\u200b",
    "_",
    "/",
    "\n",
)
SCRIPTS = {
    "ascii": "0123456789",
    "full-width": "０１２３４５６７８９",
    "arabic-indic": "٠١٢٣٤٥٦٧٨٩",
    "eastern arabic-indic": "۰۱۲۳۴۵۶۷۸۹",
    "devanagari": "०१२३४५६७८९",
}
AROUND = (
    "Kartım {} lütfen bununla ödeyin",
    "{}",
    "kart no:{}",
    "Η κάρτα μου είναι {} ευχαριστώ",
    "my card is {}, thanks",
    "Sipariş 884213 için {} kullanın",
    "({})",
    "numara '{}' son kullanma 12/27",
    "Bitte buchen Sie von {} ab.",
    "ödeme: {}; tutar 1.250,00 TL",
    "12345 {}",
)
CODES = (
    "cvv {}",
    "CVV: {}",
    "cvc2={}",
    "güvenlik kodu {}",
    "GÜVENLİK KODU: {}",
    "güvenlik kodum {}",
    "κωδικός ασφαλείας {}",
    "ΚΩΔΙΚΟΣ ΑΣΦΑΛΕΙΑΣ: {}",
    "security code is {}",
    "Prüfziffer {}",
    "code de sécurité {}",
    "{} cvv",
    "{} güvenlik kodu",
    "kartın arkasındaki rakam {}",
)
HARMLESS = (
    "Sipariş numaram {order}, kargo takip {parcel}, hâlâ gelmedi.",
    "Telefonum {phone}, bu akşam ararsanız sevinirim.",
    "İade için IBAN: {iban} Ayşe Yılmaz",
    "Ο αριθμός παραγγελίας είναι {order} και το τηλέφωνο {phone}.",
    "T.C. kimlik no {identity}, doğum tarihi 12.05.1987",
    "Faturam {money} TL, geçen ay {money} TL idi. Müşteri no {customer}",
    "Tracking {parcel} was due on 12/11/2026 at 14:30, order {order}",
    "IMEI {imei}, model A52, fatura {invoice}",
    "log {instant} error 500 at 10.20.30.40:8080 request {uuid}",
    "Müşteri numarası {customer}, sözleşme {contract}, abone kodu {order}",
    "Merhaba, 3 adet 42 numara, 2 adet 38 numara istiyorum, kod {discount}",
    "Überweisung auf {iban}, Rechnung {invoice}, Betrag {money} EUR",
    "Koordinatlar {latitude}, {longitude} ve randevu 2026-11-25 17:00",
)
_COUNTRIES = (("TR", 22), ("DE", 18), ("GR", 23), ("GB", 0), ("NL", 0))


class Labelled(NamedTuple):
    """A message and what must not be left of it."""

    text: str
    secret: str


def card_number(draw: Random) -> str:
    """A number that passes every check a card number has to pass."""
    first, length = draw.choice(BRANDS)
    digits = first + "".join(
        str(draw.randrange(10)) for _ in range(length - len(first) - 1)
    )
    return digits + str(-_luhn_sum(digits + "0") % 10)


def card_message(draw: Random) -> Labelled:
    """A message with a card number written in one of many ways."""
    number = card_number(draw)
    script = draw.choice(["ascii"] * 6 + [*SCRIPTS])
    parts = [number]
    if draw.random() < 0.7:
        sizes = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4, 4)
        if draw.random() < 0.15:
            sizes = (1,) * 19
        parts, rest = [], number
        for size in sizes:
            parts.append(rest[:size])
            rest = rest[size:]
    written = draw.choice(SEPARATORS).join(part for part in parts if part)
    written = written.translate(str.maketrans("0123456789", SCRIPTS[script]))
    return Labelled(draw.choice(AROUND).format(written), written)


def code_message(draw: Random) -> Labelled:
    """A message with a named code, with or without a card number before it."""
    code = "".join(str(draw.randrange(10)) for _ in range(draw.choice((3, 3, 3, 4))))
    text = draw.choice(CODES).format(code)
    number = card_number(draw)
    if draw.random() < 0.5 and code not in number:
        expiry = f"{draw.randrange(1, 13):02}/{draw.randrange(26, 32)}"
        text = f"{number} {expiry} {text}"
    return Labelled(text, code)


def harmless_message(draw: Random) -> str:
    """A message without a card number and full of others."""
    digits = "".join(str(draw.randrange(10)) for _ in range(40))
    return draw.choice(HARMLESS).format(
        order=digits[: draw.choice((6, 8, 10, 12))],
        parcel=draw.choice(
            (digits[:10], digits[:12], f"1Z{digits[:8]}", digits[:13], digits[:20])
        ),
        phone=draw.choice(
            (
                f"0532 {digits[:3]} {digits[3:5]} {digits[5:7]}",
                f"+90 532 {digits[:7]}",
                f"+30 69{digits[:8]}",
                f"(0212) {digits[:3]} {digits[3:7]}",
                f"00905{digits[:9]}",
            )
        ),
        iban=iban(draw),
        identity=f"{draw.randrange(10**10, 10**11)}",
        money=f"{draw.randrange(1, 9_999)},{digits[:2]}",
        customer=digits[:9],
        imei=f"35{digits[:13]}",
        invoice=f"FTR2026{digits[:9]}",
        instant=f"17{digits[:11]}",
        uuid=f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:30]}",
        contract=digits[:11],
        discount=digits[:5],
        latitude=f"41.{digits[:6]}",
        longitude=f"28.{digits[6:12]}",
    )


def iban(draw: Random) -> str:
    """An account number with the right check digits, in groups or not."""
    country, length = draw.choice(_COUNTRIES)
    bank = ""
    if not length:
        bank, length = "".join(draw.choice("ABCDEFGHKLMN") for _ in range(4)), 14
    account = bank + "".join(str(draw.randrange(10)) for _ in range(length))
    turned = "".join(str(int(one, 36)) for one in account + country + "00")
    whole = f"{country}{98 - int(turned) % 97:02}{account}"
    if draw.random() < 0.5:
        return whole
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def padded(text: str, draw: Random, size: int = 240) -> str:
    """The message with harmless ones around it, so long as people write."""
    while len(text) < size:
        text += " " + harmless_message(draw)
    return text[:size]


def _luhn_sum(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total
