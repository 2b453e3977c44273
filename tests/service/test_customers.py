"""ContextService over a real channel: who customers are, what they decided, erasure."""

import grpc.aio
import pytest
from google.protobuf.json_format import MessageToDict

from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2 as who
from router.v1.admin_service_pb2 import (
    HandOverRequest,
    ListOwnedRequest,
    SetAccountOwnerRequest,
)
from router.v1.context_service_pb2_grpc import ContextServiceStub
from router.v1.interaction_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_EMAIL,
    CHANNEL_VOICE,
    OWNER_SOURCE_ACCOUNT,
    OWNER_SOURCE_CONVERSATION,
    Interaction,
)
from router.v1.routing_service_pb2 import (
    CompleteInteractionRequest,
    EmailThread,
    HandOffInteractionRequest,
    ListLineageRequest,
)
from tests.service.conversations import (
    SUBJECT,
    append,
    chat,
    consent,
    conversation,
    customer,
    email,
    erase,
    fact,
    link,
    message,
    phone,
)
from tests.service.house import refused


async def test_an_identity_makes_a_customer_and_finds_them_again(house):
    made = await link(house, phone())
    found = await link(house, phone("+90 (532) 123-4567"))
    by_number = await house.context.GetCustomer(
        pb.GetCustomerRequest(identity=phone(), purpose=SUBJECT, reader="ann")
    )

    assert made.customer_id.startswith("cus-")
    assert made.customer_id == found.customer_id == by_number.customer.customer_id
    assert "+905321234567" == made.identities[0].value


async def test_several_identities_are_one_customer(house):
    made = await link(house, phone())
    whole = await link(house, email(source="crm"), made.customer_id)

    kinds = [identity.kind for identity in whole.identities]
    assert [who.IDENTITY_KIND_PHONE, who.IDENTITY_KIND_EMAIL] == kinds
    assert "crm" == whole.identities[1].source


async def test_a_sure_identity_makes_two_customers_one_and_that_can_be_taken_back(
    house,
):
    await link(house, phone(), "cus-1")
    await link(house, who.Identity(kind=who.IDENTITY_KIND_CRM, value="crm-7"), "cus-2")
    sure = phone()
    sure.confidence = 95

    joined = await house.context.LinkIdentity(
        pb.LinkIdentityRequest(identity=sure, customer_id="cus-2")
    )
    assert "cus-1" == joined.customer.customer_id
    assert 2 == len(joined.customer.identities)

    await house.context.UnmergeCustomers(
        pb.UnmergeCustomersRequest(customer_id="cus-1", merged_customer_id="cus-2")
    )
    apart = await house.context.GetCustomer(
        pb.GetCustomerRequest(customer_id="cus-2", purpose=SUBJECT, reader="ann")
    )
    assert ["crm-7"] == [one.value for one in apart.customer.identities]


async def test_an_identity_of_somebody_else_is_not_taken_from_them(house):
    await link(house, phone(), "cus-1")
    no = await refused(
        house.context.LinkIdentity(
            pb.LinkIdentityRequest(identity=phone(), customer_id="cus-2")
        )
    )

    assert ("ALREADY_EXISTS", "IDENTITY_TAKEN") == (no.code, no.reason)
    assert "532" not in no.message


async def test_unlinking_takes_what_is_there_and_nothing_else(house):
    await link(house, phone(), "cus-1")
    await link(house, phone("+30 21 0123 4567"), "cus-2")
    for identity in (phone(), phone("+30 21 0123 4567")):
        answer = await house.context.UnlinkIdentity(
            pb.UnlinkIdentityRequest(customer_id="cus-1", identity=identity)
        )

    assert not answer.customer.identities
    assert 1 == len((await customer(house, "cus-2")).customer.identities)


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        (phone("532 123 45 67"), "identity.value"),  # whose country?
        (phone("+90 532 12"), "identity.value"),  # half of it is missing
        (phone("112"), "identity.value"),  # many share it
        (email("elif"), "identity.value"),
        (chat("zwei Wörter"), "identity.value"),
        (who.Identity(value="x"), "identity.kind"),
        (who.Identity(kind=5, value="elif"), "identity.value"),  # on which network?
        (phone(confidence=101), "identity.confidence"),
    ],
)
async def test_an_identity_that_cannot_be_is_refused_without_repeating_it(
    house, identity, field
):
    no = await refused(
        house.context.LinkIdentity(pb.LinkIdentityRequest(identity=identity))
    )

    assert ("FIELD_INVALID", (field,)) == (no.reason, no.fields)
    if len(identity.value) > 3:
        assert identity.value not in no.message


