"""The house stays tidy: small files that say where they stand, and no loose ends.

What is forbidden is spelt in two halves here, so that this file does not find itself.
"""

import ast
import re

import pytest

from tests.architecture.source import (
    GENERATED,
    ROOT,
    listed_files,
    python_files,
    relative,
    tree,
)

LINES_MAX = 400
# A longer file needs its reason here: {"router/engine/decide.py": "one order a part"}
LONG_FOR_A_REASON: dict[str, str] = {
    "router/host.py": "one loop: inbox, batch, journal, garbage and rounds share its state",
    "router/measures/fold.py": "compiled code that calls each other has to stand in one file",
    "router/engine/tables.py": "the shape of everything the engine knows, side by side",
}

MAY_PRINT = (
    "router/cli.py",
    "router/cli/",
    "router/demo/",
    "router/__main__.py",
    "simulator/commands/",
)
UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b"
)
REGISTRIES = re.compile(
    "|".join(
        re.escape(name)
        for name in (
            "pypi" + ".org",
            "pythonhosted" + ".org",
            "npmjs" + ".org",
            "npmjs" + ".com",
            "debian" + ".org/debian",
            "--index" + "-url",
            "--extra-index" + "-url",
        )
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.$~}-])/(?:work|root|home)/\w")
BINARY_OR_DATA = {".binpb", ".png", ".gz", ".journal", ".csv"}


def texts() -> list[tuple[str, str]]:
    """Path and text of every handwritten text file git tracks or would track."""
    return [
        (relative(path), path.read_text(encoding="utf-8"))
        for path in listed_files()
        if path.suffix not in BINARY_OR_DATA
        and not GENERATED.search(path.name)
        and b"\0" not in path.read_bytes()[:8192]
    ]


def lines_matching(pattern: re.Pattern[str], *, below: tuple[str, ...]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts()
        if name.startswith(below)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_small():
    too_long = {
        relative(path): lines
        for folder in ("router", "simulator")
        for path in python_files(folder)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_MAX
    }

    unexplained = {k: v for k, v in too_long.items() if k not in LONG_FOR_A_REASON}

    assert {} == unexplained, (
        f"over {LINES_MAX} lines: ask which second subject has moved in, "
        "or give the reason in LONG_FOR_A_REASON"
    )


def test_every_listed_long_file_is_still_long():
    for name, reason in LONG_FOR_A_REASON.items():
        assert reason
        lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
        assert lines > LINES_MAX, f"{name} is small again: take it off the list"


@pytest.mark.parametrize("folder", ["router", "simulator", "bench", "tests"])
def test_every_module_says_where_it_stands(folder):
    silent = [
        relative(path)
        for path in python_files(folder)
        if not ast.get_docstring(tree(path))
    ]

    assert [] == silent, "each file opens with a docstring: its place, its limits"


def test_nothing_is_left_unfinished():
    below = ("router/", "simulator/", "proto/", "tests/", "bench/", "tools/", "docs/")

    assert [] == lines_matching(UNFINISHED, below=below)


def test_only_what_talks_to_a_person_prints():
    printing = [
        f"{relative(path)}:{node.lineno}"
        for folder in ("router", "simulator")
        for path in python_files(folder)
        if not relative(path).startswith(MAY_PRINT)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert [] == printing, f"print belongs in {', '.join(MAY_PRINT)}"


def test_no_file_names_a_registry():
    assert [] == lines_matching(REGISTRIES, below=("",))


def test_no_file_knows_the_machine_it_was_written_on():
    assert [] == lines_matching(MACHINE_PATH, below=("",))


def test_the_constraints_are_exact_versions_and_nothing_else():
    exact = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert [] == [line for line in lines if not exact.fullmatch(line)]


def test_every_folder_of_tests_is_a_package():
    folders = {
        folder
        for path in listed_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")
        for folder in path.parents
        if folder.is_relative_to(ROOT / "tests")
    }

    bare = [relative(f) for f in sorted(folders) if not (f / "__init__.py").exists()]

    assert [] == bare, "without __init__.py two tests of one name hide each other"


def test_every_make_target_explains_itself():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    explained = re.findall(r"^## ([\w-]+): \S", text, re.MULTILINE)

    assert phony is not None
    assert sorted(phony.group(1).split()) == sorted(explained)
