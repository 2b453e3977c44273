"""ContextService over a real channel: appends, reads, packages, conflicts, pauses."""

import asyncio

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from router.v1 import context_service_pb2 as pb
from router.v1 import conversation_pb2 as said
from router.v1.agent_service_pb2 import WatchOffersRequest
from router.v1.interaction_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL
from router.v1.routing_service_pb2 import (
    HandOffInteractionRequest,
    RouteCommand,
    RouteInteractionsRequest,
)
from tests.service.conversations import (
    append,
    consent,
    conversation,
    customer,
    fact,
    message,
    summary,
)
from tests.service.house import a_request_id, refused


async def metadata_of(call):
    """What the failed call's ErrorInfo carries beside the reason."""
    try:
        await call
    except grpc.aio.AioRpcError as failure:
        for key, value in failure.trailing_metadata():
            if key == "grpc-status-details-bin":
                for detail in Status.FromString(value).details:
                    info = ErrorInfo()
                    if detail.Unpack(info):
                        return dict(info.metadata)
    raise AssertionError("it was not refused")


async def test_entries_get_versions_and_are_read_as_they_were_written(house):
    first = await append(house, message("Σας παρακαλώ, πού είναι η παραγγελία μου;"))
    second = await append(house, fact())
    package = (await conversation(house)).package

    assert (1, 2) == (first.version, second.version)
    assert second.sequence > first.sequence
    assert 2 == package.context_version
    texts = [entry.WhichOneof("content") for entry in package.entries]
    assert ["message", "fact"] == texts
    assert "παραγγελία" in package.entries[0].message.text
    assert [("order_number", "SN-1042")] == [(f.name, f.value) for f in package.facts]


async def test_an_append_that_expects_another_version_is_told_the_present_one(house):
    await append(house)
    await append(house, expected_version=1)

    no = await refused(append(house, expected_version=1))
    metadata = await metadata_of(append(house, expected_version=1))

    assert ("ABORTED", "CONTEXT_CONFLICT") == (no.code, no.reason)
    assert {"current_version": "2"} == metadata
    assert 2 == (await conversation(house)).conversation.context_version


async def test_the_same_request_again_adds_nothing(house):
    again = a_request_id()
    first = await append(house, request_id=again)
    second = await append(house, request_id=again)

    assert (first.version, first.sequence) == (second.version, second.sequence)
    assert 1 == (await conversation(house)).conversation.context_version


async def test_appends_that_come_at_once_each_get_a_version_of_their_own(house):
    answers = await asyncio.gather(
        *(append(house, fact(f"fact_{n}", str(n))) for n in range(40))
    )

    assert list(range(1, 41)) == sorted(answer.version for answer in answers)
    found = (await conversation(house, page_size=100)).package
    assert 40 == len(found.facts)
    # What was answered with a version stands under it.
    by_version = {entry.version: entry.fact.name for entry in found.entries}
    for n, answer in enumerate(answers):
        assert f"fact_{n}" == by_version[answer.version]


async def test_a_conversation_belongs_to_one_customer(house):
    await append(house)
    no = await refused(append(house, customer="cus-2"))

    assert ("FAILED_PRECONDITION", "FOREIGN_CUSTOMER") == (no.code, no.reason)


async def test_a_conversation_nobody_has_named_needs_its_customer(house):
    no = await refused(append(house, customer=""))

    assert ("FIELD_INVALID", ("customer_id",)) == (no.reason, no.fields)


async def test_older_entries_come_in_pages(house):
    for n in range(25):
        await append(house, fact(f"fact_{n}", str(n)))
    found = await conversation(house, page_size=10)
    versions = [entry.version for entry in reversed(found.package.entries)]
    token = found.next_page_token
    while token:
        found = await conversation(house, page_size=10, page_token=token)
        versions += [entry.version for entry in found.entries]
        token = found.next_page_token

    assert list(range(25, 0, -1)) == versions


async def test_a_page_token_of_somebody_else_is_refused(house):
    await append(house)
    for token in ("0", "x", "9", "99999999999999999999", "-1"):
        no = await refused(conversation(house, page_token=token))
        assert ("FIELD_INVALID", ("page_token",)) == (no.reason, no.fields)


async def test_card_numbers_are_replaced_before_anything_is_kept(house):
    answer = await append(house, message("kartım 4111 1111 1111 1111, cvv 123"))
    (entry,) = (await conversation(house)).package.entries

    assert 2 == answer.replaced
    assert "4111 1111" not in entry.message.text
    assert "1111]" in entry.message.text


