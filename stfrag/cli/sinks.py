"""Where frames go: a .npy file, PNG files, a video. Each appears under its final name only when it is whole."""

import contextlib
import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .common import check_folder, check_output, check_output_name
from .errors import UNSUPPORTED, CliError, UsageError

VIDEO_SUFFIXES = (".mkv", ".mp4", ".mov", ".m4v")
_PATTERN = re.compile(r"%0?\d*d")

# Pixel formats of libav's PNG encoder, by item size and number of components.
_PNG_FORMATS = {
    (1, 1): "gray",
    (1, 3): "rgb24",
    (1, 4): "rgba",
    (2, 1): "gray16be",
    (2, 3): "rgb48be",
    (2, 4): "rgba64be",
}


def kind_of(name: str) -> str:
    """What an output is, by its name: ``npy``, ``png`` or ``video``."""
    check_output_name(name)
    suffix = Path(name).suffix.lower()
    if suffix == ".npy":
        return "npy"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    if suffix == ".png" or name.endswith("/") or Path(name).is_dir() or not suffix:
        return "png"
    raise UsageError(
        f"cannot tell what to write from {name!r}: it ends in none of .npy, .png, "
        f"{', '.join(VIDEO_SUFFIXES)}, and is no folder"
    )


class Sink(Protocol):
    """Takes frames in order. ``finish`` gives the output its final name, ``abort`` removes what was written."""

    name: str

    def write(self, frames: np.ndarray) -> None: ...

    def finish(self) -> None: ...

    def abort(self) -> None: ...


class NpySink:
    """A .npy file, written front to back, so that the array need not fit in memory.

    Parameters
    ----------
    source, name : str
    force : bool
    shape : tuple of int
        Of the whole array; what is written may have more axes of length 1.
    dtype : numpy.dtype
    """

    def __init__(self, source: str, name: str, force: bool, shape: tuple[int, ...], dtype: np.dtype):
        self.name = name
        self._path = check_output(source, name, force)
        self._part = Path(f"{name}.part")
        self._file = open(self._part, "wb")  # noqa: SIM115
        try:
            header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": tuple(shape)}
            np.lib.format.write_array_header_1_0(self._file, header)
        except BaseException:
            self.abort()
            raise

    def write(self, frames: np.ndarray) -> None:
        self._file.write(np.ascontiguousarray(frames).data)

    def finish(self) -> None:
        self._file.close()
        os.replace(self._part, self._path)

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # closing flushes, which fails again where the disk is full
            self._file.close()
        self._part.unlink(missing_ok=True)


class PngSink:
    """A PNG file a frame, by libav's encoder: 8 or 16 bit, gray, RGB or RGBA.

    Parameters
    ----------
    source, name : str
        `name` is a folder, ``folder/name-%05d.png``, or, for one frame, ``name.png``.
    force : bool
    numbers : sequence of int
        The number of each frame in its source, which names its file.
    """

    def __init__(self, source: str, name: str, force: bool, numbers):
        self.name = name
        self._made: Path | None = None
        self._done = 0
        path = Path(name)
        if path.suffix.lower() != ".png":
            if path.exists() and not path.is_dir():
                raise CliError(f"{name} is not a folder")
            if not path.exists():
                check_folder(path)
                path.mkdir()
                self._made = path
            self._paths = [path / f"frame-{number:05d}.png" for number in numbers]
        elif len(_PATTERN.findall(name)) == 1 and name.count("%") == 1:
            self._paths = [Path(name % number) for number in numbers]
        elif len(numbers) == 1:
            self._paths = [path]
        else:
            raise UsageError(
                f"{len(numbers)} frames need a folder or a name with a number in it, such as {path.stem}-%05d.png"
            )
        # A clash is found before anything is written; files of other frames in the folder are left alone.
        for picture in self._paths:
            check_output(source, str(picture), force)

    def write(self, frames: np.ndarray) -> None:
        for frame in frames:
            write_png(self._paths[self._done], frame)
            self._done += 1

    def finish(self) -> None:
        pass

    def abort(self) -> None:
        for path in self._paths[: self._done]:
            path.unlink(missing_ok=True)
        if self._made is not None:
            with contextlib.suppress(OSError):
                self._made.rmdir()


def write_png(path: Path, frame: np.ndarray) -> None:
    """Write one picture, see `encode_png`; it appears when it is whole."""
    part = Path(f"{path}.part")
    try:
        part.write_bytes(encode_png(frame))
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def encode_png(frame: np.ndarray) -> bytes:
    """One picture as a PNG file.

    Parameters
    ----------
    frame : numpy.ndarray
        Y×X or Y×X×C, C = 1, 3 or 4; bool, uint8 or uint16.

    Returns
    -------
    bytes

    Raises
    ------
    CliError
        If PNG cannot hold such samples.
    """
    import av

    from stfrag.codec.frames import frame_from_planes

    if frame.dtype == np.bool_:
        frame = frame.view(np.uint8) * np.uint8(255)
    if frame.ndim == 3 and frame.shape[2] == 1:
        frame = frame[..., 0]
    components = 1 if frame.ndim == 2 else frame.shape[2]
    pixels = _PNG_FORMATS.get((frame.dtype.itemsize, components))
    if frame.dtype.kind != "u" or pixels is None:
        raise CliError(
            f"PNG holds 1, 3 or 4 unsigned components of 8 or 16 bits, not {components} of {frame.dtype}; write .npy",
            UNSUPPORTED,
        )
    planes = [frame] if components == 1 else list(np.moveaxis(frame, -1, 0))
    picture = frame_from_planes(planes, pixels)
    coder: Any = av.CodecContext.create("png", "w")
    coder.width, coder.height, coder.pix_fmt = picture.width, picture.height, pixels
    coder.time_base = Fraction(1, 25)
    packets = coder.encode(picture) + coder.encode(None)
    return b"".join(bytes(packet) for packet in packets)


@contextlib.contextmanager
def finishing(sink: Sink):
    """``finish`` what went well, ``abort`` what did not."""
    try:
        yield sink
        sink.finish()
    except BaseException as error:
        sink.abort()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = sink.name  # write() does not know what it failed to write
        raise
