"""Queues' figures, each computed by hand from a day told in a few lines."""

import pytest

from router.engine.kinds import Kind, Reason
from router.measures import Entry, Measures, Outcome, QueueTarget
from router.model.service_level import Definition
from tests.measures.make import ANN, BILLING, BOB, CHAT, SALES, VOICE, Day

IN_TIME = {BILLING: QueueTarget(target_ms=20_000, short_abandon_ms=5_000)}


def measured(day, targets=IN_TIME):
    measures = Measures(targets)
    measures.fold(day.events())
    return measures


def an_hour():
    """Ten arrivals: five answered (three in time), four abandoned, one waiting."""
    day = Day()
    for interaction in range(10):
        day.arrive(0, interaction)
    day.abandon(3, 0)  # short, and within the threshold
    day.answer(5, 1, ANN).answer(15, 2, BOB)
    day.abandon(18, 3)  # within the threshold
    day.answer(20, 4, ANN).answer(21, 5, ANN).answer(60, 6, BOB)
    day.offer(60, 7, ANN).revoke(70, 7, ANN).abandon(70, 7, ringing=True)
    return day.abandon(100, 8)


def test_an_interaction_is_offered_answered_and_handled():
    day = Day().arrive(10, 0).offer(12, 0, ANN).accept(16, 0, ANN)
    day.wrap_up(76, 0, ANN).end_wrap_up(96, 0, ANN)

    billing = measured(day).queue(BILLING, VOICE)

    assert (1, 1, 0) == (billing.offered, billing.answered, billing.waiting)
    assert 6_000 == billing.asa_ms
    assert (60_000, 20_000) == (billing.talk_ms, billing.wrap_up_ms)
    assert 80_000 == billing.aht_ms


def test_work_without_a_wrap_up_ends_with_the_conversation():
    day = Day().arrive(0, 0).answer(1, 0, ANN).complete(31, 0, ANN)

    assert 30_000 == measured(day).queue(BILLING).aht_ms


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (Definition.WITHIN_OF_ANSWERED_AND_ABANDONED, 3 / (5 + 4)),
        (Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED, (3 + 2) / 10),
        (Definition.WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED, 3 / (10 - 1)),
        (Definition.WITHIN_OF_ANSWERED, 3 / 5),
    ],
)
def test_service_level_by_each_definition(definition, expected):
    assert expected == measured(an_hour()).queue(BILLING).service_level(definition)


@pytest.mark.parametrize("definition", Definition)
def test_where_nothing_has_happened_there_is_no_service_level(definition):
    assert None is Measures().queue(BILLING).service_level(definition)


def test_abandonment_is_told_by_phase_and_by_haste():
    billing = measured(an_hour()).queue(BILLING)

    assert (3, 1) == (billing.abandoned_queued, billing.abandoned_ringing)
    assert (1, 2) == (billing.short_abandoned, billing.abandoned_within)
    assert 4 / 9 == billing.abandonment_rate
    assert 3_000 + 18_000 + 70_000 + 100_000 == billing.abandoned_wait_ms


def test_the_account_of_an_hour_balances():
    account = measured(an_hour()).account()

    assert (10, 5, 4, 1) == (
        account.offered,
        account.answered,
        account.abandoned,
        account.waiting,
    )
    assert account.balanced


def test_leaving_exactly_at_the_short_limit_is_not_short():
    billing = measured(Day().arrive(0, 0).abandon(5, 0)).queue(BILLING)

    assert (0, 1) == (billing.short_abandoned, billing.abandoned)


def test_the_wait_runs_on_through_offers_that_come_back():
    day = Day().arrive(0, 0).offer(1, 0, ANN).expire(21, 0, ANN)
    day.offer(21, 0, BOB).decline(25, 0, BOB).answer(40, 0, ANN)

    billing = measured(day).queue(BILLING)

    assert 40_000 == billing.asa_ms
    assert (3, 1, 1, 1, 0) == (
        billing.offers_issued,
        billing.offers_expired,
        billing.offers_declined,
        billing.offers_accepted,
        billing.offers_revoked,
    )


def test_an_overflow_moves_the_arrival_and_its_wait_to_the_queue_that_takes_it():
    day = Day().arrive(0, 0, BILLING).overflow(300, 0, SALES).answer(310, 0, ANN)
    measures = measured(day)

    billing, sales = measures.queue(BILLING), measures.queue(SALES)

    assert (1, 0, 1) == (billing.offered, billing.answered, billing.overflowed_out)
    assert (0, 1, 1) == (sales.offered, sales.answered, sales.overflowed_in)
    assert 310_000 == sales.asa_ms
    assert None is billing.service_level(
        Definition.WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED
    )
    assert billing.account().balanced
    assert sales.account().balanced
    assert measures.account().balanced


