"""Giving orders to the engine from compiled code: what the host does with a command.

The order is laid out in the floor's inbox and carried out by the engine's one door
(`decide.carry_out`), as the live router does it.
"""

from router.engine.decide import carry_out
from router.engine.floor import OUTBOX_MAX
from router.engine.kinds import Refusal
from router.engine.tables import NOBODY
from simulator.compiled import compiled


@compiled
def order(floor, kind, at):
    """Begin an order; set what it needs, then `give` it."""
    command = floor.inbox[0]
    command.at = at
    command.order = kind
    command.presence = 0
    command.reason = 0
    command.link = 0
    command.interaction = NOBODY
    command.agent = NOBODY
    command.other = NOBODY
    command.line = NOBODY
    command.session = 0
    command.match_round = 0
    command.count = 0
    command.offer = 0
    command.until = 0
    command.since = 0
    command.value = 0
    command.conversation = NOBODY
    command.customer = NOBODY
    command.not_before = 0
    command.context = 0
    return command


@compiled
def give(floor, scene):
    """Carry the order out; returns the refusal. The row it was about is in `scratch`."""
    clock = scene.clock[0]
    command = floor.inbox[0]
    if clock.tracing and clock.traced < scene.trace.shape[0]:
        _trace(scene, command)
    scratch = floor.scratch[0]
    scratch.next_order = 0
    scratch.orders = 1
    carry_out(floor)
    return command.reason + Refusal.OK


@compiled
def much_to_tell(floor):
    """Whether people have to hear of what has been stated before anything else is done:
    a joint round is due, or the outbox is half full.
    """
    scratch = floor.scratch[0]
    return scratch.round_due != 0 or scratch.events > OUTBOX_MAX // 2


@compiled
def _trace(scene, command):
    clock = scene.clock[0]
    kept = scene.trace[clock.traced]
    clock.traced += 1
    kept.at = command.at
    kept.order = command.order
    kept.presence = command.presence
    kept.reason = command.reason
    kept.link = command.link
    kept.interaction = command.interaction
    kept.agent = command.agent
    kept.other = command.other
    kept.line = command.line
    kept.session = command.session
    kept.count = command.count
    kept.offer = command.offer
    kept.until = command.until
    kept.since = command.since
    kept.value = command.value
    kept.conversation = command.conversation
    kept.customer = command.customer
