"""The doors into the machine: one order in, a refusal and "is a joint round due?" out;
or many orders at once, laid out in the floor's inbox.

The engine's Python half comes in here. Handing over one address and plain integers
costs well under a microsecond; handing over objects would cost several times what the
decision does.
"""

from collections.abc import Callable

import numba

from router.engine.apply import apply_all
from router.engine.compiled import compiled
from router.engine.compiled_floor import floor_at
from router.engine.decide import carry_out, next_wakeup
from router.engine.floor import OUTBOX_MAX
from router.engine.kinds import Kind
from router.engine.orders.concluding import conclude_round
from router.engine.tables import NOBODY, Floor, Record

ROUND_DUE = 256
"""Added to the refusal when a joint round has to be solved before anything else."""
FILLING = 512
"""Added to the refusal when the outbox is half full and should be moved aside."""
ROW = 65_536
"""The answer above this bit: the interaction's row, plus one."""


@compiled
def order(
    floor, order, at, interaction=NOBODY, agent=NOBODY, other=NOBODY, line=NOBODY, presence=0, reason=0,
    link=0, session=0, count=0, offer=0, until=0, since=0, value=0,
):  # fmt: skip
    """Decide on one order (see `decide`): refusal, `ROUND_DUE` and `FILLING`
    where they apply, and (interaction row + 1) * `ROW`.
    """
    command = floor.inbox[0]
    command.order = order
    command.at = at
    command.interaction = interaction
    command.agent = agent
    command.other = other
    command.line = line
    command.presence = presence
    command.reason = reason
    command.link = link
    command.session = session
    command.count = count
    command.offer = offer
    command.until = until
    command.since = since
    command.value = value
    scratch = floor.scratch[0]
    scratch.next_order = 0
    scratch.orders = 1
    carry_out(floor)
    refusal = command.reason + 0
    if scratch.round_due:
        refusal += ROUND_DUE
    if scratch.events > OUTBOX_MAX // 2:
        refusal += FILLING
    return refusal + (scratch.row + 1) * ROW


@compiled
def _order_at(
    address, what, at, interaction, agent, other, line, presence, reason, link, session, count, offer, until,
    since, value,
):  # fmt: skip
    return order(
        floor_at(address), what, at, interaction, agent, other, line, presence, reason, link, session, count,
        offer, until, since, value,
    )  # fmt: skip


@compiled
def _carry_out_at(address):
    carry_out(floor_at(address))


@compiled
def _wakeup_at(address):
    return next_wakeup(floor_at(address))


def _give_compiled(
    floor: Floor, what: int, at: int, interaction: int = -1, agent: int = -1, other: int = -1, line: int = -1,
    presence: int = 0, reason: int = 0, link: int = 0, session: int = 0, count: int = 0, offer: int = 0,
    until: int = 0, since: int = 0, value: int = 0,
) -> int:  # fmt: skip
    return int(
        _order_at(
            floor.address, what, at, interaction, agent, other, line, presence, reason, link, session, count,
            offer, until, since, value,
        )
    )  # fmt: skip


@compiled
def _replay_at(address, events):
    apply_all(floor_at(address), events)


@compiled
def _highest(events):
    interaction = NOBODY
    agent = NOBODY
    conversation = NOBODY
    customer = NOBODY
    defining = 0
    for k in range(events.shape[0]):
        event = events[k]
        interaction = max(interaction, event.interaction)
        agent = max(agent, event.agent)
        conversation = max(conversation, event.conversation)
        customer = max(customer, event.customer)
        if event.kind == Kind.CUSTOMERS_MERGED:
            customer = max(customer, event.other)
        if event.kind == Kind.ROW_DEFINED:
            defining += 1
    return interaction, agent, conversation, customer, defining


def highest(events: Record) -> tuple[int, int, int, int, int]:
    """The highest rows of interactions, agents, conversations and customers that events
    speak of, and how many define rows.

    Agents that are only named beside another are on the roster, which is defined row by
    row.
    """
    interaction, agent, conversation, customer, defining = _highest(events)
    return int(interaction), int(agent), int(conversation), int(customer), int(defining)


def _replay_compiled(floor: Floor, events: Record) -> None:
    _replay_at(floor.address, events)


def _give_all_compiled(floor: Floor) -> None:
    _carry_out_at(floor.address)


def _wakeup_compiled(floor: Floor) -> int:
    return int(_wakeup_at(floor.address))


_PLAIN = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]
give: Callable[..., int] = order if _PLAIN else _give_compiled
give_all: Callable[[Floor], None] = carry_out if _PLAIN else _give_all_compiled
wakeup: Callable[[Floor], int] = next_wakeup if _PLAIN else _wakeup_compiled
replay: Callable[[Floor, Record], None] = apply_all if _PLAIN else _replay_compiled
conclude: Callable[..., int] = conclude_round
