"""From the text of a file to a model, or to every problem at once.

What policies and scenarios share: a bad file never becomes half a document. Nothing
here must know what is in one; a `Kind` says it.
"""

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from router.policy.complaints import findings_of
from router.policy.document import BYTES_MAX, Document, Node, read_document
from router.policy.json_schema import SchemaOf
from router.policy.json_text import json_values
from router.policy.problem import (
    ABSENT,
    DocumentInvalid,
    Finding,
    Problem,
    dotted,
    shown,
)

Model = TypeVar("Model", bound=BaseModel)

Checks = Callable[[dict[str, Any]], Iterable[Finding]]
"""Finds what is wrong with a document, given as plain values in the shape of its file."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[Model]):
    """One kind of document."""

    called: str
    """In problems: "policy"."""
    model: type[Model]
    schema: SchemaOf
    refusal: type[DocumentInvalid]
    least: str
    """What an empty file is told that it must at least do."""
    begins: str
    """What its first line looks like."""
    checks: Checks
    """What only the whole document can tell."""


class Sheet:
    """One document as it was written, to find the places of findings."""

    def __init__(self, text: str, least: str) -> None:
        """The document in `text`; it is not read before it is asked for."""
        self._text = text
        self._least = least

    @cached_property
    def document(self) -> Document:
        """The document with every place in it."""
        return read_document(self._text, self._least)

    @cached_property
    def _plain(self) -> dict[str, Any] | None:
        return json_values(self._text)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to go on; why, the document's problems say."""
        return self._plain is None and self.document.root is None

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with it as YAML."""
        return [] if self._plain is not None else self.document.problems

    def values(self) -> Any:
        """Its plain values."""
        if self._plain is not None:
            return self._plain
        return None if self.document.root is None else self.document.root.value()

    def at(self, finding: Finding) -> Problem:
        """A finding with the line and column of its place."""
        root = self.document.root
        return problem_at(Node(0, 0, None) if root is None else root, finding)


def bytes_of(path: str | Path, kind: Kind[Model]) -> bytes:
    """What is in a file. Raises the kind's refusal where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            # One byte more than allowed tells a file that is too large from one that
            # just fits, without reading all of it.
            return file.read(BYTES_MAX + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise refused(kind, str(path), f"cannot be read: {reason}") from error


def sheet_of(text: str | bytes, kind: Kind[Model], file: str) -> Sheet:
    """Read YAML 1.2 text, in UTF-8 if it comes as bytes. Raises the kind's refusal."""
    written = _decoded(text, kind, file) if isinstance(text, bytes) else text
    if len(written.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise _too_large(kind, file)
    sheet = Sheet(written.removeprefix("\ufeff"), kind.least)
    if sheet.is_nothing:
        raise kind.refusal(sheet.problems, file)
    return sheet


def validated(
    sheet: Sheet, kind: Kind[Model], file: str, also: Checks | None = None
) -> Model:
    """The model that the sheet says. Raises the kind's refusal with every problem.

    `also` are checks that the kind itself must not know.
    """
    values = sheet.values()
    if not isinstance(values, dict):
        message = f'a {kind.called} is a mapping of "key: value", beginning with "{kind.begins}"'
        raise kind.refusal([sheet.at(Finding((), values, message))], file)
    findings = list(also(values)) if also is not None else []
    try:
        model = kind.model.model_validate(values)
    except ValidationError as error:
        findings += [*findings_of(error, kind.schema), *kind.checks(values)]
    else:
        if not sheet.problems and not findings:
            return model
    problems = sheet.problems + [sheet.at(finding) for finding in findings]
    in_file_order = sorted(problems, key=lambda found: (found.line, found.column))
    raise kind.refusal(list(dict.fromkeys(in_file_order)), file)


def problem_at(root: Node, finding: Finding) -> Problem:
    """A finding with the line and column of its place in the document of `root`."""
    node, path = root.written(finding.path)
    value = finding.value
    if value is ABSENT and not isinstance(node.content, dict | list):
        value = node.content
    return Problem(
        line=node.line,
        column=node.column,
        key=dotted(path),
        value=shown(value),
        message=finding.message,
        allowed=finding.allowed,
        suggestion=finding.suggestion,
    )


def refused(kind: Kind[Model], file: str, message: str) -> DocumentInvalid:
    """A refusal of the whole file."""
    return kind.refusal([Problem(0, 0, "", "", message)], file)


def _decoded(content: bytes, kind: Kind[Model], file: str) -> str:
    if len(content) > BYTES_MAX:
        raise _too_large(kind, file)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused(kind, file, "is in UTF-16: save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        byte = content[error.start]
        message = f"the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8"
        problem = Problem(line, column, "", "", message, allowed="UTF-8")
        raise kind.refusal([problem], file) from error


def _too_large(kind: Kind[Model], file: str) -> DocumentInvalid:
    most = f"at most {BYTES_MAX // (1024 * 1024)} MB"
    return refused(kind, file, f"is too large for a {kind.called}: {most}")
