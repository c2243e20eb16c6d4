"""Opening video files with libav, and choosing a stream."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping

from ..errors import UnsupportedError

__all__ = ["VideoWarning", "import_av", "is_picture", "name_of", "open_input", "open_video", "video_stream", "warn"]

_ATTACHED_PICTURE = 1 << 10  # AV_DISPOSITION_ATTACHED_PIC


class VideoWarning(UserWarning):
    """Something in a video file was not as it should be, and what was done about it."""


def import_av():
    """PyAV, or an UnsupportedError that says how to get it."""
    try:
        import av
    except ImportError as error:
        raise UnsupportedError(f"video files need PyAV (pip install av): {error}") from None
    return av


def name_of(source) -> str:
    """What to call a source in a message."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return f"<{memoryview(source).nbytes} bytes>"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def open_input(source, **options):
    """What PyAV opens for reading, tags that are no UTF-8 or not, which before PyAV 19 must be said."""
    av = import_av()
    if int(av.__version__.split(".")[0]) < 19:
        options["metadata_errors"] = "replace"
    return av.open(source, "r", **options)


def open_video(source, input_format: str | None = None, input_options: Mapping[str, object] | None = None):
    """Open a path, URL, bytes or file-like object with libav.

    Parameters
    ----------
    source : path, URL, bytes or file-like object
        Whatever libav reads.
    input_format : str, optional
        libav's name of the container, for what it cannot tell by itself.
    input_options : mapping, optional
        Options of the container.

    Raises
    ------
    OSError
        As `open` would for a path that is missing, a directory or not readable.
    UnsupportedError
        If libav does not take it for a video.
    """
    av = import_av()
    name = name_of(source)
    if isinstance(source, str | os.PathLike):
        source = os.fspath(source)
        if os.path.isdir(source):
            raise IsADirectoryError(21, "Is a directory", source)
        if os.path.isfile(source) and os.path.getsize(source) == 0:
            raise UnsupportedError(f"{name}: the file is empty")
    elif isinstance(source, bytes | bytearray | memoryview):
        if not len(source):
            raise UnsupportedError(f"{name}: there is nothing in it")
        source = io.BytesIO(source)
    elif not hasattr(source, "read"):
        raise TypeError(f"a video is a path, a URL, bytes or a file-like object, not {type(source).__name__}")
    try:
        options = {key: str(value) for key, value in (input_options or {}).items()}
        container = open_input(source, format=input_format, options=options)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        kind = next(k for k in (FileNotFoundError, PermissionError, IsADirectoryError) if isinstance(error, k))
        raise kind(error.errno, error.strerror, name) from None
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnsupportedError(f"{name}: not a video that libav can read ({reason})") from None
    if container.format.name == "tty" and input_format is None:  # libav takes any text for a film of a terminal
        container.close()
        raise UnsupportedError(f"{name}: this is text, not a video")
    return container


def video_stream(container, number: int, name: str, num_threads: int | None):
    """The `number`-th video stream, pictures of album covers not counted, with threads for its decoder."""
    from ..model.threads import resolve_threads

    streams = [s for s in container.streams.video if not is_picture(s)]
    if not streams:
        raise UnsupportedError(f"{name}: there is no video in it")
    if not 0 <= number < len(streams):
        raise ValueError(f"{name}: there is no video stream {number}; it has {len(streams)}, counted from 0")
    stream = streams[number]
    if stream.codec_context is None:
        raise UnsupportedError(f"{name}: this PyAV has no decoder for its video")
    stream.codec_context.thread_type = "AUTO"
    stream.codec_context.thread_count = resolve_threads(num_threads)
    return stream


def is_picture(stream) -> bool:
    """Whether it is an attached picture, such as the cover of an album."""
    return bool(disposition(stream) & _ATTACHED_PICTURE)


def disposition(stream) -> int:
    """The flags that say what a stream is for, as libav numbers them."""
    flags = getattr(stream, "disposition", 0)
    return getattr(flags, "value", flags)


def warn(what: str, stacklevel: int = 5) -> None:
    """Warn about something in a video file."""
    warnings.warn(what, VideoWarning, stacklevel=stacklevel)
