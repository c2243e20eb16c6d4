"""Errors of the command line: one line on stderr and an exit code, never a traceback for a user's mistake."""

from __future__ import annotations

import contextlib
import errno
import shlex
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

OK, FAILURE, USAGE, CORRUPT, UNSUPPORTED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CliError(Exception):
    """A failure that the command line found by itself, with the exit code that it ends in."""

    def __init__(self, message: str, code: int = FAILURE):
        super().__init__(message)
        self.code = code


class UsageError(CliError):
    """The command was asked for something that makes no sense."""

    def __init__(self, message: str):
        super().__init__(message, USAGE)


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the one line that say what went wrong.

    Parameters
    ----------
    error : BaseException
        Whatever a command raised.

    Returns
    -------
    code : int
    message : str
        Without a newline.
    """
    import stfrag

    text = " ".join(str(error).split())
    if isinstance(error, CliError):
        return error.code, text
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "interrupted"
    if isinstance(error, (stfrag.CorruptFragmentError, stfrag.CorruptStoreError)):
        return CORRUPT, text
    if isinstance(error, stfrag.UnsupportedError):
        return UNSUPPORTED, text
    if isinstance(error, stfrag.StfragError):
        return FAILURE, text
    if isinstance(error, MemoryError):
        return FAILURE, f"not enough memory: {text}" if text else "not enough memory"
    if isinstance(error, OSError):
        return FAILURE, _explain_os(error)
    if isinstance(error, ImportError):
        return UNSUPPORTED, text
    if isinstance(error, (ValueError, TypeError, IndexError)):
        return USAGE, text
    return FAILURE, f"{type(error).__name__}: {text} (this looks like a bug; --debug shows where)"


def _explain_os(error: OSError) -> str:
    reason = error.strerror or " ".join(str(error).split())
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason = "the disk is full"
    elif error.errno == errno.EFBIG:
        reason = "the file would be larger than the system allows"
    name = error.filename
    if isinstance(name, bytes):
        name = name.decode(errors="replace")
    return f"{name}: {reason}" if name else reason


def complain(message: str) -> None:
    """Write one line to stderr, whatever has become of stderr."""
    try:
        sys.stderr.write(f"stfrag: {message}\n")
        sys.stderr.flush()
    except OSError:
        pass


@contextlib.contextmanager
def plain_warnings() -> Iterator[None]:
    """Show the library's warnings as one line each; those of others are not for users of a command."""

    def show(message: Warning | str, *rest: object) -> None:
        complain(f"warning: {' '.join(str(message).split())}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show  # type: ignore[assignment]  # only the message is wanted
        yield


class Part:
    """The ``.part`` of a store that a command is about to write; one that was there before does not count."""

    def __init__(self, store: str | Path):
        self._path = Path(f"{store}.part")
        self._before = self._stamp()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def note(self) -> str:
        """Return what to do with the ``.part`` that a failed encode left; empty if there is none."""
        part, stamp = self._path, self._stamp()
        if stamp is None or stamp == self._before:
            return ""
        names = f"{shlex.quote(str(part))} {shlex.quote(str(part.with_suffix('')))}"
        return f"; what was encoded is in {part}: 'stfrag repair {names}' makes a store of it"
