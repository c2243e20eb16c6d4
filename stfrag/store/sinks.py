"""Sinks: where the bytes of a new store go, from front to back.

A sink is a path, whose file is called ``.part`` until it is whole and is then renamed, or a file object.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import Any, Protocol

from ..errors import StfragError
from .sources import FileSource

__all__ = ["Sink", "append_sink", "open_sink"]


class Sink(Protocol):
    """What a writer writes to.

    Attributes
    ----------
    name : str
        What messages call it.
    """

    name: str

    def write(self, data: memoryview) -> None:
        """Write all of `data`, or raise OSError."""

    def finish(self) -> None:
        """Make the store appear under its name: all of it was written."""

    def abandon(self, useless: bool) -> None:
        """Give the store up; `useless` says that nothing in it is worth repairing."""


class _FileSink:
    """A file that is written through its descriptor."""

    def __init__(self, path: str) -> None:
        self.name = path
        self._fd: int | None = None

    def write(self, data: memoryview) -> None:
        """Write all of `data`; OSError names the file if that fails."""
        assert self._fd is not None
        try:
            while len(data):
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise _named(error, self.name) from None

    def _close(self) -> None:
        """Close the file, if it is open."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.close(fd)

    def __del__(self) -> None:
        self._close()


class PathSink(_FileSink):
    """A new file, which is called ``path.part`` until it is finished.

    Parameters
    ----------
    path : str
    overwrite : bool
        Whether to replace a file that is there.
    suffix : str
        What is appended to the name until the file is finished.
    """

    def __init__(self, path: str, overwrite: bool, suffix: str) -> None:
        super().__init__(path)
        self._path = os.path.realpath(path)  # the file that a link points to is replaced, not the link
        self._part = self._path + suffix
        self._overwrite = overwrite
        self._check()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            self._fd = os.open(self._part, flags, 0o666)
            _lock(self._fd)
            os.ftruncate(self._fd, 0)  # only now: before the lock it may be another writer's file
        except OSError as error:
            self._close()
            raise _named(error, self.name) from None

    @property
    def folder(self) -> str:
        """The folder of the file, which has room for temporary files of that size."""
        return os.path.dirname(self._path)

    def _check(self) -> None:
        """Raise OSError if there is something at the path that must not be replaced."""
        try:
            mode = os.stat(self._path).st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise _named(error, self.name) from None
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.name)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file", self.name)
        if not self._overwrite:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.name)

    def finish(self) -> None:
        """Rename the file to its name, having made sure that it is on disk."""
        assert self._fd is not None
        try:
            os.fsync(self._fd)
            self._close()
            self._check()
            os.replace(self._part, self._path)
            _sync_folder(os.path.dirname(self._path))
        except OSError as error:
            raise _named(error, self.name) from None

    def abandon(self, useless: bool) -> None:
        """Close the ``.part``, and delete it unless a repair would find fragments in it."""
        if self._fd is not None and (useless or not self._holds_fragments()):
            with contextlib.suppress(OSError):
                os.unlink(self._part)
        self._close()

    def _holds_fragments(self) -> bool:
        """Tell whether a repair would find fragments; a large file is assumed to have some."""
        from ..native import store as _store

        assert self._fd is not None
        try:
            if os.fstat(self._fd).st_size < 1 << 26:
                _store.repair(FileSource(self._part), _Nowhere())
        except StfragError:
            return False
        except OSError:
            pass
        return True


class _Nowhere:
    """A sink that forgets what is written."""

    def write(self, data: memoryview) -> None:
        """Forget `data`."""


class AppendSink(_FileSink):
    """The end of an existing file. If the writer fails, the file is cut to the length that it had.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            _lock(self._fd)
            self._size = os.lseek(self._fd, 0, os.SEEK_END)
        except OSError as error:
            self._close()
            raise _named(error, self.name) from None

    def finish(self) -> None:
        """Close the file, having made sure that it is on disk."""
        assert self._fd is not None
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise _named(error, self.name) from None
        finally:
            self._close()

    def abandon(self, useless: bool) -> None:
        """Cut the file to the length that it had, and close it."""
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
        self._close()


class ObjectSink:
    """A file object with a method ``write``. It belongs to the caller and stays open.

    Parameters
    ----------
    file : file object
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        name = getattr(file, "name", None)
        self.name = name if isinstance(name, str) else f"<{type(file).__name__}>"

    def write(self, data: memoryview) -> None:
        """Write all of `data`."""
        while len(data):
            count = self._file.write(bytes(data))  # a copy, because the memory belongs to the C core
            if count is None or count >= len(data):
                return
            data = data[count:]

    def finish(self) -> None:
        """Flush the file object, if it can be flushed."""
        if hasattr(self._file, "flush"):
            self._file.flush()

    def abandon(self, useless: bool) -> None:
        """Leave the file object as it is."""


def open_sink(target: Any, overwrite: bool, suffix: str = ".part") -> Sink:
    """Open a sink for a new store at a path or in a file object.

    Parameters
    ----------
    target : path or file object
    overwrite : bool
        Whether to replace a file that is there.
    suffix : str
        What is appended to the name of a file until it is whole.

    Raises
    ------
    FileExistsError
        If there is something at the path and `overwrite` is false.
    OSError
        If nothing can be written there.
    TypeError
        If the target is neither a path nor a file object.
    """
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        path = os.fsdecode(path) if isinstance(path, bytes) else path
        if "://" in path:
            raise ValueError(f"cannot write to {path!r}: write to a file object of fsspec.open({path!r}, 'wb')")
        return PathSink(path, overwrite, suffix)
    if hasattr(target, "write"):
        return ObjectSink(target)
    raise TypeError(f"cannot write a store to {type(target).__name__}: give a path or a file object")


def append_sink(target: Any) -> Sink:
    """Open a sink for the end of a store at a path or in a file object; TypeError if it is neither."""
    if isinstance(target, (str, os.PathLike)):
        return AppendSink(os.fsdecode(os.fspath(target)))
    if hasattr(target, "write") and hasattr(target, "seek"):
        target.seek(0, os.SEEK_END)
        return ObjectSink(_AtEnd(target))
    raise TypeError(f"cannot append to {type(target).__name__}: give a path or a file object that reads and writes")


class _AtEnd:
    """A file object to whose end is written, although others read it, and move in it, meanwhile."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.name = getattr(file, "name", None)

    def write(self, data: bytes) -> Any:
        """Write `data` to the end of the file."""
        self._file.seek(0, os.SEEK_END)
        return self._file.write(data)


def _named(error: OSError, name: str) -> OSError:
    """Return an error like `error` that names the file as the user did."""
    return OSError(error.errno, error.strerror or str(error), name) if error.errno else error


def _lock(fd: int) -> None:
    """Lock a file for this writer; OSError if another writer has it. Without locks in the system, do nothing."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EBUSY, "another writer is writing this store") from None
    except OSError:  # a file system without locks
        return


def _sync_folder(folder: str) -> None:
    """Make sure that a rename in a folder is on disk, if the system can do that."""
    with contextlib.suppress(OSError):
        fd = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
