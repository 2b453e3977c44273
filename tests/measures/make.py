"""Events for the tests of measures: a floor's day told in one line each."""

import numpy as np

from router.engine.kinds import Kind, Reason
from router.engine.tables import EVENT, NOBODY, REFERENCES
from router.model.agent import Link, Presence
from router.model.channel import Channel

BILLING, SALES = 0, 1
ANN, BOB = 0, 1
VOICE = int(Channel.VOICE)
CHAT = int(Channel.CHAT)


class Day:
    """Collects events. Times are given in seconds; each method is one fact, and returns
    the day.
    """

    def __init__(self):
        self.rows = []
        self.place = {}

    def events(self):
        events = np.zeros(len(self.rows), EVENT)
        for name in REFERENCES:
            events[name] = NOBODY
        for event, row in zip(events, self.rows, strict=True):
            for name, value in row.items():
                event[name] = value
        return events

    def fact(self, at, kind, interaction=NOBODY, agent=NOBODY, **more):
        if interaction != NOBODY:
            queue, channel = self.place.get(interaction, (BILLING, VOICE))
            more = {"queue": queue, "channel": channel, **more}
            self.place[interaction] = more["queue"], more["channel"]
        self.rows.append(
            {"at": round(at * 1000), "kind": kind, "interaction": interaction}
            | {"agent": agent, **more}
        )
        return self

    def sign_in(self, at, agent, link=Link.GATEWAY):
        return self.fact(
            at,
            Kind.AGENT_SIGNED_IN,
            agent=agent,
            mode=link,
            presence=Presence.AVAILABLE,
        )

    def presence(self, at, agent, presence):
        return self.fact(
            at, Kind.AGENT_PRESENCE_CHANGED, agent=agent, presence=presence
        )

    def arrive(self, at, interaction, queue=BILLING, channel=VOICE, reason=Reason.NONE):
        self.place[interaction] = queue, channel
        return self.fact(at, Kind.INTERACTION_ENQUEUED, interaction, reason=reason)

    def offer(self, at, interaction, agent):
        return self.fact(at, Kind.OFFER_ISSUED, interaction, agent)

    def accept(self, at, interaction, agent):
        return self.fact(at, Kind.OFFER_ACCEPTED, interaction, agent)

    def answer(self, at, interaction, agent):
        return self.offer(at, interaction, agent).accept(at, interaction, agent)

    def decline(self, at, interaction, agent):
        return self.fact(at, Kind.OFFER_DECLINED, interaction, agent)

    def expire(self, at, interaction, agent):
        return self.fact(at, Kind.OFFER_EXPIRED, interaction, agent)

    def revoke(self, at, interaction, agent):
        return self.fact(at, Kind.OFFER_REVOKED, interaction, agent)

    def abandon(self, at, interaction, *, ringing=False):
        return self.fact(at, Kind.INTERACTION_ABANDONED, interaction, mode=int(ringing))

    def cancel(self, at, interaction):
        return self.fact(at, Kind.INTERACTION_CANCELLED, interaction)

    def dead_letter(self, at, interaction):
        return self.fact(at, Kind.INTERACTION_DEAD_LETTERED, interaction)

    def complete(self, at, interaction, agent):
        return self.fact(at, Kind.INTERACTION_COMPLETED, interaction, agent)

    def wrap_up(self, at, interaction, agent):
        return self.fact(at, Kind.WRAP_UP_STARTED, interaction, agent)

    def end_wrap_up(self, at, interaction, agent):
        return self.fact(at, Kind.WRAP_UP_ENDED, interaction, agent)

    def transfer(self, at, interaction, agent, queue):
        return self.fact(
            at, Kind.INTERACTION_TRANSFERRED, interaction, agent, queue=queue
        )

    def requeue(self, at, interaction, agent=NOBODY):
        return self.fact(at, Kind.INTERACTION_REQUEUED, interaction, agent)

    def overflow(self, at, interaction, queue):
        left = self.place[interaction][0]
        return self.fact(
            at, Kind.INTERACTION_OVERFLOWED, interaction, queue=queue, other=left
        )

    def forget(self, at, interaction):
        return self.fact(at, Kind.INTERACTION_FORGOTTEN, interaction)
