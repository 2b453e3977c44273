"""Asterisk's `queue_log`: many events a call become one row a visit to a queue.

`epoch|call|queue|agent|event|data ...`; what the data mean stands in the documentation
of Asterisk ("Queue Logs"). A call that times out of one queue and enters another makes
two visits.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from router.policy.suggest import meant
from simulator.fit.log import LeftOut, Log, Outcome
from simulator.fit.mapping import Mapping
from simulator.fit.problems import LogInvalid
from simulator.fit.reading import LINE, Check, Rows, name_of, texts_of
from simulator.fit.rows import LONGEST_S, coded, in_time_order, whole

CELLS: Final = (
    "second",
    "call",
    "queue",
    "agent",
    "event",
    *(f"data{n}" for n in range(1, 9)),
)

ENDS: Final = (
    "COMPLETECALLER", "COMPLETEAGENT", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER",
)  # fmt: skip
SECONDS: Final = {
    "data1": ("CONNECT", "COMPLETECALLER", "COMPLETEAGENT"),
    "data2": ("COMPLETECALLER", "COMPLETEAGENT"),
    "data3": ("ABANDON", "EXITWITHTIMEOUT"),
}
"""Cells that are seconds, and of which events."""
SECOND_MAX: Final = 4_102_444_800
"""The year 2100, in seconds since 1970."""
EXITS: Final = ("EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY")
WITHOUT_A_CALL: Final = (
    "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL",
    "QUEUESTART", "CONFIGRELOAD", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN",
    "AGENTCALLBACKLOGOFF", "PENALTY", "MEMBERPENALTY", "PAUSEREASON", "RINGINUSE",
)  # fmt: skip
OTHER: Final = (
    "DID", "INFO", "AGENTDUMP", "SYSCOMPAT", "RINGNOANSWER", "RINGCANCELED", "HOLD",
    "UNHOLD", "CALLERCONTACT", "CALLBACK", "MUTE",
)  # fmt: skip
EVENTS: Final = (
    "ENTERQUEUE", "CONNECT", "ABANDON", *EXITS, *ENDS, *WITHOUT_A_CALL, *OTHER,
)  # fmt: skip

_VISITS: Final = f"""
with events as (
    select {LINE} as line, cast(second as double) as moment, call, queue, agent, event,
        data1, data2, data3, data4,
        sum(cast(event = 'ENTERQUEUE' as int)) over (partition by call order by {LINE})
            as visit
    from raw where event in {texts_of(["ENTERQUEUE", "CONNECT", "ABANDON", *EXITS, *ENDS])}
)
select min(line) as line,
    min(moment) filter (event = 'ENTERQUEUE') as entered,
    min(moment) filter (event = 'CONNECT') as connected,
    max(moment) filter (event in {texts_of(ENDS)}) as ended,
    max(moment) filter (event = 'ABANDON' or event in {texts_of(EXITS)}) as left_at,
    bool_or(event = 'CONNECT') as answered,
    bool_or(event = 'ABANDON') as abandoned,
    bool_or(event in {texts_of(EXITS)}) as taken_out,
    max(try_cast(data1 as double)) filter (event = 'CONNECT') as held,
    max(try_cast(data3 as double)) filter
        (event in ('ABANDON', 'EXITWITHTIMEOUT', 'EXITEMPTY')) as waited,
    max(try_cast(data2 as double)) filter (event in ('COMPLETECALLER', 'COMPLETEAGENT'))
        as talked,
    any_value(queue) filter (event = 'ENTERQUEUE') as type,
    coalesce(any_value(data2) filter (event = 'ENTERQUEUE'), '') as customer,
    coalesce(any_value(agent) filter (event = 'CONNECT'), '') as agent
