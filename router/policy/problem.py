"""What is wrong with a file, in words a supervisor can act on: a policy, or a scenario.

A `Finding` says where by path, a `Problem` by line and column as well. Nothing here
must decide what is wrong: that is for the fields, the parts and `checks`.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str | int, ...]
"""The way to a value: keys, and positions in lists counted from 0."""

PROBLEMS_SHOWN: Final = 100
"""Most problems that the text of one refusal spells out."""

VALUE_SHOWN: Final = 60
"""Most characters of a wrong value that a problem repeats."""

ABSENT: Final = object()
"""Stands for the value where a key is missing altogether."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a path: with its key, or with the value there."""

    path: Path
    value: Any
    message: str
    allowed: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line and column, counted from 1; 0 is the whole file."""

    line: int
    column: int
    key: str
    value: str
    message: str
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        """`12:5: queues.Cards.offer_timeout = "0s": must be from 1s to 5m`."""
        text = f"{self.line}:{self.column}: " if self.line else ""
        if self.key:
            text += f"{self.key} = {self.value}: " if self.value else f"{self.key}: "
        text += self.message
        if self.allowed and self.allowed not in self.message:
            text += f" (allowed: {self.allowed})"
        if self.suggestion:
            text += f'; did you mean "{self.suggestion}"?'
        return text


PolicyProblem = Problem
"""A problem of a policy; the contract calls it so."""


class DocumentInvalid(ValueError):
    """The file is not what it should be; `problems` has every reason, in its order."""

    def __init__(self, problems: list[Problem], file: str) -> None:
        """Refuse `file` for `problems`."""
        self.problems = problems
        self.file = file
        super().__init__(problems, file)

    def __str__(self) -> str:
        """One line a problem."""
        lines = [
            f"{self.file}:{problem}" if problem.line else f"{self.file}: {problem}"
            for problem in self.problems[:PROBLEMS_SHOWN]
        ]
        if len(self.problems) > PROBLEMS_SHOWN:
            more = len(self.problems) - PROBLEMS_SHOWN
            lines.append(f"{self.file}: and {more} more problems")
        return "\n".join(lines)


class PolicyInvalid(DocumentInvalid):
    """The file is no policy."""


def as_context(findings: list[Finding]) -> dict[str, Any]:
    """Findings as the context of one pydantic complaint, with a text for its own."""
    text = "; ".join(
        f"{'.'.join(map(str, found.path))} = {shown(found.value)}: {found.message}"
        for found in findings
    )
    return {"text": text, "findings": findings}


def shown(value: Any) -> str:
    """A wrong value as a problem repeats it: short, on one line, text in quotes."""
    if value is ABSENT:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


def dotted(path: Path) -> str:
    """A path as people write it: `queues.Cards.relaxation[1].after`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
