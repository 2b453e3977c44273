"""The intake rules of a policy, compiled, and what they make of one request.

`compile_rules` is done once for a policy; `Rules.decide` is a pure function of the
facts and the instant. The first rule that applies decides alone, or all that apply do,
one after another, by the policy's mode; a rule sees what earlier ones have changed. A
rule that cannot be evaluated, or whose needs contradict what is needed already, changes
nothing and is told among the skipped. The work for one request is bounded in steps,
never in time: a busy machine decides as an idle one.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from router.intake.cel import FOR_INTAKE, Compiled, Scope, compile_expression
from router.intake.facts import Conversation, Customer, Facts, NamedValue, cleaned
from router.intake.hours import Opening, local
from router.intake.language import How, Languages, canonical
from router.intake.match import Check, compiled_match
from router.intake.message import (
    conversation_message,
    customer_message,
    request_message,
    site_message,
)
from router.model.channel import Channel
from router.model.needs import NEEDS_MAX, Needs
from router.policy.intake import PRIORITY_MAX, RulePolicy, ThenPolicy
from router.policy.policy import Policy

LANGUAGE_RULE: Final = "languages.skills"
"""What is named as the rule where a language's own needs could not be added."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule changed: `queue`, `priority`, `needs`, `language`, `owner`, or a
    value as `attributes.NAME`. Values of the request itself are never repeated.
    """

    what: str
    to: str


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that applied."""

    rule: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was passed over though it might have applied, and why."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What a request became."""

    queue: str
    """Empty if neither the request, a rule nor the policy names one."""
    priority: int | None
    """None for the queue's own."""
    needs: Needs
    """Beside those of the queue: the request's, the rules' and the language's."""
    language: str
    language_how: How
    owner: str
    attributes: Mapping[str, NamedValue] = field(repr=False)
    fired: tuple[Fired, ...]
    skipped: tuple[Skipped, ...]
    steps: int
    """How much of the budget it took."""


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    checks: tuple[Check, ...]
    when: Compiled | None
    then: ThenPolicy
    cost: int


class _Known:
    """What is known of one request, as rules change it."""

    __slots__ = (
        "_conversation", "_message", "_scope", "at_ms", "attributes", "base", "channel",
        "customer", "facts", "language", "needs", "owner", "priority", "queue", "site",
        "tag",
    )  # fmt: skip

    def __init__(
        self,
        facts: Facts,
        queue: str,
        near: str,
        tag: str,
        at_ms: int,
        site: ZoneInfo,
    ) -> None:
        self.channel: Channel = facts.channel
        self.queue = queue
        self.language = near
        self.tag = tag
        self.attributes: dict[str, NamedValue] = dict(facts.attributes)
        self.customer: Customer = facts.customer
        self.facts = facts.conversation.facts
        self._conversation: Conversation = facts.conversation
        self.needs = facts.needs
        self.owner = facts.owner
        self.base: int | None = facts.priority
        self.priority = 0
        self.at_ms = at_ms
        self.site = site
        self._scope: Scope | None = None
        self._message: dict[str, object] | None = None

    def scope(self) -> Scope:
        """The variables of expressions, made when the first one asks for them."""
        if self._scope is None:
            if self._message is None:
                self._message = {
                    "customer": customer_message(self.customer),
                    "conversation": conversation_message(self._conversation),
                    "site": site_message(local(self.at_ms, self.site)),
                }
            self._message["request"] = request_message(
                self.channel.name.lower(), self.queue, self.language, self.attributes
            )
            self._scope = Scope(self._message)  # type: ignore[arg-type]
        return self._scope

    def changed(self) -> None:
        self._scope = None

    def named(self, source: str) -> NamedValue | None:
        whose, _, name = source.partition(".")
        values: dict[str, Mapping[str, NamedValue]] = {
            "request": self.attributes,
            "customer": self.customer.attributes,
            "conversation": self.facts,
        }
        return values[whose].get(name)


def compile_rules(policy: Policy) -> "Rules":
    """The rules of a policy that `checks` has found sound.

    Raises ExpressionWrong or LanguageWrong if it has not been asked.
    """
    return Rules(policy)


