"""When customer events make us reach out: counting, caps, consent, quiet hours.

`Watch.observe` is a pure function of a customer's counters, an event and an instant; it
gives back new counters and what is to be done. An outreach becomes an interaction like
any other; its `dedup_id` is the same when the same report comes again, so that it is
enqueued once. Whatever the rules would have wanted and did not get says why.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from router.intake.cel import FOR_EVENTS, Compiled, Scope, compile_expression
from router.intake.counters import (
    CONTACTS_MAX,
    EVENTS_MAX,
    KINDS_MAX,
    SERIES_MAX,
    TAKEN_UP_MAX,
    Counters,
    digest,
    latest,
    latest_series,
)
from router.intake.facts import NOTHING, Customer, NamedValue, named_values
from router.intake.hours import local
from router.intake.match import ValueCheck, value_check
from router.intake.message import customer_message, event_message, site_message
from router.intake.preference import Reason, Recommendation, recommend
from router.model.channel import Channel
from router.model.time import days, format_duration
from router.policy.policy import Policy
from router.policy.proactive import EventRulePolicy

REMEMBERED_MS: Final = days(365)
"""Nothing is remembered for longer: no window of a policy is."""


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """Something that happened to a customer."""

    kind: str
    """PAGE_VIEWED, PAYMENT_FAILED, SURVEY_ANSWERED, or a name of your own."""
    attributes: Mapping[str, NamedValue] = field(
        default_factory=lambda: NOTHING, repr=False
    )
    event_id: str = ""
    """Tells one report from another; a report with an id that came before counts not."""


@dataclass(frozen=True, slots=True)
class Outreach:
    """An interaction that we begin, because of what happened to a customer."""

    rule: str
    queue: str
    purpose: str
    channel: Channel
    due_ms: int
    """Now, or after the quiet hours; ask `still_wanted` again by then."""
    dedup_id: str
    reasons: tuple[Reason, ...]
    """Why this channel."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What a rule would have wanted, and why it does not happen."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of an event."""

    counters: Counters
    outreaches: tuple[Outreach, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    policy: EventRulePolicy
    event: tuple[tuple[str, ValueCheck], ...]
    customer: tuple[tuple[str, ValueCheck], ...]
    when: Compiled | None

    def applies(
        self, event: CustomerEvent, customer: Customer, scope: Any
    ) -> bool | str:
        """Whether the event counts; as text, why that cannot be said."""
        for name, check in self.event:
            if not check(event.attributes.get(name)):
                return False
        for name, check in self.customer:
            if not check(customer.attributes.get(name)):
                return False
        return True if self.when is None else self.when.holds(scope())


class Watch:
    """The proactive rules of a policy, compiled."""

    def __init__(self, policy: Policy) -> None:
        """From a policy that `checks` has found sound; raises ExpressionWrong if not."""
        self._policy = policy
        self._site = ZoneInfo(policy.timezone)
        self._rules: dict[str, list[_Rule]] = {}
        for rule in policy.proactive.rules:
            self._rules.setdefault(rule.event, []).append(_compiled(rule))
        self._against = frozenset(
            kind for rule in policy.proactive.rules for kind in rule.unless
        )

    def observe(
        self,
        counters: Counters,
        event: CustomerEvent,
        customer: Customer,
        at_ms: int,
        *,
        customer_id: str,
    ) -> Observed:
        """What comes of an event at an instant. Raises FactsWrong for a bad attribute.

        `customer_id` is the opaque reference; it only goes into the `dedup_id`.
        """
        event = replace(event, attributes=named_values("attributes", event.attributes))
        report = digest("event", event.event_id) if event.event_id else ""
        if report and report in counters.events:
            return Observed(counters)
        counters = self._noted(_forgotten(counters, at_ms), event, report, at_ms)
        outreaches: list[Outreach] = []
        suppressed: list[Suppressed] = []
        scope = _Variables(event, customer, at_ms, self._site)
        for rule in self._rules.get(event.kind, ()):
            applies = rule.applies(event, customer, scope)
            if isinstance(applies, str):
                suppressed.append(Suppressed(rule.policy.name, applies))
                continue
            if not applies:
                continue
            cause = _cause(rule.policy, event)
            counters, complete = _counted(counters, rule.policy, cause, at_ms)
            if not complete:
                continue
            decided = self._decided(counters, rule.policy, cause, customer, at_ms)
            if isinstance(decided, str):
                suppressed.append(Suppressed(rule.policy.name, decided))
                continue
            begun = event.event_id or str(at_ms)
            outreach = _outreach(rule.policy, decided, customer_id, cause, begun)
            outreaches.append(outreach)
            counters = _begun(counters, cause, outreach.due_ms, at_ms)
        return Observed(counters, tuple(outreaches), tuple(suppressed))

    def still_wanted(
        self, outreach: Outreach, counters: Counters, customer: Customer, at_ms: int
    ) -> str:
        """Why an outreach that has fallen due should be dropped; empty if it should not.

        Consent may have been withdrawn since, or the matter settled.
        """
        rule = next(
            (one for one in self._policy.proactive.rules if one.name == outreach.rule),
            None,
        )
        if rule is None:
            return "the policy has no such rule any more"
        if spoken := _spoken_against(counters, rule, at_ms):
            return spoken
        for one in recommend(customer, rule.purpose, at_ms, self._policy):
            if one.channel == outreach.channel:
                return one.unreachable
        return "the policy does not use the channel any more"

    def _noted(
        self, counters: Counters, event: CustomerEvent, report: str, at_ms: int
    ) -> Counters:
        against = counters.against
        if event.kind in self._against:
            against = latest({**against, event.kind: at_ms}, KINDS_MAX)
        events = (*counters.events, report)[-EVENTS_MAX:] if report else counters.events
        return replace(counters, against=against, events=events)

    def _decided(
        self,
        counters: Counters,
        rule: EventRulePolicy,
        cause: str,
        customer: Customer,
        at_ms: int,
    ) -> Recommendation | str:
        """The channel to take, or why nobody is reached."""
        if spoken := _spoken_against(counters, rule, at_ms):
            return spoken
        before = counters.taken_up.get(cause)
        if before is not None and at_ms - before < rule.again_after_ms:
            again = format_duration(rule.again_after_ms)
            return f"taken up already within {again}"
        for cap in self._policy.proactive.caps:
            recent = sum(one > at_ms - cap.within_ms for one in counters.contacts)
            if recent >= cap.count:
                return f"{recent} contacts within {format_duration(cap.within_ms)}, at most {cap.count} are allowed"
        ranked = recommend(customer, rule.purpose, at_ms, self._policy, rule.channels)
        if not ranked[0].unreachable:
            return ranked[0]
        whys = dict.fromkeys(
            one.unreachable
            for one in ranked
            if not rule.channels or one.channel in rule.channels
        )
        return "no channel: " + "; ".join(
            whys or ["the policy has none of its channels"]
        )


class _Variables:
    """The variables of expressions, made when the first one asks for them."""

    __slots__ = ("_at", "_customer", "_event", "_scope", "_site")

    def __init__(
        self, event: CustomerEvent, customer: Customer, at_ms: int, site: ZoneInfo
    ) -> None:
        self._event, self._customer = event, customer
        self._at, self._site = at_ms, site
        self._scope: Scope | None = None

    def __call__(self) -> Scope:
        if self._scope is None:
            self._scope = Scope(
                {
                    "event": event_message(self._event.kind, self._event.attributes),
                    "customer": customer_message(self._customer),
                    "site": site_message(local(self._at, self._site)),
                }
            )
        return self._scope


def _compiled(rule: EventRulePolicy) -> _Rule:
    return _Rule(
        policy=rule,
        event=tuple((name, value_check(one)) for name, one in rule.match.items()),
        customer=tuple((name, value_check(one)) for name, one in rule.customer.items()),
        when=compile_expression(rule.when, FOR_EVENTS) if rule.when else None,
    )


def _cause(rule: EventRulePolicy, event: CustomerEvent) -> str:
    value = event.attributes.get(rule.key, "") if rule.key else ""
    return digest(rule.name, f"{type(value).__name__}:{value}")


def _forgotten(counters: Counters, at_ms: int) -> Counters:
    """Without what no window reaches back to."""
    since = at_ms - REMEMBERED_MS
    return replace(
        counters,
        series={
            key: at for key, at in counters.series.items() if at and at[-1] > since
        },
        against={key: at for key, at in counters.against.items() if at > since},
        taken_up={key: at for key, at in counters.taken_up.items() if at > since},
        contacts=tuple(at for at in counters.contacts if at > since),
    )


def _counted(
    counters: Counters, rule: EventRulePolicy, cause: str, at_ms: int
) -> tuple[Counters, bool]:
    """With one more event, and whether that makes enough of them within the window."""
    before = counters.series.get(cause, ())
    recent = [at for at in before if at > at_ms - rule.within_ms]
    instants = tuple(sorted([*recent, at_ms])[-rule.count :])
    series = latest_series({**counters.series, cause: instants}, SERIES_MAX)
    return replace(counters, series=series), len(instants) >= rule.count


def _spoken_against(counters: Counters, rule: EventRulePolicy, at_ms: int) -> str:
    for kind in rule.unless:
        at = counters.against.get(kind)
        if at is not None and at > at_ms - rule.within_ms:
            return f"{kind} came within {format_duration(rule.within_ms)}"
    return ""


def _outreach(
    rule: EventRulePolicy,
    best: Recommendation,
    customer_id: str,
    cause: str,
    begun: str,
) -> Outreach:
    named = f"{customer_id}\x1f{cause}\x1f{begun}"
    name = hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest()[:15]
    return Outreach(
        rule=rule.name,
        queue=rule.queue,
        purpose=rule.purpose,
        channel=best.channel,
        due_ms=best.not_before_ms,
        dedup_id="out-" + base64.b32encode(name).decode().lower(),
        reasons=best.reasons,
    )


def _begun(counters: Counters, cause: str, due_ms: int, at_ms: int) -> Counters:
    """With one more contact; its events have done their work and count no more."""
    series = {key: at for key, at in counters.series.items() if key != cause}
    contacts = tuple(sorted((*counters.contacts, due_ms))[-CONTACTS_MAX:])
    taken_up = latest({**counters.taken_up, cause: at_ms}, TAKEN_UP_MAX)
    return replace(counters, series=series, contacts=contacts, taken_up=taken_up)
