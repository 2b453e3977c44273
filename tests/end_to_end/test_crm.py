"""A business's own system hears of what customers decided, over every restart."""

import asyncio

import pytest

from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2 as who
from router.v1.context_service_pb2_grpc import ContextServiceStub
from tests.adapters.crm import Crm
from tests.end_to_end.history import History
from tests.end_to_end.load import Clients
from tests.end_to_end.process import Ended

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]


async def test_nothing_that_was_decided_is_lost_on_the_way_out(start):
    crm = Crm(503)
    first = start(crm=crm.url).ready()
    clients = Clients(first.target, History())
    contexts = ContextServiceStub(clients.channel)
    identity = who.Identity(kind=who.IDENTITY_KIND_EMAIL, value="elif@shop.com.tr")
    linked = await contexts.LinkIdentity(pb.LinkIdentityRequest(identity=identity))
    customer = linked.customer.customer_id
    await contexts.SetConsent(
        pb.SetConsentRequest(
            customer_id=customer,
            consent=who.ConsentRecord(
                purpose=who.CONSENT_PURPOSE_PROACTIVE, granted=True
            ),
        )
    )
    await asyncio.to_thread(crm.wait_for, 2)
    first.kill()

    second = start(crm=crm.url).ready()
    again = Clients(second.target, History())
    await ContextServiceStub(again.channel).EraseCustomer(
        pb.EraseCustomerRequest(customer_id=customer)
    )
    while not any("ERASED" in fact["kind"] for fact in list(crm.taken.values())):
        await asyncio.sleep(0.02)
    second.kill()
    crm.close()

    told = [(fact["kind"], fact["customer_id"]) for fact in crm.taken.values()]
    assert [
        ("KIND_CONSENT_SET", customer),
        ("KIND_CUSTOMER_ERASED", customer),
    ] == told
    assert not any("elif" in str(fact) for _, fact in crm.given)


async def test_an_address_that_cannot_be_is_said_at_once(start):
    with pytest.raises(Ended, match="is not an address for facts"):
        start(crm="crm.example").ready()
