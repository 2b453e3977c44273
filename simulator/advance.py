"""The loop of virtual time: what comes next, who is told, until something outside of
compiled code has to be done.

Twin of the host's loop. At one instant the engine's own timers go first, then changes of
staffing, then what people do, then first arrivals.
"""

import numpy as np

from router.engine.decide import next_wakeup
from router.engine.eligibility import could_ever
from router.engine.floor import OUTBOX_MAX
from router.engine.kinds import Kind, Order, Reason
from router.engine.orders.arriving import NEW
from router.engine.tables import NEVER, NOBODY
from router.model.agent import Presence
from router.model.interaction import State
from simulator.agenda import schedule, strike
from simulator.compiled import compiled
from simulator.counting import count_answer, count_wrap_up, enter_interval
from simulator.finishing import finish, send_away
from simulator.giving import give, order
from simulator.people import come_again, give_up, gone, lost, reach_out
from simulator.scene import (
    ANSWERS,
    BACK,
    BREAK,
    COMES,
    DESKS,
    GOES,
    LEVEL,
    LOST,
    PERSONS,
    STAY,
    TALKS,
    WAITS,
    WRAPS,
)
from simulator.serving import (
    begin_service,
    come_back,
    drawn,
    find_again,
    gone_away,
    lose,
    pause_service,
    resume_service,
    set_level,
    sign_in,
    sign_out,
    take_break,
)
from simulator.streams import Purpose, chance, key_of

REACHED, EVENTS, ROUND, ROOM = 0, 1, 2, 3
"""Why the loop has stopped: the instant is reached, the outbox is half full, a joint round
is due, a table is nearly full."""
SPARE = 64
"""Rows that one step never needs more of."""


# ------------------------------------------------------------------ what the engine says


@compiled
def listen(floor, scene):
    """Tell people what the engine has stated since the last time."""
    clock = scene.clock[0]
    scratch = floor.scratch[0]
    while clock.scanned < scratch.events:
        event = floor.outbox[clock.scanned]
        clock.scanned += 1
        kind = event.kind
        i = event.interaction
        if kind == Kind.OFFER_ISSUED:
            _offered(scene, i, event.agent, event.offer, event.weight, event.at)
        elif kind == Kind.OFFER_ACCEPTED:
            count_answer(floor, scene, i, event.agent, event.other, event.at)
            begin_service(floor, scene, i, event.agent, event.at)
        elif kind == Kind.INTERACTION_COMPLETED:
            if scene.people[i].phase == TALKS:
                gone(scene, i)
        elif kind == Kind.WRAP_UP_STARTED:
            scene.people[i].phase = WRAPS
            scene.people[i].since = event.at
        elif kind == Kind.WRAP_UP_ENDED:
            count_wrap_up(scene, i, event.at)
            gone(scene, i)
        elif (
            kind == Kind.OFFER_EXPIRED
            or kind == Kind.OFFER_REVOKED
            or kind == Kind.OFFER_DECLINED
        ):
            strike(scene, ANSWERS, i)
            scene.people[i].offer = 0
        elif kind == Kind.INTERACTION_DEAD_LETTERED:
            if scene.people[i].phase == WAITS:
                lost(scene, i, event.at)
        elif kind == Kind.INTERACTION_INTERRUPTED:
            pause_service(floor, scene, i, event.agent, event.at)
        elif kind == Kind.INTERACTION_RESUMED:
            resume_service(floor, scene, i, event.agent, event.at)
        elif kind == Kind.AGENT_PRESENCE_CHANGED:
            if event.presence == Presence.AWAY:
                gone_away(
                    scene, event.agent, event.mode == Reason.MISSED_OFFER, event.at
                )
        elif kind == Kind.CUSTOMER_FORGOTTEN:
            _forget_customer(scene, event.customer)


@compiled
def _forget_customer(scene, row):
    if row < scene.customers_of_rows.shape[0]:
        known = scene.customers_of_rows[row]
        if known != NOBODY:
            scene.customer_rows[known] = NEW
            scene.customers_of_rows[row] = NOBODY


