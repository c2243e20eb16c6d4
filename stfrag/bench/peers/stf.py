"""stfrag itself: stores in memory, counted with their index and everything else that a file has."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import __version__
from ...codec.catalogue import CODECS, encodes
from ...errors import UnsupportedError
from ...model.pixel_formats import pixel_format, planar_name
from ...tiling import Box
from ..job import Job, NotApplicable, Planes
from .base import Missing, Peer, Setting, Size

__all__ = ["Stf", "StfAv1", "StfFfv1", "StfH264", "StfHevc", "StfVp9"]


class Stf(Peer):
    name = "stf"
    bounded = True
    title = "stfrag's native codec"
    install = ""
    codec = "stf"
    #: MB/s of efforts 1, 5 and 9, roughly.
    speeds = (60.0, 30.0, 12.0)
    lossy_speeds = (6.0, 4.0, 0.8)

    def versions(self) -> dict[str, str]:
        return {"stfrag": __version__}

    def settings(self, lossless: bool) -> Sequence[Setting]:
        default, speeds = ((1, 5, 7, 9), self.speeds) if lossless else ((1, 5, 9), self.lossy_speeds)
        return [
            Setting(f"e{effort}", {"effort": effort}, effort in default, float(np.interp(effort, (1, 5, 9), speeds)))
            for effort in range(1, 10)
        ]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.linspace(22, 37, count)))  # QP

    def _options(self, job: Job) -> dict[str, Any]:
        options = {"codec": self.codec, **job.options, **job.cut.options(), "num_threads": job.threads}
        if job.lossless:
            options["max_error"] = job.max_error
        elif self.codec == "stf":
            options["qp"] = job.point
        else:
            options["quality"] = job.point
            if self.codec in ("h264", "hevc"):  # as the anchor is
                options["codec_options"] = {"tune": "psnr"}
        return options

    def command(self, job: Job) -> str:
        return " ".join(f"{name}={value}" for name, value in self._options(job).items() if name != "num_threads")

    def _pixel_format(self, job: Job) -> str | None:
        """The pixel format of a store for these samples; None if they are stored as an array."""
        samples = job.samples
        if samples.signed or samples.bits < 8 or (samples.components == 1 and job.lossless):
            return None
        return planar_name(samples.model, samples.bits, samples.alpha, samples.subsampling)

    def check(self, job: Job) -> None:
        from ...codec.coding import resolve
        from ...model.formats import format_of_planes
        from ...model.options import parse_options

        samples = job.samples
        empty = tuple(
            np.empty((1, *(16 >> sub for sub in samples.subs(c))), samples.dtype) for c in range(samples.components)
        )
        options = self._options(job)
        try:
            parsed = parse_options({**options, "bits": samples.bits}, "create")
            fmt = format_of_planes(empty, samples.subsampling, samples.bits)
            resolve(parsed, fmt, rgb=samples.rgb)
        except UnsupportedError as error:
            raise NotApplicable(str(error)) from None

    def prepare(self, planes: Planes, job: Job) -> Any:
        """The planes, or the array that a writer takes instead: gray, or interleaved components."""
        if self._pixel_format(job):
            return planes
        return planes[0] if len(planes) == 1 else np.stack(planes, -1)

    def encode(self, prepared: Any, job: Job) -> bytes:
        import stfrag

        target = io.BytesIO()
        name = self._pixel_format(job)
        frames, y, x = job.samples.shape
        kind: dict[str, Any] = {"shape": (frames, y, x)}
        if name:
            kind |= {"pixel_format": name, "fps": job.samples.fps}
        elif job.samples.components > 1:
            kind = {}  # interleaved components, which the array tells
        options = self._options(job)
        if name is None or pixel_format(name).bits != job.samples.bits:
            options["bits"] = job.samples.bits
        with stfrag.create(target, **kind, **options) as writer:
            writer.append(prepared)
        return target.getvalue()

    def size(self, coded: bytes, job: Job) -> Size:
        import stfrag

        with stfrag.open(coded, num_threads=1) as reader:
            return Size(len(coded), int(reader.info()["overhead_bytes"]))

    def forget(self) -> None:
        from ...codec import decoders

        decoders.forget()

    def decode(self, coded: bytes, job: Job) -> Planes:
        import stfrag

        with stfrag.open(coded, num_threads=job.threads) as reader:
            return tuple(reader.read_planes())

    def planes(self, decoded: Planes, job: Job) -> Planes:
        return decoded

    def region(self, coded: bytes, job: Job, box: Box) -> Planes:
        import stfrag

        with stfrag.open(coded, num_threads=job.threads) as reader:
            return tuple(reader.read_planes(box.slices))


class _Coded(Stf):
    """stfrag with another codec: what it costs to cut for it and to carry its streams."""

    bounded = False

    def __init_subclass__(cls) -> None:
        cls.name = f"stf-{cls.codec}"
        cls.title = f"stfrag with codec={cls.codec!r}"
        cls.install = "pip install av"

    def versions(self) -> dict[str, str]:
        found = super().versions()
        codec = CODECS[self.codec]
        if not encodes(codec):
            raise Missing(f"this libav has no {codec.encoder}")
        return found

    def settings(self, lossless: bool) -> Sequence[Setting]:
        codec = CODECS[self.codec]
        if not (codec.lossless if lossless else codec.lossy):
            return []
        return [
            Setting(
                f"e{effort}",
                {"effort": effort},
                not lossless and effort == 5 and codec.name == "h264",
                float(np.interp(effort, (1, 5, 9), self.speeds)),
            )
            for effort in range(1, 10)
        ]

    def points(self, setting: Setting, count: int) -> Sequence[float]:
        return list(map(float, np.linspace(77.5, 40, count).round(1)))  # x264's crf 20 to 35


class StfH264(_Coded):
    codec, speeds = "h264", (200.0, 30.0, 5.0)


class StfHevc(_Coded):
    codec, speeds = "hevc", (20.0, 8.0, 1.0)


class StfAv1(_Coded):
    codec, speeds = "av1", (60.0, 15.0, 1.0)


class StfVp9(_Coded):
    codec, speeds = "vp9", (20.0, 4.0, 1.0)


class StfFfv1(_Coded):
    codec, speeds = "ffv1", (80.0, 50.0, 40.0)
