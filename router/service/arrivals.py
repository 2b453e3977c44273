"""From a request to an order, by the policy's intake rules: who it is, what it is about,
where it goes.

A request that brings nothing but routing's own words, under a policy without rules, goes
straight through. For the others the customer is recognised, the conversation found, the
rules asked, and what they decided stands in the order, in numbers. The same request
again is the same order: what was decided is remembered for a while, and who it is stays
with the interaction as long as the floor knows it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from router.context.keys import CUSTOMER_PREFIX, new_customer_ref
from router.context.records import Identity
from router.engine import commands as c
from router.engine.errors import InvalidField
from router.engine.intakes import written_intake
from router.engine.tables import NOBODY
from router.intake.facts import Conversation, Customer, Facts, FactsWrong, NamedValue
from router.intake.language import LanguageWrong, canonical
from router.intake.load import Whole, compiled
from router.intake.rules import Intake
from router.intake.threads import ThreadWrong, thread_of
from router.model.context import ConsentState, EntryKind, Purpose
from router.policy.intake import LanguagesPolicy
from router.policy.policy import Policy
from router.service import identities, requests
from router.service.context_desk import ContextDesk
from router.service.people import kept_of, known_to_intake
from router.v1.customer_pb2 import AttributeValue
from router.v1.routing_service_pb2 import EnqueueInteractionRequest

IDENTITIES_MAX = 16
REMEMBERED_MAX = 20_000
CONVERSATION_PREFIX = "con-"
FACTS_MAX = 64


@dataclass(frozen=True, slots=True)
class _Recognised:
    """Whose request it is, and of which conversation."""

    customer: str
    conversation: str
    links: tuple[tuple[Identity, int, str], ...] = ()
    """Identities to be linked: with confidence and source."""


class Arrivals:
    """Makes orders of requests."""

    def __init__(self, desk: ContextDesk) -> None:
        self._desk = desk
        self._whole: Whole | None = None
        self._plain = False
        self._decided: OrderedDict[str, tuple[bytes, c.Enqueue]] = OrderedDict()

    def whole(self) -> Whole | None:
        """The policy in force with its rules compiled; once for each policy."""
        policy = self._desk.engine.policy
        if policy is None:
            return None
        if self._whole is None or self._whole.policy is not policy:
            self._whole = compiled(policy)
            self._plain = _is_plain(policy)
            self._desk.use(policy)
            self._decided.clear()
        return self._whole

    def order(self, m: EnqueueInteractionRequest) -> c.Enqueue:
        """The order that a request comes to."""
        whole = self.whole()
        if whole is None or (self._plain and _asks_nothing(m)):
            order = requests.enqueue(m)
            if order.conversation:
                order.stored_version = self._desk.stored_version(order.conversation)
            return order
        interaction = requests.identifier(m.interaction_id, "interaction_id")
        content = EnqueueInteractionRequest()
        content.CopyFrom(m)
        content.request_id = ""
        digest = hashlib.blake2b(
            content.SerializeToString(deterministic=True), digest_size=16
        ).digest()
        request = requests.request_of(m, "EnqueueInteraction")
        before = self._decided.get(interaction)
        if before is not None and before[0] == digest:
            return replace(before[1], request=request)
        order = self._decide(m, whole)
        self._decided[interaction] = (digest, order)
        if len(self._decided) > REMEMBERED_MAX:
            self._decided.popitem(last=False)
        return replace(order, request=request)

    def _decide(self, m: EnqueueInteractionRequest, whole: Whole) -> c.Enqueue:
        order = requests.enqueue(m)
        order.due_at = _due_at(m)
        who = self._recognised(m, order)
        order.customer, order.conversation = who.customer, who.conversation
        order.stored_version = (
            self._desk.stored_version(who.conversation) if who.conversation else 0
        )
        intake = self._asked(m, order, whole)
        owner = intake.owner
        if owner and not order.owner and not self._is_on_the_roster(owner):
            owner = ""  # an attribute may name whoever has left the business
        order.queue = intake.queue
        order.priority = intake.priority
        order.needs = intake.needs
        order.owner = owner
        order.intake = written_intake(
            intake.language,
            [
                (fired.rule, tuple(f"{one.what}: {one.to}" for one in fired.changes))
                for fired in intake.fired
            ],
        )
        self._link(who)
        return order

    def _is_on_the_roster(self, agent: str) -> bool:
        row = self._desk.engine.names.agents.rows.get(agent, NOBODY)
        return row != NOBODY and bool(self._desk.engine.floor.roster["defined"][row])

    # ---------------------------------------------------------------- who it is

    def _recognised(
        self, m: EnqueueInteractionRequest, order: c.Enqueue
    ) -> _Recognised:
        customer, conversation = order.customer, order.conversation
        if m.previous_interaction_id:
            before = self._ties_of(m.previous_interaction_id)
            if before is None:
                raise self._desk.engine.unknown_interaction(
                    m.previous_interaction_id, "previous_interaction_id"
                )
            customer, conversation = customer or before[0], conversation or before[1]
        if m.HasField("email_thread") and not conversation:
            conversation = self._thread(m)
            customer = customer or self._desk.customer_of(conversation)
        if not m.identities:
            return _Recognised(customer, conversation)
        there = self._ties_of(order.interaction)
        if there is not None and there[0]:
            # Here already: whoever it was taken for then.
            return _Recognised(there[0], there[1])
        links = self._links(m, order.queue)
        people = self._desk.contexts.customers
        if not customer:
            known = [
                (confidence, owner)
                for identity, confidence, _ in links
                if (owner := people.customer_of(identity))
            ]
            customer = max(known, key=lambda one: one[0])[1] if known else ""
        customer = customer or new_customer_ref()
        if not conversation:
            minted = new_customer_ref().removeprefix(CUSTOMER_PREFIX)
            conversation = CONVERSATION_PREFIX + minted
        return _Recognised(customer, conversation, links)

    def _ties_of(self, interaction: str) -> tuple[str, str] | None:
        """Customer and conversation of an interaction that the floor knows."""
        engine = self._desk.engine
        row = engine.names.interactions.rows.get(interaction, NOBODY)
        if row == NOBODY or not engine.floor.interactions["used"][row]:
            return None
        there = engine.floor.interactions
        return (
            engine.names.customers.texts.get(int(there["customer"][row]), ""),
            engine.names.conversations.texts.get(int(there["conversation"][row]), ""),
        )

    def _thread(self, m: EnqueueInteractionRequest) -> str:
        """The conversation of an email: that of its thread, or a new one."""
        given = m.email_thread
        try:
            thread = thread_of(given.message_id, given.in_reply_to, given.references)
        except ThreadWrong as wrong:
            raise InvalidField(f"email_thread: {wrong}", field="email_thread") from None
        for key in thread.keys:
            if self._desk.is_known(key):
                return key
        return thread.key

    def _links(
        self, m: EnqueueInteractionRequest, queue: str
    ) -> tuple[tuple[Identity, int, str], ...]:
        if len(m.identities) > IDENTITIES_MAX:
            raise InvalidField(
                f"{len(m.identities)} identities are given, at most {IDENTITIES_MAX} can be",
                field="identities",
            )
        region = self.region(queue)
        return tuple(
            (
                identities.identity_of(one, region, f"identities[{index}]"),
                identities.confidence_of(one),
                identities.source_of(one),
            )
            for index, one in enumerate(m.identities)
        )

    def has_room(self, customer: str) -> bool:
        """Whether the policy lets the customer have one more identity."""
        whole = self.whole()
        if whole is None:
            return True
        most = whole.policy.identities.per_customer_max
        return len(self._desk.contexts.customers.identities_of(customer)) < most

    def region(self, queue: str) -> str:
        """Whose telephone numbers come to a queue without their country."""
        whole = self.whole()
        if whole is None:
            return ""
        known = whole.policy.queues.get(queue)
        here = known.default_region if known is not None else ""
        return here or whole.policy.identities.default_region

    def _link(self, who: _Recognised) -> None:
        """Link what is linked to nobody else; with the interaction, not before it was
        looked at whole.
        """
        people, now = self._desk.contexts.customers, self._desk.host.now()
        if not who.links or self._desk.is_erased(who.customer):
            return
        person = people.person_of(who.customer)
        for identity, confidence, source in who.links:
            owner = people.customer_of(identity)
            if owner in person or (owner is None and self.has_room(who.customer)):
                people.link(identity, who.customer, confidence, source, now)

    # ---------------------------------------------------------------- what it is about

    def _asked(
        self, m: EnqueueInteractionRequest, order: c.Enqueue, whole: Whole
    ) -> Intake:
        facts = Facts(
            channel=order.channel,
            queue=order.queue,
            language=m.language,
            priority=order.priority,
            needs=order.needs,
            owner=order.owner,
            attributes=attributes_of(m.attributes),
        )
        if whole.policy.intake.rules and order.customer:
            facts = replace(
                facts,
                customer=self._customer(order.customer),
                conversation=self._conversation(order.customer, order.conversation),
            )
        try:
            if m.language:
                canonical(m.language)
            return whole.rules.decide(facts, self._desk.host.now())
        except LanguageWrong as wrong:
            raise InvalidField(f"language: {wrong}", field="language") from None
        except FactsWrong as wrong:
            raise InvalidField(str(wrong), field=wrong.field) from None

    def _customer(self, customer: str) -> Customer:
        if self._desk.is_erased(customer) or not self._desk.is_kept(customer):
            return Customer()
        return known_to_intake(kept_of(self._desk.here, customer))

    def _conversation(self, customer: str, conversation: str) -> Conversation:
        stored = self._desk.stored(conversation) if conversation else None
        people = self._desk.contexts.customers
        if (
            stored is None
            or self._desk.is_erased(customer)
            or people.is_restricted(customer)
            or people.consent(customer, Purpose.CARRY_OVER) is ConsentState.WITHDRAWN
        ):
            return Conversation()
        found = self._desk.contexts.conversations.newest(
            customer, conversation, limit=FACTS_MAX, kind=EntryKind.FACT
        )
        facts: dict[str, NamedValue] = {}
        for one in reversed(found):
            value = one.entry.value
            name, text = getattr(value, "name", ""), getattr(value, "value", "")
            if name:
                facts[name] = text
        return Conversation(known=True, facts=facts)


def attributes_of(given: Mapping[str, AttributeValue]) -> dict[str, NamedValue]:
    """Named values a client gave."""
    found: dict[str, NamedValue] = {}
    for name, value in given.items():
        which = value.WhichOneof("value")
        if which is None:
            raise InvalidField(
                f"attribute {name[:64]!r} has no value: give text, number or flag",
                field="attributes",
            )
        found[name] = getattr(value, which)
    return found


def _asks_nothing(m: EnqueueInteractionRequest) -> bool:
    """Whether the request brings routing's own words alone."""
    return not (
        m.identities
        or m.attributes
        or m.language
        or m.previous_interaction_id
        or m.HasField("due_time")
        or m.HasField("email_thread")
    )


@cache
def _no_languages() -> LanguagesPolicy:
    """What a policy says that says nothing of languages. Not made on import: pydantic
    looks for plugins then.
    """
    return LanguagesPolicy()


def _is_plain(policy: Policy) -> bool:
    """Whether the policy would leave such a request as it is."""
    return (
        not policy.intake.rules
        and not policy.intake.default_queue
        and policy.languages == _no_languages()
    )


def _due_at(m: EnqueueInteractionRequest) -> int:
    if not m.HasField("due_time"):
        return 0
    return requests.instant_of(m.due_time, "due_time")
