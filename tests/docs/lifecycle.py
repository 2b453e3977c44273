"""Draws the lifecycle diagram of docs/architecture.md from the engine's own table.

    .venv/bin/python -m tests.docs.lifecycle

writes it anew; `test_lifecycle` fails while the page shows another one.
"""

import re

from router.engine.lifecycle import ENDS, LIFECYCLE
from router.model.interaction import State
from tests.docs.markdown import ROOT, read

PAGE = "docs/architecture.md"
DRAWN = re.compile(r"```mermaid\nstateDiagram-v2\n.*?```", re.DOTALL)


def diagram() -> str:
    """The lifecycle as a Mermaid state diagram: one arrow for each pair of states."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for state, facts in LIFECYCLE.items():
        arrows: dict[State, list[str]] = {}
        for kind, following in facts.items():
            arrows.setdefault(following, []).append(kind.name)
        lines += [
            f"    {_name(state)} --> {following.name}: {', '.join(kinds)}"
            for following, kinds in arrows.items()
        ]
    lines += [f"    {state.name} --> [*]" for state in ENDS if _is_reached(state)]
    return "\n".join([*lines, "```"])


def _name(state: State) -> str:
    return "[*]" if state is State.NONE else state.name


def _is_reached(state: State) -> bool:
    return any(state in facts.values() for facts in LIFECYCLE.values())


def main() -> None:
    page = read(PAGE)
    assert DRAWN.search(page), f"{PAGE} has no lifecycle diagram to replace"
    (ROOT / PAGE).write_text(DRAWN.sub(lambda _: diagram(), page), encoding="utf-8")


if __name__ == "__main__":
    main()
