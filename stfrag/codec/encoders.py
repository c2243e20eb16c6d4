"""libav's encoders: the options that make one code a closed GOP on one thread, and the coding of a fragment.

Options are dicts, as libav takes them. They ask for one key picture, no scene cuts, no threads and no text in the
stream; what the user gives as ``codec_options`` is put over them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, NamedTuple

from ..errors import UnsupportedError
from ..model.codecs import Rate
from ..native.types import StreamPacket
from . import StreamFormat
from .carriage import Carriage
from .catalogue import Codec
from .decoders import layout
from .packets import refers_to_nothing, strip

__all__ = ["Encoder", "EncoderSettings", "libav_options"]

#: The presets of each encoder for efforts 1 to 9.
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
#: FFV1's coder (0 Golomb-Rice, 1 range) and context model (0 small, 1 large) for efforts 1 to 9.
_FFV1_CODERS = ((0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 1), (1, 1), (1, 1))

#: The flags of a packet, and the frame number of one that shows nothing (stfrag/codec.h).
_KEY, _DISPOSABLE, _HIDDEN = 1, 2, -1


class EncoderSettings(NamedTuple):
    """What an encoder is opened with, beside the size of the pictures.

    Attributes
    ----------
    codec : Codec
    carriage : Carriage
        The pixel format of the pictures, and how samples lie in it.
    rate : Rate
        "lossless", "crf" or "qp".
    effort : int
        1 (fastest) to 9 (densest).
    user : mapping
        The user's own options, which are put over those of `libav_options`.
    colour : mapping
        Code points ``range``, ``matrix``, ``primaries``, ``transfer``, which go into the stream.
    fps : Fraction
        Frames a second; some encoders spend bits by it.
    """

    codec: Codec
    carriage: Carriage
    rate: Rate
    effort: int
    user: Mapping[str, str]
    colour: Mapping[str, int]
    fps: Fraction


class _Gop(NamedTuple):
    """What the options of an encoder depend on: one closed GOP and how it is to be coded.

    Attributes
    ----------
    rate : Rate
    effort : int
        0 to 8, a place in the tables of presets.
    interval : int
        Pictures from one key picture to the next; the GOP is not longer.
    shorter : int
        The smaller one of rows and columns of the pictures.
    bits : int
        Significant bits of the pictures' samples.
    """

    rate: Rate
    effort: int
    interval: int
    shorter: int
    bits: int


def libav_options(settings: EncoderSettings, frames: int, size: tuple[int, int]) -> dict[str, str]:
    """Return libav's options for an encoder, without those of the user.

    Parameters
    ----------
    settings : EncoderSettings
    frames : int
        Frames of the fragment.
    size : tuple of int
        Rows and columns of the pictures.
    """
    # x264 and x265 spend twice the bits on a stream in which every picture is a key picture: a fragment of one frame
    # is therefore announced as the first of two.
    gop = _Gop(settings.rate, settings.effort - 1, max(frames, 2), min(size), settings.carriage.pixels.bits)
    return _OPTIONS[settings.codec.name](gop)


def _h264(gop: _Gop) -> dict[str, str]:
    """Return x264's options for one GOP."""
    kind, value = gop.rate
    # Without cpu-independent, x264's macroblock tree differs between instruction sets; with AVX-512, where widths are
    # no multiples of 128, it even reads memory that it has not written, so that bytes depend on chance.
    return {
        "preset": _X264_PRESETS[gop.effort],
        "x264-params": f"keyint={gop.interval}:min-keyint={gop.interval}:scenecut=0:open-gop=0:threads=1:"
                       "lookahead-threads=1:sliced-threads=0:cpu-independent=1",
        **({"crf": f"{value:g}"} if kind == "crf" else {"qp": f"{value:g}"}),
    }  # fmt: skip


def _hevc(gop: _Gop) -> dict[str, str]:
    """Return x265's options for one GOP."""
    kind, value = gop.rate
    rate = {"lossless": "lossless=1", "crf": f"crf={value:g}", "qp": f"qp={value:g}"}[kind]
    if gop.shorter <= 64:
        # x265 codes pictures of one column or row of coding tree units differently from run to run, and not
        # without loss: smaller units make two of it.
        rate += ":ctu=32"
    return {
        "preset": _X265_PRESETS[gop.effort],
        "x265-params": f"{rate}:keyint={gop.interval}:min-keyint={gop.interval}:scenecut=0:open-gop=0:pools=none:"
                       "frame-threads=1:wpp=0:pmode=0:pme=0:lookahead-slices=0:info=0:repeat-headers=1:log-level=none",
    }  # fmt: skip


def _av1(gop: _Gop) -> dict[str, str]:
    """Return SVT-AV1's options for one GOP."""
    kind, value = gop.rate
    preset = _SVT_PRESETS[gop.effort]
    if kind == "crf":
        # SVT-AV1 takes rate factors in quarters, where libav's own option takes whole ones only. It breaks down below
        # 2, and its faster presets below 16 with more than 8 bits.
        if gop.bits > 8 and value < 16:
            preset = min(preset, 7)
        rate = f"crf={max(2, round(value * 4) / 4):g}"
    else:
        rate = f"rc=0:aq-mode=0:qp={value:g}"
    return {"preset": str(preset), "svtav1-params": f"{rate}:lp=1:keyint=-1:scd=0", "g": str(gop.interval)}


def _vp9(gop: _Gop) -> dict[str, str]:
    """Return libvpx's options for one GOP."""
    kind, value = gop.rate
    deadline, speed = _VPX_SPEEDS[gop.effort]
    number = f"{round(value)}"
    rate = {
        "lossless": {"lossless": "1"},
        "crf": {"crf": number},
        "qp": {"crf": number, "qmin": number, "qmax": number},
    }[kind]
    return {
        "deadline": deadline,
        "cpu-used": str(speed),
        "g": str(gop.interval),
        "keyint_min": "0",
        "row-mt": "0",
        "tile-columns": "0",
        "lag-in-frames": "25",
        "auto-alt-ref": "1",
        **rate,
    }


