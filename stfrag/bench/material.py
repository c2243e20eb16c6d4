"""The clips that coders are measured on: videos, arrays, stores and DICOM files, or a synthetic set, as planes."""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StfragError, UnsupportedError
from .job import Planes, Samples

__all__ = ["Clip", "Input", "estimate", "expand", "load", "read_planes", "write_planes"]

#: The files of a folder that are read, by the end of their names.
_ARRAYS = (".npy", ".npz")
_DICOM = (".dcm", ".dicom")
_STORES = (".stf",)
_VIDEOS = (
    ".mkv",
    ".mp4",
    ".mov",
    ".avi",
    ".webm",
    ".y4m",
    ".m4v",
    ".ts",
    ".mxf",
    ".ogv",
    ".mpg",
    ".mpeg",
    ".h264",
    ".264",
    ".hevc",
    ".265",
    ".ivf",
    ".obu",
    ".gif",
    ".tif",
    ".tiff",
)


#: How many frames, or bytes, an input is taken to have that does not tell.
_UNKNOWN = 64 << 20


@dataclass(frozen=True)
class Input:
    """An input that is not read yet.

    Attributes
    ----------
    name : str
        Short, and different from those of all other inputs.
    source : str
        A path; or ``"synthetic:NAME"``.
    """

    name: str
    source: str

    def identity(self) -> list[Any]:
        """What an interrupted run compares to tell whether the input changed: path, size and time of a file."""
        if not os.path.exists(self.source):
            return [self.source]
        stat = os.stat(self.source)
        return [os.path.abspath(self.source), stat.st_size, stat.st_mtime_ns]


@dataclass(frozen=True)
class Clip:
    """The planes of an input, and a description of them."""

    name: str
    planes: Planes
    samples: Samples
    #: Frames of the input, of which these are the first.
    frames_there: int | None
    #: A file of the planes as `write_planes` writes them, if there is one.
    path: str | None = None


def expand(inputs: Sequence[str | os.PathLike[str]]) -> list[Input]:
    """Turn files, folders and patterns into inputs; the synthetic set if there are none.

    Raises
    ------
    FileNotFoundError
        For what is not there, or a pattern or folder with nothing to read.
    """
    from . import synthetic

    if not inputs:
        return [Input(name, f"synthetic:{name}") for name in synthetic.NAMES]
    paths: list[str] = []
    for given in inputs:
        name = os.fspath(given)
        if name.startswith("synthetic:"):
            paths.append(name)
        elif os.path.isdir(name):
            paths += _of_folder(name)
        elif os.path.exists(name):
            paths.append(name)
        elif glob.has_magic(name):
            found = sorted(p for p in glob.glob(name, recursive=True) if not os.path.isdir(p))
            if not found:
                raise FileNotFoundError(f"{name}: nothing there is of that pattern")
            paths += found
        else:
            raise FileNotFoundError(f"{name}: no such file or folder")
    return _named(dict.fromkeys(paths))


def _of_folder(name: str) -> list[str]:
    known = (*_ARRAYS, *_DICOM, *_STORES, *_VIDEOS)
    found = sorted(str(p) for p in Path(name).iterdir() if p.suffix.lower() in known and p.is_file())
    if not found:
        raise FileNotFoundError(f"{name}: no videos, arrays, stores or DICOM files in this folder")
    return found


def _named(paths: Iterable[str]) -> list[Input]:
    """Name inputs by the stems of their paths; by whole names, or paths, where those are not different."""
    paths = list(paths)
    for short in (lambda p: Path(p.removeprefix("synthetic:")).stem, os.path.basename, str):
        names = [short(path) for path in paths]
        if len(set(names)) == len(names):
            break
    return [Input(name, path) for name, path in zip(names, paths, strict=True)]


