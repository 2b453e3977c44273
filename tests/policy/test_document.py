"""Files that are no YAML, or more YAML than anybody should have to read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.policy.document import BYTES_MAX, read_document
from router.policy.load import PolicyInvalid, load_policy, read_policy
from tests.policy.samples import CARDS, refusal

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{later}: &{later} [{', '.join([f'*{earlier}'] * 10)}]\n"
    for earlier, later in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a:\n  - &x0 [1]\n" + "".join(f"  - &x{i + 1} [*x{i}]\n" for i in range(2000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "bank.yaml: the file is empty"),
        ("# nothing yet\n", "bank.yaml: the file is empty"),
        ("queues: [a", "bank.yaml:1:11: this is no YAML"),
        ("a:\n\t- b", "bank.yaml:2:1: this is no YAML"),
        ("policy: a\n---\npolicy: b", "bank.yaml:2:1: a second document begins here"),
        ("%YAML 1.1\n---\npolicy: a", "bank.yaml:2:1: must be YAML 1.2"),
        ("[a, b]", "bank.yaml:1:1: a policy is a mapping"),
        ("policy: !!python/name:os.system x", "bank.yaml:1:9: the tag"),
        ("policy: a\0b", "bank.yaml:1:10: the character U+0000 is not allowed"),
        ("[a, b]: c", "bank.yaml:1:1: a key must be plain text"),
        ("a: *b", "bank.yaml:1:4: *b stands for nothing"),
        ("a: &a [*a]", "bank.yaml:1:8: *a stands for nothing"),
        (BOMB, "grows too large with its aliases: at most 1000000 values"),
        (CHAIN, "is nested too deeply: at most 16 levels"),
        ("[" * 100_000, "bank.yaml:1:17: is nested too deeply: at most 16 levels"),
        ("{a: " * 100_000, "is nested too deeply: at most 16 levels"),
        ("policy: \ud800", "bank.yaml:1:9: the character U+D800 is not allowed"),
        ("#" * (BYTES_MAX + 1), "bank.yaml: is too large for a policy: at most 2 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_plain_line(text, expected):
    (line,) = refusal(text).splitlines()
    assert expected in line


def test_an_alias_saves_writing_and_says_the_same():
    written = "policy: p\nqueues: {a: {wrap_up: 5s}, b: {wrap_up: 5s}}"
    aliased = "policy: p\nqueues: {a: &same {wrap_up: 5s}, b: *same}"
    assert load_policy(written) == load_policy(aliased)


def test_a_problem_behind_an_alias_points_at_the_line_that_has_it():
    text = "policy: p\nqueues:\n  a: &same\n    wrap_up: 5x\n  b: *same\n"
    first, second = refusal(text).splitlines()
    assert first.startswith("bank.yaml:4:5: queues.a.wrap_up")
    assert second.startswith("bank.yaml:4:5: queues.b.wrap_up")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("policy: şube\n".encode("cp1254"), ":1:9: the byte 0xFE is not UTF-8"),
        ("a: b\npolicy: ήλιος".encode("cp1253"), ":2:9: the byte 0xDE is not UTF-8"),
        ("policy: a".encode("utf-16"), ": is in UTF-16: save it as UTF-8"),
        (b"#" * (BYTES_MAX + 1), ": is too large for a policy: at most 2 MB"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path, content, expected):
    file = tmp_path / "bank.yaml"
    file.write_bytes(content)
    with pytest.raises(PolicyInvalid) as refused:
        read_policy(file)
    assert f"{file}{expected}" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PolicyInvalid, match="cannot be read: no such file"):
        read_policy(tmp_path / "nowhere.yaml")
    with pytest.raises(PolicyInvalid, match="cannot be read: is a directory"):
        read_policy(tmp_path)


def test_a_byte_order_mark_is_welcome():
    assert load_policy(CARDS) == load_policy(CARDS.encode("utf-8-sig"))


def test_windows_line_ends_are_welcome():
    assert load_policy(CARDS) == load_policy(CARDS.replace("\n", "\r\n").encode())


def test_half_a_file_is_no_policy():
    cut = CARDS.encode()[: len(CARDS) // 2]
    with pytest.raises(PolicyInvalid):
        load_policy(cut)


@given(st.text("ab:-[]{}&*!|>'\"%#@,?~ \n\t\0é", max_size=60) | st.text(max_size=40))
def test_no_text_makes_the_reader_raise(text):
    document = read_document(text)
    assert (document.root is None) <= bool(document.problems)


@given(st.binary(max_size=60))
def test_no_bytes_make_a_policy_or_another_error(content):
    with pytest.raises(PolicyInvalid):
        load_policy(content)


@given(st.data())
def test_a_policy_with_a_piece_missing_is_read_or_refused_and_never_raises(data):
    start = data.draw(st.integers(0, len(CARDS) - 1))
    length = data.draw(st.integers(1, 40))
    junk = data.draw(st.text("a1:{}[], -\n&*", max_size=4))
    with contextlib.suppress(PolicyInvalid):
        load_policy(CARDS[:start] + junk + CARDS[start + length :])
