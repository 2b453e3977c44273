"""YAML 1.2 read into plain values, with the line and column of every key.

Read event by event rather than through a ready-made loader, for three reasons: every
problem can be collected instead of the first, sizes and depths are refused before they
cost anything, and a plain word means what it says: `no` and `20:00` are text. Nothing
here must know what a policy is.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from router.policy.problem import Path, Problem, dotted, shown

BYTES_MAX: Final = 2 * 1024 * 1024
"""Largest file."""

DEPTH_MAX: Final = 16
"""Deepest nesting; a policy needs eight levels, a scenario eleven."""

NODES_MAX: Final = 1_000_000
"""Most values, with every alias written out. This is what disarms a "YAML bomb"."""

_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH: Final = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
# Longer digits are an id or a telephone number, and better left as text.
# A leading plus stays text as well: "+20" in a policy is twenty more, and not twenty.
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_FRACTION: Final = re.compile(
    r"-?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,3})?"
)


@dataclass(slots=True)
class Node:
    """One value and where it stands: its key's place, or its own in a list."""

    line: int
    column: int
    content: Any
    """A scalar, or nodes by key, or a list of nodes."""
    size: int = 1
    """Values in it, itself included, aliases written out."""
    height: int = 0
    """Levels of nesting below it, aliases written out."""

    def value(self) -> Any:
        """The plain value."""
        if isinstance(self.content, dict):
            return {key: child.value() for key, child in self.content.items()}
        if isinstance(self.content, list):
            return [child.value() for child in self.content]
        return self.content

    def written(self, path: Path) -> tuple["Node", Path]:
        """The node at `path`, and the path as the file has it.

        A value may stand in short form, as `90s` for `{constant: 90s}`: steps that are
        not written are left out. What is nowhere has the last node on its way.
        """
        if not path:
            return self, ()
        for i, step in enumerate(path):
            child = self._child(step)
            if child is not None:
                node, rest = child.written(path[i + 1 :])
                return node, (step, *rest)
            if not isinstance(self.content, dict):
                break
        is_short = isinstance(self.content, str | int | float)
        return self, () if is_short and isinstance(path[0], str) else path

    def _child(self, step: str | int) -> "Node | None":
        if isinstance(self.content, dict) and isinstance(step, str):
            return self.content.get(step)
        if isinstance(self.content, list) and isinstance(step, int):
            return self.content[step] if 0 <= step < len(self.content) else None
        return None


@dataclass(slots=True)
class Document:
    """What was read, and what was wrong with it as YAML. No root: nothing to go on."""

    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):
    """Reading cannot go on."""

    def __init__(self, mark: Any, message: str, allowed: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
            key="",
            value="",
            message=message,
            allowed=allowed,
        )


def read_document(text: str, least: str = "say something") -> Document:
    """Read one YAML 1.2 document. What is wrong is in its problems, never raised.

    `least` is what an empty file is told that it must at least do.
    """
    document = Document()
    reader = _Reader(document)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
        if document.root is None:
            raise _Refused(None, f"the file is empty: it must at least {least}")
    except _Refused as refused:
        document.root = None
        document.problems.append(refused.problem)
    except MarkedYAMLError as error:
        what = " ".join(str(error.problem or error.context or "is no YAML").split())
        mark = error.problem_mark or error.context_mark
        document.root = None
        document.problems.append(_Refused(mark, f"this is no YAML: {what}").problem)
    except ReaderError as error:
        line, column = place_in(text, error.position)
        message = f"the character U+{ord(text[error.position]):04X} is not allowed"
        document.root = None
        document.problems.append(Problem(line, column, "", "", message))
    except YAMLError as error:
        document.root = None
        document.problems.append(_Refused(None, f"this is no YAML: {error}").problem)
    return document


def place_in(text: str, position: int) -> tuple[int, int]:
    """The line and column, counted from 1, of a position counted from 0."""
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