def load(source: Input, frames: int | None, most_bytes: int) -> Clip:
    """Read the planes of an input.

    Parameters
    ----------
    source : Input
    frames : int, optional
        At most so many of the first frames.
    most_bytes : int
        No more frames than have so many bytes of samples; but one, at least.

    Raises
    ------
    UnsupportedError
        For samples that are none of the library's.
    Exception
        Whatever reading it raises.
    """
    limit = _Limit(frames, most_bytes)
    path, suffix = source.source, Path(source.source).suffix.lower()
    if path.startswith("synthetic:"):
        from . import synthetic

        planes, samples = synthetic.make(path.removeprefix("synthetic:"), frames)
        return Clip(source.name, planes, samples, None)
    if suffix in _ARRAYS:
        return _array(source.name, _numpy(path), limit)
    if suffix in _DICOM:
        return _dicom(source.name, path, limit)
    if suffix in _STORES:
        return _store(source.name, path, limit)
    return _video(source.name, path, limit)


def estimate(source: Input, frames: int | None) -> int:
    """About how many bytes of samples an input has, without reading them; 64 MB where that takes more."""
    path, suffix = source.source, Path(source.source).suffix.lower()
    try:
        if suffix in (".npy", *_DICOM):
            return os.path.getsize(path)
        if suffix == ".npz":
            with zipfile.ZipFile(path) as archive:
                return sum(info.file_size for info in archive.infolist())
        if suffix in _STORES:
            import stfrag

            with stfrag.open(path, num_threads=1) as reader:
                return int(np.prod(reader.shape)) * reader.dtype.itemsize
        if not path.startswith("synthetic:"):
            import av

            with av.open(path) as container:
                stream = container.streams.video[0]
                count = min(stream.frames or frames or _UNKNOWN, frames or _UNKNOWN)
                return int(1.5 * stream.width * stream.height) * count
    except Exception:  # reading it will tell what is wrong
        pass
    return _UNKNOWN


class _Limit:
    def __init__(self, frames: int | None, most_bytes: int) -> None:
        self._frames, self._bytes = frames, most_bytes

    def of(self, frame_bytes: int, there: int | None = None) -> int:
        """How many frames of a size to take, of those that are there."""
        most = max(1, self._bytes // max(1, frame_bytes))
        return min(n for n in (most, self._frames, there) if n is not None)


def _numpy(path: str) -> np.ndarray[Any, Any]:
    if path.lower().endswith(".npy"):
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
    with np.load(path, allow_pickle=False) as archive:
        if len(archive.files) != 1:
            raise UnsupportedError(f"{path} holds {', '.join(archive.files) or 'nothing'}: make a .npy of one")
        return archive[archive.files[0]]  # type: ignore[no-any-return]


def _array(name: str, array: np.ndarray[Any, Any], limit: _Limit, bits: int | None = None, rgb: bool = True) -> Clip:
    """A clip of an array: T×Y×X or T×Y×X×C, or a picture."""
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] in (3, 4) and array.shape[0] > 16):
        array = array[None]
    if array.ndim not in (3, 4) or array.size == 0 or (array.ndim == 4 and array.shape[3] > 4):
        raise UnsupportedError(f"an array of shape {array.shape} is no T×Y×X or T×Y×X×C")
    there = array.shape[0]
    count = limit.of(array[0].nbytes, there)
    array = np.asarray(array[:count])
    if array.dtype.kind == "b":
        array, bits = array.view(np.uint8), 1
    if array.dtype.kind not in "iu" or array.dtype.itemsize > 2:
        raise UnsupportedError(f"samples are {array.dtype}: only integers of 8 and 16 bits are coded")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    planes = (array,) if array.ndim == 3 else tuple(array[..., c] for c in range(array.shape[3]))
    samples = Samples(
        count,
        array.shape[1],
        array.shape[2],
        len(planes),
        bits=bits or 8 * array.dtype.itemsize,
        dtype=str(array.dtype),
        rgb=rgb and len(planes) >= 3,
    )
    return Clip(name, planes, samples, there)


