"""``stfrag --print-completion``: a script that completes words in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .errors import UNSUPPORTED, CliError, UsageError

#: How the help calls values that are names of files and folders.
_FILES = frozenset(("IN", "IN.stf", "OUT", "OUT.stf", "OUT.png", "BROKEN", "INPUT", "FILE"))
_FOLDERS = frozenset(("FOLDER",))


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the completion script for one shell.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The whole command line.
    shell : str
        ``bash``, ``zsh``, ``tcsh``, ...: whatever shtab knows.

    Returns
    -------
    str
    """
    try:
        import shtab
    except ImportError:
        raise CliError(
            "--print-completion needs shtab, which is not installed: pip install 'stfrag[completion]'", UNSUPPORTED
        ) from None
    if shell not in shtab.SUPPORTED_SHELLS:
        raise UsageError(f"no completion for {shell!r}, but for {', '.join(shtab.SUPPORTED_SHELLS)}")
    for action in _actions(parser):
        named = {action.metavar} if isinstance(action.metavar, str) else set(action.metavar or ())
        if named & _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
        elif named & _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield all options and arguments of a parser and of its subcommands."""
    for action in parser._actions:  # argparse has no public way to list them
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _actions(each)
