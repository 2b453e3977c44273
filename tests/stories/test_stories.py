"""Every story in this folder happens as it is written.

`make stories` writes down what happens now. A story whose first lines hold `# xfail:` is
written as it should be; it is never rewritten, and the test fails once it comes true.
"""

import os
from pathlib import Path

import pytest

from tests.story import check

REWRITE = os.environ.get("SANTRAL_STORIES") == "rewrite"
STORIES = sorted(Path(__file__).parent.glob("*.txt"))


def _as_parameter(path):
    fault = next(
        (
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("# xfail:")
        ),
        None,
    )
    marks = [pytest.mark.xfail(reason=fault[8:].strip(), strict=True)] if fault else []
    return pytest.param(path, bool(fault), id=path.stem, marks=marks)


@pytest.mark.parametrize(("path", "known_fault"), [*map(_as_parameter, STORIES)])
def test_it_happens_as_it_is_written(path, known_fault):
    check(path, rewrite=REWRITE and not known_fault)