class Rules:
    """Everything of a policy that intake decides by. Safe to share between threads."""

    def __init__(self, policy: Policy) -> None:
        """Compile; see `compile_rules`."""
        self.languages = Languages(policy)
        self.openings = {
            name: Opening.of(hours, policy.timezone)
            for name, hours in policy.hours.items()
        }
        self._first_match = policy.intake.mode == "first_match"
        self._default_queue = policy.intake.default_queue
        self._budget = policy.intake.budget
        self._site = ZoneInfo(policy.timezone)
        self._priorities = {name: one.priority for name, one in policy.queues.items()}
        self._needs = {name: one.needs for name, one in policy.queues.items()}
        self._rules = tuple(map(self._compiled, policy.intake.rules))

    def __len__(self) -> int:
        return len(self._rules)

    @property
    def idle(self) -> bool:
        """Whether every request comes out as it went in, but for its language's tag."""
        return not (self._rules or self._default_queue or self.languages.change_needs)

    def _compiled(self, rule: RulePolicy) -> _Rule:
        checks = compiled_match(rule.match, self.openings, self.languages.most)
        when = compile_expression(rule.when, FOR_INTAKE) if rule.when else None
        cost = 1 + len(checks) + (when.cost if when else 0)
        return _Rule(rule.name, checks, when, rule.then, cost)

    def decide(self, facts: Facts, at_ms: int) -> Intake:
        """What the request becomes at an instant.

        Raises FactsWrong or LanguageWrong for a request that cannot be taken.
        """
        facts = cleaned(facts)
        tag = canonical(facts.language) or canonical(facts.customer.language)
        queue = facts.queue or self._default_queue
        known = _Known(facts, queue, self.languages.near(tag), tag, at_ms, self._site)
        fired: list[Fired] = []
        skipped: list[Skipped] = []
        steps = 0
        for rule in self._rules:
            if steps + rule.cost > self._budget:
                why = f"the budget of {self._budget} steps is spent: neither this rule nor a later one is looked at"
                skipped.append(Skipped(rule.name, why))
                break
            steps += rule.cost
            answer = _applies(rule, known)
            if answer is False:
                continue
            if isinstance(answer, str):
                skipped.append(Skipped(rule.name, answer))
                continue
            try:
                fired.append(Fired(rule.name, self._apply(rule.then, known)))
            except ValueError as clash:
                skipped.append(Skipped(rule.name, str(clash)))
                continue
            if self._first_match or rule.then.stop:
                break
        return self._concluded(known, fired, skipped, steps)

    def _apply(self, then: ThenPolicy, known: _Known) -> tuple[Change, ...]:
        """Change what is known. Raises ValueError, before anything is changed, if the
        needs contradict each other.
        """
        queue = then.queue or known.queue
        needs = known.needs
        if then.needs != Needs.NOTHING:
            needs = self._together(queue, needs, then.needs)
        changes = []
        if then.queue:
            known.queue = then.queue
            changes.append(Change("queue", then.queue))
        if then.priority is not None:
            if then.priority.relative:
                known.priority += then.priority.value
            else:
                known.base, known.priority = then.priority.value, 0
            changes.append(Change("priority", str(then.priority)))
        if then.needs != Needs.NOTHING:
            known.needs = needs
            changes.append(Change("needs", needs_text(then.needs)))
        if then.language:
            known.tag = known.language = canonical(then.language)
            changes.append(Change("language", known.language))
        owner = then.owner or _owner_in(known, then.owner_from)
        if owner:
            known.owner = owner
            changes.append(Change("owner", then.owner or f"from {then.owner_from}"))
        for name, value in then.set_.items():
            known.attributes[name] = value
            written = json.dumps(value, ensure_ascii=False)
            changes.append(Change(f"attributes.{name}", written))
        known.changed()
        return tuple(changes)

    def _together(self, queue: str, needs: Needs, more: Needs) -> Needs:
        """Needs and more, if the queue's own can be met beside them, or ValueError."""
        return _combined(self._needs.get(queue, Needs.NOTHING), needs, more)

    def _concluded(
        self, known: _Known, fired: list[Fired], skipped: list[Skipped], steps: int
    ) -> Intake:
        queue = known.queue
        resolved = self.languages.resolve(known.tag, queue)
        needs = known.needs
        speaking = (
            self.languages.needs(resolved.language)
            if resolved.how != "unmatched"
            else Needs.NOTHING
        )
        if speaking != Needs.NOTHING:
            try:
                needs = self._together(queue, needs, speaking)
            except ValueError as clash:
                skipped.append(Skipped(LANGUAGE_RULE, str(clash)))
        priority = known.base
        if known.priority:
            base = self._priorities.get(queue, 0) if priority is None else priority
            priority = min(PRIORITY_MAX, max(0, base + known.priority))
        return Intake(
            queue=queue,
            priority=priority,
            needs=needs,
            language=resolved.language,
            language_how=resolved.how,
            owner=known.owner,
            attributes=known.attributes,
            fired=tuple(fired),
            skipped=tuple(skipped),
            steps=steps,
        )


def _applies(rule: _Rule, known: _Known) -> bool | str:
    """Whether a rule applies; as text, why that cannot be said."""
    for check in rule.checks:
        if not check(known):
            return False
    return True if rule.when is None else rule.when.holds(known.scope())


@functools.lru_cache(maxsize=4096)
def _combined(of_queue: Needs, needs: Needs, more: Needs) -> Needs:
    together = needs.combined(more)
    beside = of_queue.combined(together)
    if beside.count() > NEEDS_MAX:
        raise ValueError(
            f"leaves {beside.count()} single needs, at most {NEEDS_MAX} are allowed"
        )
    return together


def _owner_in(known: _Known, source: str) -> str:
    value = known.named(source) if source else None
    return value if isinstance(value, str) else ""


def needs_text(needs: Needs) -> str:
    """Needs in one line: `greek 3, english 2 or german 2, not trainee 1`."""
    parts = [f"{need.skill} {need.level}" for need in needs.all_of]
    parts += [
        " or ".join(f"{need.skill} {need.level}" for need in group)
        for group in needs.any_of
    ]
    parts += [f"not {need.skill} {need.level}" for need in needs.none_of]
    return ", ".join(parts)
