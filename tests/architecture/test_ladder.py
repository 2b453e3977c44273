"""The ladder of imports, read from the import statements themselves.

    cli -> demo -> app -> service|telemetry|adapters -> host -> journal|measures|context
        -> engine -> matching -> policy -> model

A file imports from its own part or from a lower rung; parts on one rung do not see each
other. What belongs to the outside world has one home each.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.architecture.source import ROOT, imports, python_files, relative, tree

LADDER: tuple[tuple[str, ...], ...] = (  # lowest rung first
    ("model",),
    ("policy",),
    ("matching",),
    ("engine",),
    ("settings", "clock", "failpoints", "intake", "gathering"),
    ("journal", "measures", "context"),
    ("host", "replaying", "warming"),
    ("service", "telemetry", "adapters"),
    ("app",),
    ("demo",),
    ("cli",),
    ("__main__",),
)
RUNG = {part: rung for rung, parts in enumerate(LADDER) for part in parts}
MEASURES_MAY_SEE = {"engine", "model", "measures"}

SPEAKS_GRPC = ("router/service/", "router/app.py", "router/demo/")
HOMES: dict[str, tuple[str, ...]] = {
    "grpc": SPEAKS_GRPC,
    "grpc_health": SPEAKS_GRPC,
    "grpc_reflection": SPEAKS_GRPC,
    "grpc_status": SPEAKS_GRPC,
    "router.v1": (*SPEAKS_GRPC, "router/adapters/follower.py"),
    "http.client": ("router/adapters/webhook.py",),
    "ortools": ("router/matching/solver.py",),
    "sqlite3": ("router/journal/sqlite.py", "router/context/sqlite.py"),
    "cryptography": ("router/context/sealing.py",),
    "redis": ("router/journal/redis.py",),
    "prometheus_client": (
        "router/telemetry/metrics.py",
        "router/telemetry/collector.py",
    ),
    "cel_expr_python": ("router/intake/cel.py",),
    "phonenumbers": ("router/intake/identities.py",),
    "email_validator": ("router/intake/identities.py",),
    "langcodes": ("router/intake/language.py",),
    "holidays": ("router/intake/hours.py",),
}

SIMULATOR_HOMES: dict[str, tuple[str, ...]] = {
    "duckdb": ("simulator/fit/",),
    "scipy": ("simulator/fit/",),
    "distributed": ("simulator/cluster.py",),
    "vl_convert": ("simulator/report/",),
    "xlsxwriter": ("simulator/report/xlsx.py",),
    "holidays": ("simulator/demand.py",),
}
PURE = ("model", "policy", "matching", "engine", "measures", "intake", "gathering")
CHANCE = ("random", "secrets", "uuid", "numpy.random", "os.urandom")
IMPURE_MODULES = ("time", "random", "asyncio", "logging", "secrets", "numpy.random")
CLOCKS = {"now", "utcnow", "today"}

Checker = Callable[[Path], Iterator[str]]


def part_of(path: Path) -> str:
    """The part of the router a file belongs to: its folder, or its own name."""
    return path.relative_to(ROOT / "router").parts[0].removesuffix(".py")


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def broken(rule: str, check: Checker, folder: str = "router") -> str:
    """Every breach of a rule below `folder`, under the rule itself; empty if none."""
    breaches = [
        breach
        for path in python_files(folder)
        if path.parent != ROOT / "router" or path.name != "__init__.py"
        for breach in check(path)
    ]
    return "\n".join([f"\nThe rule: {rule}", *breaches]) if breaches else ""


def test_imports_point_down_the_ladder():
    def check(path: Path) -> Iterator[str]:
        here = part_of(path)
        for line, name in imports(path):
            if not within(name, "router") or within(name, "router.v1"):
                continue
            there = name.split(".")[1]
            if there == here or there not in RUNG:
                continue
            if RUNG[there] >= RUNG.get(here, len(LADDER)):
                yield f"{relative(path)}:{line}: {here} may not import {there} ({name})"

    rule = "a file imports from its own part or a lower rung, never up or across: " + (
        " <- ".join("|".join(parts) for parts in LADDER)
    )
    assert broken(rule, check) == ""


def test_every_part_of_the_router_has_a_rung():
    parts = {
        part_of(path)
        for path in python_files("router")
        if path != ROOT / "router" / "__init__.py"
    }

    unplaced = parts - set(RUNG) - {"v1"}

    assert set() == unplaced, (
        "give these a rung in LADDER of tests/architecture/test_ladder.py"
    )


def test_measures_see_only_the_engine_and_the_nouns():
    def check(path: Path) -> Iterator[str]:
        if part_of(path) != "measures":
            return
        for line, name in imports(path):
            if within(name, "router") and name.split(".")[1] not in MEASURES_MAY_SEE:
                yield f"{relative(path)}:{line}: imports {name}"

    rule = "measures are folds over events: they import engine and model only"
    assert broken(rule, check) == ""


def test_the_outside_world_has_one_home_each():
    def check(path: Path) -> Iterator[str]:
        where = relative(path)
        if part_of(path) == "v1":
            return
        for line, name in imports(path):
            for module, homes in HOMES.items():
                if within(name, module) and not where.startswith(homes):
                    yield f"{where}:{line}: {name} belongs in {', '.join(homes)}"

    rule = "what belongs to the outside world has one home in each part that needs it"
    assert broken(rule, check) == ""


def test_no_clock_chance_or_waiting_below_the_host():
    def check(path: Path) -> Iterator[str]:
        if part_of(path) not in PURE:
            return
        for line, name in imports(path):
            for module in IMPURE_MODULES:
                if within(name, module):
                    yield f"{relative(path)}:{line}: imports {name}"
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Attribute):
                continue
            reads_clock = node.attr in CLOCKS and isinstance(node.value, ast.Name)
            if reads_clock and node.value.id in {"datetime", "date"}:
                yield f"{relative(path)}:{node.lineno}: reads the clock ({node.attr})"
            draws = node.attr == "random" and isinstance(node.value, ast.Name)
            if draws and node.value.id in {"np", "numpy"}:
                yield f"{relative(path)}:{node.lineno}: draws a random number"

    rule = f"{', '.join(PURE)} read no clock, draw no chance, wait for and log nothing"
    assert broken(rule, check) == ""


def test_the_context_reads_no_clock_and_has_one_source_of_chance():
    def check(path: Path) -> Iterator[str]:
        if part_of(path) != "context":
            return
        for line, name in imports(path):
            for module in ("time", "datetime", "asyncio", "logging"):
                if within(name, module):
                    yield f"{relative(path)}:{line}: imports {name}"
            for module in CHANCE:
                if within(name, module) and path.name != "keys.py":
                    yield f"{relative(path)}:{line}: {name} belongs in keys.py"

    rule = "instants are arguments of the context, and chance comes from keys.py only"
    assert broken(rule, check) == ""


def test_the_router_never_imports_the_simulator():
    def check(path: Path) -> Iterator[str]:
        for line, name in imports(path):
            if within(name, "simulator"):
                yield f"{relative(path)}:{line}: imports {name}"

    rule = "the simulator runs the router's engine; the router knows no simulator"
    assert broken(rule, check) == ""


def test_the_simulator_enters_at_engine_measures_policy_and_model():
    doors = {"engine", "measures", "policy", "model", "matching"}

    def check(path: Path) -> Iterator[str]:
        for line, name in imports(path):
            if within(name, "router") and name.split(".")[1] not in doors:
                yield f"{relative(path)}:{line}: imports {name}"

    rule = "the simulator imports engine, measures, policy and model of the router only"
    assert broken(rule, check, folder="simulator") == ""


def test_the_outside_world_has_one_home_in_the_simulator_too():
    def check(path: Path) -> Iterator[str]:
        where = relative(path)
        for line, name in imports(path):
            for module, homes in SIMULATOR_HOMES.items():
                if within(name, module) and not where.startswith(homes):
                    yield f"{where}:{line}: {name} belongs in {', '.join(homes)}"

    rule = "what a plain run does not need is imported in one place each"
    assert broken(rule, check, folder="simulator") == ""


def test_only_the_world_orders_the_engine_about():
    """No second copy of a routing rule: whoever decides is the engine."""
    kernel = {
        f"simulator/{name}.py"
        for name in (
            "adopting", "advance", "agenda", "compiled", "counting", "entry", "finishing",
            "giving", "lookahead", "people", "plan", "scene", "serving", "world",
        )
    }  # fmt: skip

    def check(path: Path) -> Iterator[str]:
        where = relative(path)
        for line, name in imports(path):
            if within(name, "router.engine") and where not in kernel:
                yield f"{where}:{line}: imports {name}"

    rule = "the engine is driven by the kernel alone"
    assert broken(rule, check, folder="simulator") == ""
