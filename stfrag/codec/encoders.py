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

#: Presets of efforts 1 to 9.
_X264_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "medium", "slow", "slower", "veryslow", "placebo")
_X265_PRESETS = ("ultrafast", "superfast", "veryfast", "fast", "medium", "slow", "slow", "slower", "veryslow")
_SVT_PRESETS = (11, 10, 9, 8, 6, 5, 4, 3, 2)
_VPX_SPEEDS = (
    ("realtime", 8),
    ("realtime", 6),
    ("realtime", 5),
    ("good", 5),
    ("good", 4),
    ("good", 3),
    ("good", 2),
    ("good", 1),
    ("good", 0),
)
#: Coder (0 Golomb-Rice, 1 range) and context.
_FFV1_CODERS = ((0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 1), (1, 1), (1, 1))

#: Which of the flags of stfrag/codec.h mean what.
_KEY, _DISPOSABLE, _HIDDEN = 1, 2, -1

#: ("lossless", 0), ("crf", rate factor) or ("qp", quantizer).
Rate = tuple[str, float]


def settings(
    codec: Codec, rate: Rate, effort: int, frames: int, size: tuple[int, int], bits: int = 8
) -> dict[str, str]:
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
    size : tuple of int
        Rows and columns of the pictures.
    bits : int
        Of the pictures.
    """
    # x264 and x265 spend twice the bits on pictures that are all key pictures: a lone one is the first of two.
    return _SETTINGS[codec.name](*rate, effort - 1, max(frames, 2), min(size), bits)


def _h264(kind: str, value: float, effort: int, interval: int, least: int, bits: int) -> dict[str, str]:
    # Without cpu-independent x264's macroblock tree differs between instruction sets, and with AVX-512 reads memory
    # that it has not written where widths are no multiples of 128, so that bytes depend on chance.
    return {
        "preset": _X264_PRESETS[effort],
        "x264-params": f"keyint={interval}:min-keyint={interval}:scenecut=0:open-gop=0:threads=1:lookahead-threads=1:"
                       "sliced-threads=0:cpu-independent=1",
        **({"crf": f"{value:g}"} if kind == "crf" else {"qp": f"{value:g}"}),
    }  # fmt: skip


def _hevc(kind: str, value: float, effort: int, interval: int, least: int, bits: int) -> dict[str, str]:
    rate = {"lossless": "lossless=1", "crf": f"crf={value:g}", "qp": f"qp={value:g}"}[kind]
    if least <= 64:
        # Pictures of one column or row of coding tree units come out different from run to run, and not lossless.
        rate += ":ctu=32"
    return {
        "preset": _X265_PRESETS[effort],
        "x265-params": f"{rate}:keyint={interval}:min-keyint={interval}:scenecut=0:open-gop=0:pools=none:"
                       "frame-threads=1:wpp=0:pmode=0:pme=0:lookahead-slices=0:info=0:repeat-headers=1:log-level=none",
    }  # fmt: skip


def _av1(kind: str, value: float, effort: int, interval: int, least: int, bits: int) -> dict[str, str]:
    preset = _SVT_PRESETS[effort]
    if kind == "crf":
        # In quarters. Libav's own option knows whole ones only, and below 2 SVT-AV1 falls apart; so do its faster
        # presets below 16 at more than 8 bits.
        if bits > 8 and value < 16:
            preset = min(preset, 7)
        rate = f"crf={max(2, round(value * 4) / 4):g}"
    else:
        rate = f"rc=0:aq-mode=0:qp={value:g}"
    return {"preset": str(preset), "svtav1-params": f"{rate}:lp=1:keyint=-1:scd=0", "g": str(interval)}


def _vp9(kind: str, value: float, effort: int, interval: int, least: int, bits: int) -> dict[str, str]:
    deadline, speed = _VPX_SPEEDS[effort]
    number = f"{round(value)}"
    rate = {
        "lossless": {"lossless": "1"},
        "crf": {"crf": number},
        "qp": {"crf": number, "qmin": number, "qmax": number},
    }[kind]
    return {
        "deadline": deadline,
        "cpu-used": str(speed),
        "g": str(interval),
        "keyint_min": "0",
        "row-mt": "0",
        "tile-columns": "0",
        "lag-in-frames": "25",
        "auto-alt-ref": "1",
        **rate,
    }


def _ffv1(kind: str, value: float, effort: int, interval: int, least: int, bits: int) -> dict[str, str]:
    # Version 1: no slices, which want certain sizes and cost bytes, and no extradata. Statistics go on from picture
    # to picture, which is 5 to 15 % smaller than beginning anew, and makes a picture need all before it.
    coder, context = _FFV1_CODERS[effort]
    return {"level": "1", "coder": str(coder), "context": str(context), "g": str(interval)}


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

    def __init__(
        self,
        codec: Codec,
        carriage: Carriage,
        rate: Rate,
        effort: int,
        frames: int,
        y: int,
        x: int,
        user: Mapping[str, str],
        colour: Mapping[str, int],
        fps: Fraction,
    ) -> None:
        import av

        if codec.name == "av1":
            os.environ.setdefault("SVT_LOG", "1")  # errors alone; it tells stderr of every fragment otherwise
        self._av, self._codec = av, codec
        pixels = carriage.pixels
        options = settings(codec, rate, effort, frames, (y, x), pixels.bits)
        for name, value in user.items():
            options[name] = f"{options[name]}:{value}" if name in _LISTS else value
        variants = [options]
        if codec.name == "ffv1" and pixels.is_rgb and not pixels.alpha:
            # Version 1 does not decode these; version 3 cuts pictures into some numbers of slices, others not.
            variants = [
                {"level": "3", "slicecrc": "0", "slices": str(n), **options} | {"level": "3"}
                for n in (1, 4, 6, 9, 12, 16, 24, 30)
            ]
        for variant in variants:
            try:
                self._context = _open(carriage, variant, y, x, colour, fps)
                break
            except (av.FFmpegError, ValueError) as error:
                if variant is variants[-1]:
                    raise UnsupportedError(
                        f"{carriage.encoder} does not take {x}x{y} {pixels.name} with {variant}: {error}"
                    ) from None
        unknown = [name for name in user if name in self._context.options]  # what the encoder left over
        if unknown:
            raise ValueError(f"codec_options: {carriage.encoder} has no option {unknown[0]!r}")
        extradata = bytes(self._context.extradata or b"") if codec.name == "ffv1" else b""
        self.stream = StreamFormat(
            codec.id,
            pixels.components,
            pixels.bits,
            pixels.sub_x,
            pixels.sub_y,
            carriage.shift,
            int(codec.name in ("h264", "hevc")),
            y,
            x,
            extradata,
        )
        # R, G, B as H.264 has them: in the order G, B, R in the planes of 4:4:4, which its decoder calls gbrp.
        self.layout = layout(pixels.name.replace("yuv444p", "gbrp") if carriage.rgb else pixels.name)

    def picture(self, t: int) -> Any:
        """An empty picture for frame t."""
        context = self._context
        frame = self._av.VideoFrame(context.width, context.height, context.pix_fmt)
        frame.pts, frame.time_base = t, context.time_base
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


def _open(
    carriage: Carriage, options: dict[str, str], y: int, x: int, colour: Mapping[str, int], fps: Fraction
) -> Any:
    """An encoder of libav's, open."""
    import av

    context: Any = av.CodecContext.create(carriage.encoder, "w")
    context.width, context.height, context.pix_fmt = x, y, carriage.pixels.name
    context.time_base, context.framerate = 1 / fps, fps
    context.thread_count = 1
    context.color_range = 2 if carriage.rgb else colour["range"]
    context.colorspace = 0 if carriage.rgb else colour["matrix"]
    context.color_primaries, context.color_trc = colour["primaries"], colour["transfer"]
    context.options = options
    context.open()
    return context
