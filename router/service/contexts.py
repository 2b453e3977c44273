"""ContextService, the half about conversations: what was said, and who has seen it."""

from typing import Any

from router.context.admission import FREE_TEXT
from router.context.conversations import ReadEntry
from router.context.entries import Entry
from router.context.errors import UnknownConversation
from router.context.redaction import redact
from router.engine import commands as c
from router.engine.errors import InvalidField
from router.engine.tables import NOBODY
from router.host import Host
from router.model.context import ConsentState, Purpose, ReadPurpose
from router.service import entries, requests, resources
from router.service.calls import Backed, unary
from router.service.context_desk import ContextDesk
from router.service.errors import ConsentWithdrawn
from router.service.packages import package_of, shown
from router.v1 import context_service_pb2 as pb
from router.v1.conversation_pb2 import Conversation

PAGE_DEFAULT = 20
PAGE_MAX = 200
_PURPOSES = {int(purpose): purpose for purpose in ReadPurpose}


class ConversationMethods(Backed):
    """Convert, ask the desk, convert back."""

    def __init__(self, host: Host, desk: ContextDesk) -> None:
        super().__init__(host)
        self.desk = desk

    @unary
    async def GetConversation(
        self, request: pb.GetConversationRequest
    ) -> pb.GetConversationResponse:
        conversation = requests.identifier(request.conversation_id, "conversation_id")
        purpose = read_purpose(request.purpose)
        customer = self.desk.customer_of(conversation)
        if not customer:
            raise UnknownConversation(
                f"nothing was ever added to conversation {conversation!r}, and no interaction has named it",
                field="conversation_id",
            )
        self.desk.must_be_open(customer, purpose)
        size = page_size(request.page_size)
        version = self.desk.version_of(conversation)
        reader = requests.identifier(request.reader, "reader")
        await self.desk.audit(customer, reader, purpose, "conversation")
        response = pb.GetConversationResponse(
            conversation=conversation_of(self.desk, conversation, customer),
            sequence=self.engine.sequence,
        )
        if not request.page_token:
            channel = requests.channel_of(request.channel) if request.channel else None
            package = await self.desk.read(
                lambda view: package_of(
                    view,
                    customer,
                    conversation,
                    version,
                    channel,
                    size,
                    self.desk.needs_consent,
                )
            )
            response.package.CopyFrom(package)
            response.next_page_token = package.earlier_page_token
            return response
        if (
            purpose is not ReadPurpose.SUBJECT_REQUEST
            and self.desk.contexts.customers.consent(customer, Purpose.CARRY_OVER)
            is ConsentState.WITHDRAWN
        ):
            raise ConsentWithdrawn(
                f"the customer of conversation {conversation!r} does not want what was said to be carried over"
            )
        before = _place_in(request.page_token, version)
        found = await self._entries(customer, conversation, before - 1, size)
        response.entries.extend(map(shown, found))
        if found and found[-1].version > 1:
            response.next_page_token = str(found[-1].version)
        return response

    async def _entries(
        self, customer: str, conversation: str, up_to: int, size: int
    ) -> list[ReadEntry]:
        return await self.desk.read(
            lambda view: view.conversations.newest(
                customer, conversation, up_to_version=up_to, limit=size
            )
        )

    @unary
    async def AppendContext(
        self, request: pb.AppendContextRequest
    ) -> pb.AppendContextResponse:
        conversation, customer, entry, expected = read_append(request, self.host.now())
        done = await self.desk.append(
            conversation,
            customer,
            entry,
            expected,
            requests.request_of(request, "AppendContext"),
        )
        stored = self.desk.stored(conversation)
        return pb.AppendContextResponse(
            version=done.version,
            replaced=replaced_in(entry),
            capture_paused=stored is not None and stored.paused,
            sequence=done.sequence,
        )

    @unary
    async def AcknowledgeContext(
        self, request: pb.AcknowledgeContextRequest
    ) -> pb.AcknowledgeContextResponse:
        command = c.AcknowledgeContext(
            requests.identifier(request.interaction_id, "interaction_id"),
            requests.identifier(request.agent_id, "agent_id"),
            request.version,
            requests.request_of(request, "AcknowledgeContext"),
        )
        return await self.answer_interaction(command, pb.AcknowledgeContextResponse)

    @unary
    async def PauseCapture(
        self, request: pb.PauseCaptureRequest
    ) -> pb.PauseCaptureResponse:
        shown = self._captured(request, paused=True)
        return pb.PauseCaptureResponse(conversation=shown, sequence=shown.sequence)

    @unary
    async def ResumeCapture(
        self, request: pb.ResumeCaptureRequest
    ) -> pb.ResumeCaptureResponse:
        shown = self._captured(request, paused=False)
        return pb.ResumeCaptureResponse(conversation=shown, sequence=shown.sequence)

    def _captured(self, request: Any, *, paused: bool) -> Conversation:
        conversation = requests.identifier(request.conversation_id, "conversation_id")
        requests.request_of(request, type(request).__name__.removesuffix("Request"))
        customer = self.desk.customer_of(conversation)
        if not customer:
            raise UnknownConversation(
                f"nobody knows yet whose conversation {conversation!r} is",
                field="conversation_id",
            )
        store = self.desk.contexts.conversations
        (store.pause_capture if paused else store.resume_capture)(
            customer, conversation, self.host.now()
        )
        return conversation_of(self.desk, conversation, customer)