class _Reader:
    """Builds the tree from parser events, with one open container per level."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[_Container] = []
        self._anchors: dict[str, Node] = {}
        self._size = 0

    def take(self, event: Any) -> None:
        match event:
            case events.DocumentStartEvent():
                self._start_document(event)
            case events.AliasEvent():
                self._add(event, self._aliased(event))
            case events.ScalarEvent():
                _refuse_tag(event)
                self._add(event, Node(0, 0, _scalar(event)))
            case events.MappingStartEvent() | events.SequenceStartEvent():
                _refuse_tag(event)
                self._refuse_depth(event, len(self._open) + 1)
                is_mapping = isinstance(event, events.MappingStartEvent)
                node = Node(0, 0, {} if is_mapping else [])
                self._open.append(_Container(node, event))
            case events.MappingEndEvent() | events.SequenceEndEvent():
                container = self._open.pop()
                self._add(container.start, container.node)
            case _:
                pass

    def _start_document(self, event: Any) -> None:
        if self._document.root is not None:
            raise _Refused(event.start_mark, "a second document begins here: keep one")
        if event.version not in (None, (1, 2)):
            raise _Refused(event.start_mark, "must be YAML 1.2: leave out %YAML")

    def _aliased(self, event: Any) -> Node:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            message = (
                f"*{event.anchor} stands for nothing: no &{event.anchor} before it"
            )
            raise _Refused(event.start_mark, message)
        self._refuse_depth(event, len(self._open) + node.height)
        return Node(0, 0, node.content, node.size, node.height)

    def _refuse_depth(self, event: Any, depth: int) -> None:
        if depth > DEPTH_MAX:
            most = f"at most {DEPTH_MAX} levels"
            raise _Refused(event.start_mark, f"is nested too deeply: {most}")

    def _add(self, event: Any, node: Node) -> None:
        """Put a finished node where it belongs: as a key, under one, or in a list."""
        mark = event.start_mark
        node.line, node.column = mark.line + 1, mark.column + 1
        # A container has counted its children already, an alias comes with all of them.
        is_alias = isinstance(event, events.AliasEvent)
        self._size += node.size if is_alias else 1
        if self._size > NODES_MAX:
            most = f"at most {NODES_MAX} values are allowed"
            raise _Refused(mark, f"grows too large with its aliases: {most}")
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not is_alias:
            self._anchors[str(anchor)] = node

        if not self._open:
            self._document.root = node
            return
        container = self._open[-1]
        children = container.node.content
        if isinstance(children, list):
            children.append(node)
        elif container.key is None:
            container.key = (_key(event, node), mark)
            return
        else:
            key, key_mark = container.key
            container.key = None
            node.line, node.column = key_mark.line + 1, key_mark.column + 1
            if key in children:
                self._report_twice(key, children[key], node)
            else:
                children[key] = node
        container.node.size += node.size
        container.node.height = max(container.node.height, node.height + 1)

    def _report_twice(self, key: str, first: Node, second: Node) -> None:
        path = [open_.key[0] for open_ in self._open[:-1] if open_.key] + [key]
        self._document.problems.append(
            Problem(
                line=second.line,
                column=second.column,
                key=dotted(tuple(path)),
                value=shown(second.value()),
                message=f"is given twice, first in line {first.line}",
                allowed="each key once",
            )
        )


@dataclass(slots=True)
class _Container:
    node: Node
    start: Any
    key: tuple[str, Any] | None = None
    """In a mapping, the key whose value comes next, and its mark."""


def _key(event: Any, node: Node) -> str:
    """A key is text as it is written: `123` and `true` are names here."""
    if not isinstance(event, events.ScalarEvent):
        raise _Refused(event.start_mark, "a key must be plain text")
    return unicodedata.normalize("NFC", str(event.value))


def _refuse_tag(event: Any) -> None:
    if event.tag is not None:
        message = f"the tag {event.tag} is not allowed: values mean what they say"
        raise _Refused(event.start_mark, message)


def _scalar(event: Any) -> Any:
    """A value by the core schema of YAML 1.2; quoted values are always text."""
    text = str(event.value)
    if event.style is not None or not event.implicit[0]:
        return text
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    return number_in(text)


def number_in(text: str) -> Any:
    """The number that a text is, or the text itself."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    return text
