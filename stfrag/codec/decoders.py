"""Decoders, kept open between fragments: opening one can take as long as decoding a small fragment.

They are taken by the threads that read, one fragment at a time, and given back; one that failed is thrown away.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import CorruptFragmentError
from ..model.pixel_formats import pixel_format
from . import StreamFormat
from .catalogue import by_id, require

__all__ = ["Decoder", "forget", "fresh", "take"]

#: Idle decoders that are kept in all; of one kind there are never more than threads that decoded at the same time.
_MOST_IDLE = 64

_idle: dict[tuple[Any, ...], list[Any]] = {}
_lock = threading.Lock()
_here = threading.local()


@contextmanager
def fresh() -> Iterator[None]:
    """What this thread decodes meanwhile is by decoders that saw nothing before.

    One that is used again still has the parameter sets of H.264 and HEVC that it was given: it proves nothing of
    packets that were made elsewhere.
    """
    before, _here.fresh = getattr(_here, "fresh", False), True
    try:
        yield
    finally:
        _here.fresh = before


def take(stream: tuple[Any, ...]) -> Decoder:
    """A decoder for a stream; use it as a context manager, which gives it back.

    Raises
    ------
    UnsupportedError
        If this machine's libav has none.
    """
    return Decoder(StreamFormat(*stream))


def layout(name: str) -> tuple[tuple[int, int, int], ...]:
    """(plane, offset, step) in bytes of each component of a pixel format, in a fragment's order."""
    found = _layouts.get(name)
    if found is None:
        found = _layouts[name] = tuple((s.plane, s.offset, s.step) for s in pixel_format(name).samples)
    return found


_layouts: dict[str, tuple[tuple[int, int, int], ...]] = {}


class Decoder:
    """One of libav's decoders, at work on one fragment."""

    def __init__(self, stream: StreamFormat) -> None:
        codec = by_id(stream.codec)
        require(codec, "r")
        import av

        self.av = av
        self.stream = stream
        self.name = codec.name
        # One that is used again for the same size need not allocate its pictures anew; extradata cannot be changed.
        self._key = (
            codec.decoder,
            stream.y,
            stream.x,
            stream.bits,
            stream.components,
            stream.sub_x,
            stream.sub_y,
            stream.extradata,
        )
        self._fresh = getattr(_here, "fresh", False)
        with _lock:
            kept = None if self._fresh else _idle.get(self._key)
            idle = kept.pop() if kept else None
        if idle is None:
            context: Any = av.CodecContext.create(codec.decoder, "r")
            context.thread_count = 1
            # Room for what codecs align sizes to; more is an attack. Damage is to be told, not to be patched up.
            options = {"max_pixels": str((stream.y + 128) * (stream.x + 128)), "err_detect": "explode"}
            if codec.name == "h264":
                # Without it, where a stream does not say how far its pictures are reordered, libav guesses, and the
                # first ones come too early or not at all.
                options["strict"] = "strict"
            context.options = options
            context.height, context.width = stream.y, stream.x
            if stream.extradata:
                context.extradata = stream.extradata
            idle = context
        self._context = idle
        self._format = ""
        self._layout: tuple[tuple[int, int, int], ...] = ()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        context, self._context = self._context, None
        if kind is not None or self._fresh:
            return
        context.flush_buffers()
        with _lock:
            if sum(map(len, _idle.values())) < _MOST_IDLE:
                _idle.setdefault(self._key, []).append(context)
            else:  # most likely other material than before: begin anew
                _idle.clear()
                _idle[self._key] = [context]

    def decode(self, packet: Any) -> list[Any]:
        """The pictures that a packet completes; None drains the decoder.

        Raises
        ------
        CorruptFragmentError
            If the decoder refuses it or patched something up.
        """
        try:
            frames: list[Any] = self._context.decode(packet)
        except self.av.EOFError:
            return []
        except (self.av.FFmpegError, ValueError) as error:
            raise CorruptFragmentError(f"its {self.name} stream does not decode ({error})") from None
        for frame in frames:
            if frame.is_corrupt:
                raise CorruptFragmentError(f"its {self.name} stream is damaged")
        return frames

    def layout_of(self, frame: Any) -> tuple[tuple[int, int, int], ...]:
        """Where the components of a picture lie, once it is known to be what the fragment says that it is."""
        s, name = self.stream, frame.format.name
        if frame.height != s.y or frame.width != s.x:
            raise CorruptFragmentError(f"its {self.name} pictures are {frame.width}x{frame.height}, not {s.x}x{s.y}")
        if name != self._format:
            f = pixel_format(name)
            # Gray H.264 is decoded to 4:2:0; what a picture has beside the luma is not looked at.
            luma = s.components == 1 and f.bits == s.bits and not f.is_rgb
            if not luma and (f.components, f.bits, f.sub_x, f.sub_y) != (s.components, s.bits, s.sub_x, s.sub_y):
                raise CorruptFragmentError(f"its {self.name} pictures are {name}, which it does not say")
            self._format, self._layout = name, layout(name)
        return self._layout


def forget() -> None:
    """Keep no decoder that is idle."""
    with _lock:
        _idle.clear()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
