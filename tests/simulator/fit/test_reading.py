"""Logs of every format are read exactly, and bad rows are told by line."""

import numpy as np
import pytest

from simulator.fit.log import Log, Outcome, date_of
from simulator.fit.mapping import load_mapping, read_mapping
from simulator.fit.problems import LogInvalid
from simulator.fit.source import between, read_log

BANK_HEAD = (
    "vru_line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,"
    "q_start,q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server\n"
)
BANK_ROWS = (
    "A1,1,77,2,PS,1999-08-01,10:00:00,10:00:06,6,10:00:06,10:01:06,60,AGENT,10:01:05,10:03:05,120,AVI\n"
    "A1,2,0,0,NW,1999-08-01,10:00:10,10:00:16,6,10:00:16,10:00:46,30,HANG,00:00:00,00:00:00,0,NO_SERVER\n"
    "A1,3,0,0,PS,1999-08-01,10:00:20,10:00:26,6,00:00:00,00:00:00,0,HANG,00:00:00,00:00:00,0,NO_SERVER\n"
    "A1,4,0,0,PS,1999-08-01,10:00:30,10:00:36,6,10:00:36,10:01:36,60,PHANTOM,10:01:36,10:01:39,3,NO_SERVER\n"
    "A1,5,0,0,PS,1999-08-01,23:59:58,00:00:04,6,00:00:04,00:00:14,10,AGENT,00:00:14,00:01:14,60,AVI\n"
)
INTERVALS = """like: intervals
encoding: {encoding}
columns: {{date: Tarih, begins: Saat, type: Kuyruk, offered: Gelen, abandoned: Kaçan,
  aht_s: Süre, asa_s: Bekleme}}
"""
TABLE = (
    "Tarih;Saat;Kuyruk;Gelen;Kaçan;Süre;Bekleme\n"
    "03.08.2026;09:00;Şikâyet;1.012;12;0:03:25;12,5\n"
    "\n"
    "03.08.2026;09:30;Şikâyet;40;0;187,5;\n"
)


