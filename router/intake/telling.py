"""A request tried on a policy from the command line: values read, and the answer told.

For supervisors who want to see what their rules do before they publish them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from router.intake.facts import Conversation, Customer, Facts, NamedValue
from router.intake.hours import instant
from router.intake.load import Whole
from router.intake.rules import Intake, needs_text
from router.policy.document import read_document
from router.policy.fields import CHANNEL_BY_NAME


def named(pairs: Iterable[str]) -> dict[str, NamedValue]:
    """Values written `plan=premium`, `amount=1200`, `vip=true`. Raises ValueError."""
    values: dict[str, NamedValue] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not name or not equals:
            raise ValueError(f"{pair!r} must be written name=value")
        root = read_document(text).root
        value = None if root is None else root.value()
        is_plain = isinstance(value, str | bool | int | float)
        values[name] = value if is_plain else text  # type: ignore[assignment]
    return values


def tried(
    whole: Whole,
    *,
    channel: str,
    queue: str,
    language: str,
    country: str,
    at: str,
    attributes: Iterable[str],
    customer: Iterable[str],
    facts: Iterable[str],
) -> Intake:
    """What a request becomes. Raises ValueError for what cannot be read."""
    if channel not in CHANNEL_BY_NAME:
        allowed = ", ".join(CHANNEL_BY_NAME)
        raise ValueError(f"{channel!r} is not a channel (allowed: {allowed})")
    if queue and queue not in whole.policy.queues:
        raise ValueError(f"the policy has no queue {queue!r}")
    wall = datetime.fromisoformat(at)
    zone = ZoneInfo(whole.policy.timezone)
    collected = named(facts)
    return whole.rules.decide(
        Facts(
            channel=CHANNEL_BY_NAME[channel],
            queue=queue,
            language=language,
            attributes=named(attributes),
            customer=Customer(country=country, attributes=named(customer)),
            conversation=Conversation(known=bool(collected), facts=collected),
        ),
        instant(wall if wall.tzinfo else wall.replace(tzinfo=zone)),
    )


def told(intake: Intake) -> list[str]:
    """What became of a request, in lines."""
    priority = "the queue's own" if intake.priority is None else str(intake.priority)
    lines = [
        f"queue     {intake.queue or '(none: the request would be refused)'}",
        f"priority  {priority}",
        f"language  {intake.language or '(unknown)'} ({intake.language_how})",
    ]
    if needs := needs_text(intake.needs):
        lines.append(f"needs     {needs}")
    if intake.owner:
        lines.append(f"owner     {intake.owner}")
    for fired in intake.fired:
        changes = ", ".join(f"{one.what} {one.to}" for one in fired.changes)
        lines.append(f"rule      {fired.rule}: {changes or 'changes nothing'}")
    lines += [f"skipped   {one.rule}: {one.why}" for one in intake.skipped]
    return lines


def as_values(intake: Intake) -> dict[str, Any]:
    """The same for machines."""
    return {
        "queue": intake.queue,
        "priority": intake.priority,
        "language": intake.language,
        "language_how": intake.language_how,
        "needs": needs_text(intake.needs),
        "owner": intake.owner,
        "rules": [
            {
                "rule": one.rule,
                "changes": {change.what: change.to for change in one.changes},
            }
            for one in intake.fired
        ],
        "skipped": [{"rule": one.rule, "why": one.why} for one in intake.skipped],
        "steps": intake.steps,
    }
