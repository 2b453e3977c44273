"""A rule's `match` as plain functions: the form for the common cases.

Each condition becomes one function of what is known, which never raises: a value that
is absent, or of another kind than the condition asks for, does not meet it. One
function is one step of a request's budget.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from router.intake.facts import Customer, NamedValue
from router.intake.hours import Opening
from router.intake.language import canonical, closest
from router.model.channel import Channel
from router.policy.conditions import ConditionPolicy
from router.policy.intake import MatchPolicy


class Seen(Protocol):
    """What a condition may look at."""

    @property
    def channel(self) -> Channel: ...
    @property
    def queue(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, NamedValue]: ...
    @property
    def customer(self) -> Customer: ...
    @property
    def facts(self) -> Mapping[str, NamedValue]: ...
    @property
    def at_ms(self) -> int: ...


Check = Callable[[Any], bool]
ValueCheck = Callable[[NamedValue | None], bool]


def compiled_match(
    match: MatchPolicy, openings: Mapping[str, Opening], most: int
) -> tuple[Check, ...]:
    """The functions that must all be true; none of them for `{}`.

    `most` is the distance within which two languages count as one.
    """
    checks: list[Check] = []
    if match.channel:
        checks.append(_channel_among(frozenset(match.channel)))
    if match.queue:
        checks.append(_queue_among(frozenset(match.queue)))
    if match.language:
        checks.append(_speaks(tuple(map(canonical, match.language)), most))
    if match.country:
        checks.append(_country_among(frozenset(match.country)))
    for name, condition in sorted(match.attributes.items()):
        checks.append(_of_attributes(name, value_check(condition)))
    for name, condition in sorted(match.customer.items()):
        checks.append(of_customer(name, value_check(condition)))
    for name, condition in sorted(match.conversation.items()):
        checks.append(_of_conversation(name, value_check(condition)))
    if match.hours:
        checks.append(_open(openings[match.hours]))
    if match.outside_hours:
        checks.append(_closed(openings[match.outside_hours]))
    return tuple(checks)


def _channel_among(channels: frozenset[Channel]) -> Check:
    return lambda seen: seen.channel in channels


def _queue_among(queues: frozenset[str]) -> Check:
    return lambda seen: seen.queue in queues


def _country_among(countries: frozenset[str]) -> Check:
    return lambda seen: seen.customer.country in countries


def _speaks(tags: tuple[str, ...], most: int) -> Check:
    return lambda seen: (
        bool(seen.language) and closest(seen.language, tags, most) is not None
    )


def _of_attributes(name: str, check: ValueCheck) -> Check:
    return lambda seen: check(seen.attributes.get(name))


def of_customer(name: str, check: ValueCheck) -> Check:
    """A condition on an attribute of the customer."""
    return lambda seen: check(seen.customer.attributes.get(name))


def _of_conversation(name: str, check: ValueCheck) -> Check:
    return lambda seen: check(seen.facts.get(name))


def _open(opening: Opening) -> Check:
    return lambda seen: opening.is_open(seen.at_ms)


def _closed(opening: Opening) -> Check:
    return lambda seen: not opening.is_open(seen.at_ms)


# ---------------------------------------------------------------- one value

_TEXT, _NUMBER, _TRUTH = "text", "number", "truth"


def value_check(condition: ConditionPolicy) -> ValueCheck:
    """Whether a value meets a condition; None stands for no value."""
    parts: list[ValueCheck] = []
    if condition.exists is not None:
        parts.append(_exists(wanted=condition.exists))
    if condition.among:
        parts.append(_among(frozenset(map(_same_kind, condition.among))))
    if condition.at_least is not None:
        parts.append(_at_least(condition.at_least))
    if condition.at_most is not None:
        parts.append(_at_most(condition.at_most))
    if condition.prefix:
        parts.append(_begins(unicodedata.normalize("NFC", condition.prefix)))
    if len(parts) == 1:
        return parts[0]
    return lambda value: all(part(value) for part in parts)


def _same_kind(value: NamedValue) -> tuple[str, NamedValue]:
    """With its kind, for Python takes True for 1: a policy does not."""
    if isinstance(value, str):
        return _TEXT, unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        return _TRUTH, value
    return _NUMBER, value


def _exists(*, wanted: bool) -> ValueCheck:
    return lambda value: (value is not None) == wanted


def _among(choices: frozenset[tuple[str, NamedValue]]) -> ValueCheck:
    def check(value: NamedValue | None) -> bool:
        if value is None:
            return False
        kind = _TEXT if isinstance(value, str) else _NUMBER
        return (_TRUTH if isinstance(value, bool) else kind, value) in choices

    return check


def _is_number(value: NamedValue | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at_least(bound: float) -> ValueCheck:
    return lambda value: _is_number(value) and value >= bound  # type: ignore[operator]


def _at_most(bound: float) -> ValueCheck:
    return lambda value: _is_number(value) and value <= bound  # type: ignore[operator]


def _begins(prefix: str) -> ValueCheck:
    return lambda value: isinstance(value, str) and value.startswith(prefix)
