"""Names in a document: where they are used, and which of them nobody declared.

Works on plain values in the shape of the file, and skips what has the wrong shape, so
that it also runs on a file whose fields are not all right.
"""

import unicodedata
from collections.abc import Callable, Iterator, Set
from typing import Any, Final

from router.policy.problem import Finding, Path
from router.policy.suggest import listed, meant

KEY: Final = "@"
"""At the end of a pattern: the names are the keys themselves."""


def places(
    value: Any, pattern: list[str], path: Path = ()
) -> Iterator[tuple[Path, Any]]:
    """The path and value of everything that `pattern` fits; "*" is any child."""
    if not pattern:
        yield path, value
        return
    step, rest = pattern[0], pattern[1:]
    if step in ("*", KEY):
        children: Any = ()
        if isinstance(value, dict):
            children = value.items()
        elif isinstance(value, list) and step == "*":
            children = enumerate(value)
        for key, child in children:
            yield from places(child, rest, (*path, key))
    elif isinstance(value, dict) and step in value:
        yield from places(value[step], rest, (*path, step))


def same(name: str) -> str:
    """The name in the one spelling by which names are compared."""
    return unicodedata.normalize("NFC", name)


def unknown_names(
    document: Any,
    pattern: str,
    known: Set[str],
    among: str,
    only: Set[str] | None = None,
) -> Iterator[Finding]:
    """Names used where `pattern` fits that are not `known`; `among` says of what.

    With `only`, other names than these are left to whoever reads the value.
    """
    for path, value in places(document, pattern.split(".")):
        name = path[-1] if pattern.endswith(KEY) else value
        if not isinstance(name, str) or not name or same(name) in known:
            continue
        if only is None or name in only:
            yield Finding(
                path,
                value,
                f'"{name}" is not among the {among}',
                allowed=listed(known),
                suggestion=meant(name, known),
            )


def repeated_names(
    document: Any, pattern: str, said: Callable[[Path], str], allowed: str
) -> Iterator[Finding]:
    """Names that stand twice where `pattern` fits; `said` tells of the first place."""
    first: dict[str, Path] = {}
    for path, name in places(document, pattern.split(".")):
        if not isinstance(name, str):
            continue
        before = first.setdefault(same(name), path)
        if before != path:
            yield Finding(path, name, said(before), allowed=allowed)
