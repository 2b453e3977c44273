"""From the text of a policy file to a `Policy`, or to every problem at once.

A bad file never becomes half a policy: the answer is a whole one or `PolicyInvalid`.
The loader only reads; defaults, meanings and bounds stand with the settings themselves.
"""

import codecs
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from router.policy.checks import findings_in
from router.policy.complaints import findings_of
from router.policy.document import BYTES_MAX, Document, Node, read_document
from router.policy.policy import Policy
from router.policy.problem import (
    Finding,
    PolicyInvalid,
    PolicyProblem,
    dotted,
    shown,
)

__all__ = ["PolicyInvalid", "PolicyProblem", "load_policy", "read_policy"]


Checks = Callable[[dict[str, Any]], Iterable[Finding]]
"""Finds what is wrong with a policy, given as plain values in the shape of its file."""


def read_policy(path: str | Path, *, also: Checks | None = None) -> Policy:
    """Read the policy in a file. Problems name it as `path` does.

    `also` are the checks of a part that the policy must not know, such as those of
    expressions. Raises PolicyInvalid, also when the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            # One byte more than allowed tells a file that is too large from one that
            # just fits, without reading all of it.
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _refusal(str(path), f"cannot be read: {reason}") from error
    return load_policy(content, file=str(path), also=also)


def load_policy(
    text: str | bytes, *, file: str = "policy", also: Checks | None = None
) -> Policy:
    """Read a policy from YAML 1.2 text, in UTF-8 if it comes as bytes.

    `file` is what problems call it, `also` as in `read_policy`. Raises PolicyInvalid with every problem found.
    """
    written = _decoded(text, file) if isinstance(text, bytes) else text
    if len(written.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise _too_large(file)
    document = read_document(written.removeprefix("\ufeff"))
    if document.root is None:
        raise PolicyInvalid(document.problems, file)
    return _validated(document, document.root, file, also)


def _validated(
    document: Document, root: Node, file: str, also: Checks | None
) -> Policy:
    values = root.value()
    if not isinstance(values, dict):
        message = 'a policy is a mapping of "key: value", beginning with "policy: name"'
        raise PolicyInvalid([_at(root, Finding((), values, message))], file)
    findings: list[Finding] = list(also(values)) if also is not None else []
    try:
        policy = Policy.model_validate(values)
    except ValidationError as error:
        findings += [*findings_of(error), *findings_in(values)]
    else:
        if not document.problems and not findings:
            return policy
    problems = document.problems + [_at(root, finding) for finding in findings]
    in_file_order = sorted(problems, key=lambda found: (found.line, found.column))
    raise PolicyInvalid(list(dict.fromkeys(in_file_order)), file)


def _at(root: Node, finding: Finding) -> PolicyProblem:
    node = root.nearest(finding.path)
    return PolicyProblem(
        line=node.line,
        column=node.column,
        key=dotted(finding.path),
        value=shown(finding.value),
        message=finding.message,
        allowed=finding.allowed,
        suggestion=finding.suggestion,
    )


def _decoded(content: bytes, file: str) -> str:
    if len(content) > BYTES_MAX:
        raise _too_large(file)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _refusal(file, "is in UTF-16: save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        byte = content[error.start]
        message = f"the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8"
        problem = PolicyProblem(line, column, "", "", message, allowed="UTF-8")
        raise PolicyInvalid([problem], file) from error


def _too_large(file: str) -> PolicyInvalid:
    most = f"at most {BYTES_MAX // (1024 * 1024)} MB"
    return _refusal(file, f"is too large for a policy: {most}")


def _refusal(file: str, message: str) -> PolicyInvalid:
    return PolicyInvalid([PolicyProblem(0, 0, "", "", message)], file)
