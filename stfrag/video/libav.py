"""PyAV, Python's door to libav: how it is imported, what its objects are called here, and what it raises."""

from __future__ import annotations

from typing import Any, TypeAlias

from ..errors import UnsupportedError

__all__ = ["InputContainer", "LibavPacket", "OutputContainer", "Stream", "VideoFrame", "import_av", "refusals"]

# PyAV's own types. They are Any for mypy, because PyAV is imported only when a function is called, and because its
# versions differ in what they have: much here is asked for by `hasattr`.
InputContainer: TypeAlias = Any
OutputContainer: TypeAlias = Any
Stream: TypeAlias = Any
VideoFrame: TypeAlias = Any
LibavPacket: TypeAlias = Any


def import_av() -> Any:
    """Import PyAV, or raise an UnsupportedError that says how to get it."""
    try:
        import av
    except ImportError as error:
        raise UnsupportedError(f"video files need PyAV (pip install av): {error}") from None
    return av


def refusals() -> tuple[type[BaseException], ...]:
    """List the exceptions that PyAV raises for what a muxer or demuxer does not take."""
    av = import_av()
    return av.FFmpegError, ValueError, RuntimeError, LookupError, AttributeError, TypeError, ArithmeticError
