"""ContextService, the half about customers: who they are, what they decided, erasure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from router.context.contexts import ContextView
from router.context.contract import AuditRow
from router.context.errors import MergeRefused
from router.context.exporting import export
from router.context.keys import new_customer_ref
from router.context.records import ConsentTerms, Preferences
from router.engine import commands as c
from router.engine.errors import (
    AlreadyMerged,
    InvalidField,
    NotMerged,
    UnknownCustomer,
)
from router.intake.preference import PurposeUnknown, recommend
from router.model.context import ConsentState, Purpose, ReadPurpose
from router.model.conversation import Purpose as FloorPurpose
from router.service import entries, identities, people, requests
from router.service.arrivals import Arrivals
from router.service.calls import Backed, unary
from router.service.context_desk import ContextDesk
from router.service.contexts import page_size, read_purpose
from router.service.errors import ExportTooLarge, TooManyIdentities
from router.service.outreach import Outreach
from router.service.packages import shown
from router.service.paging import page
from router.service.resources import instant
from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2

EXPORT_BYTES_MAX = 3_500_000
"""Beyond it the answer would not pass the limit that clients have by default."""
BY_HAND = "api"
CALLBACK = "callback"
_PURPOSES = {int(purpose): purpose for purpose in Purpose}


@dataclass(frozen=True, slots=True)
class _Reads:
    """The reads of a person as the loop found them, for an export beside it."""

    rows: Sequence[AuditRow]

    def reads_of(self, customer: str) -> Sequence[AuditRow]:
        return self.rows


class CustomerMethods(Backed):
    """Convert, ask the desk, convert back."""

    desk: ContextDesk
    arrivals: Arrivals
    outreach: Outreach

    @unary
    async def GetCustomer(
        self, request: pb.GetCustomerRequest
    ) -> pb.GetCustomerResponse:
        customer = self._subject(request)
        purpose = read_purpose(request.purpose)
        reader = requests.identifier(request.reader, "reader")
        self.desk.must_be_known(customer)
        self.desk.must_be_open(customer, purpose)
        size = page_size(request.page_size)
        await self.desk.audit(customer, reader, purpose, "timeline")

        def look(view: ContextView) -> Any:
            kept = people.kept_of(view, customer)
            if _is_withheld(kept, purpose):
                return kept, None
            return kept, view.conversations.timeline(
                customer,
                page_size=size,
                page_token=request.page_token,
                visible=self.desk.bound,
            )

        kept, timeline = await self.desk.read(look)
        response = pb.GetCustomerResponse(
            customer=people.resource(self.desk, kept), sequence=self.engine.sequence
        )
        if timeline is None:
            response.withheld = "CONSENT_WITHDRAWN"
            return response
        response.timeline.extend(map(shown, timeline.entries))
        response.next_page_token = timeline.next_page_token
        return response

    def _subject(self, request: pb.GetCustomerRequest) -> str:
        if request.WhichOneof("subject") == "identity":
            identity = identities.identity_of(request.identity, "")
            customer = self.desk.contexts.customers.customer_of(identity)
            if customer is None:
                raise UnknownCustomer(
                    "nobody is known by this identity", field="identity"
                )
            return customer
        return requests.identifier(request.customer_id, "customer_id")

    def _customer(self, request: Any) -> str:
        """The customer a request names, who must be known and not erased."""
        customer = requests.identifier(request.customer_id, "customer_id")
        requests.request_of(request, type(request).__name__.removesuffix("Request"))
        self.desk.must_be_known(customer)
        return customer

    async def _shown(self, customer: str) -> customer_pb2.Customer:
        kept = await self.desk.read(lambda view: people.kept_of(view, customer))
        return people.resource(self.desk, kept)

    # ---------------------------------------------------------------- what is known

    @unary
    async def UpdateCustomer(
        self, request: pb.UpdateCustomerRequest
    ) -> pb.UpdateCustomerResponse:
        customer, store = self._customer(request), self.desk.contexts.customers
        now = self.host.now()
        wishes = None
        if request.HasField("preferences"):
            given = request.preferences
            wishes = Preferences(
                entries.channels(given.preferred, "preferences.preferred"),
                entries.channels(given.unwanted, "preferences.unwanted"),
            )
        if request.attributes:
            store.set_attributes(customer, dict(request.attributes), now)
        if wishes is not None:
            store.set_preferences(customer, wishes, now)
        return pb.UpdateCustomerResponse(
            customer=await self._shown(customer), sequence=self.engine.sequence
        )

    @unary
    async def LinkIdentity(
        self, request: pb.LinkIdentityRequest
    ) -> pb.LinkIdentityResponse:
        store = self.desk.contexts.customers
        identity = identities.identity_of(
            request.identity, self.arrivals.region(request.queue)
        )
        requests.request_of(request, "LinkIdentity")
        customer = request.customer_id
        if customer:
            customer = requests.identifier(customer, "customer_id")
        else:
            customer = store.customer_of(identity) or new_customer_ref()
        self.desk.must_be_open(customer, ReadPurpose.SUBJECT_REQUEST)
        if store.customer_of(identity) is None and not self.arrivals.has_room(customer):
            raise TooManyIdentities(
                f"customer {customer!r} has as many identities as the policy allows; unlink one that is out of use"
            )
        store.link(
            identity,
            customer,
            identities.confidence_of(request.identity),
            identities.source_of(request.identity),
            self.host.now(),
        )
        return pb.LinkIdentityResponse(
            customer=await self._shown(customer), sequence=self.engine.sequence
        )

    @unary
    async def UnlinkIdentity(
        self, request: pb.UnlinkIdentityRequest
    ) -> pb.UnlinkIdentityResponse:
        customer, store = self._customer(request), self.desk.contexts.customers
        identity = identities.identity_of(
            request.identity, self.arrivals.region(request.queue)
        )
        if store.customer_of(identity) in store.person_of(customer):
            store.unlink(identity, self.host.now())
        return pb.UnlinkIdentityResponse(
            customer=await self._shown(customer), sequence=self.engine.sequence
        )

    # ---------------------------------------------------------------- one or two people

    @unary
    async def MergeCustomers(
        self, request: pb.MergeCustomersRequest
    ) -> pb.MergeCustomersResponse:
        into, other = self._both(request)
        store = self.desk.contexts.customers
        new = other not in store.person_of(into)
        if new:
            try:
                store.merge(into, other, BY_HAND, self.host.now())
            except MergeRefused as no:
                raise AlreadyMerged(str(no), field="merged_customer_id") from None
        command = c.MergeCustomers(
            into, other, requests.request_of(request, "MergeCustomers")
        )
        try:
            done = await self.host.submit(command)
        except AlreadyMerged as no:
            if new:
                store.unmerge(into, other, self.host.now())
            raise AlreadyMerged(str(no), field="merged_customer_id") from None
        return pb.MergeCustomersResponse(
            customer=await self._shown(into), sequence=done.sequence
        )

    @unary
    async def UnmergeCustomers(
        self, request: pb.UnmergeCustomersRequest
    ) -> pb.UnmergeCustomersResponse:
        into, other = self._both(request)
        store = self.desk.contexts.customers
        command = c.UnmergeCustomers(
            into, other, requests.request_of(request, "UnmergeCustomers")
        )
        kept = other in store.person_of(into)
        sequence = self.engine.sequence
        try:
            sequence = (await self.host.submit(command)).sequence
        except (NotMerged, UnknownCustomer) as no:
            # The floor may have forgotten both long ago; what is kept has not.
            if not kept:
                raise NotMerged(str(no), field="merged_customer_id") from None
        if kept:
            store.unmerge(into, other, self.host.now())
        return pb.UnmergeCustomersResponse(
            customer=await self._shown(into), sequence=sequence
        )

    def _both(self, request: Any) -> tuple[str, str]:
        into = self._customer(request)
        other = requests.identifier(request.merged_customer_id, "merged_customer_id")
        self.desk.must_be_known(other)
        return into, other

    # ---------------------------------------------------------------- what they decided

    @unary
    async def SetConsent(self, request: pb.SetConsentRequest) -> pb.SetConsentResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        given = request.consent
        purpose = _PURPOSES.get(given.purpose)
        if purpose is None:
            allowed = ", ".join(purpose.name for purpose in Purpose)
            raise InvalidField(
                f"consent.purpose must be one of {allowed}", field="consent.purpose"
            )
        self.desk.must_be_open(customer, ReadPurpose.SUBJECT_REQUEST)
        command = c.SetConsent(
            customer,
            FloorPurpose(int(purpose)),
            given.granted,
            requests.request_of(request, "SetConsent"),
        )
        terms = ConsentTerms(
            given.basis or "consent",
            given.text_version or "unspecified",
            requests.channel_of(given.channel, "consent.channel")
            if given.channel
            else None,
        )
        store, now = self.desk.contexts.customers, self.host.now()

        def record() -> None:
            store.set_consent(
                customer, purpose, granted=given.granted, terms=terms, at=now
            )

        # What is granted is on record before it acts; what is withdrawn acts first.
        if given.granted:
            record()
        done = await self.host.submit(command)
        if not given.granted:
            record()
        shown_consent = customer_pb2.ConsentRecord()
        shown_consent.CopyFrom(given)
        shown_consent.basis, shown_consent.text_version = (
            terms.basis,
            terms.text_version,
        )
        shown_consent.record_time.CopyFrom(instant(now))
        return pb.SetConsentResponse(consent=shown_consent, sequence=done.sequence)

    @unary
    async def SetRestricted(
        self, request: pb.SetRestrictedRequest
    ) -> pb.SetRestrictedResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        self.desk.must_be_open(customer, ReadPurpose.SUBJECT_REQUEST)
        store = self.desk.contexts.customers
        command = c.SetRestricted(
            customer,
            request.restricted,
            requests.request_of(request, "SetRestricted"),
        )
        if not request.restricted:
            store.restrict(customer, restricted=False)
        done = await self.host.submit(command)
        if request.restricted:
            store.restrict(customer, restricted=True)
        return pb.SetRestrictedResponse(sequence=done.sequence)

    @unary
    async def ListContextReads(
        self, request: pb.ListContextReadsRequest
    ) -> pb.ListContextReadsResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        self.desk.must_be_known(customer)
        self.desk.must_be_open(customer, ReadPurpose.SUBJECT_REQUEST)
        reads = self.desk.contexts.privacy.reads_of(customer)
        # Counted from the oldest, so that a page's end stays where it is while reads
        # are added.
        newest_first = list(range(len(reads)))
        rows, token = page(
            newest_first,
            request.page_size,
            request.page_token,
            lambda row: row - len(reads),
        )
        return pb.ListContextReadsResponse(
            reads=(
                customer_pb2.ContextRead(
                    time=instant(reads[row].at),
                    reader=reads[row].reader,
                    purpose=int(reads[row].purpose),  # type: ignore[arg-type]
                    subject=reads[row].what,
                )
                for row in rows
            ),
            next_page_token=token,
            sequence=self.engine.sequence,
        )

    @unary
    async def ExportCustomer(
        self, request: pb.ExportCustomerRequest
    ) -> pb.ExportCustomerResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        reader = requests.identifier(request.reader, "reader")
        self.desk.must_be_known(customer)
        self.desk.must_be_open(customer, ReadPurpose.SUBJECT_REQUEST)
        await self.desk.audit(customer, reader, ReadPurpose.SUBJECT_REQUEST, "export")
        reads = _Reads(self.desk.contexts.privacy.reads_of(customer))

        def look(view: ContextView) -> Struct:
            whole = export(
                customer,
                conversations=view.conversations,
                customers=view.customers,
                privacy=reads,
                visible=self.desk.bound,
            )
            if len(json.dumps(whole)) > EXPORT_BYTES_MAX:
                raise ExportTooLarge(
                    f"what is kept of customer {customer!r} is more than one answer carries; read it in pages by "
                    "GetCustomer"
                )
            found = Struct()
            ParseDict(whole, found)
            return found

        return pb.ExportCustomerResponse(
            export=await self.desk.read(look), sequence=self.engine.sequence
        )

    @unary
    async def EraseCustomer(
        self, request: pb.EraseCustomerRequest
    ) -> pb.EraseCustomerResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        self.desk.must_be_known(customer)
        receipt = await self.desk.erase(
            customer, requests.request_of(request, "EraseCustomer")
        )
        removed = receipt.removed
        return pb.EraseCustomerResponse(
            receipt=pb.ErasureReceipt(
                customer_id=customer,
                erase_time=instant(receipt.at),
                sequence=receipt.sequence,
                entries=removed.entries,
                identities=removed.links,
                consents=removed.consents,
                reads=removed.audits,
                conversations=removed.conversations,
                references=receipt.customers,
            ),
            sequence=receipt.sequence,
        )

    # ---------------------------------------------------------------- reaching out

    @unary
    async def RecommendChannel(
        self, request: pb.RecommendChannelRequest
    ) -> pb.RecommendChannelResponse:
        customer = requests.identifier(request.customer_id, "customer_id")
        self.desk.must_be_known(customer)
        self.desk.must_be_open(customer, ReadPurpose.ROUTING)
        whole = self.arrivals.whole()
        if whole is None:
            raise InvalidField("no policy is in force yet", field="purpose")
        await self.desk.audit(customer, "router", ReadPurpose.ROUTING, "preferences")
        known = await self.outreach.known(customer)
        try:
            ranked = recommend(
                known, request.purpose or CALLBACK, self.host.now(), whole.policy
            )
        except PurposeUnknown as unknown:
            raise InvalidField(f"purpose: {unknown}", field="purpose") from None
        return pb.RecommendChannelResponse(
            channels=(
                customer_pb2.ChannelRecommendation(
                    channel=int(one.channel),  # type: ignore[arg-type]
                    points=one.score,
                    unreachable=one.unreachable,
                    reasons=(
                        customer_pb2.RecommendationReason(
                            name=reason.term, points=reason.points, detail=reason.text
                        )
                        for reason in one.reasons
                    ),
                    not_before_time=instant(one.not_before_ms),
                )
                for one in ranked
            ),
            sequence=self.engine.sequence,
        )

    @unary
    async def ReportCustomerEvent(
        self, request: pb.ReportCustomerEventRequest
    ) -> pb.ReportCustomerEventResponse:
        customer = self._customer(request)
        self.desk.must_be_open(customer, ReadPurpose.ROUTING)
        reported = await self.outreach.report(customer, request)
        return pb.ReportCustomerEventResponse(
            outcomes=(
                customer_pb2.ProactiveOutcome(
                    rule=one.rule,
                    interaction_id=one.interaction,
                    suppressed=one.suppressed,
                    channel=int(one.channel or 0),  # type: ignore[arg-type]
                    due_time=instant(one.due_at) if one.due_at else None,
                )
                for one in reported
            ),
            sequence=self.engine.sequence,
        )


def _is_withheld(kept: people.Kept, purpose: ReadPurpose) -> bool:
    """Whether what was said may not be shown together: nobody may carry it over."""
    return (
        kept.carries_over is ConsentState.WITHDRAWN
        and purpose is not ReadPurpose.SUBJECT_REQUEST
    )
