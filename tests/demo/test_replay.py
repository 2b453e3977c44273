"""The replay of a call log, against the small router and its sudden deaths."""

import asyncio
import json

import pytest

from router.demo.account import QueueTally
from router.demo.call_log import Outcome, read_call_log
from router.demo.callers import ANSWER_MS_MIN, Behaviour
from router.demo.calls import Rows, run_calls, speed_of
from router.demo.errors import InputWrong
from router.demo.horizon import FAR_MS, Horizon
from router.v1.agent_pb2 import PRESENCE_OFFLINE
from router.v1.event_pb2 import RoutingEvent
from tests.demo.small_router import Memory, small_router, start
from tests.demo.test_call_log import a_log, a_row

PATIENCE_S = dict.fromkeys(("PS", "PE", "NE", "NW", "IN", "TT"), 400.0)


def a_morning(folder, calls: int = 40):
    """Two agents and a call every half minute; some give up, and some are no calls."""
    rows = []
    for number in range(calls):
        at = f"09:{number // 2:02}:{30 * (number % 2):02}"
        served = {"vru_entry": at, "vru_exit": at, "ser_start": at, "ser_time": "75"}
        fate = [
            {"server": "DORIT"},
            {"server": "ROTH", "type": "NW"},
            {"outcome": "HANG", "q_time": "9", "server": "NO_SERVER"},
        ][number % 3]
        rows.append(a_row(**served | fate))
    rows.append(a_row(outcome="PHANTOM"))
    rows.append(a_row(outcome="HANG", q_time="0", server="NO_SERVER"))
    return a_log(folder, *rows)


async def replayed(target, log, capsys, speed="max", agents=None):
    code = await run_calls(target, log, speed, json_out=True, agents=agents)
    told = capsys.readouterr()
    assert 0 == code, told.err
    return json.loads(told.out)


async def test_every_row_of_the_log_is_accounted_for(tmp_path, capsys):
    async with small_router(Memory()) as target:
        told = await replayed(target, a_morning(tmp_path), capsys)

    assert (42, 1, 1, 40) == (
        told["rows"],
        told["phantom"],
        told["left_in_menu"],
        told["offered"],
    )
    assert 40 == (
        told["answered"] + told["abandoned"] + told["waiting"] + told["dead_lettered"]
    )
    assert 0 == told["waiting"]
    assert {} == told["surprises"]


async def test_the_replay_is_the_same_every_time(tmp_path, capsys):
    tellings = []
    for _ in range(2):
        async with small_router(Memory()) as target:
            told = await replayed(target, a_morning(tmp_path), capsys)
        tellings.append((told["answered"], told["abandoned"], told["asa_s"]))

    assert tellings[0] == tellings[1]


async def test_two_runs_through_one_router_do_not_meet(tmp_path, capsys):
    async with small_router(Memory()) as target:
        first = await replayed(target, a_morning(tmp_path), capsys)
        second = await replayed(target, a_morning(tmp_path), capsys)

    assert first["answered"] == second["answered"]
    assert 0 == second["strangers"]


async def test_agents_go_home_after_their_last_call(tmp_path, capsys):
    memory = Memory()
    async with small_router(memory) as target:
        await replayed(target, a_morning(tmp_path), capsys)

    assert {"calls.dorit", "calls.roth"} == set(memory.presence)
    assert {PRESENCE_OFFLINE} == set(memory.presence.values())


async def test_a_number_of_agents_replaces_the_log_s_staffing(tmp_path, capsys):
    memory = Memory()
    async with small_router(memory) as target:
        await replayed(target, a_morning(tmp_path), capsys, agents=5)

    assert 5 == len(memory.presence)


async def test_somebody_else_s_interaction_is_served_and_not_counted(tmp_path, capsys):
    memory = Memory()
    async with small_router(memory) as target:
        request = Behaviour(1, PATIENCE_S).caller(
            read_call_log(a_morning(tmp_path))[0], "somebody-else-s", "Borsa"
        )
        memory._enqueue(request.enqueue())
        told = await replayed(target, a_morning(tmp_path), capsys)

    assert (1, 40) == (told["strangers"], told["offered"])


