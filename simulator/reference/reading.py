"""A file of reference cases: what is known exactly, of which system.

JSON: `{"cases": [{"id", "group", "model", "parameters", "outputs", ...}]}`, other keys are
for people. Everything wrong is told at once, and a case that cannot be read is not run.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from router.policy.suggest import listed, meant

BYTES_MAX: Final = 64 * 1024 * 1024
CASES_MAX: Final = 10_000
NEEDED: Final = {"id": str, "group": str, "parameters": dict, "outputs": dict}
TOLD: Final = ("model", "note", "method", "source")
_KINDS: Final = {str: "text", dict: "an object", list: "a list"}


class CasesInvalid(ValueError):
    """The file is no file of cases; `problems` has every reason."""

    def __init__(self, file: str, problems: list[str]) -> None:
        """Refuse `file` for `problems`."""
        self.problems = problems
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems[:100]))


@dataclass(frozen=True, slots=True)
class Case:
    """One system and what is known of it."""

    id: str
    group: str
    parameters: dict[str, Any]
    outputs: dict[str, Any]
    model: str = ""
    note: str = ""
    method: str = ""
    source: str = field(default="", compare=False)


def read_cases(path: Path, only: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """The cases of a file, or those of them that `only` names, in the order of the file.

    Raises CasesInvalid with everything that is wrong.
    """
    file = str(path)
    try:
        if path.stat().st_size > BYTES_MAX:
            raise CasesInvalid(file, ["is too large: at most 64 MB are read"])
        text = path.read_bytes().decode("utf-8-sig")
        values = json.loads(text, object_pairs_hook=_once)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CasesInvalid(file, [f"cannot be read: {reason}"]) from error
    except UnicodeDecodeError as error:
        raise CasesInvalid(file, ["is not UTF-8: save it as UTF-8"]) from error
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise CasesInvalid(file, [f"{place}: is no JSON: {error.msg}"]) from error
    except (_Twice, RecursionError) as error:
        raise CasesInvalid(file, [str(error) or "is nested too deeply"]) from error
    return _wanted(file, _cases(file, values), only)


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(f'the key "{key}" is given twice in one object')
        found[key] = value
    return found


def _cases(file: str, values: Any) -> tuple[Case, ...]:
    cases = values.get("cases") if isinstance(values, dict) else values
    if not isinstance(cases, list) or not cases:
        raise CasesInvalid(file, ['must have a list "cases" with at least one case'])
    if len(cases) > CASES_MAX:
        raise CasesInvalid(file, [f"has {len(cases)} cases, at most {CASES_MAX}"])
    problems: list[str] = []
    found: dict[str, Case] = {}
    for place, case in enumerate(cases):
        where = f"cases[{place}]"
        if not isinstance(case, dict):
            problems.append(f"{where}: must be an object")
            continue
        wrong = list(_wrong_in(where, case))
        problems += wrong
        if wrong:
            continue
        if case["id"] in found:
            problems.append(f'{where}.id: "{case["id"]}" is the id of another case')
        told = {key: str(case.get(key, "")) for key in TOLD}
        found[case["id"]] = Case(
            case["id"], case["group"], case["parameters"], case["outputs"], **told
        )
    if problems:
        raise CasesInvalid(file, problems)
    return tuple(found.values())


def _wrong_in(where: str, case: dict[str, Any]) -> list[str]:
    problems = []
    for key, kind in NEEDED.items():
        if key not in case:
            close = meant(key, [name for name in case if name not in NEEDED])
            hint = f'; did you mean it by "{close}"?' if close else ""
            problems.append(f"{where}: must have {_KINDS[kind]} {key!r}{hint}")
        elif not isinstance(case[key], kind) or not case[key]:
            problems.append(f"{where}.{key}: must be {_KINDS[kind]}, and not empty")
    return problems


def _wanted(
    file: str, cases: tuple[Case, ...], only: tuple[str, ...]
) -> tuple[Case, ...]:
    known = [case.id for case in cases]
    problems = []
    for name in only:
        if name not in known:
            close = meant(name, known)
            hint = f'; did you mean "{close}"?' if close else f": {listed(known)}"
            problems.append(f'there is no case "{name}"{hint}')
    if problems:
        raise CasesInvalid(file, problems)
    return tuple(case for case in cases if not only or case.id in only)
