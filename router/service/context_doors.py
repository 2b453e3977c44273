"""ContextService whole, and what the other services need of it."""

from dataclasses import dataclass

from router.host import Host
from router.service.arrivals import Arrivals
from router.service.context_desk import ContextDesk
from router.service.contexts import ConversationMethods
from router.service.customers import CustomerMethods
from router.service.outreach import Outreach
from router.service.rights import RightsMethods
from router.v1.context_service_pb2_grpc import ContextServiceServicer


@dataclass(frozen=True, slots=True)
class ContextDoors:
    """The desk of contexts and whoever works at it."""

    desk: ContextDesk
    arrivals: Arrivals
    outreach: Outreach

    @classmethod
    def at(cls, desk: ContextDesk) -> "ContextDoors":
        arrivals = Arrivals(desk)
        return cls(desk, arrivals, Outreach(desk, arrivals))


class Contexts(
    ConversationMethods, CustomerMethods, RightsMethods, ContextServiceServicer
):
    """Convert, ask the desk, convert back."""

    def __init__(self, host: Host, doors: ContextDoors) -> None:
        super().__init__(host, doors.desk)
        self.arrivals = doors.arrivals
        self.outreach = doors.outreach
