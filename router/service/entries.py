"""Entries between the wire and the store's values, both ways.

Says only which field is which. Whether an entry may be kept is asked by the store's own
admission, which names the field at fault.
"""

from collections.abc import Callable
from typing import Any

from router.context import entries as e
from router.engine.errors import InvalidField
from router.model.channel import Channel
from router.model.context import AuthorRole, SurveyKind
from router.service.requests import channel_of, composed, identifier
from router.service.times import instant
from router.v1 import conversation_pb2 as pb
from router.v1.conversation_pb2 import ContextEntry

_ROLES = {
    pb.WRITER_UNSPECIFIED: AuthorRole.AGENT,
    pb.WRITER_AGENT: AuthorRole.AGENT,
    pb.WRITER_BOT: AuthorRole.BOT,
    pb.WRITER_CUSTOMER: AuthorRole.CUSTOMER,
    pb.WRITER_ROUTER: AuthorRole.ROUTER,
}
_WRITERS = {role: writer for writer, role in _ROLES.items()}
_SCALES = {
    pb.SurveyAnswerContent.SCALE_NPS: SurveyKind.NPS,
    pb.SurveyAnswerContent.SCALE_CSAT: SurveyKind.CSAT,
}
_SCALES_ON_THE_WIRE = {scale: wire for wire, scale in _SCALES.items()}

_Read = Callable[[Any], e.Value]


def _reference(kind: Callable[..., Any]) -> _Read:
    return lambda m: kind(m.uri, m.digest, m.size_bytes, m.title, m.media_type)


def _survey(m: pb.SurveyAnswerContent) -> e.SurveyAnswer:
    scale = _SCALES.get(m.scale)
    if scale is None:
        raise InvalidField(
            "entry.survey_answer.scale must be NPS or CSAT",
            field="entry.survey_answer.scale",
        )
    return e.SurveyAnswer(m.question, scale, m.score, m.remark)


def _handoff(m: pb.HandoffOutcomeContent) -> e.HandoffOutcome:
    to = channel_of(m.to_channel, "entry.handoff_outcome.to_channel")
    return e.HandoffOutcome(to, m.outcome, m.successor_interaction_id)


_READ: dict[str, _Read] = {
    "message": lambda m: e.Message(m.text),
    "message_reference": _reference(e.MessageReference),
    "transcript_reference": _reference(e.TranscriptReference),
    "summary": lambda m: e.Summary(m.text),
    "fact": lambda m: e.Fact(m.name, m.value),
    "sentiment": lambda m: e.Sentiment(m.score),
    "disposition": lambda m: e.Disposition(m.code, m.note),
    "note": lambda m: e.Note(m.text),
    "attachment_reference": _reference(e.AttachmentReference),
    "survey_answer": _survey,
    "offer_outcome": lambda m: e.OfferOutcome(m.agent_id, m.outcome),
    "handoff_outcome": _handoff,
    "promise": lambda m: e.Promise(
        m.text, m.due_time.ToMilliseconds() if m.HasField("due_time") else 0, m.kept
    ),
    "open_question": lambda m: e.OpenQuestion(m.text, m.answered),
}


def entry_of(m: ContextEntry, at: int) -> e.Entry:
    """The entry a client sent, as it would be kept; `at` is the router's clock."""
    which = m.WhichOneof("content")
    if which is None:
        raise InvalidField(
            f"entry has no content; give one of {', '.join(_READ)}", field="entry"
        )
    role = _ROLES.get(m.writer)
    if role is None:
        raise InvalidField(
            "entry.writer must be AGENT, BOT, CUSTOMER or ROUTER", field="entry.writer"
        )
    return e.Entry(
        _READ[which](getattr(m, which)),
        e.Author(role, composed(m.agent_id)),
        at,
        channel_of(m.channel, "entry.channel") if m.channel else None,
        identifier(m.interaction_id, "entry.interaction_id")
        if m.interaction_id
        else "",
    )


def resource(version: int, conversation: str, entry: e.Entry) -> ContextEntry:
    """A kept entry as clients see it."""
    message = ContextEntry(
        version=version,
        kind=int(entry.kind),  # type: ignore[arg-type]
        conversation_id=conversation,
        interaction_id=entry.interaction_id,
        channel=entry.channel or 0,  # type: ignore[arg-type]
        writer=_WRITERS[entry.author.role],
        agent_id=entry.author.name,
        write_time=instant(entry.at),
    )
    value = entry.value
    if isinstance(value, e.Withheld):
        message.withheld = value.reason
        return message
    name, content = _WRITE[type(value)](value)
    getattr(message, name).CopyFrom(content)
    return message


def _text(name: str) -> Callable[[Any], tuple[str, Any]]:
    return lambda v: (name, pb.TextContent(text=v.text))


def _place(name: str) -> Callable[[Any], tuple[str, Any]]:
    return lambda v: (
        name,
        pb.ReferenceContent(
            uri=v.uri,
            digest=v.digest,
            size_bytes=v.size,
            media_type=v.media_type,
            title=v.title,
        ),
    )


def promise(value: e.Promise) -> pb.PromiseContent:
    message = pb.PromiseContent(text=value.text, kept=value.kept)
    if value.due_at:
        message.due_time.CopyFrom(instant(value.due_at))
    return message


_WRITE: dict[type, Callable[[Any], tuple[str, Any]]] = {
    e.Message: _text("message"),
    e.MessageReference: _place("message_reference"),
    e.TranscriptReference: _place("transcript_reference"),
    e.Summary: _text("summary"),
    e.Fact: lambda v: ("fact", pb.FactContent(name=v.name, value=v.value)),
    e.Sentiment: lambda v: ("sentiment", pb.SentimentContent(score=v.score)),
    e.Disposition: lambda v: (
        "disposition",
        pb.DispositionContent(code=v.code, note=v.note),
    ),
    e.Note: _text("note"),
    e.AttachmentReference: _place("attachment_reference"),
    e.SurveyAnswer: lambda v: (
        "survey_answer",
        pb.SurveyAnswerContent(
            question=v.question,
            scale=_SCALES_ON_THE_WIRE[v.scale],
            score=v.score,
            remark=v.remark,
        ),
    ),
    e.OfferOutcome: lambda v: (
        "offer_outcome",
        pb.OfferOutcomeContent(agent_id=v.agent_id, outcome=v.outcome),
    ),
    e.HandoffOutcome: lambda v: (
        "handoff_outcome",
        pb.HandoffOutcomeContent(
            to_channel=int(v.to_channel),  # type: ignore[arg-type]
            outcome=v.outcome,
            successor_interaction_id=v.successor_id,
        ),
    ),
    e.Promise: lambda v: ("promise", promise(v)),
    e.OpenQuestion: lambda v: (
        "open_question",
        pb.OpenQuestionContent(text=v.text, answered=v.answered),
    ),
}


def channels(numbers: "list[int] | Any", field: str) -> tuple[Channel, ...]:
    """Channels a client named, each once, in its order."""
    return tuple(dict.fromkeys(channel_of(number, field) for number in numbers))