async def test_the_timeline_runs_over_all_conversations_newest_first(house):
    for n in range(3):
        await append(house, fact(f"fact_{n}"), conversation="con-1")
        await append(house, message(f"mesaj {n}"), conversation="con-2")
    seen, token = [], ""
    while True:
        answer = await customer(house, page_size=4, page_token=token)
        seen += [(e.conversation_id, e.version) for e in answer.timeline]
        token = answer.next_page_token
        if not token:
            break

    assert [
        ("con-2", 3), ("con-1", 3), ("con-2", 2), ("con-1", 2), ("con-2", 1), ("con-1", 1),
    ] == seen  # fmt: skip
    assert {"con-1", "con-2"} == set(answer.customer.conversations)


async def test_what_is_known_in_words_and_wishes(house):
    await link(house, phone(), "cus-1")
    answer = await house.context.UpdateCustomer(
        pb.UpdateCustomerRequest(
            customer_id="cus-1",
            attributes={"display_name": "Elif Aydın", "plan": "premium"},
            preferences=who.ChannelPreferences(
                preferred=[CHANNEL_EMAIL], unwanted=[CHANNEL_VOICE]
            ),
        )
    )
    await house.context.UpdateCustomer(
        pb.UpdateCustomerRequest(customer_id="cus-1", attributes={"plan": ""})
    )
    found = (await customer(house)).customer

    assert [CHANNEL_EMAIL] == list(answer.customer.preferences.preferred)
    assert {"display_name": "Elif Aydın"} == dict(found.attributes)
    assert [CHANNEL_VOICE] == list(found.preferences.unwanted)


async def test_open_work_and_owner_stand_with_the_customer(house):
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    await append(house)
    found = (await customer(house)).customer

    assert ["chat-1"] == list(found.open_interactions)
    assert "ann" == found.owner


async def test_nobody_has_heard_of_them(house):
    no = await refused(customer(house, "cus-nobody"))

    assert ("NOT_FOUND", "UNKNOWN_CUSTOMER") == (no.code, no.reason)


# ---------------------------------------------------------------- one person, or two


async def merge(house, into="cus-1", other="cus-2"):
    request = pb.MergeCustomersRequest(customer_id=into, merged_customer_id=other)
    return await house.context.MergeCustomers(request)


async def unmerge(house, into="cus-1", other="cus-2"):
    request = pb.UnmergeCustomersRequest(customer_id=into, merged_customer_id=other)
    return await house.context.UnmergeCustomers(request)


async def test_merged_customers_are_seen_as_one_and_parted_again(house):
    await link(house, phone(), "cus-1")
    await link(house, email(), "cus-2")
    await append(house, conversation="con-1", customer="cus-1")
    await append(house, conversation="con-2", customer="cus-2")
    merged = (await merge(house)).customer
    together = await customer(house)
    parted = (await unmerge(house)).customer
    other = await customer(house, "cus-2")

    assert ["cus-2"] == list(merged.merged)
    assert 2 == len(merged.identities) == len(together.timeline)
    assert 1 == len(parted.identities) == len(other.timeline)
    assert who.IDENTITY_KIND_EMAIL == other.customer.identities[0].kind


async def test_merging_twice_is_one_merge_and_a_third_is_told(house):
    for n in "123":
        await append(house, conversation=f"con-{n}", customer=f"cus-{n}")
    await merge(house)
    await merge(house)
    no = await refused(merge(house, "cus-3", "cus-2"))
    other = await refused(unmerge(house, "cus-3", "cus-2"))

    assert "ALREADY_MERGED" == no.reason
    assert "NOT_MERGED" == other.reason


async def test_merged_with_live_work_stays_with_one_agent(house):
    await house.sign_in("bob")
    await house.active(
        "call-1", channel=CHANNEL_VOICE, conversation_id="con-1", customer_id="cus-1"
    )
    agent = (await house.look("call-1")).agent
    await append(house, conversation="con-2", customer="cus-2")
    await merge(house)
    await house.enqueue(
        "chat-2", channel=CHANNEL_CHAT, conversation_id="con-2", customer_id="cus-2"
    )
    second = await house.look("chat-2")

    assert second.agent in ("", agent)
    assert second.companion or second.agent == agent


# ---------------------------------------------------------------- what they decided


