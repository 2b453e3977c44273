"""Properties of the fold: it may be cut anywhere, and nothing is ever lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from router.measures import Entry, Measures, QueueTarget
from tests.measures.days import a_day
from tests.measures.make import ANN, BILLING, Day

SEEDS = st.integers(0, 10_000)


def measured(events):
    measures = Measures()
    measures.fold(events)
    return measures


@settings(deadline=None, max_examples=60)
@given(SEEDS, st.floats(0, 1))
def test_two_halves_put_together_are_the_whole(seed, share):
    events = a_day(seed).events()
    cut = int(share * len(events))

    first = measured(events[:cut])
    second = first.following()
    second.fold(events[cut:])

    assert measured(events) == first.then(second)
    assert first.account().waiting == second.account().carried
    assert second.account().balanced


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.integers(1, 20))
def test_it_does_not_matter_in_which_batches_events_come(seed, size):
    events = a_day(seed).events()
    in_batches = Measures()

    for start in range(0, len(events), size):
        in_batches.fold(events[start : start + size])

    assert measured(events) == in_batches


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_every_account_balances_in_every_queue_at_every_moment(seed):
    events = a_day(seed).events()
    measures = Measures()

    for position in range(len(events)):
        measures.fold(events[position : position + 1])

        unbalanced = [
            (pair, entry)
            for entry in Entry
            for pair, figures in measures.queues(entry).items()
            if not figures.account().balanced
        ]
        assert [] == unbalanced


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_histograms_hold_exactly_what_the_sums_say(seed):
    measures = measured(a_day(seed).events())

    for pair, figures in measures.queues(None).items():
        handles = measures.handles(*pair)
        assert (figures.handled, figures.handle_ms) == (handles.count, handles.sum_ms)
        assert figures.wrap_up_ms == measures.wrap_ups(*pair).sum_ms


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_agents_time_adds_up_to_the_day(seed):
    day = a_day(seed)
    measures = measured(day.events())
    end_ms = day.rows[-1]["at"]

    measures.close(end_ms)

    for agent in range(4):
        figures = measures.agent(agent)
        assert end_ms == figures.signed_in_ms + figures.offline_ms


def test_a_copy_stands_still():
    measures = measured(Day().arrive(0, 0).events())
    copy = measures.copy()

    measures.fold(Day().answer(5, 0, ANN).events())

    assert (0, 1) == (copy.queue().answered, measures.queue().answered)


def test_the_next_interval_knows_who_waits_but_counts_from_nothing():
    targets = {BILLING: QueueTarget(target_ms=60_000)}
    first = Measures(targets)
    first.fold(Day().arrive(0, 0).arrive(0, 1).answer(10, 0, ANN).events())

    second = first.following()
    second.fold(Day().answer(50, 1, ANN).events())

    account = second.account()
    assert (1, 0, 1, 0) == (
        account.carried,
        account.offered,
        account.answered,
        account.waiting,
    )
    assert 1 == second.queue(BILLING).within_target


def test_events_may_be_records_and_may_be_read_only():
    events = Day().arrive(0, 0).answer(5, 0, ANN).events()
    frozen = events.copy()
    frozen.flags.writeable = False

    assert measured(events) == measured(frozen)
    assert measured(events) == measured(events.view(type(events)))
