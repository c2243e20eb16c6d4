"""`to_video`: a store into a video file."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .. import colour
from ..errors import UnsupportedError
from ..pixel_formats import PixelFormat, planar_name
from ..pixel_formats import pixel_format as format_of
from .frames import frame_from_planes
from .matroska import TAG, correct_header, tick_of
from .metadata import FIELD_ORDERS
from .read import VideoWarning, import_av, name_of

if TYPE_CHECKING:
    from ..reader import Reader

__all__ = ["ExportReport", "to_video"]

#: Extension: libav's muxer, the codec that is the default there, and those that may be asked for.
CONTAINERS = {
    ".mkv": ("matroska", "ffv1", ("ffv1", "h264")),
    ".mp4": ("mp4", "h264", ("h264",)),
    ".m4v": ("mp4", "h264", ("h264",)),
    ".mov": ("mov", "h264", ("h264",)),
}
ENCODERS = {"ffv1": "ffv1", "h264": "libx264"}
SETTINGS = {
    "ffv1": {"level": "3", "g": "1", "slicecrc": "1"},
    "h264": {"crf": "18", "preset": "medium"},
}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `to_video` did.

    Attributes
    ----------
    frames : int
        Frames written.
    bytes : int
        Size of the file.
    codec, pixel_format : str
        What it was coded with, and the pixel format that the encoder was given.
    exact : bool
        Whether the encoder was given the stored samples as they are, and loses nothing.
    """

    frames: int
    bytes: int
    codec: str
    pixel_format: str
    exact: bool


