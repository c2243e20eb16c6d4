"""The arguments of `from_video` as a value."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..opening import name_of
from .source import Part

__all__ = ["Request"]

#: Options of `from_video` that say how to encode, and those that would cut a group of pictures.
_ENCODING = (
    "fragment",
    "layout",
    "codec",
    "max_error",
    "quality",
    "qp",
    "target",
    "weights",
    "effort",
    "bits",
    "codec_options",
)


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of `from_video`, under the names that they have there, and checked as far as that goes.

    Attributes
    ----------
    part : Part
        Its ``start``, ``end`` and ``frames``.
    options : dict
        Its ``**options``, not checked.
    place : int or None
        Where `src` stands, if it is a file object that can go back.
    """

    src: Any
    dst: Any
    stream: int
    part: Part
    streams: bool
    copy: bool | None
    verify: bool
    progress: Callable[[int, int | None], object] | None
    input_format: str | None
    input_options: Mapping[str, object] | None
    options: Mapping[str, Any]
    place: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Check what can be checked before anything is read.

        Raises
        ------
        ValueError
            For what makes no sense.
        """
        _refuse_same_file(self.src, self.dst)
        start, end, frames = self.part
        if frames is not None and frames < 1:
            raise ValueError(f"frames must be at least 1, not {frames}")
        for what, time in (("start", start), ("end", end)):
            if time is not None and not math.isfinite(time):
                raise ValueError(f"{what} must be a time in seconds, not {time}")
        if start is not None and end is not None and not start < end:
            raise ValueError(f"start ({start}) must be less than end ({end})")
        object.__setattr__(self, "place", self.src.tell() if _seekable(self.src) else None)

    @property
    def name(self) -> str:
        """The name of the source in messages."""
        return name_of(self.src)

    @property
    def lasts(self) -> bool:
        """Whether the source is there for another reading: not if it is a pipe, a socket or a device."""
        if self.place is not None or isinstance(self.src, bytes | bytearray | memoryview):
            return True
        if not isinstance(self.src, str | os.PathLike):
            return False
        try:
            mode = os.stat(self.src).st_mode
        except (OSError, ValueError):
            return True  # a URL; or it is missing, which opening it says
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # of a directory, too, opening says more

    def rewind(self) -> None:
        """Go back to where a file object stood."""
        if self.place is not None:
            self.src.seek(self.place)

    def refuse_encoding(self) -> None:
        """Raise ValueError for options that make no sense where nothing is encoded."""
        part = self.part._asdict()
        for name, value in {**self.options, **part}.items():
            if value is not None and (name in _ENCODING or name in part):
                raise ValueError(
                    f"copy=True takes the coded video as it is, and all of it: {name}= makes no sense with it"
                )


def _seekable(src: Any) -> bool:
    """Tell whether a source is a file object that can go back."""
    if not (hasattr(src, "seek") and hasattr(src, "tell")):
        return False
    return bool(src.seekable()) if hasattr(src, "seekable") else True


def _refuse_same_file(src: Any, dst: Any) -> None:
    """Raise ValueError if a store would replace the video that it is made from; it may replace a store."""
    paths = isinstance(src, str | os.PathLike) and isinstance(dst, str | os.PathLike)
    if paths and os.path.exists(src) and os.path.exists(dst) and os.path.samefile(src, dst):
        raise ValueError(f"{name_of(dst)} is the video itself; the store needs another name")
