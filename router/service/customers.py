"""ContextService, the half about customers: who they are, what they decided, erasure."""

from typing import Any

from router.context.contexts import ContextView
from router.context.errors import MergeRefused
from router.context.keys import new_customer_ref
from router.context.records import Preferences
from router.engine import commands as c
from router.engine.errors import (
    AlreadyMerged,
    InvalidField,
    NotMerged,
    UnknownCustomer,
)
from router.intake.preference import PurposeUnknown, recommend
from router.model.context import ConsentState, ReadPurpose
from router.service import entries, identities, people, requests
from router.service.arrivals import Arrivals
from router.service.calls import Backed, unary
from router.service.context_desk import ContextDesk
from router.service.contexts import page_size, read_purpose
from router.service.errors import TooManyIdentities
from router.service.outreach import Outreach
from router.service.packages import shown
from router.service.times import instant
from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2

BY_HAND = "api"
CALLBACK = "callback"


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
        await self.desk.audits.add(customer, reader, purpose, "timeline")

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
        confidence = identities.confidence_of(request.identity)
        source = identities.source_of(request.identity)
        owner = store.customer_of(identity)
        stated = request.identity.confidence
        if owner and owner not in store.person_of(customer) and self._sure(stated):
            await self._join(owner, customer, source)
        store.link(identity, customer, confidence, source, self.host.now())
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
        known = requests.request_of(request, "MergeCustomers")
        sequence = await self._join(into, other, BY_HAND, known)
        return pb.MergeCustomersResponse(
            customer=await self._shown(into), sequence=sequence
        )

    def _sure(self, confidence: int) -> bool:
        """Whether an identity that two customers share makes them one."""
        policy = self.engine.policy
        return policy is not None and confidence >= policy.identities.merge_confidence

    async def _join(
        self, into: str, other: str, source: str, request: c.Request | None = None
    ) -> int:
        """Make two customers one, in the store and on the floor; the sequence that
        holds it.
        """
        store = self.desk.contexts.customers
        new = other not in store.person_of(into)
        if new:
            try:
                store.merge(into, other, source, self.host.now())
            except MergeRefused as no:
                raise AlreadyMerged(str(no), field="merged_customer_id") from None
        try:
            done = await self.host.submit(c.MergeCustomers(into, other, request))
        except AlreadyMerged as no:
            if new:
                store.unmerge(into, other, self.host.now())
            raise AlreadyMerged(str(no), field="merged_customer_id") from None
        return done.sequence

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
        await self.desk.audits.add(
            customer, "router", ReadPurpose.ROUTING, "preferences"
        )
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
