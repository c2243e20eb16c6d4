"""The files that access is measured on, made from one clip: H.264 at several distances of key frames, and stores."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...codec.quality import quality_of_crf
from ..job import Planes, Samples
from ..material import Clip
from .truth import Truth, TruthWriter

__all__ = ["File", "Wanted", "is_video", "luma", "prepare_array", "size_of", "trimmed", "wanted", "write"]

#: Frames that are written or read at a time.
_SLAB = 32
#: How far a store's rate factor is from that of the H.264 files, for about the same PSNR-Y: cutting costs some.
_STORE_CRF = -1.0

Triple = tuple[int, int, int]


@dataclass(frozen=True)
class File:
    """A file to be read.

    Attributes
    ----------
    clip : str
        Name of what it holds.
    setting : str
        As tables call it: ``"GOP 250"``.
    kind : str
        Which readers open it, see `AccessReader.kind`.
    path : str
    bytes : int
        Of all of it.
    psnr_y : float, optional
        In dB, against the clip; None: lossless.
    samples : Samples
        What it holds.
    truth : Truth
    boxes : bool
        Whether boxes are read from it, beside frames.
    """

    clip: str
    setting: str
    kind: str
    path: str
    bytes: int
    psnr_y: float | None
    samples: Samples
    truth: Truth
    boxes: bool = True


@dataclass(frozen=True)
class Wanted:
    """A file that is to be written: what `File` says of it, how it is coded, and whether it has the luma alone."""

    setting: str
    kind: str
    boxes: bool
    options: dict[str, Any]
    luma: bool = False


def is_video(samples: Samples) -> bool:
    """Whether a clip can be written as an H.264 file that all readers take."""
    return samples.model == "yuv" and samples.subsampling == "420" and samples.bits == 8 and not samples.alpha


def trimmed(clip: Clip) -> Clip:
    """A video cut to even rows and columns, which H.264 files must have; other clips as they are."""
    samples = clip.samples
    if not is_video(samples) or not (samples.y % 2 or samples.x % 2):
        return clip
    samples = replace(samples, y=samples.y & ~1, x=samples.x & ~1)
    planes = tuple(
        plane[:, : samples.plane_shape(c)[1], : samples.plane_shape(c)[2]] for c, plane in enumerate(clip.planes)
    )
    return replace(clip, planes=planes, samples=samples)


def luma(clip: Clip) -> tuple[np.ndarray[Any, Any], Samples]:
    """The first plane of a clip as an array, and a description of it."""
    return clip.planes[0], replace(clip.samples, components=1, subsampling="444", rgb=False)


def wanted(samples: Samples, gops: Sequence[int], crf: float, fragment: Triple, kinds: set[str]) -> list[Wanted]:
    """List the files to write for readers of these kinds.

    Parameters
    ----------
    samples : Samples
        Of 4:2:0 and 8 bits: an mp4 a distance of key frames, and stores of the same pictures, h264 and native in
        fragments and in frames, and lossless. Of all: its first plane as a lossless store.
    gops : sequence of int
        Distances of key frames.
    crf : float
        x264's rate factor.
    fragment : tuple of int
    kinds : set of str
        Of what files there are readers.
    """
    found = []
    cut = "×".join(map(str, fragment))
    if is_video(samples):
        if "mp4" in kinds:
            found += [Wanted(f"GOP {gop}", "mp4", True, {"gop": gop, "crf": crf}) for gop in gops]
        if "stf" in kinds:
            # The rate factor replaces that of the quality.
            lossy = {"codec": "h264", "quality": 75, "codec_options": {"crf": crf + _STORE_CRF}}
            native = {"codec": "stf", "quality": quality_of_crf("h264", crf)}
            found += [
                Wanted(f"{name} {cut}", "stf", True, {**options, "fragment": fragment})
                for name, options in (("h264", lossy), ("native", native))
            ]
            found += [
                Wanted(f"{name} layout=frame", "stf", False, {**options, "layout": "frame"})
                for name, options in (("h264", lossy), ("native", native))
            ]
            exact = {"codec": "stf", "max_error": 0, "fragment": fragment}
            found.append(Wanted(f"lossless {cut}", "stf", True, exact))
    if "stf" in kinds:
        found.append(Wanted(f"array {cut}", "stf", True, {"fragment": fragment, "bits": samples.bits}, luma=True))
    return found


def write(clip: Clip, folder: Path, file: Wanted) -> File:
    """Write a file, and keep of all its pictures what reads are compared with."""
    path = folder / f"{re.sub('[^0-9a-z]+', '-', file.setting)}{'-luma' * file.luma}.{file.kind}"
    if file.luma:
        import stfrag

        stfrag.save(path, clip.planes[0], **file.options)
        return _array_file(clip, folder, file.setting, file.kind, path)
    if file.kind == "mp4":
        _write_mp4(clip, path, **file.options)
        return _looked_at(file.setting, "mp4", path, clip, _pictures_of_mp4(path), file.boxes)
    _write_store(clip, path, dict(file.options))
    return _looked_at(file.setting, "stf", path, clip, _pictures_of_store(path), file.boxes)


def prepare_array(
    clip: Clip, folder: Path, fragment: Triple, kind: str, store: Callable[[str, str, Samples], None]
) -> File:
    """Have a reader write the first plane as an array of its own, by ``store(source, path, samples)``."""
    array, samples = luma(clip)
    source = folder / "luma.raw"
    if not source.exists():
        with open(source, "wb") as file:
            for t in range(0, samples.frames, _SLAB):
                file.write(np.ascontiguousarray(array[t : t + _SLAB]).tobytes())
    path = folder / f"luma.{kind}"
    store(str(source), str(path), samples)
    return _array_file(clip, folder, f"array {'×'.join(map(str, fragment))}", kind, path)


def size_of(path: Path) -> int:
    """The size of a file, or of all files in a folder."""
    if path.is_dir():
        return sum(os.path.getsize(Path(where, name)) for where, _, names in os.walk(path) for name in names)
    return path.stat().st_size


# ------------------------------------------------------------------------------------------------------ writing


def _write_mp4(clip: Clip, path: Path, gop: int, crf: float) -> None:
    import av

    from ...codec.frames import frame_from_planes

    samples = clip.samples
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=samples.fps)
        stream.height, stream.width, stream.pix_fmt = samples.y, samples.x, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / samples.fps
        # All readers must agree on the colours.
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        stream.options = {
            "crf": f"{crf:g}",
            "preset": "medium",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0",
        }
        for t in range(samples.frames):
            picture = frame_from_planes([plane[t] for plane in clip.planes], "yuv420p")
            picture.pts, picture.time_base = t, 1 / samples.fps
            picture.colorspace = picture.color_range = 1
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _write_store(clip: Clip, path: Path, options: dict[str, Any]) -> None:
    import stfrag

    colour = dict.fromkeys(("matrix", "primaries", "transfer"), "bt709") | {"range": "limited"}
    with stfrag.create(
        path, pixel_format="yuv420p", fps=clip.samples.fps, metadata={"colour": colour}, **options
    ) as writer:
        for t in range(0, clip.samples.frames, _SLAB):
            writer.append(tuple(np.asarray(plane[t : t + _SLAB]) for plane in clip.planes))


# ---------------------------------------------------------------------------------------------------- looking at


def _looked_at(setting: str, kind: str, path: Path, clip: Clip, pictures: Iterator[Planes], boxes: bool) -> File:
    """A file, with its PSNR, after all of its pictures were kept for comparison."""
    samples, error = clip.samples, 0
    with TruthWriter(f"{path}.npy", samples.shape, samples.dtype, True) as writer:
        for t, planes in enumerate(pictures):
            writer.add(planes)
            error += int(np.square(planes[0].astype(np.int32) - clip.planes[0][t]).sum(dtype=np.int64))
    count = samples.frames * samples.y * samples.x
    psnr = float(10 * np.log10(255**2 * count / error)) if error else None
    return File(clip.name, setting, kind, str(path), path.stat().st_size, psnr, samples, writer.truth, boxes)


def _pictures_of_mp4(path: Path) -> Iterator[Planes]:
    import av

    from ...codec.frames import frame_planes

    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from map(frame_planes, container.decode(video=0))


def _pictures_of_store(path: Path) -> Iterator[Planes]:
    import stfrag

    with stfrag.open(path) as reader:
        for t in range(0, len(reader), _SLAB):
            yield from zip(*reader.read_planes((slice(t, t + _SLAB),)), strict=True)


def _array_file(clip: Clip, folder: Path, setting: str, kind: str, path: Path) -> File:
    array, samples = luma(clip)
    truth = Truth(str(folder / "luma.npy"), False)
    if not os.path.exists(truth.path):
        with TruthWriter(truth.path, samples.shape, samples.dtype, False) as writer:
            for picture in array:
                writer.add((picture,))
    name = f"{clip.name} luma" if len(clip.planes) > 1 else clip.name
    return File(name, setting, kind, str(path), size_of(path), None, samples, truth)
