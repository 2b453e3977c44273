"""Refusals and faults as gRPC answers: one table, so that a client can rely on code and
reason.

`google.rpc.Status` with `ErrorInfo` (a stable reason), `BadRequest` where a field is at
fault, and `RetryInfo` where trying again helps. No message ever holds more than the
caller sent.
"""

from collections.abc import Mapping
from typing import NoReturn

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from router.context import errors as context
from router.engine import errors as refusals
from router.host import Draining, JournalDown, Overload
from router.policy.load import PolicyInvalid

DOMAIN = "santral"


class SlowReader(Exception):
    """A stream's reader fell further behind than the router keeps for it; resume from
    the last sequence seen.
    """


class SequenceGone(Exception):
    """The sequence to resume from is not kept any more, or has not come yet."""


class DecisionGone(Exception):
    """Nothing was decided about this, or the decision is no longer kept."""


class EstimateUnknown(Exception):
    """There is nothing yet to estimate a wait from."""


class TooManyIdentities(Exception):
    """The customer has as many identities as the policy allows."""


class ExportTooLarge(Exception):
    """What is kept of a customer is more than one answer carries."""


class ConsentWithdrawn(Exception):
    """The customer does not want what was said to be carried over."""


class TooManyCommands(Exception):
    """One message of the stream holds more commands than are allowed."""


STATUS: Mapping[type[Exception], tuple[int, str]] = {
    refusals.UnknownInteraction: (code_pb2.NOT_FOUND, "UNKNOWN_INTERACTION"),
    refusals.UnknownAgent: (code_pb2.NOT_FOUND, "UNKNOWN_AGENT"),
    refusals.UnknownQueue: (code_pb2.NOT_FOUND, "UNKNOWN_QUEUE"),
    refusals.UnknownSkill: (code_pb2.NOT_FOUND, "UNKNOWN_SKILL"),
    refusals.UnknownGroup: (code_pb2.INVALID_ARGUMENT, "FIELD_INVALID"),
    refusals.UnknownOffer: (code_pb2.NOT_FOUND, "UNKNOWN_OFFER"),
    refusals.WrongState: (code_pb2.FAILED_PRECONDITION, "WRONG_STATE"),
    refusals.OfferGone: (code_pb2.FAILED_PRECONDITION, "OFFER_GONE"),
    refusals.AlreadyEnqueued: (code_pb2.ALREADY_EXISTS, "ALREADY_ENQUEUED"),
    refusals.Unroutable: (code_pb2.INVALID_ARGUMENT, "UNROUTABLE"),
    refusals.QueueFull: (code_pb2.RESOURCE_EXHAUSTED, "QUEUE_FULL"),
    refusals.NotSignedIn: (code_pb2.FAILED_PRECONDITION, "NOT_SIGNED_IN"),
    refusals.AgentBusy: (code_pb2.FAILED_PRECONDITION, "AGENT_BUSY"),
    refusals.LimitReached: (code_pb2.RESOURCE_EXHAUSTED, "OVERLOAD"),
    refusals.InvalidField: (code_pb2.INVALID_ARGUMENT, "FIELD_INVALID"),
    refusals.RequestIdReused: (code_pb2.INVALID_ARGUMENT, "REQUEST_ID_REUSED"),
    refusals.RequestIdExpired: (code_pb2.FAILED_PRECONDITION, "REQUEST_ID_EXPIRED"),
    refusals.QueueInUse: (code_pb2.FAILED_PRECONDITION, "QUEUE_IN_USE"),
    refusals.Fault: (code_pb2.INTERNAL, "INTERNAL"),
    refusals.UnknownConversation: (code_pb2.NOT_FOUND, "UNKNOWN_CONVERSATION"),
    refusals.UnknownCustomer: (code_pb2.NOT_FOUND, "UNKNOWN_CUSTOMER"),
    refusals.ForeignConversation: (code_pb2.FAILED_PRECONDITION, "FOREIGN_CUSTOMER"),
    refusals.ContextConflict: (code_pb2.ABORTED, "CONTEXT_CONFLICT"),
    refusals.CustomerErased: (code_pb2.NOT_FOUND, "CUSTOMER_ERASED"),
    refusals.CustomerRestricted: (code_pb2.FAILED_PRECONDITION, "CUSTOMER_RESTRICTED"),
    refusals.AlreadyMerged: (code_pb2.FAILED_PRECONDITION, "ALREADY_MERGED"),
    refusals.NotMerged: (code_pb2.FAILED_PRECONDITION, "NOT_MERGED"),
    context.EntryRefused: (code_pb2.INVALID_ARGUMENT, "FIELD_INVALID"),
    context.ContextTooLarge: (code_pb2.FAILED_PRECONDITION, "CONTEXT_FULL"),
    context.CustomerErased: (code_pb2.NOT_FOUND, "CUSTOMER_ERASED"),
    context.UnknownConversation: (code_pb2.NOT_FOUND, "UNKNOWN_CONVERSATION"),
    context.ForeignConversation: (code_pb2.FAILED_PRECONDITION, "FOREIGN_CUSTOMER"),
    context.IdentityTaken: (code_pb2.ALREADY_EXISTS, "IDENTITY_TAKEN"),
    context.MergeRefused: (code_pb2.FAILED_PRECONDITION, "ALREADY_MERGED"),
    context.SealBroken: (code_pb2.DATA_LOSS, "CONTEXT_DAMAGED"),
    context.KeyMissing: (code_pb2.DATA_LOSS, "CONTEXT_DAMAGED"),
    context.StoreDamaged: (code_pb2.DATA_LOSS, "CONTEXT_DAMAGED"),
    context.StoreFailed: (code_pb2.UNAVAILABLE, "JOURNAL_DOWN"),
    ConsentWithdrawn: (code_pb2.FAILED_PRECONDITION, "CONSENT_WITHDRAWN"),
    TooManyIdentities: (code_pb2.FAILED_PRECONDITION, "TOO_MANY_IDENTITIES"),
    ExportTooLarge: (code_pb2.OUT_OF_RANGE, "EXPORT_TOO_LARGE"),
    PolicyInvalid: (code_pb2.INVALID_ARGUMENT, "POLICY_INVALID"),
    Overload: (code_pb2.RESOURCE_EXHAUSTED, "OVERLOAD"),
    Draining: (code_pb2.UNAVAILABLE, "DRAINING"),
    JournalDown: (code_pb2.UNAVAILABLE, "JOURNAL_DOWN"),
    SlowReader: (code_pb2.RESOURCE_EXHAUSTED, "SLOW_READER"),
    SequenceGone: (code_pb2.OUT_OF_RANGE, "SEQUENCE_GONE"),
    DecisionGone: (code_pb2.NOT_FOUND, "DECISION_GONE"),
    EstimateUnknown: (code_pb2.FAILED_PRECONDITION, "ESTIMATE_UNKNOWN"),
    TooManyCommands: (code_pb2.INVALID_ARGUMENT, "TOO_MANY_COMMANDS"),
}
"""What each refusal is on the wire: `google.rpc.Code` and `ErrorInfo.reason`."""

