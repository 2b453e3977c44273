"""Reading the call log: what a row becomes, and how a wrong one is named."""

from pathlib import Path

import pytest

from router.demo.call_log import COLUMNS, Outcome, read_call_log, shifts
from router.demo.errors import InputWrong

SERVED = (
    "AA0101,33116,9664491,2,PS,1999-08-01,09:31:25,09:31:45,20,"
    "09:31:45,09:32:05,20,AGENT,09:32:06,09:35:06,180,DORIT"
)


def a_log(folder: Path, *rows: str) -> Path:
    path = folder / "calls.csv"
    path.write_text("\n".join((",".join(COLUMNS), *rows)) + "\n", encoding="utf-8")
    return path


def a_row(**changed: str) -> str:
    fields = dict(zip(COLUMNS, SERVED.split(","), strict=True)) | changed
    return ",".join(fields.values())


def test_a_row_becomes_a_call_with_its_times_in_milliseconds(tmp_path):
    (call,) = read_call_log(a_log(tmp_path, SERVED))

    assert (2, "PS", 2, 9664491) == (
        call.line,
        call.type,
        call.priority,
        call.customer,
    )
    assert (20_000, 180_000) == (call.queued_ms, call.service_ms)
    assert 21_000 == call.served_at_ms - call.entered_at_ms
    assert (Outcome.AGENT, "DORIT") == (call.outcome, call.server)
    assert call.offered


def test_a_caller_who_hung_up_without_queueing_left_in_the_menu(tmp_path):
    row = a_row(outcome="HANG", q_time="0", server="NO_SERVER")

    (call,) = read_call_log(a_log(tmp_path, row))

    assert call.left_in_menu
    assert not call.offered


def test_a_phantom_is_not_offered(tmp_path):
    (call,) = read_call_log(a_log(tmp_path, a_row(outcome="PHANTOM")))

    assert not call.offered


def test_a_call_answered_after_midnight_is_answered_the_next_day(tmp_path):
    row = a_row(vru_entry="23:58:00", vru_exit="23:59:30", ser_start="00:00:10")

    (call,) = read_call_log(a_log(tmp_path, row))

    assert 40_000 == call.served_at_ms - call.entered_at_ms


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("type", "XX", "type is 'XX'; it must be one of PS, PE, NE, NW, IN, TT"),
        ("priority", "3", "priority is '3'; it must be one of 0, 1, 2"),
        ("outcome", "LOST", "it must be one of AGENT, HANG, PHANTOM"),
        ("date", "01/08/1999", "it must be a day such as 1999-08-01"),
        ("vru_exit", "24:00:00", "vru_exit is '24:00:00'; it must be a time"),
        ("q_time", "-4", "q_time is '-4'; it must be a whole number from 0"),
        ("ser_time", "1.5", "ser_time is '1.5'"),
        ("customer_id", "²", "customer_id is '²'"),
        ("server", " ", "server is empty"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path, column, value, complaint):
    path = a_log(tmp_path, SERVED, a_row(**{column: value}))

    with pytest.raises(InputWrong) as refusal:
        read_call_log(path)

    assert str(refusal.value).startswith(f"{path}:3: {column}")
    assert complaint in str(refusal.value)


def test_a_row_that_is_cut_off_is_named_with_its_line(tmp_path):
    with pytest.raises(InputWrong, match=r"calls\.csv:3: the row has more or fewer"):
        read_call_log(a_log(tmp_path, SERVED, "AA0101,33116"))


def test_several_wrong_rows_are_told_at_once_and_not_without_end(tmp_path):
    path = a_log(tmp_path, *[a_row(type="XX")] * 30)

    with pytest.raises(InputWrong) as refusal:
        read_call_log(path)

    assert 10 == len(str(refusal.value).splitlines())


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("vru_line,call_id\nA,1\n", encoding="utf-8")

    with pytest.raises(InputWrong, match="the header lacks customer_id, priority"):
        read_call_log(path)


def test_a_log_without_calls_is_no_log(tmp_path):
    with pytest.raises(InputWrong, match="no calls, only a header"):
        read_call_log(a_log(tmp_path))


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_bytes(",".join(COLUMNS).encode() + b"\n\xff\xfe\n")

    with pytest.raises(InputWrong, match="is not UTF-8 text"):
        read_call_log(path)


def test_a_file_that_is_not_there_is_a_plain_line(tmp_path):
    with pytest.raises(InputWrong, match=r"none\.csv: cannot be read: No such file"):
        read_call_log(tmp_path / "none.csv")


def test_an_agent_is_there_from_the_first_service_to_the_end_of_the_last(tmp_path):
    calls = read_call_log(
        a_log(
            tmp_path,
            a_row(ser_start="09:32:06", ser_time="60"),
            a_row(
                vru_exit="11:00:00", ser_start="11:00:00", ser_time="90", server="ROTH"
            ),
            a_row(vru_exit="12:00:00", ser_start="12:00:00", ser_time="600"),
        )
    )

    dorit, roth = shifts(calls)

    assert ("DORIT", "ROTH") == (dorit.agent, roth.agent)
    assert calls[0].served_at_ms == dorit.from_ms
    assert calls[2].served_at_ms + 600_000 == dorit.until_ms
    assert 90_000 == roth.until_ms - roth.from_ms