def _dicom(name: str, path: str, limit: _Limit) -> Clip:
    try:
        import pydicom
    except ImportError:
        raise UnsupportedError(f"{path} needs pydicom: pip install 'stfrag[bench]'") from None
    dataset = pydicom.dcmread(path)
    array = dataset.pixel_array
    if array.ndim == 2 or (array.ndim == 3 and dataset.SamplesPerPixel > 1):
        array = array[None]
    # Overlays may lie in the bits above those stored: what is there decides.
    bits = int(dataset.BitsStored)
    if array.dtype.kind == "i" or int(array.max()) >> bits:
        bits = 8 * array.dtype.itemsize
    return _array(name, array, limit, bits, dataset.PhotometricInterpretation == "RGB")


def _store(name: str, path: str, limit: _Limit) -> Clip:
    import stfrag

    with stfrag.open(path) as reader:
        first = reader.read_planes((slice(0, 1),))
        count = limit.of(sum(plane.nbytes for plane in first), len(reader))
        planes = tuple(reader.read_planes((slice(0, count),)))
        if reader.pixel_format:
            return _pictures(name, planes, reader.pixel_format, reader.fps, len(reader))
        array = planes[0] if len(planes) == 1 else np.stack(planes, -1)
        bits = reader.metadata.get("options", {}).get("bits")
        return _array(name, array, _Limit(None, array.nbytes), bits)


def _video(name: str, path: str, limit: _Limit) -> Clip:
    from ..codec.frames import frame_planes
    from ..model.pixel_formats import pixel_format
    from ..video.opening import open_video, video_stream

    container = open_video(path)
    with container:
        stream = video_stream(container, 0, path, None)
        stream.thread_type = "AUTO"
        kept: list[Planes] = []
        count, first = 1, None
        for frame in container.decode(stream):
            planes = frame_planes(frame)
            if first is None:
                first = frame
                count = limit.of(sum(plane.nbytes for plane in planes))
            elif (frame.width, frame.height, frame.format.name) != (first.width, first.height, first.format.name):
                break  # the pictures change their size
            kept.append(tuple(plane.copy() for plane in planes))
            if len(kept) == count:
                break
        if first is None:
            raise StfragError(f"{path}: no pictures in it")
        fps, there = stream.average_rate, stream.frames or None
        stacked = tuple(np.stack(found) for found in zip(*kept, strict=True))
        return _pictures(name, stacked, pixel_format(first.format.name).planar, fps, there)


def _pictures(name: str, planes: Planes, planar: str, fps: Any, there: int | None) -> Clip:
    from ..model.pixel_formats import pixel_format

    f = pixel_format(planar)
    frames, y, x = planes[0].shape
    samples = Samples(
        frames,
        y,
        x,
        len(planes),
        f.subsampling,
        f.bits,
        str(planes[0].dtype),
        f.is_rgb,
        Fraction(fps).limit_denominator(1 << 16) if fps else Fraction(25),
    )
    return Clip(name, planes, samples, there)


# ------------------------------------------------------------------------------------------ for other processes


def write_planes(path: str, planes: Planes) -> None:
    """Write planes one after the other, as a file that `read_planes` maps."""
    with open(path, "wb") as file:
        for plane in planes:
            file.write(np.ascontiguousarray(plane).tobytes())


def read_planes(path: str, samples: Samples) -> Planes:
    """Map the planes of a file as `write_planes` writes it; processes share its memory."""
    memory = np.memmap(path, samples.dtype, "c")
    return tuple(_split(memory, [samples.plane_shape(c) for c in range(samples.components)]))


def _split(memory: np.ndarray[Any, Any], shapes: Iterable[tuple[int, ...]]) -> Iterator[np.ndarray[Any, Any]]:
    at = 0
    for shape in shapes:
        size = int(np.prod(shape))
        yield np.asarray(memory[at : at + size]).reshape(shape)
        at += size
