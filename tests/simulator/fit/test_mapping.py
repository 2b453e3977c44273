"""A mapping is read whole, or every reason why not is told."""

import pytest

from simulator.fit.mapping import MappingInvalid, load_mapping, read_mapping


@pytest.mark.parametrize("preset", ["bank", "asterisk", "intervals"])
def test_the_presets_are_sound(preset):
    assert read_mapping(preset).format in {"rows", "queue_log", "intervals"}


def test_a_file_says_only_what_differs_from_a_preset():
    mapping = load_mapping("like: bank\ncolumns: {agent: who}\nencoding: cp1254\n")

    assert "who" == mapping.columns.agent
    assert "q_time" == mapping.columns.wait_s
    assert "cp1254" == mapping.encoding


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("like: bnk", '1:1: like = "bnk": is not one of the choices'),
        ("like: bnk", 'did you mean "bank"?'),
        ("like: bank\ncolums: {}", "2:1: colums = {}: is not a known key"),
        ("like: bank\ncolums: {}", 'did you mean "columns"?'),
        ("like: bank\ncolumns: {prioriti: x}", 'did you mean "priority"?'),
        ("like: bank\nencoding: cp12544", 'there is no encoding "cp12544"'),
        (
            "like: asterisk\ntimezone: Europe/Instanbul",
            'did you mean "Europe/Istanbul"?',
        ),
        ("format: rows", "rows logs need the columns queued, outcome"),
        ("columns: {queued: at, outcome: end}", "for waits to be known"),
        ('like: bank\nhead_starts: {"2": 90}', 'did you mean "90s"?'),
        ("like: bank\nhead_starts: {high: 90s}", "by priority, a whole number"),
        ("- a\n- b", 'a mapping is a mapping of "key: value"'),
    ],
)
def test_a_mapping_that_is_wrong_says_where_and_what_is_meant(text, complaint):
    with pytest.raises(MappingInvalid) as refused:
        load_mapping(text)

    assert complaint in str(refused.value)


def test_a_name_that_is_neither_preset_nor_file_is_refused():
    with pytest.raises(MappingInvalid, match="neither a preset nor a file"):
        read_mapping("bannk")
