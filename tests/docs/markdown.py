"""Reads our Markdown: fenced blocks and tables, and nothing it does not need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: what is said to stand in it, and its lines."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """One command of a transcript and the lines it is shown to answer with."""

    shell: str
    answer: tuple[str, ...]
    line: int


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    text = read(page)
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


def commands(page: str) -> Iterator[Command]:
    """The commands of all `console` blocks of a page, in order; a backslash at the end
    of a line carries it on.
    """
    for block in blocks(page):
        if block.language != "console":
            continue
        shell, answer, line = "", [], block.line
        for number, text in enumerate(block.text.splitlines(), block.line + 1):
            if shell.endswith("\\"):
                shell = shell[:-1] + text.lstrip()
            elif text.startswith("$ "):
                if shell:
                    yield Command(shell, tuple(answer), line)
                shell, answer, line = text[2:], [], number
            else:
                answer.append(text)
        if shell:
            yield Command(shell, tuple(answer), line)


def table(page: str, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column is headed so, without its head."""
    lines = read(page).splitlines()
    start = next(
        (n for n, line in enumerate(lines) if cells(line)[:1] == [first_heading]), None
    )
    assert start is not None, f"{page} has no table headed {first_heading!r}"
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(cells(line))
    return rows


def cells(line: str) -> list[str]:
    if not line.startswith("|"):
        return []
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def code(cell: str) -> list[str]:
    """What stands between backquotes."""
    return _CODE.findall(cell)