@compiled
def _offered(scene, i, a, offer, attempt, now):
    """An agent is asked: will they see it, want it, and when will they have answered?"""
    clock = scene.clock[0]
    person = scene.people[i]
    staff = scene.staff[scene.desks[a].staff]
    person.offer = offer
    which = (person.leg << 16) + attempt
    if staff.misses > 0.0 and chance(person.key, Purpose.MISSED, which) < staff.misses:
        return
    if staff.answer_delay < 0:
        if staff.declines == 0.0:
            if clock.prompts == scene.prompts.shape[0]:
                schedule(scene, ANSWERS, i, now)
                return
            prompt = scene.prompts[clock.prompts]
            clock.prompts += 1
            prompt.offer = offer
            prompt.agent = a
            prompt.interaction = i
            return
        schedule(scene, ANSWERS, i, now)
        return
    delay_ms = drawn(scene, staff.answer_delay, person.key, Purpose.ANSWER_DELAY, which)
    schedule(scene, ANSWERS, i, now + delay_ms)


@compiled
def _accept(floor, scene, a, offer, now):
    command = order(floor, Order.ACCEPT_OFFER, now)
    command.agent = a
    command.offer = offer
    give(floor, scene)


@compiled
def _answer(floor, scene, i, now):
    """The agent answers the offer: as a rule by accepting it."""
    interaction = floor.interactions[i]
    if interaction.state != State.OFFERED:
        return
    a = interaction.agent
    offer = interaction.offer
    person = scene.people[i]
    staff = scene.staff[scene.desks[a].staff]
    which = (person.leg << 16) + interaction.attempts
    if (
        staff.declines > 0.0
        and chance(person.key, Purpose.DECLINED, which) < staff.declines
    ):
        command = order(floor, Order.DECLINE_OFFER, now)
        command.agent = a
        command.offer = offer
        give(floor, scene)
        return
    _accept(floor, scene, a, offer, now)


# ------------------------------------------------------------------ what comes next


@compiled
def _duty(floor, scene, kind, subject, value, now):
    """Carry out a change of staffing; False where it has to go on later."""
    if kind == COMES:
        sign_in(floor, scene, subject, now)
    elif kind == GOES:
        sign_out(floor, scene, subject, now)
    elif kind == BREAK:
        take_break(floor, scene, subject, value, now)
    elif kind == LEVEL:
        if scene.staff[subject].staying:
            scene.staff[subject].staying = 0
            scene.clock[0].staying -= 1
        return set_level(floor, scene, subject, value, now)
    elif kind == STAY:
        if scene.staff[subject].staying == 0:
            scene.staff[subject].staying = 1
            scene.clock[0].staying += 1
    elif kind == LOST:
        lose(floor, scene, subject, now)
    elif kind == BACK:
        find_again(floor, scene, subject, now)
    return True


@compiled
def _stay_or_go(floor, scene, now):
    """Those who stay until nobody waits go when nobody waits whom they could serve."""
    clock = scene.clock[0]
    for s in range(scene.staff.shape[0]):
        if scene.staff[s].staying and not _awaited(floor, scene.staff[s].first_agent):
            if not set_level(floor, scene, s, 0, now):
                return
            scene.staff[s].staying = 0
            clock.staying -= 1


@compiled
def _awaited(floor, a):
    """Whether somebody waits whom this agent could serve."""
    lines = floor.house[0].open_lines
    position = 0
    while position < lines and not could_ever(floor, floor.open_lines[position], a):
        position += 1
    return position < lines


@compiled
def _deferred(scene, at):
    """While the router is down nothing is decided: it happens when it is back."""
    k = 0
    while k < scene.outages.shape[0]:
        outage = scene.outages[k]
        k += 1
        if outage.channel == 0 and outage.begins <= at < outage.until:
            at = outage.until
            k = 0
    return at