from events where visit > 0 group by call, visit order by line
"""  # noqa: S608


def log_of_queue_log(rows: Rows, mapping: Mapping, *, lenient: bool) -> Log:
    """The table of a `queue_log`. Raises LogInvalid."""
    rows.check(_checks())
    try:
        bad = rows.settle(lenient=lenient)
    except LogInvalid as invalid:
        raise _with_guesses(invalid) from None
    visits = rows.ask(_VISITS)
    ended = visits["answered"] | visits["abandoned"] | visits["taken_out"]
    unfinished = ("not over when the log ends", int((~ended).sum()))
    log = _log(rows, mapping, visits, LeftOut(rows.total, (unfinished,), bad))
    return in_time_order(log.only(ended))


def _checks() -> list[Check]:
    """What makes a row bad, column by column."""
    second = "try_cast(second as double)"
    checks = [
        Check(
            "second",
            f"{second} is null or not ({second} between 0 and {SECOND_MAX})",
            "is no time in seconds since 1970",
        ),
        Check(
            "event",
            f"event is null or event not in {texts_of(EVENTS)}",
            "is no event of Asterisk's queue_log",
        ),
        Check("call", "coalesce(call, '') = ''", "must not be empty"),
    ]
    for column, events in SECONDS.items():
        value = f"try_cast({name_of(column)} as double)"
        wrong = f"{value} is null or not ({value} between 0 and {LONGEST_S})"
        told = f"event in {texts_of(events)} and ({wrong})"
        checks.append(Check(column, told, "is no number of seconds up to 31 days"))
    return checks


def _with_guesses(invalid: LogInvalid) -> LogInvalid:
    """The same refusal with the event that was probably meant."""
    problems = []
    for problem in invalid.problems:
        guess = meant(problem.value, EVENTS) if problem.column == "event" else ""
        hint = f'; did you mean "{guess}"?' if guess else ""
        problems.append(
            type(problem)(
                problem.line, problem.column, problem.value, problem.message + hint
            )
        )
    return LogInvalid(invalid.file, problems, invalid.count, invalid.rows)


def _log(rows: Rows, mapping: Mapping, visits: Any, left_out: LeftOut) -> Log:
    answered = visits["answered"].astype(bool)
    entered = np.asarray(visits["entered"], dtype=float)
    until = np.where(answered, visits["connected"], visits["left_at"])
    told = np.where(answered, visits["held"], visits["waited"])
    wait_s = np.maximum(np.where(np.isnan(told), until - entered, told), 0)
    service_s = np.where(
        np.isnan(visits["talked"]),
        visits["ended"] - visits["connected"],
        visits["talked"],
    )
    outcome = np.where(
        answered,
        Outcome.ANSWERED,
        np.where(visits["abandoned"], Outcome.ABANDONED, Outcome.TAKEN_OUT),
    )
    types, type_ = coded(visits["type"], [])
    agents, agent = coded(visits["agent"], mapping.nobody.agent)
    _, customer = coded(visits["customer"], mapping.nobody.customer)
    entered_ms = _local_ms(entered, mapping)
    return Log(
        file=rows.file,
        types=types,
        agents=agents,
        left_out=left_out,
        line=whole(visits["line"]),
        arrived_ms=entered_ms,
        queued_ms=entered_ms,
        wait_s=np.nan_to_num(wait_s),
        outcome=whole(outcome),
        service_s=np.where(answered, service_s, np.nan),
        type=type_,
        priority=np.zeros(len(entered), dtype=np.int64),
        customer=customer,
        agent=agent,
    )


def _local_ms(seconds: Any, mapping: Mapping) -> Any:
    """Wall-clock milliseconds of seconds since 1970 UTC, hour by hour of the zone."""
    quarters, place = np.unique(np.asarray(seconds) // 900, return_inverse=True)
    offsets = np.array(
        [
            _offset_s(
                datetime.fromtimestamp(quarter * 900, UTC).astimezone(mapping.zone)
            )
            for quarter in quarters.tolist()
        ]
    )
    return np.round((np.asarray(seconds) + offsets[place]) * 1000).astype(np.int64)


def _offset_s(when: datetime) -> float:
    return (when.utcoffset() or timedelta()).total_seconds()