async def test_while_capture_is_paused_kind_and_time_are_kept_alone(house):
    await append(house)
    paused = await house.context.PauseCapture(
        pb.PauseCaptureRequest(conversation_id="con-1")
    )
    hidden = await append(house, message("gizli"))
    resumed = await house.context.ResumeCapture(
        pb.ResumeCaptureRequest(conversation_id="con-1")
    )
    await append(house, message("açık"))
    entries = (await conversation(house)).package.entries

    assert (True, False) == (
        paused.conversation.capture_paused,
        resumed.conversation.capture_paused,
    )
    assert hidden.capture_paused
    assert ["", "capture_paused", ""] == [entry.withheld for entry in entries]
    assert said.ENTRY_KIND_MESSAGE == entries[1].kind
    assert None is entries[1].WhichOneof("content")


async def test_an_offer_carries_what_nobody_should_ask_again(house):
    await house.sign_in("ann")
    watch = house.agents.WatchOffers(WatchOffersRequest(agent_id="ann"))
    await watch.read()
    await append(house, fact())
    await append(house, summary())
    await house.enqueue(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    offered = (await watch.read()).issued.context
    accepted = (await house.accept("chat-1")).offer.context

    for context in (offered, accepted):
        assert ("con-1", 2) == (context.conversation_id, context.context_version)
        assert "SN-1042" == context.package.facts[0].value
        assert "Yanlış numara; değişim yolda" == context.package.summary


async def test_an_offer_without_a_conversation_carries_none(house):
    await house.active("chat-1", channel=CHANNEL_CHAT)
    offer = (await house.look("chat-1")).offer_id

    assert offer
    assert not (await house.look("chat-1")).conversation_id


async def test_a_package_too_large_for_an_offer_is_asked_for(house):
    await house.sign_in("ann")
    for _ in range(3):
        await append(house, message("ş" * 7_000))
    await house.enqueue(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    context = (await house.accept("chat-1")).offer.context

    assert 3 == context.context_version
    assert not context.HasField("package")
    assert 3 == len((await conversation(house)).package.entries)


async def test_what_an_offer_shows_is_on_record(house):
    await append(house)
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    await conversation(house)
    reads = (
        await house.context.ListContextReads(
            pb.ListContextReadsRequest(customer_id="cus-1")
        )
    ).reads

    assert ["conversation", "offer"] == [read.subject for read in reads][:2]
    assert {"ann"} == {read.reader for read in reads}


async def test_reads_are_listed_in_pages_newest_first(house):
    await append(house)
    for n in range(5):
        await customer(house) if n % 2 else await conversation(house)
    subjects, token = [], ""
    while True:
        answer = await house.context.ListContextReads(
            pb.ListContextReadsRequest(
                customer_id="cus-1", page_size=2, page_token=token
            )
        )
        subjects += [read.subject for read in answer.reads]
        token = answer.next_page_token
        if not token:
            break

    assert ["conversation", "timeline"] * 2 + ["conversation"] == subjects


async def test_the_agent_acknowledges_what_they_have_seen(house):
    await append(house)
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    request = pb.AcknowledgeContextRequest(
        interaction_id="chat-1", agent_id="ann", version=1
    )
    answer = await house.context.AcknowledgeContext(request)
    request.version = 2
    no = await refused(house.context.AcknowledgeContext(request))

    assert 1 == answer.interaction.acknowledged_version
    assert 1 == (await conversation(house)).conversation.acknowledged_version
    assert ("FIELD_INVALID", ("version",)) == (no.reason, no.fields)


async def test_withdrawal_acts_at_once_in_mid_conversation(house):
    await append(house, fact())
    await house.active(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    await consent(house, granted=False)
    await house.routing.HandOffInteraction(
        HandOffInteractionRequest(
            interaction_id="chat-1",
            successor_interaction_id="email-1",
            channel=CHANNEL_EMAIL,
        )
    )
    successor = await house.look("email-1")
    found = await conversation(house)
    page = await refused(conversation(house, page_token="2"))

    assert 0 == successor.context_version
    assert "CONSENT_WITHDRAWN" == found.package.withheld
    assert not found.package.facts
    assert "CONSENT_WITHDRAWN" == (await customer(house)).withheld
    assert page.reason in ("CONSENT_WITHDRAWN", "FIELD_INVALID")


async def test_the_fast_door_takes_entries_and_handoffs(house):
    await house.sign_in("ann")
    await house.enqueue(
        "chat-1", channel=CHANNEL_CHAT, conversation_id="con-1", customer_id="cus-1"
    )
    door = house.routing.RouteInteractions()
    entries = [
        RouteCommand(
            tag=n,
            append_context=pb.AppendContextRequest(
                conversation_id="con-1", entry=fact(f"fact_{n}", str(n))
            ),
        )
        for n in range(1, 4)
    ]
    late = RouteCommand(
        tag=4,
        append_context=pb.AppendContextRequest(
            conversation_id="con-1", entry=fact(), expected_version=0
        ),
    )
    on = RouteCommand(
        tag=5,
        hand_off=HandOffInteractionRequest(
            interaction_id="chat-1",
            successor_interaction_id="email-1",
            channel=CHANNEL_EMAIL,
        ),
    )
    await door.write(RouteInteractionsRequest(commands=[*entries, late, on]))
    results = (await door.read()).results
    await door.done_writing()

    assert [1, 2, 3] == [result.context_version for result in results[:3]]
    assert ("CONTEXT_CONFLICT", 3) == (
        results[3].reason,
        results[3].context_version,
    )
    assert not results[4].code
    assert 3 == (await house.look("email-1")).context_version


async def test_refused_entries_do_not_stand_in_the_way_of_the_next(house):
    # Each was sealed for a version that it never got.
    await append(house)
    door = house.routing.RouteInteractions()
    wrong = [
        RouteCommand(
            append_context=pb.AppendContextRequest(
                conversation_id="con-1", entry=fact(), expected_version=7
            )
        )
        for _ in range(12)
    ]
    await door.write(RouteInteractionsRequest(commands=wrong))
    await door.read()
    await door.done_writing()

    assert 2 == (await append(house)).version
    assert not house.desk._under_way


async def test_what_was_acknowledged_is_there_after_a_restart(house):
    await append(house, fact())
    await append(house, summary())
    await house.restart()
    found = await conversation(house)

    assert 2 == found.conversation.context_version
    assert ["fact", "summary"] == [
        entry.WhichOneof("content") for entry in found.package.entries
    ]
    assert 3 == (await append(house)).version


async def test_what_the_floor_has_forgotten_is_kept_over_a_restart(house):
    # Found by reading: the last entry ever prepared, of a conversation that no floor
    # knows any more, was taken for one that never reached the journal.
    await append(house, fact())
    await house.pass_time(9 * 86_400)
    await house.enqueue("call-1")  # whatever lapsed is forgotten when somebody comes
    assert "con-1" not in house.host.engine.names.conversations.rows
    await house.restart()
    kept = await conversation(house)
    again = await append(house, summary())

    assert ["fact"] == [e.WhichOneof("content") for e in kept.package.entries]
    assert 2 == again.version


async def test_what_was_prepared_and_never_journalled_is_dropped(house):
    # The moment between the store's commit and the journal's: as if the power failed.
    await append(house, fact())
    store = house.desk.contexts.conversations
    from router.context.entries import Author, Entry, Note
    from router.model.context import AuthorRole

    ghost = Entry(Note("hayalet"), Author(AuthorRole.AGENT, "ann"), house.host.now())
    store.prepare([store.seal("cus-1", "con-1", 2, ghost)])
    await house.restart()
    found = await conversation(house)
    again = await append(house, summary())

    assert 1 == found.conversation.context_version
    assert 1 == len(found.package.entries)
    assert 2 == again.version


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (said.ContextEntry(), "entry"),  # nothing in it
        (message(""), "entry.text"),  # empty text
        (message("x" * 20_000), "entry"),  # larger than its kind may be
        (fact("Order Number"), "entry.name"),  # not a name
        (
            said.ContextEntry(sentiment=said.SentimentContent(score=101), agent_id="a"),
            "entry.score",
        ),
        (
            said.ContextEntry(
                survey_answer=said.SurveyAnswerContent(question="?", score=5),
                agent_id="a",
            ),
            "entry.survey_answer.scale",
        ),
        (
            said.ContextEntry(
                attachment_reference=said.ReferenceContent(
                    uri="https://files.example/1", digest=b"short"
                ),
                agent_id="a",
            ),
            "entry.digest",
        ),
        (message(interaction_id="x" * 129), "entry.interaction_id"),
        (message(channel=99), "entry.channel"),  # type: ignore[arg-type]
    ],
)
async def test_an_entry_that_cannot_be_is_refused_and_nothing_is_half_written(
    house, entry, field
):
    no = await refused(append(house, entry))

    assert field in no.fields
    assert no.reason in ("FIELD_INVALID", "CONTEXT_FULL")
    assert "UNKNOWN_CONVERSATION" == (await refused(conversation(house))).reason


async def test_a_reader_says_who_and_why(house):
    await append(house)
    for missing in ({"purpose": 0}, {"purpose": 99}):
        no = await refused(conversation(house, **missing))
        assert ("FIELD_INVALID", ("purpose",)) == (no.reason, no.fields)
    request = pb.GetConversationRequest(conversation_id="con-1", purpose=2)
    no = await refused(house.context.GetConversation(request))
    assert ("FIELD_INVALID", ("reader",)) == (no.reason, no.fields)