@pytest.mark.parametrize("commands", [1, 17, 50])
async def test_a_router_that_dies_loses_nothing(tmp_path, capsys, commands):
    """It dies having carried out a command whose answer nobody hears."""
    memory = Memory(commands_left=commands)
    server, port = await start(memory)

    async def die_and_return():
        await memory.died.wait()
        await server.stop(0)
        memory.lose_open_offers()
        return await start(memory, port)

    dying = asyncio.create_task(die_and_return())
    told = await replayed(f"127.0.0.1:{port}", a_morning(tmp_path), capsys)
    again, _ = await dying
    await again.stop(0)

    assert 40 == told["offered"] == told["event_feed"]["offered"]
    assert 40 == len(memory.kinds(RoutingEvent.KIND_INTERACTION_ENQUEUED))
    assert 0 < told["reconnects"]
    assert 0 < told["retries"]


async def test_a_router_that_is_not_there_is_a_plain_line(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("router.demo.client.PATIENCE_MS", 200)
    monkeypatch.setattr("router.demo.client.Router.__init__.__defaults__", (200,))

    code = await run_calls("127.0.0.1:1", a_morning(tmp_path), "max", True, None)

    told = capsys.readouterr()
    assert (1, "") == (code, told.out)
    assert "the router at 127.0.0.1:1 has not answered" in told.err
    assert "is it running there?" in told.err


async def test_a_wrong_log_is_told_before_anything_is_sent(tmp_path, capsys):
    log = a_log(tmp_path, a_row(type="XX"))

    code = await run_calls("127.0.0.1:1", log, "max", True, None)

    assert 2 == code
    assert "calls.csv:2: type is 'XX'" in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["", "fast", "0", "-1", "nan", "inf", "1e9"])
def test_a_speed_is_max_or_a_number_from_1(speed):
    with pytest.raises(InputWrong, match="must be max or a number from 1"):
        speed_of(speed)


async def test_at_a_given_speed_the_wall_clock_leads(tmp_path, capsys):
    async with small_router(Memory()) as target:
        told = await replayed(target, a_morning(tmp_path, calls=4), capsys, speed="300")

    # Ninety virtual seconds of arrivals and more than a minute of service after them.
    assert 0.3 < told["seconds"]


def test_patience_is_what_the_log_tells_or_longer(tmp_path):
    behaviour = Behaviour(1, PATIENCE_S)
    for call in read_call_log(a_morning(tmp_path)):
        patience_ms = behaviour.caller(call, f"calls-x-{call.line}", "Q").patience_ms
        if call.outcome is Outcome.HANG:
            assert call.queued_ms == patience_ms
        else:
            assert call.queued_ms < patience_ms


def test_a_caller_of_high_priority_gets_the_bank_s_head_start(tmp_path):
    (high, ordinary) = read_call_log(
        a_log(tmp_path, a_row(priority="2"), a_row(priority="1", customer_id="0"))
    )
    behaviour = Behaviour(1, PATIENCE_S)

    request = behaviour.caller(high, "a-1", "Q").enqueue()
    assert (90, 85, "c-9664491") == (
        request.waited.seconds,
        request.priority,
        request.customer_id,
    )
    request = behaviour.caller(ordinary, "a-2", "Q").enqueue()
    assert (False, False, "") == (
        request.HasField("waited"),
        request.HasField("priority"),
        request.customer_id,
    )


def test_the_clock_waits_for_what_may_have_consequences():
    horizon = Horizon()
    horizon.add(1, 1000, 1000 + ANSWER_MS_MIN)
    horizon.add(2, 1500, FAR_MS)
    assert 1000 + ANSWER_MS_MIN == horizon.limit_ms

    horizon.answered(1, sequence=40, heard=39)
    assert 1000 + ANSWER_MS_MIN == horizon.limit_ms
    assert 1000 == horizon.cause_ms(9999)

    horizon.passed(40)
    assert FAR_MS == horizon.limit_ms
    assert 1 == len(horizon)

    horizon.answered(2, sequence=41, heard=40)
    assert 0 == len(horizon)


def test_rows_that_went_astray_are_told(tmp_path):
    rows = Rows.of(read_call_log(a_morning(tmp_path)))

    assert None is rows.missing(40)
    assert "42 rows in the file, but 1 phantoms" in (rows.missing(39) or "")


def test_a_queue_has_its_own_threshold():
    tally = QueueTally(threshold_ms=5_000, target_percent=90)
    tally.answer(6_000)

    assert (1, 0) == (tally.answered, tally.in_time)
