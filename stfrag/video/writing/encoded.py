"""Video that an encoder of libav makes: which there are, what each takes, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, NamedTuple

from ...errors import UnsupportedError
from ...model.pixel_formats import pixel_format as format_of
from ...model.pixel_formats import planar_name
from ...model.threads import resolve_threads
from ..hdr import valid_hdr, x264_parameters
from ..libav import LibavPacket, OutputContainer, Stream, import_av
from .clock import Clock
from .convert import converter, holds
from .describe import describe_encoding
from .pictures import Pictures
from .report import ExportReport

__all__ = ["ENCODERS", "SETTINGS", "Asked", "EncodedPictures", "Encoding", "encoding_of"]

ENCODERS = {"ffv1": "ffv1", "h264": "libx264"}
SETTINGS = {"ffv1": {"level": "3", "g": "1", "slicecrc": "1"}, "h264": {"crf": "18", "preset": "medium"}}


class Asked(NamedTuple):
    """What a user asks of an encoder: arguments of `to_video`."""

    crf: float | None = None
    pixel_format: str | None = None
    codec_options: Mapping[str, object] | None = None

    @property
    def given(self) -> list[str]:
        """The names of the arguments that are given."""
        return [name for name, value in self._asdict().items() if value is not None]


class Encoding(NamedTuple):
    """How pictures are encoded.

    Attributes
    ----------
    codec : str
        A key of `ENCODERS`.
    target : str
        The pixel format that the encoder is given.
    options : dict
        Of libav's encoder.
    exact : bool
        Whether nothing is lost.
    """

    codec: str
    target: str
    options: dict[str, str]
    exact: bool


def encoding_of(pictures: Pictures, codec: str, asked: Asked) -> Encoding:
    """Decide how pictures are encoded.

    Raises
    ------
    ValueError, UnsupportedError
        If it cannot be as it was asked for.
    """
    if asked.crf is not None and codec != "h264":
        raise ValueError(f"crf is an option of h264; {codec} has none")
    if ENCODERS[codec] not in import_av().codecs_available:
        raise UnsupportedError(f"this PyAV has no {ENCODERS[codec]} encoder")
    target, held = _target_of(pictures, codec, asked.pixel_format)
    options = dict(_settings_of(codec, target, pictures.size))
    options.update({name: str(value) for name, value in (asked.codec_options or {}).items()})
    if asked.crf is not None:
        options["crf"] = str(asked.crf)
    if codec == "h264" and float(options.get("crf", 1)) == 0:
        del options["crf"]
        options["qp"] = "0"  # the same for 8 bits, but lossless for 10 bits, too
    exact = held and (codec == "ffv1" or options.get("qp") == "0") and not pictures.filtered
    return Encoding(codec, target, options, exact)


class EncodedPictures:
    """The packets of a video file's video, made by an encoder from the pictures of a store; a `mux.VideoTrack`.

    Parameters
    ----------
    pictures : Pictures
        What is encoded.
    encoding : Encoding
        How.
    num_threads : int, optional
        As for `stfrag.open`.
    progress : callable, optional
        Called as ``progress(done, total)`` after every frame.
    """

    def __init__(
        self,
        pictures: Pictures,
        encoding: Encoding,
        num_threads: int | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self._pictures, self._encoding = pictures, encoding
        self._num_threads, self._progress = num_threads, progress
        self.tells_aspect = self.tells_hdr = encoding.codec != "ffv1"
        self.hints: dict[str, Any] = {}

    def add_to(self, container: OutputContainer, clock: Clock) -> Stream:
        """Add the stream to an output, whose muxer is told times as `clock` says."""
        codec, target, options, _ = self._encoding
        self._clock = clock
        self._stream = stream = container.add_stream(ENCODERS[codec], rate=self._pictures.timing.rate)
        context = stream.codec_context
        stream.height, stream.width = self._pictures.size
        stream.pix_fmt = target
        context.time_base = stream.time_base = clock.time_base
        context.thread_count = resolve_threads(self._num_threads)
        options = dict(options)
        describe_encoding(self._pictures, stream, target, options)
        values = x264_parameters(valid_hdr(self._pictures.hdr))
        if values and codec == "h264":
            options["x264-params"] = ":".join(filter(None, (values, options.get("x264-params"))))
        stream.options = options
        return stream

    def packets(self) -> Iterator[LibavPacket]:
        """Give packets for the output, in decoding order."""
        clock, stream = self._clock, self._stream
        convert = converter(self._pictures, self._encoding.target)
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

    def report(self, size: int) -> ExportReport:
        """Tell what was done, when the file of `size` bytes is there."""
        codec, target, _, exact = self._encoding
        return ExportReport(len(self._pictures.frames), size, codec, target, exact)


def _settings_of(codec: str, target: str, size: tuple[int, int]) -> Mapping[str, str]:
    """Choose the options of an encoder for pictures of a pixel format and size.

    FFV1 refuses to cut some narrow pictures into slices, and loses chroma of 4:1:1 and 4:1:0 where slices do not
    divide evenly: those get one slice, or level 1, which has none.
    """
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


def _target_of(pictures: Pictures, codec: str, asked: str | None) -> tuple[str, bool]:
    """Choose the pixel format for an encoder, and tell whether it holds the stored samples as they are."""
    stored = pictures.stored
    offered = [f.name for f in import_av().codec.Codec(ENCODERS[codec], "w").video_formats or []]
    if asked is not None:
        name = format_of(asked).name
        target = {"gray8": "gray"}.get(name, name)
        if offered and target not in offered:
            raise UnsupportedError(f"{ENCODERS[codec]} does not take pixel format {asked}")
        return target, holds(target, stored)
    if codec == "ffv1":
        candidates = {"gbrp": "bgr0", "gbrap": "bgra", "ya16le": "yuva444p16le"}
        target = candidates.get(stored.planar, stored.planar)
        if target not in offered:
            raise UnsupportedError(f"this PyAV's FFV1 does not take pixel format {target}")
        return target, True
    target = planar_name("yuv", 8 if pictures.bits <= 8 else 10, subsampling=_subsampling_for_h264(pictures))
    if target not in offered:
        raise UnsupportedError(f"this PyAV's libx264 does not take pixel format {target}")
    return target, holds(target, stored)


def _subsampling_for_h264(pictures: Pictures) -> str:
    """Choose a subsampling that H.264 has, and that divides the picture."""
    stored, (height, width) = pictures.stored, pictures.size
    subsampling = stored.subsampling if stored.model == "yuv" else "420"
    if subsampling not in ("420", "422", "444"):
        subsampling = "420"
    if (subsampling != "444" and width % 2) or (subsampling == "420" and height % 2):
        subsampling = "444"
    return subsampling
