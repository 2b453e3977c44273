"""Card numbers and their codes are taken out of free text before anything is stored.

A card number is 12 to 19 digits of a brand that pass Luhn's check, however they are
separated or written (full-width and Arabic-Indic digits are digits too). A code is
three or four digits that are named (cvv, güvenlik kodu, κωδικός ασφαλείας, ...) or
stand behind a card number. IBANs are account numbers and stay.

What it cannot see: digits written as words, in pictures, or spread over two messages.
That is what pausing the capture is for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CODE_MARK: Final = "[card code]"
CODE_REACH: Final = 48
"""How many characters behind a card number its code is looked for."""

# Between two digits of one number: spaces of any kind, dashes, dots, zero-width marks.
_SEPARATORS: Final = (
    " \t\n\r\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2010\u2011\u2012\u2013\u2014\u2015"
    "\u2028\u2029\u202f\u205f\u2060\u2212\u3000\ufeff\uff0d\uff0e\u00ad-.·•_/*"
)
_SEPARATORS_MAX: Final = 3
_DIGITS: Final = re.compile(r"\d+")
_SHORT: Final = re.compile(r"(?<!\d)\d(?:[ \-]?\d){2,3}(?!\d)")
_IBAN: Final = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}(?![A-Z0-9])", re.ASCII
)
_GROUPS_TOO_MANY: Final = 3
_UUID: Final = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE
)
# The most likely lengths first: sixteen digits and a code behind them are not nineteen.
_LENGTHS: Final = (16, 15, 14, 19, 18, 17, 13, 12)
_SHORTEST: Final = min(_LENGTHS)
_LONGEST: Final = max(_LENGTHS)
_CODE_DIGITS: Final = 3

_NAMES: Final = (
    r"cvv2?",
    r"cvc2?",
    r"cvn",
    r"csc(?=\W*\d)",
    r"card (?:security|verification) (?:code|number|value)",
    r"security code",
    r"verification value",
    r"g[üu]venlik (?:kodu|numaras[ıi]|no)\w*",
    r"kart(?:[ıi]n)? (?:arkas[ıi]ndaki|arka) \w+",
    r"arka(?:s[ıi]ndaki)? (?:3|üç|uc) (?:hane|rakam)\w*",
    r"κωδικ[όο][ςσ]? ασφαλε[ίι]α[ςσ]",
    r"pr[üu]fziffer|pr[üu]fnummer|kartenpr[üu]fnummer|sicherheitscode",
    r"code de s[ée]curit[ée]|cryptogramme",
    r"c[óo]digo de seguri?dad|c[óo]digo de seguran[çc]a",
    r"codice di sicurezza",
)
_NAMED: Final = "|".join(_NAMES)
_BEFORE: Final = re.compile(rf"\b(?:{_NAMED})\b[^\d\n]{{0,24}}$", re.IGNORECASE)
_AFTER: Final = re.compile(
    rf"^\W{{0,4}}(?:\w+\W{{1,2}}){{0,2}}?(?:{_NAMED})\b", re.IGNORECASE
)
_HINTS: Final = (
    *("cv", "csc", "security", "verif", "venl", "arka", "κωδικ", "prüf", "pruf"),
    *("sicherheit", "crypto", "segur", "sicur", "sécurit", "securit"),
)
_DATED: Final = re.compile(r"\d[/.-]$")
_DATE_GOES_ON: Final = re.compile(r"[/.-]\d")
_MONEY: Final = re.compile(
    r"^\s?(?:tl|try|eur[o]?|usd|gbp|lira|₺|€|\$|£|%|adet|g[üu]n|dk|saat|days?|min)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Redacted:
    """The text that may be stored, and how much was taken out of it."""

    text: str
    cards: int = 0
    codes: int = 0

    def __repr__(self) -> str:
        return f"<Redacted cards={self.cards} codes={self.codes}>"


def redact(text: str) -> Redacted:
    """Replaces card numbers by `[card ••1234]` and their codes by `[card code]`."""
    groups = [match.span() for match in _DIGITS.finditer(text)]
    digits = sum([end - start for start, end in groups])
    spans = _cards(text, groups) if digits >= _SHORTEST else []
    cards = len(spans)
    if cards or (digits >= _CODE_DIGITS and _hints_at_a_code(text)):
        spans += _codes(text, spans)
    if not spans:
        return Redacted(text)
    spans.sort()
    parts, at = [], 0
    for start, end, mark in spans:
        parts += [text[at:start], mark]
        at = end
    parts.append(text[at:])
    return Redacted("".join(parts), cards, len(spans) - cards)


Place = tuple[int, int]
Span = tuple[int, int, str]


def _hints_at_a_code(text: str) -> bool:
    low = text.lower()
    return any(hint in low for hint in _HINTS)


def _runs(text: str, groups: list[Place]) -> Iterator[list[Place]]:
    """Groups of digits that may belong to one number, long enough for a card's."""
    run: list[Place] = []
    size = before = 0
    for place in groups:
        start, end = place
        gap = start - before
        if run and (gap > _SEPARATORS_MAX or text[before:start].strip(_SEPARATORS)):
            if size >= _SHORTEST:
                yield run
            run, size = [], 0
        run.append(place)
        size += end - start
        before = end
    if size >= _SHORTEST:
        yield run


def _cards(text: str, groups: list[Place]) -> list[Span]:
    """Where card numbers stand, and what is put in their place."""
    found: list[Span] = []
    spared: list[Place] | None = None
    for run in _runs(text, groups):
        digits = [_plain(text[start:end]) for start, end in run]
        first = 0
        while first < len(run):
            last, number = _card_from(digits, first)
            if number:
                if spared is None:
                    spared = _spared(text)
                start, end = run[first][0], run[last][1]
                if not any(a < end and start < b for a, b in spared):
                    found.append((start, end, f"[card ••{number[-4:]}]"))
                    first = last
            first += 1
    return found


