"""From a scenario file and its policy to `Loaded`, or to every problem at once.

A bad file never becomes half a scenario. The problems of a policy are shown beside
those of the scenario, each under its own file's name.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from router.policy.load import POLICY, PolicyInvalid
from router.policy.policy import Policy
from router.policy.problem import DocumentInvalid, Finding, Problem
from router.policy.reading import Kind, Sheet, bytes_of, sheet_of, validated
from simulator.scenario.agreement import doubts_about, findings_between
from simulator.scenario.checks import findings_by_policy, findings_in
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import SCHEMA
from simulator.scenario.traces import digest_of, findings_in_traces, traces_of


class ScenarioInvalid(DocumentInvalid):
    """The file is no scenario, or its policy is none.

    `problems` are those of the scenario's file, `policy` the refusal of the policy.
    """

    policy: PolicyInvalid | None = None

    def __str__(self) -> str:
        """One line a problem; those of the policy come last."""
        own = super().__str__()
        policy = "" if self.policy is None else str(self.policy)
        return "\n".join(filter(None, (own, policy)))


SCENARIO: Final = Kind(
    called="scenario",
    model=Scenario,
    schema=SCHEMA,
    refusal=ScenarioInvalid,
    least="name a policy and demand",
    begins="scenario: name",
    checks=findings_in,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario and its policy, sound by themselves and together."""

    scenario: Scenario
    policy: Policy
    policy_text: str
    path: Path
    """Where the scenario was read; its name only, if it came as text."""
    digests: dict[str, str]
    """16 hex digits of what was read: "scenario", "policy", and each trace by its file."""
    doubts: tuple[Problem, ...] = ()
    """What can be run and was probably not meant, with line and column."""

    @property
    def folder(self) -> Path:
        """Where the traces are."""
        return self.path.parent


def read_scenario(path: str | Path) -> Loaded:
    """Read a scenario file and the policy it names. Raises ScenarioInvalid."""
    file = Path(path)
    sheet = sheet_of(bytes_of(file, SCENARIO), SCENARIO, str(path))
    named = _policy_named(sheet)
    policy_path = file.parent / named if named else None
    content: str | bytes | None = None
    unread: list[Finding] = []
    if policy_path is not None:
        try:
            content = bytes_of(policy_path, POLICY)
        except PolicyInvalid as refusal:
            unread = [Finding(("policy",), named, refusal.problems[0].message)]
    return _loaded(sheet, content, unread, file, str(policy_path), file.parent)


def load_scenario(
    text: str | bytes,
    policy_text: str | bytes,
    *,
    file: str = "scenario",
    policy_file: str = "policy",
    folder: Path | None = None,
) -> Loaded:
    """Read a scenario and its policy from texts; `folder` is where its traces are.

    Raises ScenarioInvalid.
    """
    sheet = sheet_of(text, SCENARIO, file)
    path = Path(file) if folder is None else folder / Path(file).name
    return _loaded(sheet, policy_text, [], path, policy_file, folder, file)


def _policy_named(sheet: Sheet) -> str:
    values = sheet.values()
    named = values.get("policy") if isinstance(values, dict) else None
    return named if isinstance(named, str) else ""


def _loaded(
    sheet: Sheet,
    policy_content: str | bytes | None,
    unread: list[Finding],
    path: Path,
    policy_file: str,
    folder: Path | None,
    file: str = "",
) -> Loaded:
    file = file or str(path)
    policy, refusal = _policy(policy_content, policy_file)

    def also(values: dict[str, Any]) -> list[Finding]:
        by_policy = [] if policy is None else findings_by_policy(values, policy)
        return [*unread, *by_policy]

    try:
        scenario = validated(sheet, SCENARIO, file, also)
    except ScenarioInvalid as invalid:
        invalid.policy = refusal
        raise
    findings = list(findings_in_traces(scenario, folder))
    if policy is not None:
        findings += findings_between(scenario, policy)
    if findings or policy is None or policy_content is None:
        problems = sorted(map(sheet.at, findings), key=lambda at: (at.line, at.column))
        refused = ScenarioInvalid(problems, file)
        refused.policy = refusal
        raise refused
    doubts = map(sheet.at, doubts_about(scenario, policy))
    return Loaded(
        scenario=scenario,
        policy=policy,
        policy_text=_as_text(policy_content),
        path=path,
        digests=_digests(scenario, policy, folder),
        doubts=tuple(sorted(doubts, key=lambda at: (at.line, at.column))),
    )


def _policy(
    content: str | bytes | None, file: str
) -> tuple[Policy | None, PolicyInvalid | None]:
    if content is None:
        return None, None
    try:
        return validated(sheet_of(content, POLICY, file), POLICY, file), None
    except PolicyInvalid as refusal:
        return None, refusal


def _digests(scenario: Scenario, policy: Policy, folder: Path | None) -> dict[str, str]:
    digests = {"scenario": scenario.digest, "policy": policy.digest}
    if folder is not None:
        for _, trace in traces_of(scenario):
            digests.setdefault(trace.file, digest_of(folder / trace.file))
    return digests


def _as_text(content: str | bytes) -> str:
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    return text.removeprefix("\ufeff")
