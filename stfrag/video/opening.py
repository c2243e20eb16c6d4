"""Opening video files with libav, and choosing a stream."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

from ..errors import UnsupportedError
from ..model.threads import resolve_threads
from .libav import InputContainer, Stream, import_av

__all__ = ["disposition", "is_picture", "name_of", "open_input", "open_video", "video_stream", "videos_of"]

_ATTACHED_PICTURE = 1 << 10  # AV_DISPOSITION_ATTACHED_PIC


def name_of(source: Any) -> str:
    """Name a source in a message.

    Examples
    --------
    >>> name_of("a.mkv"), name_of(b"1234")
    ('a.mkv', '<4 bytes>')
    """
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return f"<{memoryview(source).nbytes} bytes>"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def open_input(source: Any, **options: Any) -> InputContainer:
    """Open a source for reading with PyAV, though its tags be no UTF-8, which PyAV before 19 must be told."""
    av = import_av()
    if int(av.__version__.split(".")[0]) < 19:
        options["metadata_errors"] = "replace"
    return av.open(source, "r", **options)


def open_video(
    source: Any, input_format: str | None = None, input_options: Mapping[str, object] | None = None
) -> InputContainer:
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
    openable = _openable(source, name)
    try:
        options = {key: str(value) for key, value in (input_options or {}).items()}
        container = open_input(openable, format=input_format, options=options)
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


def _openable(source: Any, name: str) -> Any:
    """Turn a source into what PyAV opens; raise what says more of a hopeless one than PyAV would."""
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        if os.path.isdir(path):
            raise IsADirectoryError(21, "Is a directory", path)
        if os.path.isfile(path) and os.path.getsize(path) == 0:
            raise UnsupportedError(f"{name}: the file is empty")
        return path
    if isinstance(source, bytes | bytearray | memoryview):
        if not len(source):
            raise UnsupportedError(f"{name}: there is nothing in it")
        return io.BytesIO(source)
    if not hasattr(source, "read"):
        raise TypeError(f"a video is a path, a URL, bytes or a file-like object, not {type(source).__name__}")
    return source


def videos_of(container: InputContainer) -> list[Stream]:
    """List the video streams of a file, without pictures of album covers."""
    return [stream for stream in container.streams.video if not is_picture(stream)]


def video_stream(container: InputContainer, number: int, name: str, num_threads: int | None) -> Stream:
    """Choose the `number`-th video stream, covers not counted, and give its decoder threads."""
    streams = videos_of(container)
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


def is_picture(stream: Stream) -> bool:
    """Tell whether a stream is an attached picture, such as the cover of an album."""
    return bool(disposition(stream) & _ATTACHED_PICTURE)


def disposition(stream: Stream) -> int:
    """Get the flags that say what a stream is for, as libav numbers them."""
    flags = getattr(stream, "disposition", 0)
    return int(getattr(flags, "value", flags))
