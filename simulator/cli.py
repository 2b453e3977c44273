"""The command line of the simulator. Only the command that is asked for is imported, so
help is quick and a missing extra is no matter to the other commands.
"""

import sys
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final = {
    "run": "Simulate a scenario and report its figures with confidence intervals.",
    "compare": "Simulate two scenarios with the same customers and report what differs.",
    "check": "Check a scenario and its policy, and say what its staff can bear.",
    "erlang": "Exact Erlang B, C and A for one queue.",
    "fit": "Make a scenario of the logs of a contact centre.",
    "backtest": "Predict days that are known, and say how well.",
    "reference": "Simulate cases with known answers and compare.",
}
"""Each stands in `simulator.commands` under its own name."""
EXTRAS: Final = {
    "duckdb": "simulator",
    "scipy": "simulator",
    "vl_convert": "simulator",
    "xlsxwriter": "simulator",
    "distributed": "cluster",
    "dask": "cluster",
}
"""Packages of extras, and of which."""


class Commands(TyperGroup):
    """The commands by name and purpose; what they do is imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What help shows of a command."""
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command itself, and its arguments."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and command(str(name)), rest


def command(name: str) -> Any:
    """A command with all its options."""
    module = import_module(f"simulator.commands.{name}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(getattr(module, name))
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Plan a contact centre with the very engine that routes it.",
)


@app.callback()
def simulator() -> None:
    """Plan a contact centre with the very engine that routes it."""


def main() -> None:
    """The entry point of `santral-simulator`."""
    try:
        app()
    except ModuleNotFoundError as missing:
        package = (missing.name or "").split(".")[0]
        if package not in EXTRAS:
            raise
        typer.echo(
            f"this needs {package}, which is not installed: "
            f"pip install 'santral[{EXTRAS[package]}]'",
            err=True,
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