def read_append(
    request: pb.AppendContextRequest, now: int
) -> tuple[str, str, Entry, int | None]:
    """Conversation, customer, entry and expected version of an append, checked."""
    expected = (
        request.expected_version if request.HasField("expected_version") else None
    )
    if expected is not None and expected < 0:
        raise InvalidField(
            f"expected_version is {expected}; it counts from 0",
            field="expected_version",
        )
    return (
        requests.identifier(request.conversation_id, "conversation_id"),
        requests.identifier(request.customer_id, "customer_id")
        if request.customer_id
        else "",
        entries.entry_of(request.entry, now),
        expected,
    )


def replaced_in(entry: Entry) -> int:
    """How many card numbers and codes are taken out of an entry before it is kept."""
    names = FREE_TEXT.get(type(entry.value), ())
    found = [redact(getattr(entry.value, name)) for name in names]
    return sum(one.cards + one.codes for one in found)


def conversation_of(
    desk: ContextDesk, conversation: str, customer: str
) -> Conversation:
    """A conversation as it is now: what the floor says, and what is kept."""
    names, floor = desk.engine.names, desk.engine.floor
    stored = desk.stored(conversation)
    message = Conversation(
        conversation_id=conversation,
        customer_id=customer,
        context_version=desk.version_of(conversation),
        capture_paused=stored is not None and stored.paused,
        sequence=desk.engine.sequence,
    )
    row = names.conversations.rows.get(conversation, NOBODY)
    if row == NOBODY:
        return message
    owner = int(floor.conversations["owner"][row])
    if owner != NOBODY:
        message.owner = names.agents.texts[owner]
    live, acknowledged = resources.live_in(desk.engine, row)
    message.live_interactions.extend(live)
    message.acknowledged_version = acknowledged
    return message


def read_purpose(number: int) -> ReadPurpose:
    purpose = _PURPOSES.get(number)
    if purpose is None:
        allowed = ", ".join(purpose.name for purpose in ReadPurpose)
        raise InvalidField(f"purpose must be one of {allowed}", field="purpose")
    return purpose


def page_size(size: int) -> int:
    if size < 0:
        raise InvalidField(
            f"page_size is {size}; it must not be negative", field="page_size"
        )
    return min(size or PAGE_DEFAULT, PAGE_MAX)


def _place_in(token: str, version: int) -> int:
    if not token.isdecimal() or len(token) > 18 or not 1 < int(token) <= version:
        raise InvalidField(
            "page_token is not one that this method has given", field="page_token"
        )
    return int(token)
