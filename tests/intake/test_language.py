"""Language tags: one spelling each, near enough by distance, and slips that are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.intake.language import LanguageWrong, canonical, closest, distance


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("tr", "tr"),
        ("TR_tr", "tr-TR"),
        ("tr-tr", "tr-TR"),
        ("iw", "he"),
        ("iw-IL", "he-IL"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("EL", "el"),
        (" el ", "el"),
        ("i-klingon", "tlh"),
        ("", ""),
        ("und", ""),
        ("mul", ""),
        ("zxx", ""),
        ("root", ""),
        ("x-private", ""),
    ],
)
def test_a_tag_has_one_spelling(written, tag):
    assert tag == canonical(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gr", "el"),
        ("jp", "ja"),
        ("cz", "cs"),
        ("dk", "da"),
        ("türkçe", "tr"),
        ("Turkish", "tr"),
        ("Ελληνικά", "el"),
        ("qq-", ""),
        ("tr-", ""),
        ("xx", ""),
        ("a", ""),
    ],
)
def test_what_names_no_language_is_refused_with_what_was_meant(written, meant):
    with pytest.raises(LanguageWrong) as wrong:
        canonical(written)
    assert meant == wrong.value.suggestion


def test_a_refusal_repeats_nothing_that_is_not_a_tag():
    with pytest.raises(LanguageWrong) as wrong:
        canonical("elif@örnek.com.tr")
    assert "örnek" not in str(wrong.value)
    with pytest.raises(LanguageWrong, match='"gr" is no language'):
        canonical("gr")


def test_a_tag_of_any_length_is_answered():
    with pytest.raises(LanguageWrong, match="has more than 64 characters"):
        canonical("tr" * 100)


@pytest.mark.parametrize(
    ("desired", "spoken", "apart"),
    [("tr-CY", "tr", 4), ("en-GB", "en-US", 5), ("no", "nb", 1), ("az", "tr", 84)],
)
def test_the_distance_is_the_cldr_s(desired, spoken, apart):
    assert apart == distance(desired, spoken)


def test_the_nearest_is_taken_and_of_two_equals_the_one_named_first():
    assert ("tr", 4) == closest("tr-CY", ("el", "tr"), 10)
    assert None is closest("az", ("el", "tr"), 10)
    assert ("tr", 84) == closest("az", ("tr", "el"), 100)
    assert closest("en-GB", ("en-US", "en-CA"), 10) == ("en-CA", 3)
    assert "sr-Cyrl" == closest("sr", ("sr-Cyrl", "sr"), 10)[0]


tags = st.from_regex(
    r"[a-zA-Z]{2,3}([-_][a-zA-Z]{4})?([-_][a-zA-Z]{2})?", fullmatch=True
)


@given(tags | st.text(max_size=12))
def test_the_one_spelling_is_its_own(written):
    try:
        tag = canonical(written)
    except LanguageWrong:
        return
    assert tag == canonical(tag)
    assert tag == canonical(tag.upper())
    assert tag == canonical(tag.replace("-", "_"))
    if tag:
        assert 0 == distance(tag, tag)
