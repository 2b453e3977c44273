"""Groups of events for the journal's tests."""

import random

import numpy as np

from router.engine.tables import EVENT, NOBODY, REFERENCES
from router.journal.codec import encode
from router.journal.group import Document, Group, Name, Outcome

A_MOMENT = 1_764_000_000_000


def some_events(count, *, draw=None):
    """Events as a busy floor makes them: some columns full, some empty."""
    draw = draw or random.Random(count)
    events = np.zeros(count, EVENT)
    for name in REFERENCES:
        events[name] = NOBODY
    for position in range(count):
        events[position]["at"] = A_MOMENT + 7 * position + draw.randrange(5)
        events[position]["kind"] = draw.randrange(1, 20)
        events[position]["interaction"] = draw.randrange(100_000)
        events[position]["agent"] = draw.choice([NOBODY, draw.randrange(10_000)])
        events[position]["queue"] = draw.randrange(20)
        events[position]["offer"] = draw.randrange(1_000_000)
        events[position]["until"] = A_MOMENT + draw.randrange(100_000)
        events[position]["score"] = draw.randrange(-1_000_000, 1_000_000)
    return events


def a_group(first_sequence=1, count=3, *, draw=None, **more):
    return Group(first_sequence, some_events(count, draw=draw), **more)


def a_full_group():
    return a_group(
        41,
        5,
        names=[Name(1, 7, "çağrı-7"), Name(2, 0, "Ελένη"), Name(1, 3, "")],
        outcomes=[
            Outcome(
                principal="gateway-1",
                method="EnqueueInteraction",
                request_id="018f",
                request_hash=bytes(range(16)),
                result=7,
                sequence=43,
                at=A_MOMENT,
            ),
            Outcome(
                principal="gateway-1",
                method="AcceptOffer",
                request_id="018g",
                request_hash=b"",
                code=9,
                reason="OFFER_GONE",
                message="the offer is no longer open",
            ),
        ],
        payload=bytes(range(256)) * 3,
        documents=[Document("policy", "bank", "queues:\n  κάρτες: {}\n")],
    )


def batches(groups, *, seed=1):
    """Blobs that follow one another: (blob, first sequence, count)."""
    draw = random.Random(seed)
    first = 1
    for _ in range(groups):
        count = draw.randrange(1, 9)
        yield encode(a_group(first, count, draw=draw)), first, count
        first += count


def filled(journal, groups, *, seed=1):
    """Opens a journal, appends groups and returns the head after each of them."""
    journal.open("router-1")
    return [journal.append(*batch) for batch in batches(groups, seed=seed)]
