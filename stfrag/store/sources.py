"""Where stores are read from: paths, memory, file objects, URLs. All reads are positioned."""

from __future__ import annotations

import errno
import os
import stat
import threading
from typing import Any

__all__ = ["describe_source", "normalise_source", "open_source"]


class FileSource:
    """A file on disk, read by the native code with positioned reads. Closed when the last user lets go of it."""

    def __init__(self, path: str) -> None:
        self.fd: int | None = None
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            raise OSError(errno.ESPIPE, "not a regular file", path)
        self.fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))

    def __del__(self) -> None:
        if self.fd is not None:
            os.close(self.fd)


class ObjectSource:
    """A file object with read (or readinto) and seek; one read at a time."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = file.seek(0, os.SEEK_END)
        if self.size is None:
            self.size = file.tell()

    def read_into(self, offset: int, destination: memoryview) -> None:
        """Fill `destination` from `offset` on."""
        with self._lock:
            self._file.seek(offset)
            done = 0
            while done < len(destination):
                if hasattr(self._file, "readinto"):
                    count = self._file.readinto(destination[done:]) or 0
                else:
                    data = self._file.read(len(destination) - done) or b""
                    count = len(data)
                    destination[done : done + count] = data
                if count == 0:
                    raise EOFError(f"the file ends at {offset + done}, before its {self.size} bytes")
                done += count


class UrlSource:
    """Whatever fsspec opens, by ranged reads that may run at the same time."""

    def __init__(self, url: str) -> None:
        try:
            import fsspec
        except ImportError:
            raise ImportError(f"opening {url!r} needs fsspec: pip install 'stfrag[url]'") from None
        self._url = url
        try:
            self._fs, self._path = fsspec.core.url_to_fs(url)
        except ImportError as error:  # what fsspec itself needs for this kind of URL
            hint = "; pip install 'stfrag[url]'" if url.startswith("http") else ""
            raise ImportError(f"opening {url!r} needs more than fsspec: {error}{hint}") from None
        except ValueError as error:
            raise ValueError(f"cannot open {url!r}: {error}") from None
        try:
            info = self._fs.info(self._path)
        except Exception as error:
            raise _told(error, url) from error
        if info.get("partial") is False:
            raise OSError(errno.ESPIPE, _NO_RANGES, url)
        if info.get("size") is None:
            raise OSError(errno.ESPIPE, "the server does not tell its size", url)
        self.size = int(info["size"])

    def read_into(self, offset: int, destination: memoryview) -> None:
        """Fill `destination` from `offset` on."""
        try:
            data = self._fs.cat_file(self._path, start=offset, end=offset + len(destination))
        except Exception as error:
            raise _told(error, self._url) from error
        if len(data) > len(destination):
            raise OSError(errno.ESPIPE, _NO_RANGES, self._url)
        if len(data) < len(destination):
            raise EOFError(f"asked {self._path} for {len(destination)} bytes at {offset}, got {len(data)}")
        destination[:] = data


_NO_RANGES = (
    "the server sends whole files only and takes no range requests, so a store cannot be read in parts: download it, "
    "or put it on a server that does (most do; 'python -m http.server' does not)"
)


def _told(error: Exception, url: str) -> Exception:
    """What fsspec raised, as an OSError that names the URL and says what the server said."""
    cause = error.__cause__ if isinstance(error, FileNotFoundError) and error.errno is None else error
    status = getattr(cause, "status", None)
    if isinstance(status, int):
        reason = f"the server says {status} {getattr(cause, 'message', '')}".rstrip()
        number = {401: errno.EACCES, 403: errno.EACCES, 404: errno.ENOENT}.get(status, errno.EIO)
        return OSError(number, reason, url)  # a PermissionError, a FileNotFoundError, or itself
    if cause is None:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), url)
    if isinstance(cause, OSError):
        return type(error)(cause.errno or errno.EIO, cause.strerror or str(cause), url)
    if type(cause).__module__.partition(".")[0] == "aiohttp":  # its errors are of no kind that others know
        return OSError(errno.EIO, str(cause) or type(cause).__name__, url)
    return error


def normalise_source(source: Any) -> Any:
    """`source` in a form that means the same in another process: absolute paths, memory, file objects, URLs.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        return path if "://" in path else os.path.abspath(path)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return source
    if hasattr(source, "seek") and (hasattr(source, "read") or hasattr(source, "readinto")):
        return source
    raise TypeError(f"cannot read a store from {type(source).__name__}: give a path, bytes, a file object or a URL")


def open_source(source: Any) -> Any:
    """What the native code reads a normalised source through."""
    if isinstance(source, str):
        return UrlSource(source) if "://" in source else FileSource(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return source
    return ObjectSource(source)


def describe_source(source: Any) -> str:
    """A source in a message: a path or URL as it is, else what kind of thing it is."""
    if isinstance(source, str):
        return source
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else f"<{type(source).__name__}>"