@compiled
def _room(floor, scene):
    """For how many more steps there is room for certain: no step takes more than four
    rows of any table.
    """
    clock = scene.clock[0]
    house = floor.house[0]
    taken = house.interactions - house.spare
    room = floor.interactions.shape[0] - taken
    room = min(room, scene.agenda.shape[0] - clock.agenda)
    room = min(room, scene.returns.shape[0] - clock.returns)
    customers = house.customers - house.spare_customers
    room = min(room, floor.customers.shape[0] - customers)
    conversations = house.conversations - house.spare_conversations
    room = min(room, floor.conversations.shape[0] - conversations)
    if clock.tracing:
        room = min(
            room, scene.trace.shape[0] - clock.traced - 2 * floor.agents.shape[0]
        )
    return (room - SPARE) // 4


@compiled
def _agenda(floor, scene, now):
    entry = scene.agenda[0]
    kind = entry.kind
    subject = entry.subject
    strike(scene, kind, subject)
    if kind == PERSONS:
        if scene.people[subject].phase == TALKS:
            finish(floor, scene, subject, now)
        elif scene.people[subject].phase == WAITS:
            give_up(floor, scene, subject, now)
    elif kind == ANSWERS:
        _answer(floor, scene, subject, now)
    elif kind == DESKS:
        come_back(floor, scene, subject, now)
    else:
        come_again(floor, scene, subject, now)


@compiled
def _prompt(floor, scene):
    """An offer that is accepted at the very instant, first come first served."""
    clock = scene.clock[0]
    prompt = scene.prompts[clock.next_prompt]
    clock.next_prompt += 1
    if clock.next_prompt == clock.prompts:
        clock.next_prompt = 0
        clock.prompts = 0
    _accept(floor, scene, prompt.agent, prompt.offer, clock.now)


@compiled
def advance(floor, scene, until):
    """Go on until everything before instant `until` has happened, or the loop has to
    stop; returns why.
    """
    clock = scene.clock[0]
    scratch = floor.scratch[0]
    outages = scene.outages.shape[0] > 0 and scene.outages[0].until > 0
    while True:
        listen(floor, scene)
        if scratch.round_due:
            return ROUND
        if scratch.events > OUTBOX_MAX // 2:
            return EVENTS
        clock.sure -= 1
        if clock.sure < 0:
            clock.sure = _room(floor, scene)
            if clock.sure < 0:
                return ROOM
        if clock.prompts > 0:
            _prompt(floor, scene)
            continue
        if clock.staying > 0:
            _stay_or_go(floor, scene, clock.now)
            if scratch.events > clock.scanned:
                continue
        if (
            clock.sends_away
            and floor.house[0].signed_in == 0
            and floor.house[0].waiting > 0
        ):
            send_away(floor, scene, clock.now)
            continue
        timer = next_wakeup(floor)
        duty = NEVER
        if clock.next_duty < clock.duties:
            duty = scene.duties[clock.next_duty].at
        person = NEVER
        if clock.agenda > 0:
            person = scene.agenda[0].at
        arrival = NEVER
        if clock.next_arrival < clock.arrivals:
            arrival = scene.arrivals[clock.next_arrival].at
        at = min(min(timer, duty), min(person, arrival))
        if at >= until:
            clock.now = max(clock.now, min(until, NEVER - 1))
            return REACHED
        now = max(at, clock.now)
        if outages:
            now = _deferred(scene, now)
            if now >= until:
                clock.now = max(clock.now, until)
                return REACHED
        clock.now = now
        if now >= clock.interval_ends:
            enter_interval(scene, now)
        if timer == at:
            order(floor, Order.TICK, now)
            give(floor, scene)
        elif duty == at:
            row = scene.duties[clock.next_duty]
            if _duty(floor, scene, row.kind, row.subject, row.value, now):
                clock.next_duty += 1
        elif person == at:
            _agenda(floor, scene, now)
        else:
            row = scene.arrivals[clock.next_arrival]
            clock.next_arrival += 1
            s = row.stream
            key = key_of(clock.run, s, row.number)
            customer = NOBODY
            stream = scene.streams[s]
            if stream.customers > 0:
                place = np.int64(chance(key, Purpose.CUSTOMER, 0) * stream.customers)
                customer = stream.customers_first + min(place, stream.customers - 1)
            reach_out(floor, scene, key, s, 0, customer, 0, 0, 0, row.handle_ms,
                      row.patience_ms, row.content, now)  # fmt: skip