async def test_consent_is_on_record_with_its_terms(house):
    await link(house, phone(), "cus-1")
    await consent(house, granted=True)
    await consent(house, granted=False, purpose=who.CONSENT_PURPOSE_PROACTIVE)
    found = (await customer(house)).customer.consents

    assert [
        (who.CONSENT_PURPOSE_CARRY_OVER, True, "form"),
        (who.CONSENT_PURPOSE_PROACTIVE, False, "form"),
    ] == [(one.purpose, one.granted, one.basis) for one in found]


async def test_restricted_means_nobody_reads_and_nobody_adds(house):
    await append(house, fact())
    restrict = pb.SetRestrictedRequest(customer_id="cus-1", restricted=True)
    await house.context.SetRestricted(restrict)
    refusals = [
        await refused(customer(house)),
        await refused(conversation(house)),
        await refused(append(house)),
        await refused(
            house.context.RecommendChannel(
                pb.RecommendChannelRequest(customer_id="cus-1")
            )
        ),
    ]
    own = await customer(house, purpose=SUBJECT)
    restrict.restricted = False
    await house.context.SetRestricted(restrict)
    after = await customer(house)

    assert {"CUSTOMER_RESTRICTED"} == {no.reason for no in refusals}
    assert own.customer.restricted
    assert 1 == len(own.timeline) == len(after.timeline)


async def test_an_export_is_everything_and_is_itself_on_record(house):
    await link(house, phone(), "cus-1")
    await append(house, message("Ürün geldi mi?"))
    await consent(house, granted=True)
    answer = await house.context.ExportCustomer(
        pb.ExportCustomerRequest(customer_id="cus-1", reader="privacy.desk")
    )
    whole = MessageToDict(answer.export)

    assert "+905321234567" == whole["identities"][0]["value"]
    assert "Ürün geldi mi?" == whole["conversations"][0]["entries"][0]["value"]["text"]
    assert whole["consents"][0]["granted"]
    assert "privacy.desk" == whole["reads"][0]["reader"]


async def test_an_export_is_whole_however_much_there_is(house):
    for n in range(300):
        await append(house, message(f"{n} " + "ş" * 7_500))
    wide = [("grpc.max_receive_message_length", -1)]
    async with grpc.aio.insecure_channel(house.target, options=wide) as channel:
        answer = await ContextServiceStub(channel).ExportCustomer(
            pb.ExportCustomerRequest(customer_id="cus-1", reader="privacy.desk")
        )

    (conversation,) = MessageToDict(answer.export)["conversations"]
    assert 4 * 2**20 < answer.ByteSize()
    assert 300 == len(conversation["entries"])


async def test_erasing_leaves_a_receipt_and_nothing_else(house):
    await link(house, phone(), "cus-1")
    await append(house, message("gizli kalsın"))
    await customer(house)
    receipt = await erase(house)
    again = await erase(house)
    refusals = [
        await refused(customer(house, purpose=SUBJECT)),
        await refused(conversation(house)),
        await refused(append(house)),
        await refused(consent(house, granted=True)),
    ]
    reborn = await link(house, phone())

    assert (1, 1, 1) == (receipt.entries, receipt.identities, receipt.conversations)
    assert receipt.sequence == house.host.engine.sequence or receipt.sequence > 0
    assert (0, receipt.erase_time) == (again.entries, again.erase_time)
    assert {("NOT_FOUND", "CUSTOMER_ERASED")} == {
        (no.code, no.reason) for no in refusals
    }
    assert "cus-1" != reborn.customer_id


async def test_a_live_call_of_an_erased_customer_goes_on_without_context(house):
    await append(house, fact())
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    await erase(house)
    handed = await house.routing.HandOffInteraction(
        HandOffInteractionRequest(
            interaction_id="chat-1",
            successor_interaction_id="email-1",
            channel=CHANNEL_EMAIL,
        )
    )
    accepted = (await house.accept("email-1")).offer
    done = await house.routing.CompleteInteraction(
        CompleteInteractionRequest(interaction_id="email-1")
    )

    assert 0 == handed.successor.context_version
    assert "ERASED" == accepted.context.package.withheld
    assert not accepted.context.package.facts
    assert Interaction.STATE_WRAPPING == done.interaction.state


async def test_an_erasure_that_broke_off_is_finished_at_the_next_start(house):
    from router.engine.commands import RequestErasure

    await append(house, message("yarıda kaldı"))
    await house.host.submit(RequestErasure("cus-1"))
    await house.restart()

    assert "CUSTOMER_ERASED" == (await refused(customer(house))).reason
    assert not house.desk.contexts.customers.knows("cus-2")
    assert house.desk.contexts.privacy.is_erased("cus-1")


