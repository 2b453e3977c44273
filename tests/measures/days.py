"""Random days that a floor could really have had, for the properties of the fold."""

import random

from router.model.agent import Presence
from tests.measures.make import BILLING, CHAT, SALES, VOICE, Day

AGENTS = 4


def a_day(seed, steps=120):
    """Facts in an order the lifecycle allows, chosen at random."""
    draw = random.Random(seed)
    day, at = Day(), 0.0
    states, holders, free = {}, {}, []
    for agent in range(AGENTS):
        day.sign_in(0, agent)
    for _ in range(steps):
        at += draw.choice((0, 0.5, 3, 20, 90))
        known = [row for row, state in states.items() if state != "gone"]
        if not known or draw.random() < 0.3:
            row = free.pop() if free and draw.random() < 0.5 else len(states)
            day.arrive(
                at, row, draw.choice((BILLING, SALES)), draw.choice((VOICE, CHAT))
            )
            states[row] = "waiting"
            continue
        row = draw.choice(known)
        _go_on(draw, day, at, row, states, holders)
        if states[row] == "gone":
            free.append(row)
        if draw.random() < 0.05:
            presence = draw.choice((Presence.AWAY, Presence.AVAILABLE))
            day.presence(at, draw.randrange(AGENTS), presence)
    return day


def _go_on(draw, day, at, row, states, holders):
    agent = holders.get(row)
    if states[row] == "waiting":
        what = draw.choice(("offer",) * 4 + ("abandon", "cancel", "dead", "overflow"))
        if what == "offer":
            holders[row] = draw.randrange(AGENTS)
            day.offer(at, row, holders[row])
            states[row] = "offered"
        elif what == "overflow":
            day.overflow(at, row, draw.choice((BILLING, SALES)))
        else:
            end = {
                "abandon": day.abandon,
                "cancel": day.cancel,
                "dead": day.dead_letter,
            }
            end[what](at, row)
            states[row] = "dead" if what == "dead" else "ended"
    elif states[row] == "offered":
        what = draw.choice(
            (day.accept, day.accept, day.decline, day.expire, day.revoke)
        )
        what(at, row, agent)
        states[row] = "active" if what == day.accept else "waiting"
    elif states[row] == "active":
        what = draw.choice(("wrap_up", "wrap_up", "complete", "transfer", "requeue"))
        if what == "transfer":
            day.transfer(at, row, agent, draw.choice((BILLING, SALES)))
        else:
            getattr(day, what)(at, row, agent)
        after = {"wrap_up": "wrapping", "complete": "ended"}
        states[row] = after.get(what, "waiting")
    elif states[row] == "wrapping":
        day.end_wrap_up(at, row, agent)
        states[row] = "ended"
    elif states[row] == "dead" and draw.random() < 0.5:
        day.requeue(at, row)
        states[row] = "waiting"
    else:
        day.forget(at, row)
        states[row] = "gone"