@dataclass(frozen=True, slots=True)
class _Pictures:
    """What is to be written: the pictures of a store, or of a box of it."""

    reader: Reader
    stored: PixelFormat  # of the planes as they come; bits may be fewer
    bits: int
    frames: range
    rows: slice
    columns: slice
    pts: np.ndarray
    time_base: Fraction
    last_duration: int
    rate: Fraction
    video: Mapping

    @property
    def size(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def seconds(self) -> Fraction:
        return (int(self.pts[-1]) + self.last_duration) * self.time_base

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        """The planes of one frame after the other, decoded a slab at a time."""
        first = self.frames.start
        for border in [*np.unique(self.reader.index["t0"])[1:].tolist(), self.frames.stop]:
            stop = min(self.frames.stop, border)
            if stop <= first:
                continue
            planes = self.reader.read_planes((slice(first, stop), self.rows, self.columns))
            for t in range(stop - first):
                yield tuple(plane[t] for plane in planes)
            first = stop


def to_video(
    src,
    dst,
    *,
    codec: str | None = None,
    crf: float | None = None,
    pixel_format: str | None = None,
    region=None,
    fps: float | Fraction | None = None,
    overwrite: bool = True,
    num_threads: int | None = None,
    codec_options: Mapping[str, object] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ExportReport:
    """Write a store as a video file.

    The extension of `dst` chooses the container, and that the codec:

    =====================  =====================================================================================
    ``.mkv``               FFV1, lossless: exactly the stored samples (``codec="h264"`` is possible)
    ``.mp4`` ``.m4v``      H.264 by libx264, lossy; 8 or 10 bits, 4:2:0, 4:2:2 or 4:4:4
    ``.mov``
    =====================  =====================================================================================

    Frames keep their times to the tick (in Matroska to the microsecond, and exactly for `from_video`), and the file
    says the colour description, sample aspect ratio, rotation and tags that the store does.

    What an encoder does not take is converted, exactly where possible: for FFV1, RGB of 8 bits becomes ``bgr0`` or
    ``bgra``, gray with alpha of 16 bits ``yuva444p16le`` with neutral chroma, and odd depths the next deeper format
    with the same values; for H.264, gray becomes ``yuv420p`` with neutral chroma; RGB becomes BT.709 ``yuv420p``,
    more than 10 bits 10 and alpha is dropped, which are not exact; pictures with an odd number of rows or columns
    become ``yuv444p``.

    Parameters
    ----------
    src : path, or an open stfrag.Reader
        The store: a video, or an array of gray (T x Y x X), RGB or RGBA (T x Y x X x 3 or 4) uint8 or uint16.
    dst : path
        The video file. It appears under this name only when it is complete.
    codec : {"ffv1", "h264"}, optional
        Instead of the default of the container.
    crf : float, optional
        Quality of H.264: 0 (lossless) .. 51, default 18.
    pixel_format : str, optional
        What to give the encoder instead of the default above, such as ``"yuv444p"``.
    region : tuple of slices, optional
        Only this box, ``(t, y, x)``, in samples of the full picture; offsets are multiples of the chroma
        subsampling. Unless it begins with the first frame, times count from its first frame.
    fps : float or Fraction, optional
        Frames per second instead of the stored times. Default for stores without times: 25.
    overwrite : bool
        Whether to replace an existing file.
    num_threads : int, optional
        Threads of the decoder and of the encoder, as for `stfrag.open`.
    codec_options : dict, optional
        Options of libav's encoder by name, such as ``{"preset": "slow"}``.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame.

    Returns
    -------
    ExportReport

    Raises
    ------
    FileExistsError
        If `dst` exists and `overwrite` is false.
    UnsupportedError
        For an extension, codec or kind of samples (int8, int16, bool) that cannot be written, or if PyAV lacks the
        encoder.
    ValueError
        For options or a region that make no sense.

    Warns
    -----
    VideoWarning
        If alpha is dropped, or the times cannot start where they do in the store.

    Examples
    --------
    >>> import stfrag
    >>> stfrag.to_video("a.stf", "a.mkv").exact  # doctest: +SKIP
    True
    """
    av = import_av()
    container_format, codec = _container(dst, codec)
    if crf is not None and codec != "h264":
        raise ValueError(f"crf is an option of h264; {codec} has none")
    if crf is not None and not 0 <= crf <= 51:
        raise ValueError(f"crf={crf} is out of range: 0 (lossless) to 51")
    if ENCODERS[codec] not in av.codecs_available:
        raise UnsupportedError(f"this PyAV has no {ENCODERS[codec]} encoder")
    dst = os.fspath(dst)
    if not overwrite and os.path.exists(dst):
        raise FileExistsError(17, "File exists", dst)
    with ExitStack() as stack:
        if isinstance(src, str | os.PathLike | bytes):
            from ..reader import open as open_store

            src = stack.enter_context(open_store(src, num_threads=num_threads))
        pictures = _pictures(src, region, fps)
        target, exact = _target(pictures, codec, pixel_format)
        options = {**_settings(codec, target, pictures.size), **{k: str(v) for k, v in (codec_options or {}).items()}}
        if crf is not None:
            options["crf"] = str(crf)
        if codec == "h264" and float(options.get("crf", 1)) == 0:
            del options["crf"]
            options["qp"] = "0"  # the same for 8 bits, but lossless for 10 bits, too
        exact = exact and (codec == "ffv1" or options.get("qp") == "0")
        part = dst + ".part"
        try:
            _write(pictures, part, container_format, codec, target, options, num_threads, progress)
            os.replace(part, dst)
        except BaseException:
            with suppress(OSError):
                os.remove(part)
            raise
    return ExportReport(len(pictures.frames), os.path.getsize(dst), codec, target, exact)


def _settings(codec: str, target: str, size: tuple[int, int]) -> dict[str, str]:
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


def _container(dst, codec: str | None) -> tuple[str, str]:
    if not isinstance(dst, str | os.PathLike):
        raise TypeError(f"dst must be a path, not {type(dst).__name__}")
    extension = os.path.splitext(os.fspath(dst))[1].lower()
    if extension not in CONTAINERS:
        raise UnsupportedError(f"{name_of(dst)}: cannot write {extension or 'files without extension'}; "
                               f"known are {', '.join(CONTAINERS)}")
    muxer, default, possible = CONTAINERS[extension]
    codec = codec or default
    if codec not in possible:
        raise UnsupportedError(f"{name_of(dst)}: cannot write {codec} into {extension}; "
                               f"possible: {', '.join(possible)}")
    return muxer, codec


def _target(pictures: _Pictures, codec: str, asked: str | None) -> tuple[str, bool]:
    """Pixel format for the encoder, and whether it holds the stored samples as they are."""
    av = import_av()
    stored, (height, width) = pictures.stored, pictures.size
    offered = [f.name for f in av.codec.Codec(ENCODERS[codec], "w").video_formats or []]
    if asked is not None:
        asked_format = _named(asked)
        if offered and asked_format not in offered:
            raise UnsupportedError(f"{ENCODERS[codec]} does not take pixel format {asked}")
        return asked_format, _holds(asked_format, stored)
    if codec == "ffv1":
        candidates = {
            "gbrp": "bgr0",
            "gbrap": "bgra",
            "ya16le": "yuva444p16le",
        }
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
    return target, _holds(target, stored)


def _named(name: str) -> str:
    return {"gray8": "gray"}.get(format_of(name).name, format_of(name).name)


def _holds(target: str, stored: PixelFormat) -> bool:
    """Whether planes of `stored` fit into `target` as they are, at most with neutral chroma added."""
    t = format_of(target)
    if t.bits < stored.bits or t.alpha < stored.alpha:
        return False
    if stored.model == "gray":
        return t.model in ("gray", "yuv") and t.bits == stored.bits
    same = (t.model, t.subsampling, t.alpha) == (stored.model, stored.subsampling, stored.alpha)
    return same and t.bits == stored.bits


def _pictures(reader, region, fps) -> _Pictures:
    """What of a store is to be written, and when it is shown."""
    stored, bits = _samples_of(reader)
    frames, rows, columns = _box(reader, region, stored)
    video = reader.metadata
    if not len(frames):
        raise ValueError("there are no frames to write")
    count = len(frames)
    if fps is not None or reader.time_base is None:
        rate = Fraction(fps if fps is not None else reader.fps or 25).limit_denominator(1 << 20)
        if rate <= 0:
            raise ValueError(f"fps must be positive, not {fps}")
        pts, time_base, last = np.arange(count, dtype=np.int64), 1 / rate, 1
    else:
        pts = np.asarray(reader.pts[frames.start : frames.stop], np.int64)
        time_base, rate = Fraction(reader.time_base), reader.fps
        span = int(pts[-1] - pts[0])
        if not rate:
            rate = (count - 1) / (span * time_base) if span else Fraction(25)
        rate = Fraction(rate).limit_denominator(1 << 20)
        last = _last_duration(reader, frames, time_base, rate)
        if frames.start or pts[0] < 0:
            if not frames.start:
                _warn("times begin before zero, which video files cannot say; all are moved to begin at zero")
            pts = pts - pts[0]
    return _Pictures(reader, stored, bits, frames, rows, columns, pts, time_base, last, rate, video)


def _samples_of(reader) -> tuple[PixelFormat, int]:
    """What a store's planes hold, and how many of their bits mean something."""
    if reader.pixel_format:
        stored = format_of(reader.pixel_format)
        return stored, stored.bits
    dtype, components = np.dtype(reader.dtype), reader.shape[3] if reader.ndim == 4 else 1
    if dtype not in (np.uint8, np.uint16):
        raise UnsupportedError(f"video has no {dtype} samples; save the array as uint8 or uint16 first")
    if components == 2:
        raise UnsupportedError("an array of 2 components is not a video; 1 is gray, 3 are RGB, 4 are RGBA")
    bits = reader.metadata.get("options", {}).get("bits") or 8 * dtype.itemsize
    name = planar_name("gray" if components == 1 else "rgb", max(bits, 8), alpha=components == 4)
    return format_of(name), bits


def _last_duration(reader, frames: range, time_base: Fraction, rate: Fraction) -> int:
    durations = getattr(reader, "durations", None)
    if durations is not None:
        last = int(durations[frames.stop - 1])
        if last > 0:
            return last
    return max(1, round(1 / (rate * time_base)))


def _box(reader, region, stored: PixelFormat) -> tuple[range, slice, slice]:
    size = reader.shape[:3]
    region = () if region is None else region if isinstance(region, tuple) else (region,)
    if len(region) > 3:
        raise ValueError("a region is (t, y, x)")
    box = []
    for axis, length in enumerate(size):
        wanted = region[axis] if axis < len(region) else slice(None)
        if not isinstance(wanted, slice) or wanted.step not in (None, 1):
            raise ValueError("a region is a tuple of slices of step 1")
        start, stop, _ = wanted.indices(length)
        if stop <= start:
            raise ValueError(f"the region is empty: {wanted} of {length}")
        box.append((start, stop))
    for axis, shift in ((1, stored.sub_y), (2, stored.sub_x)):
        if box[axis][0] % (1 << shift):
            raise ValueError(f"the region begins at {'tyx'[axis]} = {box[axis][0]}, which is not a multiple of the "
                             f"chroma subsampling, {1 << shift}")
    return range(*box[0]), slice(*box[1]), slice(*box[2])


def _converter(pictures: _Pictures, target: str) -> Callable:
    """A function from the planes of a picture to the frame that the encoder gets."""
    stored, t = pictures.stored, format_of(target)
    source = stored
    if stored.alpha and not t.alpha:
        _warn("the alpha component is left out")
        source = _of(stored, alpha=False)
    neutral = t.model == "yuv" and source.model == "gray"
    by_shift = neutral or (source.model == t.model and source.subsampling == t.subsampling)
    held = _holds(target, source)
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


def _reformat(frame, source: PixelFormat, target: PixelFormat, pictures: _Pictures):
    """libav's own conversion, of colour or of chroma positions."""
    if source.is_rgb:
        return frame.reformat(format=target.name, src_color_range="JPEG", dst_colorspace="ITU709",
                              dst_color_range="MPEG")  # fmt: skip
    full = (pictures.video.get("colour") or {}).get("range") == "full"
    kind = "JPEG" if full else "MPEG"
    return frame.reformat(format=target.name, src_color_range=kind, dst_color_range=kind)


def _colour(pictures: _Pictures, target: str) -> dict[str, int]:
    """Code points of what the encoder is given."""
    said = dict(pictures.video.get("colour") or {})
    t = format_of(target)
    if pictures.stored.is_rgb and not t.is_rgb:
        said.update(range="limited", matrix="bt709")
    elif pictures.stored.model == "gray" and t.model == "yuv":
        said["range"] = said.get("range") or "full"  # what gray is where nothing else is said
        said["matrix"] = None if said.get("matrix") == "gbr" else said.get("matrix")
    return {kind: colour.code(kind, said.get(kind)) for kind in colour.TABLES}


def _write(pictures, path, muxer, codec, target, options, num_threads, progress) -> None:
    av = import_av()
    height, width = pictures.size
    time_base, pts, tick, hints = pictures.time_base, pictures.pts, 0, {}
    container_options = {}
    aspect = Fraction(*(pictures.video.get("sample_aspect_ratio") or (1, 1)))
    if muxer == "matroska":
        tick = tick_of(time_base)
        exact = time_base * 1_000_000_000 / tick  # ticks of the file per tick of the store
        if exact.denominator != 1:
            hints["time_base"] = [time_base.numerator, time_base.denominator]
        pts = [round(int(p) * exact) for p in pts]
        last = max(1, round(pictures.last_duration * exact))
        time_base = Fraction(1, 1000)  # what the muxer believes
        if aspect != 1 and codec == "ffv1":
            hints["sample_aspect_ratio"] = [aspect.numerator, aspect.denominator]
    else:
        pts = [int(p) for p in pts]
        last = pictures.last_duration
        if muxer in ("mp4", "mov"):
            scale = str(time_base.denominator)
            container_options = {"video_track_timescale": scale, "movie_timescale": scale}
    # The format by name: the file has another extension while it is written.
    with av.open(path, "w", format=muxer, options=container_options) as container:
        container.metadata.update({str(k): str(v) for k, v in (pictures.video.get("tags") or {}).items()})
        if hints:
            container.metadata[TAG] = json.dumps(hints)
        stream = container.add_stream(ENCODERS[codec], rate=pictures.rate)
        context = stream.codec_context
        stream.width, stream.height, stream.pix_fmt = width, height, target
        context.time_base = stream.time_base = time_base
        from ..threads import resolve_threads

        context.thread_count = resolve_threads(num_threads)
        _describe(pictures, stream, target, aspect, options)
        stream.options = options
        convert = _converter(pictures, target)
        ends = [*pts[1:], pts[-1] + last]
        for done, (planes, time, end) in enumerate(zip(pictures, pts, ends, strict=True), 1):
            frame = convert(planes)
            frame.pts, frame.time_base = time, time_base
            with suppress(AttributeError):
                frame.duration = end - time
            container.mux(stream.encode(frame))
            if progress is not None:
                progress(done, len(pts))
        container.mux(stream.encode(None))
    if tick:
        correct_header(path, tick, pictures.seconds)


def _describe(pictures: _Pictures, stream, target: str, aspect: Fraction, options: dict) -> None:
    """Tell the encoder and the container what the samples mean."""
    import av.codec.context

    context = stream.codec_context
    codes = _colour(pictures, target)
    context.color_range, context.colorspace = codes["range"], codes["matrix"]
    context.color_primaries, context.color_trc = codes["primaries"], codes["transfer"]
    if codes["chroma_location"]:
        options.setdefault("chroma_sample_location", colour.CHROMA_LOCATIONS[codes["chroma_location"]])
    if aspect != 1:
        context.sample_aspect_ratio = aspect
    order = {name: code for code, name in FIELD_ORDERS.items()}.get(str(pictures.video.get("field_order")))
    if order and hasattr(type(context), "field_order"):
        context.field_order = order
    flag = getattr(av.codec.context.Flags, "frame_duration", None)
    if flag is not None:
        context.flags |= flag
    matrix, rotation = pictures.video.get("display_matrix"), pictures.video.get("rotation") or 0
    if matrix and hasattr(stream, "set_display_matrix"):
        stream.set_display_matrix(matrix)
    elif rotation and hasattr(stream, "set_display_rotation"):
        stream.set_display_rotation(-rotation)
    elif rotation:
        _warn(f"this PyAV cannot write rotation; the pictures are upright when turned {rotation} degrees clockwise")


def _warn(what: str) -> None:
    warnings.warn(what, VideoWarning, stacklevel=5)
