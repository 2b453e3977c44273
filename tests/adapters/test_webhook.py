"""The webhook and its follower: order, retries, keys, places."""

import asyncio

import pytest

from router.adapters import follower
from router.adapters.follower import Follower
from router.adapters.recipient import Fact, NotEver, NotNow
from router.adapters.webhook import AddressWrong, Webhook
from router.v1.event_pb2 import RoutingEvent
from tests.adapters.crm import Crm

ENDED = RoutingEvent.KIND_INTERACTION_COMPLETED
ERASED = RoutingEvent.KIND_CUSTOMER_ERASED


@pytest.fixture
def crm():
    crms = []

    def open_(*answers):
        crms.append(Crm(*answers))
        return crms[-1]

    yield open_
    for one in crms:
        one.close()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """The same pauses, a hundred times shorter."""
    monkeypatch.setattr(follower, "FIRST_PAUSE_S", 0.002)
    monkeypatch.setattr(follower, "LONGEST_PAUSE_S", 0.01)


def fact(sequence=7):
    return Fact(f"j-{sequence}", sequence, {"kind": "KIND_INTERACTION_COMPLETED"})


def event(sequence, kind=ENDED, **more):
    return RoutingEvent(sequence=sequence, kind=kind, **more)


class Journal:
    """Events that are all there already, for whoever comes; then silence."""

    def __init__(self, *events):
        self.events_ = events
        self.asked = []

    async def source(self, after):
        self.asked.append(after)
        for one in self.events_:
            if one.sequence > after:
                yield one.sequence, [one]
        await asyncio.Event().wait()


async def followed(journal, crm, place, facts, journal_id="j"):
    """Follow until the CRM was given so many more facts."""
    before = len(crm.given)
    one = Follower(journal.source, Webhook(crm.url), place, journal_id)
    task = asyncio.create_task(one.run())
    await asyncio.to_thread(crm.wait_for, before + facts)
    while one.taken + one.refused + one.retries < facts:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return one


def test_a_fact_is_posted_as_json_under_its_key(crm):
    there = crm()
    hook = Webhook(there.url)
    hook.take(fact())
    hook.take(fact(8))
    hook.close()

    assert ["j-7", "j-8"] == [key for key, _ in there.given]
    assert {"kind": "KIND_INTERACTION_COMPLETED"} == there.taken["j-7"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_these_answers_mean_later(crm, status):
    with pytest.raises(NotNow, match=str(status)):
        Webhook(crm(status).url).take(fact())


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
def test_these_answers_mean_never(crm, status):
    with pytest.raises(NotEver, match=str(status)):
        Webhook(crm(status).url).take(fact())


def test_a_broken_connection_means_later_and_the_next_one_is_fresh(crm):
    there = crm(None)
    hook = Webhook(there.url)
    with pytest.raises(NotNow):
        hook.take(fact())
    hook.take(fact())

    assert ["j-7", "j-7"] == [key for key, _ in there.given]


def test_nobody_listening_means_later():
    with pytest.raises(NotNow, match="ConnectionRefused"):
        Webhook("http://127.0.0.1:1/").take(fact())


@pytest.mark.parametrize(
    "url",
    ["", "crm.example", "ftp://crm.example/", "http://", "http://a:b@crm.example/"],
)
def test_an_address_that_cannot_be_is_refused_at_once(url):
    with pytest.raises(AddressWrong):
        Webhook(url)


async def test_facts_are_handed_on_in_order_and_others_are_not(crm, tmp_path):
    there = crm()
    journal = Journal(
        event(1, interaction_id="chat-1"),
        event(2, RoutingEvent.KIND_OFFER_ISSUED),
        event(3, ERASED, customer_id="cus-α"),
    )
    one = await followed(journal, there, tmp_path / "crm", 2)

    assert ["j-1", "j-3"] == [key for key, _ in there.given]
    assert "cus-α" == there.taken["j-3"]["customer_id"]
    assert (2, 0, 0) == (one.taken, one.refused, one.retries)


async def test_what_was_not_taken_comes_again_before_anything_else(crm, tmp_path):
    there = crm(503, None, 429)
    one = await followed(Journal(event(1), event(2)), there, tmp_path / "crm", 5)

    assert ["j-1"] * 4 + ["j-2"] == [key for key, _ in there.given]
    assert (2, 3) == (one.taken, one.retries)


async def test_a_fact_that_is_refused_for_good_holds_nobody_up(crm, tmp_path):
    there = crm(400)
    one = await followed(Journal(event(1), event(2)), there, tmp_path / "crm", 2)

    assert ["j-2"] == list(there.taken)
    assert (1, 1) == (one.taken, one.refused)


async def test_a_restart_goes_on_where_it_was(crm, tmp_path):
    there = crm()
    await followed(Journal(event(1), event(2)), there, tmp_path / "crm", 2)
    journal = Journal(event(1), event(2), event(3))
    await followed(journal, there, tmp_path / "crm", 1)

    assert [2] == journal.asked
    assert ["j-1", "j-2", "j-3"] == [key for key, _ in there.given]


async def test_the_place_in_another_journal_counts_for_nothing(crm, tmp_path):
    there = crm()
    await followed(Journal(event(5)), there, tmp_path / "crm", 1)
    journal = Journal(event(1))
    await followed(journal, there, tmp_path / "crm", 1, journal_id="k")

    assert [0] == journal.asked
    assert ["j-5", "k-1"] == [key for key, _ in there.given]


async def test_a_follower_that_was_cut_comes_again(crm, tmp_path):
    there = crm()

    class TooSlow(Exception):
        """The feed's own word for it."""

    class Cutting(Journal):
        async def source(self, after):
            self.asked.append(after)
            yield after + 1, [event(after + 1)]
            if len(self.asked) == 1:
                raise TooSlow
            await asyncio.Event().wait()

    journal = Cutting()
    one = Follower(journal.source, Webhook(there.url), tmp_path / "crm", "j", TooSlow)
    task = asyncio.create_task(one.run())
    await asyncio.to_thread(there.wait_for, 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [0, 1] == journal.asked
