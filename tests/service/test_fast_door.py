"""RouteInteractions: many commands on one stream, each answered as by its own method."""

from google.rpc import code_pb2

from router.v1 import agent_service_pb2 as agents
from router.v1 import routing_service_pb2 as pb
from router.v1.agent_pb2 import PRESENCE_AWAY
from router.v1.interaction_pb2 import CHANNEL_VOICE, Interaction
from tests.service.house import a_request_id, refusal_in


def enqueue(tag, interaction_id, queue="support", **more):
    request = pb.EnqueueInteractionRequest(
        interaction_id=interaction_id, queue=queue, channel=CHANNEL_VOICE, **more
    )
    return pb.RouteCommand(tag=tag, enqueue=request)


async def answers(door, *commands):
    await door.write(pb.RouteInteractionsRequest(commands=commands))
    return list((await door.read()).results)


async def test_results_come_in_order_and_one_no_leaves_the_others_be(house):
    await house.sign_in("ann")
    door = house.routing.RouteInteractions()

    results = await answers(
        door,
        enqueue(11, "call-1"),
        enqueue(12, "call-2", "suport"),
        pb.RouteCommand(tag=13),
        enqueue(14, ""),
        enqueue(15, "call-3"),
        pb.RouteCommand(
            tag=16, complete=pb.CompleteInteractionRequest(interaction_id="call-3")
        ),
    )

    assert [11, 12, 13, 14, 15, 16] == [result.tag for result in results]
    assert (Interaction.STATE_OFFERED, "ann") == (results[0].state, results[0].agent)
    assert results[0].offer_id > 0
    assert ("NOT_FOUND", "UNKNOWN_QUEUE", "queue") == refusal_in(results[1])
    assert ("INVALID_ARGUMENT", "FIELD_INVALID", "command") == refusal_in(results[2])
    wrong_id = ("INVALID_ARGUMENT", "FIELD_INVALID", "interaction_id")
    assert wrong_id == refusal_in(results[3])
    assert (code_pb2.OK, Interaction.STATE_QUEUED) == (
        results[4].code,
        results[4].state,
    )
    assert "WRONG_STATE" == results[5].reason
    assert 0 < results[0].sequence < results[4].sequence


async def test_a_whole_life_goes_through_it(house):
    await house.sign_in("ann")
    door = house.routing.RouteInteractions()

    (arrived,) = await answers(door, enqueue(1, "call-1"))
    accept = agents.AcceptOfferRequest(agent_id="ann", offer_id=arrived.offer_id)
    complete = pb.CompleteInteractionRequest(interaction_id="call-1")
    end = agents.EndWrapUpRequest(interaction_id="call-1")
    away = agents.SetPresenceRequest(agent_id="ann", presence=PRESENCE_AWAY)
    results = await answers(
        door,
        pb.RouteCommand(accept=accept),
        pb.RouteCommand(complete=complete),
        pb.RouteCommand(end_wrap_up=end),
        pb.RouteCommand(set_presence=away),
    )

    assert [code_pb2.OK] * 4 == [result.code for result in results]
    assert Interaction.STATE_COMPLETED == (await house.look("call-1")).state


async def test_two_hundred_commands_fit_into_a_message(house):
    door = house.routing.RouteInteractions()

    results = await answers(door, *(enqueue(n, f"call-{n}") for n in range(200)))

    assert [code_pb2.OK] * 200 == [result.code for result in results]
    assert 1 == len({group.last_sequence for group in house.journal.read(
        results[0].sequence - 2
    )})  # fmt: skip


async def told(door, wanted):
    """Responses until so many results have come."""
    responses = []
    while sum(len(response.results) for response in responses) < wanted:
        responses.append(await door.read())
    return responses


async def test_messages_sent_without_waiting_are_answered_in_order(house):
    await house.sign_in("ann")
    door = house.routing.RouteInteractions()

    for n in range(300):
        queue = "suport" if n % 7 == 3 else "support"
        commands = [enqueue(n, f"call-{n}", queue)] if n % 5 else []
        await door.write(pb.RouteInteractionsRequest(commands=commands))
    responses = await told(door, 240)

    results = [result for response in responses for result in response.results]
    assert [n for n in range(300) if n % 5] == [result.tag for result in results]
    assert {"UNKNOWN_QUEUE", ""} == {result.reason for result in results}
    assert [n % 7 == 3 for n in range(300) if n % 5] == [r.code > 0 for r in results]
    assert all(result.state for result in results if not result.code)


async def test_what_one_commit_made_durable_is_answered_together(house, monkeypatch):
    monkeypatch.setattr(house.host._gathering, "wait_s", lambda now: 0.2)
    door = house.routing.RouteInteractions()

    for n in range(300):
        await door.write(pb.RouteInteractionsRequest(commands=[enqueue(n, f"c{n}")]))
    responses = await told(door, 300)

    assert len(responses) < 30


async def test_a_response_holds_whole_requests_and_at_most_a_thousand_results(house):
    door = house.routing.RouteInteractions()

    for first in range(0, 6_000, 150):
        some = [enqueue(n, f"c{n}") for n in range(first, first + 150)]
        await door.write(pb.RouteInteractionsRequest(commands=some))
    sizes = [len(response.results) for response in await told(door, 6_000)]

    assert 6_000 == sum(sizes)
    assert {0} == {size % 150 for size in sizes}
    assert 150 < max(sizes) <= 1_000


async def test_a_request_without_commands_is_answered_without_results(house):
    door = house.routing.RouteInteractions()

    assert [] == await answers(door)


async def test_a_command_is_repeated_like_any_other_request(house):
    door = house.routing.RouteInteractions()
    request_id = a_request_id()
    again = enqueue(1, "call-1", request_id=request_id)

    (first,) = await answers(door, again)
    head = house.journal.head().sequence
    (second,) = await answers(door, again)
    (other,) = await answers(door, enqueue(1, "call-2", request_id=request_id))

    assert (first.state, first.offer_id) == (second.state, second.offer_id)
    assert head == house.journal.head().sequence
    assert "REQUEST_ID_REUSED" == other.reason


async def test_closing_the_stream_ends_it_in_peace(house):
    door = house.routing.RouteInteractions()
    await answers(door, enqueue(1, "call-1"))

    await door.done_writing()

    assert "OK" == (await door.code()).name