async def test_an_old_copy_of_the_store_brings_nobody_back(house):
    await append(house, message("eski kopya"))
    files = [
        file for file in house.folder.iterdir() if not file.name.endswith("master-key")
    ]
    house.desk.contexts.privacy.scrub()
    copies = {file: file.read_bytes() for file in files}
    await erase(house)
    await house.close()
    for file, content in copies.items():
        file.write_bytes(content)  # keys and content as they were before
    await house.open()

    assert "CUSTOMER_ERASED" == (await refused(customer(house))).reason
    left = b"".join(file.read_bytes() for file in house.folder.iterdir())
    assert b"eski kopya" not in left


# ---------------------------------------------------------------- arriving


async def test_who_arrives_with_an_identity_is_recognised(house):
    known = await link(house, phone())
    first = await house.enqueue(
        "chat-1", channel=CHANNEL_CHAT, identities=[chat(), phone()]
    )
    second = await house.enqueue("chat-2", channel=CHANNEL_CHAT, identities=[chat()])

    customers = [one.interaction.customer_id for one in (first, second)]
    assert [known.customer_id] * 2 == customers
    assert first.interaction.conversation_id != second.interaction.conversation_id
    assert first.interaction.conversation_id.startswith("con-")


async def test_the_same_arrival_again_is_the_same_interaction(house):
    given = {"channel": CHANNEL_CHAT, "identities": [chat("yeni")]}
    first = await house.enqueue("chat-1", **given)
    second = await house.enqueue("chat-1", **given)
    await house.restart()
    third = await house.enqueue("chat-1", **given)

    for one in (second, third):
        assert first.interaction.conversation_id == one.interaction.conversation_id
        assert first.interaction.customer_id == one.interaction.customer_id