def test_a_full_queue_s_arrival_is_offered_where_it_was_taken():
    day = Day().arrive(0, 0, SALES, reason=Reason.QUEUE_FULL)

    sales = measured(day).queue(SALES)

    assert (1, 1) == (sales.offered, sales.passed_on)


def test_a_transfer_is_another_wait_in_counts_of_its_own():
    day = Day().arrive(0, 0, BILLING).answer(10, 0, ANN)
    day.transfer(70, 0, ANN, SALES).answer(75, 0, BOB).complete(95, 0, BOB)
    measures = measured(day)

    billing, sales = measures.queue(BILLING), measures.queue(SALES)
    returned = measures.queue(SALES, entry=Entry.RETURN)

    assert (1, 1, 1) == (billing.offered, billing.answered, billing.transferred)
    assert (60_000, 1) == (billing.handle_ms, billing.handled)
    assert (0, 0) == (sales.offered, sales.answered)
    assert (1, 1, 5_000) == (
        returned.transferred_in,
        returned.answered,
        returned.answered_wait_ms,
    )
    assert 40_000 == measures.queue(entry=None).aht_ms
    assert measures.account().balanced
    assert returned.account().balanced


def test_a_dead_letter_that_gets_another_try_returns():
    day = Day().arrive(0, 0).dead_letter(60, 0).requeue(600, 0).answer(610, 0, ANN)
    measures = measured(day)

    returned = measures.queue(BILLING, entry=Entry.RETURN)

    assert 1 == measures.queue(BILLING).dead_lettered
    assert (1, 1) == (returned.requeued_in, returned.answered)
    assert measures.account().balanced
    assert returned.account().balanced


def test_a_cancellation_is_neither_answer_nor_abandonment():
    measures = measured(Day().arrive(0, 0).cancel(9, 0))

    account = measures.account()

    assert (1, 0, 0) == (account.cancelled, account.answered, account.abandoned)
    assert account.balanced


def test_channels_of_a_queue_are_counted_apart_and_add_up():
    day = Day().arrive(0, 0).arrive(0, 1, channel=CHAT).arrive(0, 2, channel=CHAT)
    measures = measured(day)

    assert 1 == measures.queue(BILLING, VOICE).offered
    assert 2 == measures.queue(BILLING, CHAT).offered
    assert measures.queue(BILLING) == (
        measures.queue(BILLING, VOICE) + measures.queue(BILLING, CHAT)
    )


def test_a_forgotten_row_is_a_new_interaction_the_next_time():
    day = Day().arrive(0, 0).abandon(1, 0).forget(2, 0)
    day.arrive(100, 0).answer(104, 0, ANN)

    billing = measured(day).queue(BILLING)

    assert (2, 1, 1) == (billing.offered, billing.abandoned, billing.answered)
    assert 4_000 == billing.asa_ms


def test_thresholds_change_from_here_on():
    measures = Measures({BILLING: QueueTarget(target_ms=10_000)})
    first = Day().arrive(0, 0).answer(15, 0, ANN)
    later = Day().arrive(20, 1).answer(35, 1, ANN)

    measures.fold(first.events())
    measures.set_targets({BILLING: QueueTarget(target_ms=20_000)})
    measures.fold(later.events())

    assert (2, 1) == (
        measures.queue(BILLING).answered,
        measures.queue(BILLING).within_target,
    )


def test_tables_grow_with_the_rows_that_events_name():
    day = Day().sign_in(0, 5_000).arrive(0, 70_000, queue=300)
    day.answer(4, 70_000, 5_000)

    measures = measured(day)

    assert 1 == measures.queue(300).answered
    assert 4_000 == measures.agent(5_000).available_ms


def test_waits_and_handle_times_fall_into_classes():
    day = Day().arrive(0, 0).arrive(0, 1).answer(1, 0, ANN).abandon(1.001, 1)
    day.wrap_up(16, 0, ANN).end_wrap_up(20, 0, ANN)
    measures = measured(day)

    answered = measures.waits(BILLING, VOICE, Outcome.ANSWERED)
    abandoned = measures.waits(BILLING, VOICE, Outcome.ABANDONED)

    assert (1, 0) == answered.counts[:2]
    assert (0, 1) == abandoned.counts[:2]
    assert (1, 1_000) == (answered.count, answered.sum_ms)
    assert 19_000 == measures.handles(BILLING, VOICE).sum_ms
    assert 4_000 == measures.wrap_ups(BILLING, VOICE).sum_ms
    assert 2 == (answered + abandoned).count


def test_facts_about_interactions_never_met_are_left_out():
    measures = measured(Day().answer(5, 7, ANN).complete(9, 7, ANN))

    assert 0 == measures.queue().answered
    assert measures.account().balanced


def test_events_are_counted_by_kind():
    assert 10 == measured(an_hour()).seen[Kind.INTERACTION_ENQUEUED]
