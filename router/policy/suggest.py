"""The name somebody probably meant. Offered in a problem, and never acted upon."""

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process, utils
from rapidfuzz.distance import DamerauLevenshtein

LIKENESS_MIN: Final = 0.6
"""Below this share of equal letters a suggestion would only puzzle."""

CHOICES_SHOWN: Final = 12
"""Most names listed as allowed; a policy may have hundreds."""


def meant(word: str, choices: Iterable[str]) -> str:
    """The choice most like `word`, apart from case and punctuation, or ""."""
    found = process.extractOne(
        word,
        sorted(choices),
        scorer=DamerauLevenshtein.normalized_similarity,
        processor=utils.default_process,
        score_cutoff=LIKENESS_MIN,
    )
    return found[0] if found else ""


def listed(choices: Iterable[str]) -> str:
    """The choices in one line, the first dozen and how many more there are."""
    names = sorted(choices)
    if not names:
        return "none are declared"
    text = ", ".join(names[:CHOICES_SHOWN])
    more = len(names) - CHOICES_SHOWN
    return f"{text} and {more} more" if more > 0 else text
