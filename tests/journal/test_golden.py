"""The promise of the format: what a release wrote, every later one reads.

When one of these fails, the format has changed: raise FORMAT_VERSION, teach `decode`
the old format, and let `python -m tests.journal.golden_files` write a folder for the
new one.
"""

import json

import pytest

from router.journal.codec import FORMAT_VERSION, decode, encode
from tests.journal.golden_files import FOLDER, GROUPS, columns_of, meaning, schema

FILES = sorted(FOLDER.glob("v*/*.binpb"))
PRESENT = FOLDER / f"v{FORMAT_VERSION}"


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_group_of_any_release_is_still_read(path):
    expected = json.loads(path.with_suffix(".json").read_text())

    columns = columns_of(path.parent.name[1:])
    assert expected == meaning(decode(path.read_bytes()), columns)


def test_columns_that_joined_later_hold_nothing_in_older_groups():
    group = decode((FOLDER / "v1" / "busy.binpb").read_bytes())

    assert {-1} == set(group.events["conversation"].tolist())
    assert {0} == set(group.events["context"].tolist())


@pytest.mark.parametrize("name", GROUPS)
def test_the_present_format_is_still_written(name):
    written = (PRESENT / f"{name}.binpb").read_bytes()

    assert written == encode(decode(written))


def test_the_schema_does_not_change_without_a_new_format_version():
    assert json.loads((PRESENT / "schema.json").read_text()) == schema()


def test_no_golden_file_is_missing():
    for version in range(1, FORMAT_VERSION + 1):
        assert {"one_event", "busy", "everything"} <= {
            path.stem for path in FILES if path.parent.name == f"v{version}"
        }
