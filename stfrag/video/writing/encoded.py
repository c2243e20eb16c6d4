"""Encoders of libav: what each takes, what it is given, and how pictures are made into that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction

import numpy as np

from ...codec.frames import frame_from_planes
from ...errors import UnsupportedError
from ...model import colour
from ...model.pixel_formats import PixelFormat, planar_name
from ...model.pixel_formats import pixel_format as format_of
from ..hdr import valid_hdr, x264_parameters
from ..libav import import_av
from ..metadata import FIELD_ORDERS
from ..warning import warn
from .pictures import Pictures

__all__ = ["ENCODERS", "SETTINGS", "EncodedPictures", "converter", "describe_track", "settings_of", "target_of"]

ENCODERS = {"ffv1": "ffv1", "h264": "libx264"}
SETTINGS = {"ffv1": {"level": "3", "g": "1", "slicecrc": "1"}, "h264": {"crf": "18", "preset": "medium"}}


class EncodedPictures:
    """The packets of a video file's video, made by an encoder from the pictures of a store.

    `write_file` uses nothing of it but `tells_aspect`, `tells_hdr`, `add_to` and `packets`.

    Parameters
    ----------
    pictures : Pictures
        What is encoded.
    codec, target : str
        A key of `ENCODERS`, and the pixel format that it is given.
    options : dict
        Of libav's encoder.
    num_threads : int, optional
        As for `stfrag.open`.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame.

    Attributes
    ----------
    codec, target : str
    exact : bool
        Whether nothing is lost.
    tells_aspect : bool
        Whether the coded video itself says how wide its samples are.
    tells_hdr : bool
        Whether it says mastering display and content light level.
    """

    def __init__(self, pictures: Pictures, codec: str, target: str, options: dict, num_threads: int | None = None,
                 progress: Callable[[int, int], None] | None = None, exact: bool = False) -> None:  # fmt: skip
        self._pictures, self.codec, self.target, self.exact = pictures, codec, target, exact
        self._options, self._num_threads, self._progress = options, num_threads, progress
        self.tells_aspect = self.tells_hdr = codec != "ffv1"

    def add_to(self, container, clock):
        """Add the stream to an output, whose muxer is told times as `clock` says."""
        from ...model.threads import resolve_threads

        self._clock = clock
        self._stream = stream = container.add_stream(ENCODERS[self.codec], rate=self._pictures.rate)
        context = stream.codec_context
        stream.height, stream.width = self._pictures.size
        stream.pix_fmt = self.target
        context.time_base = stream.time_base = clock.time_base
        context.thread_count = resolve_threads(self._num_threads)
        _describe(self._pictures, stream, self.target, self._options)
        values = x264_parameters(valid_hdr(self._pictures.video.get("hdr") or {}))
        if values and self.codec == "h264":
            self._options["x264-params"] = ":".join(filter(None, (values, self._options.get("x264-params"))))
        stream.options = self._options
        return stream

    def packets(self) -> Iterator:
        """Packets for the output, in decoding order."""
        clock, stream = self._clock, self._stream
        convert = converter(self._pictures, self.target)
        total = len(clock.pts)
        for number, (planes, time) in enumerate(zip(self._pictures, clock.pts, strict=True)):
            frame = convert(planes)
            frame.pts, frame.time_base = time, clock.time_base
            with suppress(AttributeError):
                frame.duration = clock.end(number) - time
            yield from stream.encode(frame)
            if self._progress is not None:
                self._progress(number + 1, total)
        yield from stream.encode(None)


def settings_of(codec: str, target: str, size: tuple[int, int]) -> dict[str, str]:
    """Options of the encoder. FFV1 refuses to cut some narrow pictures into slices, and loses chroma of 4:1:1 and
    4:1:0 where slices do not divide evenly: those get one slice, or level 1, which has none."""
    if codec != "ffv1":
        return SETTINGS[codec]
    av = import_av()
    plain, single = {"level": "1", "g": "1"}, {**SETTINGS[codec], "slices": "1"}
    subsampled = format_of(target).subsampling in ("411", "410")
    for options in (plain,) if subsampled else (SETTINGS[codec], single, plain):
        trial = av.CodecContext.create("ffv1", "w")
        trial.height, trial.width = size
        trial.pix_fmt, trial.time_base, trial.options = target, Fraction(1, 25), options
        try:
            trial.open()
        except av.FFmpegError:
            continue
        return options
    raise UnsupportedError(f"FFV1 does not take pictures of {size[1]}x{size[0]} {target}")


def target_of(pictures: Pictures, codec: str, asked: str | None) -> tuple[str, bool]:
    """Pixel format for the encoder, and whether it holds the stored samples as they are."""
    av = import_av()
    stored, (height, width) = pictures.stored, pictures.size
    offered = [f.name for f in av.codec.Codec(ENCODERS[codec], "w").video_formats or []]
    if asked is not None:
        asked_format = _named(asked)
        if offered and asked_format not in offered:
            raise UnsupportedError(f"{ENCODERS[codec]} does not take pixel format {asked}")
        return asked_format, holds(asked_format, stored)
    if codec == "ffv1":
        candidates = {"gbrp": "bgr0", "gbrap": "bgra", "ya16le": "yuva444p16le"}
        target = candidates.get(stored.planar, stored.planar)
        if target not in offered:
            raise UnsupportedError(f"this PyAV's FFV1 does not take pixel format {target}")
        return target, True
    subsampling = stored.subsampling if stored.model == "yuv" else "420"
    if subsampling not in ("420", "422", "444"):
        subsampling = "420"
    if (subsampling != "444" and width % 2) or (subsampling == "420" and height % 2):
        subsampling = "444"
    target = planar_name("yuv", 8 if pictures.bits <= 8 else 10, subsampling=subsampling)
    if target not in offered:
        raise UnsupportedError(f"this PyAV's libx264 does not take pixel format {target}")
    return target, holds(target, stored)


def _named(name: str) -> str:
    return {"gray8": "gray"}.get(format_of(name).name, format_of(name).name)


def holds(target: str, stored: PixelFormat) -> bool:
    """Whether planes of `stored` fit into `target` as they are, at most with neutral chroma added."""
    t = format_of(target)
    if t.bits < stored.bits or t.alpha < stored.alpha:
        return False
    if stored.model == "gray":
        return t.model in ("gray", "yuv") and t.bits == stored.bits
    same = (t.model, t.subsampling, t.alpha) == (stored.model, stored.subsampling, stored.alpha)
    return same and t.bits == stored.bits


def converter(pictures: Pictures, target: str) -> Callable:
    """A function from the planes of a picture to the frame that the encoder gets."""
    stored, t = pictures.stored, format_of(target)
    source = stored
    if stored.alpha and not t.alpha:
        warn("the alpha component is left out")
        source = _of(stored, alpha=False)
    neutral = t.model == "yuv" and source.model == "gray"
    by_shift = neutral or (source.model == t.model and source.subsampling == t.subsampling)
    held = holds(target, source)
    up = 0 if held else (t.bits if by_shift else source.bits) - pictures.bits

    def convert(planes):
        planes = planes[: source.components]
        if up > 0:
            planes = [np.left_shift(p, up, dtype=np.uint16) for p in planes]
        elif up < 0:
            most = (1 << t.bits) - 1
            planes = [np.minimum((p.astype(np.uint32) + (1 << (-up - 1))) >> -up, most) for p in planes]
        if not by_shift:
            frame = frame_from_planes(planes, source.planar)
            return _reformat(frame, source, t, pictures)
        if neutral:
            half = np.uint16(1 << (t.bits - 1))
            chroma = np.full(t.extent(1, *pictures.size), half)
            planes = [planes[0], chroma, chroma, *planes[1:]]
        return frame_from_planes([np.asarray(p) for p in planes], target)

    return convert


def _of(fmt: PixelFormat, alpha: bool) -> PixelFormat:
    return format_of(planar_name(fmt.model, fmt.bits, alpha, fmt.subsampling))


def _reformat(frame, source: PixelFormat, target: PixelFormat, pictures: Pictures):
    """libav's own conversion, of colour or of chroma positions."""
    if source.is_rgb:
        return frame.reformat(format=target.name, src_color_range="JPEG", dst_colorspace="ITU709",
                              dst_color_range="MPEG")  # fmt: skip
    full = (pictures.video.get("colour") or {}).get("range") == "full"
    kind = "JPEG" if full else "MPEG"
    return frame.reformat(format=target.name, src_color_range=kind, dst_color_range=kind)