def _spared(text: str) -> list[Place]:
    """Where long numbers stand that are known to be something else."""
    spared = [match.span() for match in _UUID.finditer(text)]
    for match in _IBAN.finditer(text):
        start, end = match.span()
        # A capital letter behind it looks like its next group.
        for _ in range(_GROUPS_TOO_MANY):
            if _is_iban(text[start:end]):
                spared.append((start, end))
                break
            end = max(text.rfind(" ", start, end), start)
    return spared


def _card_from(groups: list[str], first: int) -> tuple[int, str]:
    """The last group of the card number that begins with a group, and its digits."""
    lengths = _LENGTHS_BY_FIRST[groups[first][0]]
    if not lengths:
        return first, ""
    ends: dict[int, tuple[int, str]] = {}
    digits = ""
    for last in range(first, len(groups)):
        digits += groups[last]
        if len(digits) > _LONGEST:
            break
        ends[len(digits)] = (last, digits)
    for length in lengths:
        if length in ends and is_card_number(ends[length][1]):
            return ends[length]
    return first, ""


def _codes(text: str, cards: list[Span]) -> list[Span]:
    """Where card codes stand: named ones, and those close behind a card number."""
    found: list[Span] = []
    for match in _SHORT.finditer(text):
        start, end = match.span()
        if any(a < end and start < b for a, b, _ in cards):
            continue
        if text.endswith("••", 0, start):
            continue  # the last digits in a mark of ours
        named = _BEFORE.search(text, max(0, start - 64), start) or _AFTER.match(
            text[end : end + 64]
        )
        if named or _is_behind_a_card(text, start, end, cards):
            found.append((start, end, CODE_MARK))
    return found


def _is_behind_a_card(text: str, start: int, end: int, cards: list[Span]) -> bool:
    """Whether short digits stand behind a card number and are no date and no sum."""
    if not any(0 <= start - card_end <= CODE_REACH for _, card_end, _ in cards):
        return False
    glued = text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
    at_once = any(start - card_end <= 1 for _, card_end, _ in cards)
    begins_or_ends = _DATED.search(text, max(0, start - 3), start) or (
        _DATE_GOES_ON.match(text[end : end + 2])
    )
    dated = bool(begins_or_ends) and not at_once
    return not (glued or dated or _MONEY.match(text[end : end + 8]))


def is_card_number(digits: str) -> bool:
    """Whether plain digits are a card number: brand, length and Luhn's check."""
    return _brand_has(digits, len(digits)) and _luhn(digits)


# First digits and the lengths in use; ranges compare as texts of the same length.
_BRANDS: Final[tuple[tuple[str, str, frozenset[int]], ...]] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in (
        ("4", "4", (13, 16, 19)),  # Visa
        ("51", "55", (16,)),  # Mastercard
        ("2221", "2720", (16,)),  # Mastercard
        ("34", "34", (15,)),  # American Express
        ("37", "37", (15,)),
        ("6011", "6011", (16, 17, 18, 19)),  # Discover
        ("644", "649", (16, 17, 18, 19)),
        ("65", "65", (16, 17, 18, 19)),  # Discover, RuPay, Troy
        ("300", "305", (14, 16)),  # Diners Club
        ("3095", "3095", (14, 16)),
        ("36", "36", (14, 16)),
        ("38", "39", (14, 16)),
        ("3528", "3589", (16, 17, 18, 19)),  # JCB
        ("62", "62", (16, 17, 18, 19)),  # UnionPay
        ("81", "82", (16,)),  # UnionPay, RuPay
        ("60", "60", (16,)),  # RuPay, Hipercard
        ("508", "508", (16,)),  # RuPay
        ("9792", "9792", (16,)),  # Troy
        ("2200", "2204", (16, 17, 18, 19)),  # Mir
        ("5018", "5018", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
        ("5020", "5020", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("5038", "5038", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("5893", "5893", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("6304", "6304", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("6759", "6763", (12, 13, 14, 15, 16, 17, 18, 19)),
        ("6799", "6799", (12, 13, 14, 15, 16, 17, 18, 19)),
    )
)
_ZERO: Final = ord("0")
_DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")


_BY_FIRST: Final = {
    digit: tuple(one for one in _BRANDS if one[0][0] <= digit <= one[1][0])
    for digit in "0123456789"
}


_LENGTHS_BY_FIRST: Final = {
    digit: tuple(
        length
        for length in _LENGTHS
        if any(length in lengths for _, _, lengths in brands)
    )
    for digit, brands in _BY_FIRST.items()
}


def _brand_has(digits: str, length: int) -> bool:
    return any(
        length in lengths and low <= digits[: len(low)] <= high
        for low, high, lengths in _BY_FIRST[digits[0]]
    )


def _luhn(digits: str) -> bool:
    raw = digits.encode("ascii")
    every_second = raw[-2::-2].translate(_DOUBLED)
    return (sum(raw[-1::-2]) + sum(every_second) - len(raw) * _ZERO) % 10 == 0


def _plain(digits: str) -> str:
    """Digits of any script as 0 to 9."""
    return digits if digits.isascii() else "".join(str(int(one)) for one in digits)


def _is_iban(text: str) -> bool:
    """Whether it is an account number: ISO 13616's check over all of it."""
    plain = text.replace(" ", "").replace("-", "")
    if not 15 <= len(plain) <= 34:
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1
