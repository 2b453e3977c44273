"""Agents as persons: how long they take, how several at once slow them down, when they
leave and come back. Compiled.
"""

import numpy as np

from router.engine.kinds import Order
from router.engine.tables import NOBODY
from router.model.agent import Link, Presence
from router.model.interaction import State
from simulator.agenda import schedule, strike
from simulator.compiled import compiled
from simulator.distributions import NEVER_MS, NOTHING, drawn_ms
from simulator.giving import give, much_to_tell, order
from simulator.scene import DESKS, PERSONS, TALKS
from simulator.streams import Purpose, chance, draw_of


@compiled
def drawn(scene, row, key, purpose, which):
    """A random time of a table row, in whole milliseconds."""
    return np.int64(
        min(
            NEVER_MS,
            drawn_ms(scene.times, scene.samples, row, draw_of(key, purpose, which))
            + 0.5,
        )
    )


@compiled
def begin_service(floor, scene, i, a, now):
    """The agent and the customer are at it; how long it will take is known from here."""
    person = scene.people[i]
    desk = scene.desks[a]
    staff = scene.staff[desk.staff]
    person.staff = desk.staff
    person.answered_at = now
    person.phase = TALKS
    row = scene.handles[person.stream * scene.staff.shape[0] + desk.staff]
    if person.recorded_handle >= 0 and person.leg == 0:
        handle_ms = np.float64(person.recorded_handle)
    else:
        which = (person.leg << 16) + person.handle_draw
        draw = draw_of(person.key, Purpose.HANDLE, which)
        handle_ms = drawn_ms(scene.times, scene.samples, row, draw)
    person.left_ms = min(NEVER_MS, handle_ms * staff.handle_factor)
    resume_service(floor, scene, i, a, now)


@compiled
def resume_service(floor, scene, i, a, now):
    """What is left of it is worked off from here on."""
    person = scene.people[i]
    person.since = now
    person.paused = 0
    person.factor = 1.0
    if scene.streams[person.stream].slowed != NOTHING:
        change_pace(floor, scene, a, scene.streams[person.stream].slowed, 1, now)
    else:
        schedule(scene, PERSONS, i, now + np.int64(person.left_ms + 0.5))


@compiled
def _work_off(person, now):
    """Less is left by now, at the pace that held."""
    person.left_ms = max(0.0, person.left_ms - (now - person.since) / person.factor)
    person.since = now


@compiled
def change_pace(floor, scene, a, group, more, now):
    """One more or less of a slowed group at this agent: all of them go at another pace."""
    desk = scene.desks[a]
    desk.slowed += more
    slow = scene.slow[group]
    factor = slow.factor[max(0, min(desk.slowed, slow.factors) - 1)]
    work = floor.agents[a].first_work
    while work != NOBODY:
        interaction = floor.interactions[work]
        person = scene.people[work]
        if (
            interaction.state == State.ACTIVE
            and person.phase == TALKS
            and person.paused == 0
            and scene.streams[person.stream].slowed == group
        ):
            _work_off(person, now)
            person.factor = factor
            left_ms = min(NEVER_MS, person.left_ms * factor + 0.5)
            schedule(scene, PERSONS, work, now + np.int64(left_ms))
        work = interaction.next_work


@compiled
def end_service(floor, scene, i, a, now):
    """The service is over, or set aside: whatever else the agent has goes faster."""
    group = scene.streams[scene.people[i].stream].slowed
    if group != NOTHING:
        change_pace(floor, scene, a, group, -1, now)


@compiled
def pause_service(floor, scene, i, a, now):
    """Set aside for work that does not wait."""
    person = scene.people[i]
    _work_off(person, now)
    person.paused = 1
    strike(scene, PERSONS, i)
    end_service(floor, scene, i, a, now)


# ------------------------------------------------------------------ coming and going


@compiled
def ask_presence(floor, scene, a, presence, now):
    """Ask for a presence that begins when the work at hand is done."""
    command = order(floor, Order.SET_PRESENCE, now)
    command.agent = a
    command.presence = presence
    command.count = 1
    return give(floor, scene)


@compiled
def sign_in(floor, scene, a, now):
    desk = scene.desks[a]
    desk.on_duty = 1
    desk.leaves = 0
    strike(scene, DESKS, a)
    if desk.may_be_lost:
        _connect(floor, scene, a, now)
    command = order(floor, Order.SIGN_IN, now)
    command.agent = a
    command.presence = Presence.AVAILABLE
    command.link = Link.STREAM if desk.may_be_lost else Link.GATEWAY
    give(floor, scene)


@compiled
def _connect(floor, scene, a, now):
    scene.desks[a].session += 1
    command = order(floor, Order.CONNECT, now)
    command.agent = a
    command.session = scene.desks[a].session
    give(floor, scene)


