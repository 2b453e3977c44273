"""Reads the repository's own source for the architecture tests; imports none of it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = re.compile(r"_pb2(_grpc)?\.pyi?$")


@cache
def listed_files() -> tuple[Path, ...]:
    """Every file git tracks or would track, so that new files count before a commit."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = {ROOT / name for name in answer.stdout.split("\0") if name}
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(folder: str) -> list[Path]:
    """The handwritten Python files below `folder`."""
    return [
        path
        for path in listed_files()
        if path.suffix == ".py"
        and path.is_relative_to(ROOT / folder)
        and not GENERATED.search(path.name)
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=relative(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything the file imports, wherever it does so."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module or ''}.{alias.name}"