def colour_codes(pictures: Pictures, target: str) -> dict[str, int]:
    """Code points of what the encoder is given."""
    said = dict(pictures.video.get("colour") or {})
    t = format_of(target)
    if pictures.stored.is_rgb and not t.is_rgb:
        said.update(range="limited", matrix="bt709")
    elif pictures.stored.model == "gray" and t.model == "yuv":
        said["range"] = said.get("range") or "full"  # what gray is where nothing else is said
        said["matrix"] = None if said.get("matrix") == "gbr" else said.get("matrix")
    return {kind: colour.code(kind, said.get(kind)) for kind in colour.TABLES}


def _describe(pictures: Pictures, stream, target: str, options: dict) -> None:
    """Tell the encoder and the container what the samples mean."""
    import av.codec.context

    context = stream.codec_context
    codes = colour_codes(pictures, target)
    context.color_range, context.colorspace = codes["range"], codes["matrix"]
    context.color_primaries, context.color_trc = codes["primaries"], codes["transfer"]
    if codes["chroma_location"]:
        options.setdefault("chroma_sample_location", colour.CHROMA_LOCATIONS[codes["chroma_location"]])
    order = {name: code for code, name in FIELD_ORDERS.items()}.get(str(pictures.video.get("field_order")))
    if order and hasattr(type(context), "field_order"):
        context.field_order = order
    flag = getattr(av.codec.context.Flags, "frame_duration", None)
    if flag is not None:
        context.flags |= flag
    describe_track(pictures, stream)


def describe_track(pictures: Pictures, stream) -> None:
    """Tell the container how wide samples are, and how pictures are turned."""
    if pictures.aspect != 1:
        stream.codec_context.sample_aspect_ratio = pictures.aspect
    matrix, rotation = pictures.video.get("display_matrix"), pictures.video.get("rotation") or 0
    if matrix and hasattr(stream, "set_display_matrix"):
        stream.set_display_matrix(matrix)
    elif rotation and hasattr(stream, "set_display_rotation"):
        stream.set_display_rotation(-rotation)
    elif rotation:
        warn(f"this PyAV cannot write rotation; the pictures are upright when turned {rotation} degrees clockwise")
