"""The progress bar of every command: on standard error, and only where a person sees it."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def bar_of(counted: str, *, width: int | None = None) -> Progress:
    """A bar that says what is done, how many of how many `counted`, and how long it will
    still take. With a `width` what is done keeps that many characters.
    """
    console = Console(stderr=True)
    task = (
        "{task.description}"
        if width is None
        else f"{{task.description:<{width}.{width}}}"
    )
    return Progress(
        TextColumn(task),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(counted),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
