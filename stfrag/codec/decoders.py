"""libav's decoders, which stay open between fragments: opening one can take as long as decoding a small fragment.

A thread that reads takes a decoder for one fragment and gives it back afterwards. A decoder that failed is thrown
away.
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
from .catalogue import Codec, by_id, require

__all__ = ["Decoder", "forget", "fresh", "take"]

#: The most idle decoders that are kept, of all kinds together. Of one kind there are never more idle ones than there
#: were threads that decoded at the same time.
_MOST_IDLE = 64

#: Codecs whose decoders are used once. The packets of FFV1 version 1 alone say whether pictures are R, G, B or Y'CbCr
#: with alpha, and libav's decoder does not survive a change from one to the other. It opens in 0.1 ms.
_NEVER_KEPT = frozenset({"ffv1"})

_idle: dict[tuple[Any, ...], list[Any]] = {}
_lock = threading.Lock()
_here = threading.local()


@contextmanager
def fresh() -> Iterator[None]:
    """Make this thread decode with newly opened decoders while the context lasts.

    A decoder that is used again still has the parameter sets of H.264 and HEVC that it was given before. So packets
    that were made elsewhere prove to be complete only if a new decoder decodes them.
    """
    before, _here.fresh = getattr(_here, "fresh", False), True
    try:
        yield
    finally:
        _here.fresh = before


def take(stream: tuple[Any, ...]) -> Decoder:
    """Return a decoder for a stream. Use it as a context manager: leaving it gives the decoder back.

    Parameters
    ----------
    stream : StreamFormat, or a tuple of its fields

    Raises
    ------
    UnsupportedError
        If this machine's libav has no decoder for the codec.
    """
    return Decoder(StreamFormat(*stream))


def layout(name: str) -> tuple[tuple[int, int, int], ...]:
    """Return where the components of a pixel format lie: (plane, offset, step) in bytes, in a fragment's order."""
    found = _layouts.get(name)
    if found is None:
        found = _layouts[name] = tuple((s.plane, s.offset, s.step) for s in pixel_format(name).samples)
    return found


_layouts: dict[str, tuple[tuple[int, int, int], ...]] = {}


class Decoder:
    """One of libav's decoders, at work on one fragment.

    Parameters
    ----------
    stream : StreamFormat
        What the fragment says of its stream.
    """

    def __init__(self, stream: StreamFormat) -> None:
        codec = by_id(stream.codec)
        require(codec, "r")
        import av

        self.av = av
        self.stream = stream
        self.name = codec.name
        # The size is part of the key because a decoder that keeps its size need not allocate its pictures anew, the
        # extradata because they cannot be changed.
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
        self._context = _open(codec, stream) if idle is None else idle
        self._format = ""
        self._layout: tuple[tuple[int, int, int], ...] = ()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        context, self._context = self._context, None
        if kind is not None or self._fresh or self.name in _NEVER_KEPT:
            return
        context.flush_buffers()
        with _lock:
            if sum(map(len, _idle.values())) < _MOST_IDLE:
                _idle.setdefault(self._key, []).append(context)
            else:  # most likely other videos are read now than before: throw away what is idle
                _idle.clear()
                _idle[self._key] = [context]

    def decode(self, packet: Any) -> list[Any]:
        """Return the pictures that a packet completes; None drains the decoder.

        Raises
        ------
        CorruptFragmentError
            If the decoder refuses the packet, or had to conceal damage in a picture.
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
        """Return where the components of a picture lie, having checked that the picture is what the fragment says.

        Raises
        ------
        CorruptFragmentError
            If its size or its pixel format is another one.
        """
        s, name = self.stream, frame.format.name
        if frame.height != s.y or frame.width != s.x:
            raise CorruptFragmentError(f"its {self.name} pictures are {frame.width}x{frame.height}, not {s.x}x{s.y}")
        if name != self._format:
            f = pixel_format(name)
            # Gray H.264 is decoded to 4:2:0, of which only the luma is used.
            luma = s.components == 1 and f.bits == s.bits and not f.is_rgb
            if not luma and (f.components, f.bits, f.sub_x, f.sub_y) != (s.components, s.bits, s.sub_x, s.sub_y):
                raise CorruptFragmentError(f"its {self.name} pictures are {name}, which it does not say")
            self._format, self._layout = name, layout(name)
        return self._layout


def _open(codec: Codec, stream: StreamFormat) -> Any:
    """Open one of libav's decoders for a stream."""
    import av

    context: Any = av.CodecContext.create(codec.decoder, "r")
    context.thread_count = 1
    # Codecs align sizes, for which there is room; larger pictures are an attack. "explode" makes the decoder report
    # damage instead of concealing it.
    options = {"max_pixels": str((stream.y + 128) * (stream.x + 128)), "err_detect": "explode"}
    if codec.name == "h264":
        # Where a stream does not say how far its pictures are reordered, libav would guess, and the first ones would
        # come too early or not at all.
        options["strict"] = "strict"
    context.options = options
    context.height, context.width = stream.y, stream.x
    if stream.extradata:
        context.extradata = stream.extradata
    return context


def forget() -> None:
    """Throw all idle decoders away."""
    with _lock:
        _idle.clear()


def _after_fork() -> None:
    """Start without decoders in a forked child: those of the parent may be in use by threads that the child lacks."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
