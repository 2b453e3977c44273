"""What intake made of a request, as a text that goes with the interaction's row.

Routing never reads it: it is kept so that Explain can say, also after a restart, which
rules fired and what they changed. It holds names and values of the policy, and nothing
of the request's own.
"""

import json
from collections.abc import Sequence
from functools import lru_cache

TEXT_MAX = 2_048
"""Longer ones lose their last rules: whoever wrote so many reads the first ones."""

NO_INTAKE = '["",[]]'
"""The text of an interaction of which nothing was decided."""

Fired = tuple[str, tuple[str, ...]]
"""A rule's name, and what it changed, in words."""


def written_intake(language: str, fired: Sequence[Fired]) -> str:
    """The text; empty where there is nothing to say."""
    if not language and not fired:
        return ""
    kept = list(fired)
    while True:
        text = json.dumps(
            [language, [[rule, list(changes)] for rule, changes in kept]],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        if len(text) <= TEXT_MAX or not kept:
            return text
        kept.pop()


@lru_cache(maxsize=4_096)
def read_intake(text: str) -> tuple[str, tuple[Fired, ...]]:
    """The language, and the rules that fired in their order."""
    language, fired = json.loads(text)
    return language, tuple((rule, tuple(changes)) for rule, changes in fired)
