"""Sinks of frames: a .npy file, PNG files. Each file appears under its name only when it is whole."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .errors import CliError, UsageError
from .paths import check_folder, check_output, check_output_name, names_folder
from .pictures import write_png

VIDEO_SUFFIXES = (".mkv", ".mp4", ".mov", ".m4v")
_PATTERN = re.compile(r"%0?\d*d")


def kind_of(name: str) -> str:
    """Return what an output is, by its name: ``npy``, ``png`` or ``video``."""
    check_output_name(name)
    suffix = Path(name).suffix.lower()
    if suffix == ".npy":
        return "npy"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    if suffix == ".png" or names_folder(name) or not suffix:
        return "png"
    raise UsageError(
        f"cannot tell what to write from {name!r}: it ends in none of .npy, .png, "
        f"{', '.join(VIDEO_SUFFIXES)}, and is no folder"
    )


class Sink(Protocol):
    """What takes frames in order."""

    name: str

    def write(self, frames: npt.NDArray[Any]) -> None:
        """Take the next frames, T×Y×X or T×Y×X×C."""

    def finish(self) -> None:
        """Give the output its name."""

    def abort(self) -> None:
        """Remove what was written."""


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

    def __init__(self, source: str, name: str, force: bool, shape: tuple[int, ...], dtype: np.dtype[Any]):
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

    def write(self, frames: npt.NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(frames).data)

    def finish(self) -> None:
        self._file.close()
        os.replace(self._part, self._path)

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # closing flushes, which fails again where the disk is full
            self._file.close()
        self._part.unlink(missing_ok=True)


class PngSink:
    """A PNG file for each frame: 8 or 16 bit, gray, RGB or RGBA.

    Parameters
    ----------
    source, name : str
        `name` is a folder, ``folder/name-%05d.png``, or, for one frame, ``name.png``.
    force : bool
    numbers : sequence of int
        The number of each frame in its source, which names its file.
    """

    def __init__(self, source: str, name: str, force: bool, numbers: Sequence[int]):
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

    def write(self, frames: npt.NDArray[Any]) -> None:
        for frame in frames:
            write_png(self._paths[self._done], frame)
            self._done += 1

    def finish(self) -> None:
        """Do nothing: every file has its name already."""

    def abort(self) -> None:
        for path in self._paths[: self._done]:
            path.unlink(missing_ok=True)
        if self._made is not None:
            with contextlib.suppress(OSError):
                self._made.rmdir()


@contextlib.contextmanager
def finishing(sink: Sink) -> Iterator[Sink]:
    """Finish the sink if what is done with it goes well, else abort it."""
    try:
        yield sink
        sink.finish()
    except BaseException as error:
        sink.abort()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = sink.name  # write() does not know what it failed to write
        raise
