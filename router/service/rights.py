"""ContextService, what customers have decided and may ask for: consent, restriction, who
has read, everything that is kept, erasure.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from router.context.contexts import ContextView
from router.context.contract import AuditRow
from router.context.exporting import export
from router.context.records import ConsentTerms
from router.engine import commands as c
from router.engine.errors import InvalidField
from router.model.context import Purpose, ReadPurpose
from router.model.conversation import Purpose as FloorPurpose
from router.service import requests
from router.service.calls import Backed, unary
from router.service.context_desk import ContextDesk
from router.service.errors import ExportTooLarge
from router.service.paging import page
from router.service.times import instant
from router.v1 import context_service_pb2 as pb
from router.v1 import customer_pb2

EXPORT_BYTES_MAX = 64 * 1024 * 1024
"""Beyond it the answer would not pass the limit that clients have by default."""
_PURPOSES = {int(purpose): purpose for purpose in Purpose}


@dataclass(frozen=True, slots=True)
class _Reads:
    """The reads of a person as the loop found them, for an export beside it."""

    rows: Sequence[AuditRow]

    def reads_of(self, customer: str) -> Sequence[AuditRow]:
        return self.rows


class RightsMethods(Backed):
    """Convert, ask the desk, convert back."""

    desk: ContextDesk

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
        await self.desk.audits.add(
            customer, reader, ReadPurpose.SUBJECT_REQUEST, "export"
        )
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
