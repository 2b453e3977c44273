"""Imports are quiet: importing a module opens nothing and starts nothing."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.source import ROOT, python_files, relative, tree

# A file that must be loud has its reason here.
LOUD_FOR_A_REASON = {
    "router/engine/compiled.py": "numba's cache does not notice a changed callee, so "
    "its folder is named after the digest of the engine's sources, read on import",
}

# Runs in a process of its own. An event counts when one of our modules led to it; numba
# looks at its cache folder while it decorates, and importing reads source files.
LISTENER = """
import importlib, json, sys, threading
root, names = sys.argv[1], sys.argv[2:]
LOUD = ("open", "sqlite3.connect", "socket.", "subprocess.Popen", "os.system")
heard = []

def led_to_it(frame):
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or "/numba/" in file:
            return None
        if file.startswith(root) and not file.endswith(("_pb2.py", "_pb2_grpc.py")):
            return f"{file[len(root):]}:{frame.f_lineno}"
        frame = frame.f_back
    return None

def listen(event, arguments):
    if event.startswith(LOUD) and (where := led_to_it(sys._getframe(1))):
        heard.append(f"router/{where}: {event}")

sys.addaudithook(listen)
for name in names:
    importlib.import_module(name)
    if threading.active_count() > 1 and not any("thread" in line for line in heard):
        heard.append(f"{name}: starts a thread")
print(json.dumps(heard))
"""


def module_names() -> list[str]:
    """Every module of the router but `__main__`, which is there to act."""
    names = (relative(path)[: -len(".py")] for path in python_files("router"))
    return [
        name.replace("/", ".").removesuffix(".__init__")
        for name in names
        if not name.endswith("__main__")
    ]


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """What runs while the module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from outside_functions(child)


def test_importing_the_router_opens_and_starts_nothing():
    done = subprocess.run(
        [sys.executable, "-c", LISTENER, f"{ROOT / 'router'}/", *module_names()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert 0 == done.returncode, done.stderr
    heard = json.loads(done.stdout.splitlines()[-1])
    assert [] == [
        line for line in heard if not line.startswith(tuple(LOUD_FOR_A_REASON))
    ]


def test_importing_the_router_reads_no_environment():
    reading = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("router")
        if relative(path) not in LOUD_FOR_A_REASON
        for node in outside_functions(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]

    assert [] == reading, "read settings where the process starts, not on import"