def _ffv1(gop: _Gop) -> dict[str, str]:
    """Return the options of libav's FFV1 encoder for one GOP."""
    # Version 1 has no slices, which want certain sizes and cost bytes, and no extradata. Statistics are carried from
    # picture to picture: streams are 5 to 15 % smaller than with a fresh start each time, and a picture needs all
    # pictures before it.
    coder, context = _FFV1_CODERS[gop.effort]
    return {"level": "1", "coder": str(coder), "context": str(context), "g": str(gop.interval)}


_OPTIONS = {"h264": _h264, "hevc": _hevc, "av1": _av1, "vp9": _vp9, "ffv1": _ffv1}
#: Options whose value is itself a list of options: what the user gives is added to it.
_LISTS = ("x264-params", "x265-params", "svtav1-params")


class Encoder:
    """One of libav's encoders, at work on one fragment.

    Parameters
    ----------
    settings : EncoderSettings
    frames : int
        Frames of the fragment.
    y, x : int
        Rows and columns of the pictures.

    Attributes
    ----------
    stream : StreamFormat
        What the packets that come out are.
    layout : tuple
        Where the components lie in a `picture()`, see `stfrag.codec.decoders.layout`.

    Raises
    ------
    UnsupportedError
        If the encoder does not take pictures of this size and format.
    ValueError
        If the user's options have one that the encoder does not know.
    """

    def __init__(self, settings: EncoderSettings, frames: int, y: int, x: int) -> None:
        import av

        codec, carriage = settings.codec, settings.carriage
        if codec.name == "av1":
            os.environ.setdefault("SVT_LOG", "1")  # only errors are printed, and not a few lines for every fragment
        self._av, self._codec = av, codec
        self._context = _open_first(settings, _variants(settings, frames, y, x), y, x)
        unknown = [
            name for name in settings.user if name in self._context.options
        ]  # those that the encoder left over
        if unknown:
            raise ValueError(f"codec_options: {carriage.encoder} has no option {unknown[0]!r}")
        pixels = carriage.pixels
        self.stream = StreamFormat(
            codec=codec.id,
            components=pixels.components,
            bits=pixels.bits,
            sub_x=pixels.sub_x,
            sub_y=pixels.sub_y,
            shift=carriage.shift,
            start_codes=int(codec.name in ("h264", "hevc")),
            y=y,
            x=x,
            extradata=bytes(self._context.extradata or b"") if codec.name == "ffv1" else b"",
        )
        # H.264 has R, G, B in the planes of 4:4:4, in the order G, B, R; its decoder calls that format gbrp.
        self.layout = layout(pixels.name.replace("yuv444p", "gbrp") if carriage.rgb else pixels.name)

    def picture(self, t: int) -> Any:
        """Return an empty picture for frame `t`."""
        context = self._context
        frame = self._av.VideoFrame(context.width, context.height, context.pix_fmt)
        frame.pts, frame.time_base = t, context.time_base
        return frame

    def encode(self, frame: Any) -> list[StreamPacket]:
        """Return the packets that are complete once `frame` is given; None drains the encoder."""
        try:
            packets = self._context.encode(frame)
        except (self._av.FFmpegError, ValueError) as error:
            raise UnsupportedError(f"{self._codec.encoder} failed: {error}") from None
        return [self._stored(packet) for packet in packets]

    def _stored(self, packet: Any) -> StreamPacket:
        """Return a packet of libav's as a fragment keeps it."""
        name = self._codec.name
        data = strip(name, bytes(packet))
        disposable = refers_to_nothing(name, data, packet.is_disposable)
        flags = (_KEY if packet.is_keyframe else 0) | (_DISPOSABLE if disposable else 0)
        return StreamPacket(data, _HIDDEN if packet.pts is None else packet.pts, flags)


def _variants(settings: EncoderSettings, frames: int, y: int, x: int) -> list[dict[str, str]]:
    """Return the sets of options to try, in this order, those of the user put over them."""
    options = libav_options(settings, frames, (y, x))
    for name, value in settings.user.items():
        options[name] = f"{options[name]}:{value}" if name in _LISTS else value
    pixels = settings.carriage.pixels
    if settings.codec.name == "ffv1" and pixels.is_rgb and not pixels.alpha:
        # libav cannot decode these in version 1. Version 3 can cut a picture of some size into some numbers of slices
        # only: try them.
        return [
            {"level": "3", "slicecrc": "0", "slices": str(n), **options} | {"level": "3"}
            for n in (1, 4, 6, 9, 12, 16, 24, 30)
        ]
    return [options]


def _open_first(settings: EncoderSettings, variants: list[dict[str, str]], y: int, x: int) -> Any:
    """Open the encoder with the first set of options that it takes; UnsupportedError if it takes none."""
    import av

    for variant in variants[:-1]:
        with suppress(av.FFmpegError, ValueError):
            return _open(settings, variant, y, x)
    try:
        return _open(settings, variants[-1], y, x)
    except (av.FFmpegError, ValueError) as error:
        carriage = settings.carriage
        raise UnsupportedError(
            f"{carriage.encoder} does not take {x}x{y} {carriage.pixels.name} with {variants[-1]}: {error}"
        ) from None


def _open(settings: EncoderSettings, options: dict[str, str], y: int, x: int) -> Any:
    """Open one of libav's encoders for pictures of y × x."""
    import av

    carriage, colour, fps = settings.carriage, settings.colour, settings.fps
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
