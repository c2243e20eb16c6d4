"""The encoders: their settings for one closed GOP on one thread, and a fragment's way through them.

Settings are dicts of libav's options. They ask for one key picture, no scene cuts, no threads, no text in the stream;
what a user gives as ``codec_options`` is put over them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..errors import UnsupportedError
from . import StreamFormat
from .carriage import Carriage
from .catalogue import Codec
from .decoders import layout
from .packets import refers_to_nothing, strip

__all__ = ["Encoder", "Rate", "settings"]

_X26X_PRESETS = ("ultrafast", "superfast", "veryfast", "fast", "medium", "slow", "slower", "veryslow", "placebo")
_SVT_PRESETS = (12, 11, 10, 9, 8, 6, 5, 4, 2)
_VPX_SPEEDS = (("realtime", 8), ("realtime", 7), ("good", 5), ("good", 4), ("good", 3), ("good", 2), ("good", 1),
               ("good", 0), ("best", 0))

#: Which of the flags of libav's packets mean what.
_KEY, _DISPOSABLE, _HIDDEN = 1, 2, -1

#: ("lossless", 0), ("crf", rate factor) or ("qp", quantizer).
Rate = tuple[str, float]


def settings(codec: Codec, rate: Rate, effort: int, frames: int) -> dict[str, str]:
    """libav's options for an encoder.

    Parameters
    ----------
    codec : Codec
    rate : tuple
        ("lossless", 0), ("crf", rate factor) or ("qp", quantizer).
    effort : int
        1..9.
    frames : int
        Of the fragment.
    """
    return _SETTINGS[codec.name](*rate, effort, frames)


def _h264(kind: str, value: float, effort: int, frames: int) -> dict[str, str]:
    return {
        "preset": _X26X_PRESETS[effort - 1],
        "x264-params": f"keyint={frames}:min-keyint={frames}:scenecut=0:open-gop=0:threads=1:lookahead-threads=1:"
                       "sliced-threads=0",
        **({"crf": f"{value:g}"} if kind == "crf" else {"qp": f"{value:g}"}),
    }  # fmt: skip


def _hevc(kind: str, value: float, effort: int, frames: int) -> dict[str, str]:
    rate = {"lossless": "lossless=1", "crf": f"crf={value:g}", "qp": f"qp={value:g}"}[kind]
    return {
        "preset": _X26X_PRESETS[effort - 1],
        "x265-params": f"{rate}:keyint={frames}:min-keyint={frames}:scenecut=0:open-gop=0:pools=none:frame-threads=1:"
                       "wpp=0:pmode=0:pme=0:lookahead-slices=0:info=0:repeat-headers=1:log-level=none",
    }  # fmt: skip


def _av1(kind: str, value: float, effort: int, frames: int) -> dict[str, str]:
    # Rate factors come in quarters.
    rate = f"crf={round(value * 4) / 4:g}" if kind == "crf" else f"rc=0:aq-mode=0:qp={value:g}"
    return {"preset": str(_SVT_PRESETS[effort - 1]), "svtav1-params": f"{rate}:lp=1:keyint=-1:scd=0",
            "g": str(max(frames, 2))}


def _vp9(kind: str, value: float, effort: int, frames: int) -> dict[str, str]:
    deadline, speed = _VPX_SPEEDS[effort - 1]
    number = f"{round(value)}"
    rate = {"lossless": {"lossless": "1"}, "crf": {"crf": number},
            "qp": {"crf": number, "qmin": number, "qmax": number}}[kind]
    return {"deadline": deadline, "cpu-used": str(speed), "g": str(frames), "keyint_min": "0", "row-mt": "0",
            "tile-columns": "0", "lag-in-frames": "25", "auto-alt-ref": "1", "b": "0", **rate}


def _ffv1(kind: str, value: float, effort: int, frames: int) -> dict[str, str]:
    # Golomb-Rice codes, then the range coder, then its larger contexts; statistics that go on from picture to picture
    # are smaller, and a picture then needs all before it.
    return {"level": "3", "slices": "1", "slicecrc": "0", "coder": "0" if effort <= 2 else "1",
            "context": "0" if effort <= 4 else "1", "g": str(frames) if effort >= 7 else "1"}


_SETTINGS = {"h264": _h264, "hevc": _hevc, "av1": _av1, "vp9": _vp9, "ffv1": _ffv1}
#: Options of these names are lists themselves: those of a user's are added.
_LISTS = ("x264-params", "x265-params", "svtav1-params")


class Encoder:
    """One of libav's encoders, at work on one fragment.

    Parameters
    ----------
    codec : Codec
    carriage : Carriage
    rate : tuple
        As for `settings`.
    effort : int
    frames, y, x : int
        Of the pictures it gets.
    user : mapping
        Options of the user's own.
    colour : mapping
        Code points: ``range``, ``matrix``, ``primaries``, ``transfer``.
    fps : Fraction
        Which some encoders spend bits by.

    Attributes
    ----------
    stream : StreamFormat
    layout : tuple
        Where the components lie in `picture()`, see `stfrag.codec.decoders.layout`.
    """

    def __init__(self, codec: Codec, carriage: Carriage, rate: Rate, effort: int, frames: int, y: int, x: int,
                 user: Mapping[str, str], colour: Mapping[str, int], fps: Fraction) -> None:
        import av

        if codec.name == "av1":
            os.environ.setdefault("SVT_LOG", "1")  # it tells stderr of every fragment otherwise; 1: errors alone
        self._av, self._codec = av, codec
        pixels = carriage.pixels
        options = settings(codec, rate, effort, frames)
        for name, value in user.items():
            options[name] = f"{options[name]}:{value}" if name in _LISTS else value
        context = av.CodecContext.create(carriage.encoder, "w")
        context.width, context.height, context.pix_fmt = x, y, pixels.name
        context.time_base, context.framerate = 1 / fps, fps
        context.thread_count = 1
        if "b" in options:
            context.bit_rate = int(options.pop("b"))
        context.color_range, context.colorspace = colour["range"], 0 if pixels.is_rgb else colour["matrix"]
        context.color_primaries, context.color_trc = colour["primaries"], colour["transfer"]
        context.options = options
        self._context = context
        try:
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise UnsupportedError(f"{carriage.encoder} does not take {x}x{y} {pixels.name} with {options}: "
                                   f"{error}") from None
        # Options that an encoder does not know are left over.
        unknown = [name for name in user if name in context.options]
        if unknown:
            raise ValueError(f"codec_options: {carriage.encoder} has no option {unknown[0]!r}")
        chroma = (0, 0) if pixels.is_rgb else (pixels.sub_x, pixels.sub_y)
        extradata = bytes(context.extradata or b"") if codec.name == "ffv1" else b""
        self.stream = StreamFormat(codec.id, pixels.components, pixels.bits, *chroma, carriage.shift,
                                   int(codec.name in ("h264", "hevc")), y, x, extradata)
        self._pixels = pixels.name
        self.layout = layout(pixels.name)

    def picture(self, t: int) -> Any:
        """An empty picture for frame t."""
        frame = self._av.VideoFrame(self._context.width, self._context.height, self._pixels)
        frame.pts, frame.time_base = t, self._context.time_base
        return frame

    def encode(self, frame: Any) -> list[tuple[bytes, int, int]]:
        """(data, frame, flags) of the packets that are complete; None drains the encoder."""
        try:
            packets = self._context.encode(frame)
        except (self._av.FFmpegError, ValueError) as error:
            raise UnsupportedError(f"{self._codec.encoder} failed: {error}") from None
        return [self._stored(packet) for packet in packets]

    def _stored(self, packet: Any) -> tuple[bytes, int, int]:
        name = self._codec.name
        data = strip(name, bytes(packet))
        disposable = refers_to_nothing(name, data, packet.is_disposable)
        flags = (_KEY if packet.is_keyframe else 0) | (_DISPOSABLE if disposable else 0)
        return data, _HIDDEN if packet.pts is None else packet.pts, flags
