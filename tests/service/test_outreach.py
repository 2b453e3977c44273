"""Customer events that become interactions which we begin, over a real channel."""

import pytest

from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2 as who
from router.v1.interaction_pb2 import CHANNEL_EMAIL, Interaction
from tests.service.conversations import consent, email, link
from tests.service.house import SMALL, a_house, refused

REACHING_OUT = (
    SMALL
    + """
proactive:
  caps: [{count: 2, within: 30d}]
  rules:
    - name: looked at the prices three times
      event: PAGE_VIEWED
      match: {page: {prefix: /fiyatlar}}
      count: 3
      within: 7d
      unless: [UPGRADED]
      queue: support
    - name: payment failed
      event: PAYMENT_FAILED
      key: order_number
      queue: support
    - name: unhappy
      event: SURVEY_ANSWERED
      match: {nps: {at_most: 6}}
      queue: support
preference:
  purposes:
    proactive: {consent: true}
"""
)


@pytest.fixture
async def house():
    async with a_house(REACHING_OUT) as house:
        await link(house, email(), "cus-1")
        yield house


async def agreed(house, granted=True):
    await consent(house, granted, who.CONSENT_PURPOSE_PROACTIVE)


async def report(house, kind, event_id, customer="cus-1", **attributes):
    request = pb.ReportCustomerEventRequest(
        customer_id=customer, kind=kind, event_id=event_id
    )
    for name, value in attributes.items():
        if isinstance(value, int):
            request.attributes[name].number = value
        else:
            request.attributes[name].text = value
    return (await house.context.ReportCustomerEvent(request)).outcomes


async def test_three_looks_at_the_prices_begin_one_interaction(house):
    await agreed(house)
    looked = [
        await report(house, "PAGE_VIEWED", f"view-{n}", page="/fiyatlar/kurumsal")
        for n in range(3)
    ]
    (outcome,) = looked[2]
    begun = await house.look(outcome.interaction_id)

    assert [[], []] == [list(one) for one in looked[:2]]
    assert CHANNEL_EMAIL == outcome.channel == begun.channel
    assert ("support", "cus-1") == (begun.queue, begun.customer_id)
    assert ["looked at the prices three times"] == list(begun.intake_rules)


async def test_the_same_report_again_counts_once(house):
    await agreed(house)
    for _ in range(3):
        last = await report(house, "PAGE_VIEWED", "view-1", page="/fiyatlar")

    assert not last


async def test_without_consent_nobody_is_reached_and_it_says_why(house):
    (outcome,) = await report(house, "PAYMENT_FAILED", "p-1", order_number="SN-1")

    assert not outcome.interaction_id
    assert "agreed" in outcome.suppressed


async def test_a_number_is_compared_as_a_number(house):
    await agreed(house)
    well = await report(house, "SURVEY_ANSWERED", "s-1", nps=10)
    badly = await report(house, "SURVEY_ANSWERED", "s-2", nps=6)

    assert not well
    assert badly[0].interaction_id


async def test_the_cap_holds_over_all_rules(house):
    await agreed(house)
    begun = [
        (await report(house, "PAYMENT_FAILED", f"p-{n}", order_number=f"SN-{n}"))[0]
        for n in range(3)
    ]

    assert [True, True, False] == [bool(one.interaction_id) for one in begun]
    assert "at most 2" in begun[2].suppressed


async def test_counters_outlive_a_restart(house):
    await agreed(house)
    for n in range(2):
        await report(house, "PAGE_VIEWED", f"view-{n}", page="/fiyatlar")
    await house.restart()
    third = await report(house, "PAGE_VIEWED", "view-3", page="/fiyatlar")

    assert third[0].interaction_id


async def test_an_outreach_is_served_like_anything_else_and_remembered(house):
    await agreed(house)
    await house.sign_in("ann")
    (outcome,) = await report(house, "PAYMENT_FAILED", "p-1", order_number="SN-1")
    await house.accept(outcome.interaction_id)
    ranked = await house.context.RecommendChannel(
        pb.RecommendChannelRequest(customer_id="cus-1", purpose="proactive")
    )

    served = await house.look(outcome.interaction_id)
    assert Interaction.STATE_ACTIVE == served.state
    reasons = [reason.name for reason in ranked.channels[0].reasons]
    assert "worked" in reasons


async def test_an_event_of_the_future_or_of_nobody_is_refused(house):
    request = pb.ReportCustomerEventRequest(
        customer_id="cus-1", kind="PAGE_VIEWED", event_id="v"
    )
    request.event_time.FromMilliseconds(house.host.now() + 3_600_000)
    early = await refused(house.context.ReportCustomerEvent(request))
    nobody = pb.ReportCustomerEventRequest(
        customer_id="cus-9", kind="PAGE_VIEWED", event_id="v"
    )
    nameless = pb.ReportCustomerEventRequest(customer_id="cus-1", kind="PAGE_VIEWED")

    assert ("FIELD_INVALID", ("event_time",)) == (early.reason, early.fields)
    assert (
        "UNKNOWN_CUSTOMER"
        == (await refused(house.context.ReportCustomerEvent(nobody))).reason
    )
    assert ("event_id",) == (
        await refused(house.context.ReportCustomerEvent(nameless))
    ).fields
