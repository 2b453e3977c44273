"""The floor as the event feed tells it, and how it is drawn."""

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console

from router.demo.account import QueueTally
from router.demo.day_clock import DayClock, clock_face
from router.demo.floor_view import FloorView
from router.demo.picture import account_table, by_half_hour, line, picture, sparkline
from router.v1.agent_pb2 import PRESENCE_AVAILABLE, PRESENCE_AWAY, PRESENCE_OFFLINE
from router.v1.event_pb2 import RoutingEvent

Kind = RoutingEvent.Kind


def a_view() -> FloorView:
    return FloorView(
        {"Borsa": QueueTally(threshold_ms=15_000, target_percent=90)}, "d-"
    )


def tell(view: FloorView, at_s: float, kind: str, **fields) -> None:
    wait_s = fields.pop("wait_s", None)
    event = RoutingEvent(kind=Kind.Value("KIND_" + kind), time=Timestamp(), **fields)
    event.time.FromMilliseconds(int(1000 * at_s))
    if wait_s is not None:
        event.wait.CopyFrom(Duration(seconds=wait_s))
    view.hear(event)


def a_call(view: FloorView, name: str = "d-1") -> dict[str, str]:
    tell(view, 100, "INTERACTION_ENQUEUED", interaction_id=name, queue="Borsa")
    return {"interaction_id": name, "queue": "Borsa"}


def test_a_call_waits_until_it_is_answered():
    view = a_view()
    call = a_call(view)
    assert 7_000 == view.longest_wait_ms("Borsa", 107_000)

    tell(view, 110, "OFFER_ACCEPTED", agent_id="ann", wait_s=10, **call)
    view.close()

    assert 0 == view.longest_wait_ms("Borsa", 111_000)
    assert {
        "offered": 1,
        "answered": 1,
        "abandoned": 0,
        "waiting": 0,
        "dead_lettered": 0,
    } == view.account.counts()
    assert 100.0 == view.account.service_level_percent


def test_what_was_waited_for_the_owner_is_added_up():
    view = a_view()
    until = Timestamp(seconds=160)
    first, second = a_call(view, "d-1"), a_call(view, "d-2")
    tell(view, 100, "HOLD_BACK_WEIGHED", deadline=until, **first)
    tell(view, 110, "HOLD_BACK_WEIGHED", deadline=until, **first)
    tell(view, 125, "OFFER_ISSUED", agent_id="ayşe", **first)
    tell(view, 100, "HOLD_BACK_WEIGHED", deadline=until, **second)
    tell(view, 105, "HOLD_BACK_WEIGHED", **second)
    tell(view, 130, "OFFER_ISSUED", agent_id="γιώργος", **second)

    assert 30_000 == view.waited_for_owner_ms


def test_a_call_that_nobody_answers_is_counted_where_it_ended():
    view = a_view()
    gone, dead = a_call(view, "d-1"), a_call(view, "d-2")
    a_call(view, "d-3")
    tell(view, 120, "INTERACTION_ABANDONED", wait_s=20, **gone)
    tell(view, 120, "INTERACTION_DEAD_LETTERED", **dead)
    view.close()

    counts = view.account.counts()
    assert (1, 1, 1) == (
        counts["abandoned"],
        counts["dead_lettered"],
        counts["waiting"],
    )
    assert None is view.account.imbalance()


def test_other_runs_are_not_counted():
    view = a_view()
    a_call(view, "e-1")

    assert 0 == view.account.total("offered")


def test_an_agent_is_occupied_from_the_answer_to_the_end_of_wrap_up():
    view = a_view()
    call = a_call(view)
    told = {"agent_id": "ann"}
    tell(view, 100, "AGENT_SIGNED_IN", presence=PRESENCE_AVAILABLE, **told)
    tell(view, 110, "OFFER_ACCEPTED", wait_s=10, **call, **told)
    assert "busy" == view.agents["ann"].doing
    tell(view, 130, "WRAP_UP_STARTED", **call, **told)
    assert "wrap-up" == view.agents["ann"].doing
    tell(view, 140, "WRAP_UP_ENDED", **call, **told)
    assert "free" == view.agents["ann"].doing
    tell(view, 150, "AGENT_PRESENCE_CHANGED", presence=PRESENCE_AWAY, **told)
    assert "away" == view.agents["ann"].doing
    tell(view, 190, "AGENT_PRESENCE_CHANGED", presence=PRESENCE_OFFLINE, **told)
    view.close()

    # Ten seconds free before the call, thirty at work, ten free after it.
    assert 60.0 == view.occupancy_percent


def test_chats_side_by_side_do_not_count_an_agent_s_time_twice():
    view = a_view()
    first, second = a_call(view, "d-1"), a_call(view, "d-2")
    tell(view, 100, "AGENT_SIGNED_IN", agent_id="ann", presence=PRESENCE_AVAILABLE)
    tell(view, 110, "OFFER_ACCEPTED", agent_id="ann", wait_s=10, **first)
    tell(view, 120, "OFFER_ACCEPTED", agent_id="ann", wait_s=20, **second)
    tell(view, 130, "WRAP_UP_ENDED", agent_id="ann", **first)
    tell(view, 150, "INTERACTION_COMPLETED", agent_id="ann", **second)
    view.close()

    assert (40_000, 10_000) == (
        view.agents["ann"].busy_ms,
        view.agents["ann"].idle_ms,
    )


def test_whoever_has_signed_out_is_not_lost():
    view = a_view()
    tell(view, 1, "AGENT_SIGNED_IN", agent_id="ann", presence=PRESENCE_AVAILABLE)
    tell(view, 2, "AGENT_LOST", agent_id="ann")
    tell(view, 3, "AGENT_PRESENCE_CHANGED", agent_id="ann", presence=PRESENCE_OFFLINE)
    tell(view, 4, "AGENT_LOST", agent_id="ann")

    assert 1 == view.happened["agents lost"]


def test_a_sparkline_is_as_high_as_its_greatest_count():
    assert "▁▄█" == sparkline([0, 5, 10])
    assert "▁▁" == sparkline([0, 0])
    assert "" == sparkline([])


def test_arrivals_fall_into_half_hours():
    opens = 7 * 3_600_000

    assert [2, 0, 1] == by_half_hour(
        [opens, opens + 1, opens + 3_700_000], opens, opens + 3_800_000
    )


def test_the_clock_shows_the_time_of_day():
    assert "09:05" == clock_face((9 * 60 + 5) * 60_000 + 59_999)


def test_two_clocks_find_their_difference_from_what_comes_quickest():
    clock = DayClock(7 * 3_600_000, 900)
    router_ms = clock.now_ms + 1_000_000
    clock.heard(router_ms - 40_000)
    clock.heard(router_ms)

    assert abs(clock.of_router(router_ms) - clock.now_ms) < 30_000
    assert router_ms == clock.to_router(clock.of_router(router_ms))
    assert None is clock.router_scale()


def test_the_picture_and_the_account_fit_a_terminal_of_eighty_columns():
    view = a_view()
    a_call(view)
    screen = Console(width=80)
    clock = DayClock(7 * 3_600_000, 900)
    clock.heard(160_000)
    with screen.capture() as shown:
        screen.print(picture(view, clock, [clock.opens_at_ms], 24 * 3_600_000))
        screen.print(account_table(view.account, "The account", screen.width))

    told = shown.get()
    assert "…" not in told
    assert "90 % in 15 s" in told
    assert "waiting   1" in line(view, clock)
