"""Which channel would reach a customer, ranked, with reasons.

Whole numbers from the policy and from what is known; the same facts give the same
order, ties by the number of the channel. A channel that cannot be used is in the list
as well, at the end, and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from router.intake.facts import TRIED_MAX, Customer, Tried
from router.intake.hours import after_quiet, within
from router.model.channel import Channel
from router.policy.customers import PreferencePolicy, PurposePolicy
from router.policy.policy import Policy
from router.policy.suggest import listed, meant

FULL: Final = 1000
"""What one answer counts that was given just now."""

HALVINGS_MAX: Final = 20
"""After so many half-lives an attempt counts nothing."""

Term = Literal["stated", "worked", "country", "time"]


class PurposeUnknown(ValueError):
    """The policy has no such purpose."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a channel's score, in words."""

    term: Term
    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A channel and what speaks for it, or why it cannot be used."""

    channel: Channel
    score: int
    reasons: tuple[Reason, ...]
    not_before_ms: int
    """The first instant at which it may be used: now, or after the quiet hours."""
    unreachable: str = ""
    """Why it cannot be used at all; empty if it can."""


def recommend(
    customer: Customer,
    purpose: str,
    at_ms: int,
    policy: Policy,
    among: Sequence[Channel] = (),
) -> tuple[Recommendation, ...]:
    """Every channel of the policy, best first; those that cannot be used come last.

    `among` narrows the choice. Raises PurposeUnknown.
    """
    rules = purpose_of(policy, purpose)
    zone = zone_of(customer, policy)
    ranked = [
        _ranked(
            channel, customer, purpose, rules, at_ms, policy.preference, zone, among
        )
        for channel in policy.channels
    ]
    return tuple(
        sorted(ranked, key=lambda one: (bool(one.unreachable), -one.score, one.channel))
    )


def purpose_of(policy: Policy, purpose: str) -> PurposePolicy:
    """What holds for a purpose. Raises PurposeUnknown."""
    purposes = policy.preference.purposes
    if purpose not in purposes:
        near = meant(purpose, purposes)
        hint = f'; did you mean "{near}"?' if near else ""
        raise PurposeUnknown(
            f"the policy has no such purpose (allowed: {listed(purposes)}){hint}"
        )
    return purposes[purpose]


def zone_of(customer: Customer, policy: Policy) -> ZoneInfo:
    """The customer's time zone; the site's where it is not known, or no zone."""
    if customer.timezone:
        try:
            return ZoneInfo(customer.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return ZoneInfo(policy.timezone)


def _ranked(
    channel: Channel,
    customer: Customer,
    purpose: str,
    rules: PurposePolicy,
    at_ms: int,
    preference: PreferencePolicy,
    zone: ZoneInfo,
    among: Sequence[Channel],
) -> Recommendation:
    why = _unreachable(channel, customer, purpose, rules, among)
    not_before_ms = at_ms
    if not why and channel not in rules.silent_channels:
        try:
            not_before_ms = after_quiet(rules.quiet_hours, zone, at_ms)
        except ValueError as never:
            why = str(never)
    reasons = tuple(
        reason
        for reason in (
            _stated(channel, customer, preference),
            _worked(channel, customer.tried, at_ms, preference),
            _country(channel, customer, preference),
            _time(channel, zone, not_before_ms, preference),
        )
        if reason is not None
    )
    score = sum(reason.points for reason in reasons)
    return Recommendation(channel, score, reasons, not_before_ms, why)


def _unreachable(
    channel: Channel,
    customer: Customer,
    purpose: str,
    rules: PurposePolicy,
    among: Sequence[Channel],
) -> str:
    if customer.restricted:
        return "the customer's data are restricted"
    if rules.consent and purpose not in customer.consents:
        return f"the customer has not agreed to {purpose}"
    if channel in customer.refused:
        return "the customer asked not to be reached here"
    if among and channel not in among:
        return "not among the channels to choose from"
    if rules.channels and channel not in rules.channels:
        return f"the policy does not use it for {purpose}"
    if channel not in customer.reachable:
        return "nothing is known to reach the customer by"
    return ""


# ---------------------------------------------------------------- the terms


def _stated(
    channel: Channel, customer: Customer, preference: PreferencePolicy
) -> Reason | None:
    if channel not in customer.stated:
        return None
    place = customer.stated.index(channel)
    points = preference.weights.stated // (place + 1)
    wish = "asked for it" if place == 0 else f"asked for it as choice {place + 1}"
    return Reason("stated", points, f"the customer {wish}")


def _worked(
    channel: Channel, tried: Sequence[Tried], at_ms: int, preference: PreferencePolicy
) -> Reason | None:
    """Answers count for, silence against; both count half after each half-life."""
    latest = sorted(
        (one for one in tried if one.at_ms <= at_ms),
        key=lambda one: (-one.at_ms, one.channel, one.answered),
    )[:TRIED_MAX]
    here = [one for one in latest if one.channel == channel]
    weights = [_faded(at_ms - one.at_ms, preference.half_life_ms) for one in here]
    total = sum(weights)
    if not total:
        return None
    answered = sum(
        weight for one, weight in zip(here, weights, strict=True) if one.answered
    )
    # One answer alone is no habit yet: half an attempt without a result goes with it.
    share = (2 * answered - total) * preference.weights.worked
    points = _rounded(share, total + FULL // 2)
    count = sum(one.answered for one in here)
    return Reason("worked", points, f"answered {count} of {len(here)} times")


def _faded(age_ms: int, half_life_ms: int) -> int:
    """What an attempt of that age counts, falling in a straight line between halves."""
    halvings, rest = divmod(age_ms, half_life_ms)
    if halvings >= HALVINGS_MAX:
        return 0
    whole = FULL >> halvings
    return whole - whole * rest // (2 * half_life_ms)


def _rounded(amount: int, by: int) -> int:
    """The quotient towards zero, so that for and against are rounded alike."""
    return amount // by if amount >= 0 else -(-amount // by)


def _country(
    channel: Channel, customer: Customer, preference: PreferencePolicy
) -> Reason | None:
    share = preference.countries.get(customer.country, {}).get(channel)
    if share is None:
        return None
    points = preference.weights.country * share // 100
    return Reason("country", points, f"{share} % prefer it in {customer.country}")


def _time(
    channel: Channel, zone: ZoneInfo, at_ms: int, preference: PreferencePolicy
) -> Reason | None:
    """Whether people answer there at the hour at which it could be used."""
    good = preference.good_hours.get(channel, ())
    if not good or not within(good, zone, at_ms):
        return None
    hours = ", ".join(map(str, good))
    return Reason("time", preference.weights.time, f"within its good hours {hours}")
