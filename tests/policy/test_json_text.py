"""A document made by a program is read as the same YAML would be, only sooner."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.policy.document import DEPTH_MAX, read_document
from router.policy.json_text import json_values
from tests.policy.samples import CARDS, problem

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aπç\"\\\n\té'#:-{}[]&*! 0", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("aç\u0327c0: ", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("aç0", min_size=1, max_size=4), VALUES, max_size=4))
def test_json_says_what_the_same_yaml_says(values):
    text = json.dumps(values, ensure_ascii=False)
    found = json_values(text)
    if found is not None:
        assert read_document(text).root.value() == found


@pytest.mark.parametrize(
    "text",
    [
        "a: 1",
        "[1]",
        '{"a": 1, "a": 2}',
        '{"Ç": 1, "C\u0327": 2}',
        "{a: 1}",
        '{"a": NaN}',
        '{"a": 1} # more',
        '{"a": 1',
        '{"a": ' + "[" * DEPTH_MAX + "]" * DEPTH_MAX + "}",
        '{"a": ' * 100_000,
    ],
)
def test_whatever_else_it_is_the_yaml_reader_says(text):
    assert json_values(text) is None


def test_long_digits_stay_text_as_in_yaml():
    assert {"a": "1" * 19, "b": 12} == json_values('{"a": ' + "1" * 19 + ', "b": 12}')


def test_a_problem_of_json_has_its_place():
    values = read_document(CARDS).root.value()
    values["queues"]["Genel"]["priority"] = 101
    found = problem(json.dumps(values, ensure_ascii=False, indent=1))
    assert "queues.Genel.priority" == found.key
    assert 50 < found.line
