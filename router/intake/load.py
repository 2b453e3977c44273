"""A policy file read whole: the policy, and its intake rules compiled.

The policy's own loader knows no expressions; here it is lent the checks that do, so
that their problems stand among the others, with line and key.
"""

from dataclasses import dataclass
from pathlib import Path

from router.intake.checks import findings_in
from router.intake.proactive import Watch
from router.intake.rules import Rules, compile_rules
from router.policy.load import load_policy, read_policy
from router.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Whole:
    """A policy and everything that is compiled from it for the edge."""

    policy: Policy
    rules: Rules
    watch: Watch


def read_whole(path: str | Path) -> Whole:
    """Read a policy file. Raises PolicyInvalid with every problem, rules included."""
    return compiled(read_policy(path, also=findings_in))


def load_whole(text: str | bytes, *, file: str = "policy") -> Whole:
    """Read a policy from text. Raises PolicyInvalid with every problem."""
    return compiled(load_policy(text, file=file, also=findings_in))


def compiled(policy: Policy) -> Whole:
    """What a policy that was checked before says to the edge."""
    return Whole(policy, compile_rules(policy), Watch(policy))
