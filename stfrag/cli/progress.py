"""A progress bar on stderr, only where someone is looking at it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .arguments import Namespace

Report = Callable[[int, int | None], None]


@contextlib.contextmanager
def progress(args: Namespace, what: str) -> Iterator[Report]:
    """Show how far a long job is.

    Parameters
    ----------
    args : argparse.Namespace
        ``quiet`` turns the bar off; so does a stderr that is no terminal.
    what : str
        What is being done, a word or two.

    Yields
    ------
    callable
        ``report(done, total)``: frames done so far, and in all (None where that is not known).
    """
    if args.quiet or not sys.stderr.isatty():
        yield _nothing
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def _nothing(done: int, total: int | None) -> None:
    pass