def written(folder, text, name="log.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def refusal_of(path, mapping):
    with pytest.raises(LogInvalid) as refused:
        read_log(path, mapping)
    return str(refused.value)


def test_the_bank_s_rows_become_waits_outcomes_and_service(tmp_path):
    log = read_log(written(tmp_path, BANK_HEAD + BANK_ROWS), read_mapping("bank"))

    assert isinstance(log, Log)
    assert ("NW", "PS") == log.types
    assert [60, 30, 10] == log.wait_s.tolist()
    assert [
        Outcome.ANSWERED,
        Outcome.ABANDONED,
        Outcome.ANSWERED,
    ] == log.outcome.tolist()
    assert [120, 60] == log.service_s[log.answered].tolist()
    assert np.isnan(log.service_s[1])
    assert ("AVI",) == log.agents
    assert [2, 0, 0] == log.priority.tolist()
    assert [0, -1, -1] == log.customer.tolist()
    assert (
        ("outcome PHANTOM", 1),
        ("outcome HANG, q_time 0", 1),
    ) == log.left_out.ignored


def test_a_time_after_midnight_belongs_to_the_next_day(tmp_path):
    log = read_log(written(tmp_path, BANK_HEAD + BANK_ROWS), read_mapping("bank"))

    assert "1999-08-02" == date_of(int(log.day[2])).isoformat()
    assert 6_000 == log.queued_ms[2] - log.arrived_ms[2]


def test_every_bad_cell_is_told_with_its_line(tmp_path):
    rows = BANK_ROWS.splitlines(keepends=True)
    rows[0] = rows[0].replace(",60,AGENT", ",-60,AGENT")
    rows[1] = "\n" + rows[1].replace("1999-08-01", "1999-13-01").replace(
        ",HANG", ",HUNG"
    )
    text = refusal_of(
        written(tmp_path, BANK_HEAD + "".join(rows)), read_mapping("bank")
    )

    assert ':2: q_time = "-60": must not be negative' in text
    assert ':4: date = "1999-13-01": is no date as %Y-%m-%d' in text
    assert ':4: outcome = "HUNG": is no outcome that the mapping knows' in text
    assert "2 rows are wrong; --lenient leaves such rows out" in text


def test_lenient_leaves_bad_rows_out_and_counts_them(tmp_path):
    path = written(
        tmp_path, BANK_HEAD + BANK_ROWS + "cut off\n" + BANK_ROWS[:20] + "\n"
    )
    log = read_log(path, read_mapping("bank"), lenient=True)

    assert 3 == len(log)
    assert 2 == log.left_out.bad


def test_the_first_hundred_problems_are_told_and_the_rest_counted(tmp_path):
    bad = BANK_ROWS.splitlines(keepends=True)[0].replace(",120,AVI", ",x,AVI")
    text = refusal_of(written(tmp_path, BANK_HEAD + bad * 130), read_mapping("bank"))

    assert 102 == len(text.splitlines())
    assert "and 30 more problems" in text


def test_a_row_of_another_length_is_told(tmp_path):
    text = refusal_of(
        written(tmp_path, BANK_HEAD + BANK_ROWS + "only,three,cells\n"),
        read_mapping("bank"),
    )

    assert ":7: has 3 cells, the header has 17" in text


def test_a_missing_column_is_told_with_those_that_are_there(tmp_path):
    head = BANK_HEAD.replace("q_time", "qtime")
    text = refusal_of(written(tmp_path, head + BANK_ROWS), read_mapping("bank"))

    assert 'lacks the column "q_time"' in text
    assert 'did you mean "qtime"?' in text


@pytest.mark.parametrize("text", ["", "\n\n", BANK_HEAD])
def test_a_file_without_rows_is_refused(tmp_path, text):
    assert "has no rows" in refusal_of(written(tmp_path, text), read_mapping("bank"))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "no such file" in refusal_of(tmp_path / "none.csv", read_mapping("bank"))


def test_quoted_cells_may_run_over_lines_and_lines_still_count(tmp_path):
    mapping = load_mapping(
        "columns: {queued: at, wait_s: wait, outcome: end, type: kind}\n"
        "outcomes: {answered: [Y]}\ninstants: ['%Y-%m-%d %H:%M:%S']\n"
    )
    text = (
        'at,wait,end,kind\n2026-01-05 10:00:00,5,Y,"two\nlines"\n'
        "2026-01-05 10:00:09,x,Y,one\n"
    )

    assert ':4: wait = "x"' in refusal_of(written(tmp_path, text), mapping)


@pytest.mark.parametrize("encoding", ["cp1254", "utf-8", "utf-8-sig", "utf-16"])
def test_tables_come_in_turkish_with_decimal_commas(tmp_path, encoding):
    said = encoding if encoding == "cp1254" else "utf-8"
    table = read_log(
        written(tmp_path, TABLE, encoding=encoding),
        load_mapping(INTERVALS.format(encoding=said)),
    )

    assert ("Şikâyet",) == table.types
    assert [1012, 40] == table.offered.tolist()
    assert [1000, 40] == table.answered.tolist()
    assert [205, 187.5] == table.aht_s.tolist()
    assert 12.5 == table.asa_s[0]
    assert np.isnan(table.asa_s[1])
    assert [2, 4] == table.line.tolist()


def test_greek_tables_are_read_as_well(tmp_path):
    text = "Date;Time;Queue;Offered;Abandoned;AHT;ASA\n3/8/2026;09:00;Εξυπηρέτηση;7;1;90;3\n"
    mapping = load_mapping("like: intervals\nencoding: cp1253")

    table = read_log(written(tmp_path, text, encoding="cp1253"), mapping)

    assert ("Εξυπηρέτηση",) == table.types


def test_the_wrong_encoding_is_told_with_the_line(tmp_path):
    text = refusal_of(
        written(tmp_path, TABLE, encoding="cp1254"),
        load_mapping(INTERVALS.format(encoding="utf-8")),
    )

    assert ":1: the byte 0xE7 is not utf-8" in text
    assert "cp1254" in text


def test_tables_that_contradict_themselves_are_told(tmp_path):
    text = refusal_of(
        written(tmp_path, TABLE + "03.08.2026;09:40;Şikâyet;5;7;180;-1\n"),
        load_mapping(INTERVALS.format(encoding="utf-8")),
    )

    assert ':5: Kaçan = "7": is more than was offered' in text
    assert ':5: Saat = "09:40": is not where an interval begins' in text
    assert ':5: Bekleme = "-1": must not be negative' in text


QUEUE_LOG = """1767603600|NONE|NONE|NONE|QUEUESTART|
1767603610|c1|support|NONE|ENTERQUEUE||05321112233|1
1767603620|c1|support|SIP/101|CONNECT|10|c1.2|3
1767603720|c1|support|SIP/101|COMPLETECALLER|10|100|1
1767603630|c2|support|NONE|ENTERQUEUE||unknown|1
1767603650|c2|support|NONE|ABANDON|1|1|20
1767603660|c3|support|NONE|ENTERQUEUE||123|1
1767603680|c3|support|NONE|EXITWITHTIMEOUT|1|1|20
1767603681|c3|sales|NONE|ENTERQUEUE||123|1
1767603685|c3|sales|SIP/102|RINGNOANSWER|4000
1767603690|c3|sales|SIP/103|CONNECT|9|c3.2|3
1767603750|c3|sales|SIP/103|BLINDTRANSFER|200|internal|9|60|1
1767603760|c4|sales|NONE|ENTERQUEUE||77|1
"""


def test_asterisk_s_events_become_visits_to_queues(tmp_path):
    mapping = load_mapping("like: asterisk\ntimezone: Europe/Istanbul")
    log = read_log(written(tmp_path, QUEUE_LOG, "queue_log"), mapping)

    assert ("sales", "support") == log.types
    assert ["support", "support", "support", "sales"] == [
        log.types[t] for t in log.type
    ]
    assert [1, 0, 2, 1] == log.outcome.tolist()
    assert [10, 20, 20, 9] == log.wait_s.tolist()
    assert [100, 60] == log.service_s[log.answered].tolist()
    assert ("SIP/101", "SIP/103") == log.agents
    assert -1 == log.customer[1]
    assert (("not over when the log ends", 1),) == log.left_out.ignored
    assert 12 * 3600 == (log.queued_ms[0] // 1000) % 86_400 // 3600 * 3600


def test_an_unknown_event_is_told_with_the_one_meant(tmp_path):
    text = refusal_of(
        written(
            tmp_path, QUEUE_LOG + "x|c5|sales|SIP/1|COMPLETEAGEN|1|2|3\n", "queue_log"
        ),
        read_mapping("asterisk"),
    )

    assert ':14: second = "x": is no time in seconds since 1970' in text
    assert 'did you mean "COMPLETEAGENT"?' in text


def test_dates_cut_a_log(tmp_path):
    log = read_log(written(tmp_path, BANK_HEAD + BANK_ROWS), read_mapping("bank"))

    assert 2 == len(between(log, None, date_of(int(log.day[0]))))
    with pytest.raises(LogInvalid, match="no row between"):
        between(log, date_of(99_999), None)


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (("NW", '"NW'), ":3: a cell begins with a quote that is never closed"),
        ((",30,HANG", ",inf,HANG"), ':3: q_time = "inf": is longer than 31 days'),
        ((",30,HANG", ",nan,HANG"), ':3: q_time = "nan": is longer than 31 days'),
        (
            ("1999-08-01", "9999-08-01"),
            ":3: the log goes from 1999-08-01 to 9999-08-01",
        ),
        ((",0,0,NW", ",0,high,NW"), ':3: priority = "high": is no whole number'),
    ],
)
def test_what_would_do_damage_later_is_refused_at_its_line(tmp_path, bad, complaint):
    rows = BANK_ROWS.splitlines(keepends=True)
    rows[1] = rows[1].replace(*bad)

    text = refusal_of(
        written(tmp_path, BANK_HEAD + "".join(rows)), read_mapping("bank")
    )

    assert complaint in text


def test_a_quote_within_a_cell_is_only_a_letter(tmp_path):
    rows = BANK_ROWS.replace("AVI", 'A"VI').replace("NW", '"N""W"')

    text = refusal_of(written(tmp_path, BANK_HEAD + rows + "x\n"), read_mapping("bank"))

    assert ":7: has 1 cells" in text


@pytest.mark.parametrize(
    "noise", [b"\x00" * 40, bytes(range(256)) * 8, b"x" * 3_000_000]
)
def test_no_garbage_ends_in_a_traceback(tmp_path, noise):
    path = tmp_path / "log.csv"
    path.write_bytes(noise)

    for preset in ("bank", "asterisk", "intervals"):
        refusal_of(path, read_mapping(preset))
