"""What the peers share that are encoders of libav, through PyAV."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from ...codec.carriage import SIZES
from ...codec.catalogue import CODECS, pixel_formats
from ...codec.frames import frame_from_planes, frame_planes
from ...codec.packets import strip
from ...codec.quality import crf_of
from ...model.pixel_formats import PixelFormat, pixel_format
from ..job import Job, NotApplicable, Planes, Samples
from .base import BoxPeer, Missing, pack, signed, unpack, unsigned

__all__ = ["LibavPeer", "gop", "joined", "lone", "rates"]


class LibavPeer(BoxPeer):
    """An encoder of libav and the decoder that goes with it.

    What is stored is what a container would keep: the packets, each behind its length, and the extradata that the
    decoder needs. Text that encoders write of their settings is left out, as it is no part of the pictures.
    """

    install = "pip install av"
    modules = ("av",)
    #: The names of libav.
    encoder: ClassVar[str]
    decoder: ClassVar[str]
    streams = True
    #: The syntax of packets that hold text to be left out, see `stfrag.codec.packets.strip`; else empty.
    syntax: ClassVar[str] = ""
    #: Whether libav can split its work over threads.
    threaded: ClassVar[bool] = True
    #: Least rows and columns, and what both are multiples of.
    sizes: ClassVar[tuple[int, int]] = (1, 1)
    #: A pattern for the version in the text that the encoder writes into streams.
    banner: ClassVar[bytes] = b""
    #: Options that keep the encoder from writing the same to stderr.
    quiet: ClassVar[Mapping[str, str]] = {}
    #: Whether alpha is part of the stream; for some codecs libav puts it elsewhere, or drops it.
    alpha: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        # The limits of codecs that fragments can have hold here too.
        for codec in CODECS.values():
            if codec.encoder == cls.__dict__.get("encoder"):
                cls.sizes, cls.alpha = SIZES[codec.name], not codec.lossy

    def versions(self) -> dict[str, str]:
        found = super().versions()
        import av

        for name, mode in ((self.encoder, "w"), (self.decoder, "r")):
            try:
                av.codec.Codec(name, mode)  # type: ignore[arg-type]
            except ValueError:
                raise Missing(f"the libav of this PyAV ({found['av']}) has no {name}") from None
        found["libavcodec"] = ".".join(map(str, av.library_versions["libavcodec"]))
        if self.banner:
            found[self.name] = self._signature() or "unknown"
        return found

    def _signature(self) -> str:
        """The version that the encoder writes into the first packet of a stream."""
        import av

        context: Any = av.CodecContext.create(self.encoder, "w")
        context.height = context.width = 64
        context.pix_fmt, context.time_base, context.thread_count = "yuv420p", Fraction(1, 25), 1
        context.options = dict(self.quiet)
        frame = av.VideoFrame(64, 64, "yuv420p")
        frame.pts = 0
        data = b"".join(bytes(packet) for f in (frame, None) for packet in context.encode(f))
        found = re.search(self.banner, data)
        return found[1].decode("ascii", "replace").strip() if found else ""

    def options(self, job: Job) -> dict[str, str]:
        """libav's options for the encoder."""
        raise NotImplementedError

    def formats(self, job: Job) -> list[PixelFormat]:
        """The pixel formats that the encoder takes such samples in, the best first."""
        samples = job.samples
        found = []
        for offered in pixel_formats(self.encoder):
            fits = offered.bits == samples.bits or job.lossless
            if fits and _holds(offered, samples) and (self.alpha or not offered.alpha):
                found.append(offered)
        return sorted(found, key=lambda f: (f.bits, f.name != f.planar))

    def check(self, job: Job) -> None:
        if not self.formats(job):
            samples = job.samples
            have = sorted({f.planar for f in pixel_formats(self.encoder) if self.alpha or not f.alpha})
            kind = f"{samples.model}{samples.subsampling if samples.model == 'yuv' else ''} of {samples.bits} bits"
            alpha = " with alpha" if samples.alpha else ""
            raise NotApplicable(f"{self.encoder} takes no {kind}{alpha}, but {', '.join(have)}")
        # The largest box: smaller ones, at the edges, are padded.
        least = min(job.samples.y, job.samples.x)
        if least < self.sizes[0]:
            raise NotApplicable(f"{self.encoder} takes no pictures of less than {self.sizes[0]} rows or columns")

    def command(self, job: Job) -> str:
        words = [f"-c:v {self.encoder}", f"-pix_fmt {self.formats(job)[0].name}"]
        if self.threaded:
            words.append(f"-threads {job.threads}")
        return " ".join(words + [f"-{name} {value}" for name, value in self.options(job).items()])

    # ------------------------------------------------------------------------------------------------ samples

    def prepare_box(self, planes: Planes, job: Job) -> list[Any]:
        name = self.formats(job)[0].name
        frames = []
        for t in range(job.samples.frames):
            frame = frame_from_planes(self._padded([unsigned(plane[t]) for plane in planes], job), name)
            frame.pts = t
            frames.append(frame)
        return frames

    def box_planes(self, decoded: list[Any], job: Job) -> Planes:
        if len(decoded) != job.samples.frames:
            raise ValueError(f"{self.decoder} gave {len(decoded)} of {job.samples.frames} frames")
        first = pixel_format(decoded[0].format.name)
        pictures = [frame_planes(frame)[: job.samples.components] for frame in decoded]
        planes = []
        for c, found in enumerate(zip(*pictures, strict=True)):
            _, rows, columns = job.samples.plane_shape(c)
            planes.append(np.stack(found)[:, :rows, :columns])
        if job.samples.components == 1 and first.is_rgb:
            raise ValueError(f"{self.decoder} gave {first.name} for gray")
        return tuple(signed(plane, job.samples) for plane in planes)

    def _size(self, job: Job) -> tuple[int, int]:
        """The rows and columns of the pictures that are coded."""
        least, multiple = self.sizes
        steps = (max(multiple, 1 << sub) if multiple > 1 else 1 for sub in job.samples.subs(1))
        rows, columns = (
            -(-max(n, least) // step) * step for n, step in zip((job.samples.y, job.samples.x), steps, strict=True)
        )
        return rows, columns

    def _padded(self, picture: list[np.ndarray[Any, Any]], job: Job) -> list[np.ndarray[Any, Any]]:
        """Repeat the last row and column of planes until they are as large as the encoder takes them."""
        rows, columns = self._size(job)
        if (rows, columns) == (job.samples.y, job.samples.x):
            return picture
        found = []
        for c, plane in enumerate(picture):
            sub_y, sub_x = job.samples.subs(c)
            missing = (-(-rows >> sub_y) - plane.shape[0], -(-columns >> sub_x) - plane.shape[1])
            found.append(np.pad(plane, [(0, n) for n in missing], "edge"))
        return found

    # ------------------------------------------------------------------------------------------------- coding

    def encode_box(self, prepared: list[Any], job: Job) -> bytes:
        import av

        context: Any = av.CodecContext.create(self.encoder, "w")
        context.height, context.width = self._size(job)
        context.pix_fmt = prepared[0].format.name
        context.framerate, context.time_base = job.samples.fps, 1 / job.samples.fps
        context.thread_count = job.threads if self.threaded else 1
        context.thread_type = "AUTO"  # PyAV's own default is slices alone
        self.configure_encoder(context, job)
        context.options = dict(self.options(job))
        coded = [packet for frame in [*prepared, None] for packet in context.encode(frame)]
        packets = [bytes(packet) for packet in coded]
        unknown = [name for name in self.options(job) if name in context.options]
        if unknown:
            raise ValueError(f"{self.encoder} has no option {unknown[0]!r}")
        keys = {packet.pts for packet in coded if packet.is_keyframe}
        if missing := set(range(0, job.samples.frames, gop(job))) - keys:
            raise ValueError(f"{self.encoder} made no key picture of frame {min(missing)}")
        if self.syntax:
            packets = [strip(self.syntax, data) for data in packets]
        return pack([bytes(context.extradata or b""), *packets])

    def decode_box(self, coded: bytes, job: Job) -> list[Any]:
        import av

        extradata, *packets = unpack(coded)
        context: Any = av.CodecContext.create(self.decoder, "r")
        context.height, context.width = self._size(job)
        context.thread_count, context.thread_type = job.threads, "AUTO"
        if extradata:
            context.extradata = extradata
        self.configure_decoder(context, job)
        frames: list[Any] = []
        for data in packets:
            # The first start code is not stored, see stfrag.codec.packets.
            packet = av.Packet(b"\0\0\0\1" + data if self.syntax in ("h264", "hevc") else data)
            frames += context.decode(packet)
        frames += context.decode(None)
        return frames

    def configure_encoder(self, context: Any, job: Job) -> None:
        """Set what the encoder must know beside its options."""

    def configure_decoder(self, context: Any, job: Job) -> None:
        """Set what the decoder must know beside its size and extradata."""


def gop(job: Job) -> int:
    """How many pictures a closed group has."""
    assert job.cut.fragment
    return min(job.cut.fragment[0], job.samples.frames)


def lone(job: Job) -> int:
    """`gop`, but at least 2: x264 and x265 spend twice the bits if all pictures are key pictures."""
    return max(gop(job), 2)


def joined(options: Mapping[str, object]) -> str:
    """Options as ``key=value`` with colons between, as in x264-params."""
    return ":".join(f"{name}={value}" for name, value in options.items())


def rates(codec: str, count: int) -> list[float]:
    """Rate factors of a codec of stfrag that give about the same PSNR as x264's from 20 to 35."""
    return [round(crf_of(codec, quality), 2) for quality in np.linspace(77.5, 40, count)]


def _holds(f: PixelFormat, samples: Samples) -> bool:
    """Whether a format holds such samples, maybe with bits to spare."""
    same = f.model == samples.model and f.alpha == samples.alpha and f.components == samples.components
    return same and f.bits >= samples.bits and (f.model != "yuv" or f.subsampling == samples.subsampling)
