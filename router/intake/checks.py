"""What only intake can tell of a policy: its expressions, language tags and countries.

Like the checks of the policy itself, these read plain values in the shape of the file
and skip what has the wrong shape, so that every problem of a file comes out at once.
The loader takes `findings_in` as an argument and so never knows this part.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from router.intake.cel import (
    FOR_EVENTS,
    FOR_INTAKE,
    ExpressionWrong,
    compile_expression,
)
from router.intake.hours import knows_holidays_of
from router.intake.identities import is_region
from router.intake.language import LanguageWrong, canonical
from router.policy.fields import looks_like_tag
from router.policy.intake import EXPRESSION_MAX
from router.policy.naming import KEY, places
from router.policy.problem import Finding, Path
from router.policy.suggest import listed, meant

EXPRESSIONS: Final = (
    ("intake.rules.*.when", FOR_INTAKE),
    ("proactive.rules.*.when", FOR_EVENTS),
)
TAGS: Final = (
    "languages.accepted",
    "languages.accepted.*",
    "languages.default",
    f"languages.skills.{KEY}",
    "queues.*.languages",
    "queues.*.languages.*",
    "queues.*.default_language",
    "intake.rules.*.match.language",
    "intake.rules.*.match.language.*",
    "intake.rules.*.then.language",
)

REGIONS: Final = ("queues.*.default_region", "identities.default_region")


def findings_in(policy: dict[str, Any]) -> list[Finding]:
    """Everything wrong with what only intake can read."""
    return [
        *_expressions(policy),
        *_tags(policy),
        *_countries(policy),
        *_never_reached(policy),
    ]


def _expressions(policy: dict[str, Any]) -> Iterator[Finding]:
    declared = {
        path[2]: names
        for path, names in places(policy, f"intake.declared.{KEY}".split("."))
        if isinstance(names, list) and names
    }
    given = {
        str(path[-1])
        for path, _ in places(policy, f"intake.rules.*.then.set.{KEY}".split("."))
    }
    for pattern, variables in EXPRESSIONS:
        for path, text in places(policy, pattern.split(".")):
            if not isinstance(text, str) or not 0 < len(text.strip()) <= EXPRESSION_MAX:
                continue
            try:
                compiled = compile_expression(text.strip(), variables)
            except ExpressionWrong as wrong:
                yield Finding(
                    path, text, wrong.message, wrong.allowed, wrong.suggestion
                )
                continue
            for whose, name in compiled.asks:
                names = declared.get(whose)
                known = {_same(one) for one in names or () if isinstance(one, str)}
                known |= given if whose == "request" else set()
                if names and _same(name) not in known:
                    yield Finding(
                        path,
                        text,
                        f'"{name}" is not among the values declared of a {whose}',
                        allowed=listed(known),
                        suggestion=meant(name, known),
                    )


def _tags(policy: dict[str, Any]) -> Iterator[Finding]:
    for pattern in TAGS:
        for path, value in places(policy, pattern.split(".")):
            tag = path[-1] if pattern.endswith(KEY) else value
            if not isinstance(tag, str) or not looks_like_tag(tag):
                continue  # the field itself complains
            try:
                if canonical(tag):
                    continue
            except LanguageWrong as wrong:
                yield Finding(path, tag, wrong.message, "", wrong.suggestion)
            else:
                yield Finding(path, tag, "names no language: leave it out")
    spelt: dict[str, str] = {}
    for path, levels in places(policy, f"languages.skills.{KEY}".split(".")):
        tag = str(path[-1])
        try:
            first = spelt.setdefault(canonical(tag), tag)
        except LanguageWrong:
            continue  # said above
        if first != tag:
            yield Finding(path, levels, f'is the language of "{first}" once more')


def _countries(policy: dict[str, Any]) -> Iterator[Finding]:
    for pattern in REGIONS:
        for path, region in places(policy, pattern.split(".")):
            if isinstance(region, str) and region and not is_region(region):
                message = "is no country whose telephone numbers are known"
                yield Finding(path, region, message)
    for path, country in places(policy, "hours.*.holidays".split(".")):
        if isinstance(country, str) and country and not knows_holidays_of(country):
            yield Finding(path, country, "is no country whose holidays are known")


def _never_reached(policy: dict[str, Any]) -> Iterator[Finding]:
    """Rules after one that always applies and ends the list."""
    rules = [one for _, one in places(policy, ["intake", "rules", "*"])]
    first_match = next(
        (mode != "accumulate" for _, mode in places(policy, ["intake", "mode"])), True
    )
    for number, rule in enumerate(rules[:-1]):
        if not isinstance(rule, dict) or rule.get("match") or rule.get("when"):
            continue
        then = rule.get("then")
        stops = isinstance(then, dict) and then.get("stop") is True
        if first_match or stops:
            path: Path = ("intake", "rules", number + 1)
            after = rule.get("name", f"intake.rules[{number}]")
            message = f'is never reached: "{after}" before it applies always and ends the list'
            yield Finding(path, rules[number + 1], message)
            return


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name)
