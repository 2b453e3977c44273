"""From the text of a policy file to a `Policy`, or to every problem at once.

A bad file never becomes half a policy: the answer is a whole one or `PolicyInvalid`.
The loader only reads; defaults, meanings and bounds stand with the settings themselves.
"""

from pathlib import Path
from typing import Final

from router.policy.checks import findings_in
from router.policy.policy import Policy
from router.policy.problem import PolicyInvalid, PolicyProblem
from router.policy.reading import Checks, Kind, bytes_of, sheet_of, validated
from router.policy.schema import SCHEMA

__all__ = ["PolicyInvalid", "PolicyProblem", "load_policy", "read_policy"]

POLICY: Final = Kind(
    called="policy",
    model=Policy,
    schema=SCHEMA,
    refusal=PolicyInvalid,
    least="name queues",
    begins="policy: name",
    checks=findings_in,
)


def read_policy(path: str | Path, *, also: Checks | None = None) -> Policy:
    """Read the policy in a file. Problems name it as `path` does.

    `also` are the checks of a part that the policy must not know, such as those of
    expressions. Raises PolicyInvalid, also when the file cannot be read.
    """
    return load_policy(bytes_of(path, POLICY), file=str(path), also=also)


def load_policy(
    text: str | bytes, *, file: str = "policy", also: Checks | None = None
) -> Policy:
    """Read a policy from YAML 1.2 text, in UTF-8 if it comes as bytes.

    `file` is what problems call it, `also` as in `read_policy`. Raises PolicyInvalid with every problem found.
    """
    return validated(sheet_of(text, POLICY, file), POLICY, file, also)