async def test_an_earlier_interaction_lends_its_conversation(house):
    await house.enqueue(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    later = await house.enqueue("call-1", previous_interaction_id="chat-1")
    no = await refused(house.enqueue("call-2", previous_interaction_id="chat-9"))

    assert ("con-1", "cus-1") == (
        later.interaction.conversation_id,
        later.interaction.customer_id,
    )
    assert ("UNKNOWN_INTERACTION", ("previous_interaction_id",)) == (
        no.reason,
        no.fields,
    )


async def test_an_answer_by_email_finds_its_thread(house):
    first = EmailThread(message_id="<1@örnek.com.tr>")
    answer = EmailThread(
        message_id="<2@shop.example>",
        in_reply_to="<1@örnek.com.tr>",
        references="<1@örnek.com.tr>",
    )
    one = await house.enqueue(
        "mail-1", channel=CHANNEL_EMAIL, email_thread=first, identities=[email()]
    )
    two = await house.enqueue("mail-2", channel=CHANNEL_EMAIL, email_thread=answer)
    no = await refused(
        house.enqueue(
            "mail-3", channel=CHANNEL_EMAIL, email_thread=EmailThread(message_id="1")
        )
    )

    assert one.interaction.conversation_id == two.interaction.conversation_id
    assert one.interaction.customer_id == two.interaction.customer_id
    assert "örnek" not in one.interaction.conversation_id
    assert ("FIELD_INVALID", ("email_thread",)) == (no.reason, no.fields)


@pytest.mark.parametrize(
    ("language", "hint"), [("gr", "el"), ("english", ""), ("t" * 40, "")]
)
async def test_a_language_that_is_none_is_refused(house, language, hint):
    no = await refused(house.enqueue("chat-1", language=language))

    assert ("FIELD_INVALID", ("language",)) == (no.reason, no.fields)
    assert hint in no.message


async def test_the_language_stays_with_the_interaction(house):
    await house.enqueue("chat-1", channel=CHANNEL_CHAT, language="tr-TR")

    assert (await house.look("chat-1")).language.startswith("tr")


# ---------------------------------------------------------------- handing on


async def handed_off(house, first="chat-1", second="email-1", **more):
    request = HandOffInteractionRequest(
        interaction_id=first,
        successor_interaction_id=second,
        channel=CHANNEL_EMAIL,
        **more,
    )
    return await house.routing.HandOffInteraction(request)


async def test_a_handoff_goes_to_whoever_had_the_customer(house):
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    await append(house)
    handed = await handed_off(house)
    again = await handed_off(house)
    successor = handed.successor

    assert Interaction.STATE_HANDED_OFF == handed.interaction.state
    assert ("email-1", "chat-1") == (
        handed.interaction.successor_interaction_id,
        successor.previous_interaction_id,
    )
    assert ("chat-1", "con-1", 1) == (
        successor.initial_interaction_id,
        successor.conversation_id,
        successor.context_version,
    )
    assert ("ann", OWNER_SOURCE_CONVERSATION) == (
        successor.owner,
        successor.owner_source,
    )
    assert again.successor.interaction_id == successor.interaction_id
    lineage = await house.routing.ListLineage(
        ListLineageRequest(interaction_id="email-1")
    )
    assert ["chat-1", "email-1"] == [one.interaction_id for one in lineage.interactions]


async def test_a_handoff_that_cannot_be_leaves_everything_as_it_was(house):
    await house.active("chat-1", channel=CHANNEL_CHAT)
    await house.enqueue("other", channel=CHANNEL_CHAT)
    refusals = {
        "UNKNOWN_INTERACTION": handed_off(house, "chat-9"),
        "UNKNOWN_QUEUE": handed_off(house, queue="nowhere"),
        "ALREADY_ENQUEUED": handed_off(house, second="other"),
        "FIELD_INVALID": handed_off(house, second=""),
    }
    reasons = [(await refused(call)).reason for call in refusals.values()]

    assert list(refusals) == reasons
    assert Interaction.STATE_ACTIVE == (await house.look("chat-1")).state


async def test_a_callback_is_offered_to_nobody_before_it_is_due(house):
    await house.active("chat-1", channel=CHANNEL_CHAT)
    house.clock.moved_ms += 0
    due = house.host.now() + 60_000
    request = HandOffInteractionRequest(
        interaction_id="chat-1",
        successor_interaction_id="email-1",
        channel=CHANNEL_EMAIL,
        relation=4,
    )
    request.due_time.FromMilliseconds(due)
    await house.routing.HandOffInteraction(request)
    before = await house.look("email-1")
    await house.pass_time(61)
    after = await house.look("email-1")

    assert due == before.due_time.ToMilliseconds()
    assert Interaction.STATE_QUEUED == before.state
    assert (Interaction.STATE_OFFERED, "ann") == (after.state, after.agent)


async def test_an_account_owner_is_preferred(house):
    await house.sign_in("bob")
    await house.admin.SetAccountOwner(
        SetAccountOwnerRequest(customer_id="cus-1", agent_id="bob")
    )
    await house.sign_in("ann")
    await house.enqueue("chat-1", channel=CHANNEL_CHAT, customer_id="cus-1")
    one = await house.look("chat-1")

    assert ("bob", OWNER_SOURCE_ACCOUNT) == (one.owner, one.owner_source)


async def test_what_is_owned_is_handed_over_at_the_end_of_a_shift(house):
    await house.sign_in("bob")
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    owner = (await house.look("chat-1")).agent
    other = "bob" if owner == "ann" else "ann"
    owned = await house.admin.ListOwned(ListOwnedRequest(agent_id=owner))
    moved = await house.admin.HandOver(
        HandOverRequest(agent_id=owner, to_agent_id=other)
    )
    after = await house.admin.ListOwned(ListOwnedRequest(agent_id=other))
    no = await refused(
        house.admin.HandOver(HandOverRequest(agent_id=owner, to_agent_id="nobody"))
    )

    assert ["con-1"] == [one.conversation_id for one in owned.conversations]
    assert 1 == moved.moved
    assert [("con-1", other)] == [
        (one.conversation_id, one.owner) for one in after.conversations
    ]
    assert "UNKNOWN_AGENT" == no.reason


# ---------------------------------------------------------------- reaching out


async def test_channels_are_ranked_and_say_why_not(house):
    await link(house, email(), "cus-1")
    answer = await house.context.RecommendChannel(
        pb.RecommendChannelRequest(customer_id="cus-1")
    )
    unknown = await refused(
        house.context.RecommendChannel(
            pb.RecommendChannelRequest(customer_id="cus-1", purpose="pleasure")
        )
    )

    best, *others = answer.channels
    assert (CHANNEL_EMAIL, "") == (best.channel, best.unreachable)
    assert all(one.unreachable for one in others)
    assert ("FIELD_INVALID", ("purpose",)) == (unknown.reason, unknown.fields)


async def test_an_event_that_no_rule_asks_about_begins_nothing(house):
    await link(house, email(), "cus-1")
    answer = await house.context.ReportCustomerEvent(
        pb.ReportCustomerEventRequest(
            customer_id="cus-1", kind="PAGE_VIEWED", event_id="view-1"
        )
    )

    assert not answer.outcomes
