"""How long a wait will be: the mean handle time of the queue, shared among those who
could take it.

position x mean handle time / agents able to take the line, nothing when one of them is
free. It is the classic estimate of the field; it takes the agents as if they served
this queue alone. The mean is that of the queue's recent work, older work fading.
"""

from router.engine.eligibility import reachable_agents
from router.engine.engine import Engine
from router.engine.errors import InvalidField, WrongState
from router.engine.tables import NOBODY
from router.model.interaction import State
from router.model.needs import Needs
from router.service import requests
from router.service.errors import EstimateUnknown
from router.service.times import span
from router.v1 import routing_service_pb2 as pb


def estimate(
    engine: Engine, request: pb.EstimateWaitRequest
) -> pb.EstimateWaitResponse:
    """The expected wait of an interaction that waits, or of one that would arrive now."""
    floor = engine.floor
    if request.interaction_id:
        row = engine.interaction_row(request.interaction_id)
        interaction = floor.interactions[row]
        if int(interaction.state) != State.QUEUED:
            state = State(int(interaction.state)).name
            raise WrongState(
                f"interaction {request.interaction_id!r} does not wait: it is {state}",
                field="interaction_id",
            )
        line, age = int(interaction.line), int(interaction.enqueued_at)
    else:
        row = NOBODY
        line, age = _line(engine, request), int(floor.house[0].now) + 1
    queue = int(floor.lines[line].queue)
    position = 1 + _before(engine, queue, int(floor.lines[line].priority), age, row)
    able, free = (
        int(n) for n in reachable_agents(floor, line, int(floor.house[0].now))
    )
    answer = pb.EstimateWaitResponse(position=position, sequence=engine.sequence)
    if free >= position:
        answer.basis = f"{free} agents are free for it"
        answer.estimate.CopyFrom(span(0))
        return answer
    handled = int(floor.queues[queue].handled)
    if able == 0:
        raise EstimateUnknown(
            "nobody who is signed in could take it, so no wait can be told"
        )
    if handled == 0:
        raise EstimateUnknown(
            "no interaction of this queue has been handled yet, so no wait can be told"
        )
    mean_ms = 1000 * int(floor.queues[queue].handled_ms) // handled
    answer.estimate.CopyFrom(span(position * mean_ms // able))
    answer.basis = f"position {position}, mean handle time {mean_ms / 1000:.0f} s, {able} agents able"
    return answer


def _line(engine: Engine, request: pb.EstimateWaitRequest) -> int:
    """The line that such an arrival would join; one that nobody has used yet is not
    made for a question.
    """
    if engine.policy is None or request.queue not in engine.policy.queues:
        raise engine.writer.lines.unknown_queue(request.queue)
    channel = requests.channel_of(request.channel)
    needs = (
        requests.needs_of(request.needs) if request.HasField("needs") else Needs.NOTHING
    )
    priority = (
        request.priority
        if request.HasField("priority")
        else engine.policy.queues[request.queue].priority
    )
    line = engine.writer.lines.known_line(request.queue, channel, priority, needs)
    if line is None:
        if channel not in engine.policy.channels:
            raise InvalidField(f"channel {channel.name} is not in use", field="channel")
        raise EstimateUnknown(
            "no interaction with these needs and this priority has ever waited in the queue"
        )
    return line


def _before(engine: Engine, queue: int, priority: int, age: int, row: int) -> int:
    """How many of the queue stand before it: higher priority, or the same and older."""
    floor = engine.floor
    before = 0
    for position in range(int(floor.house[0].open_lines)):
        line = int(floor.open_lines[position])
        if (
            int(floor.lines[line].queue) != queue
            or int(floor.lines[line].priority) < priority
        ):
            continue
        i = int(floor.heads[line].first)
        while i != NOBODY:
            other = floor.interactions[i]
            if i != row and (
                int(floor.lines[line].priority) > priority
                or int(other.enqueued_at) < age
            ):
                before += 1
            elif int(other.enqueued_at) > age:
                break
            i = int(other.next)
    return before