@compiled
def lose(floor, scene, a, now):
    """The agent vanishes in mid-work; what is at hand goes on, nothing new is offered."""
    if floor.agents[a].signed_in:
        command = order(floor, Order.DISCONNECT, now)
        command.agent = a
        command.session = scene.desks[a].session
        give(floor, scene)


@compiled
def find_again(floor, scene, a, now):
    if floor.agents[a].signed_in:
        _connect(floor, scene, a, now)
    elif scene.desks[a].on_duty:
        sign_in(floor, scene, a, now)


@compiled
def sign_out(floor, scene, a, now):
    """Whoever has nothing in hand goes at once, everybody else when they are done."""
    desk = scene.desks[a]
    desk.on_duty = 0
    desk.leaves = 1
    strike(scene, DESKS, a)
    ask_presence(floor, scene, a, Presence.OFFLINE, now)


@compiled
def before_the_end(floor, scene, i, a, now):
    """Just before an interaction ends: does its agent leave now, or rest for a while?"""
    desk = scene.desks[a]
    staff = scene.staff[desk.staff]
    person = scene.people[i]
    if desk.leaves or person.asked:
        return
    person.asked = 1
    desk.served += 1
    if staff.surplus > 0 and desk.on_duty:
        staff.surplus -= 1
        staff.present -= 1
        sign_out(floor, scene, a, now)
        return
    if staff.not_ready > 0.0 and floor.agents[a].requested < 0:
        # Whoever is to have a break has that one.
        if chance(person.key, Purpose.NOT_READY, person.leg) < staff.not_ready:
            desk.away_ms = drawn(
                scene,
                staff.not_ready_time,
                person.key,
                Purpose.NOT_READY_TIME,
                person.leg,
            )
            ask_presence(floor, scene, a, Presence.AWAY, now)


@compiled
def take_break(floor, scene, a, lasts_ms, now):
    """A break begins when the work at hand is done, and lasts as long as it is meant to."""
    desk = scene.desks[a]
    if desk.on_duty == 0:
        return
    if floor.agents[a].presence == Presence.AWAY:
        until = now + lasts_ms
        if desk.position != NOBODY:
            until = max(until, scene.agenda[desk.position].at)
        schedule(scene, DESKS, a, until)
        return
    desk.away_ms = lasts_ms
    ask_presence(floor, scene, a, Presence.AWAY, now)


@compiled
def gone_away(scene, a, missed, now):
    """The agent is away from now on."""
    desk = scene.desks[a]
    if desk.on_duty == 0:
        return
    lasts_ms = desk.away_ms
    if missed:
        staff = scene.staff[desk.staff]
        lasts_ms = np.int64(60_000)
        if staff.back_after != NOTHING:
            key = scene.clock[0].run + np.uint64(a)
            lasts_ms = drawn(
                scene, staff.back_after, key, Purpose.BACK_AFTER, desk.served
            )
    desk.served += 1
    schedule(scene, DESKS, a, now + lasts_ms)


@compiled
def come_back(floor, scene, a, now):
    if scene.desks[a].on_duty == 0 or floor.agents[a].signed_in == 0:
        return
    command = order(floor, Order.SET_PRESENCE, now)
    command.agent = a
    command.presence = Presence.AVAILABLE
    give(floor, scene)


@compiled
def set_level(floor, scene, s, wanted, now):
    """So many of the entry are to be on duty. Who has nothing in hand goes first, then who
    is wrapping up, then whoever is done first. Who is still finishing stays on when more
    are wanted again. Returns False where there is much to tell before it can go on.
    """
    staff = scene.staff[s]
    kept = min(staff.surplus, max(0, wanted - (staff.present - staff.surplus)))
    staff.surplus -= kept
    more = wanted - (staff.present - staff.surplus)
    if more > 0:
        for a in range(staff.first_agent, staff.first_agent + staff.agents):
            if more == 0:
                break
            if scene.desks[a].on_duty == 0:
                if much_to_tell(floor):
                    return False
                sign_in(floor, scene, a, now)
                staff.present += 1
                more -= 1
        return True
    fewer = -more
    for wrapping in range(2):
        a = staff.first_agent + staff.agents - 1
        while fewer > 0 and a >= staff.first_agent:
            if scene.desks[a].on_duty and _may_go(floor, a, wrapping):
                if much_to_tell(floor):
                    return False
                staff.present -= 1
                sign_out(floor, scene, a, now)
                fewer -= 1
            a -= 1
    staff.surplus += fewer
    return True


@compiled
def _may_go(floor, a, wrapping):
    """Whether the agent has nothing in hand; with `wrapping`, nothing but wrap-ups."""
    agent = floor.agents[a]
    if agent.open_offers > 0:
        return False
    if wrapping == 0:
        return agent.live == 0
    work = agent.first_work
    while work != NOBODY:
        if floor.interactions[work].state != State.WRAPPING:
            return False
        work = floor.interactions[work].next_work
    return True