_RETRY_MS = {Overload: 200, Draining: 500, JournalDown: 500, SlowReader: 100}
ANSWERS = tuple(STATUS)
_GRPC_CODES: dict[int, grpc.StatusCode] = {
    code.value[0]: code for code in grpc.StatusCode
}


def code_and_reason(error: Exception) -> tuple[int, str]:
    """The code and reason of an answer that is a no."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return code_pb2.INTERNAL, "INTERNAL"


def status_of(error: Exception) -> status_pb2.Status:
    """The whole rich status of an answer that is a no."""
    code, reason = code_and_reason(error)
    details = [
        error_details_pb2.ErrorInfo(
            reason=reason, domain=DOMAIN, metadata=_metadata(error)
        )
    ]
    field = getattr(error, "field", "")
    packed = []
    if isinstance(error, PolicyInvalid):
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field="yaml",
                description=f"{problem.line}:{problem.column}: {problem.key}: {problem.message}",
            )
            for problem in error.problems
        ]
        packed.append(
            _packed(error_details_pb2.BadRequest(field_violations=violations))
        )
    elif field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=field, description=str(error)
        )
        packed.append(
            _packed(error_details_pb2.BadRequest(field_violations=[violation]))
        )
    retry_ms = getattr(error, "retry_after_ms", 0) or _RETRY_MS.get(type(error), 0)
    if retry_ms:
        delay = Duration(seconds=retry_ms // 1000, nanos=retry_ms % 1000 * 1_000_000)
        packed.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(
        code=code, message=str(error) or reason, details=[_packed(details[0]), *packed]
    )


def _metadata(error: Exception) -> dict[str, str]:
    """What a program needs to go on, beside the reason."""
    if isinstance(error, refusals.ContextConflict):
        return {"current_version": str(error.version)}
    if isinstance(error, context.IdentityTaken) and error.customer:
        return {"customer_id": error.customer}
    return {}


def _packed(
    detail: error_details_pb2.ErrorInfo
    | error_details_pb2.BadRequest
    | error_details_pb2.RetryInfo,
) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed


async def answer_no(
    context: "grpc.aio.ServicerContext[object, object]", error: Exception
) -> NoReturn:
    """End the call with the status of this refusal."""
    await context.abort_with_status(rpc_status.to_status(status_of(error)))
    raise AssertionError("abort_with_status does not return")
