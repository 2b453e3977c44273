"""The sum that must come out even, and the two sides that must agree."""

from router.demo.account import Account, FeedCount, QueueTally


def a_queue(**counts) -> QueueTally:
    return QueueTally(threshold_ms=20_000, target_percent=80, **counts)


def test_an_account_balances_when_every_interaction_is_somewhere():
    queue = a_queue(offered=10, answered=6, abandoned=2, dead_lettered=1)

    assert None is Account({"Borsa": queue}, waiting=1).imbalance()


def test_an_account_that_has_lost_one_says_so():
    queue = a_queue(offered=10, answered=6, abandoned=2, dead_lettered=1)

    assert (
        "the account does not balance: 10 offered, but 6 answered + 2 abandoned + "
        "0 waiting + 1 dead-lettered is 9"
    ) == Account({"Borsa": queue}).imbalance()


def test_service_level_counts_answers_in_time_of_all_offered():
    queue = a_queue(offered=4, abandoned=1)
    for wait_ms in (0, 20_000, 20_001):
        queue.answer(wait_ms)

    assert 50.0 == queue.service_level_percent
    assert 40.001 / 3 == queue.asa_s
    assert 25.0 == queue.abandonment_percent


def test_before_the_first_interaction_there_are_no_figures():
    queue = a_queue()

    assert (None, None) == (queue.service_level_percent, queue.asa_s)


def test_the_two_sides_agree_when_they_count_the_same():
    account = Account({"Borsa": a_queue(offered=2, answered=1, abandoned=1)})
    feed = FeedCount(offered={"a", "b"}, answered={"a"}, abandoned={"b"})

    assert None is feed.disagreement(account)


def test_the_two_sides_name_what_they_disagree_on():
    account = Account({"Borsa": a_queue(offered=2, answered=2)})
    feed = FeedCount(offered={"a", "b"}, answered={"a"})

    assert (
        "the two sides disagree on answered: 2 by the clients, 1 by the event feed"
    ) == feed.disagreement(account)


def test_a_feed_with_a_gap_is_not_compared():
    account = Account({"Borsa": a_queue(offered=2, answered=2)})

    assert None is FeedCount(complete=False).disagreement(account)
