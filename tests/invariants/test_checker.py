"""The test of the test: whatever is wrong in a journal, the checker finds it.

A sound stream of random traffic is read from a journal's groups and found sound. Then
one thing at a time is made wrong in it, as a bug of the engine or of a store would, and
the checker has to name the invariant that is broken.
"""

import numpy as np
import pytest

from router.engine.engine import Engine
from router.engine.kinds import Kind, Table
from router.engine.tables import CHANNEL_RULES, EVENT, QUEUE_RULES, RULES, STEP
from router.journal.checker import JournalChecker, check
from router.journal.codec import decode, encode
from router.journal.group import Group
from router.journal.second_floor import Fact
from router.model.interaction import State
from tests.invariants.traffic import Traffic, stream

STEPS = 2_500


@pytest.fixture(scope="module")
def sound():
    return stream(12, STEPS)


def all_events(batches):
    return np.concatenate([batch.events for batch in batches])


class Forger:
    """Edits a copy of a stream, kept as one group with all payloads together."""

    def __init__(self, batches):
        self.payload = b""
        parts = []
        for batch in batches:
            events = np.array(batch.events)
            events["value"][events["kind"] == Kind.ROW_DEFINED] += len(self.payload)
            self.payload += batch.payload
            parts.append(events)
        self.events = np.concatenate(parts)
        self.first_sequence = 1

    def places(self, *kinds):
        return np.flatnonzero(np.isin(self.events["kind"], kinds))

    def last(self, *kinds):
        """The place of such an event in the second half, when the day is in full swing."""
        return int(self.places(*kinds)[len(self.places(*kinds)) // 2])

    def drop(self, place):
        self.events = np.delete(self.events, place)

    def again(self, place, after=1):
        self.events = np.insert(self.events, place + after, self.events[place])

    def rewrite(self, table, shape, field, value):
        """Change a field in every row of a definition table."""
        payload = bytearray(self.payload)
        for place in self.places(Kind.ROW_DEFINED):
            event = self.events[place]
            if event["mode"] == table:
                record = np.frombuffer(payload, shape, 1, int(event["value"]))
                record[field] = value
        self.payload = bytes(payload)

    def found(self):
        return {violation.invariant for violation in check([self], late_ms=0)}


def accepted_twice(f):
    f.again(f.last(Kind.OFFER_ACCEPTED))


def accepted_by_another(f):
    f.events[f.last(Kind.OFFER_ACCEPTED)]["agent"] += 1


def accepted_another_offer(f):
    f.events[f.last(Kind.OFFER_ACCEPTED)]["offer"] -= 1


def accepted_too_late(f):
    place = f.last(Kind.OFFER_ACCEPTED)
    f.events["at"][place:] += 5 * 60_000


def offered_while_it_rings(f):
    f.again(f.last(Kind.OFFER_ISSUED))


def offer_without_an_end(f):
    f.drop(f.last(Kind.OFFER_DECLINED))


def offer_number_reused(f):
    f.events[f.last(Kind.OFFER_ISSUED)]["offer"] = 1


def attempts_miscounted(f):
    f.events[f.last(Kind.OFFER_ISSUED)]["weight"] += 1


def expired_early(f):
    place = f.last(Kind.OFFER_EXPIRED)
    f.events = np.insert(f.events, f.last(Kind.OFFER_ISSUED) + 1, f.events[place])
    issued, forged = f.events[f.last(Kind.OFFER_ISSUED)], f.last(Kind.OFFER_ISSUED) + 1
    for name in (
        "at",
        "interaction",
        "agent",
        "offer",
        "queue",
        "line",
        "step",
        "channel",
    ):
        f.events[forged][name] = issued[name]


def expired_twice(f):
    f.again(f.last(Kind.OFFER_EXPIRED))


def expiry_never_came(f):
    f.drop(f.last(Kind.OFFER_EXPIRED))


def wrapped_up_twice(f):
    f.again(f.last(Kind.WRAP_UP_ENDED))


def ended_twice(f):
    f.again(f.last(Kind.INTERACTION_ABANDONED))


def ended_while_it_rings(f):
    place = f.last(Kind.OFFER_REVOKED)
    f.drop(place)


def arrived_twice(f):
    f.again(f.last(Kind.INTERACTION_ENQUEUED))


def forgotten_alive(f):
    place = f.last(Kind.OFFER_ACCEPTED)
    forged = f.events[f.last(Kind.INTERACTION_FORGOTTEN)].copy()
    forged["interaction"] = f.events[place]["interaction"]
    forged["at"] = f.events[place]["at"]
    f.events = np.insert(f.events, place + 1, forged)


def lost_after_arrival(f):
    f.drop(f.last(Kind.INTERACTION_ENQUEUED))


def age_lost_on_return(f):
    for place in f.places(Kind.INTERACTION_TRANSFERRED, Kind.INTERACTION_REQUEUED):
        f.events[place]["since"] = f.events[place]["at"]


def spell_of_waiting_forged(f):
    f.events[f.last(Kind.OFFER_ISSUED)]["since"] += 1


def the_younger_goes_first(f):
    """Somebody a moment older stood in the same line, and is passed over."""
    for place in f.places(Kind.OFFER_ISSUED)[40:]:
        issued = f.events[place]
        arrivals = f.places(Kind.INTERACTION_ENQUEUED)
        of_it = f.events["interaction"][arrivals] == issued["interaction"]
        arrived = int(arrivals[of_it & (arrivals < place)][-1])
        elder = f.events[arrived].copy()
        same = [elder[name] == issued[name] for name in ("line", "step")]
        if all(same) and issued["weight"] == 1 and elder["other"] == -1:
            elder["interaction"], elder["since"] = 900, elder["since"] - 1
            f.events = np.insert(f.events, arrived, elder)
            return


def capacity_overrun(f):
    f.rewrite(Table.CHANNEL_RULES, CHANNEL_RULES, "weight", 4)
    f.events["weight"][f.places(Kind.INTERACTION_ENQUEUED)] = 4


def exclusive_forgotten(f):
    f.rewrite(Table.CHANNEL_RULES, CHANNEL_RULES, "exclusive", 1)


def one_offer_at_a_time_forgotten(f):
    f.rewrite(Table.RULES, RULES, "open_per_agent", 0)


def sequence_gap(f):
    f.first_sequence = 2


def time_falls(f):
    f.events[f.last(Kind.OFFER_ISSUED)]["at"] -= 60_000


def out_of_order(f):
    place = f.last(Kind.OFFER_ACCEPTED)
    issued = [
        int(k)
        for k in f.places(Kind.OFFER_ISSUED)
        if f.events[k]["offer"] == f.events[place]["offer"]
    ]
    f.events[[place, issued[0]]] = f.events[[issued[0], place]]
    f.events["at"].sort()


def deadline_missing(f):
    f.events["until"][f.places(Kind.WRAP_UP_STARTED)] = 0


def rung_skipped_early(f):
    f.rewrite(Table.STEP, STEP, "after_ms", 60_000_000)


def rested_pair_offered_again(f):
    f.events["until"][f.places(Kind.OFFER_DECLINED, Kind.OFFER_EXPIRED)] += 600_000
    f.events = f.events[f.events["kind"] != Kind.COOL_DOWN_ENDED]


def excluded_agent_offered(f):
    for place in f.places(Kind.OFFER_ISSUED)[::-1]:
        forged = f.events[place].copy()
        forged["kind"], forged["other"] = Kind.AGENT_EXCLUDED, forged["agent"]
        forged["agent"], forged["offer"] = -1, 0
        f.events = np.insert(f.events, place, forged)
        return


def offered_to_somebody_away(f):
    f.events["presence"][f.places(Kind.AGENT_SIGNED_IN)] = 2


def other_rules_used(f):
    f.rewrite(Table.QUEUE_RULES, QUEUE_RULES, "offer_timeout_ms", 60_000)


def policy_version_skipped(f):
    f.events["value"][f.places(Kind.POLICY_PUBLISHED)] += 1


def half_a_policy_decides(f):
    f.drop(f.last(Kind.POLICY_PUBLISHED))


def loss_miscounted(f):
    f.events["count"][f.places(Kind.AGENT_LOST)] += 1


def in_two_places(f):
    f.events[f.last(Kind.OFFER_ACCEPTED)]["line"] += 1


def set_aside_twice(f):
    f.again(f.last(Kind.INTERACTION_INTERRUPTED))


def version_skipped(f):
    f.events["context"][f.last(Kind.CONTEXT_APPENDED)] += 1


def appended_twice(f):
    f.again(f.last(Kind.CONTEXT_APPENDED))


def appended_after_an_erasure(f):
    place = f.last(Kind.CONTEXT_APPENDED)
    forged = f.events[place].copy()
    forged["kind"], forged["conversation"] = Kind.ERASURE_REQUESTED, -1
    forged["context"] = forged["mode"] = forged["value"] = 0
    f.events = np.insert(f.events, place, forged)


def successor_lost(f):
    f.events["other"][f.last(Kind.INTERACTION_HANDED_OFF)] = 100_000


def handed_off_twice(f):
    f.again(f.last(Kind.INTERACTION_HANDED_OFF))


def age_lost_by_a_handoff(f):
    place = f.last(Kind.INTERACTION_HANDED_OFF)
    for k in f.places(Kind.INTERACTION_ENQUEUED)[::-1]:
        if k < place and f.events[k]["interaction"] == f.events[place]["other"]:
            f.events[k]["since"] += 1
            return


def handed_off_to_another_customer(f):
    place = f.last(Kind.INTERACTION_HANDED_OFF)
    for k in f.places(Kind.INTERACTION_ENQUEUED)[::-1]:
        if k < place and f.events[k]["interaction"] == f.events[place]["other"]:
            f.events[k]["conversation"] = 7_777
            return


def company_parts_in_silence(f):
    f.events = f.events[f.events["kind"] != Kind.COMPANION_OPENED]


def ownership_taken_from_nobody(f):
    f.events["other"][f.places(Kind.OWNERSHIP_TAKEN)] = -1


def held_back_against_the_sum(f):
    places = f.places(Kind.HOLD_BACK_WEIGHED)
    f.events["score"][places] = 10**9


def claim_stronger_than_it_is(f):
    f.events["count"][f.places(Kind.HOLD_BACK_WEIGHED)] += 1


def due_early(f):
    for k in f.places(Kind.INTERACTION_ENQUEUED):
        if f.events[k]["not_before"]:
            f.events[k]["not_before"] += 1


def unmerged_and_was_not_merged(f):
    f.again(f.last(Kind.CUSTOMERS_UNMERGED))


def unknown_kind(f):
    f.events[f.last(Kind.OFFER_ISSUED)]["kind"] = 99


DEFECTS = [
    (accepted_twice, "I1"),
    (accepted_by_another, "I1"),
    (accepted_another_offer, "I1"),
    (accepted_too_late, "I9"),
    (offered_while_it_rings, "I5"),
    (offer_without_an_end, "I5"),
    (offer_number_reused, "I8"),
    (attempts_miscounted, "I8"),
    (expired_early, "I9"),
    (expired_twice, "I9"),
    (expiry_never_came, "I9"),
    (wrapped_up_twice, "I9"),
    (ended_twice, "I5"),
    (ended_while_it_rings, "I5"),
    (arrived_twice, "I5"),
    (forgotten_alive, "I5"),
    (lost_after_arrival, "I5"),
    (age_lost_on_return, "I4"),
    (spell_of_waiting_forged, "I4"),
    (the_younger_goes_first, "I4"),
    (capacity_overrun, "I3"),
    (exclusive_forgotten, "I3"),
    (one_offer_at_a_time_forgotten, "I1"),
    (sequence_gap, "I2"),
    (time_falls, "I2"),
    (out_of_order, "I5"),
    (deadline_missing, "I6"),
    (rung_skipped_early, "I9"),
    (rested_pair_offered_again, "I7"),
    (excluded_agent_offered, "I7"),
    (offered_to_somebody_away, "I7"),
    (other_rules_used, "I17"),
    (policy_version_skipped, "I17"),
    (half_a_policy_decides, "I17"),
    (loss_miscounted, "I8"),
    (in_two_places, "I5"),
    (set_aside_twice, "I5"),
    (version_skipped, "I10"),
    (appended_twice, "I10"),
    (appended_after_an_erasure, "I11"),
    (successor_lost, "I5"),
    (handed_off_twice, "I5"),
    (age_lost_by_a_handoff, "I4"),
    (handed_off_to_another_customer, "I16"),
    (company_parts_in_silence, "I7"),
    (ownership_taken_from_nobody, "I8"),
    (held_back_against_the_sum, "I8"),
    (claim_stronger_than_it_is, "I8"),
    (due_early, "I9"),
    (unmerged_and_was_not_merged, "I5"),
    (unknown_kind, "I5"),
]


def test_events_are_read_by_the_names_of_their_fields():
    assert EVENT.names == Fact._fields


def test_a_sound_stream_breaks_no_promise(sound):
    assert [] == check(sound, late_ms=0)
    assert set() == Forger(sound).found()


def test_what_a_journal_gives_back_is_judged_alike(sound):
    groups = [
        decode(encode(Group(b.first_sequence, b.events, b.names, payload=b.payload)))
        for b in sound
    ]

    assert [] == check(groups, late_ms=0)


def test_the_stream_holds_every_kind_that_a_defect_needs(sound):
    happened = {Kind(kind).name for kind in all_events(sound)["kind"].tolist()}

    unseen = {kind.name for kind in Kind} - happened
    assert {"NONE", "REQUEST_ANSWERED", "ROUTER_STARTED"} >= unseen


@pytest.mark.parametrize(
    ("spoil", "invariant"), DEFECTS, ids=lambda v: getattr(v, "__name__", v)
)
def test_a_planted_defect_is_found(sound, spoil, invariant):
    forger = Forger(sound)

    spoil(forger)

    assert invariant in forger.found()


def test_a_missing_group_is_found(sound):
    (first, *_) = check([*sound[:50], *sound[51:]])

    assert "I2" == first.invariant


def test_a_floor_that_has_drifted_is_found(sound):
    checker, engine = JournalChecker(), Engine()
    for batch in sound:
        checker.take(batch)
        engine.replay(batch)
    assert [] == checker.against(engine.floor)
    held = next(
        x for x in checker.floor.interactions.values() if x.state == State.QUEUED
    )

    engine.floor.agents["load"][1] += 1
    engine.floor.interactions["attempts"][held.row] += 1

    told = [violation.what for violation in checker.against(engine.floor)]
    assert 2 == len(told)
    assert "attempts" in told[0]
    assert "agent 1: load" in told[1]


def test_a_violation_says_where_and_what(sound):
    forger = Forger(sound)
    place = forger.last(Kind.OFFER_ACCEPTED)
    accepted_twice(forger)

    first = check([forger], late_ms=0)[0]

    assert (place + 2, "I1") == (first.sequence, first.invariant)
    assert first.what.startswith("OFFER_ACCEPTED cannot meet interaction")


def test_the_same_seed_is_the_same_traffic():
    one, other = (all_events(stream(3, 200)) for _ in range(2))

    assert one.tobytes() == other.tobytes()


@pytest.mark.slow
def test_a_long_random_day_keeps_every_promise():
    traffic = Traffic(11, follow=False, keep=False)

    traffic.go_on(4_000, look_every=100)

    assert [] == traffic.world.checker.finish()
